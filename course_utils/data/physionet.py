"""Intensive care stays of the PhysioNet/CinC Challenge 2012: 48 hours of measurements, and who died in hospital.

The official form is a zip (or a folder) of text files, one a stay, with lines `Time,Parameter,Value`, and a table of
outcomes. Reading them takes seconds; the result is cached, and the cache is used only for exactly the files it was made
from.
"""

import hashlib
import io
import math
import os
import re
import stat
import tempfile
import warnings
import zipfile
from functools import partial
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd

from course_utils.data import store
from course_utils.data.archive import check_members, reason, unpack
from course_utils.data.stays import HOURS, MEASUREMENTS, STATIC, Stays

LICENCE = "ODC-BY 1.0"
FOLDER = "physionet-2012"

# As they stand in the files, in bytes: the column of each name, and its limits.
FEATURE = {name.encode(): k for k, name in enumerate(MEASUREMENTS)}
FIXED = {name.encode(): k for k, name in enumerate(STATIC)}
LIMITS = {name.encode(): limits[1:] for name, limits in (STATIC | MEASUREMENTS).items()}
LINE = re.compile(
    rb"^(\d{1,2}):([0-5]?\d),(\w+),[ \t]*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)[ \t]*$", re.MULTILINE
)
STAY = re.compile(r"([0-9]{1,15})\.txt")  # the name of a stay's file; so many digits a float holds exactly
LARGEST_STAY = 2**21  # bytes; the official ones have 24 thousand, and all 37 measured every minute were 1.6 million
CODE = (__file__, Path(__file__).with_name("stays.py"))  # what a parsed set depends on, beside its files
MOST_DAYS = 100_000  # beyond, a score or a number of days is a slip of the pen


def read_stays(stays, outcomes, cache=True):
    """Read a set in the Challenge's official form.

    Parameters
    ----------
    stays : path
        A zip or a folder that holds one text file a stay, `132539.txt` say, its lines ended by LF, CRLF or CR.
    outcomes : path
        The table `RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death`.
    cache : bool
        Whether to keep the result in the user's cache folder, and to take it from there if the files are unchanged.

    Returns
    -------
    Stays
        In the order of their numbers. What had to be left out is printed: lines that are not of the form
        `HH:MM,Parameter,Value`, values outside the plausible range, stays without outcome, outcomes without stay,
        all but the first of several files with one number, and stays whose RecordID is not their file's number.

    Raises
    ------
    DataError
        If a file cannot be read, or holds no stay with an outcome.
    """
    stays, outcomes = Path(stays), Path(outcomes)
    content, table = _content(stays), _content(outcomes)
    kept = _cache_file(stays, content, table) if cache else None
    if kept is not None and (result := _kept(kept)) is not None:
        return result
    table = _outcomes(outcomes, table)
    texts = _texts(stays, content, outcomes, table.index)
    parsed = {number: grid for number, text in texts.items() if (grid := _grid(text, number)) is not None}
    _report(len(texts) - len(parsed), "stay(s) whose RecordID is not the number in their file's name", stays)
    if not parsed:
        raise store.DataError(f"No stay in {stays} has an outcome in {outcomes}. Do the two files belong together?")
    values, static, malformed, odd = zip(*parsed.values(), strict=True)
    _report(sum(malformed), "line(s) that are not of the form HH:MM,Parameter,Value", stays)
    _report(sum(odd), "value(s) outside the plausible range", stays)
    numbers = np.array(list(parsed), "int64")
    rows = table.loc[numbers]
    known = rows[["SAPS-I", "SOFA", "Length_of_stay", "Survival"]].to_numpy()
    beyond = known > MOST_DAYS
    _report(int(beyond.sum()), "score(s) or number(s) of days that no patient has", outcomes)
    known = np.where((known < 0) | beyond, np.nan, known).astype("float32")
    died = rows["In-hospital_death"].to_numpy("int64")
    result = Stays(np.stack(values), np.stack(static), died, numbers, known[:, :2], known[:, 2:])
    if kept is not None:
        _keep(kept, result)
    return result


def _content(path):
    """The bytes of a file; of a folder {name: bytes} of the files that are named like a stay."""
    try:
        if os.path.isdir(path):
            return {
                file.name: _bytes(file, LARGEST_STAY + 1)
                for file in sorted(path.iterdir())
                if STAY.fullmatch(file.name)
            }
        return _bytes(path)
    except FileNotFoundError as error:
        raise store.DataError(f"There is no {error.filename}, or it is a link to nowhere.") from None
    except OSError as error:
        raise store.DataError(
            f"{error.filename or path} cannot be read ({reason(error)}): see that you may read it, then ask again."
        ) from None


def _bytes(path, most=-1):
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise store.DataError(f"{path} is not a file but a folder, a pipe or the like: remove it.")
    with open(path, "rb") as file:
        return file.read(most)


def _cache_file(stays, content, outcomes):
    """Where the parsed form of exactly these files is kept: the name is made from their content and from this code."""
    digest = hashlib.md5(b"".join(Path(file).read_bytes() for file in CODE))
    for data in (content, outcomes):
        for name, text in data.items() if isinstance(data, dict) else [("", data)]:
            digest.update(f"{name},{len(text)}\n".encode() + text)
    return store.cache_folder() / FOLDER / f"{stays.stem}-{digest.hexdigest()}.npz"


def _kept(path):
    """The stays that :func:`_keep` wrote; None if there are none, or if a single bit of the file is not as written."""
    try:
        data = memoryview(path.read_bytes()) if os.path.isfile(path) else b""
    except OSError:
        return None
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        return None
    with np.load(io.BytesIO(data[32:]), allow_pickle=False) as file:
        return Stays(*(file[name] for name in Stays._fields[:-1]))


def _keep(path, result):
    """Write the cache, its SHA-256 in front, under a temporary name and rename it.

    A disk that is full or read-only only costs time.
    """
    try:
        arrays = io.BytesIO()
        np.savez_compressed(arrays, **{name: array for name, array in result._asdict().items() if array is not None})
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # goes, whatever happens
            new = Path(folder) / path.name
            new.write_bytes(hashlib.sha256(arrays.getbuffer()).digest() + arrays.getbuffer())
            os.replace(new, path)
    except OSError as error:
        print(
            f"Note: {path.parent} cannot be written to ({reason(error)}), so the next load takes as long as this one."
        )


def _outcomes(path, content):
    columns = ["RecordID", "SAPS-I", "SOFA", "Length_of_stay", "Survival", "In-hospital_death"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # Without index_col=False, one field too many in each row would move every column by one.
            table = pd.read_csv(io.BytesIO(content), encoding="latin-1", index_col=False, low_memory=False)
        table = table[columns].apply(pd.to_numeric).astype(float).set_index("RecordID")
    except Exception as error:  # pandas raises many kinds, and its warning is an error here
        raise store.DataError(
            f"{path} is not a table of outcomes ({','.join(columns)}): {reason(error)}. Give a table of this form."
        ) from None
    unknown = ~table["In-hospital_death"].isin([0, 1])
    _report(int(unknown.sum()), "outcome(s) that are neither 0 nor 1", path)
    table = table[~unknown]
    twice = table.index.duplicated()
    _report(int(twice.sum()), "outcome(s) of a stay that has one already", path)
    return table[~twice]


def _texts(path, content, outcomes, with_outcome):
    """{number: bytes} of the stays with an outcome, in the order of their numbers; the others are counted."""
    try:
        if isinstance(content, dict):
            files, size, read = content.items(), len, bytes
        else:
            archive = zipfile.ZipFile(io.BytesIO(content))
            check_members(archive, len(content))
            files = [(member.filename.rpartition("/")[2], member) for member in archive.infolist()]
            size, read = attrgetter("file_size"), partial(unpack, archive)
        named = [(int(match[1]), file) for name, file in files if (match := STAY.fullmatch(name))]
        found = dict(reversed(named))  # of two with one number the first
        if not found:
            raise store.DataError(f"{path} holds no stays: files named 132539.txt and the like are wanted.")
        _report(len(named) - len(found), "file(s) of a stay that has one already", path)
        numbers = sorted(number for number in found if number in with_outcome)
        _report(len(found) - len(numbers), "stay(s) without an outcome", path)
        _report(len(set(with_outcome) - set(found)), "outcome(s) without a stay", outcomes)
        for number in numbers:
            if size(found[number]) > LARGEST_STAY:
                raise store.DataError(
                    f"{path} holds a file {number}.txt of more than 2 MB, which is no stay: remove it."
                )
        return {number: read(found[number]) for number in numbers}
    except store.DataError:
        raise
    except Exception as error:  # a damaged zip makes zipfile and zlib raise errors of many kinds
        raise store.DataError(
            f"{path} cannot be read ({reason(error)}). Delete it and ask again to fetch it anew."
        ) from None


def _grid(text, number):
    """One stay's file -> values (48, F), static (S,), malformed lines, implausible values; None if it is another's.

    Each stay is read by itself, so that nothing in a file can reach another patient.
    """
    lines = text.strip(b"\r\n").splitlines()  # of bytes: at LF, CRLF and CR, and nowhere else
    rows = LINE.findall(b"\n".join(lines))
    malformed, odd = len(lines) - len(rows) - lines.count(b"Time,Parameter,Value"), 0
    cells, measured, static = [], [], np.full(len(STATIC), np.nan, "float32")
    for hours, minutes, name, text_of_value in rows:
        minute, value = 60 * int(hours) + int(minutes), float(text_of_value)
        low, high = LIMITS.get(name, (None, None))
        if name == b"RecordID":
            if value != number:
                return None
        elif low is None or minute > 60 * HOURS or not math.isfinite(value):
            malformed += 1
        elif value == -1:  # unknown
            continue
        elif not low <= value <= high:
            odd += 1
        else:
            if name in FEATURE:
                cells.append(min(minute // 60, HOURS - 1) * len(FEATURE) + FEATURE[name])
                measured.append(value)
            if name in FIXED and minute == 0:
                static[FIXED[name]] = value
    cells = np.array(cells, int)
    total = np.bincount(cells, measured, HOURS * len(FEATURE)).reshape(HOURS, -1)
    count = np.bincount(cells, minlength=HOURS * len(FEATURE)).reshape(HOURS, -1)
    with np.errstate(invalid="ignore"):
        values = (total / count).astype("float32")
    urine = FEATURE[b"Urine"]
    values[:, urine] = np.where(count[:, urine] > 0, total[:, urine], np.nan)
    return values, static, malformed, odd


def _report(count, what, path):
    if count:
        print(f"Note: {path.name} holds {count} {what}; left out.")
