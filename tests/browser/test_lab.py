"""The chapters where learners meet them: in JupyterLab, in a browser, by keyboard and by mouse."""

import time

import nbformat
import pytest

from course_tools import chapter as course

pytestmark = pytest.mark.browser
TOKEN = "browser-test"
LESSONS = list(course.lessons().values())


def open_notebook(new_page, lab, name):
    """A page with one notebook and a kernel of its own."""
    noted = new_page()
    noted.page.goto(f"{lab[0]}/doc/tree/notebooks/{name}.ipynb?token={TOKEN}&reset")
    noted.page.locator(".jp-NotebookPanel").wait_for(timeout=60_000)
    noted.page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'",
        timeout=60_000,
    )
    noted.page.wait_for_timeout(1000)
    return noted


def menu(page, bar, item):
    page.locator(".lm-MenuBar-itemLabel").get_by_text(bar, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()


def run_all(page, seconds):
    """Run all cells, and wait until each has its number, or one has an error."""
    menu(page, "Run", "Run All Cells")
    cells = "Array.from(window.jupyterapp.shell.currentWidget.content.model.cells).filter(c => c.type == 'code')"
    failed = "c.outputs.toJSON().some(o => o.output_type == 'error')"
    page.wait_for_function(
        f"() => {cells}.every(c => c.executionCount && c.executionState != 'running') || {cells}.some(c => {failed})",
        timeout=1000 * seconds,
        polling=500,
    )
    page.wait_for_timeout(1000)


def saved(page, lab, name):
    """The notebook as JupyterLab writes it to disk."""
    path = lab[1] / "notebooks" / f"{name}.ipynb"
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(100):
        if path.stat().st_mtime_ns != before:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    return nbformat.read(path, as_version=4)


def scroll_to(page, locator):
    """Cells are drawn when they come into view: scroll until the element is there."""
    page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTo(0, 0)")
    page.locator(".jp-NotebookPanel").first.hover()
    for _ in range(150):
        if locator.count() and locator.first.is_visible():
            locator.first.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            return locator.first
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(120)
    raise AssertionError(f"nothing on the page for {locator}")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_chapter_runs_in_the_browser(path, new_page, lab, shots):
    noted = open_notebook(new_page, lab, path.stem)
    page = noted.page
    run_all(page, 300)
    notebook = saved(page, lab, path.stem)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    if path.stem[:2] in ("01", "02", "03"):
        move_a_slider(page, shots, path.stem)
    noted.assert_clean()


def move_a_slider(page, shots, name):
    """By keyboard and by mouse; each time there is another picture."""
    handle = scroll_to(page, page.locator(".widget-slider .noUi-handle"))
    image = ".widget-html-content img"

    def changed_by(action):
        before = page.locator(image).first.get_attribute("alt")
        action()
        page.wait_for_function(f"before => document.querySelector('{image}')?.alt != before", arg=before)

    handle.focus()
    changed_by(lambda: page.keyboard.press("ArrowLeft"))
    bar = page.locator(".widget-slider .noUi-target").first.bounding_box()
    changed_by(lambda: page.mouse.click(bar["x"] + 0.2 * bar["width"], bar["y"] + bar["height"] / 2))
    page.screenshot(path=shots / f"{name}.png")


def test_an_exercise_a_quiz_and_progress(new_page, lab, shots):
    """A wrong answer gives its reason and a hint, a right one a tick, which outlives the kernel; a quiz is answered."""
    noted = open_notebook(new_page, lab, "00_start_here")
    page = noted.page
    say(page, 'from course_utils import check, progress, quiz\ncheck("00.majority", lambda labels: labels.mean())')
    output = page.locator(".jp-Cell.jp-mod-active .jp-OutputArea").first
    output.get_by_text("❌").wait_for()
    output.get_by_role("button", name="Show a hint").focus()
    page.keyboard.press("Enter")
    output.get_by_text("Hint 1 of 3").wait_for()
    page.screenshot(path=shots / "exercise.png")

    say(page, 'import numpy as np\ncheck("00.majority", lambda labels: np.bincount(labels).max() / len(labels))')
    output.get_by_text("✅").wait_for()

    say(page, 'quiz("00")')
    output.get_by_role("radio").nth(1).check()
    output.get_by_role("radio").nth(1).focus()
    page.keyboard.press("ArrowDown")
    output.get_by_role("button", name="Check my answers").focus()
    page.keyboard.press("Enter")
    output.get_by_text("of 5 right").wait_for()
    output.scroll_into_view_if_needed()
    page.screenshot(path=shots / "quiz.png")

    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.wait_for_timeout(3000)
    say(page, "from course_utils import progress\nprogress()")
    output.get_by_text("1 of 2 exercises").wait_for(timeout=60_000)
    output.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.screenshot(path=shots / "progress.png")
    noted.assert_clean()

    saved(page, lab, "00_start_here")
    again = open_notebook(new_page, lab, "00_start_here").page
    scroll_to(again, again.get_by_text("1 of 2 exercises"))
    again.screenshot(path=shots / "opened_again.png")
    assert again.get_by_text("✅ 00.majority").count()


LONG = """
import os
import keras, numpy as np
from course_utils import fit
network = keras.Sequential([keras.layers.Input((20,)), keras.layers.Dense(1)])
network.compile("sgd", "mse")
os.environ.pop("COURSE_SMALL")  # with it, training has ended before anybody can interrupt it
fit(network, (np.ones((4000, 20)), np.ones(4000)), epochs=3000)
"""


def test_a_long_cell_tells_the_time_left_and_can_be_interrupted(new_page, lab, shots):
    noted = open_notebook(new_page, lab, "02_cross_entropy")
    page = noted.page
    say(page, "from course_utils import setup\nsetup()")
    say(page, LONG, wait=False)
    output = page.locator(".jp-Cell.jp-mod-active .jp-OutputArea").first
    output.get_by_text("s left").wait_for(timeout=60_000)
    page.screenshot(path=shots / "training.png")
    menu(page, "Kernel", "Interrupt Kernel")
    output.get_by_text("interrupted after").wait_for(timeout=30_000)
    output.get_by_text("KeyboardInterrupt").first.wait_for(timeout=30_000)
    page.wait_for_timeout(1000)
    say(page, "print('the notebook answers:', 6 * 7)")
    output.get_by_text("the notebook answers: 42").wait_for(timeout=30_000)


def say(page, code, wait=True):
    """Write a new cell at the end of the notebook, and run it."""
    page.evaluate(
        """async ([code, wait]) => {
            const app = window.jupyterapp;
            const notebook = app.shell.currentWidget.content;
            notebook.activeCellIndex = notebook.widgets.length - 1;
            await app.commands.execute("notebook:insert-cell-below");
            notebook.activeCell.model.sharedModel.setSource(code);
            const done = app.commands.execute("notebook:run-cell");
            if (wait) await done;
        }""",
        [code, wait],
    )
