"""MedMNIST v2: twelve sets of small medical images in one form (Yang et al., Scientific Data 10:41, 2023)."""

import difflib
import math
import os
import warnings
import zipfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

import numpy as np

from course_utils.data import store
from course_utils.data.archive import check_members, reason

with warnings.catch_warnings(), redirect_stdout(StringIO()):  # without torch, importing medmnist prints a complaint
    warnings.simplefilter("ignore")
    from medmnist.info import INFO

NAMES = tuple(name for name, info in INFO.items() if not name.endswith("3d"))
SIZES = (28, 64, 128, 224)  # pixels
CITATION = (
    "Yang J, Shi R, Wei D, et al. MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D biomedical image "
    "classification. Scientific Data 10, 41 (2023). https://doi.org/10.1038/s41597-022-01721-8"
)
# Which class is the disease that a binary set is about. (In BreastMNIST it is class 0!)
POSITIVE = {"breastmnist": 0, "pneumoniamnist": 1}


class Split(NamedTuple):
    """One of a data set's three parts.

    Attributes
    ----------
    images : uint8 array (N, H, W, C)
        Grey values or RGB, 0 to 255.
    labels : int64 array (N,), or (N, L) for a multi-label set
        Class numbers; in a multi-label set 0 or 1 for each of L findings.
    masks : bool array (N, H, W) or None
        Where the lesion is; only phantoms know.
    severity : float32 array (N,) or None
        How marked the disease is, 0 to 1; only phantoms know.
    """

    images: np.ndarray
    labels: np.ndarray
    masks: np.ndarray | None = None
    severity: np.ndarray | None = None


@dataclass(frozen=True)
class Dataset:
    """A MedMNIST data set, or a phantom of one; see :func:`load_medmnist`."""

    name: str
    size: int  # pixels
    source: str  # "medmnist" (real) or "phantom" (generated)
    task: str  # "binary-class", "multi-class", "multi-label, binary-class" or "ordinal-regression"
    class_names: list
    licence: str
    citation: str
    train: Split
    val: Split
    test: Split

    @property
    def channels(self):
        """1 for grey images, 3 for colour."""
        return self.train.images.shape[-1]

    @property
    def positive(self):
        """Number of the class that is the disease, in a binary set; None in other sets."""
        return POSITIVE.get(self.name)

    def __repr__(self):
        kind = "real images" if self.source == "medmnist" else "GENERATED images (phantoms)"
        sizes = " / ".join(str(len(split.images)) for split in (self.train, self.val, self.test))
        return (
            f"{self.name}: {kind}, {self.size}x{self.size}x{self.channels}, train / val / test {sizes}, "
            f"{len(self.class_names)} classes ({self.task}), licence {self.licence}"
        )


def notice(source, why=None):
    """The sentence that must stand wherever generated data is used; None for real data.

    Parameters
    ----------
    source : str or None
        A data set's ``.source``.
    why : str, optional
        The reason, appended.
    """
    if source not in ("phantom", "simulator"):
        return None
    return f"GENERATED DATA ({source}), not real patients" + (f": {why}" if why else "")


def load_medmnist(name, size=28, source="auto", verify=True):
    """Load a MedMNIST data set, from this computer or from the network, or a phantom of it.

    Parameters
    ----------
    name : str
        One of the twelve 2D names, ``"breastmnist"`` say; upper and lower case are alike.
    size : {28, 64, 128, 224}
        Height and width in pixels.
    source : {"auto", "real", "phantom"}
        ``"auto"`` looks in ``$COURSE_DATA_DIR``, in the user's cache and in ``~/.medmnist``, then fetches the file
        from its official address, and if that fails falls back to generated phantoms and says so. ``"real"`` never
        falls back; ``"phantom"`` never touches disk or network.
    verify : bool
        Whether a file on this computer must have the official MD5. (A download always must.)

    Returns
    -------
    Dataset
        With ``train``, ``val`` and ``test`` (each a :class:`Split`), ``task``, ``class_names``, ``licence``,
        ``citation`` and ``source``: ``"medmnist"`` or ``"phantom"``.

    Raises
    ------
    ValueError
        For an unknown name, size or source.
    DataError
        For a file that is damaged or not what it should be; with ``source="real"`` also when it cannot be had.

    Examples
    --------
    >>> data = load_medmnist("breastmnist", source="phantom")
    *** GENERATED DATA (phantom), not real patients
    >>> data.train.images.shape, data.train.images.dtype, data.class_names[data.positive]
    ((546, 28, 28, 1), dtype('uint8'), 'malignant')
    """
    name = known_name(name)
    if size not in SIZES:
        raise ValueError(f"MedMNIST has no size {size!r}; it has {', '.join(map(str, SIZES))}.")
    if source not in ("auto", "real", "phantom"):
        raise ValueError(f'source is "auto", "real" or "phantom", not {source!r}.')
    if source == "phantom":
        return _phantom(name, size, None)

    path, place = store.find(filename(name, size))
    if path is None:
        try:
            path, place = fetch_medmnist(name, size), "the network"
        except store.DownloadError as error:
            if source == "real":
                raise
            return _phantom(name, size, f"{filename(name, size)} is not on this computer. {error}")
    elif verify:
        store.check_md5(path, md5(name, size))
    data = read_npz(path, name, size)
    print(f"Data: {data} (from {place})")
    return data


def known_name(name):
    """`name` in lower case if it is one of the twelve; otherwise ValueError with the nearest known name."""
    wanted = str(name).lower()
    if wanted in NAMES:
        return wanted
    near = difflib.get_close_matches(wanted, NAMES, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known names: {', '.join(NAMES)}."
    raise ValueError(f"There is no 2D MedMNIST data set {name!r}. {hint}")


def filename(name, size):
    return f"{name}.npz" if size == 28 else f"{name}_{size}.npz"


def md5(name, size):
    return INFO[name]["MD5" if size == 28 else f"MD5_{size}"]


def fetch_medmnist(name, size=28):
    """Bring a file from its official address to this computer; see :func:`course_utils.data.store.fetch`."""
    url = INFO[name]["url" if size == 28 else f"url_{size}"]
    return store.fetch(url, filename(name, size), md5(name, size))


def read_npz(path, name, size):
    """Read and check one of MedMNIST's files.

    Raises
    ------
    DataError
        For a file that is not an .npz archive or damaged, that lacks an array, holds Python objects, or whose arrays
        have the wrong dtype, shape or label values. Memory stays below a hundred times the file's size.
    """
    info = INFO[name]
    channels, n_classes = info["n_channels"], len(info["label"])
    multi_label = info["task"].startswith("multi-label")
    columns = n_classes if multi_label else 1

    def wrong(what):
        return store.DataError(f"{path} is not a {name} file of size {size}: {what}. Delete it and fetch it anew.")

    splits = {}
    try:
        with zipfile.ZipFile(path) as archive:
            check_members(archive, os.path.getsize(path))
            names = archive.namelist()
            for split in ("train", "val", "test"):
                # The headers first: an array that is not as it should be is never read.
                headers = []
                for key in (f"{split}_images", f"{split}_labels"):
                    if names.count(f"{key}.npy") != 1:
                        raise wrong(f"it {'holds twice' if f'{key}.npy' in names else 'lacks'} the array {key}")
                    headers.append(_header(archive, key))
                    if headers[-1][1].hasobject:
                        raise wrong("it holds Python objects, which could run code when loaded, so it was not opened")
                (shape, dtype), (labels_shape, labels_dtype) = headers
                expected = (size, size) if channels == 1 else (size, size, channels)
                if dtype != np.uint8 or shape[1:] != expected or shape[0] < 1:
                    raise wrong(
                        f"{split}_images should be uint8 of shape (N, {', '.join(map(str, expected))}) and is "
                        f"{dtype} of shape {shape}"
                    )
                if labels_dtype.kind not in "ui" or labels_shape != (shape[0], columns):
                    raise wrong(
                        f"{split}_labels should be integers of shape ({shape[0]}, {columns}) and is "
                        f"{labels_dtype} of shape {labels_shape}"
                    )
                images, labels = _array(archive, f"{split}_images"), _array(archive, f"{split}_labels")
                largest = 1 if multi_label else n_classes - 1
                if labels.min() < 0 or labels.max() > largest:
                    raise wrong(f"{split}_labels should lie between 0 and {largest}")
                labels = labels.astype("int64") if multi_label else labels[:, 0].astype("int64")
                splits[split] = Split(images.reshape(-1, size, size, channels), labels)
    except store.DataError:
        raise
    except PermissionError:
        raise store.DataError(
            f"{path} may not be read by you: ask whoever owns it, or change its permissions."
        ) from None
    except MemoryError:
        raise store.DataError(f"{path} does not fit into the memory: take a smaller size, or close programs.") from None
    except Exception as error:  # a damaged file makes zipfile, zlib and NumPy raise errors of some fifteen kinds
        raise wrong(f"it is damaged or not an .npz archive ({reason(error)})") from None
    return _dataset(name, size, "medmnist", splits)


def _header(archive, key):
    """Shape and dtype of an array in an .npz, from its header, which must account for every byte."""
    member = archive.getinfo(f"{key}.npy")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        versions = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in versions:
            raise ValueError(f"{key} is of .npy version {version}, not 1.0 or 2.0")
        shape, _, dtype = versions[version](file)
        # Every byte, because a member's checksum is compared only when all of it has been read.
        if not dtype.hasobject and file.tell() + math.prod(shape) * dtype.itemsize != member.file_size:
            raise ValueError(f"{key} does not have the size that its header states")
    return shape, dtype


def _array(archive, key):
    with archive.open(f"{key}.npy") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _phantom(name, size, why):
    from course_utils.data.phantoms import make_phantom

    print(f"*** {notice('phantom', why)}")
    return make_phantom(name, size)


def _dataset(name, size, source, splits):
    info = INFO[name]
    generated = source == "phantom"
    return Dataset(
        name=name,
        size=size,
        source=source,
        task=info["task"],
        class_names=[info["label"][str(k)] for k in range(len(info["label"]))],
        licence="none needed (generated)" if generated else info["license"],
        citation="Generated by course_utils.data.phantoms; no patient behind it." if generated else CITATION,
        **splits,
    )


def files():
    """Every MedMNIST file on this computer: a list of (name, size, path, place)."""
    return [
        (name, size, folder / filename(name, size), place)
        for name in NAMES
        for size in SIZES
        for place, folder in store.folders().items()
        if os.path.isfile(folder / filename(name, size))
    ]
