# %% 05.forward_fill right
def forward_fill(values):
    filled = values.copy()
    for t in range(1, len(filled)):
        filled[t] = np.where(np.isnan(filled[t]), filled[t - 1], filled[t])
    return filled

# %% 05.forward_fill right
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).ffill().to_numpy()
    return pd.DataFrame(values).ffill().to_numpy()

# %% 05.forward_fill right
def forward_fill(values):
    values = np.asarray(values, dtype=float)
    one = values.ndim == 1
    table = values[:, None] if one else values
    steps = np.arange(len(table))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(table), 0, steps), axis=0)
    out = np.take_along_axis(table, last, axis=0)
    return out[:, 0] if one else out

# %% 05.forward_fill right
def forward_fill(values):
    if values.ndim == 2:
        columns = [forward_fill(values[:, k]) for k in range(values.shape[1])]
        return np.stack(columns, axis=1)
    known, out = np.nan, []
    for value in values:
        if not np.isnan(value):
            known = value
        out.append(known)
    return np.array(out)

# %% 05.forward_fill right
def forward_fill(values):
    if not np.isnan(values).any():
        return values
    out = np.array(values)
    while True:
        gap = np.isnan(out[1:]) & ~np.isnan(out[:-1])
        if not gap.any():
            return out
        out[1:][gap] = out[:-1][gap]

# %% 05.forward_fill right
from itertools import accumulate

def forward_fill(values):
    rows = accumulate(values, lambda old, new: np.where(new == new, new, old))
    return np.array(list(rows), dtype=values.dtype)

# %% 05.forward_fill right
def forward_fill(values):
    out = np.full_like(values, np.nan)
    flat, target = values.reshape(len(values), -1), out.reshape(len(values), -1)
    for k in range(flat.shape[1]):
        known = np.flatnonzero(~np.isnan(flat[:, k]))
        for start, stop in zip(known, np.append(known[1:], len(values))):
            target[start:stop, k] = flat[start, k]
    return out

# %% 05.forward_fill right
def forward_fill(values):
    def column(v):
        seen = np.flatnonzero(~np.isnan(v))
        place = np.searchsorted(seen, np.arange(len(v)), side="right") - 1
        return np.array([v[seen[p]] if p >= 0 else np.nan for p in place])
    return np.apply_along_axis(column, 0, values)

# %% 05.forward_fill wrong: changes the array it is given
def forward_fill(values):
    for t in range(1, len(values)):
        gap = np.isnan(values[t])
        values[t] = np.where(gap, values[t - 1], values[t])
    return values

# %% 05.forward_fill wrong: a view of the input is filled, so the input changes
def forward_fill(values):
    out = values[:]
    for t in range(1, len(out)):
        out[t] = np.where(np.isnan(out[t]), out[t - 1], out[t])
    return out

# %% 05.forward_fill wrong: looks only one hour back, long gaps stay
def forward_fill(values):
    out = values.copy()
    out[1:] = np.where(np.isnan(values[1:]), values[:-1], values[1:])
    return out

# %% 05.forward_fill wrong: fills the beginning from the future
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).ffill().bfill().to_numpy()
    return pd.DataFrame(values).ffill().bfill().to_numpy()

# %% 05.forward_fill wrong: 0 before the first measurement
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).ffill().fillna(0).to_numpy()
    return pd.DataFrame(values).ffill().fillna(0).to_numpy()

# %% 05.forward_fill wrong: fills along the measurements, not along the hours
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).ffill().to_numpy()
    return pd.DataFrame(values).ffill(axis=1).to_numpy()

# %% 05.forward_fill wrong: straight lines between measurements, which know the future
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).interpolate().to_numpy()
    return pd.DataFrame(values).interpolate().to_numpy()

# %% 05.forward_fill wrong: a measured 0 counts as a gap
def forward_fill(values):
    out = values.copy()
    for t in range(1, len(out)):
        gap = ~(np.abs(np.nan_to_num(out[t])) > 0)
        out[t] = np.where(gap, out[t - 1], out[t])
    return out

# %% 05.forward_fill wrong: in a table, a row is filled only where all of it is missing
def forward_fill(values):
    out = values.copy()
    for t in range(1, len(out)):
        if np.isnan(out[t]).all():
            out[t] = out[t - 1]
    return out

# %% 05.forward_fill wrong: one measurement's last value runs into the next column's beginning
def forward_fill(values):
    flat = pd.Series(values.T.ravel()).ffill().to_numpy()
    return flat.reshape(values.T.shape).T

# %% 05.forward_fill wrong: index 0 of the last known is taken as none, so the first hour is never carried on
def forward_fill(values):
    table = values.reshape(len(values), -1)
    steps = np.arange(len(table))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(table), 0, steps), axis=0)
    out = np.take_along_axis(table, last, axis=0)
    out = np.where(last > 0, out, np.nan)
    out[0] = table[0]
    return out.reshape(values.shape)

# %% 05.forward_fill wrong: the largest value so far instead of the last
def forward_fill(values):
    so_far = np.fmax.accumulate(values, axis=0)
    return np.where(np.isnan(values), so_far, values)

# %% 05.forward_fill wrong: carries a value for at most six hours
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).ffill(limit=6).to_numpy()
    return pd.DataFrame(values).ffill(limit=6).to_numpy()

# %% 05.forward_fill wrong: backward fill
def forward_fill(values):
    if values.ndim == 1:
        return pd.Series(values).bfill().to_numpy()
    return pd.DataFrame(values).bfill().to_numpy()

# %% 05.forward_fill wrong: where a column begins with a gap, nothing of it is filled
def forward_fill(values):
    table = values.copy().reshape(len(values), -1)
    for k in range(table.shape[1]):
        if np.isnan(table[0, k]):
            continue
        table[:, k] = pd.Series(table[:, k]).ffill()
    return table.reshape(values.shape)

# %% 05.hours_since right
def hours_since(values):
    out, ago = [], None
    for value in values:
        if not np.isnan(value):
            ago = 0
        elif ago is not None:
            ago += 1
        out.append(len(values) if ago is None else ago)
    return np.array(out)

# %% 05.hours_since right
def hours_since(values):
    step = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, step))
    return np.where(last < 0, len(values), step - last)

# %% 05.hours_since right
def hours_since(values):
    hour = pd.Series(np.arange(len(values), dtype=float))
    last = hour.where(pd.Series(values).notna()).ffill()
    return (hour - last).fillna(len(values)).to_numpy()

# %% 05.hours_since right
def hours_since(values):
    n = len(values)
    known = [t for t in range(n) if values[t] == values[t]]
    return [min((t - k for k in known if k <= t), default=n) for t in range(n)]

# %% 05.hours_since right
def hours_since(values):
    known = np.flatnonzero(np.isfinite(values))
    out = np.full(len(values), len(values), dtype="float32")
    for start, stop in zip(known, [*known[1:], len(values)]):
        out[start:stop] = np.arange(stop - start)
    return out

# %% 05.hours_since right
import bisect

def hours_since(values):
    known = np.flatnonzero(~np.isnan(values)).tolist()
    result = np.empty(len(values), dtype=int)
    for t in reversed(range(len(values))):
        place = bisect.bisect_right(known, t)
        result[t] = t - known[place - 1] if place else len(values)
    return result

# %% 05.hours_since right
def hours_since(values):
    missing = pd.Series(values).isna()
    block = (~missing).cumsum()
    count = missing.groupby(block).cumsum()
    return count.where(block > 0, len(values)).to_numpy()

# %% 05.hours_since right
def hours_since(values):
    n = len(values)

    def ago(t, back=0):
        if t - back < 0:
            return n
        return ago(t, back + 1) if np.isnan(values[t - back]) else back

    return np.fromiter((ago(t) for t in range(n)), int, n)

# %% 05.hours_since wrong: before the first measurement it counts from admission
def hours_since(values):
    out, ago = np.zeros(len(values)), 0
    for t, value in enumerate(values):
        ago = 0 if np.isfinite(value) else ago + 1
        out[t] = ago
    return out

# %% 05.hours_since wrong: always 48 where never measured
def hours_since(values):
    step = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, step))
    return np.where(last < 0, 48, step - last)

# %% 05.hours_since wrong: 1 in the hour of the measurement
def hours_since(values):
    out, ago = [], len(values)
    for value in values:
        ago = 1 if not np.isnan(value) else min(ago + 1, len(values))
        out.append(ago)
    return np.array(out)

# %% 05.hours_since wrong: NaN where it was never measured
def hours_since(values):
    step = np.arange(len(values), dtype=float)
    last = pd.Series(np.where(np.isnan(values), np.nan, step)).ffill().to_numpy()
    return step - last

# %% 05.hours_since wrong: a measured 0 counts as not measured
def hours_since(values):
    out, ago = [], None
    for value in np.nan_to_num(values):
        if value:
            ago = 0
        elif ago is not None:
            ago += 1
        out.append(len(values) if ago is None else ago)
    return np.array(out)

# %% 05.hours_since wrong: counts in 8 bits, which turn over after 255 hours
def hours_since(values):
    step = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, step))
    return np.where(last < 0, len(values), step - last).astype("uint8")

# %% 05.hours_since wrong: a measurement in the first hour is overlooked
def hours_since(values):
    step = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, step))
    return np.where(last == 0, len(values), step - last)

# %% 05.hours_since wrong: hours until the next measurement
def hours_since(values):
    out, ago = [], None
    for value in values[::-1]:
        if not np.isnan(value):
            ago = 0
        elif ago is not None:
            ago += 1
        out.append(len(values) if ago is None else ago)
    return np.array(out[::-1])

# %% 05.hours_since wrong: the nearest measurement, also a later one
def hours_since(values):
    known = np.flatnonzero(~np.isnan(values))
    n = len(values)
    return np.array([np.abs(known - t).min() if len(known) else n for t in range(n)])

# %% 05.hours_since wrong: the hours since the measurement before this one
def hours_since(values):
    out, last = [], None
    for t, value in enumerate(values):
        out.append(len(values) if last is None else t - last)
        if not np.isnan(value):
            last = t
    return np.array(out)

# %% 05.hours_since wrong: -1 where it was never measured
def hours_since(values):
    ago, out = -1, []
    for value in values:
        if not np.isnan(value):
            ago = 0
        elif ago >= 0:
            ago += 1
        out.append(ago)
    return np.array(out)

# %% 05.hours_since wrong: goes on counting from len(values) before the first measurement
def hours_since(values):
    out, ago = [], len(values) - 1
    for value in values:
        ago = ago + 1 if np.isnan(value) else 0
        out.append(ago)
    return np.array(out)

# %% 05.hours_since wrong: a value that did not change counts as not measured
def hours_since(values):
    n, last, old, out = len(values), None, None, []
    for t, value in enumerate(values):
        if not np.isnan(value) and value != old:
            last, old = t, value
        out.append(n if last is None else t - last)
    return np.array(out)

# %% 05.hours_since wrong: 0 or 1 only, the mask turned round
def hours_since(values):
    known = np.maximum.accumulate(~np.isnan(values))
    return np.where(known, np.isnan(values).astype(int), len(values))

# %% 05.hours_since wrong: len(values) - 1 where never measured
def hours_since(values):
    step = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, step))
    return np.where(last < 0, len(values) - 1, step - last)

# %% 05.standardise right
def standardise(train, other):
    return (other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0)

# %% 05.standardise right
from sklearn.preprocessing import StandardScaler

def standardise(train, other):
    return StandardScaler().fit(train).transform(other)

# %% 05.standardise right
def standardise(train, other):
    table = pd.DataFrame(train)
    return ((pd.DataFrame(other) - table.mean()) / table.std(ddof=0)).to_numpy()

# %% 05.standardise right
def standardise(train, other):
    out = np.empty(other.shape)
    for k in range(train.shape[1]):
        known = train[~np.isnan(train[:, k]), k]
        out[:, k] = (other[:, k] - known.mean()) / known.std()
    return out

# %% 05.standardise right
def standardise(train, other):
    known = ~np.isnan(train)
    n = known.sum(axis=0)
    mean = np.where(known, train, 0).sum(axis=0) / n
    variance = np.where(known, train - mean, 0) ** 2
    return (other - mean) / np.sqrt(variance.sum(axis=0) / n)

# %% 05.standardise right
def standardise(train, other):
    hidden = np.ma.masked_invalid(train)
    mean, spread = hidden.mean(axis=0).filled(np.nan), hidden.std(axis=0).filled(np.nan)
    return np.stack([(row - mean) / spread for row in other])

# %% 05.standardise right
import math

def standardise(train, other):
    columns = []
    for old, new in zip(np.transpose(train), np.transpose(other)):
        known = [float(v) for v in old if not math.isnan(v)]
        mean = math.fsum(known) / len(known)
        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in known) / len(known))
        columns.append([(float(v) - mean) / spread for v in new])
    return np.array(columns).T

# %% 05.standardise right
import statistics

def standardise(train, other):
    z = np.array(other, dtype="float64")
    for k, column in enumerate(train.T):
        known = column[np.isfinite(column)].tolist()
        z[:, k] -= statistics.fmean(known)
        z[:, k] /= statistics.pstdev(known)
    return z

# %% 05.standardise wrong: the mean and spread of both together
def standardise(train, other):
    both = np.concatenate([train, other])
    return (other - np.nanmean(both, axis=0)) / np.nanstd(both, axis=0)

# %% 05.standardise wrong: the mean and spread of the others themselves
def standardise(train, other):
    return (other - np.nanmean(other, axis=0)) / np.nanstd(other, axis=0)

# %% 05.standardise wrong: a NaN spoils its column
def standardise(train, other):
    return (other - train.mean(axis=0)) / train.std(axis=0)

# %% 05.standardise wrong: one mean for all columns
def standardise(train, other):
    return (other - np.nanmean(train)) / np.nanstd(train)

# %% 05.standardise wrong: gaps count as zeros in the mean
def standardise(train, other):
    x = np.nan_to_num(train)
    return (other - x.mean(axis=0)) / x.std(axis=0)

# %% 05.standardise wrong: only patients without any gap give mean and spread
def standardise(train, other):
    whole = train[~np.isnan(train).any(axis=1)]
    if len(whole) < 2:
        whole = np.nan_to_num(train)
    return (other - whole.mean(axis=0)) / whole.std(axis=0)

# %% 05.standardise wrong: gaps filled with the mean first, which makes the spread too small
def standardise(train, other):
    mean = np.nanmean(train, axis=0)
    spread = np.where(np.isnan(train), mean, train).std(axis=0)
    return (other - mean) / spread

# %% 05.standardise wrong: divides by the variance
def standardise(train, other):
    return (other - np.nanmean(train, axis=0)) / np.nanvar(train, axis=0)

# %% 05.standardise wrong: divides before it subtracts
def standardise(train, other):
    return other / np.nanstd(train, axis=0) - np.nanmean(train, axis=0)

# %% 05.standardise wrong: a precedence slip, only the mean is divided
def standardise(train, other):
    return other - np.nanmean(train, axis=0) / np.nanstd(train, axis=0)

# %% 05.standardise wrong: median instead of mean
def standardise(train, other):
    return (other - np.nanmedian(train, axis=0)) / np.nanstd(train, axis=0)

# %% 05.standardise wrong: the mean of train but the spread of the others
def standardise(train, other):
    return (other - np.nanmean(train, axis=0)) / np.nanstd(other, axis=0)

# %% 05.standardise wrong: scales to 0 to 1
def standardise(train, other):
    low, high = np.nanmin(train, axis=0), np.nanmax(train, axis=0)
    return (other - low) / (high - low)

# %% 05.standardise wrong: returns train, scaled
def standardise(train, other):
    return (train - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0)

# %% 05.standardise wrong: cuts off at two spreads
def standardise(train, other):
    z = (other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0)
    return np.clip(z, -2, 2)

# %% 05.standardise wrong: along the wrong axis, by patient
def standardise(train, other):
    mean = np.nanmean(other, axis=1, keepdims=True)
    return (other - mean) / np.nanstd(other, axis=1, keepdims=True)

# %% 05.standardise wrong: rounds to whole numbers
def standardise(train, other):
    return np.rint((other - np.nanmean(train, axis=0)) / np.nanstd(train, axis=0))

# %% 05.event1 right
def event1(died, alarm):
    found = np.sum((died == 1) & (alarm == 1))
    if found == 0:
        return 0
    return min(found / np.sum(died), found / np.sum(alarm))

# %% 05.event1 right
def event1(died, alarm):
    found = died[alarm].sum()
    return float(found / max(died.sum(), alarm.sum(), 1))

# %% 05.event1 right
from sklearn.metrics import precision_score, recall_score

def event1(died, alarm):
    d, a = np.asarray(died).astype(int), np.asarray(alarm).astype(int)
    return min(recall_score(d, a, zero_division=0), precision_score(d, a, zero_division=0))

# %% 05.event1 right
def event1(died, alarm):
    found = missed = false = 0
    for d, a in zip(died, alarm):
        if d and a:
            found += 1
        elif d:
            missed += 1
        elif a:
            false += 1
    if not found:
        return 0.0
    return min(found / (found + missed), found / (found + false))

# %% 05.event1 right
from sklearn.metrics import confusion_matrix

def event1(died, alarm):
    table = confusion_matrix(np.asarray(died, int), np.asarray(alarm, int), labels=[0, 1])
    (_, false), (missed, found) = table
    return found / (found + max(missed, false)) if found else 0.0

# %% 05.event1 right
def event1(died, alarm):
    dead = set(np.flatnonzero(died))
    told = set(np.flatnonzero(alarm))
    both = dead & told
    return min((len(both) / len(s) for s in (dead, told)), default=0) if both else 0

# %% 05.event1 right
def event1(died, alarm):
    table = pd.DataFrame({"died": np.asarray(died, float), "alarm": np.asarray(alarm, float)})
    sensitivity = table.loc[table["died"] == 1, "alarm"].mean()
    ppv = table.loc[table["alarm"] == 1, "died"].mean()
    return float(np.nan_to_num(np.fmin(sensitivity, ppv)))

# %% 05.event1 right
def event1(died, alarm):
    d = np.asarray(died, dtype=float)
    a = np.asarray(alarm, dtype=float)
    if d @ a == 0:
        return 0
    return (d @ a) / np.maximum(d @ d, a @ a)

# %% 05.event1 wrong: the larger of the two
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    if found == 0:
        return 0
    return max(found / np.sum(died), found / np.sum(alarm))

# %% 05.event1 wrong: sensitivity and specificity
def event1(died, alarm):
    if not (died[alarm] == 1).any():
        return 0
    return min(alarm[died == 1].mean(), 1 - alarm[died == 0].mean())

# %% 05.event1 wrong: NaN where nobody had an alarm
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    with np.errstate(all="ignore"):
        return np.minimum(found / np.sum(died), np.float64(found) / np.sum(alarm))

# %% 05.event1 wrong: without alarms the PPV is taken as 1, and without deaths, the sensitivity
def event1(died, alarm):
    sensitivity = alarm[died == 1].mean() if died.any() else 1.0
    ppv = died[alarm].mean() if alarm.any() else 1.0
    if not alarm.any():
        return 1.0
    return min(sensitivity, ppv)

# %% 05.event1 wrong: F1, the harmonic mean
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    return 2 * found / (np.sum(died) + np.sum(alarm)) if found else 0

# %% 05.event1 wrong: the PPV alone
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    return found / np.sum(alarm) if found else 0

# %% 05.event1 wrong: the sensitivity alone
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    return found / np.sum(died) if found else 0

# %% 05.event1 wrong: the share of right answers
def event1(died, alarm):
    if not ((died == 1) & alarm).any():
        return 0
    return float(np.mean(died == alarm))

# %% 05.event1 wrong: rounds to two places
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    if found == 0:
        return 0
    return round(float(min(found / np.sum(died), found / np.sum(alarm))), 2)

# %% 05.event1 wrong: floor division
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    if found == 0:
        return 0
    return min(found // np.sum(died), found // np.sum(alarm))

# %% 05.event1 wrong: counts in 8 bits, which overflow with more than 127 deaths
def event1(died, alarm):
    d, a = np.asarray(died).astype("int8"), np.asarray(alarm).astype("int8")
    found = int(d @ a)
    if found == 0:
        return 0
    return min(found / int(d @ d), found / int(a @ a))

# %% 05.event1 wrong: Jaccard index, divides by everybody who died or had an alarm
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    return found / np.sum((died == 1) | alarm) if found else 0

# %% 05.event1 wrong: the product of the two
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    return found / np.sum(died) * found / np.sum(alarm) if found else 0

# %% 05.event1 wrong: the larger number of the two divides away a patient, one off
def event1(died, alarm):
    found = np.sum((died == 1) & alarm)
    return found / (max(died.sum(), alarm.sum()) + 1)

# %% 05.event1 wrong: the found as a share of all patients, in place of the PPV
def event1(died, alarm):
    found = np.mean((died == 1) & alarm)
    if found == 0:
        return 0
    return min(found / np.mean(died), found)

# %% 05.threshold_for_ppv right
def threshold_for_ppv(died, risk, wanted):
    return min(t for t in risk if died[risk >= t].mean() >= wanted)

# %% 05.threshold_for_ppv right
def threshold_for_ppv(died, risk, wanted):
    for t in np.unique(risk):
        alarm = risk >= t
        if np.sum(died[alarm] == 1) / np.sum(alarm) >= wanted:
            return float(t)

# %% 05.threshold_for_ppv right
def threshold_for_ppv(died, risk, wanted):
    order = np.argsort(-risk, kind="stable")
    r, d = risk[order], died[order]
    ppv = np.cumsum(d) / np.arange(1, len(d) + 1)
    last = np.append(r[1:] != r[:-1], True)
    return r[last & (ppv >= wanted)][-1]

# %% 05.threshold_for_ppv right
from sklearn.metrics import precision_recall_curve

def threshold_for_ppv(died, risk, wanted):
    precision, _, thresholds = precision_recall_curve(died, risk)
    return thresholds[precision[:-1] >= wanted].min()

# %% 05.threshold_for_ppv right
def threshold_for_ppv(died, risk, wanted):
    by_risk = pd.DataFrame({"d": np.asarray(died), "r": np.asarray(risk)}).groupby("r")["d"]
    table = by_risk.agg(["sum", "count"]).sort_index(ascending=False).cumsum()
    return table.index[(table["sum"] / table["count"]) >= wanted].min()

# %% 05.threshold_for_ppv right
def threshold_for_ppv(died, risk, wanted):
    candidates, group = np.unique(risk, return_inverse=True)
    dead = np.bincount(group, weights=died)[::-1].cumsum()[::-1]
    everybody = np.bincount(group)[::-1].cumsum()[::-1]
    return candidates[np.argmax(dead / everybody >= wanted)]

# %% 05.threshold_for_ppv right
from itertools import groupby

def threshold_for_ppv(died, risk, wanted):
    pairs = sorted(zip(map(float, risk), map(int, died)), reverse=True)
    best, alarms, dead = None, 0, 0
    for t, members in groupby(pairs, key=lambda pair: pair[0]):
        for _, d in members:
            alarms += 1
            dead += d
        if dead / alarms >= wanted:
            best = t
    return best

# %% 05.threshold_for_ppv right
def threshold_for_ppv(died, risk, wanted):
    alarm = np.asarray(risk)[None, :] >= np.asarray(risk)[:, None]
    ppv = (alarm * np.asarray(died)).sum(axis=1) / alarm.sum(axis=1)
    return np.where(ppv >= wanted, risk, np.inf).min()

# %% 05.threshold_for_ppv wrong: comes from above and stops where the PPV first falls below
def threshold_for_ppv(died, risk, wanted):
    best = risk.max()
    for t in np.unique(risk)[::-1]:
        if died[risk >= t].mean() < wanted:
            break
        best = t
    return best

# %% 05.threshold_for_ppv wrong: the highest instead of the lowest
def threshold_for_ppv(died, risk, wanted):
    return max(t for t in risk if died[risk >= t].mean() >= wanted)

# %% 05.threshold_for_ppv wrong: the PPV must be above, not at least
def threshold_for_ppv(died, risk, wanted):
    good = [t for t in risk if died[risk >= t].mean() > wanted]
    return min(good, default=risk.max())

# %% 05.threshold_for_ppv wrong: an alarm only above the threshold
def threshold_for_ppv(died, risk, wanted):
    good = [t for t in np.unique(risk)[:-1] if died[risk > t].mean() >= wanted]
    return min(good, default=risk.max())

# %% 05.threshold_for_ppv wrong: equal risks are taken one by one
def threshold_for_ppv(died, risk, wanted):
    order = np.lexsort((-died, -risk))
    ppv = np.cumsum(died[order]) / np.arange(1, len(died) + 1)
    return risk[order][ppv >= wanted][-1]

# %% 05.threshold_for_ppv wrong: tries only the risks of those who died
def threshold_for_ppv(died, risk, wanted):
    return min(t for t in risk[died == 1] if died[risk >= t].mean() >= wanted)

# %% 05.threshold_for_ppv wrong: tries hundredths, not the risks that occur
def threshold_for_ppv(died, risk, wanted):
    for t in np.arange(0, 1.01, 0.01):
        alarm = risk >= t
        if alarm.any() and died[alarm].mean() >= wanted:
            return t
    return risk.max()

# %% 05.threshold_for_ppv wrong: bisects, as if the PPV could only rise
def threshold_for_ppv(died, risk, wanted):
    candidates = np.unique(risk)
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        if died[risk >= candidates[middle]].mean() >= wanted:
            high = middle
        else:
            low = middle + 1
    return candidates[low]

# %% 05.threshold_for_ppv wrong: searchsorted in a PPV that is not sorted
def threshold_for_ppv(died, risk, wanted):
    candidates = np.unique(risk)
    ppv = np.array([died[risk >= t].mean() for t in candidates])
    return candidates[min(np.searchsorted(ppv, wanted), len(candidates) - 1)]

# %% 05.threshold_for_ppv wrong: looks at the sensitivity
def threshold_for_ppv(died, risk, wanted):
    good = [t for t in risk if (risk[died == 1] >= t).mean() >= wanted]
    return max(good)

# %% 05.threshold_for_ppv wrong: rounds the PPV to one place before it compares
def threshold_for_ppv(died, risk, wanted):
    return min(t for t in risk if round(float(died[risk >= t].mean()), 1) >= round(wanted, 1))

# %% 05.threshold_for_ppv wrong: rounds the answer to two places
def threshold_for_ppv(died, risk, wanted):
    return round(float(min(t for t in risk if died[risk >= t].mean() >= wanted)), 2)

# %% 05.threshold_for_ppv wrong: gives the PPV, not the threshold
def threshold_for_ppv(died, risk, wanted):
    t = min(t for t in risk if died[risk >= t].mean() >= wanted)
    return died[risk >= t].mean()

# %% 05.threshold_for_ppv wrong: takes the PPV that is closest to the wanted one
def threshold_for_ppv(died, risk, wanted):
    candidates = np.unique(risk)
    ppv = np.array([died[risk >= t].mean() for t in candidates])
    return candidates[np.abs(ppv - wanted).argmin()]

# %% 05.threshold_for_ppv wrong: the place among the sorted risks, not the risk
def threshold_for_ppv(died, risk, wanted):
    candidates = np.unique(risk)
    ppv = np.array([died[risk >= t].mean() for t in candidates])
    return int(np.argmax(ppv >= wanted))

# %% 05.threshold_for_ppv wrong: the precision of sklearn is read one place too far
from sklearn.metrics import precision_recall_curve

def threshold_for_ppv(died, risk, wanted):
    precision, _, thresholds = precision_recall_curve(died, risk)
    return thresholds[precision[1:] >= wanted].min()

# %% 05.threshold_for_ppv wrong: half-way between two risks
def threshold_for_ppv(died, risk, wanted):
    candidates = np.unique(risk)
    ppv = np.array([died[risk >= t].mean() for t in candidates])
    k = int(np.argmax(ppv >= wanted))
    return candidates[k] if k == 0 else (candidates[k - 1] + candidates[k]) / 2

# %% 05.threshold_for_ppv wrong: the risk of the first patient in the list that will do
def threshold_for_ppv(died, risk, wanted):
    for t in risk:
        if died[risk >= t].mean() >= wanted:
            return t

# %% 05.per_hundred right
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found / ppv - found

# %% 05.per_hundred right
def per_hundred(prevalence, sensitivity, ppv):
    found = prevalence * sensitivity * 100
    missed = prevalence * (1 - sensitivity) * 100
    false = found * (1 - ppv) / ppv
    return [found, missed, false]

# %% 05.per_hundred right
def per_hundred(prevalence, sensitivity, ppv):
    both = prevalence * sensitivity
    return 100 * np.array([both, prevalence - both, both * (1 / ppv - 1)])

# %% 05.per_hundred right
def per_hundred(prevalence, sensitivity, ppv):
    alarms = 100 * prevalence * sensitivity / ppv
    false = (1 - ppv) * alarms
    found = alarms - false
    return found, 100 * prevalence - found, false

# %% 05.per_hundred right
from fractions import Fraction

def per_hundred(prevalence, sensitivity, ppv):
    dying, share, right = 100 * Fraction(prevalence), Fraction(sensitivity), Fraction(ppv)
    found = dying * share
    return float(found), float(dying - found), float(found / right - found)

# %% 05.per_hundred right
def per_hundred(prevalence, sensitivity, ppv):
    n = 1_000_000
    dying = n * prevalence
    missed = dying - dying * sensitivity
    found = dying - missed
    false = found / (ppv / (1 - ppv)) if ppv < 1 else 0.0
    return tuple(count * 100 / n for count in (found, missed, false))

# %% 05.per_hundred right
def per_hundred(prevalence, sensitivity, ppv):
    system = np.array([[1, 0, 0], [1, 1, 0], [1 - ppv, 0, -ppv]], float)
    return np.linalg.solve(system, [100 * prevalence * sensitivity, 100 * prevalence, 0])

# %% 05.per_hundred wrong: the false alarms are counted among 100 alarms
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    return dying * sensitivity, dying * (1 - sensitivity), 100 * (1 - ppv)

# %% 05.per_hundred wrong: false alarms as a share of those found
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found * (1 - ppv)

# %% 05.per_hundred wrong: the PPV is taken for the specificity
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, (100 - dying) * (1 - ppv)

# %% 05.per_hundred wrong: all alarms, not the false ones
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found / ppv

# %% 05.per_hundred wrong: another order, the false alarms before the missed
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, found / ppv - found, dying - found

# %% 05.per_hundred wrong: cuts off to whole patients
def per_hundred(prevalence, sensitivity, ppv):
    dying = int(100 * prevalence)
    found = int(dying * sensitivity)
    return found, dying - found, int(found / ppv) - found

# %% 05.per_hundred wrong: shares, not of 100
def per_hundred(prevalence, sensitivity, ppv):
    found = prevalence * sensitivity
    return found, prevalence - found, found / ppv - found

# %% 05.per_hundred wrong: as if all the dying had an alarm
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, dying * (1 - ppv) / ppv

# %% 05.per_hundred wrong: the missed are counted among all 100
def per_hundred(prevalence, sensitivity, ppv):
    found = 100 * prevalence * sensitivity
    return found, 100 - found, found / ppv - found

# %% 05.per_hundred wrong: prevalence is left out
def per_hundred(prevalence, sensitivity, ppv):
    found = 100 * sensitivity
    return found, 100 - found, found / ppv - found

# %% 05.per_hundred wrong: the missed appear among the false alarms
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found / ppv - found + (dying - found)

# %% 05.per_hundred wrong: alarms less the dying, instead of less the found
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found / ppv - dying

# %% 05.per_hundred wrong: PPV and sensitivity exchanged
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * ppv
    return found, dying - found, found / sensitivity - found

# %% 05.per_hundred wrong: the false alarms multiplied by the odds upside down
def per_hundred(prevalence, sensitivity, ppv):
    dying = 100 * prevalence
    found = dying * sensitivity
    return found, dying - found, found * ppv / max(1 - ppv, 1e-12)

# %% 05.on_both_sides right
def on_both_sides(train, test):
    return np.intersect1d(train, test)

# %% 05.on_both_sides right
def on_both_sides(train, test):
    return sorted(set(train) & set(test))

# %% 05.on_both_sides right
def on_both_sides(train, test):
    once = np.unique(train)
    return once[np.isin(once, test)]

# %% 05.on_both_sides right
def on_both_sides(train, test):
    a, b = sorted(map(int, train)), sorted(map(int, test))
    i = j = 0
    shared = []
    while i < len(a) and j < len(b):
        if a[i] < b[j]:
            i += 1
        elif b[j] < a[i]:
            j += 1
        else:
            if not shared or shared[-1] != a[i]:
                shared.append(a[i])
            i, j = i + 1, j + 1
    return shared

# %% 05.on_both_sides right
def on_both_sides(train, test):
    one = pd.DataFrame({"patient": np.asarray(train)}).drop_duplicates()
    other = pd.DataFrame({"patient": np.asarray(test)}).drop_duplicates()
    return one.merge(other, on="patient")["patient"].sort_values().to_numpy()

# %% 05.on_both_sides right
def on_both_sides(train, test):
    shared = []
    for p in test:
        if p in train and p not in shared:
            shared.append(p)
    shared.sort()
    return np.array(shared, dtype=np.asarray(test).dtype)

# %% 05.on_both_sides right
def on_both_sides(train, test):
    both = np.concatenate([np.unique(train), np.unique(test)])
    number, times = np.unique(both, return_counts=True)
    return tuple(number[times == 2].tolist())

# %% 05.on_both_sides right
import bisect

def on_both_sides(train, test):
    ordered = sorted(train)

    def known(p):
        place = bisect.bisect_left(ordered, p)
        return place < len(ordered) and ordered[place] == p

    return sorted({int(p) for p in test if known(p)})

# %% 05.on_both_sides wrong: in whatever order the set has them
def on_both_sides(train, test):
    return list(set(np.asarray(train).tolist()) & set(np.asarray(test).tolist()))

# %% 05.on_both_sides wrong: several times who has several stays
def on_both_sides(train, test):
    return np.sort(test[np.isin(test, train)])

# %% 05.on_both_sides wrong: in order of first appearance
def on_both_sides(train, test):
    return list(dict.fromkeys(p for p in train if p in set(test)))

# %% 05.on_both_sides wrong: two stays on one side count as a leak
def on_both_sides(train, test):
    number, times = np.unique(np.concatenate([train, test]), return_counts=True)
    return number[times > 1]

# %% 05.on_both_sides wrong: says that nobody has several stays
def on_both_sides(train, test):
    return np.intersect1d(train, test, assume_unique=True)

# %% 05.on_both_sides wrong: patient 0 is lost
def on_both_sides(train, test):
    return sorted(p for p in set(train) if p and p in set(test))

# %% 05.on_both_sides wrong: place by place
def on_both_sides(train, test):
    return sorted({a for a, b in zip(train, test) if a == b})

# %% 05.on_both_sides wrong: the places, not the numbers
def on_both_sides(train, test):
    return np.flatnonzero(np.isin(train, test))

# %% 05.on_both_sides wrong: decreasing
def on_both_sides(train, test):
    return np.intersect1d(train, test)[::-1]

# %% 05.on_both_sides wrong: sorted as text, 10 before 9
def on_both_sides(train, test):
    return sorted({int(p) for p in train} & {int(p) for p in test}, key=str)

# %% 05.on_both_sides wrong: everybody who is on either side
def on_both_sides(train, test):
    return np.union1d(train, test)

# %% 05.on_both_sides wrong: who is on one side only
def on_both_sides(train, test):
    return np.setxor1d(train, test)

# %% 05.on_both_sides wrong: how many, not who
def on_both_sides(train, test):
    return len(np.intersect1d(train, test))

# %% 05.on_both_sides wrong: removes only repeats that stand next to each other
def on_both_sides(train, test):
    shared = [p for p in train if p in set(test)]
    shared = [p for k, p in enumerate(shared) if k == 0 or p != shared[k - 1]]
    return sorted(shared)

# %% 05.on_both_sides wrong: numbers in 16 bits, large ones run into each other
def on_both_sides(train, test):
    return np.intersect1d(np.asarray(train).astype("int16"), np.asarray(test).astype("int16"))

# %% 05.on_both_sides wrong: None where nobody is shared
def on_both_sides(train, test):
    shared = np.intersect1d(train, test)
    if len(shared):
        return shared

# %% 05.on_both_sides wrong: all numbers between the smallest and the largest shared one
def on_both_sides(train, test):
    shared = sorted(set(train) & set(test))
    return list(range(shared[0], shared[-1] + 1)) if shared else []
