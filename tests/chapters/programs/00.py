# %% 00.majority right
def majority_accuracy(labels):
    return np.bincount(labels).max() / len(labels)

# %% 00.majority right
from collections import Counter

def majority_accuracy(labels):
    (_, times), = Counter(np.asarray(labels).tolist()).most_common(1)
    return times / len(labels)

# %% 00.majority right
def majority_accuracy(labels):
    _, counts = np.unique(labels, return_counts=True)
    return float(counts.max() / counts.sum())

# %% 00.majority right
def majority_accuracy(labels):
    return pd.Series(labels).value_counts(normalize=True).iloc[0]

# %% 00.majority right
def majority_accuracy(labels):
    return max(np.mean(np.asarray(labels) == k) for k in set(np.asarray(labels).tolist()))

# %% 00.majority right
def majority_accuracy(labels):
    counts = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    best = 0
    for times in counts.values():
        if times > best:
            best = times
    return best / len(labels)

# %% 00.majority right
from sklearn.dummy import DummyClassifier

def majority_accuracy(labels):
    x = np.zeros((len(labels), 1))
    return DummyClassifier(strategy="most_frequent").fit(x, labels).score(x, labels)

# %% 00.majority right
import statistics

def majority_accuracy(labels):
    often = statistics.mode(list(labels))
    return sum(1 for label in labels if label == often) / len(labels)

# %% 00.majority right
from scipy import stats

def majority_accuracy(labels):
    return stats.mode(labels).count / len(labels)

# %% 00.majority right
from itertools import groupby

def majority_accuracy(labels):
    return max(len(list(run)) for _, run in groupby(sorted(labels))) / len(labels)

# %% 00.majority right
def majority_accuracy(labels):
    most_frequent = np.argmax(np.bincount(labels))
    answers = np.full(len(labels), most_frequent)
    return (answers == labels).mean()

# %% 00.majority wrong: right for labels 0 and 1 only
def majority_accuracy(labels):
    return max(np.mean(labels), 1 - np.mean(labels))

# %% 00.majority wrong: the share of label 1
def majority_accuracy(labels):
    return np.mean(np.asarray(labels) == 1)

# %% 00.majority wrong: the share of label 0
def majority_accuracy(labels):
    return np.bincount(labels)[0] / len(labels)

# %% 00.majority wrong: label 0 against all others together
def majority_accuracy(labels):
    none = np.mean(np.asarray(labels) == 0)
    return max(none, 1 - none)

# %% 00.majority wrong: the label and not its share
def majority_accuracy(labels):
    return np.bincount(labels).argmax()

# %% 00.majority wrong: the number and not the share
def majority_accuracy(labels):
    return np.bincount(labels).max()

# %% 00.majority wrong: percent
def majority_accuracy(labels):
    return 100 * np.bincount(labels).max() / len(labels)

# %% 00.majority wrong: whole-number division
def majority_accuracy(labels):
    return np.bincount(labels).max() // len(labels)

# %% 00.majority wrong: rounded to two digits
def majority_accuracy(labels):
    return round(float(np.bincount(labels).max() / len(labels)), 2)

# %% 00.majority wrong: divides by the number of classes
def majority_accuracy(labels):
    counts = np.bincount(labels)
    return counts.max() / len(counts)

# %% 00.majority wrong: the last class counted is taken for the most frequent
def majority_accuracy(labels):
    counts = np.bincount(labels)
    return counts[-1] / counts.sum()

# %% 00.majority wrong: the longest run of equal labels
from itertools import groupby

def majority_accuracy(labels):
    return max(len(list(run)) for _, run in groupby(labels)) / len(labels)

# %% 00.majority wrong: leaves label 0 out
def majority_accuracy(labels):
    return np.bincount(labels)[1:].max() / len(labels)

# %% 00.majority wrong: the median label
def majority_accuracy(labels):
    return np.mean(np.asarray(labels) == int(np.median(labels)))

# %% 00.majority wrong: the label of the first case
def majority_accuracy(labels):
    return np.mean(np.asarray(labels) == labels[0])

# %% 00.majority wrong: majority vote by pairing off, which finds only a label of more than half
def majority_accuracy(labels):
    candidate, lead = None, 0
    for label in labels:
        if lead == 0:
            candidate = label
        lead += 1 if label == candidate else -1
    return np.mean(np.asarray(labels) == candidate)

# %% 00.majority wrong: one over the number of classes
def majority_accuracy(labels):
    return 1 / len(np.unique(labels))

# %% 00.majority wrong: the least frequent
def majority_accuracy(labels):
    return np.unique(labels, return_counts=True)[1].min() / len(labels)

# %% 00.majority wrong: guessing by the shares
def majority_accuracy(labels):
    shares = np.bincount(labels) / len(labels)
    return (shares**2).sum()

# %% 00.majority wrong: sorts the caller's labels
def majority_accuracy(labels):
    labels.sort()
    return np.bincount(labels).max() / len(labels)

# %% 00.majority wrong: at least one half
def majority_accuracy(labels):
    return max(0.5, np.bincount(labels).max() / len(labels))

# %% 00.majority wrong: one case too many in the bottom
def majority_accuracy(labels):
    return np.bincount(labels).max() / (len(labels) + 1)

# %% 00.majority wrong: three labels at most
def majority_accuracy(labels):
    return max(np.mean(np.asarray(labels) == k) for k in (0, 1, 2))

# %% 00.majority wrong: the error and not the accuracy
def majority_accuracy(labels):
    return 1 - np.bincount(labels).max() / len(labels)

# %% 00.majority wrong: the number of the class most_common puts first
from collections import Counter

def majority_accuracy(labels):
    return Counter(np.asarray(labels).tolist()).most_common(1)[0][0] / len(labels)

# %% 00.confident_error right
def most_confident_error(y, p):
    answer = (p >= 0.5).astype(int)
    confidence = np.maximum(p, 1 - p)
    return np.argmax(np.where(answer != y, confidence, -1))

# %% 00.confident_error right
def most_confident_error(y, p):
    wrong = np.flatnonzero((p >= 0.5) != (y == 1))
    return wrong[np.argmax(np.abs(p[wrong] - 0.5))]

# %% 00.confident_error right
def most_confident_error(y, p):
    best, place = -1.0, None
    for i in range(len(y)):
        answer = 1 if p[i] >= 0.5 else 0
        confidence = p[i] if answer == 1 else 1 - p[i]
        if answer != y[i] and confidence > best:
            best, place = confidence, i
    return place

# %% 00.confident_error right
def most_confident_error(y, p):
    table = pd.DataFrame({"y": y, "p": p})
    table["answer"] = (table.p >= 0.5).astype(int)
    table["confidence"] = table.p.where(table.answer == 1, 1 - table.p)
    return int(table[table.answer != table.y].confidence.idxmax())

# %% 00.confident_error right
def most_confident_error(y, p):
    wrong = [i for i in range(len(p)) if (p[i] >= 0.5) != bool(y[i])]
    return max(wrong, key=lambda i: abs(p[i] - y[i]))

# %% 00.confident_error right
def most_confident_error(y, p):
    given = np.where(y == 1, p, 1 - p)
    for i in np.argsort(given, kind="stable"):
        if int(p[i] >= 0.5) != y[i]:
            return int(i)

# %% 00.confident_error right
def most_confident_error(y, p):
    right = (p >= 0.5) == y
    return np.ma.masked_array(np.maximum(p, 1 - p), mask=right).argmax()

# %% 00.confident_error right
import heapq

def most_confident_error(y, p):
    pairs = ((max(q, 1 - q), -i) for i, (t, q) in enumerate(zip(y, p)) if t != (q >= 0.5))
    return -heapq.nlargest(1, pairs)[0][1]

# %% 00.confident_error right
def most_confident_error(y, p):
    confidence = np.where(p >= 0.5, p, 1 - p)
    confidence[(p >= 0.5) == (y == 1)] = np.nan
    return np.nanargmax(confidence)

# %% 00.confident_error right
def most_confident_error(y, p):
    is_wrong = (p >= 0.5).astype(int) ^ np.asarray(y).astype(int)
    return (is_wrong * np.maximum(p, 1 - p)).argmax()

# %% 00.confident_error right
def most_confident_error(y, p):
    y, p = list(y), list(p)
    alarms = [(q, -i) for i, q in enumerate(p) if y[i] == 0 and q >= 0.5]
    misses = [(1 - q, -i) for i, q in enumerate(p) if y[i] == 1 and q < 0.5]
    return -sorted(alarms + misses)[-1][1]

# %% 00.confident_error wrong: place among the wrong ones only
def most_confident_error(y, p):
    wrong = (p >= 0.5).astype(int) != y
    return np.argmax(np.maximum(p, 1 - p)[wrong])

# %% 00.confident_error wrong: most confident of all, right or wrong
def most_confident_error(y, p):
    return np.argmax(np.maximum(p, 1 - p))

# %% 00.confident_error wrong: highest p of the wrong ones, misses are overlooked
def most_confident_error(y, p):
    wrong = np.flatnonzero((p >= 0.5).astype(int) != y)
    return wrong[np.argmax(p[wrong])]

# %% 00.confident_error wrong: lowest p of the wrong ones
def most_confident_error(y, p):
    wrong = np.flatnonzero((p >= 0.5).astype(int) != y)
    return wrong[np.argmin(p[wrong])]

# %% 00.confident_error wrong: the least confident error
def most_confident_error(y, p):
    wrong = np.flatnonzero((p >= 0.5).astype(int) != y)
    return wrong[np.argmin(np.maximum(p, 1 - p)[wrong])]

# %% 00.confident_error wrong: the confidence and not the place
def most_confident_error(y, p):
    wrong = (p >= 0.5).astype(int) != y
    return np.maximum(p, 1 - p)[wrong].max()

# %% 00.confident_error wrong: answer 1 only above one half
def most_confident_error(y, p):
    answer = (p > 0.5).astype(int)
    return np.argmax(np.where(answer != y, np.maximum(p, 1 - p), -1))

# %% 00.confident_error wrong: np.round takes one half down to 0
def most_confident_error(y, p):
    answer = np.round(p).astype(int)
    return np.argmax(np.where(answer != y, np.maximum(p, 1 - p), -1))

# %% 00.confident_error wrong: an error at exactly one half is never taken
def most_confident_error(y, p):
    best, place = 0.5, 0
    for i, (truth, q) in enumerate(zip(y, p)):
        confidence = max(q, 1 - q)
        if (q >= 0.5) != truth and confidence > best:
            best, place = confidence, i
    return place

# %% 00.confident_error wrong: looks the confidence up, and may find a right answer that has the same
def most_confident_error(y, p):
    confidence = np.maximum(p, 1 - p)
    wrong = (p >= 0.5).astype(int) != y
    return int(np.flatnonzero(confidence == confidence[wrong].max())[0])

# %% 00.confident_error wrong: looks the probability up, and may find a right answer that has the same
def most_confident_error(y, p):
    y, p = list(y), list(p)
    wrong = [q for t, q in zip(y, p) if (q >= 0.5) != t]
    return p.index(max(wrong, key=lambda q: max(q, 1 - q)))

# %% 00.confident_error wrong: p minus y with its sign, misses are overlooked
def most_confident_error(y, p):
    return np.argmax(p - y)

# %% 00.confident_error wrong: y minus p with its sign, false alarms are overlooked
def most_confident_error(y, p):
    return np.argmax(y - p)

# %% 00.confident_error wrong: counted from 1
def most_confident_error(y, p):
    answer = (p >= 0.5).astype(int)
    return np.argmax(np.where(answer != y, np.maximum(p, 1 - p), -1)) + 1

# %% 00.confident_error wrong: the most confident right answer
def most_confident_error(y, p):
    answer = (p >= 0.5).astype(int)
    return np.argmax(np.where(answer == y, np.maximum(p, 1 - p), -1))

# %% 00.confident_error wrong: confidences compared after rounding to one digit
def most_confident_error(y, p):
    answer = (p >= 0.5).astype(int)
    return np.argmax(np.where(answer != y, np.round(np.maximum(p, 1 - p), 1), -1))

# %% 00.confident_error wrong: changes the caller's p
def most_confident_error(y, p):
    wrong = (p >= 0.5).astype(int) != y
    p[:] = np.maximum(p, 1 - p)
    p[~wrong] = -1
    return np.argmax(p)

# %% 00.confident_error wrong: the first error
def most_confident_error(y, p):
    return np.flatnonzero((p >= 0.5).astype(int) != y)[0]

# %% 00.confident_error wrong: the last error
def most_confident_error(y, p):
    return np.flatnonzero((p >= 0.5).astype(int) != y)[-1]

# %% 00.confident_error wrong: all errors, sorted
def most_confident_error(y, p):
    wrong = np.flatnonzero((p >= 0.5).astype(int) != y)
    return wrong[np.argsort(-np.maximum(p, 1 - p)[wrong])]

# %% 00.confident_error wrong: p itself as confidence, so an answer 0 with p = 0.01 counts as unsure
def most_confident_error(y, p):
    answer = (p >= 0.5).astype(int)
    return np.argmax((answer != y) * p)

# %% 00.confident_error wrong: false alarms come before all misses
def most_confident_error(y, p):
    alarms = [i for i in range(len(y)) if y[i] == 0 and p[i] >= 0.5]
    if alarms:
        return max(alarms, key=lambda i: p[i])
    return min((i for i in range(len(y)) if y[i] == 1 and p[i] < 0.5), key=lambda i: p[i])

# %% 00.confident_error wrong: threshold at the mean of p
def most_confident_error(y, p):
    answer = (p >= p.mean()).astype(int)
    return np.argmax(np.where(answer != y, np.maximum(p, 1 - p), -1))

# %% 00.confident_error wrong: the last of the errors among the sorted, upside down
def most_confident_error(y, p):
    wrong = (p >= 0.5).astype(int) != y
    order = np.argsort(np.maximum(p, 1 - p))
    return order[wrong][-1]
