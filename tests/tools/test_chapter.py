"""A chapter as its lesson says it: header, cells, words; and what is said of a lesson that is not as it should be."""

import re

import pytest

from course_tools import chapter as course
from course_tools.chapter import ChapterError, read

CHAPTERS = course.chapters()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_a_chapter_is_whole(chapter):
    kinds = [cell.kind for cell in chapter.cells]
    for kind in ("start", "quiz", "answers", "progress"):
        assert kinds.count(kind) == 1, kind
    assert kinds.count("exercise") >= 1
    assert len([cell for cell in chapter.cells if "cover" in cell.marks]) == 1
    assert chapter.words
    assert chapter.questions
    assert chapter.references.startswith("- ")
    assert len(chapter.tagline) <= 140
    names = [cell.exercise for cell in chapter.cells if cell.kind == "exercise"]
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{chapter.number}.") for name in names)


def test_a_chapters_places():
    for chapter in CHAPTERS:
        assert course.find(chapter.number) == course.find(chapter.stem) == chapter
        assert chapter.notebook().is_file()
        assert chapter.notebook("solutions").is_file()
    assert [chapter.number for chapter in CHAPTERS] == sorted(course.lessons())


def test_the_parts():
    both = course.chapters("core") + course.chapters("elective")
    assert sorted(chapter.number for chapter in both) == [chapter.number for chapter in CHAPTERS]
    assert course.chapters("core")[0].number == "00"


def test_a_recipe_defines_what_its_cells_define(tmp_path):
    chapter = read(
        write(tmp_path, '# %% tags=["recipe"]\na = 1\n\n# %%\nb = 2\n\n# %% tags=["gpu", "recipe"]\nc = a + 2\n')
    )
    assert {name: value for name, value in vars(chapter.recipe()).items() if name != "__builtins__"} == {"a": 1, "c": 3}


def test_an_exercise_and_its_parts(tmp_path):
    body = '# %% tags=["exercise"]\ndef f(x):\n    ...\n\n\ncheck("07.f", f)\n# hint("07.f")\n'
    body += '\n# %% tags=["solution"]\n1\n'
    (cell,) = read(write(tmp_path, body)).cells
    assert (cell.kind, cell.exercise, cell.stub, cell.solution) == ("exercise", "07.f", "def f(x):\n    ...", "1")


FIELDS = {
    "title": "T",
    "card": "C",
    "tagline": "t",
    "part": "core",
    "questions": "[q]",
    "objectives": "[a]",
    "needs": "[b]",
    "minutes_reading": "1",
    "minutes_exercises": "1",
    "datasets": "e",
    "data": "d",
}


def header_of(fields):
    return "\n#     ".join(f"{name}: {text}" for name, text in fields.items())


def write(tmp_path, body, header=None):
    header = header or header_of(FIELDS)
    path = tmp_path / "07_x.py"
    path.write_text(f"# ---\n# jupyter:\n#   course:\n#     {header}\n# ---\n\n{body}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('# %% tags=["exercise"]\ncheck("07.a", 1)\n\n# %%\ny = 2\n', "followed at once by its solution"),
        ('# %% tags=["exercise"]\ncheck("07.a", 1)\n', "followed at once by its solution"),
        ('# %% tags=["exercise"]\nx = 1\n\n# %% tags=["solution"]\ny = 2\n', "must end with its check"),
        ('# %% tags=["quiz", "progress"]\nx = 1\n', "cannot be tagged quiz and progress"),
        ('# %% tags=["solution"]\nx = 1\n', "directly after its exercise"),
        ('# %% tags=["exercize"]\nx = 1\n', "unknown tag"),
    ],
)
def test_mistakes_in_a_lesson_are_named(tmp_path, body, words):
    with pytest.raises(ChapterError, match=rf"07_x\.py.*{words}"):
        read(write(tmp_path, body))


def test_an_incomplete_header_is_named(tmp_path):
    with pytest.raises(
        ChapterError,
        match="lacks tagline, card, part, questions, objectives, needs, minutes_reading, minutes_exercises, data",
    ):
        read(write(tmp_path, "# %%\n1\n", header="title: T"))


def test_an_unknown_field_is_named(tmp_path):
    with pytest.raises(ChapterError, match="the header has no field hours"):
        read(write(tmp_path, "# %%\n1\n", header_of(FIELDS | {"hours": "1"})))


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
    with pytest.raises(ChapterError, match=rf"07_x\.py.*{words}"):
        read(path)


def test_a_folder_in_place_of_a_lesson(tmp_path):
    with pytest.raises(ChapterError, match="cannot be read as a lesson"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "2026"),
        ("objectives", "a"),
        ("needs", "[a: b]"),
        ("minutes_reading", "[1]"),
        ("data", ""),
        ("part", "third"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(tmp_path, field, value):
    with pytest.raises(ChapterError, match=rf"07_x\.py: in the header, {field} should be "):
        read(write(tmp_path, "# %%\n1\n", header_of(FIELDS | {field: value})))


@pytest.mark.parametrize("tags", ['"exercise"', "5", '[["a"]]', '{"a": 1}'])
def test_tags_of_the_wrong_kind_are_named(tmp_path, tags):
    with pytest.raises(ChapterError, match=r"07_x\.py"):
        read(write(tmp_path, f"# %% tags={tags}\nx = 1\n"))


ENTRY = "- name: a\n  chinese: b\n  means: c.\n"


def with_words(tmp_path, text):
    return write(tmp_path, '# %% [raw] tags=["words"]\n' + re.sub("^", "# ", text.rstrip(), flags=re.MULTILINE) + "\n")


def test_words_are_read_and_stand_in_no_cell(tmp_path):
    chapter = read(with_words(tmp_path, ENTRY + "  also: [d]\n"))
    assert chapter.words == (course.Word("a", "b", "c.", ("d",)),)
    assert chapter.cells == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- name: a: b\n", "no valid YAML.*line 1"),
        ("x: 5", "a list of entries"),
        ("- 5", "a list of entries"),
        (ENTRY.replace("means: c.", ""), r"word 1 \(a\): it lacks means"),
        (ENTRY.replace("name: a", "name: ' '"), "it lacks name"),
        (ENTRY.replace("chinese: b", "chinese: 5"), "it lacks chinese"),
        (ENTRY + "  also: x\n", "also should be a list"),
        (ENTRY + "  chapter: '00'\n", "it has only name"),
    ],
)
def test_broken_words_are_named_with_the_place(tmp_path, content, words):
    with pytest.raises(ChapterError, match=rf"07_x\.py, cell 1 .*{words}"):
        read(with_words(tmp_path, content))


def test_measured_figures_are_noted(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "measured.toml").write_text("01 = { seconds = 5, mb = 700 }\n")
    course.note_measured("00", 12.4, 951.0)
    assert course.measured() == {"00": {"seconds": 12, "mb": 950}, "01": {"seconds": 5, "mb": 700}}


@pytest.mark.parametrize(
    ("content", "words"), [(b"[[term]\n", "no valid TOML.*line 1"), (b"a = 1\n# \xe9\n", "line 2: this is not UTF-8")]
)
def test_broken_toml_is_named_with_the_place(tmp_path, content, words):
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(ChapterError, match=rf"x\.toml.*{words}"):
        course.read_toml(tmp_path / "x.toml")
