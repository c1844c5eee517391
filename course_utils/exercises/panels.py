"""The exercises as widgets. Only what ipywidgets 7 has is used, since Google Colab is at 7.7."""

import base64
import html
import string

from course_utils.exercises import backup, progress_file

WIDGET = "application/vnd.jupyter.widget-view+json"
TEXT = "max-width: 46em; line-height: 1.4; white-space: normal"
COLOURS = {"✅": "#2e7d32", "❌": "#c62828", "◻": "#757575", "💡": "#b26a00"}  # beside the marks, never alone


def show_widget(widget, otherwise, metadata=None):
    """One output in two forms: the widget, and what is shown where no widgets run.

    Parameters
    ----------
    widget : ipywidgets.Widget
    otherwise : dict of str to str
        The other form by MIME type, ``{"text/plain": ...}``.
    metadata : dict, optional
        Of the other form.
    """
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({WIDGET: view, **otherwise}, raw=True, metadata=metadata)


def verdict(text, exercise, mark, told):
    """What `check` says, and a button for hints as long as the answer is not right."""
    _show_html(text, _box(mark, f"<b>{exercise.id}</b>: {html.escape(told)}"))
    if mark != "✅":
        _hint_button(exercise, 0)


def hints(text, exercise, given):
    """The hints given so far, and a button for the next."""
    _show_html(text, "".join(_hint(exercise, k) for k in range(given)))
    _hint_button(exercise, given)


def _hint(exercise, k):
    return _box("💡", f"Hint {k + 1} of {len(exercise.hints)}: {html.escape(exercise.hints[k])}")


def _hint_button(exercise, shown):
    """A button that shows the hints after the first `shown`, one at each press."""
    from ipywidgets import HTML, Button, Layout, VBox

    if shown == len(exercise.hints):
        return
    place = HTML()
    more = Button(description="One more hint" if shown else "Show a hint", layout=Layout(width="auto"))
    more.layout.align_self = "flex-start"

    def press(_):
        count = progress_file.next_hint(exercise.id, len(exercise.hints))
        place.value = "".join(_hint(exercise, k) for k in range(shown, count))
        more.description = "One more hint"
        if count == len(exercise.hints):
            more.layout.display = "none"

    more.on_click(press)
    show_widget(VBox([place, more]), {"text/plain": ""})


def questions(text, asked, best, reply):
    """A quiz to click through; the replies come when they are asked for.

    Parameters
    ----------
    text : str
        The quiz where no widgets run.
    asked : list of Question
    best : callable
        The best try so far, ``{"right", "of"}`` or None.
    reply : callable
        Records a try, one letter a question ("?" for none); gives ``(mark, text)`` or None for each, and the number of
        right ones.
    """
    from ipywidgets import HTML, Button, Layout, RadioButtons, VBox

    # Long options shall wrap; ipywidgets gives each one line.
    style = HTML("""<style>
        .course-quiz .widget-radio-box {width: auto; height: auto}
        .course-quiz .widget-radio-box label {display: flex; flex-direction: row-reverse; justify-content: flex-end;
            align-items: flex-start; white-space: normal; width: auto; height: auto; max-width: 46em;
            line-height: 1.4; margin-bottom: 4px}
        .course-quiz .widget-radio-box input {flex: none}
        </style>""")
    choices, replies, rows = [], [], [style]
    for number, question in enumerate(asked, 1):
        lettered = zip(string.ascii_lowercase, question.options, strict=False)
        options = [(f"{letter}) {text}", letter) for letter, (text, _) in lettered]
        choices.append(RadioButtons(options=options, index=None, layout=Layout(width="auto")))
        choices[-1].add_class("course-quiz")
        replies.append(HTML())
        asks = f"<b>{number}.</b> {html.escape(question.text)}"
        rows += [HTML(f'<div style="{TEXT}">{asks}</div>'), choices[-1], replies[-1]]
    total = HTML(f"Your best so far: {best()['right']} of {best()['of']}." if best() else "")
    button = Button(description="Check my answers", layout=Layout(width="auto", align_self="flex-start"))

    def press(_):
        told, right = reply([choice.value or "?" for choice in choices])
        for place, one in zip(replies, told, strict=True):
            place.value = _box(one[0], html.escape(one[1])) if one else _box("◻", "not answered yet")
        total.value = f'<span role="status">{right} of {len(asked)} right. Your best: {best()["right"]}.</span>'

    button.on_click(press)
    show_widget(VBox([*rows, button, total]), {"text/plain": text})


def standing(text, chapters):
    """A line and a bar for each chapter, its exercises to unfold; and the buttons for the learner's work."""
    lines = []
    for chapter, exercises, answered in chapters:
        passed = sum(mark == "✅" for _, mark, _ in exercises)
        quiz = f"quiz {answered['right']} of {answered['of']}" if answered else "quiz not done"
        items = "".join(
            f"<li style='list-style: none'>{mark} {name} <small>{tries}</small></li>" for name, mark, tries in exercises
        )
        bar = f"<progress value='{passed}' max='{len(exercises)}' aria-hidden='true'></progress>"
        lines.append(
            f"<details style='line-height: 1.6'><summary>Chapter {chapter} {bar} {passed} of {len(exercises)} "
            f"exercises, {quiz}</summary><ul style='margin: 0'>{items}</ul></details>"
        )
    _show_html(text, "".join(lines))
    _work_buttons()


def _work_buttons():
    """Two buttons: save the notebooks of this folder and the progress as a zip, and bring them back."""
    from ipywidgets import HTML, Button, FileUpload, HBox, Layout, VBox

    save = Button(description="Save my work", layout=Layout(width="auto"))
    restore = FileUpload(accept=".zip", multiple=False, description="Restore", layout=Layout(width="auto"))
    said = HTML("<small>Save the notebook first (Ctrl+S): what is not on disk cannot go along.</small>")

    def keep(_):
        try:
            file, names, notes = backup.save()
            link = "download it from the list of files"
            if file.stat().st_size < 20e6:  # larger ones are too much for a page
                content = base64.b64encode(file.read_bytes()).decode()
                link = f'<a download="{file.name}" href="data:application/zip;base64,{content}">download it</a>'
        except Exception as error:  # a button that fails in silence would be taken for one that has saved
            said.value = _box("❌", f"Your work could not be saved here: {html.escape(_reason(error))}")
            return
        more = "".join(f"<br>{html.escape(note)}" for note in notes)
        said.value = _box(
            "✅", f"{len(names)} files are in {file.name}, beside the notebooks; {link} to be safe.{more}"
        )

    def bring_back(_):
        if not restore.value:
            return
        chosen = restore.value
        try:
            one = next(iter(chosen.values())) if isinstance(chosen, dict) else chosen[0]  # ipywidgets 7; 8
            told = backup.restore(bytes(one["content"]))
        except Exception as error:
            said.value = _box("❌", html.escape(_reason(error)))
            return
        said.value = _box("✅", "<br>".join(map(html.escape, told)))

    save.on_click(keep)
    restore.observe(bring_back, "value")
    show_widget(VBox([HBox([save, restore]), said]), {"text/plain": ""})


def _reason(error):
    return str(error) if isinstance(error, OSError | ValueError) else f"{type(error).__name__}: {error}"


def _show_html(text, markup):
    """What shall stay when the kernel is gone: without its kernel a widget is lost."""
    from IPython.display import display

    display({"text/plain": text, "text/html": markup}, raw=True)


def _box(mark, content):
    style = f"border-left: 4px solid {COLOURS[mark]}; padding: 2px 10px; {TEXT}"
    return f'<div role="status" style="{style}">{mark} {content}</div>'
