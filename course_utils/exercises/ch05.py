"""Exercises and quiz of chapter 05, EHR prediction."""

import numpy as np

from course_utils.exercises import Exercise, Question


def forward_fill(values):
    filled = values.copy()
    for t in range(1, len(filled)):
        filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])
    return filled


def hours_since(values):
    hours = np.zeros(len(values))
    for t in range(1, len(values)):
        hours[t] = hours[t - 1] + 1 if np.isnan(values[t - 1]) else 1
    return hours


def standardise(train, other):
    mean, spread = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
    return (other - mean) / spread


def event1(died, alarm):
    if not (alarm & (died == 1)).any():
        return 0.0
    return min(alarm[died == 1].mean(), died[alarm].mean())


def threshold_for_ppv(died, risk, wanted):
    for threshold in np.unique(risk):
        if died[risk >= threshold].mean() >= wanted:
            return float(threshold)
    return None


def per_hundred(prevalence, sensitivity, ppv):
    sick = 100 * prevalence
    found = sick * sensitivity
    return found, sick - found, found / ppv - found


def _fill_backwards(values):
    return forward_fill(values[::-1])[::-1]


def _one_hour(values):
    filled = values.copy()
    filled[1:] = np.where(np.isnan(values[1:]), values[:-1], values[1:])
    return filled


def _fill_both(values):
    return _fill_backwards(forward_fill(values))


def _counting_nan(values):
    hours = np.zeros(len(values))
    for t in range(1, len(values)):
        hours[t] = hours[t - 1] + 1 if np.isnan(values[t]) else 0
    return hours


def _never_restarts(values):
    return np.arange(len(values), dtype=float)


def _starts_at_zero(values):
    hours = np.zeros(len(values))
    for t in range(1, len(values)):
        hours[t] = hours[t - 1] + 1 if np.isnan(values[t - 1]) else 0
    return hours


nan = np.nan
_chart = (
    np.array([nan, 5.0, nan, nan, 7.0, nan]),
    np.array([3.0, nan, 2.0, nan]),
    np.array([nan, nan]),
    np.array([[80.0, nan], [nan, 37.0], [90.0, nan], [nan, nan]]),
)
_since = (
    np.array([nan, 5.0, nan, nan, 7.0, nan]),
    np.array([3.0, nan, 2.0, nan]),
    np.array([nan, nan, nan]),
    np.array([1.0, 2.0, 3.0]),
)
_rng = np.random.default_rng(0)
_a = _rng.normal(50, 10, (30, 2))
_b = _rng.normal(60, 20, (8, 2))
_holes = _a.copy()
_holes[::4, 0] = nan
_died = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
_alarms = (
    np.array([1, 1, 0, 1, 1, 1, 0, 0, 0, 0], bool),
    np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], bool),
    np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], bool),
    np.ones(10, bool),
    np.array([0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool),
)
_risk = np.array([0.9, 0.6, 0.35, 0.7, 0.5, 0.3, 0.2, 0.2, 0.1, 0.05])


def _ppv_from_above(died, risk, wanted):
    """The highest threshold that reaches it, where the lowest is asked for."""
    good = [t for t in np.unique(risk) if died[risk >= t].mean() >= wanted]
    return float(max(good))


def _strictly_above(died, risk, wanted):
    for threshold in np.unique(risk):
        above = risk > threshold
        if above.any() and died[above].mean() >= wanted:
            return float(threshold)
    return None


EXERCISES = [
    Exercise(
        "05.forward_fill",
        hints=(
            "Go through the hours one by one. Where nothing was measured, what was known an hour before?",
            "Start with a copy. At hour t: where it is NaN, take the *filled* value of hour t - 1.",
            "for t in range(1, len(filled)): filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])",
        ),
        reference=forward_fill,
        cases=tuple((chart,) for chart in _chart),
        mistakes={
            "you look into the future: a gap is filled with what was measured later. At that hour nobody knew it.": (
                _fill_backwards
            ),
            "you fill the gap before the first measurement from the future. There it must stay NaN.": _fill_both,
            "only one hour of each gap is filled. Take the hour before as it is after filling.": _one_hour,
            "the gaps are filled with 0. A heart rate of 0 is not an unknown heart rate.": lambda v: np.nan_to_num(v),
            "the gaps are filled with the mean of the whole stay, which is known only at its end.": lambda v: np.where(
                np.isnan(v), np.nanmean(v, axis=0), v
            ),
            "nothing was filled.": lambda v: v.copy(),
            "the hours without a measurement are gone; they should stay, with the last known value.": lambda v: v[
                ~np.isnan(v)
            ],
        },
    ),
    Exercise(
        "05.hours_since",
        hints=(
            "At hour 0 it is 0. At every later hour: was there a measurement in the hour before, or not?",
            "If hour t - 1 has a measurement, then it is 1 hour ago; if not, one more hour than it was at t - 1.",
            "hours[t] = 1 if hour t - 1 was measured, else hours[t - 1] + 1; and hours[0] = 0.",
        ),
        reference=hours_since,
        cases=tuple((chart,) for chart in _since),
        mistakes={
            "you give the gap after this hour's measurement. The network is asked before: how old is what was known?": (
                _counting_nan
            ),
            "the count never starts again.": _never_restarts,
            "an hour after a measurement, it is 1 hour old, not 0.": _starts_at_zero,
            "this is the mask (measured or not); the age of the last measurement is wanted.": lambda v: (
                ~np.isnan(v)
            ).astype(float),
            "you count how often something was missing so far; it should start again after each measurement.": (
                lambda v: np.concatenate([[0], np.cumsum(np.isnan(v))[:-1]]).astype(float)
            ),
        },
    ),
    Exercise(
        "05.standardise",
        hints=(
            "Which patients may the mean and the spread be computed from, if the others stand for patients of tomorrow?",
            "From `train` alone. Some values are NaN: np.nanmean and np.nanstd with axis=0.",
            "return (other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0)",
        ),
        reference=standardise,
        cases=((_a, _b), (_holes, _b), (_a, _a[:3])),
        mistakes={
            "mean and spread are those of `other`, the very patients you want to test on. Tomorrow's patients come one "
            "by one and have no mean.": lambda a, b: (b - np.nanmean(b, axis=0)) / np.nanstd(b, axis=0),
            "mean and spread are those of all patients together; the test patients have leaked into them.": (
                lambda a, b: (
                    (b - np.nanmean(np.concatenate([a, b]), axis=0)) / np.nanstd(np.concatenate([a, b]), axis=0)
                )
            ),
            "np.mean gives nan as soon as one value is missing; there is np.nanmean.": lambda a, b: (
                (b - a.mean(axis=0)) / a.std(axis=0)
            ),
            "you take one mean for all measurements. A temperature and a heart rate have nothing in common: axis=0.": (
                lambda a, b: (b - np.nanmean(a)) / np.nanstd(a)
            ),
            "divide by the spread (standard deviation), not by its square.": lambda a, b: (
                (b - np.nanmean(a, axis=0)) / np.nanvar(a, axis=0)
            ),
            "the spread is missing: divide by it.": lambda a, b: b - np.nanmean(a, axis=0),
            "you standardise the training patients; `other` is to be returned.": lambda a, b: standardise(a, a),
            "that scales by smallest and largest value; mean and spread are asked for.": lambda a, b: (
                (b - np.nanmin(a, axis=0)) / (np.nanmax(a, axis=0) - np.nanmin(a, axis=0))
            ),
        },
    ),
    Exercise(
        "05.event1",
        hints=(
            "Sensitivity: of those who died, which share had an alarm? PPV: of those with an alarm, which share died?",
            "alarm[died == 1].mean() and died[alarm].mean(); the smaller of the two counts.",
            "If nobody who died had an alarm (or there is none at all), return 0; else min of the two.",
        ),
        reference=event1,
        cases=tuple((_died, alarm) for alarm in (*_alarms, np.zeros(10, bool))),
        mistakes={
            "you return the larger of the two; the smaller counts.": lambda d, a: (
                max(a[d == 1].mean(), d[a].mean()) if a.any() else 0.0
            ),
            "that is the sensitivity alone. With alarms for everybody it would be perfect.": lambda d, a: a[
                d == 1
            ].mean(),
            "that is the PPV alone. With a single sure alarm it would be perfect.": lambda d, a: (
                d[a].mean() if a.any() else 0.0
            ),
            "your second number is the specificity. Where most survive, it is high for any model; PPV is asked for.": (
                lambda d, a: min(a[d == 1].mean(), (~a[d == 0]).mean())
            ),
            "that is the accuracy.": lambda d, a: (d == a).mean(),
            "that is F1, a mean of the two; the smaller of them is asked for.": lambda d, a: (
                2 * (a & (d == 1)).sum() / (a.sum() + d.sum())
            ),
            "without any alarm there is no PPV (0 / 0). Return 0 then.": lambda d, a: (
                min(a[d == 1].mean(), d[a].mean()) if a.any() else nan
            ),
        },
    ),
    Exercise(
        "05.threshold_for_ppv",
        hints=(
            "Try the thresholds that occur, from the lowest up: np.unique(risk) gives them in order.",
            "At a threshold, the alarms are risk >= threshold, and their PPV is died[risk >= threshold].mean().",
            "Return the first threshold whose PPV is at least `wanted`, as it finds the most patients.",
        ),
        reference=threshold_for_ppv,
        cases=((_died, _risk, 0.5), (_died, _risk, 0.6), (_died, _risk, 0.3), (_died, _risk, 0.9)),
        mistakes={
            "that is the highest threshold which reaches the PPV, and it finds the fewest. Take the lowest.": (
                _ppv_from_above
            ),
            "at the threshold itself there is an alarm, too: risk >= threshold.": _strictly_above,
            "the wanted PPV is not a threshold. A risk of 0.5 means a PPV of 0.5 only among patients with just that "
            "risk.": lambda d, r, w: w,
            "you look for a wanted sensitivity; PPV asks about those with an alarm.": lambda d, r, w: float(
                max(t for t in np.unique(r) if (r[d == 1] >= t).mean() >= w)
            ),
            "you return the PPV that is reached; the threshold is wanted.": lambda d, r, w: float(
                d[r >= threshold_for_ppv(d, r, w)].mean()
            ),
        },
    ),
    Exercise(
        "05.per_hundred",
        hints=(
            "Of 100 admissions, how many will die? Of those, how many are found?",
            "dying = 100 * prevalence, found = dying * sensitivity, missed = dying - found.",
            "All alarms together are found / ppv; the false ones are those less the found: found / ppv - found.",
        ),
        reference=per_hundred,
        cases=((0.14, 0.5, 0.5), (0.14, 0.3, 0.7), (0.02, 0.9, 0.1), (0.5, 1.0, 1.0)),
        mistakes={
            "these are shares; counts among 100 admissions are asked for.": lambda p, s, v: tuple(
                x / 100 for x in per_hundred(p, s, v)
            ),
            "the false alarms are not the share 1 - PPV of 100: they are that share of the alarms.": lambda p, s, v: (
                *per_hundred(p, s, v)[:2],
                100 * (1 - v),
            ),
            "the false alarms are not the share 1 - PPV of those found, but of all alarms.": lambda p, s, v: (
                *per_hundred(p, s, v)[:2],
                per_hundred(p, s, v)[0] * (1 - v),
            ),
            "your third number is all alarms, true ones included.": lambda p, s, v: (
                *per_hundred(p, s, v)[:2],
                per_hundred(p, s, v)[0] / v,
            ),
            "1 - sensitivity is the share of those who die that is missed, not of everybody.": lambda p, s, v: (
                per_hundred(p, s, v)[0],
                100 * (1 - s),
                per_hundred(p, s, v)[2],
            ),
            "found and missed are exchanged.": lambda p, s, v: (
                per_hundred(p, s, v)[1],
                per_hundred(p, s, v)[0],
                per_hundred(p, s, v)[2],
            ),
        },
    ),
]

QUIZ = [
    Question(
        "In the records, lactate is measured in few hours. For a model, that it was measured at all",
        (
            (
                "is of no use: only the value counts.",
                "Somebody was worried enough to ask for it. In our data that told a lot.",
            ),
            (
                "is information: it is asked for more often in sicker patients.",
                "Right. That is why the mask goes into the network beside the value. (And why the model may fail where habits differ.)",
            ),
            (
                "is an error that must be removed.",
                "There is no error. Not everything is measured every hour, nor should it be.",
            ),
        ),
        "b",
    ),
    Question(
        "A gap in a patient's heart rate is filled with the mean of all the patient's 48 hours. What is wrong?",
        (
            ("Nothing, it is the patient's own mean.", "At hour 5, who knows what will be measured at hour 40?"),
            ("The median would be more robust.", "It would come from the future just the same."),
            (
                "It uses measurements from the future of that hour.",
                "Right. Carrying the last known value forward uses only what was known.",
            ),
        ),
        "c",
    ),
    Question(
        "On set b, logistic regression on summaries and recurrent networks reach about the same AUROC. That means",
        (
            (
                "most of what these records tell about death is told by simple summaries.",
                "Right: smallest, largest, last value, how often. Time tells less than one would think.",
            ),
            ("the network was trained badly.", "It might be. But boosted trees get no further either."),
            ("deep learning does not work on records.", "One task with 4,000 stays does not show that."),
        ),
        "a",
    ),
    Question(
        "A model has an AUROC of 0.86 and a calibration slope of 0.6. Its risks are",
        (
            (
                "too extreme: high ones are too high, low ones too low.",
                "Right. The order is good, the numbers are not to be quoted.",
            ),
            ("too timid.", "A slope below 1 means that the logits must be shrunk."),
            (
                "right, since the AUROC is high.",
                "AUROC looks at the order only. Squaring all risks would not change it.",
            ),
        ),
        "a",
    ),
    Question(
        "With 14 deaths in 100 admissions, a model gives alarms with a sensitivity of 50 % and a PPV of 50 %. Of 100 admissions there are",
        (
            ("50 alarms.", "The PPV is a share of the alarms, the sensitivity one of the dying. Count from the 14."),
            (
                "14 alarms, 7 of them right; 7 deaths without an alarm.",
                "Right. Both kinds of error are as frequent as being right.",
            ),
            ("7 alarms, all right.", "A PPV of 50 % means that every second alarm is false."),
        ),
        "b",
    ),
    Question(
        "In a simulated unit with known risks, the best possible AUROC is 0.876, and our model has 0.84. The rest up to 1.0 is",
        (
            (
                "what a better model could still gain.",
                "Only up to 0.876. Beyond that is chance, which no model can foresee.",
            ),
            (
                "mostly chance: two patients with the same risk need not have the same fate.",
                "Right. With real patients nobody knows where that limit is.",
            ),
            (
                "measurement noise.",
                "That explains a part of the way from 0.84 to 0.876. The limit itself is made of chance.",
            ),
        ),
        "b",
    ),
    Question(
        "After a new feature is added, the AUROC jumps from 0.85 to 0.99. The first thing to do is to",
        (
            ("write the paper.", "Later. Such a jump is a symptom."),
            ("tune the model further.", "Before that, ask where the jump comes from."),
            (
                "ask when that feature is known, and by whom it was written.",
                "Right. A value from after the outcome, or written because of it, makes any model brilliant and useless.",
            ),
        ),
        "c",
    ),
]
