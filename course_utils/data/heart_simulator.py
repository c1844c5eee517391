"""Four simulated hospitals whose patients' risk of disease is known. What is planted:

- **Risk**: logit = -5.8 + 0.05 age + 1.2 sex + 0.9 (chest pain - 3) + 0.8 exercise angina + 0.7 ST depression
  - 0.025 (maximal heart rate - 140) + 1.2 vessels coloured, the same in every hospital, but for its constant: `SENT`.
- **Other patients** are sent to each hospital: `SENT` adds to the constant (as if half of what made the doctors send
  them there had not been written down), to the age, and gives the share of men.
- **Other habits** of recording: `UNKNOWN` is the share of a hospital's patients for whom a feature was not recorded.
- **A trap**: Zurich writes 0 for a cholesterol that nobody measured, and Long Beach does so in a quarter.
- Blood pressure, cholesterol, sugar, ECG, ST slope and thallium scan tell nothing about the risk beyond the others.
"""

import numpy as np

from course_utils.data.heart import CITATION, FEATURES, HOSPITALS, LICENCE, Heart, Hospital

SIZES = dict(zip(HOSPITALS, (303, 294, 123, 200), strict=True))  # those of the real files
SENT = dict(zip(HOSPITALS, ((0, 0, 0.68), (-0.6, -6, 0.72), (2.9, 1, 0.92), (1.0, 5, 0.97)), strict=True))
UNKNOWN = {
    "Cleveland": {"vessels coloured": 0.01, "thallium scan": 0.01},
    "Budapest": {"ST slope": 0.65, "vessels coloured": 0.99, "thallium scan": 0.9, "cholesterol": 0.08},
    "Zurich": {"fasting sugar above 120": 0.6, "ST slope": 0.14, "vessels coloured": 0.96, "thallium scan": 0.42},
    "Long Beach": {"resting blood pressure": 0.28, "maximal heart rate": 0.26, "exercise angina": 0.26}
    | {"ST depression": 0.28, "ST slope": 0.5, "vessels coloured": 0.99, "thallium scan": 0.83},
}
ZERO_CHOLESTEROL = {"Zurich": 1, "Long Beach": 0.25}


def simulate_heart(seed=0, times=1):
    """Simulated patients in the form of :func:`course_utils.data.load_heart`, with their true risk of disease.

    Parameters
    ----------
    seed : int
        The same seed gives the same patients.
    times : int
        How many times as many patients as the real files have.

    Returns
    -------
    Heart
        ``source`` is ``"simulator"``; each hospital has its ``risk``, and a ``narrowing`` of 0 or 1 drawn from it.

    Examples
    --------
    >>> simulate_heart().hospitals["Zurich"].values.shape
    (123, 13)
    """
    rng = np.random.default_rng(seed)
    hospitals = {name: _hospital(rng, name, times * size) for name, size in SIZES.items()}
    return Heart(hospitals, tuple(FEATURES), "simulator", LICENCE, CITATION)


def _hospital(rng, name, n):
    constant, older, men = SENT[name]
    age = np.clip(rng.normal(54 + older, 9, n), 28, 80).round()
    sex = rng.random(n) < men
    pain = rng.choice([1, 2, 3, 4], n, p=[0.07, 0.18, 0.25, 0.5])
    peak = np.clip(rng.normal(142 - 0.8 * (age - 54), 20, n), 60, 202).round()
    angina = rng.random(n) < np.where(pain == 4, 0.55, 0.15)
    depression = np.clip(rng.gamma(0.8, 1.1, n) + 0.5 * angina, 0, 6.2).round(1)
    vessels = rng.choice(4, n, p=[0.6, 0.21, 0.12, 0.07])
    score = -5.8 + constant + 0.05 * age + 1.2 * sex + 0.9 * (pain - 3) + 0.8 * angina
    risk = 1 / (1 + np.exp(-(score + 0.7 * depression - 0.025 * (peak - 140) + 1.2 * vessels)))
    slope = np.where(depression > 2.5, 3, np.where(rng.random(n) < 0.2 + 0.25 * depression, 2, 1))
    cholesterol = np.clip(rng.normal(245, 55, n), 100, 600).round()
    cholesterol[rng.random(n) < ZERO_CHOLESTEROL.get(name, 0)] = 0
    pressure = np.clip(rng.normal(132, 18, n), 90, 200).round()
    scan = rng.choice([3, 6, 7], n, p=[0.55, 0.06, 0.39])
    ecg, sugar = rng.choice(3, n, p=[0.6, 0.15, 0.25]), rng.random(n) < 0.15
    columns = (age, sex, pain, pressure, cholesterol, sugar, ecg, peak, angina, depression, slope, vessels, scan)
    values = np.stack(columns, axis=1).astype("float32")
    for feature, share in UNKNOWN[name].items():
        values[rng.random(n) < share, list(FEATURES).index(feature)] = np.nan
    return Hospital(values, (rng.random(n) < risk).astype("int64"), risk)
