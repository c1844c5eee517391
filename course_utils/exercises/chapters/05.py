"""Exercises and quiz of chapter 05, EHR prediction."""

import numpy as np

from course_utils.arrays import numbers
from course_utils.exercises.model import Exercise, Question


def forward_fill(values):
    filled = values.copy()
    for t in range(1, len(filled)):
        filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])
    return filled


def hours_since(values):
    hours = np.full(len(values), float(len(values)))
    for t in range(len(values)):
        if not np.isnan(values[t]):
            hours[t] = 0
        elif t > 0 and hours[t - 1] < len(values):
            hours[t] = hours[t - 1] + 1
    return hours


def standardise(train, other):
    mean = np.nanmean(train, axis=0)
    spread = np.nanstd(train, axis=0)
    return (other - mean) / spread


def event1(died, alarm):
    if not (alarm & (died == 1)).any():
        return 0.0
    sensitivity, ppv = alarm[died == 1].mean(), died[alarm].mean()
    return min(sensitivity, ppv)


def threshold_for_ppv(died, risk, wanted):
    for threshold in np.unique(risk):
        if died[risk >= threshold].mean() >= wanted:
            return float(threshold)
    return None


def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    missed = dying - found
    false = found / ppv - found
    return found, missed, false


def on_both_sides(train, test):
    return np.intersect1d(train, test)


def _before_this_hour(values):
    """How old what is known is before the hour is looked at (so it is defined in Che et al. 2018)."""
    hours = np.zeros(len(values))
    for t in range(1, len(values)):
        hours[t] = hours[t - 1] + 1 if np.isnan(values[t - 1]) else 1
    return hours


nan = np.nan
_rng = np.random.default_rng(0)
_gaps = _rng.normal(80, 9, (30, 3))
_gaps[_rng.random(_gaps.shape) < 0.7] = nan
_chart = (
    np.array([nan, 5.0, nan, nan, 7.0, nan]),
    np.array([3.0, nan, 2.0, nan]),
    np.array([nan, nan]),
    np.array([nan, 1.0, 2.0, 3.0]),
    np.array([4.0, *[nan] * 20, 6.0]),
    np.array([[80.0, nan], [nan, 37.0], [90.0, nan], [nan, nan]]),
    np.array([30.0, 0.0, nan, 50.0, 0.0, nan, nan, 20.0]),
    np.array([36.6071, nan, nan, 1234.5678, nan]),
    np.array([2.5, nan, -1.5, nan, nan, 3.5]),
    _gaps,
)
_since = (
    np.array([nan, 5.0, nan, nan, 7.0, nan]),
    np.array([3.0, nan, 2.0, nan]),
    np.array([nan, nan, nan]),
    np.array([1.0, 2.0, 3.0]),
    np.array([nan, nan, 4.0, *[nan] * 12]),
    np.array([5.0, 5.0, nan, 5.0, nan, nan, 5.0, 5.0, nan]),
    np.array([60.0, nan, 0.0, nan, 0.0, 0.0, nan, 40.0]),
    np.array([1.5, -0.5, nan, -2.5, nan]),
    np.array([7.0, *[nan] * 299]),
    _gaps[:, 0],
)
_a = _rng.normal(50, 10, (30, 2))
_b = _rng.normal(60, 20, (8, 2))
_holes, _wild = _a.copy(), _b.copy()
_holes[::4, 0] = nan
_wild[2, 0], _wild[5, 1], _wild[6, 0] = 190.0, -40.0, nan
_died = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
_alarms = (
    np.array([1, 1, 0, 1, 1, 1, 0, 0, 0, 0], bool),
    np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], bool),
    np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], bool),
    np.ones(10, bool),
    np.array([0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool),
    np.array([1, 1, 0, 1, 1, 1, 1, 1, 1, 0], bool),
)
_many = [
    ((_rng.random(900) < deaths).astype(int), _rng.random(900) < alarms)
    for deaths, alarms in ((0.14, 0.3), (0.6, 0.5), (0.4, 0.9))
]
_risk = np.array([0.9, 0.6, 0.35, 0.7, 0.5, 0.3, 0.2, 0.2, 0.1, 0.05])
_tied = np.array([0.9, 0.4, 0.4, 0.4, 0.4, 0.3, 0.2, 0.2, 0.1, 0.05])
_falling = np.array([0.9, 0.5, 0.3, 0.8, 0.7, 0.2, 0.2, 0.2, 0.1, 0.05])
_wholes = [tuple(_rng.uniform(0.05, 0.95, 3)) for _ in range(3)]
_wards = [(_rng.random(200) ** 2, wanted) for wanted in (0.33, 0.46, 0.57, 0.68)]
_wards = [
    (((_rng.random(200) < 0.9 * risk) | (risk > np.sort(risk)[-4])).astype(int), risk, wanted)
    for risk, wanted in _wards
]
_wavy = np.array([0, 1, 1, 1, 1, 0, 0, 0, 1, 1]), np.arange(1, 11) / 10, 0.65


def _numbers(result, right):
    """What is wrong with numbers, or None; and whether they are right but rounded is said."""
    if isinstance(result, set | dict | str | bool | np.bool_):
        return f"an array or a list of numbers is wanted, or a number; you give {type(result).__name__}."
    found, right = numbers(result), numbers(right)
    if found.shape != right.shape:
        wanted = f"an array of shape {right.shape}" if right.ndim else "a single number"
        return f"{wanted} is wanted; yours has the shape {found.shape}."
    if np.allclose(found, right, rtol=1e-6, atol=1e-9, equal_nan=True):
        return None
    if any(np.allclose(found, np.round(right, places), rtol=1e-7, atol=1e-9, equal_nan=True) for places in range(5)):
        return "the result is rounded. Return the numbers as they come out."
    if (np.isnan(found) & ~np.isnan(right)).any():
        return "nan stands where there should be a number."
    if (~np.isnan(found) & np.isnan(right)).any():
        return "a number stands where nan should stay."
    if found.ndim:
        return f"{np.mean(~np.isclose(found, right, equal_nan=True)):.0%} of the numbers are off."
    return f"{found:.6g} is too {'large' if found > right else 'small'}."


def _is_filled(result, values):
    right = forward_fill(values)
    found = numbers(result)
    if found.shape == right.shape and (np.isnan(found) & ~np.isnan(right)).any():
        return (
            "a gap stays open, though something was measured before it. The last value is carried on to the next one."
        )
    return _numbers(result, right)


def _interpolated(values):
    """A straight line between the value before and the value after; nan before the first."""
    if values.ndim > 1:
        return np.stack([_interpolated(column) for column in values.T], axis=1)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return values.copy()
    return np.interp(np.arange(len(values)), known, values[known], left=nan)


def _after_zero(values):
    """Carries on what is known `if last`, which a 0 is not."""
    filled = forward_fill(values)
    return np.where(np.isnan(values) & (filled == 0), nan, filled)


def _positive_only(values):
    filled = values.copy()
    for t in range(1, len(filled)):
        filled[t] = np.where(filled[t] > 0, filled[t], filled[t - 1])
    return filled


def _zero_is_gap(values):
    filled = values.copy()
    for t in range(1, len(filled)):
        filled[t] = np.where(np.isnan(filled[t]) | (filled[t] == 0), filled[t - 1], filled[t])
    return filled


def _since_changed(values):
    known, changed = None, np.full(len(values), nan)
    for t, value in enumerate(values):
        if not np.isnan(value) and value != known:
            known = changed[t] = value
    return hours_since(changed)


def _is_standardised(result, train, other):
    """With n or with n - 1: the text leaves it open."""
    found = numbers(result)
    right, sample = ((other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0, ddof=ddof) for ddof in (0, 1))
    for z in (right, sample):
        if found.shape == z.shape and np.allclose(found, z, rtol=1e-5, atol=1e-6, equal_nan=True):
            return None
        if found.shape == z.shape and np.allclose(np.clip(z, -4, 4), found, rtol=1e-5, atol=1e-6, equal_nan=True):
            return "values far from the mean are cut off. Here every value is only scaled."
        if found.shape == z.shape and np.allclose(np.nan_to_num(z), found, rtol=1e-5, atol=1e-6):
            return "a gap in `other` is filled with a number. Here it stays NaN."
        if found.shape == z.shape and np.allclose(np.nan_to_num(np.clip(z, -4, 4)), found, rtol=1e-5, atol=1e-6):
            return (
                "values far from the mean are cut off, and gaps in `other` are filled. Here every value is only scaled."
            )
    return _numbers(result, right)


def _is_event1(result, died, alarm):
    if np.isnan(numbers(result)).any():
        return "without any alarm there is no PPV, and where nobody died no sensitivity (0 / 0). Return 0 then."
    return _numbers(result, event1(died, alarm))


def _is_threshold(result, died, risk, wanted):
    right = threshold_for_ppv(died, risk, wanted)
    told = _numbers(result, right)
    result = numbers(result)
    if told and result.ndim == 0 and "rounded" not in told and ((risk >= result) == (risk >= right)).all():
        return "that gives the right alarms, but no patient has this risk. Return a risk that occurs."
    return told


def _best_accuracy(died, risk, wanted):
    candidates = np.unique(risk)
    return float(candidates[np.argmax([((risk >= t) == (died == 1)).mean() for t in candidates])])


def _are_on_both(result, train, test):
    right = on_both_sides(train, test)
    if isinstance(result, set | frozenset):
        return "a set has no order. Return a list or an array, in increasing order."
    told = _numbers(result, right)
    result = numbers(result)
    if told and result.ndim == 1 and len(result) == len(right) and (np.sort(result) == right).all():
        return "those are the right patients, but not in increasing order."
    return told


def _first_fall(died, risk, wanted):
    """From above, and stop where the PPV first falls below: it may rise again."""
    best = None
    for threshold in np.unique(risk)[::-1]:
        if died[risk >= threshold].mean() < wanted:
            return best
        best = float(threshold)
    return best


def _nearest(died, risk, wanted):
    candidates = np.unique(risk)
    return float(candidates[np.argmin([abs(died[risk >= t].mean() - wanted) for t in candidates])])


def _one_by_one(died, risk, wanted):
    """Patients with the same risk taken one after the other."""
    order = np.lexsort((-died, -risk))
    ppv = np.cumsum(died[order]) / np.arange(1, len(died) + 1)
    return float(risk[order][np.flatnonzero(ppv >= wanted).max()])


EXERCISES = [
    Exercise(
        "05.forward_fill",
        hints=(
            "Go through the hours one by one. Where nothing was measured, what was known an hour before?",
            "Start with a copy. The hour before may have been filled a moment ago: that is what you want.",
            "for t in range(1, len(filled)): filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])",
        ),
        reference=forward_fill,
        cases=tuple((chart,) for chart in _chart),
        accept=_is_filled,
        mistakes={
            "between two measurements you draw a line, which needs the later one: a value from the future.": (
                _interpolated
            ),
            "a measured 0 is no gap: an hour without urine is real, and grave. Only NaN is a gap.": _zero_is_gap,
            "a gap after a measured 0 stays open. 0 is a value like others: an hour without urine is real.": (
                _after_zero
            ),
            "0 and negative numbers can be values, too. Only NaN is a gap.": _positive_only,
            "you look into the future: a gap is filled with what was measured later. At that hour nobody knew it.": (
                lambda v: forward_fill(v[::-1])[::-1]
            ),
            "you fill the gap before the first measurement from the future. There it must stay NaN.": (
                lambda v: forward_fill(forward_fill(v)[::-1])[::-1]
            ),
            "only one hour of each gap is filled. Take the hour before as it is after filling.": (
                "filled[t - 1] → values[t - 1]"
            ),
            "the gaps are filled with 0. A heart rate of 0 is not an unknown heart rate.": lambda v: np.nan_to_num(v),
            "the gaps are filled with the mean of the whole stay, which is known only at its end.": (
                lambda v: np.where(np.isnan(v), np.nanmean(v, axis=0), v)
            ),
            "in hour 0, values[t - 1] is values[-1], the last hour: you begin with a value from the future. Start at "
            "hour 1.": "range(1, → range(",
            "before the first measurement it must stay NaN; you put another number there.": (
                lambda v: np.nan_to_num(forward_fill(v))
            ),
            "nothing was filled.": lambda v: v.copy(),
            "the hours without a measurement are gone; they should stay, with the last known value.": (
                lambda v: v[~np.isnan(v)]
            ),
        },
    ),
    Exercise(
        "05.hours_since",
        hints=(
            "Go through the hours. Measured in this hour: 0. Not measured: look at what you have for the hour before.",
            "Three kinds of hours: measured now; measured before; never yet. Only the second kind counts on.",
            "if not np.isnan(values[t]): hours[t] = 0; elif t > 0 and hours[t - 1] < len(values): hours[t] = hours[t "
            "- 1] + 1",
        ),
        reference=hours_since,
        cases=tuple((chart,) for chart in _since),
        accept=lambda result, values: _numbers(result, hours_since(values)),
        mistakes={
            "you count from the last *change*. A value that is measured again and is the same was measured.": (
                _since_changed
            ),
            "0 and negative numbers can be values, too: they were measured. Only NaN is a gap.": (
                lambda v: hours_since(np.where(v > 0, v, np.nan))
            ),
            "a measured 0 was measured, too. Only NaN is a gap.": lambda v: hours_since(np.where(v == 0, np.nan, v)),
            "your numbers are kept in 8 bits, and after 255 they begin again at 0.": (
                lambda v: hours_since(v).astype("uint8")
            ),
            "in an hour with a measurement it is 0 hours ago; you give how old the value before it was.": (
                _before_this_hour
            ),
            "as long as it was never measured there is nothing to count from: give len(values).": (
                "return hours → return np.where(hours == len(values), np.arange(1, len(values) + 1), hours)"
            ),
            "0 would mean: measured just now. As long as it was never measured, give len(values).": (
                "return hours → return np.where(hours == len(values), 0, hours)"
            ),
            "a network cannot read NaN. As long as it was never measured, give len(values).": (
                "return hours → return np.where(hours == len(values), np.nan, hours)"
            ),
            "the count never starts again.": lambda v: np.arange(len(v), dtype=float),
            "as long as it was never measured, it stays at len(values); yours counts on from there.": (
                lambda v: hours_since(v) + np.cumsum(np.cumsum(~np.isnan(v)) == 0) * (np.cumsum(~np.isnan(v)) == 0)
            ),
            "an hour after a measurement it is 1 hour ago, not 2.": (
                "return hours → return hours + (np.isnan(values) & (hours < len(values)))"
            ),
            "you have measured and missing the wrong way round: np.isnan is True where nothing was measured.": (
                "if not → if"
            ),
            "this is the mask (measured or not); the age of the last measurement is wanted.": (
                lambda v: (~np.isnan(v)).astype(float)
            ),
            "you count how often something was missing so far; it should start again after each measurement.": (
                lambda v: np.cumsum(np.isnan(v)).astype(float)
            ),
        },
    ),
    Exercise(
        "05.standardise",
        hints=(
            "Which patients may the mean and the spread be computed from, if the others stand for patients of "
            "tomorrow?",
            "From `train` alone, one for each column. Beside np.mean, NumPy has a mean that leaves NaN out.",
            "return (other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0)",
        ),
        reference=standardise,
        cases=((_a, _b), (_holes, _b), (_a, _a[:3]), (_holes, _wild)),
        accept=_is_standardised,
        mistakes={
            "mean and spread are those of `other`, the very patients you want to test on. Tomorrow's patients come "
            "one by one and have no mean.": lambda a, b: standardise(b, b),
            "mean and spread are those of all patients together; the test patients have leaked into them.": (
                lambda a, b: standardise(np.concatenate([a, b]), b)
            ),
            "np.mean gives nan as soon as one value is missing; there is np.nanmean.": (
                lambda a, b: (b - a.mean(axis=0)) / a.std(axis=0)
            ),
            "you take one mean for all measurements. A temperature and a heart rate have nothing in common: axis=0.": (
                lambda a, b: (b - np.nanmean(a)) / np.nanstd(a)
            ),
            "divide by the spread (standard deviation), not by its square.": "nanstd → nanvar",
            "the spread is missing: divide by it.": "/ spread →",
            "you standardise the training patients; `other` is to be returned.": lambda a, b: standardise(a, a),
            "values far from the mean are cut off, and gaps are filled with 0. Here every value is only scaled.": (
                lambda a, b: np.nan_to_num(np.clip(standardise(a, b), -4, 4))
            ),
            "you use the median; the mean is asked for.": "nanmean → nanmedian",
            "if gaps are filled with 0 first, the mean moves towards 0. Leave them out: np.nanmean, np.nanstd.": (
                lambda a, b: standardise(np.nan_to_num(a), b)
            ),
            "if gaps are filled with the mean first, the spread shrinks. Leave them out: np.nanstd.": (
                lambda a, b: standardise(np.where(np.isnan(a), np.nanmean(a, axis=0), a), b)
            ),
            "the mean is that of `train`, but the spread that of `other`.": "nanstd(train → nanstd(other",
            "the brackets are missing: the whole difference is to be divided by the spread.": (
                "(other - mean) → other - mean"
            ),
            "that scales by smallest and largest value; mean and spread are asked for.": (
                lambda a, b: (b - np.nanmin(a, axis=0)) / (np.nanmax(a, axis=0) - np.nanmin(a, axis=0))
            ),
        },
    ),
    Exercise(
        "05.event1",
        hints=(
            "Sensitivity: of those who died, which share had an alarm? PPV: of those with an alarm, which share died?",
            "Both are shares of those who died *and* had an alarm: once of all who died, once of all with an alarm.",
            "If nobody who died had an alarm (or there is none at all), return 0; else min of the two.",
        ),
        reference=event1,
        cases=(
            *((_died, alarm) for alarm in (*_alarms, np.zeros(10, bool))),
            (np.zeros(10, int), _alarms[0]),
            *_many,
        ),
        accept=_is_event1,
        mistakes={
            "you return the larger of the two; the smaller counts.": "min → max",
            "that is the sensitivity alone. With alarms for everybody it would be perfect.": (
                "min(sensitivity, ppv) → sensitivity"
            ),
            "that is the PPV alone. With a single sure alarm it would be perfect.": "min(sensitivity, ppv) → ppv",
            "your second number is the specificity. Where most survive, it is high for any model; PPV is asked for.": (
                "y, ppv) → y, (~alarm[died == 0]).mean())"
            ),
            "your second number is the NPV, the share of survivors among those without an alarm. PPV asks about the "
            "alarms.": "y, ppv) → y, 1 - died[~alarm].mean())",
            "sensitivity and PPV are multiplied; the smaller of the two is asked for.": (
                "min(sensitivity, ppv) → sensitivity * ppv"
            ),
            "that is in percent; a share from 0 to 1 is wanted.": "return min → return 100 * min",
            "that is the accuracy.": lambda d, a: (d == a).mean(),
            "that is F1, a mean of the two; the smaller of them is asked for.": (
                lambda d, a: 2 * (a & (d == 1)).sum() / (a.sum() + d.sum())
            ),
            "without any alarm there is no PPV (0 / 0). Return 0 then.": (
                "return 0.0 → return 0.0 if alarm.any() else np.nan"
            ),
        },
    ),
    Exercise(
        "05.threshold_for_ppv",
        hints=(
            "Try the thresholds that occur, from the lowest up: np.unique(risk) gives them in order.",
            "At a threshold, the alarms are risk >= threshold. Which share of these patients died?",
            "died[risk >= threshold].mean() is that PPV. Return the first threshold whose PPV is at least `wanted`: it "
            "finds the most patients.",
        ),
        reference=threshold_for_ppv,
        cases=(
            *((_died, _risk, wanted) for wanted in (0.5, 0.6, 0.3, 0.9, 0.8)),
            (_died, _tied, 0.7),
            (_died, _falling, 0.55),
            _wavy,
            *_wards,
        ),
        accept=_is_threshold,
        mistakes={
            "that is the highest threshold which reaches the PPV, and it finds the fewest. Take the lowest.": (
                "np.unique(risk) → np.unique(risk)[::-1]"
            ),
            "at the threshold itself there is an alarm, too: risk >= threshold.": "risk >= → risk >",
            "“at least” allows exactly the wanted PPV: compare with >=.": ">= wanted → > wanted",
            "the PPV need not fall all the way down: it may rise again. Try all thresholds.": _first_fall,
            "the nearest PPV may lie below the wanted one; it must be at least that.": _nearest,
            "patients with the same risk get an alarm together; you count them one by one.": _one_by_one,
            "that is the threshold with the best accuracy; a PPV is asked for.": _best_accuracy,
            "you return a place in the list; the risk at that place is wanted.": (
                "return float(threshold) → return list(np.unique(risk)).index(threshold)"
            ),
            "the wanted PPV is not a threshold. A risk of 0.5 means a PPV of 0.5 only among patients with just that "
            "risk.": lambda d, r, w: w,
            "you look for a wanted sensitivity; PPV asks about those with an alarm.": (
                lambda d, r, w: float(max(t for t in np.unique(r) if (r[d == 1] >= t).mean() >= w))
            ),
            "you return the PPV that is reached; the threshold is wanted.": (
                "return float(threshold) → return died[risk >= threshold].mean()"
            ),
        },
    ),
    Exercise(
        "05.per_hundred",
        hints=(
            "Of 100 stays, how many will die? Of those, how many are found?",
            "Draw a tree: 100 stays, those who die, those found among these. For the third number: of what is the PPV "
            "a share?",
            "All alarms together are found / ppv; the false ones are those less the found: found / ppv - found.",
        ),
        reference=per_hundred,
        cases=((0.14, 0.5, 0.5), (0.14, 0.3, 0.7), (0.02, 0.9, 0.1), (0.5, 1.0, 1.0), *_wholes),
        accept=lambda result, *shares: _numbers(result, per_hundred(*shares)),
        mistakes={
            "these are shares; counts among 100 stays are asked for.": "100 * →",
            "of 100 stays not all end in death: begin with how many do.": "100 * prevalence → 100",
            "the false alarms are not the share 1 - PPV of 100: they are that share of the alarms.": (
                "found / ppv - found → 100 * (1 - ppv)"
            ),
            "the false alarms are not the share 1 - PPV of those found, but of all alarms.": (
                "found / ppv - found → found * (1 - ppv)"
            ),
            "your third number is all alarms, true ones included.": "found / ppv - found → found / ppv",
            "1 - sensitivity is the share of those who die that is missed, not of everybody.": (
                "dying - found → 100 * (1 - sensitivity)"
            ),
            "the last two are exchanged: found, missed, false alarms.": (
                "return found, missed, false → return found, false, missed"
            ),
            "do not round: the numbers need not be whole.": (
                "return found, missed, false → return round(found), round(missed), round(false)"
            ),
            "the sensitivity is a share of those who die, not of all 100.": "dying * sensitivity → 100 * sensitivity",
            "false alarms are counted among those who survive only with the specificity; here the PPV is given.": (
                "found / ppv - found → 100 * (1 - prevalence) * (1 - ppv)"
            ),
            "found and missed are exchanged.": "return found, missed, false → return missed, found, false",
        },
    ),
    Exercise(
        "05.on_both_sides",
        hints=(
            "You want what the two arrays have in common. Patients who come twice on one side do not matter.",
            "Python's sets have an operator for it, and a list can be sorted. NumPy has one function for all of that.",
            "return np.intersect1d(train, test)",
        ),
        reference=on_both_sides,
        cases=(
            (np.array([5, 3, 3, 9]), np.array([4, 9, 3, 8])),
            (np.array([1, 2, 2]), np.array([7, 7])),
            (np.array([10, 2, 30]), np.array([30, 10, 10])),
            (np.array([10, 9, 0, 100, 9, 10, 2]), np.array([9, 0, 100, 10, 7])),
            (np.array([132539, 2, 140501]), np.array([132539, 67003, 66, 140501])),
            (_rng.integers(0, 60, 80), _rng.integers(30, 90, 70)),
        ),
        accept=_are_on_both,
        mistakes={
            "that is how many there are; their numbers are wanted.": lambda a, b: len(np.intersect1d(a, b)),
            "that only says whether there are any; their numbers are wanted.": (
                lambda a, b: bool(len(np.intersect1d(a, b)))
            ),
            "each patient should come once, even with several stays.": lambda a, b: np.sort(a[np.isin(a, b)]),
            "each patient should come once, even with several stays (look at `test`).": (
                lambda a, b: np.sort(b[np.isin(b, a)])
            ),
            "those are all patients; only those on both sides are wanted.": "intersect1d → union1d",
            "those are the patients of `train` who are *not* in `test`.": "intersect1d → setdiff1d",
            "you compare place by place; the same patient may stand anywhere.": (
                lambda a, b: np.unique(a[: min(len(a), len(b))][a[: min(len(a), len(b))] == b[: min(len(a), len(b))]])
            ),
            "a patient with two stays on one side is no leak; you find those who come twice anywhere.": (
                lambda a, b: (lambda values, counts: values[counts > 1])(
                    *np.unique(np.concatenate([a, b]), return_counts=True)
                )
            ),
        },
    ),
]

QUIZ = [
    Question(
        "In the real records, breaths a minute stand in about 25 of 100 hours of the survivors, and in about 14 of 100 "
        "hours of those who died. The reason:",
        {
            "Near the end of life, fewer things of any kind are measured.": (
                "Most things are measured more often in those who died. Look at the figure of section 2 again."
            ),
            "✓ They are not written down for patients who are on a ventilator.": (
                "Right. So whether there is a number is a value in itself: ventilated, or not."
            ),
            "They lay in units whose charts have no line for it.": (
                "No unit leaves it out for everybody. Look at which patients it is missing for."
            ),
        },
    ),
    Question(
        "Chapter 05's regression is given the mean of a patient's heart rate over all 48 hours. Is that a look into "
        "the future?",
        {
            "Yes: at hour 5 nobody can know what will be measured at hour 40.": (
                "That would matter to a model that speaks at hour 5. This one is asked when the 48 hours are over."
            ),
            "No: a mean over all hours hides the single late values.": (
                "A late crisis moves the mean. What counts is when the answer is wanted, and what is known by then."
            ),
            "✓ No: the 48 hours are over when it is asked.": (
                "Right. A network that reads hour by hour is different: there each gap is filled from the past."
            ),
        },
    ),
    Question(
        "On set b, the mean of all four models was set beside the boosted trees alone. What was seen?",
        {
            "✓ No clear difference, though four models were at work.": (
                "Right. It was ahead of the regression and of the GRU, and it costs as much as all four."
            ),
            "The mean was ahead, as errors cancel each other.": (
                "They may; but against the best single model nothing was shown. Its interval holds 0."
            ),
            "The trees were ahead, as weak members spoil a mean.": (
                "The weaker members did no harm that could be seen: the interval of the difference holds 0."
            ),
        },
    ),
    Question(
        "A model has an AUROC of 0.86 and a calibration slope of 0.6. Its risks are",
        {
            "too high throughout, by a factor of about 1 / 0.6.": (
                "Risks that are all too high can have the slope 1. The slope says how they are spread."
            ),
            "✓ too extreme, the low ones as well as the high ones.": (
                "Right: high ones too high, low ones too low. The order may be good all the same."
            ),
            "too timid, all of them too near to the overall share.": (
                "Then the slope would be above 1. Below 1, the logits must be shrunk."
            ),
        },
    ),
    Question(
        "In set b, 14 of 100 stays end in death in hospital. A newspaper writes: “Of 100 patients admitted to "
        "intensive "
        "care, 14 die in hospital.” Why may the true number be another?",
        {
            "A share from one set of patients needs an interval: 13 to 15 of 100.": (
                "It would be good to have, and it would still be about the wrong patients."
            ),
            "Some of the 14 may have died after they had left intensive care.": (
                "They are counted in set b, and the sentence counts them, too. It is the 100 patients that are others."
            ),
            "✓ Those who died or left in the first 48 hours were not counted.": (
                "Right. All stays in sets a and b last at least 48 hours; 100 admissions are other people."
            ),
        },
    ),
    Question(
        "In the simulated unit, even the true risks reach an AUROC of 0.876 only. Why not 1?",
        {
            "The record has gaps, and some of the severity never shows in it.": (
                "That holds back the models. The true risk does not need the record."
            ),
            "✓ Of two patients with equal risks, one may die and one may survive.": (
                "Right. The rest is chance, and with real patients nobody knows where that limit is."
            ),
            "With 2,000 test stays, an AUROC is uncertain by some hundredths.": (
                "It is, in both directions. The limit stays below 1 with any number of stays."
            ),
        },
    ),
    Question(
        "A model is asked about set b at hour 4; all that was measured later is hidden from it. What does it know "
        "that a "
        "doctor at hour 4 does not?",
        {
            "Nothing: its inputs are what was written down by then.": (
                "Its inputs are clean. But who are the patients that it is asked about, and who chose them?"
            ),
            "✓ That these patients will still be there at hour 48.": (
                "Right. Those who died or left before had been taken out by somebody who knew the end."
            ),
            "How the measurements will scatter: its scale was fitted to 48 hours.": (
                "That scale is of the training patients, and tells nothing about the patient asked about."
            ),
        },
    ),
    Question(
        "In a simulated unit, cholesterol was measured in patients of a study, more often in those who died. On "
        "later stays, "
        "when it was measured in all alike, the model was set beside one trained without the study. It was",
        {
            "✓ worse: it leaned on a number that now says nothing.": (
                "Right, with the seed shown. What was a step forward at the time of the study was gone in any case."
            ),
            "as good: trees fall back on the other measurements.": (
                "Trees do not choose anew. The questions about cholesterol were built in, and are asked as before."
            ),
            "better: a part of what the study taught still helps.": (
                "Later, cholesterol is measured in as many who die as in others. There is nothing left to know from it."
            ),
        },
    ),
]
