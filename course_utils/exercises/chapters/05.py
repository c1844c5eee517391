"""Exercises and quiz of chapter 05, EHR prediction."""

import numpy as np

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
            "Start with a copy. At hour t: where it is NaN, take the *filled* value of hour t - 1.",
            "for t in range(1, len(filled)): filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])",
        ),
        reference=forward_fill,
        cases=tuple((chart,) for chart in _chart),
        mistakes={
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
            "Start with len(values) everywhere. Where there is a measurement, 0; where there is none, one more than "
            "the "
            "hour before, but only if there has been a measurement.",
            "if not np.isnan(values[t]): hours[t] = 0; elif t > 0 and hours[t - 1] < len(values): hours[t] = hours[t "
            "- 1] + 1",
        ),
        reference=hours_since,
        cases=tuple((chart,) for chart in _since),
        mistakes={
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
            "From `train` alone. Some values are NaN: np.nanmean and np.nanstd with axis=0.",
            "return (other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0)",
        ),
        reference=standardise,
        cases=((_a, _b), (_holes, _b), (_a, _a[:3])),
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
            "that is the spread with n - 1 in the denominator, as pandas has it. Here np.nanstd, with n, is wanted.": (
                "nanstd(train → nanstd(train, ddof=1"
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
            "alarm[died == 1].mean() and died[alarm].mean(); the smaller of the two counts.",
            "If nobody who died had an alarm (or there is none at all), return 0; else min of the two.",
        ),
        reference=event1,
        cases=tuple((_died, alarm) for alarm in (*_alarms, np.zeros(10, bool))),
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
                "np.unique(risk) → np.unique(risk)[::-1]"
            ),
            "at the threshold itself there is an alarm, too: risk >= threshold.": "risk >= → risk >",
            "“at least” allows exactly the wanted PPV: compare with >=.": ">= wanted → > wanted",
            "the PPV need not fall all the way down: it may rise again. Try all thresholds.": _first_fall,
            "the nearest PPV may lie below the wanted one; it must be at least that.": _nearest,
            "patients with the same risk get an alarm together; you count them one by one.": _one_by_one,
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
            "Of 100 admissions, how many will die? Of those, how many are found?",
            "dying = 100 * prevalence, found = dying * sensitivity, missed = dying - found.",
            "All alarms together are found / ppv; the false ones are those less the found: found / ppv - found.",
        ),
        reference=per_hundred,
        cases=((0.14, 0.5, 0.5), (0.14, 0.3, 0.7), (0.02, 0.9, 0.1), (0.5, 1.0, 1.0)),
        mistakes={
            "these are shares; counts among 100 admissions are asked for.": "100 * →",
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
            "that only says whether there are any; their numbers are wanted.": (
                lambda a, b: bool(len(np.intersect1d(a, b)))
            ),
            "each patient should come once, even with several stays.": lambda a, b: np.sort(a[np.isin(a, b)]),
            "each patient should come once, even with several stays (look at `test`).": (
                lambda a, b: np.sort(b[np.isin(b, a)])
            ),
            "those are all patients; only who is on both sides is wanted.": "intersect1d → union1d",
            "those are the patients of `train` who are *not* in `test`.": "intersect1d → setdiff1d",
            "you compare place by place; the same patient may stand anywhere.": (
                lambda a, b: np.unique(a[: min(len(a), len(b))][a[: min(len(a), len(b))] == b[: min(len(a), len(b))]])
            ),
            "a patient with two stays on one side is no leak; you find whoever comes twice anywhere.": (
                lambda a, b: (lambda values, counts: values[counts > 1])(
                    *np.unique(np.concatenate([a, b]), return_counts=True)
                )
            ),
        },
    ),
]

QUIZ = [
    Question(
        "In the records, lactate is measured in few hours. For a model, that it was measured at all",
        {
            "is of no use, since only the value itself tells how the patient is.": (
                "Somebody was worried enough to ask for it: how often things were measured told much without any value."
            ),
            "✓ is information: sicker patients have it measured more often.": (
                "Right. That is why the mask goes into the network beside the value. (And why the model may fail "
                "where habits differ.)"
            ),
            "is an error in the record that must be removed before training.": (
                "There is no error. Not everything is measured every hour, nor should it be."
            ),
        },
    ),
    Question(
        "A gap in a patient's heart rate is filled with the mean of all the patient's 48 hours. What is wrong?",
        {
            "Nothing: it is the patient's own mean, and no other patient's data is used.": (
                "At hour 5, who knows what will be measured at hour 40?"
            ),
            "The median would be better, since single wild values do not move it.": (
                "It would come from the future just the same."
            ),
            "✓ It uses measurements from that hour's future.": (
                "Right. Carrying the last known value forward uses only what was known."
            ),
        },
    ),
    Question(
        "On a test set, a recurrent network has an AUROC 0.005 below that of boosted trees; the interval of the "
        "difference is −0.012 to +0.002. One may say:",
        {
            "✓ The data do not decide which is better; the trees are far quicker to train.": (
                "Right. The interval holds 0. What does differ for sure is the price."
            ),
            "The trees are better: their AUROC is higher.": (
                "The interval of the difference holds 0: another set of patients may turn it round."
            ),
            "The two are equally good.": "That is not shown, either: a difference of 0.012 would still fit.",
        },
    ),
    Question(
        "A model has an AUROC of 0.86 and a calibration slope of 0.6. Its risks are",
        {
            "✓ too extreme at both ends.": "Right. The order is good, the numbers are not to be quoted.",
            "too timid: they stay too near to the mean.": (
                "A slope below 1 means the opposite: the logits must be shrunk."
            ),
            "right, since such a high AUROC cannot come from wrong risks.": (
                "AUROC looks at the order only. Squaring all risks would not change it."
            ),
        },
    ),
    Question(
        "With 14 deaths in 100 admissions, a model gives alarms with a sensitivity of 50 % and a PPV of 50 %. Of 100 "
        "admissions there are",
        {
            "50 alarms, of which 25 are for somebody who dies.": (
                "Only 14 die. The sensitivity is a share of those, so 7 are found."
            ),
            "✓ 14 alarms, 7 of them right; 7 die without.": "Right: 7 found, 7 missed, 7 false alarms.",
            "7 alarms, all of them right; 7 die without an alarm.": (
                "A PPV of 50 % means that every second alarm is false."
            ),
        },
    ),
    Question(
        "In a simulated unit with known risks, the best possible AUROC is 0.876, and our model has 0.84. The rest up "
        "to 1.0 is",
        {
            "what a better model, or one trained on more patients, could still gain.": (
                "Only up to 0.876. Beyond that is chance, which no model can foresee."
            ),
            "✓ mostly chance: equal risks need not mean equal fates.": (
                "Right. With real patients nobody knows where that limit is."
            ),
            "measurement noise, which better instruments would remove.": (
                "That explains a part of the way from 0.84 to 0.876. The limit itself is made of chance."
            ),
        },
    ),
    Question(
        "After a new feature is added, the AUROC jumps from 0.85 to 0.99. The first thing to do is to",
        {
            "repeat the training with other seeds, to see whether the jump is stable.": (
                "A leak is perfectly stable. Ask where the jump comes from."
            ),
            "score the test set, since validation figures are often too good.": (
                "If the feature leaks, the test set has the leak as well."
            ),
            "✓ ask when that feature is known, and who writes it.": (
                "Right. A value from after the outcome, or written because of it, makes any model brilliant and "
                "useless."
            ),
        },
    ),
    Question(
        "On 120 alarms of the validation stays, a threshold was the lowest to reach a PPV of 50 %. On new patients "
        "the PPV is 45 %. The likeliest reason:",
        {
            "The new patients are sicker, and so there are more false alarms.": (
                "With more deaths the PPV would rise, not fall."
            ),
            "✓ The lowest threshold was picked where luck was good.": (
                "Right: with 120 alarms a PPV is uncertain by some hundredths, and we took the place where it looked "
                "best."
            ),
            "The model has learned the validation stays by heart.": (
                "It was not trained on them. Only the threshold was chosen there, which is enough."
            ),
        },
    ),
]
