"""A learner's work as one zip, and back: for the computer in the cloud that forgets, or the move to another one."""

import contextlib
import errno
import io
import itertools
import json
import os
import re
import stat
import tempfile
import unicodedata
import zipfile
from datetime import datetime
from pathlib import Path

from course_utils.exercises import progress_file

LARGEST, ALTOGETHER = 100_000_000, 500_000_000  # bytes of one notebook, and of all
NAME = "my-course-work-"  # how the name of a zip begins
WRONG = "This is not a zip made by “Save my work” or `course save`"
OF_THE_COURSE = re.compile(rb"""(from|import) +course_utils|\b(check|hint|quiz)\(\\?["']\d\d""")  # in JSON, " is \"


def save(folder=".", file=None):
    """Write the notebooks of a folder, and the progress, to a zip.

    What `restore` would not take is left out and named: damaged notebooks, those of more than 100 MB, what goes beyond
    500 MB in all. A name that some system refuses, such as ``copy 12:30.ipynb`` on Windows, is changed in the zip.

    Parameters
    ----------
    folder : path
        Where the notebooks are; sub-folders and other files are not saved.
    file : path, optional
        Where the zip goes; otherwise beside the notebooks, with date and time in its name.

    Returns
    -------
    (pathlib.Path, list of str, list of str)
        The zip; the names of what is in it; and sentences about what is not, or has another name there.

    Raises
    ------
    OSError
        If the zip cannot be written, or there is something of that name already.
    ValueError
        If the folder cannot be read.
    """
    folder = Path(folder)
    file = Path(file) if file else default_name(folder)
    if file.suffix != ".zip":
        raise OSError(errno.EINVAL, "The name of the zip must end in .zip", str(file))
    try:
        found = sorted(os.listdir(folder))
    except OSError as error:
        raise ValueError(f"The notebooks in {folder} cannot be read: {error.strerror}.") from None
    notebooks = portable(name for name in found if name.endswith(".ipynb"))
    notes, total = [], 0
    try:
        progress_file.load()
    except (OSError, ValueError):
        where = printable(str(progress_file.path()))
        notes.append(f"The file with your progress, {where}, cannot be read: what it held is not in the zip.")
    try:
        archive = zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED)
    except FileExistsError:
        raise OSError(errno.EEXIST, "There is such a file already; give another name", str(file)) from None
    try:
        with archive:
            for name, new in notebooks.items():
                try:
                    content = _notebook(folder / name)
                    if total + len(content) > ALTOGETHER:
                        raise ValueError(f"goes beyond {ALTOGETHER / 1e6:.0f} MB in all")
                except ValueError as error:
                    notes.append(f"{printable(name)} {error} and was left out.")
                    continue
                total += len(content)
                _add(archive, f"notebooks/{new}", content)
                if new != name:
                    notes.append(f"{printable(name)} is called {new} in the zip: not every computer takes its name.")
            _add(archive, "progress.json", json.dumps(progress_file.read(), indent=1))
            names = archive.namelist()
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    if len(names) == 1:
        notes.append(f"There is no notebook to save in {printable(str(folder.absolute()))}.")
    others = [
        printable(name) + "/" * os.path.isdir(folder / name)
        for name in found
        if name not in notebooks and not name.startswith((".", NAME))
    ]
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        notes.append(f"Only the notebooks of this folder are saved, not {', '.join(others[:5])}{more}.")
    return file, names, notes


def _notebook(path):
    """The content of a notebook; ValueError with the reason if it cannot be saved."""
    if not os.path.isfile(path):
        raise ValueError("is no file, or a link to one that is gone,")
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    if len(content) > LARGEST:
        raise ValueError(f"has more than {LARGEST / 1e6:.0f} MB (clear its outputs)")
    if content.count(b"[") + content.count(b"{") > 2_000_000:  # read as JSON, it would take some thirty times its size
        raise ValueError("has more than two million parts (clear its outputs)")
    try:
        if b'"cells"' in content and isinstance(json.loads(content)["cells"], list):
            return content
    except (ValueError, KeyError, TypeError, RecursionError):  # ValueError: no JSON, or no text
        pass
    raise ValueError("is damaged")


def _add(archive, name, content):
    entry = zipfile.ZipInfo(name)  # without a date: a zip takes none before 1980 or after 2107
    entry.external_attr = (stat.S_IFREG | 0o644) << 16  # for those who unpack it by hand
    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def default_name(folder):
    """A name for a new zip in a folder, by date and time; for a second one in the same second, another."""
    now = f"{NAME}{datetime.now():%Y-%m-%d-%H%M%S}"
    names = (folder / f"{now}{f'-{number}' if number > 1 else ''}.zip" for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def portable(names):
    """For each name of a notebook one that Linux, macOS and Windows take, no two of them alike: ``{name: new}``."""
    found, taken = {}, set()
    for name in sorted(names, key=lambda name: (_plain(name) != name, name)):  # first those that need no change
        new, number = _plain(name), 1
        while _folded(new) in taken:
            number += 1
            new = f"{_plain(name).removesuffix('.ipynb')} {number}.ipynb"
        taken.add(_folded(new))
        found[name] = new
    return found


def _plain(name):
    stem = name.removesuffix(".ipynb").encode("utf-8", "replace")[:200].decode("utf-8", "ignore")
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", stem)
    reserved = re.match(r"(con|prn|aux|nul|com\d|lpt\d) *(\.|$)", stem, re.IGNORECASE)
    return f"{'_' if reserved or not stem else ''}{stem}.ipynb"


def _folded(name):
    """What is the same for two names that macOS or Windows takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def printable(name):
    """A file's name, with escapes in place of what no screen can show."""
    return name if name.isprintable() else ascii(name)[1:-1]


def of_the_course(path):
    """Whether a file is a notebook that uses the course, whatever its name."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return OF_THE_COURSE.search(stream.read(LARGEST)) is not None
    except OSError:
        return False


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
        What was done, a line for each file; what is damaged in the zip is named.

    Raises
    ------
    ValueError
        If it is no such zip, or nothing in it is whole; then nothing has been changed.
    OSError
        If it cannot be read, or the folder cannot be written.
    """
    folder, told, new, bad, total = Path(folder), [], [], [], 0
    with contextlib.ExitStack() as stack:
        archive = stack.enter_context(_opened(file))
        entries = _entries(archive)
        try:
            progress = progress_file.parse(_read(archive, entries.pop("progress.json"), ALTOGETHER))
        except ValueError as error:
            progress = None
            bad.append(f"progress.json {error}, so it holds no progress")
        staged = None
        for name, place in portable(entries).items():
            try:
                content = _read(archive, entries[name], ALTOGETHER - total)
                total += len(content)
                if b'"cells"' not in content:
                    raise ValueError("is damaged, or no notebook")
            except ValueError as error:
                bad.append(f"{printable(name)} {error}")
                continue
            if _holds(folder / place, content):
                told.append(f"{place}: is the same already")
                continue
            if staged is None:
                folder.mkdir(parents=True, exist_ok=True)
                staged = tempfile.TemporaryDirectory(dir=folder, prefix=".restore-", ignore_cleanup_errors=True)
                staged = Path(stack.enter_context(staged))
            (staged / place).write_bytes(content)  # before anything is moved: the disk may be full
            new.append(place)
        if bad and not (told or new or progress):
            raise ValueError(f"{WRONG}: {bad[0]}.")
        for place in new:
            kept = ""
            try:
                if os.path.lexists(folder / place):
                    kept = f"; the one that was here is now {put_aside(folder / place, 'restore').name}"
                os.replace(staged / place, folder / place)
                told.append(f"{place}: restored{kept}")
            except OSError as error:
                told.append(f"{place}: could not be restored ({error.strerror}){kept}")
    if progress is not None:
        joined = progress_file.merge(progress)
        told.append(f"progress: {'joined with what was here' if joined else 'could not be saved on this computer'}")
    told += [f"Not restored: {reason}." for reason in bad]
    if any("is now" in line for line in told):
        told.append("Close the notebooks that are open and open them again.")
    return told


def _opened(file):
    if not isinstance(file, bytes) and not stat.S_ISREG(os.stat(file).st_mode):
        raise ValueError(f"{WRONG}: it is no file.")
    try:
        return zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file)
    except PermissionError:
        raise
    except Exception:  # zipfile meets damage with many kinds of error
        raise ValueError(f"{WRONG}, or it is damaged.") from None


def _entries(archive):
    """The zip's entries, ``{name: zipfile.ZipInfo}``, the notebooks' without their folder."""
    entries = {}
    for entry in archive.infolist():
        place, _, name = entry.filename.rpartition("/")
        if not (place == "notebooks" and name.endswith(".ipynb")) and entry.filename != "progress.json":
            raise ValueError(f"{WRONG}: it holds {printable(entry.filename)}.")
        if name in entries or entry.comment:  # damage can turn the entry that follows into a comment
            raise ValueError(f"{WRONG}, or it is damaged.")
        entries[name] = entry
    if "progress.json" not in entries:
        raise ValueError(f"{WRONG}: it holds no progress.")
    return entries


def _read(archive, entry, room):
    """What an entry holds; ValueError with the reason if it is damaged or too large: then it is not unpacked."""
    if entry.file_size > LARGEST:
        raise ValueError(f"has more than {LARGEST / 1e6:.0f} MB")
    if entry.file_size > room:
        raise ValueError(f"goes beyond {ALTOGETHER / 1e6:.0f} MB in all")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others may unpack without limit
        raise ValueError("is damaged")
    try:
        with archive.open(entry) as stream:
            return stream.read(entry.file_size + 1)
    except Exception:  # zipfile meets damage with many kinds of error
        raise ValueError("is damaged") from None


def _holds(path, content):
    try:
        return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def put_aside(path, before):
    """Rename a file so that nothing is lost: "04.ipynb" becomes "04 (before restore).ipynb", "... 2)" and so on."""
    return progress_file.put_aside(path, lambda number: f"{path.stem} (before {before}{number}){path.suffix}")
