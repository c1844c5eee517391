"""Readers of data sets in the form in which the UCI Machine Learning Repository gives them."""

import math
from pathlib import Path

import numpy as np

from course_utils.data import store
from course_utils.data.archive import reason
from course_utils.data.heart import CITATION, FEATURES, HOSPITALS, LICENCE, Heart, Hospital

HEART = "uci-heart-disease"
LARGEST = 2**20  # bytes; the official files have 18 thousand at most
UNKNOWN = ("?", "-9", "-9.0")


def read_heart(paths):
    """The four hospitals.

    Parameters
    ----------
    paths : sequence of four paths
        The files processed.*.data, in the order of `HOSPITALS`.

    Returns
    -------
    Heart
        With every row of the files, in their order; lines that are not of their form are left out, and counted.

    Raises
    ------
    DataError
        If a file cannot be read, or holds no patient.
    """
    hospitals = {name: _hospital(Path(path)) for name, path in zip(HOSPITALS, paths, strict=True)}
    return Heart(hospitals, tuple(FEATURES), HEART, LICENCE, CITATION)


def _hospital(path):
    try:
        if path.stat().st_size > LARGEST:
            raise store.DataError(f"{path} has more than 1 MB, which the official file has not: delete it, ask again.")
        lines = path.read_text(encoding="latin-1").split()
    except OSError as error:
        raise store.DataError(f"{path} cannot be read ({reason(error)}): see that you may, then ask again.") from None
    parsed = [row for line in lines if (row := _row(line)) is not None]
    if len(parsed) < len(lines):
        print(f"Note: {path.name} holds {len(lines) - len(parsed)} line(s) that are no patient; left out.")
    if not parsed:
        raise store.DataError(f"{path} holds no patients: lines of 13 values and the finding, 0 to 4, are wanted.")
    table = np.array(parsed)
    return Hospital(table[:, :-1].astype("float32"), table[:, -1].astype("int64"))


def _row(line):
    """The 14 numbers of a line, NaN for what is unknown; None if it is no such line."""
    try:
        row = [math.nan if field in UNKNOWN else float(field) for field in line.split(",")]
    except ValueError:
        return None
    whole = len(row) == len(FEATURES) + 1 and row[-1] in range(5)
    return row if whole and all(abs(value) < 1e4 or math.isnan(value) for value in row) else None
