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


def lowest_loss(n_classes):
    return np.log(np.e + n_classes - 1) - 1


def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size


def class_weights(labels):
    counts = np.bincount(labels)
    weights = len(labels) / (len(counts) * counts)
    return weights


_answers = (
    (np.array([0.99, 0.01]), np.array([1, 0])),
    (np.array([0.99]), np.array([0])),
    (np.array([0.8, 0.3, 0.6, 0.1]), np.array([1, 0, 0, 1])),
    (np.full(5, 0.5), np.array([0, 1, 1, 0, 1])),
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
)
_cases = (
    (np.array([1.0, 2.0, 3.0]), 0),
    (np.array([0.5, -1.5, 0.0, 2.0]), 3),
    (np.array([0.0, 0.0]), 1),
    (np.array([4.0, 0.0]), 1),
    (np.array([1.0, 0.0, 2.0]), 1),
)
_labels = (
    np.array([0, 0, 0, 1]),
    np.array([0, 1, 1, 2, 2, 2, 2, 2]),
    np.array([1, 0]),
    np.repeat([0, 1], [95, 5]),
)

EXERCISES = [
    Exercise(
        "02.cross_entropy",
        hints=(
            "For each patient: which probability did the model give to what really happened?",
            "It is p where y is 1, and 1 - p where y is 0; np.where can choose. The cost of a patient is minus its "
            "logarithm.",
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
        },
    ),
    Exercise(
        "02.gradient",
        hints=(
            "You need the probabilities p, and y as a row with a single 1 (one-hot).",
            "p = scratch.softmax(z). Then subtract 1 at the place of the true class, and nothing elsewhere.",
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
        cases=((0.1, 32), (0.5, 1), (0.001, 256)),
        mistakes={
            "the other way round: the sum's slope is larger, so its rate must be smaller.": lambda r, n: r * n,
            "the rate cannot stay: the slope of the sum is batch_size times as large.": lambda r, n: r,
            "// drops everything after the point; divide with /.": lambda r, n: r // n,
            "32 was one example; use batch_size.": lambda r, n: r / 32,
            "where is the old rate?": lambda r, n: 1 / n,
            "the square root plays a role elsewhere (in how noisy a mean is). Here slopes simply add up.": (
                lambda r, n: r / np.sqrt(n)
            ),
        },
    ),
    Exercise(
        "02.lowest_loss",
        hints=(
            "At best the softmax gives 1 to the true class and 0 to the others. The loss takes these numbers for "
            "logits "
            "and puts them through a softmax again.",
            "What does the softmax of (1, 0, 0, ..., 0) give to the first class? exp(1) / (exp(1) + (K - 1) exp(0)).",
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
            "the natural logarithm is meant.": lambda k: lowest_loss(k) / np.log(10),
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
        "A model says 'malignant, 99 %', and it is benign. The cross-entropy of this answer, in natural logarithms, is",
        {
            "0.01": "That would be its cost had it been right: −log 0.99.",
            "0.99": "That is how far off the probability is. The cost takes the logarithm of what the truth was given.",
            "✓ 4.6": "Right: −log 0.01. Sure and wrong is expensive; at 99.9 % it would be 6.9.",
            "infinite": "Only at exactly 100 %. But every further 9 costs another 2.3.",
        },
    ),
    Question(
        "A model that gives both classes 0.5 for every patient has a binary cross-entropy of",
        {
            "0.5": "That is the probability that it gave to the truth. The cost is minus its logarithm.",
            "✓ 0.69": "Right: log 2. A loss above that is worse than knowing nothing.",
            "0": "0 would mean that the truth was given 1 every time.",
        },
    ),
    Question(
        "The gradient of softmax and cross-entropy along the logits is p − y. For a true class with p = 0.9 it is",
        {
            "0.9": "The truth is 1 there: subtract it.",
            "✓ −0.1": "Right: a gentle push upwards. At p = 0.01 it would be −0.99.",
            "−0.09": (
                "That is (p − 1) p: a squared error has such factors, and they vanish when it is sure. Here they "
                "cancel."
            ),
        },
    ),
    Question(
        "Why is log(softmax(z)) computed as one step rather than two?",
        {
            "It is faster.": "A little, perhaps. The reason is what happens to numbers like exp(−1000).",
            "✓ A probability too small for floating-point numbers becomes 0, and log 0 is −infinity.": (
                "Right: z − max − log Σ exp(z − max) never takes the logarithm of 0."
            ),
            "Because the gradient of the softmax is unknown.": (
                "It is known, p − y with this loss, and was confirmed in two other ways."
            ),
        },
    ),
    Question(
        "A network ends in a softmax that somebody wrote out, and its loss takes what comes for logits. What happens?",
        {
            "An error, since probabilities are no logits.": "Keras sees numbers; it cannot know what they mean.",
            "Nothing: a softmax of a softmax is the same.": (
                "The second one makes it much flatter: (1, 0) becomes (0.73, 0.27)."
            ),
            "✓ It learns more slowly, and the loss can never come near 0.": (
                "Right: even the best answer costs log(e + K − 1) − 1."
            ),
        },
    ),
    Question(
        "Of 1,000 patients 50 are sick. We weight the sick 10 and the healthy 0.53, train again, and keep the "
        "threshold 0.5. Most likely",
        {
            "✓ sensitivity rises and specificity falls; the AUC stays about the same.": (
                "Right: mostly the threshold was moved, by another way. Look whether a moved threshold does it, too."
            ),
            "everything gets better, since the network now sees more sick people.": (
                "It sees the same fifty, more loudly."
            ),
            "the AUC rises clearly.": (
                "The AUC asks for the order of the cases only, and weights change little about that."
            ),
        },
    ),
    Question(
        "A tutorial changes its loss from the mean over a batch of 64 to the sum and keeps plain gradient descent "
        "with the same learning rate. The steps become",
        {
            "✓ 64 times as large.": "Right: slopes add up. Divide the rate by 64 to get the old steps back.",
            "64 times as small.": "The sum is larger than the mean, and so is its slope.",
            "the same, since the minimum is the same.": (
                "The minimum is. The way there depends on the size of the steps."
            ),
        },
    ),
]
