"""Intensive care stays of the PhysioNet/CinC Challenge 2012: 48 hours of measurements, and who died in hospital.

The official form is a zip (or a folder) of text files, one a stay, with lines `Time,Parameter,Value`, and a table of
outcomes. Reading them takes seconds; the result is cached, and the cache is used only for exactly the files it was made
from.
"""

import csv
import hashlib
import io
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from course_utils.data import store
from course_utils.data.medmnist import notice

HOURS = 48
LICENCE = "ODC-BY 1.0"
CITATION = (
    "Silva I, Moody G, Scott DJ, Celi LA, Mark RG. Predicting in-hospital mortality of ICU patients: the "
    "PhysioNet/Computing in Cardiology Challenge 2012. Computing in Cardiology 39, 245-248 (2012)."
)
URL = "https://physionet.org/files/challenge-2012/1.0.0/"
FOLDER = "physionet-2012"
MD5 = {
    "set-a.zip": "6c8706189c0409a4a93927ff7c4d6aa0",
    "Outcomes-a.txt": "69f10987a4684e86c5b6aa122f3b9df2",
    "set-b.zip": "4eed6e9b4d77ee1173db89f45176c6f5",
    "Outcomes-b.txt": "0f71fa7975c855d542da6d7333827a51",
}

# Unit, and the range outside which a value is a slip of the pen and not a patient. Units are the Challenge's; the
# ranges are ours, and wide: a value of a dying patient must lie inside.
MEASUREMENTS = {
    "Albumin": ("g/dL", 0.5, 8),
    "ALP": ("IU/L", 5, 5000),
    "ALT": ("IU/L", 1, 20000),
    "AST": ("IU/L", 1, 30000),
    "Bilirubin": ("mg/dL", 0.05, 80),
    "BUN": ("mg/dL", 1, 300),
    "Cholesterol": ("mg/dL", 20, 800),
    "Creatinine": ("mg/dL", 0.05, 30),
    "DiasABP": ("mmHg", 10, 200),
    "FiO2": ("share", 0.2, 1),
    "GCS": ("3 to 15", 3, 15),
    "Glucose": ("mg/dL", 5, 2000),
    "HCO3": ("mmol/L", 2, 60),
    "HCT": ("%", 5, 75),
    "HR": ("beats/min", 10, 300),
    "K": ("mmol/L", 1, 15),
    "Lactate": ("mmol/L", 0.1, 40),
    "MAP": ("mmHg", 15, 250),
    "MechVent": ("0 or 1", 0, 1),
    "Mg": ("mmol/L", 0.2, 10),
    "NIDiasABP": ("mmHg", 10, 200),
    "NIMAP": ("mmHg", 15, 250),
    "NISysABP": ("mmHg", 30, 300),
    "Na": ("mmol/L", 90, 190),
    "PaCO2": ("mmHg", 5, 200),
    "PaO2": ("mmHg", 15, 700),
    "Platelets": ("1000/µL", 1, 2500),
    "RespRate": ("breaths/min", 1, 100),
    "SaO2": ("%", 30, 100),
    "SysABP": ("mmHg", 30, 300),
    "Temp": ("°C", 24, 43),
    "TroponinI": ("µg/L", 0, 1000),
    "TroponinT": ("µg/L", 0, 100),
    "Urine": ("mL in the hour", 0, 5000),
    "WBC": ("1000/µL", 0, 500),
    "Weight": ("kg", 20, 400),
    "pH": ("", 6.5, 8),
}
STATIC = {
    "Age": ("years", 15, 120),
    "Gender": ("0 female, 1 male", 0, 1),
    "Height": ("cm", 100, 230),
    "ICUType": ("1 coronary, 2 cardiac surgery, 3 medical, 4 surgical", 1, 4),
    "Weight": ("kg, at admission", 20, 400),
}


class Stays(NamedTuple):
    """Stays in intensive care, one a row.

    Attributes
    ----------
    values : float32 array (N, 48, F)
        The measurements of each hour, in the units of `MEASUREMENTS`: their mean, for urine their sum; NaN where
        nothing was measured.
    static : float32 array (N, S)
        What is known at admission, in the order of `STATIC`; NaN where unknown.
    died : int64 array (N,)
        1 for death in hospital, 0 for discharge.
    patient : int64 array (N,)
        The stay's number. No patient has two.
    scores : float32 array (N, 2)
        SAPS-I and SOFA, computed by the Challenge from the first day; NaN where unknown.
    later : float32 array (N, 2)
        What became known later: days in hospital, and days from admission to death, after discharge, too. NaN where
        unknown or not recorded. A target in training at most, never an input.
    risk : float32 array (N,), optional
        In simulated stays the true risk of death, 0 to 1.
    """

    values: np.ndarray
    static: np.ndarray
    died: np.ndarray
    patient: np.ndarray
    scores: np.ndarray
    later: np.ndarray
    risk: np.ndarray | None = None


class ICU(NamedTuple):
    """Two sets of stays, `train` and `test`; the names of what was measured; and where it is from."""

    train: Stays
    test: Stays
    measurements: tuple
    static: tuple
    source: str
    licence: str
    citation: str

    def __repr__(self):
        kind = "real stays" if self.source == FOLDER else "GENERATED stays (simulator)"
        sizes = " / ".join(f"{len(s.died)} ({s.died.mean():.1%} died)" for s in (self.train, self.test))
        return f"ICU: {kind}, train / test {sizes}, {len(self.measurements)} measurements, licence {self.licence}"


def load_icu(source="auto", verify=True):
    """Load the Challenge's sets a (train) and b (test), or stays from the simulator.

    Parameters
    ----------
    source : {"auto", "real", "simulator"}
        ``"auto"`` looks for a folder ``physionet-2012`` in ``$COURSE_DATA_DIR`` and in the user's cache, then fetches
        the files from PhysioNet, and if that fails simulates stays and says so. ``"real"`` never falls back;
        ``"simulator"`` never touches disk or network.
    verify : bool
        Whether files on this computer must have the official MD5. (A download always must.)

    Returns
    -------
    ICU
        ``train`` and ``test`` (each :class:`Stays`), and ``source``: ``"physionet-2012"`` or ``"simulator"``.

    Raises
    ------
    ValueError
        For an unknown source.
    DataError
        For a file that is damaged or not what it should be; with ``source="real"`` also when it cannot be had.

    Examples
    --------
    >>> icu = load_icu(source="simulator")
    *** GENERATED DATA (simulator), not real patients
    >>> icu.train.values.shape[1:], len(icu.measurements)
    ((48, 37), 37)
    """
    if source not in ("auto", "real", "simulator"):
        raise ValueError(f'source is "auto", "real" or "simulator", not {source!r}.')
    if source == "simulator":
        return _simulated(None)
    try:
        sets, place = [], "the network"
        for name in "ab":
            stays, outcomes, found = _files(name)
            place = found or place
            if verify:
                for path in (stays, outcomes):
                    if path.is_file():
                        store.check_md5(path, MD5[path.name])
            sets.append(read_stays(stays, outcomes))
    except store.DownloadError as error:
        if source == "real":
            raise
        return _simulated(f"the Challenge's files are not on this computer. {error}")
    icu = ICU(*sets, tuple(MEASUREMENTS), tuple(STATIC), FOLDER, LICENCE, CITATION)
    print(f"Data: {icu} (from {place})")
    return icu


def _simulated(why):
    from course_utils.data.icu_simulator import simulate_icu

    print(f"*** {notice('simulator', why)}")
    return simulate_icu()


def _files(name):
    """The stays (zip or folder) and the outcomes of set a or b, and where they were found; fetched if need be."""
    found = []
    for wanted, other in ((f"set-{name}.zip", f"set-{name}"), (f"Outcomes-{name}.txt", None)):
        path, place = store.find(f"{FOLDER}/{wanted}")
        if path is None and other:
            unpacked = {name: folder / FOLDER / other for name, folder in store.folders().items()}
            place, path = next(((name, path) for name, path in unpacked.items() if os.path.isdir(path)), (None, None))
        if path is None:
            place = None
            path = fetch_file(wanted)
        found.append(path)
    return *found, place


def fetch_file(name):
    """Bring one of the four official files (see `MD5`) to this computer; see :func:`course_utils.data.store.fetch`."""
    return store.fetch(URL + name, name, MD5[name], folder=store.download_folder() / FOLDER)


def read_stays(stays, outcomes, cache=True):
    """Read a set in the Challenge's official form.

    Parameters
    ----------
    stays : path
        A zip or a folder that holds one text file a stay.
    outcomes : path
        The table `RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death`.
    cache : bool
        Whether to keep the result in the user's cache folder, and to take it from there if the files are unchanged.

    Returns
    -------
    Stays
        In the order of their numbers. What had to be left out is printed: lines that are not of the form
        `HH:MM,Parameter,Value`, values outside the plausible range, stays without outcome, outcomes without stay.

    Raises
    ------
    DataError
        If a file cannot be read, or holds no stay with an outcome.
    """
    stays, outcomes = Path(stays), Path(outcomes)
    kept = _cache_file(stays, outcomes) if cache else None
    if kept is not None and os.path.isfile(kept):
        try:
            with np.load(kept, allow_pickle=False) as file:
                return Stays(*(file[name] for name in Stays._fields[:-1]))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            kept.unlink(missing_ok=True)  # cut off while writing, or of an older version: read again
    table = _outcomes(outcomes)
    numbers, texts = _texts(stays)
    with_both = [i for i, number in enumerate(numbers) if number in table.index]
    _report(len(numbers) - len(with_both), "stay(s) without an outcome", stays)
    _report(len(set(table.index) - set(numbers)), "outcome(s) without a stay", outcomes)
    if not with_both:
        raise store.DataError(f"No stay in {stays} has an outcome in {outcomes}. Do the two files belong together?")
    numbers = np.array([numbers[i] for i in with_both])
    texts = [texts[i] for i in with_both]
    blocks = [_grid(texts[i : i + 500]) for i in range(0, len(texts), 500)]  # 500 at a time, for the sake of memory
    values, static = (np.concatenate([block[k] for block in blocks]) for k in (0, 1))
    _report(sum(block[2] for block in blocks), "line(s) that are not of the form HH:MM,Parameter,Value", stays)
    _report(sum(block[3] for block in blocks), "value(s) outside the plausible range", stays)
    rows = table.loc[numbers]
    known = rows[["SAPS-I", "SOFA", "Length_of_stay", "Survival"]].to_numpy("float32")
    known[known < 0] = np.nan
    died = rows["In-hospital_death"].to_numpy("int64")
    result = Stays(values, static, died, numbers.astype("int64"), known[:, :2], known[:, 2:])
    if kept is not None:
        _keep(kept, result)
    return result


def _cache_file(stays, outcomes):
    """Where the parsed form of exactly these files is kept: the name is made from their content and from this code."""
    digest = hashlib.md5(Path(__file__).read_bytes())
    for path in (stays, outcomes):
        if path.is_dir():  # thousands of files: their names, sizes and times stand for their content
            entries = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in os.scandir(path))
            digest.update(repr(entries).encode())
        elif path.is_file():
            digest.update(path.read_bytes())
        else:
            raise store.DataError(f"There is no {path}.")
    return store.cache_folder() / FOLDER / f"{stays.stem}-{digest.hexdigest()}.npz"


def _keep(path, result):
    """Write the cache under a temporary name and rename it; a disk that is full or read-only only costs time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # goes, whatever happens
            new = Path(folder) / path.name
            np.savez(new, **{name: array for name, array in result._asdict().items() if array is not None})
            os.replace(new, path)
    except OSError as error:
        print(
            f"Note: {path.parent} cannot be written to ({error.strerror}), so the next load takes as long as this one."
        )


def _outcomes(path):
    try:
        table = pd.read_csv(path, encoding="latin-1")
        table = table.set_index("RecordID")[
            ["SAPS-I", "SOFA", "Length_of_stay", "Survival", "In-hospital_death"]
        ].astype(float)
    except (OSError, KeyError, ValueError) as error:
        raise store.DataError(
            f"{path} is not a table of outcomes (RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death): "
            f"{error}"
        ) from None
    unknown = ~table["In-hospital_death"].isin([0, 1])
    _report(int(unknown.sum()), "outcome(s) that are neither 0 nor 1", path)
    table = table[~unknown]
    twice = table.index.duplicated()
    _report(int(twice.sum()), "outcome(s) of a stay that has one already", path)
    return table[~twice]


def _texts(path):
    """Numbers of all stays, sorted, and their files' contents."""
    found = {}
    try:
        if path.is_dir():
            for file in path.glob("*.txt"):
                if file.stem.isdigit():
                    found[int(file.stem)] = file.read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    stem = Path(name).stem
                    if name.endswith(".txt") and stem.isdigit():
                        found[int(stem)] = archive.read(name)
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise store.DataError(f"{path} cannot be read ({error}). Delete it and ask again to fetch it anew.") from None
    if not found:
        raise store.DataError(f"{path} holds no stays: files named 132539.txt and the like are wanted.")
    numbers = sorted(found)
    return numbers, [found[number] for number in numbers]


def _grid(texts):
    """All stays' lines at once -> values (N, 48, F), static (N, S), malformed lines, implausible values."""
    n = len(texts)
    # Each line gets its stay's place in front; one table for all is many times faster than one a stay.
    lines = b"".join(
        b"\n%d," % i + text.replace(b"\r\n", b"\n").strip(b"\n").replace(b"\n", b"\n%d," % i)
        for i, text in enumerate(texts)
    )
    table = pd.read_csv(
        io.BytesIO(lines),
        names=["stay", "time", "parameter", "value"],
        dtype=str,
        header=None,
        quoting=csv.QUOTE_NONE,
        encoding="latin-1",
        on_bad_lines="skip",
        index_col=False,
        keep_default_na=False,
    )
    too_long = lines.count(b"\n") - len(table)  # lines with a comma too many, skipped
    stay = pd.to_numeric(table["stay"], errors="coerce").to_numpy()
    minute = _of_unique(table["time"], _minute)
    value = pd.to_numeric(table["value"], errors="coerce").to_numpy()
    known = {name: k for k, name in enumerate(MEASUREMENTS)}
    at_admission = {name: k for k, name in enumerate(STATIC)}
    feature = _of_unique(table["parameter"], lambda name: known.get(name, np.nan))
    fixed = _of_unique(table["parameter"], lambda name: at_admission.get(name, np.nan))
    heading = ((table["time"] == "Time") | (table["parameter"] == "RecordID")).to_numpy()
    sound = np.isfinite(stay) & np.isfinite(minute) & np.isfinite(value)
    sound &= np.isfinite(feature) | np.isfinite(fixed)
    malformed = int((~sound & ~heading).sum()) + too_long
    sound &= value != -1  # unknown

    first = sound & np.isfinite(fixed) & (minute == 0)
    static, odd = np.full((n, len(STATIC)), np.nan, "float32"), 0
    low, high = np.array([limits[1:] for limits in STATIC.values()]).T
    place, column = stay[first].astype(int), fixed[first].astype(int)
    plausible = (value[first] >= low[column]) & (value[first] <= high[column])
    odd += int((~plausible).sum())
    static[place[plausible], column[plausible]] = value[first][plausible]

    later = sound & np.isfinite(feature)
    low, high = np.array([limits[1:] for limits in MEASUREMENTS.values()]).T
    column, measured = feature[later].astype(int), value[later]
    plausible = (measured >= low[column]) & (measured <= high[column])
    odd += int((~plausible).sum())
    hour = np.minimum(minute[later].astype(int) // 60, HOURS - 1)
    cell = ((stay[later].astype(int) * HOURS + hour) * len(MEASUREMENTS) + column)[plausible]
    cells = n * HOURS * len(MEASUREMENTS)
    total = np.bincount(cell, measured[plausible], minlength=cells).reshape(n, HOURS, -1)
    count = np.bincount(cell, minlength=cells).reshape(n, HOURS, -1)
    urine = known["Urine"]
    with np.errstate(invalid="ignore"):
        values = (total / count).astype("float32")
    values[..., urine] = np.where(count[..., urine] > 0, total[..., urine], np.nan)
    return values, static, malformed, odd


def _minute(text):
    """Minutes since admission of "HH:MM", up to 48:00; NaN for anything else."""
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and int(minutes) < 60):
        return np.nan
    total = 60 * int(hours) + int(minutes)
    return total if total <= 60 * HOURS else np.nan


def _of_unique(column, function):
    """`function` of each text, computed once for each different one."""
    codes, unique = pd.factorize(column)
    return np.array([function(text) for text in unique], float)[codes]


def _report(count, what, path):
    if count:
        print(f"Note: {path.name} holds {count} {what}; left out.")
