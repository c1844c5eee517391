"""The one list of all that can be fetched: where each file comes from, where it goes, and how it is checked.

A new data set is an entry in `SETS`: the commands `course data`, `course doctor` and `course pack`, Binder's script and
the image follow this list and know no file by themselves.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from course_utils.data import heart, medmnist, physionet, stays, store, uci
from course_utils.data.images import INFO, NAMES, SIZES, known_name

CHAPTERS = ("breastmnist", "icu")  # the sets that the chapters ask for
BYTES = {"breastmnist.npz": 559_580}  # of MedMNIST's files, whose list does not tell


class File(NamedTuple):
    """A file that can be fetched.

    Attributes
    ----------
    path : str
        Its folder, if it has one, and its name, in any of :func:`course_utils.data.store.folders`.
    url, md5 : str
        Its official address, and its 32 hexadecimal digits.
    bytes : int or None
        Its size, where known.
    pixels : int or None
        Height and width of its images, in a set that comes in several sizes.
    read : callable or None
        Reads a path to see whether the file is sound, and raises DataError if not.
    """

    path: str
    url: str
    md5: str
    bytes: int | None = None
    pixels: int | None = None
    read: Callable | None = None

    @property
    def name(self):
        """The file's name, without its folder."""
        return self.path.rpartition("/")[2]


class Entry(NamedTuple):
    """A data set: its files, and what one has to know of it before using it."""

    what: str
    licence: str
    citation: str
    files: tuple[File, ...]


def _medmnist(name):
    info, files = INFO[name], []
    for size in SIZES:
        end = "" if size == 28 else f"_{size}"
        path, read = f"{name}{end}.npz", partial(medmnist.read_npz, name=name, size=size)
        files.append(File(path, info[f"url{end}"], info[f"MD5{end}"], BYTES.get(path), size, read))
    counts = " / ".join(str(info["n_samples"][split]) for split in ("train", "val", "test"))
    what = f"{info['task']}, {len(info['label'])} classes, {counts} images"
    return Entry(what, info["license"], medmnist.CITATION, tuple(files))


def _physionet(name, md5, size):
    return File(f"{physionet.FOLDER}/{name}", f"https://physionet.org/files/challenge-2012/1.0.0/{name}", md5, size)


def _heart(place, md5, size):
    folder = "https://archive.ics.uci.edu/ml/machine-learning-databases/heart-disease"
    return File(f"{uci.HEART}/processed.{place}.data", f"{folder}/processed.{place}.data", md5, size)


SETS = {name: _medmnist(name) for name in NAMES} | {
    "icu": Entry(
        "PhysioNet Challenge 2012, 8,000 ICU stays",
        physionet.LICENCE,
        stays.CITATION,
        (
            _physionet("set-a.zip", "6c8706189c0409a4a93927ff7c4d6aa0", 7_399_711),
            _physionet("Outcomes-a.txt", "69f10987a4684e86c5b6aa122f3b9df2", 79_219),
            _physionet("set-b.zip", "4eed6e9b4d77ee1173db89f45176c6f5", 7_138_791),
            _physionet("Outcomes-b.txt", "0f71fa7975c855d542da6d7333827a51", 79_149),
        ),
    ),
    "heart": Entry(
        "UCI heart disease, 920 patients of four hospitals",
        heart.LICENCE,
        heart.CITATION,
        (  # in the order of heart.HOSPITALS
            _heart("cleveland", "2d91a8ff69cfd9616aa47b59d6f843db", 18_461),
            _heart("hungarian", "22e96bee155b5973568101c93b3705f6", 10_263),
            _heart("switzerland", "9a87f7577310b3917730d06ba9349e20", 4_109),
            _heart("va", "4249d03ca7711e84f4444768c9426170", 6_737),
        ),
    ),
}


def files(name, pixels=28):
    """The files of a set; of one that comes in several sizes, the file of that size.

    Raises
    ------
    ValueError
        If there is no such set (with the nearest known name), or it has no such size.
    """
    name = known_name(name, SETS, "data set")
    found = [file for file in SETS[name].files if file.pixels in (None, pixels)]
    if not found:
        sizes = ", ".join(str(file.pixels) for file in SETS[name].files)
        raise ValueError(f"{name} has no size {pixels}; it has {sizes}.")
    return found


def present():
    """Every file of the catalogue on this computer, each of its copies: yields (set's name, File, path, place)."""
    for name, entry in SETS.items():
        for file in entry.files:
            for place, folder in store.folders().items():
                if os.path.isfile(folder / file.path):  # Path.is_file fails on a folder that may not be entered
                    yield name, file, folder / file.path, place


def fetch(file, folder=None):
    """Bring a :class:`File` to a folder of data, by default :func:`store.download_folder`, and return its path."""
    return store.fetch(file.url, file.name, file.md5, (Path(folder or store.download_folder()) / file.path).parent)


def bring(file, verify=True):
    """A :class:`File` on this computer, fetched if need be: its path, and where it was found, in words.

    A zip may be there unpacked: then the path is that of the folder, named as the zip without its ending.

    Raises
    ------
    DataError
        If what is there is not the official file (unless `verify` is False), or cannot be fetched.
    """
    path, place = store.find(file.path)
    if path is None:
        for place, folder in store.folders().items() if file.path.endswith(".zip") else ():
            if os.path.isdir(unpacked := folder / file.path.removesuffix(".zip")):
                return unpacked, place
        return fetch(file), "the network"
    if verify:
        store.check_md5(path, file.md5)
    return path, place


def check(file, path):
    """Raise DataError unless the file at `path` is the official one and holds what it should."""
    store.check_md5(path, file.md5)
    if file.read:
        file.read(path)


def servers():
    """The addresses, such as "https://zenodo.org", from which the chapters' data comes."""
    parts = [urlsplit(file.url) for name in CHAPTERS for file in files(name)]
    return list(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))
