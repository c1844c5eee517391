# ---
# jupyter:
#   course:
#     title: EHR prediction
#     card: 48 hours in intensive care
#     tagline: Predict death in intensive care from 48 hours of records, beside clinical scores, regression and trees; plant leaks and find them.
#     part: core
#     questions:
#       - How do I split measurements of the same patients?
#       - Which threshold, for screening and for confirming?
#       - My data is a table with gaps, not images.
#       - Is a network better than logistic regression or boosted trees here?
#       - My score is too good to be true.
#       - May I take the predicted risks at their word?
#     objectives:
#       - turn a patient's record, a table of events with gaps, into arrays that a model can read
#       - use what is missing as information, and nothing that was known only later
#       - set recurrent networks beside clinical scores, logistic regression and boosted trees, honestly
#       - choose a threshold for a purpose, and count what it means for 100 admissions
#       - plant three leaks, see what each does to the score, and write the check that finds one of them
#     needs:
#       - "chapters [02](02_cross_entropy.ipynb) and [03](03_lstm_gates.ipynb): cross-entropy, LSTM, GRU"
#       - "AUC, thresholds and intervals from [chapter 04](04_medmnist_classification.ipynb)"
#     minutes: 90
#     datasets: PhysioNet Challenge 2012, or a simulated unit
#     data: >-
#       PhysioNet/Computing in Cardiology Challenge 2012, 8,000 stays in intensive care, sets a and b (ODC-BY 1.0), found
#       on this computer or fetched from PhysioNet. Without them the chapter runs on a simulated unit and says so.
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["start"]
from course_utils import check, hint, progress, quiz, setup

device = setup()

# %% [markdown] tags=["instructor"]
# **Guide to this chapter**
#
# **Goals.** At the end they can say of every input *when it was known*, set a network beside models that train in
# seconds without taking sides, and translate a threshold into what happens to 100 people.
#
# **Where people get stuck**
#
# - `05.forward_fill` (section 4): watch for gaps filled from later hours, and for `values[t - 1]` at t = 0, which is
#   the last hour. Lay a sheet of paper over everything to the right of hour t: what is under it nobody knows yet.
# - `05.hours_since` (section 4): watch for 0 before the first measurement (that would mean "just now"), and for a
#   count that never starts again. Fill in one row of six hours together.
# - `05.standardise` (section 4): watch for the mean of `other`, or of everybody. "Tomorrow's patient comes alone and
#   has no mean."
# - `05.event1` (section 7): watch for specificity in place of PPV, and for 0 / 0 when nobody has an alarm. Ask what
#   the smaller of the two says if everybody gets an alarm.
# - `05.threshold_for_ppv` (section 8): watch for the highest threshold instead of the lowest, and for the wanted PPV
#   being returned. Sort ten patients by risk on the board and move a line down through them.
# - `05.per_hundred` (section 8): watch for all alarms being counted as false, and for shares of 100 where shares of
#   the dying or of the alarms are meant. Begin the tree with how many of 100 die.
#
# **Say**
#
# - "When was this known, and who wrote it down?" No test of code asks it for you.
# - "What did the network add, and what did it cost?" Read the differences with their intervals, not the ranking.
# - "What would you do at an alarm that you would not do otherwise?"
#
# The outcome of this chapter is death in hospital. Say so at the beginning, and leave room for those who have been
# near it.
#
# **When late, skip** the long cells of sections 3 and 5 (the text says the same), sections 9, 12 and 13, and
# exercises 2 and 3. No later cell uses what an exercise asks for; but nearly everything after section 3 uses its
# functions, and after section 5 the trained networks: run every cell, don't discuss it. Keep sections 1, 2, 7, 8 and
# 10.

# %% [markdown]
# ## 1 A record is a table of events
#
# Somebody is brought to an intensive care unit (ICU). For 48 hours everything is written down: blood pressure every hour,
# a blood test now and then, how much urine there was. The question of this chapter: **will this patient die in the
# hospital?** It was put to the world in 2012 by PhysioNet and the conference Computing in Cardiology, with the records
# of thousands of real patients, and the answers are still being improved.
#
# Electronic health records (**EHR**) are nothing like images. They are lists of events, irregular and full of holes.

# %%
from course_utils import load_icu

icu = load_icu()
print("Licence: ", icu.licence)
print("Citation:", icu.citation)

# %% [markdown]
# There are two sets of patients. On the first, set a, we train and choose (`icu.train`). The second, set b, is for the
# report at the end (`icu.test`). No patient is in both, and every stay lasted 48 hours or more. This is how one begins
# (a stay with much to show):

# %%
import numpy as np
import pandas as pd

from course_utils.data import MEASUREMENTS

names = list(icu.measurements)
units = {name: unit for name, (unit, _, _) in MEASUREMENTS.items()}
stay = int(np.flatnonzero(np.isfinite(icu.train.values[:, :6]).sum(axis=(1, 2)) > 20)[0])
events = [
    {"hour": hour, "what": names[k], "value": round(float(icu.train.values[stay, hour, k]), 2)}
    for hour in range(4)
    for k in np.flatnonzero(np.isfinite(icu.train.values[stay, hour]))
]
pd.DataFrame(events).assign(unit=lambda table: table["what"].map(units)).head(14)

# %% [markdown]
# To have arrays, the course has put the events on an **hourly grid**: 48 hours by 37 measurements for each stay.
# Several values in an hour become their mean (for urine, their sum). Where nothing was measured stands NaN, "not a
# number". On the way, values that no human being can have were removed, such as a heart rate of 0 in somebody who
# lives, or a pH of 735 (somebody forgot the point). In the Challenge's files −1 means "unknown"; that is NaN here, too.
# Units matter: a temperature of 98 is quite normal in degrees Fahrenheit, and impossible in degrees Celsius.
#
# <details><summary>What the 37 abbreviations mean</summary>
#
# **Circulation**: HR heart rate; SysABP, DiasABP, MAP systolic, diastolic and mean blood pressure, measured in the
# artery; NISysABP, NIDiasABP, NIMAP the same by cuff ("non-invasive"). **Breathing**: RespRate breaths a minute; MechVent
# on a ventilator (only ever written down as 1); FiO2 share of oxygen in the air breathed; SaO2 oxygen saturation; PaO2,
# PaCO2 pressure of oxygen and carbon dioxide in arterial blood; pH acidity; HCO3 bicarbonate, which buffers acid; Lactate
# what tissue gives off when it lacks oxygen. **Brain**: GCS Glasgow Coma Scale, 15 awake, 3 no reaction. **Kidneys**:
# Urine; BUN (urea nitrogen) and Creatinine, waste in the blood. **Liver**: ALP, ALT, AST enzymes; Bilirubin; Albumin.
# **Heart**: TroponinI, TroponinT, which injured heart muscle sets free. **Blood**: HCT share of red cells; WBC white cells;
# Platelets. **Salts and sugar**: Na, K, Mg, Glucose. **Other**: Cholesterol, Temp, Weight.
#
# </details>
#
# ## 2 Look and count
#
# How many die? And how much is missing?

# %%
values, died = icu.train.values, icu.train.died
measured = np.isfinite(values)
print(f"{len(died)} stays in set a, {died.sum()} deaths in hospital ({died.mean():.1%})")
print(f"{measured.mean():.0%} of all cells of the grid are filled")

# %%
from course_utils import plots, show

by_fate = {fate: measured[died == fate].mean(axis=(0, 1)) for fate in (0, 1)}
order = np.argsort(by_fate[1] / np.maximum(by_fate[0], 1e-9))
place = np.arange(len(names))
fig, ax = plots.figure(7.4, 7.2)
ax.hlines(place, by_fate[0][order], by_fate[1][order], color="lightgray", linewidth=3)
ax.plot(by_fate[0][order], place, "o", color=plots.BLUE, markersize=5, label="survived")
ax.plot(by_fate[1][order], place, "^", color=plots.RED, markersize=6, label="died in hospital")
ax.set_xscale("log")
ax.set_yticks(place, [names[k] for k in order], fontsize=8)
ax.set(xlabel="share of the hours in which it was measured", ylim=(-1, len(names)))
ax.legend(frameon=False, fontsize=9, loc="lower left")
ax.set_title(
    "How often something is measured already says something\n(top: relatively more often in those who died)",
    fontsize=10,
)
show(
    fig,
    "For each of the 37 measurements two points on a logarithmic scale, the share of hours measured in survivors and in those "
    "who died, sorted by their ratio; at the top those measured more often in patients who died.",
    source=icu.source,
)

# %% [markdown]
# Nobody asks for a lactate without a reason. So *that* it was measured is information. How much? Let us look at nothing
# else: no value at all, only how often each thing was measured, in a logistic regression. (Without MechVent, whose only
# value is 1: there, "how often" *is* the value.) (AUROC is the AUC of earlier
# chapters: the probability that somebody who dies gets a higher risk than somebody who survives.)
#
# First the split. What is chosen in this chapter is chosen on a fifth of set a, the **validation** part.

# %% tags=["recipe"]
import time
import warnings

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils.data import MEASUREMENTS, Stays


def part(stays, which):
    """Some of the stays."""
    return Stays(*(None if array is None else array[which] for array in stays))


def split(stays, share=0.2, seed=0):
    """A training and a validation part, by patient: each has one stay."""
    validation = np.zeros(len(stays.died), bool)
    validation[
        np.random.default_rng(seed).permutation(len(stays.died))[
            : round(share * len(stays.died))
        ]
    ] = True
    return part(stays, ~validation), part(stays, validation)


# %% [markdown] tags=["instructor"]
# A bet before this cell: an AUROC between 0.5 and 1 for a model that sees no value at all, only how often each thing
# was measured. Then ask the clinicians in the room *why* a lactate is ordered. What they answer is in the data.

# %%
from course_utils import auc

train, val = split(icu.train)
others = [k for k, name in enumerate(names) if name != "MechVent"]
counts = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
counts.fit(np.isfinite(train.values[..., others]).sum(axis=1), train.died)
p = counts.predict_proba(np.isfinite(val.values[..., others]).sum(axis=1))[:, 1]
print(
    f"AUROC on the validation stays, from how often things were measured: {auc(val.died, p, 'binary-class'):.3f}"
)

# %% [markdown]
# Well above 0.5, without a single value. That is a gift and a danger: it tells about the *doctors* as much as about the
# patients, and in a hospital with other habits it will be different.
#
# ## 3 Baselines: two scores and two models
#
# Doctors had an answer long before networks: **scores**, points for each measurement out of range, added up. A coma scale
# below 6, for example, counts 4 points in SOFA. SAPS-I and SOFA come with the data, computed from the first day.
#
# And two models that know nothing of time. First, what a doctor would do with the numbers: values with a long tail (a
# few patients have hundreds of times the usual) go through a logarithm; a blood pressure by cuff stands in for one that
# was not measured in the artery; the pulse pressure is worked out (systolic minus diastolic), and two ratios, PaO₂ / FiO₂
# (how well do the lungs work for the oxygen given?) and heart rate / systolic pressure (the *shock index*). With the
# three pressures "artery, else cuff" that makes 43 channels.
#
# From the 48 hours of each channel we take **summaries**: smallest, largest, mean and last value, and how often it was
# measured. On that table, and what was known at admission: logistic regression. It gets each number twice, as it is and
# as its *distance from the mean*, since in the body too high and too low can both be bad. And **gradient-boosted
# trees**: some hundred small decision trees, one after the other. Each is a few questions of the kind "largest lactate
# above 4?", and each is made to mend what those before it got wrong. They get a larger table, with spread and slope and
# with summaries of the last 24 and 12 hours, and pick what they need.
#
# (The next cell is long, and you may skip it at first reading: nothing in it is more than the paragraphs above say.)


# %% tags=["recipe"]
PLACE = {name: k for k, name in enumerate(MEASUREMENTS)}
LONG_TAILED = [
    *("ALP", "ALT", "AST", "Bilirubin", "BUN", "Creatinine", "FiO2", "Glucose"),
    *("Lactate", "PaCO2", "PaO2", "Platelets", "TroponinI", "TroponinT", "Urine", "WBC"),
]
warnings.filterwarnings(
    "ignore", "Mean of empty|All-NaN|Degrees of freedom"
)  # of what was never measured


def filled(x):
    """x (N, T, C) with each gap filled by the last value before it, and how many steps ago that was (T: never yet)."""
    step = np.arange(x.shape[1])[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(x), -1, step), axis=1)
    value = np.take_along_axis(x, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, value, np.nan), np.where(last >= 0, step - last, x.shape[1])


def channels(stays):
    """(N, 48, 43): the measurements, long tails in logarithms, and six that a doctor would work out."""
    v = stays.values

    def of(name):
        return v[..., PLACE[name]]

    def either(arterial, cuff):
        return np.where(np.isnan(of(arterial)), of(cuff), of(arterial))

    systolic, diastolic = either("SysABP", "NISysABP"), either("DiasABP", "NIDiasABP")
    oxygen = filled(v[..., [PLACE["FiO2"]]])[0][..., 0]
    worked_out = [systolic, diastolic, either("MAP", "NIMAP"), systolic - diastolic]
    worked_out += [np.log(of("PaO2") / oxygen), np.log(of("HR") / systolic)]
    x = v.copy()
    for name in LONG_TAILED:
        x[..., PLACE[name]] = np.log(of(name) + 0.1)
    return np.concatenate([x, np.stack(worked_out, axis=-1)], axis=-1).astype("float32")


def at_admission(stays):
    """(N, 10): age, height, weight, sex, the four kinds of unit, and whether height and weight are unknown."""
    age, sex, height, unit, weight = stays.static.T
    units = [unit == k for k in (1, 2, 3, 4)]
    return np.column_stack(
        [age, height, weight, sex, *units, np.isnan(height), np.isnan(weight)]
    )


def summaries(stays, more=False):
    """One row a stay: smallest, largest, mean, last, how often, for each channel; with `more`, what trees may like."""
    if len(stays.died) > 500:  # in blocks, for the sake of memory
        blocks = np.array_split(np.arange(len(stays.died)), len(stays.died) // 500 + 1)
        return np.concatenate([summaries(part(stays, block), more) for block in blocks])
    x = channels(stays)
    known = ~np.isnan(x)
    table = [
        np.nanmin(x, axis=1),
        np.nanmax(x, axis=1),
        np.nanmean(x, axis=1),
        filled(x)[0][:, -1],
        known.sum(axis=1),
    ]
    if more:
        t = np.where(known, np.arange(48, dtype="float32")[:, None], np.nan).astype("float32")
        t -= np.nanmean(t, axis=1, keepdims=True)
        table += [
            np.nanstd(x, axis=1),
            np.nanmean(t * x, axis=1) / (np.nanmean(t**2, axis=1) + 1e-6),
        ]  # spread, slope
        table += [
            filled(x)[1][:, -1],
            filled(x[:, ::-1])[0][:, -1],
        ]  # how long ago the last; the first
        for hours in (24, 12):
            late = x[:, -hours:]
            table += [
                np.nanmin(late, axis=1),
                np.nanmax(late, axis=1),
                np.nanmean(late, axis=1),
            ]
    return np.concatenate([at_admission(stays), *table], axis=1)


def scaler(table):
    """A function that scales by this table's mean and spread; gaps become 0, which is the mean."""
    mean, spread = np.nanmean(table, axis=0), np.nanstd(table, axis=0)
    spread = np.where(spread > 1e-6, spread, 1)
    return lambda other: np.nan_to_num(np.clip((other - mean) / spread, -4, 4)).astype(
        "float32"
    )


def fit_score(train, column):
    """A clinical score, made a probability by a logistic regression on it alone."""
    model = make_pipeline(SimpleImputer(strategy="median"), LogisticRegression())
    model.fit(train.scores[:, [column]], train.died)
    return lambda stays: model.predict_proba(stays.scores[:, [column]])[:, 1], 2


def fit_logistic(train):
    scale = scaler(summaries(train))

    def inputs(stays):
        z = scale(summaries(stays))
        return np.column_stack([z, np.abs(z)])

    model = LogisticRegression(C=0.003, max_iter=500).fit(inputs(train), train.died)
    return lambda stays: model.predict_proba(inputs(stays))[:, 1], model.coef_.size + 1


def fit_trees(train, seed=0, trees=400):
    model = HistGradientBoostingClassifier(
        learning_rate=10 / trees,  # many small steps
        max_iter=trees,
        max_leaf_nodes=8,
        l2_regularization=5,
        max_features=0.1,  # each split chooses among a tenth of the columns
        early_stopping=False,
        random_state=seed,
    )
    model.fit(summaries(train, more=True), train.died)
    leaves = model.n_iter_ * model.max_leaf_nodes  # at most
    return lambda stays: model.predict_proba(summaries(stays, more=True))[:, 1], leaves


# %% [markdown]
# Each function `fit_…` takes the training stays and gives back two things: a function that predicts, and the number of
# its parameters, of what was set in training (for the trees, their leaves). The two scores know one day only. So that the
# comparison is fair, we also ask what the regression makes of the first day alone.

# %%
fitted, seconds = {}, {}


def fit_and_time(name, fit_model, *arguments):
    start = time.perf_counter()
    fitted[name] = fit_model(train, *arguments)
    seconds[name] = time.perf_counter() - start
    p = fitted[name][0](val)
    print(
        f"{name:22} {seconds[name]:5.1f} s, AUROC on the validation stays {auc(val.died, p, 'binary-class'):.3f}"
    )


fit_and_time("SAPS-I", fit_score, 0)
fit_and_time("SOFA", fit_score, 1)
fit_and_time("logistic regression", fit_logistic)
fit_and_time("boosted trees", fit_trees)


def known_at(stays, hour):
    """The stays as they were known at this hour: everything later is hidden."""
    values = stays.values.copy()
    values[:, hour:] = np.nan
    return stays._replace(values=values)


p = fit_logistic(known_at(train, 24))[0](known_at(val, 24))
print(
    f"logistic regression on the first day only: AUROC {auc(val.died, p, 'binary-class'):.3f}"
)

# %% [markdown]
# The two models are far ahead of the scores, with one day as well. (The scores were made to be counted at the bedside,
# decades ago. And they know nothing of *this* unit.) That is what a network has to beat.
#
# ## 4 What a network is given
#
# A recurrent network reads hour after hour, and cannot read NaN. Three things go in for each measurement:
#
# - its **value**, with gaps filled by the last known one (*forward fill*);
# - its **mask**, 1 if it was measured just now, 0 if the value is an old one;
# - the **time since** it was measured. A lactate of two hours ago is worth more than one of yesterday.
#
# ### Exercise 1: forward fill
#
# `values` holds one patient's hours, with shape (hours,) or (hours, measurements). Fill every gap with the last value
# known before. What comes before the first measurement stays NaN. Do not change the array you are given: the gaps in it
# are still needed for the mask.


# %% tags=["exercise"]
def forward_fill(values):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.forward_fill", forward_fill)
# hint("05.forward_fill")


# %% tags=["solution"]
def forward_fill(values):
    filled = values.copy()
    for t in range(1, len(filled)):
        filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])
    return filled


check("05.forward_fill", forward_fill)

# %% [markdown]
# ### Exercise 2: the time since
#
# For one measurement, `values` of shape (hours,): how many hours ago, at hour t, was it measured last? In an hour in
# which it is measured, 0; in the next hour without a measurement 1, and so on. As long as it was never measured, there is
# no answer; give `len(values)`, longer than anything that occurs.


# %% tags=["exercise"]
def hours_since(values):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.hours_since", hours_since)
# hint("05.hours_since")


# %% tags=["solution"]
def hours_since(values):
    hours = np.full(len(values), float(len(values)))
    for t in range(len(values)):
        if not np.isnan(values[t]):
            hours[t] = 0
        elif t > 0 and hours[t - 1] < len(values):
            hours[t] = hours[t - 1] + 1
    return hours


check("05.hours_since", hours_since)

# %% [markdown]
# ### Exercise 3: what is wrong here?
#
# A notebook scales its records like this, before anything else:
#
# > `everything = np.concatenate([train, test]); x = (everything - everything.mean(axis=0)) / everything.std(axis=0)`
#
# Two things are wrong. Test patients have helped to compute the mean. And with a single NaN in a column, the whole
# column becomes NaN. Write it right: return `other`, scaled by the mean and the spread of `train`. Both have the shape
# (patients, measurements).


# %% tags=["exercise"]
def standardise(train, other):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.standardise", standardise)
# hint("05.standardise")


# %% tags=["solution"]
def standardise(train, other):
    mean, spread = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
    return (other - mean) / spread


check("05.standardise", standardise)

# %% [markdown]
# Here is all of it for whole arrays (`filled`, above, gives the value and the time since at once; the latter goes in as
# a logarithm, since the first hours matter most). Beside the value goes its distance from the mean, as in the regression. And two hours become one step, so that the network has half as many to take.

# %% tags=["recipe"]
import keras
from keras import layers, ops


def two_hourly(stays):
    """(N, 24, 43): the mean of each two hours, NaN where nothing was measured."""
    x = channels(stays)
    return np.nanmean(x.reshape(len(x), 24, 2, x.shape[-1]), axis=2)


def network_input(z):
    """Scaled steps with gaps -> value, distance from the mean, mask and time since, side by side: (N, 24, 4 * 43)."""
    value, ago = filled(z)
    value = np.nan_to_num(value)  # never yet: the mean, which is 0
    since = np.log1p(np.minimum(2 * ago, 48)) / np.log1p(48)
    return np.concatenate([value, np.abs(value), ~np.isnan(z), since], axis=2, dtype="float32")


# %% [markdown]
# ## 5 Two recurrent networks
#
# The LSTM and the GRU of chapter 03, in the same frame: whole channels are dropped at random now and then, so that the
# network does not lean on a single one; the cell reads the 24 steps; of its states we take the last, the mean and the
# largest; what was known at admission is put beside them; and one Dense layer gives the logit of death.
#
# A few thousand stays with one bit each, "died" or not, are little to learn from. So the network gets **further tasks**,
# only for training: at every step, to forecast the next step's values; at the end, to tell the two clinical scores and
# the days in hospital; and who had died 30, 90 and 365 days after admission, at home, too. What it learns for them (how
# patients go on, what counts as ill) may serve the main task. Their losses are weighted down, and errors count only where
# something is known. In our cross-validation on set a the gain was small, hardly more than another seed makes, and it
# costs little. (The days were known long afterwards. As a *target* in training that is allowed. As an input it would be
# the worst of leaks.)
#
# The learning rate rises at first and then falls to almost nothing, so that the end of training is calm. The settings
# were chosen beforehand, by five-fold cross-validation on all of set a. The validation stays had a part in that, so what
# they say in this chapter is a little too good; set b had none.
#
# One idea more is in the code: `members`. With 4, four networks with weights of their own stand side by side, and their
# logits are averaged; since each errs in its own way, the mean errs less. With `more`, each also reads the regression's
# summaries. That takes several times as long. This chapter trains single networks; `uv run course bench icu`, a command
# of this course, trains four together, too.


# %% tags=["gpu", "recipe"]
from course_utils import fit


def recurrent_network(cell, units, members, shapes, n_channels, share):
    """Networks side by side, each with weights of its own; the second axis of every answer is the member."""
    steps, admission, *table = inputs = [layers.Input(shape) for shape in shapes]
    start = keras.initializers.Constant(np.log(share / (1 - share)))  # the share that dies
    answers = {"death": [], "next": [], "scores": [], "later": []}
    for _ in range(members):
        h = cell(units, return_sequences=True)(layers.SpatialDropout1D(0.2)(steps))
        state = [h[:, -1], layers.GlobalAveragePooling1D()(h), layers.GlobalMaxPooling1D()(h)]
        for summary in table:
            weak = keras.regularizers.L2(1e-3)
            read = layers.Dense(32, activation="relu", kernel_regularizer=weak)
            state.append(read(layers.Dropout(0.5)(summary)))
        state = layers.Dropout(0.3)(layers.Concatenate()([*state, admission]))
        answers["death"].append(layers.Dense(1, bias_initializer=start)(state))
        answers["next"].append(layers.Dense(n_channels)(h))
        answers["scores"].append(layers.Dense(3)(state))
        answers["later"].append(layers.Dense(3)(state))
    return keras.Model(
        inputs, {name: ops.stack(given, axis=1) for name, given in answers.items()}
    )


def cross_entropy(y, z):
    """From logits: the mean over the questions, the sum over the members."""
    return ops.sum(ops.mean(ops.softplus(z) - y * z, axis=-1), axis=1)


def error_where_known(target, predicted):
    """The mean squared error over what is known, the sum over the members."""
    missing = ops.isnan(target)
    error = ops.where(missing, 0.0, target - predicted) ** 2
    axes = tuple(range(2, len(target.shape)))
    known = ops.sum(ops.cast(~missing, "float32"), axis=axes)
    return ops.sum(ops.sum(error, axis=axes) / ops.maximum(known, 1), axis=1)


LOSSES = {
    "death": cross_entropy,
    "next": error_where_known,
    "scores": error_where_known,
    "later": cross_entropy,
}
WEIGHTS = {"death": 1, "next": 0.3, "scores": 0.1, "later": 0.3}


def tasks(stays, z):
    """The targets: death in hospital and the further tasks; z are the scaled steps."""
    days, until_death = stays.later.T
    known = np.column_stack([stays.scores, np.log(days)])
    dead = [(stays.died == 1) | (until_death <= limit) for limit in (30, 90, 365)]
    targets = {
        "death": stays.died[:, None],
        "next": np.concatenate([z[:, 1:], np.full_like(z[:, :1], np.nan)], axis=1),
        "scores": (known - np.nanmean(known, axis=0)) / (np.nanstd(known, axis=0) + 1e-6),
        "later": np.column_stack(dead),
    }
    return {name: target[:, None].astype("float32") for name, target in targets.items()}


def fit_recurrent(train, cell, seed=0, units=48, members=1, more=False, epochs=14):
    keras.utils.set_random_seed(seed)
    x = two_hourly(train)
    mean, spread = np.nanmean(x, axis=(0, 1)), np.nanstd(x, axis=(0, 1)) + 1e-6
    scale_admission, scale_table = scaler(at_admission(train)), scaler(summaries(train))

    def scaled(stays):
        return np.clip((two_hourly(stays) - mean) / spread, -4, 4)  # NaN stays NaN

    def inputs(stays):
        given = [network_input(scaled(stays)), scale_admission(at_admission(stays))]
        if more:
            table = scale_table(summaries(stays))
            given.append(np.column_stack([table, np.abs(table)]))
        return given

    given, z = inputs(train), scaled(train)
    shapes = [array.shape[1:] for array in given]
    network = recurrent_network(cell, units, members, shapes, z.shape[2], train.died.mean())
    steps = epochs * -(-len(z) // 64)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps, warmup_target=2e-3, warmup_steps=steps // 10, alpha=0.02
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-3, clipnorm=members**0.5)
    network.compile(optimizer, loss=LOSSES, loss_weights=WEIGHTS)
    fit(network, (given, tasks(train, z)), epochs=epochs, batch_size=64, seed=seed)

    def predict(stays):
        blocks = np.array_split(np.arange(len(stays.died)), len(stays.died) // 500 + 1)
        logits = [
            network.predict_on_batch(inputs(part(stays, block)))["death"] for block in blocks
        ]
        return 1 / (1 + np.exp(-np.concatenate(logits)[..., 0].mean(axis=1, dtype=float)))

    return predict, network.count_params()


# %%
fit_and_time("LSTM", fit_recurrent, layers.LSTM)
fit_and_time("GRU", fit_recurrent, layers.GRU)

# %% [markdown]
# Compare with the two baselines above, and with the seconds they took.
#
# ## 6 Two worlds together
#
# The trees see summaries, the networks every step. Where two models err in different ways, their mean can err less. We take the mean of the *logits* (log odds), not of the probabilities: it treats 0.01 and 0.02 as being as far
# apart as 0.50 and 0.67, since in both cases the odds double.


# %% tags=["recipe"]
def logit(p):
    return np.log(np.clip(p, 1e-6, 1 - 1e-6) / (1 - np.clip(p, 1e-6, 1 - 1e-6)))


TOGETHER = ("logistic regression", "boosted trees", "LSTM", "GRU")


def combined(predictors):
    """The mean of the logits of several models."""
    return lambda stays: (
        1 / (1 + np.exp(-np.mean([logit(p(stays)) for p in predictors], axis=0)))
    )


# %%
fitted["all four combined"] = (
    combined([fitted[name][0] for name in TOGETHER]),
    sum(fitted[name][1] for name in TOGETHER),
)
seconds["all four combined"] = sum(seconds[name] for name in TOGETHER)
p_val = {name: predict(val) for name, (predict, _) in fitted.items()}
print(
    f"AUROC on the validation stays: {auc(val.died, p_val['all four combined'], 'binary-class'):.3f}"
)

# %% [markdown]
# ## 7 Set b, once
#
# Besides the AUROC, the table holds
#
# - **AUPRC**, the area under the precision–recall curve. It asks about the alarms only, so the many easy survivors cannot
#   prop it up. Guessing reaches the share of deaths;
# - **event 1**, by which the Challenge was scored: say for every patient yes or no; then the *smaller* of sensitivity
#   (of those who died, who was announced?) and PPV (of those announced, who died?). It needs a threshold, and we set it
#   on the validation stays;
# - the **Brier score**, the mean of $(p - y)^2$: small is good. What everybody's getting the share of deaths would score
#   is printed below the table;
# - the **calibration slope**: 1 if the risks are spread as they should be, below 1 if they are too extreme (high ones too
#   high, low ones too low), above 1 if they are too timid.
#
# ### Exercise 4: event 1
#
# `died` holds 0 or 1 for each patient, `alarm` True or False. Return min(sensitivity, PPV); and 0 if nobody who died
# had an alarm.


# %% tags=["exercise"]
def event1(died, alarm):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.event1", event1)
# hint("05.event1")


# %% tags=["solution"]
def event1(died, alarm):
    if not (alarm & (died == 1)).any():
        return 0.0
    sensitivity, ppv = alarm[died == 1].mean(), died[alarm].mean()
    return min(sensitivity, ppv)


check("05.event1", event1)

# %% [markdown]
# With a lower threshold, the sensitivity rises and the PPV mostly falls; the smaller of them is largest about where they
# meet. We simply try every risk that occurs on the validation stays.


# %% tags=["recipe"]
def best_threshold(died, risk):
    """Where min(sensitivity, PPV) is highest."""
    order = np.argsort(-risk)
    last = np.append(
        np.diff(risk[order]) != 0, True
    )  # equal risks are on the same side of a threshold
    found = np.cumsum(died[order])
    both = np.minimum(found / died.sum(), found / np.arange(1, len(died) + 1))
    return float(risk[order][last][both[last].argmax()])


# %% [markdown] tags=["instructor"]
# Let the room rank the models before this cell is run: two scores, regression, trees, LSTM, GRU, all four together.
# Then two questions to the table: whose intervals are clear of whose, and who is worth the seconds in the last
# column? The lines after the calibration figure give the intervals of the differences.

# %%
from course_utils import risk_report, show_results

thresholds = {name: best_threshold(val.died, p) for name, p in p_val.items()}
p_test = {name: predict(icu.test) for name, (predict, _) in fitted.items()}
reports = {
    name: risk_report(icu.test.died, p, thresholds[name], resamples=200)
    for name, p in p_test.items()
}
show_results(
    [
        {
            "model": name,
            "AUROC (95 % interval)": report["auroc"],
            "AUPRC": report["auprc"],
            "event 1": report["event1"],
            "Brier": report["brier"],
            "slope": report["slope"],
            "parameters": f"{fitted[name][1]:,}",
            "seconds": f"{seconds[name]:.1f}",
        }
        for name, report in reports.items()
    ],
    source=icu.source,
    caption=f"Death in hospital, set b, {len(icu.test.died)} stays, trained on {len(train.died)} of set a, seed 0",
)
everybody = np.mean((train.died.mean() - icu.test.died) ** 2)
print(f"Brier score of giving everybody the share of deaths in training: {everybody:.3f}")

# %% [markdown]
# A slope is one number. What calibration means is better seen: of 100 patients who are given a risk of 30 %, 30 should
# die. We put the patients of set b in ten groups, from the lowest risks to the highest, and compare.

# %%
fig, ax = plots.figure(5.2, 4.6)
ax.plot(
    [0, 1], [0, 1], color="gray", linewidth=1, label="risks that can be taken at their word"
)
for name, colour, mark in (
    ("logistic regression", plots.GREEN, "s"),
    ("GRU", plots.RED, "o"),
    ("all four combined", plots.BLUE, "^"),
):
    groups = np.array_split(np.argsort(p_test[name]), 10)
    ax.plot(
        [p_test[name][group].mean() for group in groups],
        [icu.test.died[group].mean() for group in groups],
        mark + "-",
        color=colour,
        markersize=5,
        linewidth=1,
        label=name,
    )
ax.set(xlabel="mean predicted risk of the group", ylabel="share of the group that died")
ax.set(xlim=(0, 1), ylim=(0, 1))
ax.legend(frameon=False, fontsize=8)
ax.set_title("Predicted and observed: ten groups of set b", fontsize=10)
show(
    fig,
    "Predicted risk against the share that died for ten groups of patients and three models, beside the diagonal on which "
    "both are equal.",
    source=icu.source,
)

# %% [markdown]
# Points below the line: those patients were given too high a risk. Above it: too low a risk. From here on set b is only
# described; nothing is chosen by it.

# %% [markdown]
# What did the network add to the baseline, and what did it cost? Both were asked about the same patients, so we look at
# the difference, and its interval.

# %%
from course_utils import auc_difference

for one, other in (
    ("GRU", "logistic regression"),
    ("GRU", "boosted trees"),
    ("all four combined", "logistic regression"),
    ("all four combined", "boosted trees"),
    ("all four combined", "GRU"),
):
    gain = auc_difference(
        icu.test.died, p_test[one], p_test[other], "binary-class", resamples=300
    )
    verdict = "better" if gain.low > 0 else "worse" if gain.high < 0 else "not decided"
    print(
        f"{one} minus {other}: AUROC {gain}: {verdict}; it took {seconds[one] / seconds[other]:.0f} times as long"
    )

# %% [markdown]
# Read these lines without hope or fear. Is the network alone ahead of the regression, or of the trees? Are all four
# together ahead of each? And at which price? One training is shown here, and another seed moves a network by some
# thousandths; `uv run course bench icu` trains three. Whatever it says: no network should be published without the
# baselines beside it.
#
# On the real sets the numbers can be set beside published ones. Che et al. (2018) report, for five-fold
# cross-validation on set a, an AUROC of 0.763 for logistic regression, 0.818 for a random forest, 0.820 for a GRU on
# mean-filled values and 0.842 (± 0.012) for GRU-D. (Their regression was given the measurements in another form than ours.
# What goes in often matters more than which model it goes into.) The Challenge was scored on a set c that is not among ours: its
# winner reached an event 1 of 0.535, SAPS-I 0.313. (Another set, another split: such numbers are a rough guide, not a
# race.)
#
# ## 8 A threshold for a purpose
#
# A ward wants to be told of patients at high risk, but will not listen if more than half of the alarms are false. So
# the **PPV must be at least 50 %**, on the validation stays. The lower the threshold, the more of the dying are found.
#
# ### Exercise 5: a threshold for a wanted PPV
#
# Return the *lowest* of the risks that occur for which, with an alarm at `risk >= threshold`, the PPV is at least
# `wanted`. (In each case that is tried there is one. Equal risks are all above a threshold, or all below.)


# %% tags=["exercise"]
def threshold_for_ppv(died, risk, wanted):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.threshold_for_ppv", threshold_for_ppv)
# hint("05.threshold_for_ppv")


# %% tags=["solution"]
def threshold_for_ppv(died, risk, wanted):
    for threshold in np.unique(risk):  # in order, the lowest first
        if died[risk >= threshold].mean() >= wanted:
            return float(threshold)
    return None


check("05.threshold_for_ppv", threshold_for_ppv)

# %% [markdown]
# ### Exercise 6: 100 admissions
#
# Shares are hard to feel. Of 100 admissions, with this `prevalence` (share who die), this `sensitivity` and this `ppv`:
# how many of the dying are found, how many are missed, and how many alarms are false? Return the three numbers (they
# need not be whole).


# %% tags=["exercise"]
def per_hundred(prevalence, sensitivity, ppv):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.per_hundred", per_hundred)
# hint("05.per_hundred")


# %% tags=["solution"]
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found / ppv - found


check("05.per_hundred", per_hundred)

# %%
from course_utils import binary_report

name = "all four combined"
candidates = np.unique(p_val[name])
ppv_val = np.array([val.died[p_val[name] >= t].mean() for t in candidates])
threshold = float(candidates[ppv_val >= 0.5].min())
report = binary_report(icu.test.died, p_test[name], threshold)
print(
    f"threshold {threshold:.2f}: on the validation stays {(p_val[name] >= threshold).sum()} alarms, "
    f"PPV {val.died[p_val[name] >= threshold].mean():.1%}"
)
ppv = report["ppv"]
print(f"on set b: PPV {ppv}, sensitivity {report['sensitivity']}")
print(
    f"the promised 50 % lies {'inside' if ppv.low <= 0.5 <= ppv.high else 'OUTSIDE'} the interval of the PPV on set b"
)
alarms = 100 * float((p_test[name] >= threshold).mean())
dying = 100 * float(icu.test.died.mean())
found = dying * report["sensitivity"].value
print(
    f"Of 100 admissions {dying:.0f} die. There are {alarms:.0f} alarms: {found:.0f} for somebody who dies, {alarms - found:.0f} false."
)
print(f"{dying - found:.0f} die without an alarm.")

# %% [markdown]
# Did the promise of 50 % hold on set b? It need not. The threshold was set on the few alarms of the validation stays, and
# with so few a PPV is known to some hundredths only. What is more, of all thresholds we took the *lowest* that reached
# 50 % there, and whoever looks for a lucky place finds one. If the promise matters, ask for more on the validation stays
# than you need. And then ask what an alarm would be *for*. A list of people who may die helps nobody unless something can be done for them that would not be done
# otherwise.
#
# ## 9 One patient, hour by hour
#
# The GRU was trained on whole records of 48 hours. We can ask it earlier, by hiding everything after hour t. (It has
# never seen such half-empty records in training, so take the early hours with a grain of salt. The gray line, the mean of
# 400 patients, tells what hiding alone does.) Here are two patients of set b: among those who died, the one whose risk
# rose most after the twelfth hour; among the survivors, the one whose risk fell most.

# %% tags=["cover"]
hours = np.arange(4, 49, 4)


def risk_over_time(stays):
    """The GRU's risk after 4, 8, ... 48 hours, knowing only what was measured until then: (12, N)."""
    return np.array([fitted["GRU"][0](known_at(stays, hour)) for hour in hours])


rise = p_test["GRU"] - fitted["GRU"][0](known_at(icu.test, 12))
died_here = int(np.argmax(np.where(icu.test.died == 1, rise, -1)))
survivor = int(np.argmin(np.where(icu.test.died == 0, rise, 1)))
mean_risk = risk_over_time(part(icu.test, np.arange(400))).mean(axis=1)

shown = [
    ("HR", "heart rate"),
    ("SysABP", "systolic pressure"),
    ("GCS", "coma scale, 3 to 15"),
    ("Lactate", "lactate"),
]
fig, axes = plots.figure(9.4, 7.4, len(shown) + 1, 2, sharex=True, sharey="row")
for column, (one, title) in enumerate(
    ((died_here, "died in hospital"), (survivor, "survived"))
):
    risk = risk_over_time(part(icu.test, [one]))[:, 0]
    axes[0, column].plot(hours, risk, "o-", color=plots.RED, markersize=3, label="this patient")
    axes[0, column].plot(hours, mean_risk, color="gray", label="mean of 400 patients")
    axes[0, column].set(ylim=(-0.05, 1.05))
    axes[0, column].set_ylabel("risk (GRU)", fontsize=8)
    axes[0, column].legend(frameon=False, fontsize=8)
    axes[0, column].set_title(title, fontsize=9)
    for ax, (what, label) in zip(axes[1:, column], shown, strict=True):
        values_of = icu.test.values[one, :, names.index(what)]
        ax.plot(
            np.arange(48) + 0.5, values_of, ".", color=plots.BLUE, markersize=4, clip_on=False
        )
        ax.set_ylabel(
            f"{label}\n({units[what]})" if units[what] != "3 to 15" else label, fontsize=8
        )
        if not np.isfinite(values_of).any():
            ax.text(
                24,
                0.5,
                "never measured",
                fontsize=8,
                ha="center",
                transform=ax.get_xaxis_transform(),
            )
    axes[-1, column].set(xlabel="hour", xticks=range(0, 49, 8))
fig.suptitle(
    "What the GRU says as the record grows, and four of the 37 measurements", fontsize=10
)
show(
    fig,
    "Two columns, a patient who died and one who survived: the predicted risk every four hours on top, rising in the first and "
    "falling in the second, above points of heart rate, blood pressure, coma scale and lactate.",
    source=icu.source,
)

# %% [markdown]
# It is tempting to look for the measurement that made the risk move. But four of 37 are shown, the network was not asked
# why, and neither were the patients: do not say "because".
#
# ## 10 Three leaks, planted
#
# A **leak** is information at training or test time that nobody has when the model is used. Leaks make papers shine. We
# plant three: a value from after the outcome; the same patients on both sides, as happens when two exports of a database
# are put together; and statistics over all patients. The second shows most in a model that can learn its patients by
# heart, so there we take larger trees than before.

# %% [markdown] tags=["instructor"]
# Before this cell is run, let the room bet on the three leaks: which lifts the AUROC most, which least? Expect some
# to bet on the statistics over all patients, since that one is much warned about. Afterwards ask for leaks from their
# own wards: a drug that is only given after the diagnosis, a bed number, the time of day at which the dying are
# looked at.

# %%
from course_utils.data import STATIC


def validation_auroc(train, val):
    return auc(val.died, fit_logistic(train)[0](val), "binary-class")


honest = validation_auroc(train, val)

# 1 · a value from after the outcome: a field that is filled when the discharge papers are written
rng = np.random.default_rng(0)


def with_discharge_note(stays):
    """Height is overwritten by the length of the discharge letter, which is short for those who died."""
    static = stays.static.copy()
    static[:, list(STATIC).index("Height")] = rng.normal(np.where(stays.died == 1, 1, 3), 0.7)
    return stays._replace(static=static)


late = validation_auroc(with_discharge_note(train), with_discharge_note(val))


# 2 · the same patient on both sides: a third of the validation stays are in training, too
def both(a, b):
    return Stays(
        *(None if x is None else np.concatenate([x, y]) for x, y in zip(a, b, strict=True))
    )


def trees_auroc(train, val):
    model = HistGradientBoostingClassifier(max_leaf_nodes=31, learning_rate=0.1, random_state=0)
    model.fit(summaries(train), train.died)
    return auc(val.died, model.predict_proba(summaries(val))[:, 1], "binary-class")


doubled = np.arange(0, len(val.died), 3)
clean_trees = trees_auroc(train, val)
twice = trees_auroc(both(train, part(val, doubled)), val)


# 3 · statistics over all patients: the same regression, scaled by training and validation stays together
scale = scaler(summaries(both(train, val)))
z_train, z_val = scale(summaries(train)), scale(summaries(val))
model = LogisticRegression(C=0.003, max_iter=500)
model.fit(np.column_stack([z_train, np.abs(z_train)]), train.died)
p = model.predict_proba(np.column_stack([z_val, np.abs(z_val)]))[:, 1]
shared = auc(val.died, p, "binary-class")

print(f"logistic regression, honest:                         {honest:.3f}")
print(f"  with a value from after the outcome:               {late:.3f}")
print(f"  with statistics over all patients:                 {shared:.3f}")
print(f"large boosted trees, honest:                         {clean_trees:.3f}")
print(f"  with a third of the validation stays in training:  {twice:.3f}")

# %% [markdown]
# The first leak is glaring once you look at the field, and invisible in the code. Compare the third, much warned about,
# with the honest line: with thousands of stays, a mean hardly moves when some hundreds join. It stays wrong, since the
# patients of tomorrow are not there when the mean is taken, and **a leak that does little today is still a leak.**
#
# The second can be checked by a machine.
#
# ### Exercise 7: who is on both sides?
#
# `train` and `test` hold the number of the patient of each stay. A patient may have several stays on one side; that is no
# leak. Return the numbers of those who are on **both** sides, each once, in increasing order.


# %% tags=["exercise"]
def on_both_sides(train, test):
    # replace the dots with your own lines, ending in: return ...
    ...


check("05.on_both_sides", on_both_sides)
# hint("05.on_both_sides")


# %% tags=["solution"]
def on_both_sides(train, test):
    return np.intersect1d(train, test)


check("05.on_both_sides", on_both_sides)

# %% [markdown]
# As an assertion, this belongs into every notebook with patients:

# %%
from itertools import combinations


def assert_no_shared_patients(*groups):
    """Stop if a patient is in more than one of the groups."""
    for one, other in combinations(groups, 2):
        shared = np.intersect1d(one, other)
        assert len(shared) == 0, (
            f"{len(shared)} patients are in two groups, {shared[:3]} for example"
        )


assert_no_shared_patients(train.patient, val.patient, icu.test.patient)
print("train, validation, set b: no patient twice")
try:
    assert_no_shared_patients(
        np.concatenate([train.patient, val.patient[doubled]]), val.patient
    )
except AssertionError as error:
    print("with the leak:", error)

# %% [markdown]
# ## 11 How good could it get?
#
# Say a model has an AUROC of 0.85. Is the rest up to 1 its fault, or chance? With real patients nobody knows. In a
# *simulated* unit (the one this chapter falls back on where the real records are missing) we know, because we made it:
# every patient has a hidden severity, and death is drawn with a known risk. Whoever knew those risks would have the best
# AUROC there can be, since the draw itself nobody can foresee.

# %% [markdown] tags=["instructor"]
# Ask before this cell: "Somebody knows the true risk of every patient. What AUROC do they reach?" Expect "1". Take a
# coin: its risk is known exactly, and still nobody can rank its tosses.

# %%
from course_utils import best_auroc, simulate_icu

unit = simulate_icu(train=4000, test=2000, seed=1)
assert_no_shared_patients(unit.train.patient, unit.test.patient)
rows = []


def fewer_trees(train):
    return fit_trees(train, trees=100)


for name, fit_model in (("logistic regression", fit_logistic), ("boosted trees", fewer_trees)):
    for n in (400, 4000):
        p = fit_model(part(unit.train, np.arange(n)))[0](unit.test)
        report = risk_report(unit.test.died, p, 0.3, resamples=100)
        rows.append({"model": name, "trained on": n, "AUROC (95 % interval)": report["auroc"]})
best = best_auroc(unit.test.risk)
rows.append(
    {
        "model": "whoever knows the true risk",
        "trained on": "",
        "AUROC (95 % interval)": f"{best:.3f}",
    }
)
show_results(
    rows, source="simulator", caption="A simulated unit with known risks, 2,000 test stays"
)

# %% [markdown]
# Look at the last line first. Even perfect knowledge of the risk does not reach 0.9. The distance from a model to *that*
# line is the most that could still be gained, by more patients or better models (or less than that: a chart full of gaps
# may not betray the whole severity). What lies beyond the line is fate.
#
# A simulated unit can do something else: hold a **shortcut**. In this one, cholesterol was measured in a study that
# enrolled many of those who later died. By the time of the test set the study is over.

# %%
trap = simulate_icu(train=4000, test=2000, seed=1, shortcut=True)
trap_train, trap_val = split(trap.train)
model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=8, random_state=0)
model.fit(summaries(trap_train), trap_train.died)
for when, stays in (
    ("validation stays of the same time", trap_val),
    ("later stays", trap.test),
):
    p = model.predict_proba(summaries(stays))[:, 1]
    print(
        f"{when:34} AUROC {auc(stays.died, p, 'binary-class'):.3f}, best possible {best_auroc(stays.risk):.3f}"
    )

# %% [markdown]
# Compare with the boosted trees in the table above, which had no such study to lean on. On data of the same origin the
# shortcut looks like a great step forward, nearly as good as knowing the true risks. On later stays the model is no
# better than an honest one. With real patients nobody can print the best possible value beside it; there, only other
# data, or another time, shows what a result was worth.
#
# ## 12 When deep learning is not needed
#
# Not every problem is an ICU. In a clinic, the risk of heart disease is to be judged from a handful of numbers: age,
# sex, blood pressure, cholesterol, resting pulse, chest pain in exercise, smoking, diabetes. We generate 300 such
# patients with a known risk, as small as such studies often are, and set a logistic regression beside a small network,
# in five-fold cross-validation.

# %%
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier


def clinic(n, seed):
    """Eight simple numbers for each person, and whether they have heart disease, drawn from a known risk."""
    rng = np.random.default_rng(seed)
    age, pressure = rng.normal(55, 9, n), rng.normal(132, 17, n)
    cholesterol, pulse = rng.normal(245, 50, n), rng.normal(150, 22, n)
    male, pain, smokes, diabetes = (
        rng.random((4, n)) < np.array([[0.68], [0.33], [0.3], [0.15]])
    ).astype(float)
    logit = (
        -1.1
        + 0.05 * (age - 55)
        + 0.015 * (pressure - 132)
        + 0.004 * (cholesterol - 245)
        - 0.025 * (pulse - 150)
    )
    logit += 1.1 * male + 1.3 * pain + 0.5 * smokes + 0.5 * diabetes
    risk = 1 / (1 + np.exp(-logit))
    x = np.stack([age, pressure, cholesterol, pulse, male, pain, smokes, diabetes], axis=1)
    return x, (rng.random(n) < risk).astype(int), risk


x_clinic, y_clinic, risk_clinic = clinic(300, seed=0)
candidates = {
    "logistic regression": LogisticRegression(C=0.3),
    "small network, 32 hidden units": MLPClassifier(
        (32,), solver="lbfgs", max_iter=5000, random_state=0
    ),
    "small network, strong weight decay": MLPClassifier(
        (32,), alpha=10.0, solver="lbfgs", max_iter=5000, random_state=0
    ),
}
rows, p_clinic = [], {}
for name, model in candidates.items():
    p = cross_val_predict(
        make_pipeline(StandardScaler(), model), x_clinic, y_clinic, cv=5, method="predict_proba"
    )[:, 1]
    p_clinic[name] = p
    report = risk_report(y_clinic, p, 0.5)
    rows.append(
        {
            "model": name,
            "AUROC (95 % interval)": report["auroc"],
            "Brier": report["brier"],
            "slope": report["slope"],
        }
    )
rows.append(
    {
        "model": "whoever knows the true risk",
        "AUROC (95 % interval)": f"{best_auroc(risk_clinic):.3f}",
        "Brier": "",
        "slope": "",
    }
)
show_results(
    rows,
    source="simulator",
    caption="Heart disease from eight numbers, 300 simulated people, five-fold cross-validation",
)

# %% [markdown]
# Eight numbers and 300 people: the regression is as good as the better of the networks. The freely trained network has
# learned the 300 by heart and is far behind; look at its slope, which says that its risks are absurd. Held back by a
# strong weight decay, it becomes what the regression was from the start, which needs hardly any tuning and whose eight
# weights a doctor can read. (We drew the risks from a formula of just that kind, which is kind to the regression.) Deep
# learning earns its price where there is much data and much
# structure: images, sequences, text.
#
# ## 13 Where it breaks
#
# **Another hospital.** The mask tells about habits. We ask the models about the same patients in a "hospital" where half
# as much is measured: every value is hidden with probability one half. Two things happen at once. Information is lost,
# which no model can help; and the model meets habits it does not know. To tell them apart, we also train a regression
# *there*, on stays of set a with half of their measurements.

# %%
rng = np.random.default_rng(0)


def half_measured(stays):
    hidden = rng.random(stays.values.shape) < 0.5
    return stays._replace(values=np.where(hidden, np.nan, stays.values).astype("float32"))


elsewhere = half_measured(icu.test)
trained_there = fit_logistic(half_measured(train))[0]
rows = []
for name in ("logistic regression", "boosted trees", "GRU"):
    p = fitted[name][0](elsewhere)
    rows.append(
        {
            "model": name,
            "AUROC here": reports[name]["auroc"],
            "AUROC there": risk_report(icu.test.died, p, thresholds[name], resamples=200)[
                "auroc"
            ],
            "alarms of 100, here": f"{100 * (p_test[name] >= thresholds[name]).mean():.1f}",
            "alarms of 100, there": f"{100 * (p >= thresholds[name]).mean():.1f}",
        }
    )
p = trained_there(elsewhere)
rows.append(
    {
        "model": "logistic regression, trained there",
        "AUROC here": "",
        "AUROC there": risk_report(icu.test.died, p, 0.3, resamples=200)["auroc"],
        "alarms of 100, here": "",
        "alarms of 100, there": "",
    }
)
show_results(
    rows, source=icu.source, caption="Set b, here as it is, there with half of the measurements"
)

# %% [markdown]
# The regression that was trained there shows how much was lost as information. What it wins back against its twin from
# here is the price of unknown habits. Look at the alarms, too: where their number changes, though not a single patient
# has changed, the threshold means something else.
#
# **A score is not a fate.** The model learned what happened to patients *under the care they got*. Somebody with a high
# risk who was saved by a treatment counts as low risk in the data. Whoever withholds the treatment because the risk is
# low, kills.
#
# ## Quiz

# %% tags=["quiz"]
quiz("05")

# %% tags=["answers"]
quiz("05", "????????")

# %% tags=["progress"]
progress()

# %% [markdown]
# ## What to remember
#
# - A record is events with gaps. Units, implausible values and −1 come first.
# - What is **missing** is information, about patients *and* about habits. Give the model the mask and the time since.
# - Fill **forward** only; fit every mean on **training patients** only.
# - Clinical scores, logistic regression and boosted trees come before every network, and are hard to beat. Say what the
#   network added, and what it cost.
# - AUROC is the order; the Brier score and the calibration slope are the numbers; event 1 and PPV are the alarms.
# - A jump in the score is a symptom. Look for the leak.
# - There is a best possible score, and it is not 1.
#
# ## References
#
# - Silva I, et al. Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology Challenge
#   2012. *Computing in Cardiology* 39, 245 (2012). <https://physionet.org/content/challenge-2012/1.0.0/>
# - Goldberger A, et al. PhysioBank, PhysioToolkit, and PhysioNet. *Circulation* 101, e215 (2000).
#   <https://doi.org/10.1161/01.CIR.101.23.e215>
# - Che Z, et al. Recurrent neural networks for multivariate time series with missing values. *Scientific Reports* 8,
#   6085 (2018). <https://doi.org/10.1038/s41598-018-24271-9>
# - Le Gall J-R, et al. A simplified acute physiology score for ICU patients. *Critical Care Medicine* 12, 975 (1984):
#   SAPS-I.
# - Vincent J-L, et al. The SOFA score. *Intensive Care Medicine* 22, 707 (1996). <https://doi.org/10.1007/BF01709751>
# - Cox DR. Two further applications of a model for binary regression. *Biometrika* 45, 562 (1958): the calibration slope.
#   <https://doi.org/10.1093/biomet/45.3-4.562>

# %% [raw] tags=["words"]
# - name: AUPRC
#   chinese: 精确率–召回率曲线下面积
#   means: 'The area under the precision–recall curve: 1 is perfect, and guessing reaches about the prevalence.'
# - name: Brier score
#   chinese: 布里尔评分
#   means: The mean squared difference between the predicted probability and what happened (0 or 1); small is good.
#   also: [Brier]
# - name: calibration slope
#   chinese: 校准斜率
#   means: A number that says whether predicted risks are spread as they should be (1), too extreme (below 1) or
#     too timid (above 1); risks that are all too high can still have slope 1.
# - name: decision tree
#   chinese: 决策树
#   means: A model that asks one simple question after another, such as whether the age is above 70, and at the
#     end of each path gives an answer.
#   also: [decision trees]
# - name: EHR
#   chinese: 电子健康记录
#   means: 'Electronic health record: what a hospital''s computers keep about a patient, such as measurements, blood
#     tests and treatments, each with its time.'
#   also: [electronic health records]
# - name: event 1
#   chinese: 事件 1（挑战赛评分指标）
#   means: 'The measure of the PhysioNet Challenge, a public contest of 2012 on deaths in intensive care: at a chosen
#     threshold, the smaller of sensitivity and PPV.'
# - name: forward fill
#   chinese: 前向填充
#   means: Filling a gap in a record with the last value measured before it.
# - name: gradient-boosted trees
#   chinese: 梯度提升树
#   means: A model of many small decision trees, built one after the other, each of which corrects part of the errors
#     of those before it.
#   also: [boosted trees]
# - name: ICU
#   chinese: 重症监护病房
#   means: 'Intensive care unit: the part of a hospital where very ill patients are watched and treated around the
#     clock.'
#   also: [intensive care unit]
# - name: lactate
#   chinese: 乳酸
#   means: A substance in the blood that often rises when parts of the body get too little oxygen, and also with
#     adrenaline, seizures or a failing liver.
# - name: leak
#   chinese: 数据泄漏（信息泄漏）
#   means: Information in training or testing that nobody has when the model is used, and that can make its results
#     look better than they are.
#   also: [leaks]
# - name: mask
#   chinese: 掩码
#   means: 'A table of ones and zeros that marks something: in records, which values were really measured; in images,
#     which pixels belong to a lesion.'
# - name: random forest
#   chinese: 随机森林
#   means: A model that takes the mean of many decision trees, each built with a random draw of the cases and of
#     the inputs.
# - name: SAPS-I
#   chinese: 简化急性生理学评分 I
#   means: 'The first Simplified Acute Physiology Score: points for age and for measurements out of range on the
#     first day in an ICU; more points, higher risk of death.'
# - name: shortcut
#   chinese: 捷径
#   means: Something that goes with the answer in the data at hand, but not elsewhere, and that a model uses in
#     place of what really matters.
# - name: SOFA
#   chinese: 序贯器官衰竭评分
#   means: 'Sequential Organ Failure Assessment: 0 to 4 points for each of six organ systems, by how badly it works;
#     more points mean a sicker patient.'
# - name: calibration
#   chinese: 校准
#   means: 'Whether predicted probabilities are right as numbers: of 100 patients who are given 30 %, about 30 should
#     have the outcome.'
