"""Real and generated data, in one form: see :func:`load_medmnist`, :func:`load_icu` and :func:`load_heart`."""

from course_utils.data import catalogue, physionet, uci
from course_utils.data.heart import Heart, Hospital
from course_utils.data.heart_simulator import simulate_heart
from course_utils.data.icu_simulator import best_auroc, simulate_icu
from course_utils.data.images import Dataset, Split, checked
from course_utils.data.medmnist import read_npz
from course_utils.data.phantoms import make_phantom
from course_utils.data.source import notice, real_or_generated
from course_utils.data.stays import CITATION, ICU, MEASUREMENTS, STATIC, Stays
from course_utils.data.store import DataError
from course_utils.device import small

__all__ = [
    "ICU",
    "MEASUREMENTS",
    "STATIC",
    "DataError",
    "Dataset",
    "Heart",
    "Hospital",
    "Split",
    "Stays",
    "best_auroc",
    "load_heart",
    "load_icu",
    "load_medmnist",
    "make_phantom",
    "notice",
    "simulate_heart",
    "simulate_icu",
]


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
    name = checked(name, size)
    (file,) = catalogue.files(name, size)

    def real():
        path, place = catalogue.bring(file, verify)
        return read_npz(path, name, size), place

    return real_or_generated(
        source, "phantom", real, lambda: make_phantom(name, size), f"{file.path} is not on this computer."
    )


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

    def real():
        (stays_a, _), (table_a, _), (stays_b, _), (table_b, place) = (
            catalogue.bring(file, verify) for file in catalogue.files("icu")
        )
        sets = physionet.read_stays(stays_a, table_a), physionet.read_stays(stays_b, table_b)
        return ICU(*sets, tuple(MEASUREMENTS), tuple(STATIC), physionet.FOLDER, physionet.LICENCE, CITATION), place

    def generated():
        return simulate_icu(1000, 1000) if small() else simulate_icu()

    return real_or_generated(source, "simulator", real, generated, "the Challenge's files are not on this computer.")


def load_heart(source="auto", verify=True):
    """Load the patients of four hospitals who had their coronary arteries looked at, or simulated ones.

    Parameters
    ----------
    source : {"auto", "real", "simulator"}
        ``"auto"`` looks for a folder ``uci-heart-disease`` in ``$COURSE_DATA_DIR`` and in the user's cache, then
        fetches the files from UCI, and if that fails simulates patients and says so. ``"real"`` never falls back;
        ``"simulator"`` never touches disk or network.
    verify : bool
        Whether files on this computer must have the official MD5. (A download always must.)

    Returns
    -------
    Heart
        ``hospitals``, a dict of four :class:`Hospital`, and ``source``: ``"uci-heart-disease"`` or ``"simulator"``.

    Raises
    ------
    ValueError
        For an unknown source.
    DataError
        For a file that is damaged or not what it should be; with ``source="real"`` also when it cannot be had.

    Examples
    --------
    >>> heart = load_heart(source="simulator")
    *** GENERATED DATA (simulator), not real patients
    >>> heart.hospitals["Cleveland"].values.shape, len(heart.features)
    ((303, 13), 13)
    """

    def real():
        brought = [catalogue.bring(file, verify) for file in catalogue.files("heart")]
        return uci.read_heart([path for path, _ in brought]), brought[-1][1]

    return real_or_generated(
        source, "simulator", real, simulate_heart, "the files of the four hospitals are not on this computer."
    )
