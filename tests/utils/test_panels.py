"""The exercises as widgets: what they show, what their buttons do, and the text where no widgets run."""

from datetime import datetime
from types import SimpleNamespace

import IPython
import IPython.display
import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

from course_utils import check, exercises, hint, progress, quiz
from course_utils.exercises import panels, progress_file

NOW = datetime.now()


@pytest.fixture
def shown(monkeypatch):
    """As in a notebook: a list of what is displayed, the widget and its text."""
    found = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=True))

    def display(data, **_):
        widget = _instances[data[panels.WIDGET]["model_id"]] if panels.WIDGET in data else None
        found.append((widget, data.get("text/html", "") + data["text/plain"]))

    monkeypatch.setattr(IPython.display, "display", display)
    return found


def all_of(widget, kind):
    return [w for w in (widget, *below(widget)) if isinstance(w, kind)]


def below(widget):
    for child in getattr(widget, "children", ()):
        yield child
        yield from below(child)


def words(widget):
    return " ".join(w.value for w in all_of(widget, ipywidgets.HTML))


def test_a_wrong_answer_gives_its_reason_and_a_button_for_hints(shown):
    check("00.majority", lambda labels: labels.mean())
    (_, text), (panel, _) = shown
    assert text.count("❌") == 2  # once for where no HTML is shown
    (button,) = all_of(panel, ipywidgets.Button)
    assert button.description == "Show a hint"
    for k in (1, 2, 3):
        button.click()
        assert words(panel).count("💡") == k
    assert button.layout.display == "none"
    assert progress_file.read()["exercises"]["00.majority"]["hints"] == 3


def test_the_right_answer_has_no_button(shown):
    check("00.majority", exercises.of_chapter("00")[0].reference)
    ((panel, text),) = shown
    assert panel is None
    assert "✅ 00.majority: right!" in text


def test_hint_shows_one_more_at_each_call(shown):
    for _ in range(3):
        hint("00.majority")
    assert ["Hint 1 of 3" in text for _, text in shown] == [True, False, True, False, True]
    shown[1][0].children[1].click()
    assert "Hint 3 of 3" in words(shown[1][0])


def test_a_quiz_replies_when_asked(shown):
    quiz("00")
    panel, text = shown[0]
    assert 'quiz("00", "?????")' in text
    choices = all_of(panel, ipywidgets.RadioButtons)
    assert all(choice.value is None for choice in choices)
    choices[0].value, choices[1].value = "b", "a"
    (button,) = all_of(panel, ipywidgets.Button)
    button.click()
    assert words(panel).count("not answered yet") == 3
    right = sum(letter == question.right for letter, question in zip("ba", exercises.questions("00")[:2], strict=True))
    assert f"{right} of 5 right. Your best: {right}" in words(panel)
    for choice, question in zip(choices, exercises.questions("00"), strict=True):
        choice.value = question.right
    button.click()
    assert "5 of 5 right" in words(panel)
    quiz(0)
    assert "best so far: 5 of 5" in words(shown[1][0])


def test_progress_saves_and_restores(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ipynb").write_text('{"cells": []}')
    progress_file.attempt("00.majority", passed=True)
    progress()
    (_, text), (panel, _) = shown
    assert "1 of 2 exercises" in text
    (save,), (restore,) = (all_of(panel, kind) for kind in (ipywidgets.Button, ipywidgets.FileUpload))
    save.click()
    (file,) = tmp_path.glob("*.zip")
    assert "data:application/zip;base64," in words(panel)
    progress_file.path().unlink()
    content = file.read_bytes()
    restore.value = ({"name": "x.zip", "type": "", "size": len(content), "content": content, "last_modified": NOW},)
    assert "progress: joined" in words(panel)
    assert progress_file.read()["exercises"]["00.majority"]["passed"]
    restore.value = ({"name": "y.zip", "type": "", "size": 1, "content": b"x", "last_modified": NOW},)
    assert "❌ This is not a zip" in words(panel)


@pytest.mark.parametrize(
    "error", [RuntimeError("dictionary changed"), ValueError("no date"), OSError(28, "No space left")]
)
def test_a_button_that_fails_says_so(error, shown, tmp_path, monkeypatch):
    def failing(*_):
        raise error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(panels.backup, "save", failing)
    monkeypatch.setattr(panels.backup, "restore", failing)
    progress()
    panel = shown[1][0]
    (save,), (restore,) = (all_of(panel, kind) for kind in (ipywidgets.Button, ipywidgets.FileUpload))
    save.click()
    assert "❌ Your work could not be saved here" in words(panel)
    assert error.args[-1] in words(panel)
    restore.value = ({"name": "x.zip", "type": "", "size": 1, "content": b"x", "last_modified": NOW},)
    assert "could not be saved here" not in words(panel)
    assert error.args[-1] in words(panel)


def test_the_button_names_what_it_left_out(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "<b>.ipynb").write_text("")
    progress()
    all_of(shown[1][0], ipywidgets.Button)[0].click()
    assert "&lt;b&gt;.ipynb is damaged and was left out." in words(shown[1][0])
    assert "There is no notebook to save in" in words(shown[1][0])


def test_what_a_learner_typed_cannot_become_markup(shown):
    check("00.majority", lambda labels: "<script>")
    assert "&lt;script&gt;" in shown[0][1].split("</div>")[0]
