"""A chapter as a page of the website."""

import html

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_tools import editions
from course_utils import exercises


def page(chapter, notebook):
    """A solved notebook as a page: stubs, folded solutions and answers, pictures with alt text, nothing of Jupyter's.

    Parameters
    ----------
    chapter : Chapter
    notebook : nbformat.NotebookNode
        Its solved edition, which is changed.

    Returns
    -------
    nbformat.NotebookNode
    """
    front = notebook.cells[0]
    front.source = front.source.replace(editions.EDITIONS["solutions"], "", 1)
    front.source = front.source.replace(f"(../{editions.GLOSSARY})", f"({editions.GLOSSARY})")
    cells = [front]
    for cell, solved in editions.side_by_side(chapter, notebook):
        if cell.kind in ("note", "progress"):
            continue
        if cell.kind == "answers":
            cells.append(new_markdown_cell(quiz_answers(chapter.number)))
            continue
        if cell.kind == "exercise":
            cells.append(new_code_cell(cell.stub))
            solved.metadata["tags"] = ["hide-cell"]
        cells.append(solved)
        if "widgets.explore_" in cell.source:
            cells.append(new_markdown_cell("*(A picture of the widget. In Jupyter its controls are alive.)*"))
        if "outputs" in solved:
            solved.outputs = [picture(o) if "image/png" in o.get("data", {}) else o for o in solved.outputs]
            for output in solved.outputs:
                output.get("data", {}).pop("application/vnd.course.results+json", None)
    notebook.cells = cells
    return notebook


def quiz_answers(number):
    """What a chapter's quiz replies to the right answers, folded."""
    lines = [":::{dropdown} Show the answers"]
    for place, question in enumerate(exercises.questions(number), 1):
        text, reply = question.options["abcdef".index(question.right)]
        lines.append(f"{place}. {question.right}) {text} *{reply}*")
    return "\n".join([*lines, ":::"])


def picture(output):
    """An output with a picture, as HTML with its alt text."""
    alt = html.escape(output.metadata["image/png"]["alt"], quote=True)
    content = output.data["image/png"].replace("\n", "")
    image = f'<img class="output" alt="{alt}" src="data:image/png;base64,{content}">'
    return new_output("display_data", {"text/html": image, "text/plain": output.data["text/plain"]})
