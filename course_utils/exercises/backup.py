"""A learner's work as one zip, and back: for the computer in the cloud that forgets, or the move to another one."""

import errno
import io
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path

from course_utils.exercises import record

LARGEST = 500_000_000  # bytes, unpacked


def save(folder=".", file=None):
    """Write the notebooks of a folder, and the progress, to a zip.

    Parameters
    ----------
    folder : path
        Where the notebooks are.
    file : path, optional
        Where the zip goes; otherwise beside the notebooks, with date and time in its name.

    Returns
    -------
    (pathlib.Path, list of str, list of str)
        The zip; the names of what is in it; and the names of notebooks that were left out, since they are damaged.

    Raises
    ------
    OSError
        If it cannot be written, or there is something of that name already.
    """
    folder = Path(folder)
    file = Path(file) if file else default_name(folder)
    if file.suffix != ".zip":
        raise OSError(errno.EINVAL, "The name of the zip must end in .zip", str(file))
    if file.exists():
        raise OSError(errno.EEXIST, "There is such a file already; give another name", str(file))
    new, damaged = file.with_name(file.name + ".new"), []
    try:
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
            for notebook in sorted(folder.glob("*.ipynb")):
                if _is_notebook(notebook.read_bytes()):
                    archive.write(notebook, f"notebooks/{notebook.name}")
                else:
                    damaged.append(notebook.name)
            archive.writestr("progress.json", json.dumps(record.read(), indent=1))
            names = archive.namelist()
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)
    return file, names, damaged


def default_name(folder):
    """A name for a new zip in a folder, by date and time."""
    return folder / f"my-course-work-{datetime.now():%Y-%m-%d-%H%M%S}.zip"


def restore(file, folder="."):
    """Bring back what `save` has written. A notebook that differs is kept beside it, under another name.

    Parameters
    ----------
    file : path or bytes
        The zip.
    folder : path
        Where the notebooks go.

    Returns
    -------
    list of str
        What was done, a line for each file.

    Raises
    ------
    ValueError
        If it is no such zip; then nothing has been changed.
    OSError
        If it cannot be read, or a notebook cannot be written.
    """
    folder, told = Path(folder), []
    notebooks, progress = _content(file)
    for name, content in notebooks.items():
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            told.append(f"{name}: is the same already")
            continue
        new = path.with_name(path.name + ".new")
        try:
            new.write_bytes(content)  # before anything is moved: the disk may be full
            kept = put_aside(path, "restore") if path.exists() else None
            os.replace(new, path)
        finally:
            new.unlink(missing_ok=True)
        told.append(f"{name}: restored" + (f"; the one that was here is now {kept.name}" if kept else ""))
    record.merge(progress)
    told.append("progress: joined with what was here")
    if any("now" in line for line in told):
        told.append("Close the notebooks that are open and open them again.")
    return told


def _content(file):
    """The notebooks, by name, and the progress in a zip, all of it looked at before anything is written."""
    wrong = "This is not a zip made by “Save my work” or `course save`"
    notebooks, progress = {}, None
    try:
        with zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise ValueError(f"{wrong}: unpacked it has more than {LARGEST / 1e6:.0f} MB.")
            for name in archive.namelist():
                place, _, last = name.rpartition("/")
                content = archive.read(name)
                if name == "progress.json":
                    progress = json.loads(content)
                elif place == "notebooks" and last.endswith(".ipynb") and "\\" not in last and ":" not in last:
                    if not _is_notebook(content):
                        raise ValueError(f"{wrong}: {name} is damaged, or no notebook.")
                    notebooks[last] = content
                else:
                    raise ValueError(f"{wrong}: it holds {name}.")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, RuntimeError, UnicodeDecodeError):
        raise ValueError(f"{wrong}, or it is damaged.") from None
    except json.JSONDecodeError:
        raise ValueError(f"{wrong}: {name} is damaged.") from None
    if not record.is_progress(progress):
        raise ValueError(f"{wrong}: it holds no progress.")
    return notebooks, progress


def _is_notebook(content):
    try:
        return isinstance(json.loads(content)["cells"], list)
    except (ValueError, KeyError, TypeError):  # ValueError: no JSON, or no text
        return False


def put_aside(path, before):
    """Rename a file so that nothing is lost: "04.ipynb" becomes "04 (before restore).ipynb", "... 2)" and so on."""
    for number in range(1, 1000):
        kept = path.with_name(f"{path.stem} (before {before}{f' {number}' if number > 1 else ''}){path.suffix}")
        if not kept.exists():
            return path.rename(kept)
    raise OSError(f"there are too many copies of {path.name}; delete some.")
