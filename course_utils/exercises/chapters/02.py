"""Exercises and quiz of chapter 02, Cross-entropy."""

import numpy as np

from course_utils.exercises.model import Exercise, Question


def cross_entropy(p, y):
    happened = np.where(y == 1, p, 1 - p)
    return -np.log(happened).mean()


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def gradient(z, y):
    p = softmax(z)
    p[y] -= 1
    return p


def _plain_softmax(z):
    e = np.exp(z)
    return e / e.sum()


def _with_long_doubles(z):
    """What the plain formula gives with 80 bits, on computers without them, too."""
    return softmax(z) if z.max() < 11_000 else np.where(z > 11_000, np.nan, 0.0)


def lowest_loss(n_classes):
    return np.log(np.e + n_classes - 1) - 1


def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size


def class_weights(labels):
    counts = np.bincount(labels)
    weights = len(labels) / (len(counts) * counts)
    return weights


def _weights_of_runs(labels):
    runs = np.diff(np.flatnonzero(np.r_[True, labels[1:] != labels[:-1], True]))
    return len(labels) / (len(runs) * runs)


_answers = (
    (np.array([0.8, 0.3, 0.6, 0.1]), np.array([1, 0, 0, 1])),
    (np.array([0.9, 0.9, 0.9, 0.2, 0.6, 0.6, 0.3]), np.array([1, 1, 1, 0, 0, 0, 1])),
    (np.full(5, 0.5), np.array([0, 1, 1, 0, 1])),
    # So many that the product of all is 0 for a computer, and some so surely wrong that clipping shows.
    (np.tile([0.9, 0.2, 0.7, 0.1, 0.6, 2e-4], 1700), np.tile([1, 0, 1, 0, 0, 1], 1700)),
)
_logits = (
    np.array([1.0, 2.0, 3.0]),
    np.array([0.0, 0.0]),
    np.array([1000.0, 1001.0]),
    np.array([-3000.0, 0.0, 2.0]),
    np.array([5.0]),
    np.array([-500.0, 400.0]),
    np.array([800.0, 0.0, 3.0]),
    np.array([0.0, 900.0]),
    np.array([-2000.0, -2001.0, -2003.0]),
    np.array([12000.0, 11999.0, 0.0]),
    np.array([2049.3, 2050.1]),
    np.array([3, 1, 2]),
)
_cases = (
    (np.array([1.0, 2.0, 3.0]), 0),
    (np.array([1000.0, 0.0, 3.0]), 1),
    (np.array([1.0, 1.0, -2.0]), 0),
    (np.array([3, 1, 2]), 2),
    (np.array([0.5, -1.5, 0.0, 2.0]), 3),
    (np.array([0.0, 0.0]), 1),
    (np.array([4.0, 0.0]), 1),
    (np.array([1.0, 0.0, 2.0]), 1),
)
_labels = (
    np.array([1, 0, 0, 0]),
    np.array([2, 0, 1, 1, 2, 2, 1, 2, 2]),
    np.array([1, 0]),
    np.array([3, 2, 2, 0, 0, 0, 0, 1, 2]),
    np.random.default_rng(0).permutation(np.repeat([0, 1], [95, 5])),
)

EXERCISES = [
    Exercise(
        "02.cross_entropy",
        hints=(
            "For each patient: which probability did the model give to what really happened?",
            "It is p where y is 1. And where y is 0? np.where(condition, a, b) can choose. The cost of a patient is "
            "minus the logarithm of what was chosen; then the mean.",
            "return -np.log(np.where(y == 1, p, 1 - p)).mean()",
        ),
        reference=cross_entropy,
        cases=_answers,
        mistakes={
            "the sign is missing: the logarithm of a probability is negative, and a loss should fall towards 0.": (
                "-np → np"
            ),
            "you add up the costs of all patients. The mean is wanted, so that it does not depend on how many there "
            "are.": "mean → sum",
            "only the patients with y = 1 cost anything in yours. For y = 0 the cost is -log(1 - p).": (
                "np.log(happened) → (y * np.log(p))"
            ),
            "you take log p for everybody. For y = 0 what happened had the probability 1 - p.": (
                "np.where(y == 1, p, 1 - p) → p"
            ),
            "you have exchanged the two: with y = 1 the cost is -log p, with y = 0 it is -log(1 - p).": (
                "y == 1 → y == 0"
            ),
            "this is the squared error. The cross-entropy takes a logarithm.": lambda p, y: ((p - y) ** 2).mean(),
            "the natural logarithm is meant, np.log; yours has the base 10.": "log → log10",
            "the natural logarithm is meant, np.log; yours has the base 2.": "log → log2",
            "you return the cost of each patient; their mean is wanted.": ".mean() →",
            "that is the likelihood, the product of the probabilities. The loss is the mean of their negative "
            "logarithms.": "-np.log(happened).mean() → happened.prod()",
            "patients with y = 0 get a negative cost in yours. Does the minus reach both terms, and is it 1 - y?": (
                lambda p, y: (-y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
            ),
            "you take a mean for each class. One mean over all patients is wanted.": (
                lambda p, y: -np.log(p[y == 1]).mean() - np.log(1 - p[y == 0]).mean()
            ),
            "first the logarithm, then the mean: the logarithm of a mean is something else.": (
                "log(happened).mean() → log(happened.mean())"
            ),
            "you multiply first and take the logarithm afterwards. With 10,000 patients the product is 0 for a "
            "computer, and the logarithm of 0 infinite (section 1). Take the logarithm of each.": (
                "np.log(happened).mean() → np.log(happened.prod()) / len(p)"
            ),
            "you cut the probabilities off at 0.01. Somebody who was given 0.0002 then costs too little; being sure "
            "and wrong should be expensive.": "np.log(happened) → np.log(np.clip(happened, 0.01, 0.99))",
            "you cut the probabilities off at 0.001. Somebody who was given 0.0002 then costs too little; being sure "
            "and wrong should be expensive.": "np.log(happened) → np.log(np.clip(happened, 0.001, 0.999))",
            "you add a number to each probability before the logarithm. That changes every cost; add nothing.": (
                "np.log(happened) → np.log(happened + 0.01)"
            ),
            "one mean over all patients is wanted; you take one for each class, and then their mean.": (
                lambda p, y: -(np.log(p[y == 1]).mean() + np.log(1 - p[y == 0]).mean()) / 2
            ),
            "divide by the number of all patients, not by that of the sick.": ".mean() → .sum() / y.sum()",
            "that is what the first patient costs; the mean over all is wanted. Is a return inside of the loop?": (
                ".mean() → [0]"
            ),
            "p holds probabilities already; they need no sigmoid.": (
                "p, 1 - p) → 1 / (1 + np.exp(-p)), 1 - 1 / (1 + np.exp(-p)))"
            ),
            "the mean of all patients is wanted, and you take the median.": (
                "np.log(happened).mean() → np.median(np.log(happened))"
            ),
            "that is how sure the model was, right or wrong. What probability did it give to what happened?": (
                "happened).mean() → np.maximum(p, 1 - p)).mean()"
            ),
            "patients with the same p and y count each for themselves; in yours they count once.": (
                lambda p, y: np.mean(
                    [-np.log(a if b else 1 - a) for a, b in set(zip(p.tolist(), y.tolist(), strict=True))]
                )
            ),
            "almost: do not round.": lambda p, y: np.round(cross_entropy(p, y), 2),
        },
    ),
    Exercise(
        "02.softmax",
        hints=(
            "exp(z) / sum of exp(z) is the formula. Try it with z = [1000, 1001]: what is exp(1000) in "
            "floating-point numbers?",
            "Softmax stays the same if the same number is taken from all logits. Which number keeps exp from "
            "overflowing?",
            "e = np.exp(z - z.max()), and then e / e.sum().",
        ),
        reference=softmax,
        cases=tuple((z,) for z in _logits),
        mistakes={
            "with small logits this is right. With logits of 1000, exp overflows and the result is nan. Take "
            "something from all logits first.": "- z.max() →",
            "taking away the mean is not enough: one logit may still lie far above it, and exp overflows.": (
                "z.max → z.mean"
            ),
            "taking away the smallest makes it worse: the others get even larger.": "z.max → z.min",
            "these are independent sigmoids; they do not add up to 1.": lambda z: np.exp(-np.logaddexp(0, -z)),
            "the exponential is missing: a share of the logits themselves can be negative.": "np.exp(z - z.max()) → z",
            "the sign is wrong: the largest logit should get the largest probability.": "z - z.max() → z.min() - z",
            "a softmax is soft: the largest logit gets most, but not everything.": (
                lambda z: np.eye(len(z))[z.argmax()]
            ),
            "divide by the sum, so that they add up to 1.": "/ e.sum() →",
            "you divide by the largest logit. That changes the probabilities; take it away instead.": (
                "z - z.max() → z / np.abs(z).max()"
            ),
            "you divide by the largest logit, which changes the probabilities. Take it away instead.": (
                "z - z.max() → z / z.max()"
            ),
            "any logit may lie far above the first one, and then exp overflows.": "z.max() → z[0]",
            "if all logits are very negative, this makes them even more so, and 0 / 0 is left. The sign matters.": (
                "z.max() → np.abs(z).max()"
            ),
            "cutting logits off makes 1000 and 1001 the same.": "z - z.max() → np.clip(z, -700, 700)",
            "you have shifted the logits above the line of the fraction only.": "e.sum() → np.exp(z).sum()",
            "this is the logarithm of the softmax.": "e / e.sum() → z - z.max() - np.log(e.sum())",
            "that is the logarithm of the softmax; the softmax itself is wanted.": "e / e.sum() → np.log(e / e.sum())",
            "numbers with more digits only put it off: exp(12000) overflows in them, too. Take something from all "
            "logits first.": _with_long_doubles,
            "16 bits are too few: 2049.3 and 2050.1 become whole numbers in them.": (
                "z - z.max() → (z.astype('float16') - z.astype('float16').max()).astype(float)"
            ),
            "logits may be whole numbers, too, and an array that is made like them has no room for a fraction.": (
                "e / e.sum() → (e / e.sum()).astype(z.dtype)"
            ),
            "almost: do not round.": "return e / e.sum() → return np.round(e / e.sum(), 2)",
            "almost: you round, and small probabilities lose all their digits.": (
                "return e / e.sum() → return np.round(e / e.sum(), 3)"
            ),
            "nan becomes 0 in yours, but the right answer is another. Keep exp from overflowing instead.": (
                "return e / e.sum() → return np.nan_to_num(np.exp(z) / np.exp(z).sum())"
            ),
        },
    ),
    Exercise(
        "02.gradient",
        hints=(
            "You need the probabilities p, and y as a row with a single 1 (one-hot).",
            "Look at p_k - y_k for the true class, and then for any other: what is y_k in each of the two?",
            "p = scratch.softmax(z); p[y] -= 1; return p",
        ),
        reference=gradient,
        cases=_cases,
        mistakes={
            "the sign is wrong. Where the true class has too little probability the slope is negative: raising that "
            "logit lowers the loss.": "return p → return -p",
            "these are the probabilities. Subtract the truth, one-hot.": "-= 1 → -= 0",
            "you give the slope of the true class only. The other logits have one, too: it is their probability.": (
                "return p → return p[y]"
            ),
            "you subtract from the logit; subtract from the probability.": "softmax(z) → z",
            "you subtract the number of the class. A class number is a name, not an amount; make it one-hot.": (
                "p[y] -= 1 → p -= y"
            ),
            "that is the slope along the probabilities, -y / p. Along the logits it is simpler.": (
                lambda z, y: -np.eye(len(z))[y] / softmax(z)
            ),
            "the wrong classes have a slope, too: their probability. It pushes them down.": (
                "return p → return p * (np.arange(len(z)) == y)"
            ),
            "these are K yes-or-no questions, with sigmoids. The classes share one softmax here.": (
                "softmax(z) → 1 / (1 + np.exp(-z))"
            ),
            "that is how a probability changes with its own logit. The slope of the loss is asked for.": (
                lambda z, y: softmax(z) * (1 - softmax(z))
            ),
            "the 1 is at the wrong place: classes count from 0.": "p[y] → p[y - 1]",
            "that is the loss itself; its slopes are wanted.": lambda z, y: -np.log(softmax(z)[y]),
            "y is the number of the class, and you compare the logits with it. Make it one-hot.": (
                "p[y] -= 1 → p -= z == y"
            ),
            "do not divide by the number of classes: this is the loss of one patient.": "return p → return p / len(z)",
            "that is the slope of the squared error's kind. Along the logits, p (1 - p) cancels out.": (
                lambda z, y: gradient(z, y) * softmax(z) * (1 - softmax(z))
            ),
            "with small logits this is right. With logits of 1000, exp overflows and slopes become nan; "
            "scratch.softmax survives them.": "softmax(z) → _plain_softmax(z)",
            "you divide by the probability of the truth. Computed so, it is 0 / 0 where that is 0; on paper it "
            "cancels.": (lambda z, y: -(np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)))[y] / softmax(z)[y]),
            "the true class is a place, not a value: another class may have the same logit.": (
                "p[y] -= 1 → p -= z == z[y]"
            ),
            "logits may be whole numbers, too, and an array that is made like them has no room for a fraction.": (
                "return p → return p.astype(z.dtype)"
            ),
            "these are slopes of the squared error. The cross-entropy's are simpler.": (
                lambda z, y: 2 * (np.diag(softmax(z)) - np.outer(softmax(z), softmax(z))) @ gradient(z, y)
            ),
            "do not cut the probabilities off: a slope may be as small as it likes.": (
                "softmax(z) → np.clip(softmax(z), 0.01, 0.99)"
            ),
            "almost: do not round.": "return p → return np.round(p, 2)",
        },
    ),
    Exercise(
        "02.rate_for_sum",
        hints=(
            "How many times as large is the sum of the losses as their mean? And its slope?",
            "A step is rate * slope. If the slope is larger, the rate must be smaller for the same step.",
            "rate_for_mean / batch_size",
        ),
        reference=rate_for_sum,
        cases=((0.1, 32), (0.5, 1), (0.001, 256), (0.2, 10), (0.03, 50)),
        mistakes={
            "the other way round: the sum's slope is larger, so its rate must be smaller.": lambda r, n: r * n,
            "the rate cannot stay: the slope of the sum is batch_size times as large.": lambda r, n: r,
            "// drops everything after the point; divide with /.": lambda r, n: r // n,
            "32 was one example; use batch_size.": lambda r, n: r / 32,
            "where is the old rate?": lambda r, n: 1 / n,
            "this holds for every batch size, small ones too, and needs no if.": (lambda r, n: r / n if n >= 32 else r),
            "the square root plays a role elsewhere (in how noisy a mean is). Here slopes simply add up.": (
                lambda r, n: r / np.sqrt(n)
            ),
        },
    ),
    Exercise(
        "02.lowest_loss",
        hints=(
            "At best the softmax gives 1 to the true class and 0 to the others. The loss takes these numbers for "
            "logits and puts them through a softmax again.",
            "What does the softmax of (1, 0, 0, ..., 0) give to the first class? Write its fraction down: one exp "
            "above the line, K of them below.",
            "The loss is -log of that: log(e + K - 1) - 1.",
        ),
        reference=lowest_loss,
        cases=((2,), (8,), (11,), (100,)),
        mistakes={
            "0 would be right without the second softmax. But (1, 0, 0, ...) are taken for logits: how sure is the "
            "softmax of those?": lambda k: 0.0,
            "that is the loss of somebody who gives all classes the same. The best is a little better.": (
                lambda k: np.log(k)
            ),
            "that is the loss if a *wrong* class gets the 1.": lambda k: np.log(np.e + k - 1),
            "that is the probability given to the true class. The loss is minus its logarithm.": (
                lambda k: np.e / (np.e + k - 1)
            ),
            "there are K - 1 other classes, not K.": lambda k: np.log(np.e + k) - 1,
            "exp(0) is 1, not 0: each other class still gets something.": lambda k: np.log(np.e + 0 * k),
            "the sign is wrong: a loss is positive.": lambda k: -lowest_loss(k),
            "you have fixed the number of classes at 8.": lambda k: lowest_loss(8),
            "do not round.": lambda k: np.round(lowest_loss(k), 2),
            "the natural logarithm is meant; yours has the base 10.": lambda k: lowest_loss(k) / np.log(10),
            "the natural logarithm is meant; yours has the base 2.": lambda k: lowest_loss(k) / np.log(2),
            "the natural logarithm is meant, np.log; you take the one to the base 2.": (
                lambda k: np.log2(np.e + k - 1) - 1
            ),
            "the natural logarithm is meant, np.log; you take the one to the base 10.": (
                lambda k: np.log10(np.e + k - 1) - 1
            ),
            "almost: e has more digits than 2.718. np.e has them all.": lambda k: np.log(2.718 + k - 1) - np.log(2.718),
            "almost: e has more digits than 2.718; np.e has them all.": lambda k: np.log(2.718 + k - 1) - 1,
            "almost: e has more digits than 2.72; np.e has them all.": lambda k: np.log(2.72 + k - 1) - 1,
            "almost: e has more digits than 2.72. np.e has them all.": lambda k: np.log(2.72 + k - 1) - np.log(2.72),
            "the others get the logit 0, not -1.": lambda k: -np.log(np.e / (np.e + (k - 1) / np.e)),
            "you use the two-class formula, one sigmoid. There are K classes.": (
                lambda k: np.log1p(np.exp(-1)) + 0 * k
            ),
        },
    ),
    Exercise(
        "02.class_weights",
        hints=(
            "A class with half as many cases should count twice as much: weights go like 1 / count.",
            "Scale them so that the mean weight over all *cases* is 1. All classes together then count as much as "
            "before.",
            "counts = np.bincount(labels); len(labels) / (len(counts) * counts)",
        ),
        reference=class_weights,
        cases=tuple((labels,) for labels in _labels),
        mistakes={
            "the proportions are right, but the mean weight over all cases should be 1; otherwise the steps of plain "
            "gradient descent change, too.": "return weights → return 1 / counts",
            "divide by the number of classes, too: as it is, the mean weight over all cases is not 1.": (
                "len(counts) * counts → counts"
            ),
            "these are the shares of the classes. The rare class should count more, not less.": (
                "return weights → return counts / len(labels)"
            ),
            "your weights add up to 1 over the classes. Their mean over all cases should be 1.": (
                "return weights → return 1 / counts / (1 / counts).sum()"
            ),
            "you return a weight for each case; one for each class is wanted.": (
                "return weights → return weights[labels]"
            ),
            "1 - share is not the way: with two classes the proportions are right, but the mean weight over all "
            "cases is not 1; with more, even the proportions are wrong.": (
                "return weights → return 1 - counts / len(labels)"
            ),
            "2 is right for two classes only: it is the number of classes.": "len(counts) → 2",
            "the mean of your weights over the *classes* is 1; over the *cases* it should be.": (
                "return weights → return 1 / counts / (1 / counts).mean()"
            ),
            "right weights in the wrong order: they should stand in the order of the class numbers.": (
                'return weights → return weights[np.argsort(-counts, kind="stable")]'
            ),
            "right weights in the order in which the classes first appear among the cases. Class 0 should come first, "
            "then class 1, and so on.": "return weights → return weights[list(dict.fromkeys(labels.tolist()))]",
            "upside down: in yours the frequent class weighs most.": (
                "return weights → return counts * len(counts) / len(labels)"
            ),
            "roots make the classes more alike, but a class with half as many cases should count twice as much.": (
                "return weights → return counts**-0.5 * len(labels) / (counts**0.5).sum()"
            ),
            "you count how many cases of a class stand next to each other. They may be anywhere in the array.": (
                _weights_of_runs
            ),
            "almost: do not round.": "return weights → return np.round(weights, 2)",
            "with equal weights the frequent class still counts more in all.": lambda y: np.ones(len(np.bincount(y))),
            "// drops everything after the point; divide with /.": "/ → //",
            "the most frequent class should not keep the weight 1: it must go below, so that the mean over all cases "
            "is 1.": "return weights → return counts.max() / counts",
            "these are the counts. The rarer, the more weight.": "return weights → return counts",
        },
    ),
]

QUIZ = [
    Question(
        "A model says 99 % each time and is wrong once. How many right answers of 99 % cost as much as this wrong one?",
        {
            "10": "A right answer costs -log 0.99, about 0.01, and the wrong one -log 0.01, about 4.6.",
            "99": (
                "With 99 to 1 the *probabilities* would balance. The cost is the logarithm of what the truth was given."
            ),
            "✓ about 460": "Right: log 0.01 / log 0.99 = 458. Being sure and wrong is expensive.",
        },
    ),
    Question(
        "Which change of all logits leaves every probability of the softmax as it was?",
        {
            "dividing them by their sum": "That changes the distances between them, and the softmax sees nothing else.",
            "✓ taking the same number from all": "Right. It cancels in the fraction; so we may take the largest away.",
            "multiplying them by the same number": "This changes the odds: times 3, and the answer gets much surer.",
        },
    ),
    Question(
        "Softmax and cross-entropy; the true class got p = 0.9. How steep is the loss along the logit of this class?",
        {
            "−1.11": "That is −1/p, the slope along the probability. The softmax's own slope comes on top.",
            "✓ −0.1": "Right: p − 1, a gentle push upwards. At p = 0.01 it would be −0.99.",
            "−0.09": "That is (p − 1) p. A squared error has such factors, and they vanish when it is sure.",
            "0.9": "That is p, the slope along the logit of a *wrong* class. For the true one, 1 is taken away.",
        },
    ),
    Question(
        "The logit is −50 and the truth is yes. The network makes p = 0.5 + (sigmoid(z) − 0.5) of it, and Keras' loss "
        "gets p. In training, this patient",
        {
            "pulls hard: the slope is nearly −1.": "So it would with logits. Here p is clipped, and the slope is gone.",
            "✓ does not pull at all: the slope is 0.": (
                "Right: Keras has lost track of the logit and clips p. Give the loss logits, and the slope is −1."
            ),
            "makes the loss infinite: it is −log 0.": "Keras clips p at one in ten million, so the cost is only 16.",
        },
    ),
    Question(
        "A network ends in a softmax, and its loss takes the result for logits. By its own softmax, it gave on the "
        "test "
        "images of section 8",
        {
            "fewer right answers, with less confidence: the second softmax flattens.": (
                "The loss sees the flattened ones, and training fights that: it pushes the first softmax to extremes."
            ),
            "the same answers with less confidence: the order of the classes stays.": (
                "The order would stay if the training were the same. But it learned more slowly, and less."
            ),
            "✓ fewer right answers, with more confidence: only extremes lower the loss.": (
                "Right. And the loss has a floor above 0, even for somebody who is right each time."
            ),
        },
    ),
    Question(
        "6 of 100 cells are immature. The network with class weights has an AUC of 0.88. Beside somebody who says "
        "6 % for every cell, its probabilities have a cross-entropy that is",
        {
            "lower: it tells the cells apart, and the other does not.": (
                "An AUC sees the order only. Its probabilities are several times too high, and that costs more."
            ),
            "✓ higher: on average they are several times too high.": (
                "Right: a good order, and probabilities worse than none. A threshold would have left them alone."
            ),
            "about the same: weights change the order, not the level.": (
                "It is the level that they change: on average it says about 20 % where 6 % would be right."
            ),
        },
    ),
    Question(
        "A program changes its loss from the mean over 64 cases to the sum. It trains with Adam and leaves the "
        "learning rate as it was. The steps become",
        {
            "64 times as long: a slope of that size goes in.": (
                "So it is with plain gradient descent. Adam divides by the usual size of the slopes."
            ),
            "a 64th as long: Adam divides by the slope's square.": (
                "By the root of the mean square, so once by 64; and the slope itself is 64 times as long."
            ),
            "✓ about as long as before: Adam divides the size out.": (
                "Right: mean slope divided by the root of its mean square; 64 cancels."
            ),
        },
    ),
]
