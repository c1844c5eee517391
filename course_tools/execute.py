"""Run a notebook from top to bottom without a browser, and measure it."""

import os
import tempfile
import threading
import time
from dataclasses import dataclass, field

# What is not Python's own is imported where it is used: `course doctor` starts without it, to say that it lacks.

RESULTS = "application/vnd.course.results+json"


@dataclass
class Run:
    """What happened when a notebook ran: seconds in all and beyond the cell that imports TensorFlow; peak MB."""

    notebook: object
    seconds: float = 0.0
    compute_seconds: float = 0.0
    peak_mb: float = 0.0
    stderr: list = field(default_factory=list)
    error: str = ""

    def results(self):
        """The tables the notebook made with `show_results`."""
        outputs = [output for cell in self.notebook.cells for output in cell.get("outputs", [])]
        return [output.data[RESULTS] for output in outputs if RESULTS in output.get("data", {})]

    def sources(self):
        """Where its data was from: "medmnist", "phantom", ..."""
        return sorted({table["source"] for table in self.results()})


def execute(notebook, folder, on_cell=lambda done, total: None, timeout=900):
    """Run all cells in a kernel started in `folder`; the notebook gets the outputs.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    folder : path
    on_cell : callable
        Called with (cells done, cells in all).
    timeout : float
        Seconds a cell may take.

    Returns
    -------
    Run
        If a cell fails, `error` holds its traceback and the rest has not run; if the kernel does not start or dies, or
        a cell takes too long, a sentence that says so.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from course_utils.exercises.panels import WIDGET

    run = Run(notebook)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
    )
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    began = {}

    def start(cell, cell_index, **_):
        began[cell_index] = time.perf_counter()

    def done(cell, cell_index, **_):
        seconds = time.perf_counter() - began[cell_index]
        run.seconds += seconds
        # `setup()` imports TensorFlow, which no chapter can help; the budget is for what comes on top.
        run.compute_seconds += 0 if "start" in cell.metadata.get("tags", []) else seconds
        on_cell(sum(i <= cell_index for i in code), len(code))

    client.on_cell_start, client.on_cell_executed = start, done
    stop = threading.Event()
    # The learner's own progress is neither shown nor changed: the same outputs on every machine.
    nobody = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    env = os.environ | {"COURSE_PROGRESS_FILE": os.path.join(nobody.name, "progress.json")}
    with nobody:
        try:
            with client.setup_kernel(env=env):
                watcher = threading.Thread(target=_watch, args=(client.km.provisioner.pid, run, stop), daemon=True)
                watcher.start()
                try:
                    for i, cell in enumerate(notebook.cells):
                        client.execute_cell(cell, i)
                finally:
                    stop.set()
                    watcher.join()
        except CellExecutionError as error:
            run.error = str(error)
        except CellTimeoutError:
            run.error = f"Stopped in {_place(began, notebook)}: it took more than {timeout:.0f} s."
        except DeadKernelError:
            run.error = (
                f"Python itself ended in {_place(began, notebook)}, most often for want of memory. "
                "Close other programs and notebooks, and try again."
            )
        except (NoSuchKernel, RuntimeError, OSError) as error:  # no kernel, or none that answers
            if began:
                raise
            run.error = f"No kernel could be started ({error}). `course doctor` tells what is missing."
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day: they would differ with every run
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # a widget lives only with its kernel; its picture stays
            if output.output_type == "stream" and output.name == "stderr":
                run.stderr.append(output.text)
    return run


def _place(began, notebook):
    """The cell that ran last, in words."""
    last = max(began)
    first = notebook.cells[last].source.strip().partition("\n")[0]
    return f"cell {last + 1} ({first})"


def _watch(pid, run, stop):
    """Note the largest memory of a process and its children, in MB."""
    import psutil

    from course_tools.processes import attempt, family, memory_mb

    process = attempt(psutil.Process, pid=pid)
    while process and not stop.wait(0.2):
        run.peak_mb = max(run.peak_mb, sum(map(memory_mb, family(process))))


def absolute_data_folder():
    """Make $COURSE_DATA_DIR mean the same in a kernel, which starts in another folder."""
    if os.environ.get("COURSE_DATA_DIR"):
        os.environ["COURSE_DATA_DIR"] = os.path.abspath(os.path.expanduser(os.environ["COURSE_DATA_DIR"]))
