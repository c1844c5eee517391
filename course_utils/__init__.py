"""What the notebooks of *Deep Learning for Medical Diagnosis* import.

Small enough to read in one sitting, and worth reading. The names below are loaded when first used, so that
``import course_utils`` is instant and TensorFlow is imported only by cells that need it.

Nothing here is for clinical use.
"""

import importlib
import logging

# Once on each computer matplotlib lists its fonts and says so on standard error, where it looks like a fault.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

_HOME = {
    "setup": "device",
    "load_medmnist": "data",
    "make_phantom": "data",
    "load_icu": "data",
    "simulate_icu": "data",
    "load_heart": "data",
    "simulate_heart": "data",
    "best_auroc": "data",
    "DataError": "data",
    "fit": "training",
    "build_cnn": "models",
    "auc": "measures",
    "auc_difference": "bootstrap",
    "accuracy": "measures",
    "evaluate": "bootstrap",
    "binary_report": "bootstrap",
    "risk_report": "bootstrap",
    "choose_threshold": "measures",
    "show_results": "display",
    "show": "display",
    "check": "exercises",
    "hint": "exercises",
    "quiz": "exercises",
    "progress": "exercises",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"course_utils has no {name!r}; it offers {', '.join(__all__)}")
    return getattr(importlib.import_module(f"course_utils.{_HOME[name]}"), name)


def __dir__():
    return sorted([*globals(), *__all__])
