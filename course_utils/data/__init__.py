"""Real and generated data, in one form: see :func:`load_medmnist`, :func:`make_phantom` and :func:`load_icu`."""

from course_utils.data.icu import ICU, Stays, load_icu
from course_utils.data.icu_simulator import best_auroc, simulate_icu
from course_utils.data.medmnist import Dataset, Split, load_medmnist, notice
from course_utils.data.phantoms import make_phantom
from course_utils.data.store import DataError

__all__ = [
    "ICU",
    "DataError",
    "Dataset",
    "Split",
    "Stays",
    "best_auroc",
    "load_icu",
    "load_medmnist",
    "make_phantom",
    "notice",
    "simulate_icu",
]
