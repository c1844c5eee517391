"""Intensive care stays, real or simulated, in one form: an hourly grid of measurements, and who died in hospital.

It is the form of the PhysioNet/CinC Challenge 2012, put on a grid.
"""

from typing import NamedTuple

import numpy as np

HOURS = 48
CITATION = (
    "Silva I, Moody G, Scott DJ, Celi LA, Mark RG. Predicting in-hospital mortality of ICU patients: the "
    "PhysioNet/Computing in Cardiology Challenge 2012. Computing in Cardiology 39, 245-248 (2012)."
)

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
        kind = "GENERATED stays (simulator)" if self.source == "simulator" else "real stays"
        sizes = " / ".join(f"{len(s.died)} ({s.died.mean():.1%} died)" for s in (self.train, self.test))
        return f"ICU: {kind}, train / test {sizes}, {len(self.measurements)} measurements, licence {self.licence}"
