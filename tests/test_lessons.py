"""The lesson pipeline: generated notebooks equal their lessons, every edition is right, builds are reproducible."""

import json
import re
import tomllib

import nbformat
import pytest

from course_tools import lesson
from course_tools.cli import differences

LESSONS = list(lesson.chapters().values())


def stem(path):
    return path.stem


@pytest.mark.parametrize("path", LESSONS, ids=stem)
def test_generated_notebooks_agree_with_the_lesson(path):
    assert differences(path) == []


def test_every_notebook_has_a_lesson(root):
    known = {path.stem for path in LESSONS}
    assert {f.stem for f in (root / "notebooks").rglob("[0-9]*.ipynb") if ".ipynb_checkpoints" not in f.parts} == known


@pytest.mark.parametrize("edition", lesson.EDITIONS)
@pytest.mark.parametrize("path", LESSONS, ids=stem)
def test_editions(path, edition):
    notebook = lesson.make(path, edition)
    nbformat.validate(notebook)
    text = lesson.to_text(notebook)
    assert text == lesson.to_text(lesson.make(path, edition))
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    assert ("solution" in tags) == (edition in ("solutions", "instructor"))
    assert ("exercise" in tags) == (edition != "solutions")
    assert ("For the teacher" in text) == (edition == "instructor")
    assert ("exercises.strict()" in text) == (edition == "solutions")
    for cell in notebook.cells:
        if cell.cell_type == "code" and edition == "blank" and not cell.metadata.get("tags"):
            kept = cell.source.startswith(lesson.KEPT_IN_BLANK)
            assert kept or all(line.startswith("#") or not line for line in cell.source.splitlines())


@pytest.mark.parametrize("path", LESSONS, ids=stem)
def test_front_page_and_links(path):
    notebook = lesson.make(path, "student")
    header, _ = lesson.read(path)
    front = notebook.cells[0].source
    for words in (
        header["title"],
        *header["objectives"],
        "For learning only",
        "colab.research.google.com",
        "mybinder.org",
    ):
        assert words in front
    assert lesson.repository() in notebook.cells[1].source
    assert "--no-deps" in notebook.cells[1].source
    known = {p.stem for p in LESSONS}
    for cell in notebook.cells:
        assert set(re.findall(r"\]\((\d\d_\w+)\.ipynb\)", cell.source)) <= known


@pytest.mark.parametrize("path", LESSONS, ids=stem)
def test_kept_outputs(path):
    """The solved notebooks are whole, small, clean, and say where every result's data is from."""
    file = lesson.notebook_path(path, "solutions")
    assert file.stat().st_size <= 1_000_000
    notebook = nbformat.read(file, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs)
    text = json.dumps([o for o in outputs if "image/png" not in o.get("data", {})], ensure_ascii=False)
    assert not re.search(r"(/(home|root|work|tmp)/|C:\\\\)", text)
    assert "❌" not in text
    assert "✅" in text
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert pictures
    for picture in pictures:
        assert len(picture.metadata["image/png"]["alt"]) > 40
    assert any("application/vnd.course.results+json" in output.get("data", {}) for output in outputs)


def test_the_glossary_agrees_with_the_chapters(root):
    """Each term stands in the chapter named, and the page is made from the terms."""
    assert (root / "notebooks" / lesson.GLOSSARY).read_text(encoding="utf-8") == lesson.glossary()
    terms = tomllib.loads((root / "lessons" / "glossary.toml").read_text(encoding="utf-8"))["term"]
    assert len({term["name"].lower() for term in terms}) == len(terms) > 80
    for term in terms:
        words = " ".join(cell.source for cell in lesson.read(lesson.find(term["chapter"]))[1])
        words = re.sub(r"[\s*]+", " ", words).lower()
        assert any(name.lower() in words for name in (term["name"], *term.get("also", []))), term["name"]
        assert term["means"].endswith(".")
        assert re.search("[\u4e00-\u9fff]", term["chinese"])
    for path in LESSONS:
        assert f"]({lesson.GLOSSARY})" in lesson.make(path, "student").cells[0].source
        assert f"](../{lesson.GLOSSARY})" in lesson.make(path, "solutions").cells[0].source


def write(tmp_path, body, header="title: T\n#     objectives: [a]\n#     needs: [b]\n#     minutes: 1\n#     data: d"):
    path = tmp_path / "07_x.py"
    path.write_text(f"# ---\n# jupyter:\n#   course:\n#     {header}\n# ---\n\n{body}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('# %% tags=["exercise"]\nx = 1\n\n# %%\ny = 2\n', "followed at once by its solution"),
        ('# %% tags=["solution"]\nx = 1\n', "directly after its exercise"),
        ('# %% tags=["exercize"]\nx = 1\n', "unknown tag"),
    ],
)
def test_mistakes_in_a_lesson_are_named(tmp_path, body, words):
    with pytest.raises(lesson.LessonError, match=rf"07_x\.py.*{words}"):
        lesson.read(write(tmp_path, body))


def test_an_incomplete_header_is_named(tmp_path):
    with pytest.raises(lesson.LessonError, match="lacks objectives, needs, minutes, data"):
        lesson.read(write(tmp_path, "# %%\n1\n", header="title: T"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"# ---\n# jupyter:\n#   course:\n#     title: a: b\n# ---\n", "line 4: the header is no valid YAML"),
        (b"# ---\n# jupyter:\n#   course:\n#\ttitle: a\n# ---\n", "line 4: the header is no valid YAML"),
        (b"# ---\n# jupyter:\n#   course: [\n# ---\n", "the header is no valid YAML"),
        (b"# ---\n# jupyter:\n#   course: " + b"[" * 3000 + b"\n# ---\n", "cannot be read as a lesson"),
        (b"# %%\nx = 1\n# \xe9\n", "line 3: this is not UTF-8"),
        ("# %%\nx = 1\n".encode("utf-16"), "line 1: this is not UTF-8"),
        (b"", "the header lacks title"),
        (b"# ---\n# jupyter:\n#   course: 5\n# ---\n", "the header lacks title"),
    ],
)
def test_a_broken_lesson_is_named_with_the_place(tmp_path, content, words):
    path = tmp_path / "07_x.py"
    path.write_bytes(content)
    with pytest.raises(lesson.LessonError, match=rf"07_x\.py.*{words}"):
        lesson.read(path)


def test_a_folder_in_place_of_a_lesson(tmp_path):
    with pytest.raises(lesson.LessonError, match="cannot be read as a lesson"):
        lesson.read(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"), [("title", "2026"), ("objectives", "a"), ("needs", "[a: b]"), ("minutes", "[1]"), ("data", "")]
)
def test_a_field_of_the_wrong_kind_is_named(tmp_path, field, value):
    fields = {"title": "T", "objectives": "[a]", "needs": "[b]", "minutes": "1", "data": "d"} | {field: value}
    header = "\n#     ".join(f"{name}: {text}" for name, text in fields.items())
    with pytest.raises(lesson.LessonError, match=rf"07_x\.py: in the header, {field} should be a"):
        lesson.make(write(tmp_path, "# %%\n1\n", header), "student")


@pytest.mark.parametrize("tags", ['"exercise"', "5", '[["a"]]', '{"a": 1}'])
def test_tags_of_the_wrong_kind_are_named(tmp_path, tags):
    with pytest.raises(lesson.LessonError, match=r"07_x\.py"):
        lesson.read(write(tmp_path, f"# %% tags={tags}\nx = 1\n"))


ENTRY = '[[term]]\nname = "a"\nchinese = "b"\nchapter = "00"\nmeans = "c."\n'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[[term]\n", "no valid TOML.*line 1"),
        ("", "each under"),
        ("term = 5", "each under"),
        ("term = [5]", "each under"),
        (ENTRY.replace('means = "c."', ""), r"entry 1 \(a\): it lacks means"),
        (ENTRY.replace('"a"', '" "'), "it lacks name"),
        (ENTRY.replace('"b"', "5"), "it lacks chinese"),
        (ENTRY + ENTRY.replace('"00"', '"77"'), r"entry 2 \(a\): there is no chapter '77'"),
        (ENTRY + 'also = "x"\n', "also should be a list"),
        (ENTRY.encode() + b"# \xe9\n", "line 6: this is not UTF-8"),
    ],
)
def test_a_broken_glossary_is_named_with_the_place(tmp_path, monkeypatch, content, words):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "00_x.py").touch()
    (tmp_path / "lessons" / "glossary.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setattr(lesson, "ROOT", tmp_path)
    with pytest.raises(lesson.LessonError, match=rf"glossary\.toml.*{words}"):
        lesson.glossary()


def test_checked_output_is_kept_for_comparison(tmp_path):
    path = write(tmp_path, '# %% tags=["check-output"]\nprint(1)\n')
    assert "nbval-check-output" in lesson.to_text(lesson.make(path, "solutions"))
    assert "nbval-check-output" not in lesson.to_text(lesson.make(path, "student"))
