"""Patients of four hospitals who came to have their coronary arteries looked at, real or simulated, in one form.

It is the form of the "processed" files of UCI's heart disease data.
"""

from typing import NamedTuple

import numpy as np

LICENCE = "CC BY 4.0"
CITATION = (
    "Janosi A, Steinbrunn W, Pfisterer M, Detrano R. Heart Disease. UCI Machine Learning Repository (1989), "
    "doi:10.24432/C52P4X."
)
HOSPITALS = ("Cleveland", "Budapest", "Zurich", "Long Beach")  # "Zurich": University Hospitals Zurich and Basel

# Unit or coding, as documented by those who gave the data; in the order of the files' columns.
FEATURES = {
    "age": "years",
    "sex": "0 female, 1 male",
    "chest pain": "1 typical angina, 2 atypical angina, 3 other pain, 4 none",
    "resting blood pressure": "mmHg, at admission",
    "cholesterol": "mg/dL",
    "fasting sugar above 120": "0 no, 1 yes (mg/dL)",
    "resting ECG": "0 normal, 1 ST-T abnormal, 2 left ventricular hypertrophy",
    "maximal heart rate": "beats/min, under exercise",
    "exercise angina": "0 no, 1 yes",
    "ST depression": "mm, by exercise relative to rest",
    "ST slope": "1 up, 2 flat, 3 down, at the peak of exercise",
    "vessels coloured": "0 to 3, by fluoroscopy",
    "thallium scan": "3 normal, 6 fixed defect, 7 reversible defect",
}


class Hospital(NamedTuple):
    """One hospital's patients, one a row.

    Attributes
    ----------
    values : float32 array (N, 13)
        In the order and units of `FEATURES`; NaN where unknown. A 0 stands as the hospital wrote it.
    narrowing : int64 array (N,)
        The finding, 0 to 4: 0 if no main vessel is narrowed by half or more, otherwise what the hospital counted;
        Budapest and the simulated hospitals say 1 for any disease.
    risk : float64 array (N,), optional
        Of simulated patients the true risk of disease, 0 to 1.
    """

    values: np.ndarray
    narrowing: np.ndarray
    risk: np.ndarray | None = None

    @property
    def disease(self):
        """1 for a narrowed vessel, 0 for none: int64 array (N,)."""
        return (self.narrowing > 0).astype("int64")


class Heart(NamedTuple):
    """Four hospitals, ``heart.hospitals["Cleveland"]`` say; the names of what is known; and where it is from."""

    hospitals: dict
    features: tuple
    source: str
    licence: str
    citation: str

    def __repr__(self):
        kind = "GENERATED patients (simulator)" if self.source == "simulator" else "real patients"
        sizes = ", ".join(
            f"{name} {len(one.narrowing)} ({one.disease.mean():.0%} diseased)" for name, one in self.hospitals.items()
        )
        return f"Heart: {kind}, {sizes}, {len(self.features)} features, licence {self.licence}"
