"""The `course` command: for learners (lab, run, save), teachers (slides, grade, pack) and authors (new, build)."""

import json
import os
import signal
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from course_tools import chapter as course
from course_tools import editions
from course_tools.execute import absolute_data_folder, execute

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
data_app = typer.Typer(no_args_is_help=True, help="See, fetch and verify the real data.")
app.add_typer(data_app, name="data")
console = Console(highlight=False)


@app.callback()
def main():
    for stream in (sys.stdout, sys.stderr):  # a Windows pipe or LC_ALL=C has no ✓: "\u2713" is better than a crash
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    absolute_data_folder()


def fail(message):
    """One clear message, and exit code 1."""
    Console(stderr=True, highlight=False).print(message, style="bold red", markup=False)
    raise typer.Exit(1)


@contextmanager
def one_sentence():
    """What is wrong with a chapter, or with a file of the course, ends the command in one sentence."""
    try:
        yield
    except course.ChapterError as error:
        fail(str(error))
    except OSError as error:
        what = error.filename or course.ROOT
        fail(f"{what} cannot be written: {error.strerror or error}. Copy the course to a folder of your own.")


def shown(path):
    """A path as seen from here; the whole of it if, on Windows, that is on another drive."""
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)


def find(*names):
    """The chapters of these names; all of them if none is given."""
    with one_sentence():
        return [course.find(name) for name in names] or course.chapters()


def progress():
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    chapter: Annotated[str, typer.Argument(help='The chapter to open, such as "04".')] = "00",
):
    """Open a chapter in JupyterLab. What follows the chapter goes to JupyterLab: course lab 00 --no-browser"""
    extra = list(context.args)
    if chapter.startswith("-"):  # `course lab --no-browser`: that was no chapter
        chapter, extra = "00", [chapter, *extra]
    from course_tools.lab import run as run_lab

    raise typer.Exit(run_lab(find(chapter)[0].notebook(), extra))


@app.command()
def run(
    chapters: Annotated[list[str], typer.Argument(help='Chapters, such as "04".')],
    html: Annotated[bool, typer.Option("--html", help="Also write a page to read in a browser.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="For authors: note seconds and memory in lessons/measured.toml.")
    ] = False,
):
    """Run chapters from top to bottom and print their results; the executed notebooks go to build/run/."""
    for chapter in find(*chapters):  # all names are checked before the first run
        with one_sentence():
            done = run_notebook(editions.make(chapter, "student"), chapter.stem)
        out = course.ROOT / "build" / "run" / f"{chapter.stem}.ipynb"
        written, refused = [], None
        try:
            tell_kept(out, editions.write(done.notebook, out, "run", executed=True))
            written.append(out)
            if html:
                from nbconvert import HTMLExporter

                page = out.with_suffix(".html")
                page.write_text(HTMLExporter().from_notebook_node(done.notebook)[0], encoding="utf-8")
                written.append(page)
        except OSError as error:  # a read-only checkout: the results are shown all the same
            refused = error
        if done.error:
            console.print(done.error, markup=False)
            kept = f"; what ran until then is in {out}" if written else ""
            fail(f"{chapter.stem} stopped with an error{kept}.")
        for table in done.results():
            print_results(table)
        console.print(
            f"{chapter.stem}: {done.seconds:.0f} s, of which {done.compute_seconds:.0f} s beyond starting TensorFlow; "
            f"{done.peak_mb:.0f} MB at most; data: {', '.join(done.sources())}. "
            f"Written: {', '.join(shown(file) for file in written) or 'nothing'}"
        )
        with one_sentence():
            if refused:
                raise refused
            if record:
                course.note_measured(chapter.number, done.compute_seconds, done.peak_mb)
                console.print("Noted in lessons/measured.toml. The pages that say it: uv run course build")


@app.command("progress")
def show_progress():
    """Show which exercises and quizzes are done."""
    from course_utils import progress

    progress()


def own_notebooks():
    """The folder of the learner's notebooks: this one or notebooks/ in it if notebooks of the course are there (on a
    hub, where all share the course, each home has its own), otherwise the course's.
    """
    from course_utils.exercises.backup import of_the_course

    for folder in (Path(), Path("notebooks")):
        if any(map(of_the_course, folder.glob("*.ipynb"))):
            return folder.absolute()
    return course.ROOT / "notebooks"


@app.command()
def save(
    file: Annotated[Path | None, typer.Argument(help="The zip to write; otherwise one named by date and time.")] = None,
):
    """Save your work as a zip: the notebooks of this folder or of notebooks/, and your progress."""
    from course_utils.exercises import backup

    target, folder = file or backup.default_name(Path()), own_notebooks()
    try:
        written, names, notes = backup.save(folder, target)
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}. Name another: course save FOLDER/FILE.zip")
    except ValueError as error:
        fail(str(error))
    for note in notes:
        console.print(note, style="bold", markup=False, soft_wrap=True)
    what = f"{len(names)} files are in {written}: your progress and the notebooks of {folder}."
    console.print(f"{what} To bring them back: uv run course restore {written}", markup=False, soft_wrap=True)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A zip made by `course save` or by the button in a notebook.")]):
    """Bring back saved work. Nothing is overwritten: a notebook that differs is kept under another name."""
    from course_utils.exercises import backup

    folder = own_notebooks()
    try:
        told = backup.restore(file, folder)
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror or error}.")
    except ValueError as error:
        fail(f"{file}: {error}")
    for line in [*told, f"The notebooks are in {folder}."]:
        console.print(line, markup=False, soft_wrap=True)


def run_notebook(notebook, name):
    with progress() as bar:
        task = bar.add_task(name, total=None)
        return execute(
            notebook, course.ROOT / "notebooks", lambda done, total: bar.update(task, completed=done, total=total)
        )


def print_results(results):
    rows = results["rows"]
    names = dict.fromkeys(name for row in rows for name in row)
    table = Table(*map(escape, names), title=escape(results["caption"]), title_justify="left")
    for row in rows:
        table.add_row(*(escape(str(row.get(name, ""))) for name in names))
    console.print(table)


@app.command()
def build(
    chapters: Annotated[list[str] | None, typer.Argument(help="Chapters; all of them if none is named.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if notebooks/ differs.")] = False,
    blank: Annotated[bool, typer.Option("--blank", help="Write the edition to type along, to build/blank/.")] = False,
    instructor: Annotated[
        bool, typer.Option("--instructor", help="Write the teacher's, to build/instructor/.")
    ] = False,
    again: Annotated[bool, typer.Option("--execute", help="Run the solutions even if nothing has changed.")] = False,
):
    """Make the notebooks from the lessons. Solutions whose code has changed are run; otherwise outputs are kept."""
    from course_tools import pages

    if check + blank + instructor > 1:
        fail("Give at most one of --check, --blank and --instructor.")
    wanted = find(*chapters or ())
    if check:
        with one_sentence():
            wrong = [text for chapter in wanted for text in editions.differences(chapter)]
            wrong += [] if chapters else [*editions.strangers(), *pages.differences()]
        if wrong:
            fail("\n".join([*wrong, "Edit lessons/, never what is made from them, and run: course build"]))
        console.print(f"notebooks/, README.md and lessons/ agree ({len(wanted)} chapters).")
        return
    made = ["blank"] if blank else ["instructor"] if instructor else ["solutions", "student"]
    with one_sentence():
        for chapter in wanted:
            for edition in made:
                out = chapter.notebook(edition)
                name = f"{chapter.stem} ({edition})"
                kept = editions.build(chapter, edition, again, lambda notebook, name=name: run_notebook(notebook, name))
                tell_kept(out, kept)
                console.print(f"{shown(out)}: written")
        for page, text in [] if chapters else pages.beside(made[-1]):
            page.write_text(text, encoding="utf-8")
            console.print(f"{shown(page)}: written")


def tell_kept(out, kept):
    if kept:
        console.print(f"Somebody has worked in {out.name}; that notebook is now {shown(kept)}.", markup=False)


@app.command()
def new(
    number: Annotated[str, typer.Argument(help='The chapter\'s number, such as "06".')],
    topic: Annotated[str, typer.Argument(help="What it is about, in one word or more_words: features")],
):
    """Begin a chapter: a small lesson that runs, and its exercise, to be replaced bit by bit."""
    from course_tools.template import begin

    with one_sentence():
        for file in begin(number, topic):
            console.print(f"{shown(file)}: written")
    console.print(f"Next: uv run course build && uv run course run {number} --html", markup=False)


@app.command()
def doctor(
    network: Annotated[bool, typer.Option(help="Whether to try the network.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list and nothing else.")] = False,
):
    """Look at this computer: what the course needs, what is missing, and what to do. Exit code 1 if it cannot run."""
    from course_tools.doctor import FAILURE, OK, WARNING, examine

    with Console(stderr=True).status("Looking ..."):
        findings = list(examine(network))
    if as_json:
        print(json.dumps([finding._asdict() for finding in findings]))
    else:
        table = Table("", "", Column("found", overflow="fold"), Column("what to do", overflow="fold"))
        marks = {OK: "[green]✓ ok[/]", WARNING: "[yellow]! warning[/]", FAILURE: "[red]✗ failure[/]"}
        for finding in findings:
            table.add_row(marks[finding.status], finding.what, escape(finding.found), escape(finding.remedy))
        console.print(table)
    raise typer.Exit(any(finding.status == FAILURE for finding in findings))


@app.command()
def grade(
    folder: Annotated[Path, typer.Argument(help="Where the notebooks are: a folder for each learner, or a file each.")],
    out: Annotated[Path, typer.Option(help="The table to write; a page of the same name is written beside it.")] = Path(
        "grades.csv"
    ),
    workers: Annotated[int, typer.Option(min=1, help="How many notebooks run at once.")] = max(
        (os.cpu_count() or 2) // 2, 1
    ),
    seconds: Annotated[float, typer.Option(min=1, help="How long a notebook may take.")] = 600,
    memory: Annotated[float, typer.Option(min=100, help="How many MB it may take.")] = 2500,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list as well.")] = False,
):
    """Run learners' notebooks and write which exercises each has solved.

    Each runs in a process and a folder of its own, with limits. Limits are no sandbox: where learners are not trusted,
    use nbgrader with an isolated autograder.
    """
    from course_tools import grade as grading

    if not os.path.isdir(folder):
        fail(f"There is no folder {folder}.")
    try:
        found = [path for _, path in grading.notebooks_in(folder)]
    except OSError as error:
        fail(f"{folder} cannot be read: {error.strerror or error}.")
    if all(os.path.isdir(path) and not os.path.islink(path) for path in found):
        fail(f"There is no notebook below {folder}.")
    messages = Console(stderr=True, highlight=False)
    try:
        for kept in grading.begin(out):
            messages.print(f"What was there already is kept as {kept}", markup=False, soft_wrap=True)
    except OSError as error:
        fail(f"{error.filename or out} cannot be written: {error.strerror or error}. (--out names another place.)")
    messages.print(f"{len(found)} notebooks, {workers} at once. Limits keep accidents apart; they are no sandbox.")
    grades = []

    def tell(one):
        grades.append(one)
        counts = f"{len(one.passed)} of {len(one.exercises)}"
        text = f"{one.learner}, {one.notebook}: {counts}, {one.status}, {one.seconds:.0f} s"
        messages.print(text, markup=False, soft_wrap=True)
        with suppress(OSError):  # open in a spreadsheet, say; at the end it is tried again
            grading.write(grades, out)

    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):  # ended from outside, or its terminal closed: as at Ctrl-C
        if signal.getsignal(getattr(signal, name)) == signal.SIG_DFL:
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        grading.grade(folder, grading.Limits(seconds=seconds, memory_mb=memory), workers, tell)
        stopped = False
    except KeyboardInterrupt:
        stopped = True
    try:
        grading.write(grades, out)
    except OSError as error:
        rescue = Path(tempfile.mkdtemp(prefix="grades "), "grades.csv")
        grading.write(grades, rescue)
        fail(f"{error.filename or out} cannot be written: {error.strerror or error}. The grades are in {rescue}.")
    if as_json:
        print(grading.as_json(grades))
    if stopped:
        messages.print(f"Stopped: {len(grades)} of {len(found)} notebooks are graded.", style="bold red")
    messages.print(f"Written: {out} and {out.with_suffix('.html')}", markup=False, soft_wrap=True)
    raise typer.Exit(130 if stopped else 0)


@app.command()
def site():
    """Build the website from the executed notebooks, in build/site; it needs no network."""
    get_docs()
    console.print(f"Open {shown(build_site())} in a browser.", soft_wrap=True)


def get_docs():
    """Without the packages of the group docs, run the command again in a Python that has them, and end as it does."""
    from course_tools.packages import with_docs

    with one_sentence():
        code = with_docs(sys.argv[1:])
    if code is not None:
        raise typer.Exit(code)


def build_site():
    """Build the website; its first page."""
    from course_tools.site import build

    with console.status("Building the site ..."), one_sentence():
        first, code = build(lambda line: console.print(line, markup=False, soft_wrap=True))
    if code:
        fail("The site has warnings (above); it is built, but mend them.")
    return first


@app.command()
def pack(
    out: Annotated[Path, typer.Argument(help="The folder to make; with .zip at its end, a zip beside it, too.")],
    platform: Annotated[
        list[str] | None, typer.Option(help="windows, macos, linux, linux-arm; the first three if none is named.")
    ] = None,
    python: Annotated[list[str] | None, typer.Option(help="Such as 3.13; 3.11 to 3.13 if none is named.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Make nothing; check a finished pack.")] = False,
):
    """Make a folder for USB sticks: packages, data, notebooks, website, and an installer that needs no network.

    After a fault, run the same command again: it goes on where it ended.
    """
    from course_tools import pack as packing
    from course_utils.data import store

    try:
        if verify:
            wrong = packing.verify(out)
            if wrong:
                fail("\n".join([*wrong, f"{len(wrong)} differences. To mend a folder, run course pack {out} again."]))
            console.print(f"{out} is whole.", soft_wrap=True)
            return
        platforms, pythons = platform or ["windows", "macos", "linux"], python or packing.PYTHONS
        for name in {*platforms} - packing.PLATFORMS.keys() | {*pythons} - {*packing.PYTHONS}:
            known = ", ".join([*packing.PLATFORMS, *packing.PYTHONS])
            fail(f'There are no packages for "{name}", only for {known}.')
        folder = out.with_suffix("") if out.suffix == ".zip" else out
        get_docs()
        build_site()
        packing.pack(folder, platforms, pythons, lambda line: console.print(line, markup=False, soft_wrap=True))
        if folder != out:
            console.print(f"Writing {out} ...", soft_wrap=True)
            packing.zipped(folder)
    except (packing.PackError, course.ChapterError) as error:
        fail(str(error))
    except store.DataError as error:
        fail(f"{error} What is there is kept: run the same command again.")
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}. What is there is kept: run the same command again.")
    console.print(f"To check it later: uv run course pack --verify {out}", soft_wrap=True)


@app.command()
def slides(
    chapters: Annotated[list[str] | None, typer.Argument(help="Chapters; all of them if none is named.")] = None,
):
    """Make slides for a lecture from the executed notebooks, in build/slides; they need no network."""
    get_docs()
    from course_tools.slides import build as build_slides

    with one_sentence():
        for file, count in build_slides(find(*chapters or ()), course.ROOT / "build" / "slides"):
            console.print(f"{shown(file)}: {count} slides", soft_wrap=True)
    console.print("Open them in a browser. Keys: S speaker notes, O overview, F full screen.", soft_wrap=True)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="A MedMNIST name, or icu.")] = "breastmnist",
    seeds: Annotated[
        int | None, typer.Option(min=1, help="How many trainings, with seeds 0, 1, 2, ... (5; for icu 3)")
    ] = None,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Instead, cross-validate on what is not the test set.")
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="icu only: report on the set in this folder, in the Challenge's layout.")
    ] = None,
    verify: Annotated[bool, typer.Option(help="Whether the files must be the official ones.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
):
    """Train chapter 04's recipe (or, for icu, chapter 05's) with several seeds and report it on the test set."""
    from contextlib import redirect_stdout

    from course_tools.bench import images, stays
    from course_tools.bench.common import BenchError
    from course_utils import DataError, load_icu, load_medmnist, setup

    icu = name == "icu"
    if test and not icu:
        fail("--test is for icu: course bench icu --test FOLDER")
    recipe, seeds = stays if icu else images, range(seeds or (3 if icu else 5))
    with redirect_stdout(sys.stderr):  # progress there, results on standard output
        setup()
        try:
            data = load_icu(verify=verify) if icu else load_medmnist(name, verify=verify)
        except (DataError, ValueError) as error:
            fail(str(error))
        try:
            if folds:
                result = recipe.cross_validate(data, folds)
            else:
                result = stays.bench(data, seeds, test) if icu else images.bench(data, seeds)
        except (BenchError, DataError, course.ChapterError) as error:
            fail(str(error))
    if as_json:
        print(json.dumps(result))
        return
    print_results(recipe.table(result))
    for line in stays.spread(result) if icu else ():
        console.print(line)


@data_app.command("list")
def data_list():
    """Show the data sets and which are on this computer."""
    from course_tools import data
    from course_utils.data import store

    rows, incomplete = data.listed()
    print_results({"caption": "Real data; images for training / validation / test", "rows": rows})
    for line in incomplete:
        console.print(line, soft_wrap=True)
    for place, folder in store.folders().items():
        console.print(f"{place}: {folder}", soft_wrap=True)


@data_app.command("fetch")
def data_fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names from the list; those that the chapters ask for if none is named.")
    ] = None,
    size: Annotated[int, typer.Option(help="28, 64, 128 or 224 pixels.")] = 28,
):
    """Download data sets, checked against their official MD5; a download that was cut off goes on where it ended."""
    from course_tools import data

    try:
        failed = data.fetch(names or ["chapters"], size, lambda line: console.print(line, soft_wrap=True))
    except ValueError as error:
        fail(str(error))
    if failed:
        fail("\n".join(failed))


@data_app.command("verify")
def data_verify():
    """Check every data file on this computer: its MD5, its arrays, their shapes and types."""
    from course_tools import data

    failed = data.verify(lambda line: console.print(line, soft_wrap=True))
    if failed:
        fail("\n".join(failed))


if __name__ == "__main__":
    app(prog_name="course")
