"""Real and generated data, in one form: see :func:`load_medmnist` and :func:`make_phantom`."""

from course_utils.data.medmnist import Dataset, Split, load_medmnist, notice
from course_utils.data.phantoms import make_phantom
from course_utils.data.store import DataError

__all__ = ["DataError", "Dataset", "Split", "load_medmnist", "make_phantom", "notice"]
