"""The `course` command: for learners (lab, run, data), for authors (build), and to measure (bench)."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from course_tools import lesson, teaching
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


def cannot_write(error):
    """For an OSError on the way to a file in the course's folder."""
    what = error.filename or lesson.ROOT
    fail(f"{what} cannot be written: {error.strerror or error}. Copy the course to a folder of your own.")


def shown(path):
    """A path as seen from here; the whole of it if, on Windows, that is on another drive."""
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)


def find(chapter):
    try:
        return lesson.find(chapter)
    except lesson.LessonError as error:
        fail(str(error))


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
    notebook = lesson.notebook_path(find(chapter), "student")
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={lesson.ROOT}",
        f"--LabApp.default_url=/lab/tree/{notebook.relative_to(lesson.ROOT).as_posix()}",
        *extra,
    ]
    # Our settings only switch off JupyterLab's question about news: the course works without a network.
    settings = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    env = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings))}
    raise typer.Exit(subprocess.call(command, cwd=lesson.ROOT, env=env))


@app.command()
def run(
    chapters: Annotated[list[str], typer.Argument(help='Chapters, such as "04".')],
    html: Annotated[bool, typer.Option("--html", help="Also write a page to read in a browser.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="For authors: note seconds and memory in lessons/measured.toml.")
    ] = False,
):
    """Run chapters from top to bottom and print their results; the executed notebooks go to build/run/."""
    for path in [find(chapter) for chapter in chapters]:  # all names are checked before the first run
        try:
            notebook = lesson.make(path, "student")
        except lesson.LessonError as error:
            fail(str(error))
        done = run_notebook(notebook, path.stem)
        out = lesson.ROOT / "build" / "run" / f"{path.stem}.ipynb"
        written, refused = [], None
        try:
            write_notebook(done.notebook, out, "run", executed=True)
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
            fail(f"{path.stem} stopped with an error{kept}.")
        for table in done.results():
            print_results(table)
        console.print(
            f"{path.stem}: {done.seconds:.0f} s, of which {done.compute_seconds:.0f} s beyond starting TensorFlow; "
            f"{done.peak_mb:.0f} MB at most; data: {', '.join(done.sources())}. "
            f"Written: {', '.join(shown(file) for file in written) or 'nothing'}"
        )
        if refused:
            cannot_write(refused)
        if record:
            lesson.note_measured(path.name[:2], done.compute_seconds, done.peak_mb)


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
    return lesson.ROOT / "notebooks"


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
            notebook, lesson.ROOT / "notebooks", lambda done, total: bar.update(task, completed=done, total=total)
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
    if check + blank + instructor > 1:
        fail("Give at most one of --check, --blank and --instructor.")
    paths = [find(chapter) for chapter in chapters] if chapters else list(lesson.chapters().values())
    try:
        if check:
            differing = [text for path in paths for text in differences(path)]
            if not chapters:
                page = lesson.ROOT / "notebooks" / lesson.GLOSSARY
                if text_of(page) != lesson.glossary():
                    differing.append(f"{shown(page)} does not come from glossary.toml")
                pins = lesson.ROOT / "binder" / "requirements.txt"
                if text_of(pins) != lesson.binder_requirements():
                    differing.append(f"{shown(pins)} does not come from uv.lock")
                known = {path.stem for path in paths}
                folders = (lesson.ROOT / "notebooks", lesson.ROOT / "notebooks" / "solutions")
                found = sorted(f for folder in folders for f in folder.glob("[0-9][0-9]_*.ipynb"))
                differing += [f"{shown(f)} has no lesson" for f in found if f.stem not in known]
            if differing:
                fail("\n".join([*differing, "Edit lessons/, never notebooks/, and run: course build"]))
            console.print(f"notebooks/ and lessons/ agree ({len(paths)} chapters).")
            return
        editions = ["blank"] if blank else ["instructor"] if instructor else ["solutions", "student"]
        for path in paths:
            for edition in editions:
                build_one(path, edition, again)
        if chapters:
            return
        pages = {lesson.notebook_path(paths[0], editions[-1]).parent / lesson.GLOSSARY: lesson.glossary()}
        if instructor:
            pages |= {lesson.ROOT / "build" / "instructor" / name: text for name, text in teaching.pages()}
        elif not blank:
            pages[lesson.ROOT / "binder" / "requirements.txt"] = lesson.binder_requirements()
        for page, text in pages.items():
            page.write_text(text, encoding="utf-8")
            console.print(f"{shown(page)}: written")
    except lesson.LessonError as error:
        fail(str(error))
    except OSError as error:
        cannot_write(error)


def differences(path):
    """What is wrong with the two notebooks kept of a lesson: a list of sentences."""
    found = []
    student, solutions = (lesson.notebook_path(path, edition) for edition in ("student", "solutions"))
    if text_of(student) != lesson.to_text(lesson.make(path, "student")):
        found.append(f"{shown(student)} does not come from {path.name}")
    kept = lesson.read_notebook(solutions)
    if kept is None:
        found.append(f"{shown(solutions)} is {'damaged' if solutions.exists() else 'missing'}")
    elif not lesson.same_source(kept, lesson.make(path, "solutions")):
        found.append(f"{shown(solutions)} does not come from {path.name}")
    elif any(cell.cell_type == "code" and cell.execution_count is None for cell in kept.cells):
        found.append(f"{shown(solutions)} has not been run")
    return found


def text_of(path):
    """A file's text, or None where there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def build_one(path, edition, again):
    out = lesson.notebook_path(path, edition)
    notebook = lesson.make(path, edition)
    if edition == "solutions":
        kept = None if again else lesson.read_notebook(out)
        if kept is None or not lesson.carry_outputs(kept, notebook):
            done = run_notebook(notebook, f"{path.stem} (solutions)")
            if done.error or done.stderr:
                console.print(done.error or "".join(done.stderr), markup=False)
                fail(f"{path.name}: its solutions do not run cleanly; {shown(out)} was left as it was.")
            notebook.metadata["language_info"] = {"name": "python"}  # without the kernel's own version
    write_notebook(notebook, out, "build", executed=edition == "solutions")
    console.print(f"{shown(out)}: written")


def write_notebook(notebook, out, command, executed):
    """Write a lesson's notebook; what is there and not as `command` has written it is somebody's work, and is kept."""
    from course_utils.exercises.backup import put_aside

    if os.path.lexists(out) and (out.is_symlink() or lesson.has_been_worked_in(out, notebook, executed)):
        kept = put_aside(out, command)
        console.print(f"Somebody has worked in {out.name}; that notebook is now {shown(kept)}.", markup=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(lesson.to_text(notebook), encoding="utf-8")


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
    shown = Console(stderr=True, highlight=False)
    try:
        for kept in grading.begin(out):
            shown.print(f"What was there already is kept as {kept}", markup=False, soft_wrap=True)
    except OSError as error:
        fail(f"{error.filename or out} cannot be written: {error.strerror or error}. (--out names another place.)")
    shown.print(f"{len(found)} notebooks, {workers} at once. Limits keep accidents apart; they are no sandbox.")
    grades = []

    def tell(one):
        grades.append(one)
        counts = f"{len(one.passed)} of {len(one.exercises)}"
        text = f"{one.learner}, {one.notebook}: {counts}, {one.status}, {one.seconds:.0f} s"
        shown.print(text, markup=False, soft_wrap=True)
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
        shown.print(f"Stopped: {len(grades)} of {len(found)} notebooks are graded.", style="bold red")
    shown.print(f"Written: {out} and {out.with_suffix('.html')}", markup=False, soft_wrap=True)
    raise typer.Exit(130 if stopped else 0)


@app.command()
def site():
    """Build the website from the executed notebooks, in build/site; it needs no network."""
    console.print(f"Open {shown(build_site())} in a browser.", soft_wrap=True)


def build_site():
    """Build the website; its first page."""
    from course_tools.site import build

    with console.status("Building the site ..."):
        try:
            first, code = build(lambda line: console.print(line, markup=False, soft_wrap=True))
        except lesson.LessonError as error:
            fail(str(error))
        except OSError as error:
            cannot_write(error)
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
        build_site()
        packing.pack(folder, platforms, pythons, lambda line: console.print(line, markup=False, soft_wrap=True))
        if folder != out:
            console.print(f"Writing {out} ...", soft_wrap=True)
            packing.zipped(folder)
    except (packing.PackError, lesson.LessonError) as error:
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
    from course_tools.slides import build as build_slides

    paths = [find(chapter) for chapter in chapters] if chapters else list(lesson.chapters().values())
    try:
        for file, count in build_slides(paths, lesson.ROOT / "build" / "slides"):
            console.print(f"{shown(file)}: {count} slides", soft_wrap=True)
    except lesson.LessonError as error:
        fail(str(error))
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
    if name == "icu":
        return bench_icu(seeds or 3, folds, test, verify, as_json)
    if test:
        fail("--test is for icu: course bench icu --test FOLDER")
    seeds = seeds or 5
    from contextlib import redirect_stdout

    from course_tools.bench import PUBLISHED, BenchError, cross_validate
    from course_tools.bench import bench as measure
    from course_utils import DataError, load_medmnist, setup

    with redirect_stdout(sys.stderr):  # progress there, results on standard output
        setup()
        try:
            data = load_medmnist(name, verify=verify)
        except (DataError, ValueError) as error:
            fail(str(error))

        def told(r):
            print(f"AUC {r['auc']:.3f}, ACC {r['acc']:.3f}, {r['seconds']:.0f} s")

        try:
            result = cross_validate(data, folds, on_fold=told) if folds else measure(data, range(seeds), on_seed=told)
        except (BenchError, lesson.LessonError) as error:
            fail(str(error))
    if as_json:
        print(json.dumps(result))
        return
    if folds:
        rows = [
            {"fold": str(k + 1)} | {key: f"{r[key]:.3f}" for key in ("auc", "acc")}
            for k, r in enumerate(result["folds"])
        ]
        rows.append({"fold": "mean"} | {key: f"{value:.3f}" for key, value in result["mean"].items()})
        print_results({"caption": f"{data.name}, training and validation images, source {data.source}", "rows": rows})
        return
    rows = [
        {"what": f"this course, seed {i}", "AUC": f"{r['auc']:.3f}", "ACC": f"{r['acc']:.3f}"}
        | {"s": f"{r['seconds']:.0f}"}
        for i, r in enumerate(result["seeds"])
    ]
    low, high = result["interval"]
    rows.append(
        {
            "what": f"this course, median of {seeds}",
            "AUC": f"{result['median']['auc']:.3f} (95 %: {low:.3f} to {high:.3f})",
            "ACC": f"{result['median']['acc']:.3f}",
            "s": "",
        }
    )
    published = PUBLISHED.get(data.name, {}) if data.source == "medmnist" else {}
    rows += [
        {"what": f"{model} (published)", "AUC": f"{a:.3f}", "ACC": f"{c:.3f}", "s": ""}
        for model, (a, c) in published.items()
    ]
    generated = "" if data.source == "medmnist" else "GENERATED DATA, not to be compared with published figures. "
    caption = f"{data.name}, test split, source {data.source}. {generated}Published: Yang et al. 2023, table 3."
    print_results({"caption": caption, "rows": rows})


def bench_icu(seeds, folds, test, verify, as_json):
    from contextlib import redirect_stdout

    from course_tools.bench import BenchError, check_outcomes, cross_validate_icu, icu_models, score_icu
    from course_utils import DataError, load_icu, setup
    from course_utils.data.icu import read_stays

    def on_model(name):
        print(f"training: {name}", file=sys.stderr)

    with redirect_stdout(sys.stderr):  # progress there, results on standard output
        setup()
        try:
            icu = load_icu(verify=verify)
            stays, what = icu.test, "b" if icu.source != "simulator" else "simulated test stays"
            if test:
                stays, what = read_stays(*set_in(test)), str(test)
            check_outcomes(stays.died, what)  # before hours of training
            if folds:
                what = f"{folds}-fold cross-validation on the training stays"
                rows = cross_validate_icu(icu.train, folds, on_model)
            else:
                rows = score_icu(icu_models(icu.train, range(seeds), on_model), stays)
        except (DataError, BenchError, lesson.LessonError) as error:
            fail(str(error))
    result = {"source": icu.source, "test": what, "models": rows}
    if as_json:
        print(json.dumps(result))
        return
    generated = "" if icu.source != "simulator" else "GENERATED DATA, not to be compared with published figures. "
    shown = []
    for row in rows:
        line = {"model": row["name"]}
        for measure in ("auroc", "auprc", "event1", "brier", "slope"):
            low_high = row.get("intervals", {}).get(measure)
            interval = f" ({low_high[0]:.3f} to {low_high[1]:.3f})" if low_high and measure == "auroc" else ""
            line[measure] = f"{row[measure]:.3f}{interval}"
        shown.append(line | {"parameters": f"{row['parameters']:,}", "s": f"{row['seconds']:.1f}"})
    caption = f"Death in hospital, {what}, source {icu.source}. {generated}Of several seeds the median; s a training."
    print_results({"caption": caption, "rows": shown})
    for row in rows:
        several = row.get("auroc_of_seeds") or row["auroc_of_folds"]
        if len(several) > 1:
            kind = "seeds" if "auroc_of_seeds" in row else "folds"
            console.print(f"{row['name']}, AUROC of the {kind}: {' '.join(f'{a:.3f}' for a in several)}")


def set_in(folder):
    """The stays (zip or folder) and the outcomes in a folder of the Challenge's layout."""
    stays = sorted(path for path in folder.glob("set-*") if path.suffix == ".zip" or path.is_dir())
    outcomes = sorted(folder.glob("Outcomes-*.txt"))
    if len(stays) != 1 or len(outcomes) != 1:
        fail(f"{folder} should hold one set-x.zip (or folder set-x) and one Outcomes-x.txt; found {stays + outcomes}.")
    return stays[0], outcomes[0]


@data_app.command("list")
def data_list():
    """Show the data sets and which are on this computer."""
    from course_utils.data import icu, medmnist, store

    table = Table(title="MedMNIST, 2D")
    for column in ("name", "task", "classes", "train / val / test", "licence", "on this computer"):
        table.add_column(column)
    here = {}
    for name, size, _, place in medmnist.files():
        here.setdefault(name, []).append(f"{size} px in {place}")
    for name in medmnist.NAMES:
        info = medmnist.INFO[name]
        counts = " / ".join(str(info["n_samples"][split]) for split in ("train", "val", "test"))
        present = "; ".join(here.get(name, ["no"]))
        table.add_row(name, info["task"], str(len(info["label"])), counts, info["license"], present)
    console.print(table)
    stays = {name: store.find(f"{icu.FOLDER}/{name}") for name in icu.MD5}
    missing = [name for name, (path, _) in stays.items() if path is None]
    place = next((place for _, place in stays.values() if place), "")
    state = (
        f"all four files in {place}" if not missing else f"missing: {', '.join(missing)} (uv run course data fetch icu)"
    )
    console.print(f"icu: PhysioNet Challenge 2012, 8,000 ICU stays, {icu.LICENCE}; {state}", soft_wrap=True)
    for place, folder in store.folders().items():
        console.print(f"{place}: {folder}", soft_wrap=True)


@data_app.command("fetch")
def data_fetch(
    names: Annotated[list[str], typer.Argument(help="MedMNIST names, or icu.")],
    size: Annotated[int, typer.Option(help="28, 64, 128 or 224 pixels.")] = 28,
):
    """Download data sets, checked against their official MD5; a download that was cut off goes on where it ended."""
    from course_utils.data import icu, medmnist, store

    wants_icu = "icu" in names
    try:
        known = [medmnist.known_name(name) for name in names if name != "icu"]
        if size not in medmnist.SIZES:
            raise ValueError(f"MedMNIST has no size {size}; it has {', '.join(map(str, medmnist.SIZES))}.")
    except ValueError as error:
        fail(str(error))
    failed = []
    for name in known:
        path, _ = store.find(medmnist.filename(name, size))
        try:
            if path is not None:
                store.check_md5(path, medmnist.md5(name, size))
            console.print(f"{name}: {path or medmnist.fetch_medmnist(name, size)}", soft_wrap=True)
        except store.DataError as error:
            failed.append(f"{name}: {error}")
    for filename, md5 in icu.MD5.items() if wants_icu else ():
        path, _ = store.find(f"{icu.FOLDER}/{filename}")
        try:
            if path is not None:
                store.check_md5(path, md5)
            console.print(f"icu: {path or icu.fetch_file(filename)}", soft_wrap=True)
        except store.DataError as error:
            failed.append(f"icu, {filename}: {error}")
    if failed:
        fail("\n".join(failed))


@data_app.command("verify")
def data_verify():
    """Check every data file on this computer: its MD5, its arrays, their shapes and types."""
    from course_utils.data import icu, medmnist, store

    failed, files = [], medmnist.files()
    stays = {name: path for name in icu.MD5 if (path := store.find(f"{icu.FOLDER}/{name}")[0])}
    for name, path in stays.items():
        try:
            store.check_md5(path, icu.MD5[name])
            console.print(f"ok   {path}", soft_wrap=True)
        except store.DataError as error:
            failed.append(str(error))
    for name, size, path, _ in files:
        try:
            store.check_md5(path, medmnist.md5(name, size))
            medmnist.read_npz(path, name, size)
            console.print(f"ok   {path}", soft_wrap=True)
        except store.DataError as error:
            failed.append(str(error))
    if not files and not stays:
        looked = ", ".join(str(folder) for folder in store.folders().values())
        console.print(
            f"No data files on this computer (looked in {looked}). The course runs on generated data; "
            "to fetch real data: uv run course data fetch breastmnist icu",
            soft_wrap=True,
        )
    if failed:
        fail("\n".join(failed))


if __name__ == "__main__":
    app(prog_name="course")
