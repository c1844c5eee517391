# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    chosen = rng.permutation(ids)[: round(share * len(ids))]
    return np.isin(patient, chosen)

# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids = sorted(set(patient.tolist()))
    rng.shuffle(ids)
    chosen = set(ids[: int(share * len(ids) + 0.5)])
    return np.array([p in chosen for p in patient])

# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids, which = np.unique(patient, return_inverse=True)
    in_validation = np.zeros(len(ids), bool)
    in_validation[rng.choice(len(ids), int(np.ceil(share * len(ids))), replace=False)] = True
    return in_validation[which]

# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids, which = np.unique(patient, return_inverse=True)
    place = rng.random(len(ids)).argsort().argsort()
    return (place < share * len(ids))[which]

# %% 04.patient_split right
from sklearn.model_selection import GroupShuffleSplit

def split_by_patient(patient, share, rng):
    cut = GroupShuffleSplit(1, test_size=share, random_state=int(rng.integers(2**31)))
    _, held_out = next(cut.split(patient, groups=patient))
    mask = np.zeros(len(patient), dtype=bool)
    mask[held_out] = True
    return mask

# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids = pd.Series(patient).drop_duplicates()
    chosen = ids.sample(frac=share, random_state=rng)
    return pd.Series(patient).isin(chosen).to_numpy()

# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids = list(dict.fromkeys(patient.tolist()))
    n = round(share * len(ids))
    mask = np.full(len(patient), False)
    while n:
        p = ids.pop(int(rng.integers(len(ids))))
        mask |= patient == p
        n -= 1
    return mask

# %% 04.patient_split right
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    in_training = rng.permutation(ids)[round(share * len(ids)) :]
    return ~np.isin(patient, in_training)

# %% 04.patient_split wrong: by image, patients are on both sides
def split_by_patient(patient, share, rng):
    return rng.random(len(patient)) < share

# %% 04.patient_split wrong: an exact share of the images, by image
def split_by_patient(patient, share, rng):
    mask = np.zeros(len(patient), bool)
    mask[rng.permutation(len(patient))[: round(share * len(patient))]] = True
    return mask

# %% 04.patient_split wrong: the first patients, nothing is drawn
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    return np.isin(patient, ids[: round(share * len(ids))])

# %% 04.patient_split wrong: a generator of its own, rng is ignored
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    chosen = np.random.default_rng(0).permutation(ids)[: round(share * len(ids))]
    return np.isin(patient, chosen)

# %% 04.patient_split wrong: NumPy's global random numbers instead of rng
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    chosen = np.random.permutation(ids)[: round(share * len(ids))]
    return np.isin(patient, chosen)

# %% 04.patient_split wrong: expects the numbers 0, 1, 2 and so on
def split_by_patient(patient, share, rng):
    n = len(np.unique(patient))
    return np.isin(patient, rng.permutation(n)[: round(share * n)])

# %% 04.patient_split wrong: draws among all numbers up to the largest, with gaps the share is wrong
def split_by_patient(patient, share, rng):
    n = len(np.unique(patient))
    return np.isin(patient, rng.permutation(patient.max() + 1)[: round(share * n)])

# %% 04.patient_split wrong: draws with replacement, so too few
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    return np.isin(patient, rng.choice(ids, round(share * len(ids))))

# %% 04.patient_split wrong: the share of the images is taken as the number of patients
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    return np.isin(patient, rng.permutation(ids)[: round(share * len(patient))])

# %% 04.patient_split wrong: draws images, and then takes all of their patients
def split_by_patient(patient, share, rng):
    drawn = rng.choice(len(patient), round(share * len(patient)), replace=False)
    return np.isin(patient, patient[drawn])

# %% 04.patient_split wrong: True is training
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    chosen = rng.permutation(ids)[: round(share * len(ids))]
    return ~np.isin(patient, chosen)

# %% 04.patient_split wrong: the numbers of the images instead of True and False
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    chosen = rng.permutation(ids)[: round(share * len(ids))]
    return np.flatnonzero(np.isin(patient, chosen))

# %% 04.patient_split wrong: one answer for each patient, not for each image
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    return np.isin(ids, rng.permutation(ids)[: round(share * len(ids))])

# %% 04.patient_split wrong: shuffles the given array itself, so rows and patients no longer match
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    rng.shuffle(patient)
    return np.isin(patient, rng.permutation(ids)[: round(share * len(ids))])

# %% 04.patient_split wrong: thinks that all patients have as many images, in blocks
def split_by_patient(patient, share, rng):
    n = len(np.unique(patient))
    size = -(-len(patient) // n)
    chosen = rng.permutation(n)[: round(share * n)]
    return np.isin(np.arange(len(patient)) // size, chosen)

# %% 04.patient_split wrong: a starting point is drawn, and then neighbours are taken
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    start = rng.integers(len(ids) - round(share * len(ids)) + 1)
    return np.isin(patient, ids[start : start + round(share * len(ids))])

# %% 04.patient_split wrong: always half of the patients
def split_by_patient(patient, share, rng):
    ids = np.unique(patient)
    return np.isin(patient, rng.permutation(ids)[: len(ids) // 2])

# %% 04.patient_split wrong: a coin for each image that is carried over while the number stays the same
def split_by_patient(patient, share, rng):
    mask = np.zeros(len(patient), bool)
    for k in range(len(patient)):
        same = k and patient[k] == patient[k - 1]
        mask[k] = mask[k - 1] if same else rng.random() < share
    return mask

# %% 04.prepare right
def prepare(images):
    return images.astype("float32") / 255

# %% 04.prepare right
def prepare(images):
    return (images / 255).astype(np.float32)

# %% 04.prepare right
def prepare(images):
    return np.divide(images, 255, dtype="float32")

# %% 04.prepare right
def prepare(images):
    out = np.array(images, dtype=np.float32)
    out /= 255
    return out

# %% 04.prepare right
def prepare(images):
    table = np.linspace(0, 1, 256, dtype="float32")
    return table[images.astype(int)]

# %% 04.prepare right
def prepare(images):
    out = np.empty(images.shape, "float32")
    for k in range(len(images)):
        out[k] = images[k].astype(float) / 255.0
    return out

# %% 04.prepare right
import keras

def prepare(images):
    return keras.ops.convert_to_numpy(keras.layers.Rescaling(1 / 255)(images.astype("float32")))

# %% 04.prepare right
def prepare(images):
    values = [float(v) / 255 for v in images.ravel()]
    return np.array(values, dtype="float32").reshape(images.shape)

# %% 04.prepare wrong: divided twice, as found
def prepare(images):
    images = images.astype("float32") / 255
    return images / 255

# %% 04.prepare wrong: by the largest value that occurs, so dark images become bright
def prepare(images):
    return images.astype("float32") / max(images.max(), 1)

# %% 04.prepare wrong: each image by its own largest value
def prepare(images):
    x = images.astype("float32")
    top = x.reshape(len(x), -1).max(axis=1)
    return x / np.maximum(top, 1).reshape(-1, *[1] * (x.ndim - 1))

# %% 04.prepare wrong: from the smallest to the largest value that occurs
def prepare(images):
    x = images.astype("float32")
    return (x - x.min()) / max(x.max() - x.min(), 1)

# %% 04.prepare wrong: float64
def prepare(images):
    return images / 255

# %% 04.prepare wrong: white is 0.996
def prepare(images):
    return images.astype("float32") / 256

# %% 04.prepare wrong: whole numbers, 0 or 1
def prepare(images):
    return (images // 255).astype("float32")

# %% 04.prepare wrong: from -1 to 1
def prepare(images):
    return images.astype("float32") / 127.5 - 1

# %% 04.prepare wrong: cut off at 1 instead of rescaled
def prepare(images):
    return np.clip(images.astype("float32"), 0, 1)

# %% 04.prepare wrong: only rescaled if it seems to be needed, which images of 0 and 1 do not
def prepare(images):
    x = images.astype("float32")
    return x / 255 if x.max() > 1 else x

# %% 04.prepare wrong: half precision on the way
def prepare(images):
    return (images.astype("float16") / 255).astype("float32")

# %% 04.prepare wrong: mean 0 and spread 1
def prepare(images):
    x = images.astype("float32")
    return (x - x.mean()) / (x.std() + 1e-6)

# %% 04.prepare wrong: rounds to two places
def prepare(images):
    return np.round(images.astype("float32") / 255, 2)

# %% 04.prepare wrong: float32 but not rescaled
def prepare(images):
    return images.astype("float32")

# %% 04.prepare wrong: black and white exchanged
def prepare(images):
    return 1 - images.astype("float32") / 255

# %% 04.prepare wrong: flattened
def prepare(images):
    return images.reshape(len(images), -1).astype("float32") / 255

# %% 04.prepare wrong: back to whole numbers of 8 bits before the type is changed
def prepare(images):
    return (images / 255).astype("uint8").astype("float32")

# %% 04.head right
def head(task, n_classes):
    if task == "binary-class":
        return 1, "sigmoid"
    if task == "multi-label, binary-class":
        return n_classes, "sigmoid"
    return n_classes, "softmax"

# %% 04.head right
def head(task, n_classes):
    return {
        "binary-class": (1, "sigmoid"),
        "multi-class": (n_classes, "softmax"),
        "multi-label, binary-class": (n_classes, "sigmoid"),
        "ordinal-regression": (n_classes, "softmax"),
    }[task]

# %% 04.head right
def head(task, n_classes):
    match task:
        case "multi-class" | "ordinal-regression":
            return (n_classes, "softmax")
        case "binary-class":
            return (1, "sigmoid")
        case _:
            return (n_classes, "sigmoid")

# %% 04.head right
def head(task, n_classes):
    outputs = 1 if task == "binary-class" else n_classes
    after = "sigmoid" if task.endswith("binary-class") else "softmax"
    return outputs, after

# %% 04.head right
def head(task, n_classes):
    several_answers = "," in task
    yes_or_no = task.split("-")[0] == "binary"
    if not several_answers and not yes_or_no:
        return n_classes, "softmax"
    return [n_classes, 1][yes_or_no], "sigmoid"

# %% 04.head right
def head(task, n_classes):
    n = n_classes
    if task.startswith("binary"):
        n = 1
    one_of_k = task in ("multi-class", "ordinal-regression")
    return tuple([int(n), "softmax" if one_of_k else "sigmoid"])

# %% 04.head right
import re

def head(task, n_classes):
    table = [("^binary", 1, "sigmoid"), ("label", n_classes, "sigmoid"), (".", n_classes, "softmax")]
    for pattern, outputs, after in table:
        if re.search(pattern, task):
            return outputs, after

# %% 04.head wrong: a multi-label task has binary-class in its name, too
def head(task, n_classes):
    if "binary-class" in task:
        return 1, "sigmoid"
    return n_classes, "softmax"

# %% 04.head wrong: softmax for several labels
def head(task, n_classes):
    if task == "binary-class":
        return 1, "sigmoid"
    return n_classes, "softmax"

# %% 04.head wrong: two outputs for a binary task
def head(task, n_classes):
    if task == "multi-label, binary-class":
        return n_classes, "sigmoid"
    return n_classes, "softmax"

# %% 04.head wrong: two outputs with a sigmoid for a binary task
def head(task, n_classes):
    if task in ("binary-class", "multi-label, binary-class"):
        return n_classes, "sigmoid"
    return n_classes, "softmax"

# %% 04.head wrong: one output for an ordinal task
def head(task, n_classes):
    if task in ("binary-class", "ordinal-regression"):
        return 1, "sigmoid"
    return n_classes, "sigmoid" if "label" in task else "softmax"

# %% 04.head wrong: thresholds between the grades
def head(task, n_classes):
    if task == "binary-class":
        return 1, "sigmoid"
    if task == "ordinal-regression":
        return n_classes - 1, "sigmoid"
    return n_classes, "sigmoid" if "label" in task else "softmax"

# %% 04.head wrong: goes by the number of classes, two mean binary whatever the task
def head(task, n_classes):
    if n_classes == 2:
        return 1, "sigmoid"
    return n_classes, "sigmoid" if "label" in task else "softmax"

# %% 04.head wrong: sigmoid for grades
def head(task, n_classes):
    if task == "binary-class":
        return 1, "sigmoid"
    return n_classes, "softmax" if task == "multi-class" else "sigmoid"

# %% 04.head wrong: everything that begins with multi gets a softmax
def head(task, n_classes):
    if task.startswith("multi") or task.startswith("ordinal"):
        return n_classes, "softmax"
    return 1, "sigmoid"

# %% 04.head wrong: one after the other, the wrong way round
def head(task, n_classes):
    if task == "binary-class":
        return "sigmoid", 1
    return ("sigmoid" if "label" in task else "softmax"), n_classes

# %% 04.head wrong: softmax on one output, which is always 1
def head(task, n_classes):
    if task == "binary-class":
        return 1, "softmax"
    return n_classes, "sigmoid" if "label" in task else "softmax"

# %% 04.head wrong: one class is left out, since the shares add up to 1
def head(task, n_classes):
    if "label" in task:
        return n_classes, "sigmoid"
    return n_classes - 1, "sigmoid" if task == "binary-class" else "softmax"

# %% 04.head wrong: the numbers of the examples in the table, whatever n_classes is
def head(task, n_classes):
    return {
        "binary-class": (1, "sigmoid"),
        "multi-class": (8, "softmax"),
        "multi-label, binary-class": (14, "sigmoid"),
        "ordinal-regression": (5, "softmax"),
    }[task]

# %% 04.head wrong: the name of the multi-label task is spelled wrong
def head(task, n_classes):
    if task == "binary-class":
        return 1, "sigmoid"
    if task == "multi-label":
        return n_classes, "sigmoid"
    return n_classes, "softmax"

# %% 04.rates right
def rates(y_true, y_pred):
    sensitivity = np.mean(y_pred[y_true == 1] == 1)
    specificity = np.mean(y_pred[y_true == 0] == 0)
    return sensitivity, specificity

# %% 04.rates right
from sklearn.metrics import recall_score

def rates(y_true, y_pred):
    return recall_score(y_true, y_pred), recall_score(y_true, y_pred, pos_label=0)

# %% 04.rates right
from sklearn.metrics import confusion_matrix

def rates(y_true, y_pred):
    (tn, fp), (fn, tp) = confusion_matrix(y_true, y_pred, labels=[0, 1])
    return tp / (tp + fn), tn / (tn + fp)

# %% 04.rates right
def rates(y_true, y_pred):
    counts = {(t, p): 0 for t in (0, 1) for p in (0, 1)}
    for t, p in zip(y_true, y_pred):
        counts[int(t), int(p)] += 1
    sick = counts[1, 1] + counts[1, 0]
    healthy = counts[0, 0] + counts[0, 1]
    return counts[1, 1] / sick, counts[0, 0] / healthy

# %% 04.rates right
def rates(y_true, y_pred):
    t, p = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    return float(t @ p / t.sum()), float((1 - t) @ (1 - p) / (1 - t).sum())

# %% 04.rates right
def rates(y_true, y_pred):
    alarms = pd.Series(np.asarray(y_pred)).groupby(np.asarray(y_true)).mean()
    return float(alarms[1]), float(1 - alarms[0])

# %% 04.rates right
def rates(y_true, y_pred):
    sick = [p for t, p in zip(y_true, y_pred) if t]
    well = [p for t, p in zip(y_true, y_pred) if not t]
    return sum(map(int, sick)) / len(sick), 1 - sum(map(int, well)) / len(well)

# %% 04.rates right
def rates(y_true, y_pred):
    cells = np.bincount(2 * np.asarray(y_true, int) + np.asarray(y_pred, int), minlength=4)
    specificity, sensitivity = np.diag(cells.reshape(2, 2)) / cells.reshape(2, 2).sum(axis=1)
    return sensitivity, specificity

# %% 04.rates wrong: the specificity first
def rates(y_true, y_pred):
    return np.mean(y_pred[y_true == 0] == 0), np.mean(y_pred[y_true == 1] == 1)

# %% 04.rates wrong: PPV and NPV
def rates(y_true, y_pred):
    tp, tn = np.sum((y_true == 1) & (y_pred == 1)), np.sum((y_true == 0) & (y_pred == 0))
    return tp / max(np.sum(y_pred == 1), 1), tn / max(np.sum(y_pred == 0), 1)

# %% 04.rates wrong: the share of false alarms instead of the specificity
def rates(y_true, y_pred):
    return np.mean(y_pred[y_true == 1]), np.mean(y_pred[y_true == 0])

# %% 04.rates wrong: divides by everybody
def rates(y_true, y_pred):
    return np.mean((y_true == 1) & (y_pred == 1)), np.mean((y_true == 0) & (y_pred == 0))

# %% 04.rates wrong: the arrays of 0 and 1 are used as places
def rates(y_true, y_pred):
    return np.mean(y_pred[y_true]), np.mean(1 - y_pred[1 - y_true])

# %% 04.rates wrong: truth and answers exchanged
def rates(y_true, y_pred):
    sick = np.mean(y_true[y_pred == 1]) if (y_pred == 1).any() else 0.0
    well = 1 - np.mean(y_true[y_pred == 0]) if (y_pred == 0).any() else 0.0
    return sick, well

# %% 04.rates wrong: specificity as 1 - sensitivity
def rates(y_true, y_pred):
    sensitivity = np.mean(y_pred[y_true == 1])
    return sensitivity, 1 - sensitivity

# %% 04.rates wrong: the accuracy twice
def rates(y_true, y_pred):
    right = np.mean(np.asarray(y_true) == np.asarray(y_pred))
    return right, right

# %% 04.rates wrong: rounds to one place
def rates(y_true, y_pred):
    return round(float(np.mean(y_pred[y_true == 1])), 1), round(float(np.mean(1 - y_pred[y_true == 0])), 1)

# %% 04.rates wrong: one is added to each count
def rates(y_true, y_pred):
    tp, fn = np.sum((y_true == 1) & (y_pred == 1)), np.sum((y_true == 1) & (y_pred == 0))
    tn, fp = np.sum((y_true == 0) & (y_pred == 0)), np.sum((y_true == 0) & (y_pred == 1))
    return (tp + 1) / (tp + fn + 2), (tn + 1) / (tn + fp + 2)

# %% 04.rates wrong: floor division
def rates(y_true, y_pred):
    tp, tn = np.sum((y_true == 1) & (y_pred == 1)), np.sum((y_true == 0) & (y_pred == 0))
    return tp // np.sum(y_true == 1), tn // np.sum(y_true == 0)

# %% 04.rates wrong: counts in 8 bits, which overflow with more than 255 cases
def rates(y_true, y_pred):
    t, p = np.asarray(y_true).astype("uint8"), np.asarray(y_pred).astype("uint8")
    return (t @ p) / np.sum(t == 1), ((1 - t) @ (1 - p)) / np.sum(t == 0)

# %% 04.rates wrong: the confusion matrix is read with sick and healthy mixed
from sklearn.metrics import confusion_matrix

def rates(y_true, y_pred):
    tn, fp, fn, tp = confusion_matrix(y_true, y_pred, labels=[0, 1]).ravel()
    return tp / max(tp + fp, 1), tn / (tn + fp)

# %% 04.rates wrong: divides the right all-clears by all all-clears
def rates(y_true, y_pred):
    tn, fn = np.sum((y_true == 0) & (y_pred == 0)), np.sum((y_true == 1) & (y_pred == 0))
    return np.mean(y_pred[y_true == 1]), tn / max(tn + fn, 1)

# %% 04.threshold right
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return max(t for t in sick if np.mean(sick >= t) >= wanted)

# %% 04.threshold right
def screening_threshold(y_true, score, wanted):
    for t in np.unique(score)[::-1]:
        found = np.sum((score >= t) & (y_true == 1))
        if found / np.sum(y_true == 1) >= wanted:
            return float(t)

# %% 04.threshold right
def screening_threshold(y_true, score, wanted):
    sick = np.sort(score[np.asarray(y_true) == 1])[::-1]
    reached = np.arange(1, len(sick) + 1) / len(sick) >= wanted
    return sick[reached.argmax()]

# %% 04.threshold right
from sklearn.metrics import roc_curve

def screening_threshold(y_true, score, wanted):
    _, sensitivity, thresholds = roc_curve(y_true, score, drop_intermediate=False)
    return thresholds[sensitivity >= wanted].max()

# %% 04.threshold right
def screening_threshold(y_true, score, wanted):
    sick = sorted(float(s) for s, y in zip(score, y_true) if y == 1)
    k = 0
    while k + 1 < len(sick) and (len(sick) - k - 1) / len(sick) >= wanted:
        k += 1
    return sick[k]

# %% 04.threshold right
def screening_threshold(y_true, score, wanted):
    table = pd.DataFrame({"y": np.asarray(y_true), "s": np.asarray(score)})
    found = table.groupby("s")["y"].sum().sort_index(ascending=False).cumsum()
    return found.index[(found / table["y"].sum()).to_numpy() >= wanted][0]

# %% 04.threshold right
from sklearn.metrics import precision_recall_curve

def screening_threshold(y_true, score, wanted):
    _, recall, thresholds = precision_recall_curve(y_true, score)
    return thresholds[recall[:-1] >= wanted][-1]

# %% 04.threshold right
def screening_threshold(y_true, score, wanted):
    candidates = np.unique(score)
    sick = np.sort(score[y_true == 1])
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high + 1) // 2
        found = len(sick) - np.searchsorted(sick, candidates[middle], side="left")
        if found / len(sick) >= wanted:
            low = middle
        else:
            high = middle - 1
    return candidates[low]

# %% 04.threshold wrong: a quantile that lies between two scores
def screening_threshold(y_true, score, wanted):
    return np.quantile(score[y_true == 1], 1 - wanted)

# %% 04.threshold wrong: the lowest, which reaches everything
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return min(t for t in sick if np.mean(sick >= t) >= wanted)

# %% 04.threshold wrong: an alarm only above the threshold
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return max([t for t in score if np.mean(sick > t) >= wanted], default=score.min() - 1)

# %% 04.threshold wrong: cuts off the number of cases, so the sensitivity is missed
def screening_threshold(y_true, score, wanted):
    sick = np.sort(score[y_true == 1])[::-1]
    return sick[max(int(wanted * len(sick)), 1) - 1]

# %% 04.threshold wrong: always one case more than needed
def screening_threshold(y_true, score, wanted):
    sick = np.sort(score[y_true == 1])[::-1]
    return sick[min(int(wanted * len(sick)), len(sick) - 1)]

# %% 04.threshold wrong: the quantile of all scores
def screening_threshold(y_true, score, wanted):
    everybody = np.sort(score)[::-1]
    return everybody[int(np.ceil(wanted * len(everybody) - 1e-9)) - 1]

# %% 04.threshold wrong: hundredths from 0 to 1 only
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    good = [t for t in np.linspace(0, 1, 101) if np.mean(sick >= t) >= wanted]
    return max(good, default=0.0)

# %% 04.threshold wrong: the specificity is wanted
def screening_threshold(y_true, score, wanted):
    well = score[y_true == 0]
    return min([t for t in score if np.mean(well < t) >= wanted], default=score.max())

# %% 04.threshold wrong: the sensitivity must be above, not at least
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return max([t for t in sick if np.mean(sick >= t) > wanted], default=sick.min())

# %% 04.threshold wrong: the ROC curve leaves out thresholds on straight stretches
from sklearn.metrics import roc_curve

def screening_threshold(y_true, score, wanted):
    _, sensitivity, thresholds = roc_curve(y_true, score)
    return thresholds[np.argmax(sensitivity >= wanted)]

# %% 04.threshold wrong: equal scores count once
def screening_threshold(y_true, score, wanted):
    sick = np.unique(score[y_true == 1])[::-1]
    return sick[int(np.ceil(wanted * len(sick) - 1e-9)) - 1]

# %% 04.threshold wrong: rounds the sensitivity to one place before it compares
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return max(t for t in sick if round(float(np.mean(sick >= t)), 1) >= round(wanted, 1))

# %% 04.threshold wrong: rounds the threshold to two places
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return round(float(max(t for t in sick if np.mean(sick >= t) >= wanted)), 2)

# %% 04.threshold wrong: the threshold whose sensitivity is closest to the wanted one
def screening_threshold(y_true, score, wanted):
    sick = np.unique(score[y_true == 1])
    reached = np.array([np.mean(score[y_true == 1] >= t) for t in sick])
    return sick[np.abs(reached - wanted).argmin()]

# %% 04.threshold wrong: tries the scores of the healthy only
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    return max([t for t in score[y_true == 0] if np.mean(sick >= t) >= wanted], default=score.min())

# %% 04.threshold wrong: the PPV is wanted
def screening_threshold(y_true, score, wanted):
    good = [t for t in score if np.mean(y_true[score >= t]) >= wanted]
    return max(good, default=score.max())

# %% 04.threshold wrong: half-way to the next lower score of the sick
def screening_threshold(y_true, score, wanted):
    sick = np.unique(score[y_true == 1])
    t = max(t for t in sick if np.mean(score[y_true == 1] >= t) >= wanted)
    lower = sick[sick < t]
    return (t + lower[-1]) / 2 if len(lower) else t - 0.5

# %% 04.threshold wrong: gives the sensitivity, not the threshold
def screening_threshold(y_true, score, wanted):
    sick = score[y_true == 1]
    t = max(t for t in sick if np.mean(sick >= t) >= wanted)
    return np.mean(sick >= t)

# %% 04.resample right
def resample(n, rng):
    return rng.integers(0, n, n)

# %% 04.resample right
def resample(n, rng):
    return rng.choice(n, size=n, replace=True)

# %% 04.resample right
def resample(n, rng):
    return [int(rng.integers(n)) for _ in range(n)]

# %% 04.resample right
def resample(n, rng):
    return np.floor(rng.random(n) * n).astype(int)

# %% 04.resample right
def resample(n, rng):
    times = rng.multinomial(n, np.full(n, 1 / n))
    return np.repeat(np.arange(n), times)

# %% 04.resample right
from sklearn.utils import resample as draw

def resample(n, rng):
    return draw(np.arange(n), replace=True, random_state=int(rng.integers(2**31)))

# %% 04.resample right
def resample(n, rng):
    return pd.Series(np.arange(n)).sample(n, replace=True, random_state=rng).to_numpy()

# %% 04.resample right
def resample(n, rng):
    return np.sort(rng.integers(low=0, high=n - 1, size=n, endpoint=True))

# %% 04.resample right
def resample(n, rng):
    borders = np.arange(1, n) / n
    return np.searchsorted(borders, rng.random(n), side="right")

# %% 04.resample wrong: a new order, everybody once
def resample(n, rng):
    return rng.permutation(n)

# %% 04.resample wrong: without replacement
def resample(n, rng):
    return rng.choice(n, n, replace=False)

# %% 04.resample wrong: the last case is never drawn
def resample(n, rng):
    return rng.integers(0, max(n - 1, 1), n)

# %% 04.resample wrong: from 1 to n
def resample(n, rng):
    return rng.integers(1, n + 1, n)

# %% 04.resample wrong: n itself is drawn, too
def resample(n, rng):
    return rng.integers(0, n, n, endpoint=True)

# %% 04.resample wrong: a generator of its own, always the same sample
def resample(n, rng):
    return np.random.default_rng(0).integers(0, n, n)

# %% 04.resample wrong: NumPy's global random numbers instead of rng
def resample(n, rng):
    return np.random.randint(0, n, n)

# %% 04.resample wrong: rounding makes the first and the last case rarer
def resample(n, rng):
    return np.rint(rng.random(n) * (n - 1)).astype(int)

# %% 04.resample wrong: cut off after times n - 1, the last case never comes
def resample(n, rng):
    return (rng.random(n) * (n - 1)).astype(int)

# %% 04.resample wrong: each drawn case once
def resample(n, rng):
    return np.unique(rng.integers(0, n, n))

# %% 04.resample wrong: one case too few
def resample(n, rng):
    return rng.integers(0, n, n - 1)

# %% 04.resample wrong: how often each case was drawn, not which
def resample(n, rng):
    return np.bincount(rng.integers(0, n, n), minlength=n)

# %% 04.resample wrong: a single case
def resample(n, rng):
    return int(rng.integers(0, n))

# %% 04.resample wrong: numbers that are not whole
def resample(n, rng):
    return rng.uniform(0, n, n)

# %% 04.resample wrong: cases in the middle are drawn more often
def resample(n, rng):
    return np.clip(np.rint(rng.normal((n - 1) / 2, n / 4, n)), 0, n - 1).astype(int)

# %% 04.resample wrong: starts anew from one seed at every call
def resample(n, rng):
    rng = np.random.default_rng(n)
    return rng.choice(n, n)

# %% 04.resample wrong: one random start and then in turn
def resample(n, rng):
    return (rng.integers(n) + np.arange(n)) % n

# %% 04.resample wrong: two thirds of the cases, filled up with their repeats
def resample(n, rng):
    some = rng.permutation(n)[: max(round(0.632 * n), 1)]
    return np.resize(some, n)

# %% 04.ppv right
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    false = (1 - specificity) * (1 - prevalence)
    return true / (true + false)

# %% 04.ppv right
def ppv(sensitivity, specificity, prevalence):
    n = 100_000
    sick = n * prevalence
    found = sick * sensitivity
    alarms = found + (n - sick) - (n - sick) * specificity
    return found / alarms

# %% 04.ppv right
from fractions import Fraction

def ppv(sensitivity, specificity, prevalence):
    a, b, p = map(Fraction, (sensitivity, specificity, prevalence))
    return float(a * p / (a * p + (1 - b) * (1 - p)))

# %% 04.ppv right
def ppv(sensitivity, specificity, prevalence):
    if prevalence == 0 or sensitivity == 0:
        return 0.0
    odds = (1 - prevalence) / prevalence
    return 1 / (1 + odds * (1 - specificity) / sensitivity)

# %% 04.ppv right
def ppv(sensitivity, specificity, prevalence):
    if specificity == 1 or prevalence == 1:
        return 1.0
    odds = sensitivity / (1 - specificity) * prevalence / (1 - prevalence)
    return odds / (1 + odds)

# %% 04.ppv right
def ppv(sensitivity, specificity, prevalence):
    prior = np.array([1 - prevalence, prevalence])
    alarm = np.array([1 - specificity, sensitivity])
    joint = prior * alarm
    return float((joint / joint.sum())[1])

# %% 04.ppv right
def ppv(sensitivity, specificity, prevalence):
    table = np.outer([1, 0], [sensitivity, 1 - sensitivity]) * prevalence
    table = table + np.outer([0, 1], [1 - specificity, specificity]) * (1 - prevalence)
    return table[0, 0] / table[:, 0].sum()

# %% 04.ppv wrong: the prevalence is left out
def ppv(sensitivity, specificity, prevalence):
    return sensitivity / (sensitivity + 1 - specificity)

# %% 04.ppv wrong: false alarms among the sick
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return true / max(true + (1 - specificity) * prevalence, 1e-12)

# %% 04.ppv wrong: the specificity instead of what it leaves
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return true / (true + specificity * (1 - prevalence))

# %% 04.ppv wrong: the NPV
def ppv(sensitivity, specificity, prevalence):
    right = specificity * (1 - prevalence)
    return right / max(right + (1 - sensitivity) * prevalence, 1e-12)

# %% 04.ppv wrong: the missed instead of the false alarms
def ppv(sensitivity, specificity, prevalence):
    return sensitivity * prevalence / max(sensitivity * prevalence + (1 - sensitivity) * prevalence, 1e-12)

# %% 04.ppv wrong: whole people in a population of 100
def ppv(sensitivity, specificity, prevalence):
    sick = round(100 * prevalence)
    found = round(sick * sensitivity)
    alarms = found + round((100 - sick) * (1 - specificity))
    return found / alarms if alarms else 0.0

# %% 04.ppv wrong: in percent
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return 100 * true / (true + (1 - specificity) * (1 - prevalence))

# %% 04.ppv wrong: rounds to two places
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return round(true / (true + (1 - specificity) * (1 - prevalence)), 2)

# %% 04.ppv wrong: the odds are taken for the probability
def ppv(sensitivity, specificity, prevalence):
    return sensitivity * prevalence / max((1 - specificity) * (1 - prevalence), 1e-12)

# %% 04.ppv wrong: the prevalence is taken for the odds, nearly right where it is small
def ppv(sensitivity, specificity, prevalence):
    odds = sensitivity / max(1 - specificity, 1e-12) * prevalence
    return odds / (1 + odds)

# %% 04.ppv wrong: all the healthy stand for the false alarms' weight, nearly right where few are sick
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return true / max(true + (1 - specificity), 1e-12)

# %% 04.ppv wrong: a prevalence below 1 in 100 is not believed
def ppv(sensitivity, specificity, prevalence):
    prevalence = max(prevalence, 0.01)
    true = sensitivity * prevalence
    return true / (true + (1 - specificity) * (1 - prevalence))

# %% 04.ppv wrong: sensitivity and specificity exchanged
def ppv(sensitivity, specificity, prevalence):
    true = specificity * prevalence
    return true / max(true + (1 - sensitivity) * (1 - prevalence), 1e-12)

# %% 04.ppv wrong: brackets forgotten in the denominator
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return true / true + (1 - specificity) * (1 - prevalence) if true else 0.0

# %% 04.ppv wrong: a hundredth is added so that nothing is divided by 0
def ppv(sensitivity, specificity, prevalence):
    true = sensitivity * prevalence
    return true / (true + (1 - specificity) * (1 - prevalence) + 0.01)

# %% 04.ppv wrong: one minus the share of false alarms among the healthy
def ppv(sensitivity, specificity, prevalence):
    return 1 - (1 - specificity) * (1 - prevalence)
