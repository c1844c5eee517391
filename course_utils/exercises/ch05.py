"""Exercises and quiz of chapter 05, EHR prediction."""

import numpy as np

from course_utils.exercises import Exercise, Question


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


def on_both_sides(train, test):
    return np.intersect1d(train, test)


def _fill_backwards(values):
    return forward_fill(values[::-1])[::-1]


def _one_hour(values):
    filled = values.copy()
    filled[1:] = np.where(np.isnan(values[1:]), values[:-1], values[1:])
    return filled


def _fill_both(values):
    return _fill_backwards(forward_fill(values))


def _around_the_end(values):
    """What values[t - 1] gives at t = 0: the last hour."""
    filled = values.copy()
    for t in range(len(filled)):
        filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])
    return filled


def _changed_in_place(values):
    values[:] = forward_fill(values)
    return values


def _before_this_hour(values):
    """How old what is known is before the hour is looked at (so it is defined in Che et al. 2018)."""
    hours = np.zeros(len(values))
    for t in range(1, len(values)):
        hours[t] = hours[t - 1] + 1 if np.isnan(values[t - 1]) else 1
    return hours


def _from_the_start(values):
    """Before the first measurement, the hours since the beginning."""
    hours = np.zeros(len(values))
    for t in range(len(values)):
        hours[t] = 0 if not np.isnan(values[t]) else (hours[t - 1] if t else 0) + 1
    return hours


def _zero_until_measured(values):
    hours = hours_since(values)
    return np.where(hours == len(values), 0, hours)


def _nan_until_measured(values):
    hours = hours_since(values)
    return np.where(hours == len(values), np.nan, hours)


nan = np.nan
_chart = (
    np.array([nan, 5.0, nan, nan, 7.0, nan]),
    np.array([3.0, nan, 2.0, nan]),
    np.array([nan, nan]),
    np.array([nan, 1.0, 2.0, 3.0]),
    np.array([4.0, *[nan] * 20, 6.0]),
    np.array([[80.0, nan], [nan, 37.0], [90.0, nan], [nan, nan]]),
)
_since = (
    np.array([nan, 5.0, nan, nan, 7.0, nan]),
    np.array([3.0, nan, 2.0, nan]),
    np.array([nan, nan, nan]),
    np.array([1.0, 2.0, 3.0]),
    np.array([nan, nan, 4.0, *[nan] * 12]),
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
    np.array([1, 1, 0, 1, 1, 1, 1, 1, 1, 0], bool),
)
_risk = np.array([0.9, 0.6, 0.35, 0.7, 0.5, 0.3, 0.2, 0.2, 0.1, 0.05])
_tied = np.array([0.9, 0.4, 0.4, 0.4, 0.4, 0.3, 0.2, 0.2, 0.1, 0.05])
_falling = np.array([0.9, 0.5, 0.3, 0.8, 0.7, 0.2, 0.2, 0.2, 0.1, 0.05])


def _ppv_from_above(died, risk, wanted):
    """The highest threshold that reaches it, where the lowest is asked for."""
    good = [t for t in np.unique(risk) if died[risk >= t].mean() >= wanted]
    return float(max(good))


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


def _more_than_wanted(died, risk, wanted):
    for threshold in np.unique(risk):
        if died[risk >= threshold].mean() > wanted:
            return float(threshold)
    return None


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
            "in hour 0, values[t - 1] is values[-1], the last hour: you begin with a value from the future. Start at hour "
            "1.": _around_the_end,
            "before the first measurement it must stay NaN; you put another number there.": lambda v: np.nan_to_num(
                forward_fill(v)
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
            "Go through the hours. Measured in this hour: 0. Not measured: look at what you have for the hour before.",
            "Start with len(values) everywhere. Where there is a measurement, 0; where there is none, one more than the "
            "hour before, but only if there has been a measurement.",
            "if not np.isnan(values[t]): hours[t] = 0; elif t > 0 and hours[t - 1] < len(values): hours[t] = hours[t - 1] + 1",
        ),
        reference=hours_since,
        cases=tuple((chart,) for chart in _since),
        mistakes={
            "in an hour with a measurement it is 0 hours ago; you give how old the value before it was.": (
                _before_this_hour
            ),
            "as long as it was never measured there is nothing to count from: give len(values).": _from_the_start,
            "0 would mean: measured just now. As long as it was never measured, give len(values).": (
                _zero_until_measured
            ),
            "a network cannot read NaN. As long as it was never measured, give len(values).": _nan_until_measured,
            "the count never starts again.": lambda v: np.arange(len(v), dtype=float),
            "an hour after a measurement it is 1 hour ago, not 2.": lambda v: np.where(
                np.isnan(v) & (hours_since(v) < len(v)), hours_since(v) + 1, hours_since(v)
            ),
            "you have measured and missing the wrong way round: np.isnan is True where nothing was measured.": (
                lambda v: hours_since(np.where(np.isnan(v), 1.0, nan))
            ),
            "this is the mask (measured or not); the age of the last measurement is wanted.": lambda v: (
                ~np.isnan(v)
            ).astype(float),
            "you count how often something was missing so far; it should start again after each measurement.": (
                lambda v: np.cumsum(np.isnan(v)).astype(float)
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
            "that is the spread with n - 1 in the denominator, as pandas has it. Here np.nanstd, with n, is wanted.": (
                lambda a, b: (b - np.nanmean(a, axis=0)) / np.nanstd(a, axis=0, ddof=1)
            ),
            "you use the median; the mean is asked for.": lambda a, b: (
                (b - np.nanmedian(a, axis=0)) / np.nanstd(a, axis=0)
            ),
            "if gaps are filled with 0 first, the mean moves towards 0. Leave them out: np.nanmean, np.nanstd.": (
                lambda a, b: (b - np.nan_to_num(a).mean(axis=0)) / np.nan_to_num(a).std(axis=0)
            ),
            "if gaps are filled with the mean first, the spread shrinks. Leave them out: np.nanstd.": lambda a, b: (
                (b - np.nanmean(a, axis=0)) / np.where(np.isnan(a), np.nanmean(a, axis=0), a).std(axis=0)
            ),
            "the mean is that of `train`, but the spread that of `other`.": lambda a, b: (
                (b - np.nanmean(a, axis=0)) / np.nanstd(b, axis=0)
            ),
            "the brackets are missing: the whole difference is to be divided by the spread.": lambda a, b: (
                b - np.nanmean(a, axis=0) / np.nanstd(a, axis=0)
            ),
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
            "your second number is the NPV, the share of survivors among those without an alarm. PPV asks about the "
            "alarms.": lambda d, a: min(a[d == 1].mean(), 1 - d[~a].mean()),
            "sensitivity and PPV are multiplied; the smaller of the two is asked for.": lambda d, a: (
                a[d == 1].mean() * d[a].mean() if a.any() else 0.0
            ),
            "that is in percent; a share from 0 to 1 is wanted.": lambda d, a: 100 * event1(d, a),
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
        cases=(
            *((_died, _risk, wanted) for wanted in (0.5, 0.6, 0.3, 0.9, 0.8)),
            (_died, _tied, 0.7),
            (_died, _falling, 0.55),
        ),
        mistakes={
            "that is the highest threshold which reaches the PPV, and it finds the fewest. Take the lowest.": (
                _ppv_from_above
            ),
            "at the threshold itself there is an alarm, too: risk >= threshold.": _strictly_above,
            "“at least” allows exactly the wanted PPV: compare with >=.": _more_than_wanted,
            "the PPV need not fall all the way down: it may rise again. Try all thresholds.": _first_fall,
            "the nearest PPV may lie below the wanted one; it must be at least that.": _nearest,
            "patients with the same risk get an alarm together; you count them one by one.": _one_by_one,
            "you return a place in the list; the risk at that place is wanted.": lambda d, r, w: int(
                np.flatnonzero(np.unique(r) == threshold_for_ppv(d, r, w))[0]
            ),
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
            "the last two are exchanged: found, missed, false alarms.": lambda p, s, v: (
                per_hundred(p, s, v)[0],
                per_hundred(p, s, v)[2],
                per_hundred(p, s, v)[1],
            ),
            "do not round: the numbers need not be whole.": lambda p, s, v: tuple(
                round(x) for x in per_hundred(p, s, v)
            ),
            "the sensitivity is a share of those who die, not of all 100.": lambda p, s, v: (
                100 * s,
                100 * p - 100 * s,
                100 * s / v - 100 * s,
            ),
            "false alarms are counted among those who survive only with the specificity; here the PPV is given.": (
                lambda p, s, v: (*per_hundred(p, s, v)[:2], 100 * (1 - p) * (1 - v))
            ),
            "found and missed are exchanged.": lambda p, s, v: (
                per_hundred(p, s, v)[1],
                per_hundred(p, s, v)[0],
                per_hundred(p, s, v)[2],
            ),
        },
    ),
    Exercise(
        "05.on_both_sides",
        hints=(
            "You want what the two arrays have in common. Patients who come twice on one side do not matter.",
            "np.intersect1d does it; so do Python's sets, if you sort what comes out.",
            "return np.intersect1d(train, test)",
        ),
        reference=on_both_sides,
        cases=(
            (np.array([5, 3, 3, 9]), np.array([4, 9, 3, 8])),
            (np.array([1, 2, 2]), np.array([7, 7])),
            (np.array([10, 2, 30]), np.array([30, 10, 10])),
        ),
        mistakes={
            "that is how many there are; their numbers are wanted.": lambda a, b: len(np.intersect1d(a, b)),
            "that only says whether there are any; their numbers are wanted.": lambda a, b: bool(
                len(np.intersect1d(a, b))
            ),
            "each patient should come once, even with several stays.": lambda a, b: np.sort(a[np.isin(a, b)]),
            "each patient should come once, even with several stays (look at `test`).": lambda a, b: np.sort(
                b[np.isin(b, a)]
            ),
            "those are all patients; only who is on both sides is wanted.": lambda a, b: np.union1d(a, b),
            "those are the patients of `train` who are *not* in `test`.": lambda a, b: np.setdiff1d(a, b),
            "you compare place by place; the same patient may stand anywhere.": lambda a, b: np.unique(
                a[: min(len(a), len(b))][a[: min(len(a), len(b))] == b[: min(len(a), len(b))]]
            ),
            "a patient with two stays on one side is no leak; you find whoever comes twice anywhere.": lambda a, b: (
                lambda values, counts: values[counts > 1]
            )(*np.unique(np.concatenate([a, b]), return_counts=True)),
        },
    ),
]

QUIZ = [
    Question(
        "In the records, lactate is measured in few hours. For a model, that it was measured at all",
        (
            (
                "is of no use, since only the value itself tells how the patient is.",
                "Somebody was worried enough to ask for it: how often things were measured told much without any value.",
            ),
            (
                "is information: sicker patients have it measured more often.",
                "Right. That is why the mask goes into the network beside the value. (And why the model may fail where habits differ.)",
            ),
            (
                "is an error in the record that must be removed before training.",
                "There is no error. Not everything is measured every hour, nor should it be.",
            ),
        ),
        "b",
    ),
    Question(
        "A gap in a patient's heart rate is filled with the mean of all the patient's 48 hours. What is wrong?",
        (
            (
                "Nothing: it is the patient's own mean, and no other patient's data is used.",
                "At hour 5, who knows what will be measured at hour 40?",
            ),
            (
                "The median would be better, since single wild values do not move it.",
                "It would come from the future just the same.",
            ),
            (
                "It uses measurements from that hour's future.",
                "Right. Carrying the last known value forward uses only what was known.",
            ),
        ),
        "c",
    ),
    Question(
        "On a test set, a recurrent network has an AUROC 0.005 below that of boosted trees; the interval of the difference is "
        "−0.012 to +0.002. One may say:",
        (
            (
                "The data do not decide which is better; the trees are far quicker to train.",
                "Right. The interval holds 0. What does differ for sure is the price.",
            ),
            (
                "The trees are better: their AUROC is higher.",
                "The interval of the difference holds 0: another set of patients may turn it round.",
            ),
            (
                "The two are equally good.",
                "That is not shown, either: a difference of 0.012 would still fit.",
            ),
        ),
        "a",
    ),
    Question(
        "A model has an AUROC of 0.86 and a calibration slope of 0.6. Its risks are",
        (
            ("too extreme at both ends.", "Right. The order is good, the numbers are not to be quoted."),
            (
                "too timid: they stay too near to the mean.",
                "A slope below 1 means the opposite: the logits must be shrunk.",
            ),
            (
                "right, since such a high AUROC cannot come from wrong risks.",
                "AUROC looks at the order only. Squaring all risks would not change it.",
            ),
        ),
        "a",
    ),
    Question(
        "With 14 deaths in 100 admissions, a model gives alarms with a sensitivity of 50 % and a PPV of 50 %. Of 100 admissions there are",
        (
            (
                "50 alarms, of which 25 are for somebody who dies.",
                "Only 14 die. The sensitivity is a share of those, so 7 are found.",
            ),
            ("14 alarms, 7 of them right; 7 die without.", "Right: 7 found, 7 missed, 7 false alarms."),
            (
                "7 alarms, all of them right; 7 die without an alarm.",
                "A PPV of 50 % means that every second alarm is false.",
            ),
        ),
        "b",
    ),
    Question(
        "In a simulated unit with known risks, the best possible AUROC is 0.876, and our model has 0.84. The rest up to 1.0 is",
        (
            (
                "what a better model, or one trained on more patients, could still gain.",
                "Only up to 0.876. Beyond that is chance, which no model can foresee.",
            ),
            (
                "mostly chance: equal risks need not mean equal fates.",
                "Right. With real patients nobody knows where that limit is.",
            ),
            (
                "measurement noise, which better instruments would remove.",
                "That explains a part of the way from 0.84 to 0.876. The limit itself is made of chance.",
            ),
        ),
        "b",
    ),
    Question(
        "After a new feature is added, the AUROC jumps from 0.85 to 0.99. The first thing to do is to",
        (
            (
                "repeat the training with other seeds, to see whether the jump is stable.",
                "A leak is perfectly stable. Ask where the jump comes from.",
            ),
            (
                "score the test set, since validation figures are often too good.",
                "If the feature leaks, the test set has the leak as well.",
            ),
            (
                "ask when that feature is known, and who writes it.",
                "Right. A value from after the outcome, or written because of it, makes any model brilliant and useless.",
            ),
        ),
        "c",
    ),
    Question(
        "On 120 alarms of the validation stays, a threshold was the lowest to reach a PPV of 50 %. On new patients the PPV is 45 %. "
        "The likeliest reason:",
        (
            (
                "The new patients are sicker, and so there are more false alarms.",
                "With more deaths the PPV would rise, not fall.",
            ),
            (
                "The lowest threshold was picked where luck was good.",
                "Right: with 120 alarms a PPV is uncertain by some hundredths, and we took the place where it looked best.",
            ),
            (
                "The model has learned the validation stays by heart.",
                "It was not trained on them. Only the threshold was chosen there, which is enough.",
            ),
        ),
        "b",
    ),
]
