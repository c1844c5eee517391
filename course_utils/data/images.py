"""Small medical images with labels, real or generated, in one form: MedMNIST's."""

import difflib
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

import numpy as np

with warnings.catch_warnings(), redirect_stdout(StringIO()):  # without torch, importing medmnist prints a complaint
    warnings.simplefilter("ignore")
    from medmnist.info import INFO

NAMES = tuple(name for name, info in INFO.items() if not name.endswith("3d"))
SIZES = (28, 64, 128, 224)  # pixels
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
    """A MedMNIST data set, or a phantom of one; see :func:`course_utils.data.load_medmnist`."""

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
    def positive(self):
        """Number of the class that is the disease, in a binary set; None in other sets."""
        return POSITIVE.get(self.name)

    def __repr__(self):
        kind = "real images" if self.source == "medmnist" else "GENERATED images (phantoms)"
        sizes = " / ".join(str(len(split.images)) for split in (self.train, self.val, self.test))
        return (
            f"{self.name}: {kind}, {self.size}x{self.size}x{self.train.images.shape[-1]}, train / val / test {sizes}, "
            f"{len(self.class_names)} classes ({self.task}), licence {self.licence}"
        )


def checked(name, size):
    """The name in lower case.

    Raises
    ------
    ValueError
        If it is not one of the twelve, with the nearest known name; or if MedMNIST has no images of that size.
    """
    name = known_name(name, NAMES, "2D MedMNIST data set")
    if size not in SIZES:
        raise ValueError(f"MedMNIST has no size {size!r}; it has {', '.join(map(str, SIZES))}.")
    return name


def known_name(name, names, kind):
    """`name` in lower case if it is one of `names`; otherwise ValueError: there is no such `kind`, and the nearest."""
    wanted = str(name).lower()
    if wanted in names:
        return wanted
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known names: {', '.join(names)}."
    raise ValueError(f"There is no {kind} {name!r}. {hint}")


def dataset(name, size, source, licence, citation, splits):
    """A :class:`Dataset` from its splits ({"train": Split, ...}); task and class names are MedMNIST's of that name."""
    info = INFO[name]
    class_names = [info["label"][str(k)] for k in range(len(info["label"]))]
    return Dataset(name, size, source, info["task"], class_names, licence, citation, **splits)
