"""Simulated stays: in the form of the real ones, seeded, and with the effects that their page promises."""

import time

import numpy as np
import pytest

from course_utils import auc
from course_utils.data.icu_simulator import PLANTED, best_auroc, simulate_icu
from course_utils.data.stays import HOURS, MEASUREMENTS, STATIC

NAMES = list(MEASUREMENTS)


@pytest.fixture(scope="module")
def simulated():
    return simulate_icu(seed=1)


def test_simulated_stays_have_the_form_of_real_ones(simulated):
    train = simulated.train
    assert train.values.shape == (4000, HOURS, len(MEASUREMENTS))
    assert train.static.shape == (4000, len(STATIC))
    assert train.values.dtype == train.static.dtype == train.scores.dtype == np.float32
    assert train.died.dtype == train.patient.dtype == np.int64
    assert tuple(PLANTED) == tuple(MEASUREMENTS)
    assert len(np.intersect1d(train.patient, simulated.test.patient)) == 0
    for k, (_, low, high) in enumerate(MEASUREMENTS.values()):
        assert low <= np.nanmin(train.values[..., k]) <= np.nanmax(train.values[..., k]) <= high
    for k, (_, low, high) in enumerate(STATIC.values()):
        assert low <= np.nanmin(train.static[:, k]) <= np.nanmax(train.static[:, k]) <= high
    assert 0.08 < train.died.mean() < 0.2


def test_simulation_is_seeded_and_quick():
    start = time.perf_counter()
    one = simulate_icu(train=4000, test=1)
    assert time.perf_counter() - start <= 3
    two, other = simulate_icu(train=4000, test=7), simulate_icu(train=4000, test=1, seed=5)
    np.testing.assert_array_equal(one.train.values, two.train.values)
    assert not np.array_equal(one.train.died, other.train.died)


def test_the_best_auroc_is_that_of_the_true_risk(simulated):
    p = np.random.default_rng(0).random(40)
    pairs = [(a, b) for i, a in enumerate(p) for j, b in enumerate(p) if i != j]
    brute = sum(a * (1 - b) * (a > b) for a, b in pairs) / sum(a * (1 - b) for a, b in pairs)
    assert best_auroc(p) == pytest.approx(brute)
    for stays in (simulated.train, simulated.test):
        assert auc(stays.died, stays.risk, "binary-class") == pytest.approx(best_auroc(stays.risk), abs=0.02)


def test_planted_effects_are_there(simulated):
    stays = simulated.train
    there = np.isfinite(stays.values)
    sick = stays.risk > np.quantile(stays.risk, 0.8)
    for name in ("Lactate", "BUN", "Creatinine"):  # asked for more often in sicker patients
        assert there[sick][..., NAMES.index(name)].mean() > 1.2 * there[~sick][..., NAMES.index(name)].mean()
    heart_surgery = stays.static[:, 3] == 2
    assert there[heart_surgery].mean() < 0.6 * there[~heart_surgery].mean()
    for name in ("HR", "MAP", "GCS", "Urine"):
        late = stays.values[:, 24:, NAMES.index(name)]
        known = np.isfinite(late).any(axis=1)
        mean = np.nanmean(late[known], axis=1)
        assert np.sign(np.corrcoef(mean, stays.risk[known])[0, 1]) == np.sign(PLANTED[name][2])


def test_the_shortcut_is_in_training_only():
    data = simulate_icu(train=3000, test=3000, shortcut=True)
    k = NAMES.index("Cholesterol")
    share = [
        [np.isfinite(s.values[s.died == died][..., k]).any(axis=1).mean() for died in (0, 1)]
        for s in (data.train, data.test)
    ]
    assert share[0][1] > 0.3 > 0.08 > share[0][0]
    assert max(share[1]) < 0.08
