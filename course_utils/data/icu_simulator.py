"""A simulated intensive care unit whose patients' risk of death is known.

Each stay has a hidden **severity** that changes from hour to hour. What is measured depends on it, how often it is
measured depends on it, and whether the patient dies is drawn from a known risk. So the best AUROC that any model can
reach is known, too. What is planted:

- **Severity** s starts at 0.55 z + 0.5 (age - 64) / 17, with z standard normal, drifts by a trend of its own and by
  chance, and a treatment begun at s > 1 turns the trend down in most patients.
- **Risk** of death in hospital: logit = -2.9 + 1.3 s_end + 0.9 (s_end - s_start) + 0.7 max(s_end - 1.5, 0). The end of
  the 48 hours and the way there count, and very sick patients are at more than proportional risk.
- **Measurements** are a patient's own level plus `shift` per unit of severity plus noise; see `PLANTED`. Those with
  shift 0 tell nothing about the risk: Cholesterol, ALP, Mg, K, Na, Weight, HCT, TroponinI.
- **Informative missingness**: laboratory values are asked for more often in sicker patients, exp(0.5 s) times as often.
- **A subgroup with worse data**: in cardiac surgery (ICUType 2) all is measured half as often and with twice the noise.
- **A shortcut**, only if it is asked for: in training, Cholesterol was measured in a study that enrolled 40 of 100 who
  later died and 4 of 100 others. In the test set the study is over, and 4 of 100 have it in either group.
"""

import numpy as np

from course_utils.data.stays import CITATION, HOURS, ICU, MEASUREMENTS, STATIC, Stays

# level, spread between patients, shift per unit of severity, noise of a measurement, measurements an hour at severity 0
PLANTED = {
    "Albumin": (3.1, 0.4, -0.25, 0.15, 0.012),
    "ALP": (95, 30, 0, 12, 0.015),
    "ALT": (45, 15, 12, 8, 0.015),
    "AST": (60, 20, 20, 12, 0.015),
    "Bilirubin": (1.2, 0.4, 0.45, 0.2, 0.015),
    "BUN": (24, 8, 8, 3, 0.035),
    "Cholesterol": (155, 35, 0, 10, 0),
    "Creatinine": (1.2, 0.35, 0.4, 0.12, 0.035),
    "DiasABP": (60, 7, -3, 6, 0.5),
    "FiO2": (0.48, 0.06, 0.08, 0.05, 0.1),
    "GCS": (12.5, 1.2, -1.6, 0.9, 0.28),
    "Glucose": (135, 22, 10, 20, 0.035),
    "HCO3": (23.5, 2, -1.6, 1, 0.035),
    "HCT": (31, 3.5, 0, 1.2, 0.06),
    "HR": (86, 10, 6, 6, 0.88),
    "K": (4.1, 0.35, 0, 0.2, 0.04),
    "Lactate": (1.7, 0.4, 0.8, 0.3, 0.03),
    "MAP": (80, 8, -4, 7, 0.5),
    "MechVent": (1, 0, 0, 0, 0),
    "Mg": (2, 0.2, 0, 0.12, 0.035),
    "NIDiasABP": (59, 7, -3, 7, 0.35),
    "NIMAP": (78, 8, -4, 8, 0.35),
    "NISysABP": (119, 14, -6, 10, 0.35),
    "Na": (138.5, 3, 0, 1.2, 0.035),
    "PaCO2": (40, 4, 1, 3, 0.08),
    "PaO2": (145, 25, -12, 25, 0.08),
    "Platelets": (190, 60, -18, 15, 0.035),
    "RespRate": (19, 2.2, 1.8, 2.5, 0.25),
    "SaO2": (96.5, 0.8, -0.7, 0.8, 0.04),
    "SysABP": (120, 14, -6, 10, 0.5),
    "Temp": (37, 0.3, 0.1, 0.25, 0.32),
    "TroponinI": (4, 1.5, 0, 1, 0.002),
    "TroponinT": (0.4, 0.2, 0.2, 0.1, 0.01),
    "Urine": (115, 30, -28, 40, 0.65),
    "WBC": (11.8, 3, 1.6, 1, 0.035),
    "Weight": (82, 20, 0, 0.5, 0.05),
    "pH": (7.38, 0.025, -0.035, 0.02, 0.09),
}


def simulate_icu(train=4000, test=4000, seed=0, shortcut=False):
    """Simulated stays in the form of :func:`course_utils.data.load_icu`, with their true risk of death.

    Parameters
    ----------
    train, test : int
        Number of stays.
    seed : int
        The same seed gives the same stays.
    shortcut : bool
        Whether to plant the shortcut described above.

    Returns
    -------
    ICU
        ``source`` is ``"simulator"``; ``train.risk`` and ``test.risk`` are the probabilities of death that the outcomes
        were drawn with. See :func:`best_auroc`.

    Examples
    --------
    >>> icu = simulate_icu(train=50, test=20)
    >>> icu.train.values.shape, icu.test.risk.shape
    ((50, 48, 37), (20,))
    """
    sets = []
    for number, n in enumerate((train, test)):
        rng = np.random.default_rng([seed, number])
        enrolled = (0.04, 0.40 if shortcut and number == 0 else 0.04)
        sets.append(_stays(n, rng, enrolled, first=100_001 + 500_000 * number))
    return ICU(*sets, tuple(MEASUREMENTS), tuple(STATIC), "simulator", "MIT (generated)", f"In the form of: {CITATION}")


def best_auroc(risk):
    """The AUROC that a model which knows the true risks would have on average: no model can do better.

    The probability that somebody who dies had a higher risk than somebody who survives, with outcomes drawn from the
    risks: sum over all pairs of p_i (1 - p_j) [p_i > p_j], divided by the same sum without the bracket.

    Parameters
    ----------
    risk : float array (N,)
        Probabilities of death, 0 to 1.

    Returns
    -------
    float
        0.5 to 1.
    """
    p = np.sort(np.asarray(risk, float))
    survive_below = np.concatenate([[0], np.cumsum(1 - p)[:-1]])
    ties = p * (1 - p)  # a patient is not compared with themselves
    return float((p * survive_below).sum() / (p.sum() * (1 - p).sum() - ties.sum()))


def _stays(n, rng, enrolled, first):
    age = np.clip(rng.normal(64, 17, n), 16, 90)
    gender = (rng.random(n) < 0.56).astype(float)
    unit = rng.choice([1, 2, 3, 4], n, p=(0.15, 0.21, 0.36, 0.28))
    severity = _severity(n, age, rng)
    start, end = severity[:, 0], severity[:, -1]
    logit = -2.9 + 1.3 * end + 0.9 * (end - start) + 0.7 * np.maximum(end - 1.5, 0)
    risk = 1 / (1 + np.exp(-logit))
    died = (rng.random(n) < risk).astype("int64")

    worse = unit == 2
    values = np.full((n, HOURS, len(PLANTED)), np.nan, "float32")
    for k, (name, (level, spread, shift, noise, rate)) in enumerate(PLANTED.items()):
        _, low, high = MEASUREMENTS[name]
        own = rng.normal(level, spread, (n, 1))
        measured = own + shift * severity + noise * np.where(worse, 2, 1)[:, None] * rng.normal(size=(n, HOURS))
        often = rate * np.exp(0.5 * severity) if rate < 0.2 else np.full_like(severity, rate)
        there = rng.random((n, HOURS)) < np.where(worse, 0.5, 1)[:, None] * np.minimum(often, 0.95)
        values[..., k] = np.where(there, np.clip(measured, low, high), np.nan)
    names = list(PLANTED)
    ventilated = severity > rng.normal(1.2, 0.5, (n, 1))
    values[..., names.index("MechVent")] = np.where(ventilated, 1, np.nan)
    in_study = rng.random(n) < np.take(enrolled, died)
    hour = rng.integers(0, HOURS, n)
    cholesterol = np.clip(rng.normal(155, 36, n), 20, 800)
    values[in_study, hour[in_study], names.index("Cholesterol")] = cholesterol[in_study]
    values[..., names.index("GCS")] = np.round(values[..., names.index("GCS")])

    height = np.where(rng.random(n) < 0.55, rng.normal(163 + 13 * gender, 8), np.nan)
    weight = np.where(rng.random(n) < 0.9, np.clip(rng.normal(74 + 13 * gender, 20), 30, 250), np.nan)
    static = np.stack([age, gender, height, unit, weight], axis=1).astype("float32")
    s = severity[:, :24].mean(axis=1)  # both scores are a noisy look at the first day
    saps = np.round(np.clip(14 + 3.4 * s + rng.normal(0, 3, n), 0, 34))
    sofa = np.round(np.clip(6 + 2.2 * s + rng.normal(0, 2.2, n), 0, 22))
    scores = np.stack([saps, sofa], axis=1).astype("float32")
    later = np.full((n, 2), np.nan, "float32")  # nobody follows simulated patients home
    return Stays(values, static, died, first + np.arange(n), scores, later, risk.astype("float32"))


def _severity(n, age, rng):
    """(n, 48): where each patient stands, hour by hour."""
    s = 0.55 * rng.normal(size=n) + 0.5 * (age - 64) / 17
    trend, treated = rng.normal(0, 0.018, n), np.zeros(n, bool)
    answers = rng.random(n) < 0.7  # to the treatment
    hours = []
    for _ in range(HOURS):
        hours.append(s)
        begins = (s > 1) & ~treated & (rng.random(n) < 0.25)
        trend = np.where(begins & answers, trend - 0.03, trend)
        treated |= begins
        s = s + trend + rng.normal(0, 0.06, n)
    return np.stack(hours, axis=1)
