# %% 02.cross_entropy right
def cross_entropy(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% 02.cross_entropy right
def cross_entropy(p, y):
    given = np.where(y == 1, p, 1 - p)
    return -np.log(given).mean()

# %% 02.cross_entropy right
import math

def cross_entropy(p, y):
    total = 0.0
    n = 0
    for prob, truth in zip(p, y):
        if truth == 1:
            total = total - math.log(prob)
        else:
            total = total - math.log(1 - prob)
        n += 1
    return total / n

# %% 02.cross_entropy right
def cross_entropy(p, y):
    sick = np.log(p[y == 1]).sum()
    healthy = np.log(1 - p[y == 0]).sum()
    return -(sick + healthy) / len(p)

# %% 02.cross_entropy right
def cross_entropy(p, y):
    costs = pd.Series(p).where(pd.Series(y) == 1, 1 - pd.Series(p)).map(np.log)
    return float(-costs.mean())

# %% 02.cross_entropy right
def cross_entropy(p, y):
    return -np.log(np.abs(1.0 - y - p)).mean()

# %% 02.cross_entropy right
from scipy.stats import bernoulli

def cross_entropy(p, y):
    return -bernoulli.logpmf(y, p).mean()

# %% 02.cross_entropy right
from scipy.special import xlog1py, xlogy

def cross_entropy(p, y):
    return -(xlogy(y, p) + xlog1py(1 - y, -p)).mean()

# %% 02.cross_entropy right
from sklearn.metrics import log_loss

def cross_entropy(p, y):
    return log_loss(y, p, labels=[0, 1])

# %% 02.cross_entropy right
import statistics
from math import log

def cross_entropy(p, y):
    return statistics.fmean(-log(a) if b else -log(1 - a) for a, b in zip(p.tolist(), y.tolist()))

# %% 02.cross_entropy right
def cross_entropy(p, y):
    table = np.column_stack([1 - p, p])
    rows = np.arange(len(table))
    return -np.average(np.log(table[rows, y.astype(int)]))

# %% 02.cross_entropy right
def cross_entropy(p, y):
    def total(a, b):
        if len(a) == 1:
            return -np.log(a[0] if b[0] == 1 else 1 - a[0])
        half = len(a) // 2
        return total(a[:half], b[:half]) + total(a[half:], b[half:])

    return total(p, y) / len(p)

# %% 02.cross_entropy right
def cross_entropy(p, y):
    z = np.log(p) - np.log1p(-p)
    z = z * (1 - 2.0 * y)
    return np.logaddexp(0, z).mean()

# %% 02.cross_entropy right
def cross_entropy(p, y):
    return (y @ np.log(1 / p) + (1 - y) @ np.log(1 / (1 - p))) / np.size(y)

# %% 02.cross_entropy wrong: the sum and not the mean
def cross_entropy(p, y):
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% 02.cross_entropy wrong: the minus sign is missing
def cross_entropy(p, y):
    return np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% 02.cross_entropy wrong: logarithm to the base of 2
def cross_entropy(p, y):
    return -np.log2(np.where(y == 1, p, 1 - p)).mean()

# %% 02.cross_entropy wrong: logarithm to the base of 10
import math

def cross_entropy(p, y):
    return -sum(math.log10(a if b == 1 else 1 - a) for a, b in zip(p, y)) / len(p)

# %% 02.cross_entropy wrong: the term of the healthy is missing
def cross_entropy(p, y):
    return -np.mean(y * np.log(p))

# %% 02.cross_entropy wrong: the truth the wrong way round
def cross_entropy(p, y):
    return -np.mean((1 - y) * np.log(p) + y * np.log(1 - p))

# %% 02.cross_entropy wrong: mean of the two classes' means, right only where both are equally many
def cross_entropy(p, y):
    sick = np.log(p[y == 1]).mean()
    healthy = np.log(1 - p[y == 0]).mean()
    return -(sick + healthy) / 2

# %% 02.cross_entropy wrong: likelihood first, which underflows for many patients
def cross_entropy(p, y):
    likelihood = np.prod(np.where(y == 1, p, 1 - p))
    return -np.log(likelihood) / len(p)

# %% 02.cross_entropy wrong: logarithm of the mean
def cross_entropy(p, y):
    return -np.log(np.where(y == 1, p, 1 - p).mean())

# %% 02.cross_entropy wrong: clips far too hard
def cross_entropy(p, y):
    p = np.clip(p, 0.01, 0.99)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% 02.cross_entropy wrong: a large epsilon in the logarithm
def cross_entropy(p, y):
    eps = 1e-3
    return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))

# %% 02.cross_entropy wrong: confidence in the answer and not what the truth was given
def cross_entropy(p, y):
    return -np.log(np.maximum(p, 1 - p)).mean()

# %% 02.cross_entropy wrong: median of the costs
def cross_entropy(p, y):
    return np.median(-np.log(np.where(y == 1, p, 1 - p)))

# %% 02.cross_entropy wrong: rounds to two digits
def cross_entropy(p, y):
    return round(float(-np.log(np.where(y == 1, p, 1 - p)).mean()), 2)

# %% 02.cross_entropy wrong: divides by the number of the sick
def cross_entropy(p, y):
    return -np.log(np.where(y == 1, p, 1 - p)).sum() / y.sum()

# %% 02.cross_entropy wrong: takes the probabilities for logits
def cross_entropy(p, y):
    return (np.maximum(p, 0) - y * p + np.log1p(np.exp(-np.abs(p)))).mean()

# %% 02.cross_entropy wrong: changes the caller's p
def cross_entropy(p, y):
    p[y == 0] = 1 - p[y == 0]
    return -np.log(p).mean()

# %% 02.cross_entropy wrong: squared error
def cross_entropy(p, y):
    return np.mean((p - y) ** 2)

# %% 02.cross_entropy wrong: costs of each patient, no mean
def cross_entropy(p, y):
    return -np.log(np.where(y == 1, p, 1 - p))

# %% 02.cross_entropy wrong: returns inside of the loop, so only the first patient counts
def cross_entropy(p, y):
    total = 0
    for a, b in zip(p, y):
        total += -np.log(a) if b == 1 else -np.log(1 - a)
        return total

# %% 02.cross_entropy wrong: log1p in place of log
def cross_entropy(p, y):
    return -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(-p))

# %% 02.cross_entropy wrong: divides by N - 1
def cross_entropy(p, y):
    return -np.log(np.where(y == 1, p, 1 - p)).sum() / max(len(p) - 1, 1)

# %% 02.cross_entropy wrong: equal pairs of p and y are counted only once
def cross_entropy(p, y):
    pairs = set(zip(p.tolist(), y.tolist()))
    return float(np.mean([-np.log(a if b == 1 else 1 - a) for a, b in pairs]))

# %% 02.softmax right
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()

# %% 02.softmax right
from scipy.special import softmax as library

def softmax(z):
    return library(z)

# %% 02.softmax right
from scipy.special import logsumexp

def softmax(z):
    return np.exp(z - logsumexp(z))

# %% 02.softmax right
import math

def softmax(z):
    highest = max(z)
    e = [math.exp(v - highest) for v in z]
    total = math.fsum(e)
    return [v / total for v in e]

# %% 02.softmax right
def softmax(z):
    z = np.asarray(z, dtype=float)
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[None, :] - z[:, None]).sum(axis=1)

# %% 02.softmax right
def softmax(z):
    return np.exp(z - np.logaddexp.reduce(z))

# %% 02.softmax right
import math

def softmax(z):
    m, s = -math.inf, 0.0
    for v in z:
        if v > m:
            s = s * math.exp(m - v) + 1.0
            m = v
        else:
            s += math.exp(v - m)
    return tuple(math.exp(v - m) / s for v in z)

# %% 02.softmax right
def softmax(z):
    s = pd.Series(z, dtype="float64")
    e = (s - s.max()).map(np.exp)
    return (e / e.sum()).to_numpy()

# %% 02.softmax right
import tensorflow as tf

def softmax(z):
    return tf.nn.softmax(tf.constant(np.asarray(z), dtype=tf.float64)).numpy()

# %% 02.softmax right
from decimal import Decimal

def softmax(z):
    numbers = [Decimal(float(v)) for v in z]
    top = max(numbers)
    e = [(v - top).exp() for v in numbers]
    return np.array([float(v / sum(e)) for v in e])

# %% 02.softmax right
def softmax(z):
    batch = np.asarray(z)[None]
    shifted = batch - batch.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    return (e / e.sum(axis=-1, keepdims=True))[0]

# %% 02.softmax right
def softmax(z):
    out = np.zeros(len(z))
    order = np.argsort(z)[::-1]
    for k in order:
        out[k] = np.exp(z[k] - z[order[0]])
    out /= out.sum()
    return out

# %% 02.softmax right
from scipy.special import log_softmax

def softmax(z):
    return np.exp(log_softmax(np.array(z, dtype="float64")))

# %% 02.softmax wrong: overflows for logits of 1000
def softmax(z):
    return np.exp(z) / np.exp(z).sum()

# %% 02.softmax wrong: subtracts the smallest, overflows when the logits lie far apart
def softmax(z):
    e = np.exp(z - np.min(z))
    return e / e.sum()

# %% 02.softmax wrong: subtracts the mean, overflows when the logits lie far apart
def softmax(z):
    e = np.exp(z - np.mean(z))
    return e / e.sum()

# %% 02.softmax wrong: subtracts the first logit
def softmax(z):
    e = np.exp(z - z[0])
    return e / e.sum()

# %% 02.softmax wrong: subtracts the largest absolute value, 0/0 for very negative logits
def softmax(z):
    e = np.exp(z - np.abs(z).max())
    return e / e.sum()

# %% 02.softmax wrong: clips the logits, so 1000 and 900 become the same
def softmax(z):
    e = np.exp(np.clip(z, -500, 500))
    return e / e.sum()

# %% 02.softmax wrong: turns the nan of the overflow into 0
def softmax(z):
    with np.errstate(all="ignore"):
        e = np.exp(z)
        return np.nan_to_num(e / e.sum())

# %% 02.softmax wrong: the shift only for large logits, 0/0 for very negative ones
def softmax(z):
    if np.max(z) > 700:
        z = z - np.max(z)
    e = np.exp(z)
    return e / e.sum()

# %% 02.softmax wrong: subtracts a fixed 1000, 0/0 for ordinary logits
def softmax(z):
    e = np.exp(np.asarray(z) - 1000.0)
    return e / e.sum()

# %% 02.softmax wrong: divides by the largest and changes the answer
def softmax(z):
    e = np.exp(z / np.max(np.abs(z)))
    return e / e.sum()

# %% 02.softmax wrong: long double survives 1000 but not 100000
def softmax(z):
    e = np.exp(np.asarray(z, dtype=np.longdouble))
    return (e / e.sum()).astype(float)

# %% 02.softmax wrong: one-hot as soon as a logit is large
def softmax(z):
    if np.max(z) > 700:
        out = np.zeros(len(z))
        out[np.argmax(z)] = 1
        return out
    e = np.exp(z - np.max(z))
    return e / e.sum()

# %% 02.softmax wrong: changes the caller's logits
def softmax(z):
    z -= z.max()
    e = np.exp(z)
    return e / e.sum()

# %% 02.softmax wrong: logarithms of the probabilities
def softmax(z):
    z = z - np.max(z)
    return z - np.log(np.exp(z).sum())

# %% 02.softmax wrong: powers of 2
def softmax(z):
    e = 2.0 ** (z - np.max(z))
    return e / e.sum()

# %% 02.softmax wrong: in sorted order
def softmax(z):
    z = np.sort(z)[::-1]
    e = np.exp(z - z[0])
    return e / e.sum()

# %% 02.softmax wrong: whole logits give an array of whole numbers
def softmax(z):
    out = np.empty_like(z)
    m = max(z)
    total = sum(np.exp(v - m) for v in z)
    for k in range(len(z)):
        out[k] = np.exp(z[k] - m) / total
    return out

# %% 02.softmax wrong: the sum leaves out equal logits
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / sum(set(e.tolist()))

# %% 02.softmax wrong: the largest gets 1, the sum is not 1
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.max()

# %% 02.softmax wrong: sigmoid of each, brought to a sum of 1
from scipy.special import expit

def softmax(z):
    s = expit(z)
    return s / s.sum()

# %% 02.softmax wrong: rounded to three digits
def softmax(z):
    e = np.exp(z - np.max(z))
    return np.round(e / e.sum(), 3)

# %% 02.softmax wrong: float16 loses the digits of large logits
def softmax(z):
    z = np.asarray(z).astype("float16")
    e = np.exp((z - z.max()).astype(float))
    return e / e.sum()

# %% 02.softmax wrong: length 1 in place of sum 1
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.linalg.norm(e)

# %% 02.softmax wrong: leaves out logits of 0
def softmax(z):
    e = np.where(np.asarray(z) == 0, 0.0, np.exp(z - np.max(z)))
    return e / e.sum()

# %% 02.softmax wrong: a probability is never below 0.001
def softmax(z):
    e = np.exp(z - np.max(z))
    p = np.clip(e / e.sum(), 1e-3, None)
    return p / p.sum()

# %% 02.softmax wrong: linear in the shifted logits, no exponential
def softmax(z):
    s = np.asarray(z, float) - np.min(z) + 1
    return s / s.sum()

# %% 02.gradient right
from course_utils import scratch

def gradient(z, y):
    p = np.array(scratch.softmax(z), dtype=float)
    p[y] -= 1
    return p

# %% 02.gradient right
from course_utils import scratch

def gradient(z, y):
    return scratch.softmax(z) - np.eye(len(z))[y]

# %% 02.gradient right
from course_utils import scratch

def gradient(z, y):
    return [float(p) - (k == y) for k, p in enumerate(scratch.softmax(z))]

# %% 02.gradient right
from scipy.special import softmax

def gradient(z, y):
    return np.where(np.arange(len(z)) == y, softmax(z) - 1, softmax(z))

# %% 02.gradient right
import tensorflow as tf

def gradient(z, y):
    v = tf.Variable(np.asarray(z, dtype="float64"))
    with tf.GradientTape() as tape:
        loss = tf.reduce_logsumexp(v) - v[int(y)]
    return tape.gradient(loss, v).numpy()

# %% 02.gradient right
import keras
from course_utils import scratch

def gradient(z, y):
    return -(keras.utils.to_categorical(y, len(z)) - scratch.softmax(z))

# %% 02.gradient right
def gradient(z, y):
    h = 1e-50
    m = np.max(z)
    out = np.zeros(len(z))
    for k in range(len(z)):
        moved = np.array(z - m, dtype=complex)
        moved[k] += 1j * h
        out[k] = (np.log(np.exp(moved).sum()) - moved[y]).imag / h
    return out

# %% 02.gradient right
from course_utils import scratch

def gradient(z, y):
    slopes = pd.Series(scratch.softmax(z), dtype=float)
    slopes.loc[int(y)] = slopes.loc[int(y)] - 1
    return slopes.to_numpy()

# %% 02.gradient right
import math

def gradient(z, y):
    top = max(z)
    total = sum(math.exp(v - top) for v in z)
    slopes = []
    for k, v in enumerate(z):
        if k == y:
            others = sum(math.exp(w - top) for j, w in enumerate(z) if j != k)
            slopes.append(-others / total)
        else:
            slopes.append(math.exp(v - top) / total)
    return tuple(slopes)

# %% 02.gradient right
from course_utils import scratch

def gradient(z, y):
    z = np.asarray(z, dtype=float)
    return scratch.categorical_cross_entropy(z[None], np.array([y]))[1][0]

# %% 02.gradient right
from scipy.special import logsumexp

def gradient(z, y):
    result = np.exp(np.asarray(z, dtype=float) - logsumexp(z))
    np.subtract.at(result, y, 1)
    return result

# %% 02.gradient right
from course_utils import scratch

def gradient(z, y):
    p = scratch.softmax(z)
    return np.concatenate([p[:y], [p[y] - 1], p[y + 1 :]])

# %% 02.gradient wrong: the sign turned round
from course_utils import scratch

def gradient(z, y):
    return np.eye(len(z))[y] - scratch.softmax(z)

# %% 02.gradient wrong: subtracts the number of the class from all
from course_utils import scratch

def gradient(z, y):
    return scratch.softmax(z) - y

# %% 02.gradient wrong: slope only at the true class
from course_utils import scratch

def gradient(z, y):
    out = np.zeros(len(z))
    out[y] = scratch.softmax(z)[y] - 1
    return out

# %% 02.gradient wrong: only the slope of the true class, a single number
from course_utils import scratch

def gradient(z, y):
    return scratch.softmax(z)[y] - 1

# %% 02.gradient wrong: overflows for large logits
def gradient(z, y):
    p = np.exp(z) / np.exp(z).sum()
    p[y] -= 1
    return p

# %% 02.gradient wrong: sigmoids in place of the softmax
from course_utils import scratch

def gradient(z, y):
    return scratch.sigmoid(np.asarray(z, float)) - np.eye(len(z))[y]

# %% 02.gradient wrong: divided by the number of classes
from course_utils import scratch

def gradient(z, y):
    return (scratch.softmax(z) - np.eye(len(z))[y]) / len(z)

# %% 02.gradient wrong: class numbers from 1
from course_utils import scratch

def gradient(z, y):
    p = np.array(scratch.softmax(z))
    p[y - 1] -= 1
    return p

# %% 02.gradient wrong: class 0 taken for "none"
from course_utils import scratch

def gradient(z, y):
    p = np.array(scratch.softmax(z))
    if y:
        p[y] -= 1
    return p

# %% 02.gradient wrong: all logits as large as the true one's are lowered
from course_utils import scratch

def gradient(z, y):
    p = np.array(scratch.softmax(z))
    p[z == z[y]] -= 1
    return p

# %% 02.gradient wrong: finds the true class by its value, the first of several equal
from course_utils import scratch

def gradient(z, y):
    p = list(scratch.softmax(z))
    p[p.index(p[y])] -= 1
    return np.array(p)

# %% 02.gradient wrong: the most probable class taken for the true one
from course_utils import scratch

def gradient(z, y):
    p = np.array(scratch.softmax(z))
    p[np.argmax(p)] -= 1
    return p

# %% 02.gradient wrong: logits minus truth, no softmax
def gradient(z, y):
    return np.asarray(z, float) - np.eye(len(z))[y]

# %% 02.gradient wrong: slopes of the squared error
from course_utils import scratch

def gradient(z, y):
    p = scratch.softmax(z)
    return 2 * (p - np.eye(len(z))[y]) * p * (1 - p)

# %% 02.gradient wrong: slopes along the probabilities, not along the logits
from course_utils import scratch

def gradient(z, y):
    return -np.eye(len(z))[y] / scratch.softmax(z)

# %% 02.gradient wrong: chain rule through p of the truth, 0/0 when that is 0
from course_utils import scratch

def gradient(z, y):
    p = scratch.softmax(z)
    jacobian = np.diag(p) - np.outer(p, p)
    return -jacobian[y] / p[y]

# %% 02.gradient wrong: changes the caller's logits
def gradient(z, y):
    z -= z.max()
    p = np.exp(z) / np.exp(z).sum()
    p[y] -= 1
    return p

# %% 02.gradient wrong: right for two classes only
from course_utils import scratch

def gradient(z, y):
    p = scratch.sigmoid(z[1] - z[0])
    return np.array([y - p, p - y])

# %% 02.gradient wrong: whole logits give whole slopes
from course_utils import scratch

def gradient(z, y):
    out = np.zeros_like(z)
    for k, p in enumerate(scratch.softmax(z)):
        out[k] = p - (k == y)
    return out

# %% 02.gradient wrong: without signs
from course_utils import scratch

def gradient(z, y):
    return np.abs(scratch.softmax(z) - np.eye(len(z))[y])

# %% 02.gradient wrong: clips the probabilities too hard
from course_utils import scratch

def gradient(z, y):
    return np.clip(scratch.softmax(z), 0.01, 0.99) - np.eye(len(z))[y]

# %% 02.gradient wrong: forward differences with a coarse step
from course_utils import scratch

def gradient(z, y):
    z = np.asarray(z, float)
    loss = lambda v: -np.log(scratch.softmax(v)[y])
    return np.array([(loss(z + step) - loss(z)) / 0.1 for step in 0.1 * np.eye(len(z))])

# %% 02.gradient wrong: rounded to two digits
from course_utils import scratch

def gradient(z, y):
    return np.round(scratch.softmax(z) - np.eye(len(z))[y], 2)

# %% 02.gradient wrong: puts the truth's slope at the end
from course_utils import scratch

def gradient(z, y):
    p = scratch.softmax(z)
    return np.append(np.delete(p, y), p[y] - 1)

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    slope_of_mean = 1.0
    slope_of_sum = batch_size * slope_of_mean
    step = rate_for_mean * slope_of_mean
    return step / slope_of_sum

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean * (1 / batch_size)

# %% 02.rate_for_sum right
import operator

rate_for_sum = operator.truediv

# %% 02.rate_for_sum right
from fractions import Fraction

def rate_for_sum(rate_for_mean, batch_size):
    return float(Fraction(float(rate_for_mean)) / int(batch_size))

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    return np.divide(rate_for_mean, batch_size)

# %% 02.rate_for_sum right
rate_for_sum = lambda rate_for_mean, batch_size: rate_for_mean * float(batch_size) ** -1

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    return np.linalg.solve([[float(batch_size)]], [float(rate_for_mean)])[0]

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    gradients = np.ones(batch_size)
    return rate_for_mean * gradients.mean() / gradients.sum()

# %% 02.rate_for_sum right
def rate_for_sum(rate_for_mean, batch_size):
    if batch_size == 1:
        return rate_for_mean
    whole, rest = divmod(rate_for_mean, batch_size)
    return whole + rest / batch_size

# %% 02.rate_for_sum wrong: multiplied
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean * batch_size

# %% 02.rate_for_sum wrong: the same rate
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean

# %% 02.rate_for_sum wrong: whole-number division
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean // batch_size

# %% 02.rate_for_sum wrong: square root of the batch size
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size**0.5

# %% 02.rate_for_sum wrong: always 32
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / 32

# %% 02.rate_for_sum wrong: batch size minus 1
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / max(batch_size - 1, 1)

# %% 02.rate_for_sum wrong: batch size plus 1
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / (batch_size + 1)

# %% 02.rate_for_sum wrong: rounded to four digits
def rate_for_sum(rate_for_mean, batch_size):
    return round(rate_for_mean / batch_size, 4)

# %% 02.rate_for_sum wrong: the fraction upside down
def rate_for_sum(rate_for_mean, batch_size):
    return batch_size / rate_for_mean

# %% 02.rate_for_sum wrong: never below 0.001
def rate_for_sum(rate_for_mean, batch_size):
    return max(rate_for_mean / batch_size, 1e-3)

# %% 02.rate_for_sum wrong: the rate is forgotten
def rate_for_sum(rate_for_mean, batch_size):
    return 1 / batch_size

# %% 02.rate_for_sum wrong: divided twice
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size / batch_size

# %% 02.rate_for_sum wrong: linear scaling rule, upside down and with 32
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean * batch_size / 32

# %% 02.rate_for_sum wrong: only for batches of at least 32
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size if batch_size >= 32 else rate_for_mean

# %% 02.rate_for_sum wrong: never above 0.01
def rate_for_sum(rate_for_mean, batch_size):
    return min(rate_for_mean / batch_size, 0.01)

# %% 02.rate_for_sum wrong: a root in place of a fraction
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean ** (1 / batch_size)

# %% 02.rate_for_sum wrong: batch size rounded to a power of 2
import math

def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / 2 ** round(math.log2(batch_size))

# %% 02.lowest_loss right
def lowest_loss(n_classes):
    return -np.log(np.e / (np.e + n_classes - 1))

# %% 02.lowest_loss right
import math

def lowest_loss(n_classes):
    return math.log(math.e + n_classes - 1) - 1

# %% 02.lowest_loss right
from course_utils import scratch

def lowest_loss(n_classes):
    perfect = np.zeros(n_classes)
    perfect[0] = 1
    return -np.log(scratch.softmax(perfect)[0])

# %% 02.lowest_loss right
def lowest_loss(n_classes):
    return np.log1p((n_classes - 1) * np.exp(-1))

# %% 02.lowest_loss right
from scipy.special import logsumexp

def lowest_loss(n_classes):
    return float(logsumexp([1] + [0] * (n_classes - 1)) - 1)

# %% 02.lowest_loss right
import tensorflow as tf

def lowest_loss(n_classes):
    row = np.eye(n_classes)[-1]
    return float(tf.nn.softmax_cross_entropy_with_logits(labels=row, logits=row))

# %% 02.lowest_loss right
from course_utils import scratch

def lowest_loss(n_classes):
    return scratch.categorical_cross_entropy(np.eye(n_classes), np.arange(n_classes))[0]

# %% 02.lowest_loss right
import math

def lowest_loss(n_classes):
    bottom = math.exp(1)
    for _ in range(1, n_classes):
        bottom += math.exp(0)
    p_true = math.exp(1) / bottom
    return math.log(1 / p_true)

# %% 02.lowest_loss right
from scipy.special import log_softmax

def lowest_loss(n_classes):
    return -log_softmax(np.eye(1, n_classes)[0])[0]

# %% 02.lowest_loss right
from functools import reduce

def lowest_loss(n_classes):
    return reduce(np.logaddexp, [0.0] + [-1.0] * (n_classes - 1))

# %% 02.lowest_loss right
lowest_loss = lambda n_classes: -(1 - np.log(n_classes + np.expm1(1)))

# %% 02.lowest_loss wrong: 0, as if the loss got probabilities
def lowest_loss(n_classes):
    return 0.0

# %% 02.lowest_loss wrong: the loss of who knows nothing
def lowest_loss(n_classes):
    return np.log(n_classes)

# %% 02.lowest_loss wrong: K others, one too many
def lowest_loss(n_classes):
    return -np.log(np.e / (np.e + n_classes))

# %% 02.lowest_loss wrong: K - 2 others, one too few
def lowest_loss(n_classes):
    return np.log(np.e + n_classes - 2) - 1

# %% 02.lowest_loss wrong: logarithm to the base of 2
def lowest_loss(n_classes):
    return -np.log2(np.e / (np.e + n_classes - 1))

# %% 02.lowest_loss wrong: eight classes whatever is asked
def lowest_loss(n_classes):
    return -np.log(np.e / (np.e + 7))

# %% 02.lowest_loss wrong: the probability and not its cost
def lowest_loss(n_classes):
    return np.e / (np.e + n_classes - 1)

# %% 02.lowest_loss wrong: the logit of the true class is forgotten
def lowest_loss(n_classes):
    return np.log(np.e + n_classes - 1)

# %% 02.lowest_loss wrong: the sign
def lowest_loss(n_classes):
    return 1 - np.log(np.e + n_classes - 1)

# %% 02.lowest_loss wrong: rounded to two digits
def lowest_loss(n_classes):
    return round(float(np.log(np.e + n_classes - 1) - 1), 2)

# %% 02.lowest_loss wrong: sigmoid in place of the second softmax, right for two classes
def lowest_loss(n_classes):
    return float(np.log1p(np.exp(-1)))

# %% 02.lowest_loss wrong: divided by the number of classes
from course_utils import scratch

def lowest_loss(n_classes):
    p = scratch.softmax(np.eye(n_classes)[0])
    return -(np.eye(n_classes)[0] * np.log(p)).mean()

# %% 02.lowest_loss wrong: two-class formula over K outputs
from course_utils import scratch

def lowest_loss(n_classes):
    row = np.eye(n_classes)[0]
    return scratch.binary_cross_entropy(row, row)[0]

# %% 02.lowest_loss wrong: one more softmax than there is
from course_utils import scratch

def lowest_loss(n_classes):
    p = scratch.softmax(scratch.softmax(np.eye(n_classes)[0]))
    return -np.log(p[0])

# %% 02.lowest_loss wrong: the others get e, too
def lowest_loss(n_classes):
    return -np.log(np.e / (np.e * n_classes))

# %% 02.lowest_loss wrong: numerator 1 and the others e, the highest loss
def lowest_loss(n_classes):
    return -np.log(1 / (np.e + n_classes - 1))

# %% 02.lowest_loss wrong: the others left out of the bottom
def lowest_loss(n_classes):
    return -np.log(np.e / (np.e + 1))

# %% 02.lowest_loss wrong: e rounded
def lowest_loss(n_classes):
    return -np.log(2.7 / (2.7 + n_classes - 1))

# %% 02.lowest_loss wrong: the loss starts from a true class of 0.99
from course_utils import scratch

def lowest_loss(n_classes):
    row = np.full(n_classes, 0.01 / max(n_classes - 1, 1))
    row[0] = 0.99
    return -np.log(scratch.softmax(row)[0])

# %% 02.lowest_loss wrong: cost of a true class that got 1 - 1/K
def lowest_loss(n_classes):
    return -np.log(1 - 1 / n_classes)

# %% 02.class_weights right
def class_weights(labels):
    counts = np.bincount(labels)
    return len(labels) / (len(counts) * counts)

# %% 02.class_weights right
from collections import Counter

def class_weights(labels):
    counts = Counter(int(k) for k in labels)
    return [len(labels) / (len(counts) * counts[k]) for k in sorted(counts)]

# %% 02.class_weights right
from sklearn.utils.class_weight import compute_class_weight

def class_weights(labels):
    return compute_class_weight("balanced", classes=np.unique(labels), y=labels)

# %% 02.class_weights right
def class_weights(labels):
    counts = pd.Series(labels).value_counts().sort_index()
    return (counts.sum() / counts / len(counts)).to_numpy()

# %% 02.class_weights right
def class_weights(labels):
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    w = 1 / counts
    return w / w[inverse.ravel()].mean()

# %% 02.class_weights right
def class_weights(labels):
    n_classes = int(max(labels)) + 1
    weights = []
    for k in range(n_classes):
        n = 0
        for label in labels:
            if label == k:
                n += 1
        weights.append(len(labels) / n / n_classes)
    return tuple(weights)

# %% 02.class_weights right
def class_weights(labels):
    one_hot = np.asarray(labels)[:, None] == np.arange(np.max(labels) + 1)
    shares = one_hot.mean(axis=0)
    return 1 / (shares * one_hot.shape[1])

# %% 02.class_weights right
from itertools import groupby

def class_weights(labels):
    sizes = [len(list(group)) for _, group in groupby(sorted(labels))]
    each = sum(sizes) / len(sizes)
    return np.array([each / size for size in sizes])

# %% 02.class_weights right
from sklearn.utils.class_weight import compute_sample_weight

def class_weights(labels):
    per_case = compute_sample_weight("balanced", labels)
    _, first = np.unique(labels, return_index=True)
    return per_case[first]

# %% 02.class_weights right
def class_weights(labels):
    k = int(np.max(labels)) + 1
    counts, _ = np.histogram(labels, bins=np.arange(k + 1) - 0.5)
    equations = np.vstack([counts / len(labels), np.diag(counts.astype(float))[1:] - np.outer(np.ones(k - 1), np.eye(k)[0] * counts[0])])
    return np.linalg.solve(equations, np.eye(k)[0])

# %% 02.class_weights right
def class_weights(labels):
    labels = np.sort(labels)
    edges = np.searchsorted(labels, np.arange(labels[-1] + 2))
    return labels.size / np.diff(edges) / (edges.size - 1)

# %% 02.class_weights wrong: 1 over the count, the mean over the cases is not 1
def class_weights(labels):
    return 1 / np.bincount(labels)

# %% 02.class_weights wrong: the number of classes is forgotten
def class_weights(labels):
    return len(labels) / np.bincount(labels)

# %% 02.class_weights wrong: the weights add up to 1
def class_weights(labels):
    w = 1 / np.bincount(labels)
    return w / w.sum()

# %% 02.class_weights wrong: mean over the classes is 1, not over the cases
def class_weights(labels):
    w = 1 / np.bincount(labels)
    return w / w.mean()

# %% 02.class_weights wrong: the most frequent class has 1
def class_weights(labels):
    counts = np.bincount(labels)
    return counts.max() / counts

# %% 02.class_weights wrong: always two classes
def class_weights(labels):
    return len(labels) / (2 * np.bincount(labels))

# %% 02.class_weights wrong: in the order of their first appearance
from collections import Counter

def class_weights(labels):
    counts = Counter(np.asarray(labels).tolist())
    return [len(labels) / (len(counts) * n) for n in counts.values()]

# %% 02.class_weights wrong: the most frequent class first
def class_weights(labels):
    counts = pd.Series(labels).value_counts()
    return (len(labels) / (len(counts) * counts)).to_numpy()

# %% 02.class_weights wrong: whole-number division
def class_weights(labels):
    counts = np.bincount(labels)
    return len(labels) // (len(counts) * counts)

# %% 02.class_weights wrong: shares, the frequent ones weigh more
def class_weights(labels):
    return np.bincount(labels) / len(labels)

# %% 02.class_weights wrong: upside down
def class_weights(labels):
    counts = np.bincount(labels)
    return len(counts) * counts / len(labels)

# %% 02.class_weights wrong: 1 minus the share, scaled; right for two classes only
def class_weights(labels):
    w = 1 - np.bincount(labels) / len(labels)
    return w / w[labels].mean()

# %% 02.class_weights wrong: square roots, scaled
def class_weights(labels):
    w = 1 / np.sqrt(np.bincount(labels))
    return w / w[labels].mean()

# %% 02.class_weights wrong: rounded to two digits
def class_weights(labels):
    counts = np.bincount(labels)
    return np.round(len(labels) / (len(counts) * counts), 2)

# %% 02.class_weights wrong: a weight for each case
def class_weights(labels):
    counts = np.bincount(labels)
    return (len(labels) / (len(counts) * counts))[labels]

# %% 02.class_weights wrong: the last class is missing
def class_weights(labels):
    k = int(np.max(labels)) + 1
    return [len(labels) / (k * np.sum(labels == c)) for c in range(k - 1)]

# %% 02.class_weights wrong: class 0 is missing
def class_weights(labels):
    counts = np.bincount(labels)
    return len(labels) / (len(counts) * counts[1:])

# %% 02.class_weights wrong: K is the largest number, one too few
def class_weights(labels):
    return len(labels) / (max(int(np.max(labels)), 1) * np.bincount(labels))

# %% 02.class_weights wrong: sorts the caller's labels
def class_weights(labels):
    labels.sort()
    counts = np.bincount(labels)
    return len(labels) / (len(counts) * counts)

# %% 02.class_weights wrong: pretends that each class has one case more
def class_weights(labels):
    counts = np.bincount(labels) + 1
    return counts.sum() / (len(counts) * counts)

# %% 02.class_weights wrong: weights above 3 are cut off
def class_weights(labels):
    counts = np.bincount(labels)
    return np.minimum(len(labels) / (len(counts) * counts), 3)

# %% 02.class_weights wrong: runs of equal labels and not classes
from itertools import groupby

def class_weights(labels):
    sizes = np.array([len(list(g)) for _, g in groupby(labels)])
    return sizes.sum() / (len(sizes) * sizes)

# %% 02.class_weights wrong: all ones
def class_weights(labels):
    return np.ones(int(np.max(labels)) + 1)

# %% 02.class_weights wrong: smallest weight first
def class_weights(labels):
    counts = np.bincount(labels)
    return sorted(len(labels) / (len(counts) * counts))
