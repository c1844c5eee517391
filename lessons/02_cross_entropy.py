# ---
# jupyter:
#   course:
#     title: Cross-entropy
#     card: Wrong and sure is expensive
#     tagline: Derive the loss and its gradient, write the training loop, weigh a rare finding.
#     part: core
#     questions:
#       - Why is cross-entropy the loss, and where does *p* − *y* come from?
#       - My finding is rare. Do class weights help?
#       - Logits or probabilities? Why is my loss nan?
#     objectives:
#       - say why training makes the cross-entropy small, and compute it on paper
#       - turn logits into probabilities and into a loss without overflow, in NumPy and in Keras
#       - follow the derivation of the gradient p − y, and confirm it in two other ways
#       - read a training loop written by hand, which gives the same numbers as `fit`
#       - weigh a rare class, and say what that buys and what it costs
#     needs:
#       - "[chapter 00](00_start_here.ipynb)"
#       - the logarithm and the derivative of a function, as taught at school
#       - chapter [01](01_cnn_basics.ipynb) for the words Dense, convolution and ReLU
#     minutes_reading: 90
#     minutes_exercises: 60
#     datasets: BreastMNIST, phantoms
#     data: >-
#       BreastMNIST, 780 ultrasound images of the breast (MedMNIST v2, CC BY 4.0) for the training loops; without the file
#       generated images take its place, and say so. Generated blood cells in sections 8 and 9, where we need eight classes and a
#       finding that is rare by design.
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
# **Goals.** At the end they can say what one answer costs and why, have seen that a loop of ten lines does what `fit`
# does, and know what is bought and what is paid when a rare class is given more weight.
#
# **Where people get stuck**
#
# - `02.cross_entropy` (section 1): watch for log p for everybody, or for the sick alone. Go back to the table of five
#   patients and cover all columns but *gave to the truth*: the cost is minus the logarithm of that column, nothing
#   else.
# - `02.softmax` (section 2): watch for the plain formula, which overflows, and for taking away the mean or the
#   smallest logit. Ask: "Which number must we take away so that the largest exponent is 0?"
# - `02.gradient` (section 4): watch for the number of the class being subtracted (a class number is a name, not an
#   amount), for a wrong sign, and for the true class's slope alone. Write p as a row, y with its single 1 below it,
#   and subtract column by column.
# - `02.lowest_loss` (section 8): watch for the answer 0. Write the best possible output, 1 and then zeros, on the
#   board and ask what a softmax makes of *these* numbers.
# - `02.class_weights` (section 9): watch for 1 / count. The proportions are right; the mean weight over all cases
#   must be 1, else all steps of plain gradient descent grow or shrink, too.
#
# **Say**
#
# - "How much probability did you give to what really happened?" Use this sentence for every loss of the chapter.
# - "Who pays more: the one who said 70 % and was wrong, or the one who said 98 %?" And then: "How much more?"
# - At the end of section 7: "Make the loss a hundred times as large. Who walks farther, plain descent or Adam?"
# - In section 9: "Does the network see better now, or does it only say yes more often?" And before the five seeds:
#   "Whose interval is this: the one of two networks, or the one of two losses?"
#
# **When late, skip** sections 3, 6 and 7 with exercise 4, and section 10. No later cell uses what an exercise asks for.
# But section 9 needs the functions of sections 1, 3, 7 and 8, so run these cells, don't discuss them. For those who
# came for the medicine, keep sections 1 and 9; for those who came for the mathematics, 2, 4 and 5.

# %% [markdown]
# ## 1 What a probability is worth
#
# A network gives probabilities, and training needs *one number* that says how bad they are, so that it can make that
# number smaller. This chapter is about that number, the **loss**, and about the one that nearly everybody uses.
#
# Five patients. For each, the model says how probable a disease is; then we learn the truth.

# %%
import numpy as np
import pandas as pd

says = np.array([0.90, 0.20, 0.70, 0.10, 0.60])  # probability of "sick"
truth = np.array([1, 0, 1, 0, 0])  # 1 = sick
given = np.where(truth == 1, says, 1 - says)  # what it gave to that which was true
pd.DataFrame({"says sick with": says, "truth": truth, "gave to the truth": given})

# %% [markdown]
# The last column, *gave to the truth*, is what counts: how much probability did the model give to *what really
# happened*? To all five outcomes together it gave the product of those five numbers (if one patient tells nothing about
# another). That product is called the **likelihood** of the model. The higher, the less surprised it was by the truth.
# Training means: find the parameters with the highest likelihood.

# %%
print(f"likelihood of five patients: {np.prod(given):.3g}")
print(f"of 10,000 such patients:     {np.prod(np.tile(given, 2000)):.3g}")

# %% [markdown]
# The second number is not really 0. It is so small that the computer has no number for it. The remedy is as old as
# slide rules: the logarithm turns the product into a sum, and a highest product is a highest sum. We turn the sign
# round, since a loss should be small when things are good, and take the mean, so that 10,000 patients can be compared
# with five:
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \log(\text{probability given to the truth of patient } n)$$
#
# That is the **cross-entropy** (or *negative log-likelihood*). For a yes-or-no question, with $p_n$ the probability of
# "yes" and $y_n$ the truth, 1 or 0, it is usually written in one line. Only one of the two terms is ever there, since
# the other is multiplied by 0:
#
# $$L = -\frac{1}{N} \sum_n \Big( y_n \log p_n + (1 - y_n) \log(1 - p_n) \Big)$$

# %%
print("cost of each patient:", (-np.log(given)).round(2))
print(f"their mean:           {-np.log(given).mean():.3f}")
print(f"and of 10,000:        {-np.log(np.tile(given, 2000)).mean():.3f}")

# %% [markdown]
# ### Exercise 1: the cross-entropy
#
# Write it for arrays `p` (probabilities of "yes", neither exactly 0 nor 1) and `y` (0 or 1), for any number of
# patients. The logarithm is the natural one, `np.log`.


# %% tags=["exercise"]
def cross_entropy(p, y):
    # replace the dots with your own lines, ending in: return ...
    ...


check("02.cross_entropy", cross_entropy)
# hint("02.cross_entropy")


# %% tags=["solution"]
def cross_entropy(p, y):
    return -np.log(np.where(y == 1, p, 1 - p)).mean()


check("02.cross_entropy", cross_entropy)

# %% [markdown]
# ### A baseline
#
# A loss of 0.34: is that good? As always, we first ask somebody who knows nothing. Always answering 0.5 costs log 2 =
# 0.69. Somebody who knows how frequent the disease is, and nothing else, gives everybody that share. No other number
# costs less, if everybody gets the same. Here are both, for our five patients and for the training cases of the breast
# images: each group has a second line of its own.

# %%
from course_utils import load_medmnist

data = load_medmnist("breastmnist")
y_train, y_test = (
    (part.labels == data.positive).astype(int) for part in (data.train, data.test)
)


def cost(p, y):
    """What each patient costs."""
    return -np.log(np.where(y == 1, p, 1 - p))


for who, y in (("five patients", truth), ("breast images", y_train)):
    share = y.mean()
    print(f"{who}: everybody gets 0.5:   {cost(0.5, y).mean():.3f}")
    print(
        f"               everybody gets {share:.3f}: {cost(share, y).mean():.3f} (their share)"
    )

# %% [markdown]
# The 0.34 of our five patients lies below both of their lines. (Five patients are far too few to conclude anything from
# it.) A model whose probabilities are to be of use must be below the second line. One can put the patients in a good
# order and still be above it, by being far too sure or by exaggerating everybody's risk; section 9 has an example.

# %% [markdown]
# ### Sure and wrong
#
# What does one patient cost? Look at the last line.

# %% [markdown] tags=["instructor"]
# A bet before this cell: "How many right answers of 99 % cost as much as one wrong answer of 99 %?" Let everybody
# write a number. The last line has it. If somebody finds that unfair, ask what should be paid by one who is wrong
# once in a hundred times and says 99 %: that is what makes the honest answer the cheapest.

# %%
for p in (0.5, 0.9, 0.99, 0.999):
    print(
        f"says {p:5.1%}: costs {-np.log(p):.3f} if right, {-np.log(1 - p):.2f} if wrong"
    )
p = 0.99
many = np.log(1 - p) / np.log(p)
print(
    f"\nOne answer of {p:.0%} that is wrong costs as much as {many:.0f} that are right."
)

# %% [markdown]
# Being sure and right earns little; being sure and wrong is expensive, without limit. If you are right 99 times in 100,
# you pay least for saying 99 %. So the loss asks for *honest* probabilities, and not only for right answers.
#
# Move the slider. On the left is the cost, on the right the slope of the cost along the logit, which tells how hard
# training will pull. (The **logit** on the right axis is a probability on another scale; section 2 is about it. The
# dashed line is the squared error, which comes in section 5.)

# %% tags=["cover"]
from course_utils import widgets

widgets.explore_cross_entropy()

# %% [markdown] tags=["instructor"]
# Let them find the place where the two pictures disagree most: truth "no", p near 1. The cost in blue shoots up and
# the slope stays at 1. The squared error's slope dies there. "Which student learns more from a blunder?" makes the
# point.

# %% [markdown]
# ## 2 Logits, and how not to overflow
#
# The last layer of a network multiplies and adds, so any number may come out of it: −7, 0.3, 250. It is called a
# **logit**. To become a probability it goes through the *sigmoid*, $\sigma(z) = 1 / (1 + e^{-z})$. Turned round, the
# logit is the logarithm of the odds, $z = \log \frac{p}{1-p}$: 0 means odds of 1 to 1, a probability of one half (3 to
# 1 would be 3/4), and every further 1 multiplies the odds by $e \approx 2.7$.
#
# With $K$ classes of which one is right, the network gives $K$ logits, and the **softmax** turns them into $K$
# probabilities that add up to 1:
#
# $$p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}$$

# %%
from course_utils import scratch

z = np.array([2.0, 1.0, -1.0])
print("softmax:               ", scratch.softmax(z).round(3))
print("all logits raised by 5:", scratch.softmax(z + 5).round(3))
print("all logits times 3:    ", scratch.softmax(3 * z).round(3))
two = scratch.softmax(np.array([1.3, -0.4]))[0]
print(
    f"two classes: {two:.4f} = sigmoid of the difference: {scratch.sigmoid(1.3 + 0.4):.4f}"
)

# %% [markdown]
# Adding the same number to all logits changes nothing, since it cancels in the fraction. Multiplying all of them by 3
# makes the answer surer. And for two classes the softmax is the sigmoid of the difference.
#
# ### Exercise 2: the softmax that does not overflow
#
# `np.exp(710)` is infinite for a computer. So a logit of 1000 breaks the formula as it stands, though the answer is
# harmless. Write the softmax of a row of logits, in a way that survives any logits. (The line "all logits raised by 5"
# shows you how.)


# %% tags=["exercise"]
def softmax(z):
    # replace the dots with your own lines, ending in: return ...
    ...


check("02.softmax", softmax)
# hint("02.softmax")


# %% tags=["solution"]
def softmax(z):
    e = np.exp(z - z.max())  # exp of at most 0
    return e / e.sum()


check("02.softmax", softmax)

# %% [markdown]
# ### The logarithm of zero
#
# Cross-entropy takes the logarithm of a probability, and the same trouble waits there. Suppose the truth is "no", so
# that the cost is −log(1 − σ(z)). At z = 100 it should be 100 (nearly): very sure, very wrong. Here it is computed as
# it stands, first the sigmoid and then the logarithm: once with numbers of 32 bits (`float32`, about 7 digits), which
# networks compute with, and once with 64 bits (`float64`, about 16 digits), NumPy's own. Where does each of them fail?

# %%


def naive(z, kind):
    """Cost of the logit z when the truth is "no": -log(1 - sigmoid(z)), step by step."""
    z = np.array(z, dtype=kind)
    with np.errstate(all="ignore"):  # we want to see what comes out, not the warnings
        p = 1 / (1 + np.exp(-z))
        return float(-np.log(1 - p))


rows = [
    {
        "logit": z,
        "float32, step by step": naive(z, "float32") + 0.0,
        "float64, step by step": naive(z, "float64") + 0.0,
        "stable form": scratch.binary_cross_entropy(
            np.array([float(z)]), np.array([0])
        )[0],
    }
    for z in (-100, 1, 10, 16, 17, 20, 36, 37, 100)
]
pd.DataFrame(rows).round(3)

# %% [markdown]
# In `float32`, from a logit of 17 on, the sigmoid is rounded to exactly 1, and log(1 − 1) is minus infinity. In
# `float64` the same happens from 37 on: more digits only put it off. One such patient makes the loss of the whole batch
# infinite, and after the next step all weights are `nan`, "not a number". Before that, digits are lost already: compare
# the costs at 16.
#
# The way out is not to compute the probability at all. Put the sigmoid into the logarithm and simplify on paper:
#
# $$-\log(1 - \sigma(z)) = \log(1 + e^{z}) = \max(z, 0) + \log(1 + e^{-|z|})$$
#
# (For $z > 0$, take $e^z$ out of the bracket: $\log(1 + e^z) = \log\big(e^z (e^{-z} + 1)\big) = z + \log(1 + e^{-z})$.
# For $z < 0$ nothing changes.) Now the exponential is of a negative number, so nothing can overflow. A "yes" is a "no"
# with the logit turned round. For both kinds of truth together:
#
# $$L = \max(z, 0) - y z + \log(1 + e^{-|z|})$$
#
# The same for the softmax, with $m$ the largest logit, is $\log p_k = z_k - \big(m + \log \sum_j e^{z_j - m}\big)$; the
# bracket is known as *log-sum-exp*. That is why a loss should be given **logits**, and why our networks end in plain
# numbers and their loss says `from_logits=True`.
#
# And if they end in a sigmoid? Keras remembers which logit a probability came from, and quietly goes back to it. That
# works only if nothing lies in between. Here the truth is "yes" and the logit −50, three times. (`tf.Variable` holds a
# number that training may change. All that is computed from it is noted on a *tape*, and from the tape Keras works out
# the slope.)

# %%
import keras
import tensorflow as tf


def cost_and_slope(to_output, from_logits):
    z = tf.Variable([[-50.0]])
    with tf.GradientTape() as tape:
        loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(
            np.array([[1.0]]), to_output(z)
        )
    return f"cost {float(loss):6.2f}, slope {float(tape.gradient(loss, z)[0, 0]):6.3f}"


print("logits:                      ", cost_and_slope(lambda z: z, True))
print("sigmoid at the end:          ", cost_and_slope(keras.ops.sigmoid, False))
print(
    "sigmoid, and a step after it:",
    cost_and_slope(lambda z: 0.5 + 1.0 * (keras.ops.sigmoid(z) - 0.5), False),
)

# %% [markdown]
# On paper, the step in the third line does nothing (take away a half, add a half). But Keras has lost track, clips the
# probability at one in ten million, and the slope is gone: the network is as wrong as can be and learns *nothing* from
# it. Logits have no such pitfalls.
#
# ## 3 One of many classes
#
# With $K$ classes, the truth of a patient can be written in two ways: as the *number* of the class, or **one-hot**, as
# a row of $K$ numbers with a single 1. The loss is the same, minus the logarithm of what the true class got:
#
# $$L = -\frac{1}{N} \sum_n \sum_k y_{n,k} \log p_{n,k}$$

# %%
logits = np.array(
    [[2.0, 1.0, -1.0], [0.0, 3.0, 0.5], [1.0, 1.0, 1.0], [-2.0, 0.0, 2.0]], "float32"
)
number = np.array([0, 1, 2, 0])
one_hot = np.eye(3)[number]
print(one_hot)

by_number = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
by_one_hot = keras.losses.CategoricalCrossentropy(from_logits=True)
given = [scratch.softmax(z)[k] for z, k in zip(logits, number, strict=True)]
print(f"\nby hand         {-np.log(given).mean():.6f}")
print(f"scratch         {scratch.categorical_cross_entropy(logits, number)[0]:.6f}")
print(
    f"Keras, numbers  {float(by_number(number, logits)):.6f}   (SparseCategoricalCrossentropy)"
)
print(
    f"Keras, one-hot  {float(by_one_hot(one_hot, logits)):.6f}   (CategoricalCrossentropy)"
)

# %% [markdown]
# Two names for one loss; they differ in how the labels are written. Mix them up, and Keras stops with an error. But one
# mix-up passes without a word: the two-class formula with $K$ classes.

# %%
two_class = keras.losses.BinaryCrossentropy(from_logits=True)
for what, loss, labels in (
    ("categorical, with class numbers", by_one_hot, number),
    ("sparse, with one-hot rows", by_number, one_hot),
    ("two-class formula, one-hot rows", two_class, one_hot),
):
    try:
        print(f"{what}: {float(loss(labels, logits)):.6f}, and no complaint")
    except ValueError:
        print(f"{what}: a ValueError stops it")

# %% [markdown]
# The last number is lower, and that means nothing: it is the mean of $K$ yes-or-no questions for each patient, most of
# which are easy ("not this one either"). A loss can be compared only with the same loss.
#
# ## 4 The gradient: p − y
#
# Training needs the slope of the loss along each logit: how much does it change if this logit is raised a little? We
# derive it once. ($\partial L / \partial z_k$ means: the slope when only $z_k$ moves and the other logits stay.) For
# one patient with the true class $t$, the loss is
#
# $$L = -\log p_t = -z_t + \log \sum_j e^{z_j}$$
#
# Raise $z_k$ a little. The first term changes by −1 if $k$ is the true class, and not at all otherwise: that is $-y_k$.
# The second changes by
#
# $$\frac{\partial}{\partial z_k} \log \sum_j e^{z_j} = \frac{e^{z_k}}{\sum_j e^{z_j}} = p_k$$
#
# Together $\partial L / \partial z_k = p_k - y_k$: **what you said, minus what was true**. For the sigmoid it comes out
# the same.
#
# ### Exercise 3: the gradient of one patient
#
# `z` is a row of $K$ logits, `y` the *number* of the true class. Return the $K$ slopes,
# for any logits. You may use `scratch.softmax`.


# %% tags=["exercise"]
def gradient(z, y):
    # replace the dots with your own lines, ending in: return ...
    ...


check("02.gradient", gradient)
# hint("02.gradient")


# %% tags=["solution"]
def gradient(z, y):
    slopes = scratch.softmax(z)
    slopes[y] -= 1
    return slopes


check("02.gradient", gradient)

# %% [markdown]
# A derivation can be wrong. So we check it in two other ways. **Finite differences** take the word "slope" literally:
# raise one logit by a little, look how the loss changes, divide. And **autodiff**, what Keras does in training: it
# notes every step of a computation on the tape and applies the chain rule backwards.

# %%
z, t, little = logits[0].astype("float64"), 2, 1e-6

formula = scratch.softmax(z) - np.eye(3)[t]

differences = [
    (
        scratch.categorical_cross_entropy((z + step)[None], np.array([t]))[0]
        - scratch.categorical_cross_entropy((z - step)[None], np.array([t]))[0]
    )
    / (2 * little)
    for step in little * np.eye(3)
]

on_tape = tf.Variable(z[None])
with tf.GradientTape() as tape:
    loss = by_number(np.array([t]), on_tape)
autodiff = tape.gradient(loss, on_tape).numpy()[0]

print(
    pd.DataFrame(
        {"p − y": formula, "finite differences": differences, "autodiff": autodiff}
    )
)
assert np.allclose(formula, differences, atol=1e-6)
assert np.allclose(formula, autodiff, atol=1e-6)

# %% [markdown]
# Three ways, one answer. Notice two things. The slopes add up to 0: what one logit gains, the others lose. And no slope
# is ever larger than 1: even the worst blunder pulls with a bounded force, though its cost has no bound.
#
# ## 5 Why not the squared error, why not accuracy?
#
# The **squared error** $(p - y)^2$ is what one knows from fitting lines. Its slope along $p$ is $2 (p - y)$; the
# sigmoid's own slope is $p (1 - p)$; by the chain rule, the slope along the logit is $2 (p - y)\, p\, (1 - p)$. The
# last two factors are the trouble: they are nearly 0 when the model is sure, *even if it is sure and wrong*. Here is a
# single logit that must become "yes", starting from two places. It moves by gradient descent: again and again, a step
# against the slope.


# %%
def squared_error(z, y):
    p = scratch.sigmoid(z)
    return ((p - y) ** 2).mean(), 2 * (p - y) * p * (1 - p) / z.size


def learn(loss, z, steps=300, rate=1.0):
    path = []
    for _ in range(steps):
        path.append(float(scratch.sigmoid(z)))
        z = z - rate * loss(np.array([z]), np.array([1.0]))[1][0]
    return path


from course_utils import plots, show

fig, axes = plots.figure(8.0, 3.0, 1, 2, sharey=True)
for ax, start in zip(axes, (-2.0, -8.0), strict=True):
    ax.plot(
        learn(scratch.binary_cross_entropy, start),
        color=plots.BLUE,
        label="cross-entropy",
    )
    ax.plot(
        learn(squared_error, start),
        color=plots.RED,
        linestyle="--",
        label="squared error",
    )
    ax.set_title(f"starts at p = {scratch.sigmoid(start):.4f}", fontsize=9)
    ax.set(xlabel="step")
axes[0].set_ylabel("p of the true answer")
axes[0].legend(frameon=False, fontsize=8)
fig.suptitle("Sure and wrong (right): the squared error does not get away", fontsize=10)
show(
    fig,
    "Two panels, probability of the true answer against step. Starting at 0.12, both losses reach nearly 1, "
    "cross-entropy sooner. Starting at 0.0003, cross-entropy gets there within some twenty steps and the squared "
    "error stays near 0.",
    source=None,
)

# %% [markdown]
# From the right-hand start, cross-entropy is past one half after some ten steps and past 0.9 after twenty; the squared
# error has hardly moved after three hundred. The slope of $-\log p$ is $-1/p$, which cancels the $p$ in $p (1 - p)$ and
# leaves $p - y$. That is the second reason for choosing it; the first was the likelihood.
#
# And **accuracy**, which is what we want in the end? It is a staircase. Change a weight a little, and (almost always)
# no answer changes sides: the slope is exactly 0. Training would not know where to go.

# %%
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 2)) + np.repeat(
    [[-1.0], [1.0]], 100, axis=0
)  # two clouds of points
y = np.repeat([0, 1], 100)


def slopes(measure, w, little=1e-6):
    steps = little * np.eye(2)
    return np.array(
        [(measure(w + step) - measure(w - step)) / (2 * little) for step in steps]
    )


def accuracy_of(w):
    return ((x @ w > 0) == y).mean()


def loss_of(w):
    return scratch.binary_cross_entropy(x @ w, y)[0]


tries = rng.normal(size=(1000, 2))
flat = sum(not slopes(accuracy_of, w).any() for w in tries)
level = sum(not slopes(loss_of, w).any() for w in tries)
print(f"slope of the accuracy exactly 0:      at {flat} of 1000 random weights")
print(f"slope of the cross-entropy exactly 0: at {level} of 1000")

# %% [markdown]
# So we train on the cross-entropy, and report accuracy, AUC and their kin beside it. The cross-entropy of the test
# images is a result, too, and we give it in sections 7 and 9: it judges the probabilities themselves, which neither
# accuracy nor AUC does.
#
# ## 6 Sum or mean?
#
# The loss of a batch may be the mean over its patients, or their sum. The lowest point is the same, but for N
# patients the slope of the sum is N times as large, and so is every step.
#
# ### Exercise 4: the same steps
#
# With the mean over a batch, plain gradient descent works well with the learning rate `rate_for_mean`. (The **learning
# rate** is the factor between slope and step.) Which rate gives the same steps with the sum?


# %% tags=["exercise"]
def rate_for_sum(rate_for_mean, batch_size):
    # replace the dots with your own lines, ending in: return ...
    ...


check("02.rate_for_sum", rate_for_sum)
# hint("02.rate_for_sum")


# %% tags=["solution"]
def rate_for_sum(rate_for_mean, batch_size):
    return rate_for_mean / batch_size


check("02.rate_for_sum", rate_for_sum)

# %% [markdown]
# To see what happens otherwise, we train logistic regression on the breast images in NumPy: one weight for each pixel
# and a sigmoid, $z = x w + b$. The slope along the logits, `dz`, comes from `scratch.binary_cross_entropy`, beside the
# loss. What is the slope along one weight? Raise it by a little, and the logit of each patient rises by that little
# times the pixel's value in this patient's image. So the slope along the weight is the sum, over the patients, of pixel
# value times `dz`. For all pixels at once that is `pixels[batch].T @ dz`.

# %%
pixels = data.train.images.reshape(len(y_train), -1) / 255 - 0.5
batches = [slice(start, start + 32) for start in range(0, len(pixels), 32)]


def train_in_numpy(rate, times=1, epochs=10):
    """Gradient descent on the mean loss (or `times` as much): each epoch's loss, the weights."""
    w, b, losses = np.zeros(pixels.shape[1]), 0.0, []
    for _ in range(epochs):
        total = 0.0
        for batch in batches:
            z = pixels[batch] @ w + b
            loss, dz = scratch.binary_cross_entropy(z, y_train[batch])
            w = w - rate * times * (pixels[batch].T @ dz)
            b = b - rate * times * dz.sum()
            total += loss * len(z)  # the last batch is smaller, and counts less
        losses.append(total / len(pixels))
    return losses, w, b


rate = 0.1
for name, losses in {
    f"mean, rate {rate}": train_in_numpy(rate)[0],
    f"32 × mean, rate {rate}": train_in_numpy(rate, times=32)[0],
    f"32 × mean, rate {rate}/32": train_in_numpy(rate / 32, times=32)[0],
}.items():
    above = sum(loss > np.log(2) for loss in losses)
    print(
        f"{name:24}",
        " ".join(f"{loss:6.3f}" for loss in losses),
        f" above log 2: {above}",
    )

# %% [markdown]
# With 32 times the mean, which is the sum over a whole batch, and the old rate, the steps are 32 times too large: the
# loss jumps up and down, and in most epochs it is above log 2 = 0.69, the cost of knowing nothing. Divide the rate by
# 32, and every number is back. (The last batch is smaller. Its true sum would be smaller, too, and its step: one more
# reason to prefer the mean.)
#
# The same trap once more: with several yes-or-no findings for each patient, Keras takes the mean over the findings,
# too. Each single finding then pulls with a fraction of the force that it would have alone:

# %%
for findings in (1, 2, 14):
    z = tf.Variable(np.zeros((32, findings), "float32"))
    with tf.GradientTape() as tape:
        loss = two_class(np.ones((32, findings)), z)
    pull = float(tape.gradient(loss, z)[0, 0])
    print(
        f"{findings:2} findings: loss {float(loss):.4f}, slope of one logit {pull:.6f}"
    )

# %% [markdown]
# ## 7 The training loop, by hand and by `fit`
#
# At its core, `fit` does what we just did. Here it is in Keras, for any network: go through the batches; note the
# computation of the loss on a tape; get the slopes along all parameters; let the optimizer take a step.
#
# The mean loss over the training data has a name, the *empirical risk*: what the model costs on the examples we have.
# (What is printed for an epoch is nearly that: the weights change while the epoch lasts.)
#
# We want the same numbers to six digits, so the layers say `dtype="float32"`: on many GPUs they would compute with 16
# bits, which is faster and holds three digits.


# %%
def train_by_hand(network, optimizer, loss_function, epochs=10):
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in batches:
            x_batch, y_batch = x_train[batch], y_column[batch]
            with tf.GradientTape() as tape:
                loss = loss_function(y_batch, network(x_batch, training=True))
            slopes = tape.gradient(loss, network.trainable_variables)
            optimizer.apply_gradients(
                zip(slopes, network.trainable_variables, strict=True)
            )
            total += float(loss) * len(x_batch)
        losses.append(total / len(x_train))
    return losses


def fresh_regression():
    network = keras.Sequential(
        [keras.layers.Input((784,)), keras.layers.Dense(1, dtype="float32")]
    )
    network.set_weights([np.zeros((784, 1)), np.zeros(1)])
    return network


x_train = pixels.astype("float32")
y_column = y_train[:, None].astype("float32")  # (N, 1), the shape of the logits
loss_function = keras.losses.BinaryCrossentropy(from_logits=True)

by_hand = fresh_regression()
loss_by_hand = train_by_hand(by_hand, keras.optimizers.SGD(rate), loss_function)

by_fit = fresh_regression()
by_fit.compile(optimizer=keras.optimizers.SGD(rate), loss=loss_function)
loss_by_fit = by_fit.fit(
    x_train, y_column, batch_size=32, epochs=10, shuffle=False, verbose=0
).history["loss"]

loss_in_numpy, w, b = train_in_numpy(rate)
print(
    pd.DataFrame(
        {"NumPy": loss_in_numpy, "tape": loss_by_hand, "fit": loss_by_fit},
        index=pd.RangeIndex(1, 11, name="epoch"),
    ).round(6)
)


def largest_difference(a, b):
    return float(np.abs(np.ravel(a) - np.ravel(b)).max())


print(f"\nloss, tape and fit:     {largest_difference(loss_by_hand, loss_by_fit):.0e}")
print(f"loss, NumPy and fit:    {largest_difference(loss_in_numpy, loss_by_fit):.0e}")
print(f"weights, NumPy and fit: {largest_difference(w, by_fit.get_weights()[0]):.0e}")
assert largest_difference(loss_by_hand, loss_by_fit) < 1e-5
assert largest_difference(loss_in_numpy, loss_by_fit) < 1e-5

# %% [markdown]
# Three loops, one sequence of numbers. (What is left is the rounding of `float32`.) We started from
# the same weights and went through the batches in the same order, which `shuffle=False` made sure of. Ordinarily `fit`
# draws a new order in every epoch, and so should you.
#
# The loop works for any network. A small CNN, once by hand and once by `fit`, from the same seed. (Rounding differs a
# little between the two, and every step builds on the last one. So over many large steps the last digits drift apart;
# over five epochs of small ones they stay together.)

# %% tags=["gpu"]


def small_cnn():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.layers.Input((784,)),
            keras.layers.Reshape((28, 28, 1), dtype="float32"),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu", dtype="float32"),
            keras.layers.Flatten(dtype="float32"),
            keras.layers.Dense(1, dtype="float32"),
        ]
    )


cnn_by_hand = small_cnn()
loss_by_hand = train_by_hand(
    cnn_by_hand, keras.optimizers.SGD(0.05), loss_function, epochs=5
)

cnn_by_fit = small_cnn()
cnn_by_fit.compile(optimizer=keras.optimizers.SGD(0.05), loss=loss_function)
loss_by_fit = cnn_by_fit.fit(
    x_train, y_column, batch_size=32, epochs=5, shuffle=False, verbose=0
).history["loss"]
print("by hand:", np.round(loss_by_hand, 6))
print("by fit: ", np.round(loss_by_fit, 6))
assert largest_difference(loss_by_hand, loss_by_fit) < 1e-5

# %% [markdown]
# And what are the two models worth? We ask on test images. (Strictly, they are used up: chapters 00 and 01 have looked
# at them. Nothing in this chapter was chosen with them.) The baseline, first line, gives everybody the training images'
# share. Each model is compared with it *on the same patients*: what a patient costs with the model, minus what the same
# patient costs with the baseline. The interval is that of the mean of these differences. For which model does all of it
# lie below 0?

# %%
from course_utils import auc_difference, evaluate, show_results

x_test = (data.test.images.reshape(len(y_test), -1) / 255 - 0.5).astype("float32")


def probabilities(network, x):
    return scratch.sigmoid(network.predict(x, verbose=0)[:, 0].astype(float))


def with_interval(costs):
    """Their mean, and where it lies in 95 % of 1,000 draws of as many patients."""
    means = np.random.default_rng(0).choice(costs, (1000, len(costs))).mean(axis=1)
    return "{:.3f} ({:.3f} to {:.3f})".format(
        costs.mean(), *np.percentile(means, (2.5, 97.5))
    )


baseline = np.full(len(y_test), y_train.mean())
p_test = {
    "everybody gets the share in training": baseline,
    "logistic regression, 10 epochs": probabilities(by_fit, x_test),
    "small CNN, 5 epochs": probabilities(cnn_by_fit, x_test),
}
show_results(
    [
        {
            "model": name,
            "cross-entropy (95 % interval)": with_interval(cost(p, y_test)),
            "minus the first line": "–"
            if p is baseline
            else with_interval(cost(p, y_test) - cost(baseline, y_test)),
            "AUC (95 % interval)": evaluate(y_test, p, "binary-class")["auc"],
        }
        for name, p in p_test.items()
    ],
    source=data.source,
    caption=f"{data.name}, test split, {len(y_test)} images",
)

# %% [markdown]
# For the regression it does: its probabilities are better than the share for everybody. For the CNN 0 lies inside:
# these images do not show that its probabilities are worth more than the share. It was trained for five epochs of small
# steps, to show a loop and not to win. Chapter 04 trains one properly. (Its AUC is well above 0.5 all the same: the
# order of the patients comes before good probabilities.)
#
# ### Adam: another step in the same loop
#
# The loop above leaves the step to the optimizer. **Plain gradient descent** (SGD) takes `rate * slope`. **Adam**,
# which most of our networks are trained with, needs two lines. The first keeps two running means for each parameter,
# *m* of its slopes and *v* of their squares. The second takes the step, and divides the one by the root of the other.
# (The powers of 0.9 and 0.999 make up for both starting at 0; the tiny `1e-7` prevents a division by 0.)
#
# We give both the same slopes, those of the regression's 784 weights in each batch, and compare their first and their
# last step: once with the mean as loss, once with 32 times the mean. Of the 784 weights we look at one with a short
# step (a tenth of them have a shorter one) and one with a long step (a tenth have a longer one). Look for what the 32
# does to each rule, and for how different short and long are.

# %%


def adam(slope, m, v, t, rate=0.001):
    """Step number t = 1, 2, ... and the two means, which go into the next step."""
    m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
    return rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7), m, v


def slope_of(batch):
    dz = scratch.binary_cross_entropy(np.zeros(len(y_train[batch])), y_train[batch])[1]
    return pixels[batch].T @ dz  # with all weights at 0


rows = []
for loss, times in (("mean", 1), ("32 × mean", 32)):
    steps, m, v = [], 0.0, 0.0
    for t, batch in enumerate(batches, start=1):
        step, m, v = adam(times * slope_of(batch), m, v, t)
        steps.append(step)
    plain = [rate * times * slope_of(batch) for batch in batches]
    for name, taken in (("plain, rate 0.1", plain), ("Adam, rate 0.001", steps)):
        row = {"loss": loss, "rule": name}
        for when, step in (("first", taken[0]), ("last", taken[-1])):
            short, long = np.percentile(np.abs(step), (10, 90))
            row |= {f"{when}, short": f"{short:.5f}", f"{when}, long": f"{long:.5f}"}
        rows.append(row)
print(pd.DataFrame(rows).to_string(index=False))

# %% [markdown]
# The plain steps are as different as the slopes, and 32 times as long with 32 times the loss. Adam's first step is
# 0.001, the rate, for the short and the long one alike, and the 32 has no effect: the size of the slope is divided out.
# (So exercise 4 is about plain descent only.) Adam's last steps are shorter: where the sign of the slope changes from
# batch to batch, *m* is a mean of pluses and minuses, while *v* has no minuses. Is this really what Keras does? We give
# its Adam the same slopes:

# %%
weights = tf.Variable(np.zeros(784, "float32"))
optimizer = keras.optimizers.Adam(0.001)
for batch in batches:
    optimizer.apply_gradients([(tf.constant(32 * slope_of(batch), "float32"), weights)])
off = largest_difference(weights.numpy(), -np.sum(steps, axis=0))
print(
    f"\nlargest difference from Keras' own Adam after {len(batches)} steps: {off:.0e}"
)
assert off < 1e-6

# %% [markdown]
# It is. So much for the optimizer; the next two sections are about the loss again.
#
# ## 8 Probabilities passed on as logits
#
# Somebody builds a network for $K = 8$ kinds of blood cells. It ends in a softmax, so that probabilities come out. The
# loss was copied from a network that ends in logits. There is no error, and the network learns something.
#
# ### Exercise 5: what is wrong here?
#
# The loss takes the probabilities for logits and puts them through *another* softmax. So what is the **lowest loss**
# that such a network can reach, if it is right every time and gives the true class the full probability of 1? Write it
# as a function of the number of classes.


# %% tags=["exercise"]
def lowest_loss(n_classes):
    # replace the dots with your own lines, ending in: return ...
    ...


check("02.lowest_loss", lowest_loss)
# hint("02.lowest_loss")


# %% tags=["solution"]
def lowest_loss(n_classes):
    # the second softmax of (1, 0, 0, …) gives the true class e / (e + K − 1)
    return np.log(np.e + n_classes - 1) - 1


check("02.lowest_loss", lowest_loss)

# %% [markdown]
# We run it: the same network twice, on generated blood cells, once with the mistake and once without. (Keras' own
# softmax layer would be recognised, with a warning. So the softmax is written out, as it might be in other libraries.)

# %% [markdown] tags=["instructor"]
# Ask before running: "Will anything complain? Will the loss fall? Which of the two will be more sure of itself?" The
# last question is the one to come back to after the table. The point to make: a falling loss does not show that the
# loss is the right one.

# %% tags=["gpu"]
import time

from course_utils import fit, make_phantom

blood = make_phantom("bloodmnist", counts={"train": 400, "val": 8, "test": 400})


def own_softmax(z):
    e = keras.ops.exp(z - keras.ops.max(z, axis=-1, keepdims=True))
    return e / keras.ops.sum(e, axis=-1, keepdims=True)


def blood_network(last):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.layers.Input((28, 28, 3)),
            keras.layers.Rescaling(1 / 127.5, offset=-1.0),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation=last, dtype="float32"),
        ]
    )


courses, p_blood = {}, {}
for name, last in (("logits", None), ("softmax, taken for logits", own_softmax)):
    network = blood_network(last)
    network.compile(optimizer=keras.optimizers.Adam(0.002), loss=by_number)
    courses[name] = fit(network, (blood.train.images, blood.train.labels), epochs=15)[
        "loss"
    ]
    out = network.predict(blood.test.images, verbose=0)
    p_blood[name] = out if last else scratch.softmax(out)

fig, ax = plots.figure(6.0, 3.2)
for (name, losses), (colour, style) in zip(courses.items(), plots.STYLES, strict=False):
    ax.plot(
        range(1, len(losses) + 1), losses, color=colour, linestyle=style, label=name
    )
floor = -np.log(np.e / (np.e + 7))
ax.axhline(floor, color="gray", linewidth=0.8, linestyle=":")
ax.text(
    len(losses),
    floor - 0.02,
    f"lowest possible with the mistake: {floor:.2f}",
    ha="right",
    va="top",
    fontsize=8,
)
ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
ax.set_title("With one softmax too many, the loss has a floor", fontsize=10)
ax.legend(frameon=False, fontsize=8)
show(
    fig,
    "Training loss against epoch: with logits it falls steadily and far below the other, which stays above the dotted "
    "line of its lowest possible value.",
    source="phantom",
)

# %%
show_results(
    [
        {
            "the loss was given": name,
            "accuracy (95 % interval)": evaluate(blood.test.labels, p, "multi-class")[
                "acc"
            ],
            "mean confidence": f"{p.max(axis=1).mean():.0%}",
        }
        for name, p in p_blood.items()
    ],
    source="phantom",
    caption="Eight kinds of blood cells, 400 test images, 15 epochs, seed 0",
)
right = {
    name: (p.argmax(axis=1) == blood.test.labels) * 1.0 for name, p in p_blood.items()
}
lead = right["logits"] - right["softmax, taken for logits"]
print("accuracy with logits minus accuracy with the mistake:", with_interval(lead))

# %% [markdown]
# Nothing complains, and the loss falls. But it falls slowly, and it can never pass the dotted line. The table shows the
# rest: fewer right answers (the interval of the difference is clear of 0), given with more confidence. Ask of every
# loss: **what does it expect, logits or probabilities?** And know its value for somebody who knows nothing (log 8 =
# 2.08 here) and its lowest possible value.
#
# ## 9 When the finding is rare
#
# Most diseases are rare, and a mean over all patients is then mostly a mean over the healthy. We make a rare finding:
# in a generated set of blood cells, 6 of 100 are *immature granulocytes* (young cells that do not belong in the blood),
# and the others are of the seven other kinds.

# %%
cells = make_phantom("bloodmnist", counts={"train": 1500, "val": 1000, "test": 1500})
immature = next(k for k, name in enumerate(cells.class_names) if "immature" in name)


def with_rare_finding(split, n, share=0.06):
    """n images of which `share` show the finding, and their labels."""
    y = (split.labels == immature).astype(int)
    sick, healthy = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    chosen = np.concatenate([sick[: round(share * n)], healthy[: n - round(share * n)]])
    return split.images[chosen], y[chosen]


x_rare, y_rare = with_rare_finding(cells.train, 1200)
x_rare_val, y_rare_val = with_rare_finding(cells.val, 800)
x_rare_test, y_rare_test = with_rare_finding(cells.test, 1200)
for name, y in (("train", y_rare), ("test", y_rare_test)):
    print(f"{name}: {len(y)} cells, {y.sum()} of them immature")
print(f"Always saying no: accuracy {1 - y_rare_test.mean():.0%}, sensitivity 0 %.")

# %% [markdown]
# Three losses are to be compared.
#
# **Plain** cross-entropy.
#
# **Class weights:** the cost of each case is multiplied by a weight of its class, so that both classes count the same
# in all.
#
# **Focal loss** (Lin et al. 2017): the cost of each case is multiplied by $(1 - p_t)^2$, where $p_t$ is what the truth
# was given. Easy cases, and with a rare finding most are easy, then cost next to nothing.
#
# ### Exercise 6: class weights
#
# `labels` holds the class numbers 0 … K − 1 of the training cases, in any order; each class has at least one case.
# Return an array of the K weights, class 0 first, such that every class has the same weight in all (number of cases
# times weight), and the mean weight over all *cases* is 1.


# %% tags=["exercise"]
def class_weights(labels):
    # replace the dots with your own lines, ending in: return ...
    ...


check("02.class_weights", class_weights)
# hint("02.class_weights")


# %% tags=["solution"]
def class_weights(labels):
    counts = np.bincount(labels)
    return len(labels) / (len(counts) * counts)


check("02.class_weights", class_weights)

# %% [markdown]
# Before you run the next two cells, guess: what will weights do to the sensitivity (share of the immature cells that
# are found), to the specificity (share of the others left in peace), to the PPV (share of the alarms that are right),
# to the AUC? All three networks start from the same weights, and say "immature" where p is at least 0.5.

# %% [markdown] tags=["instructor"]
# Four arrows on paper, one each for sensitivity, specificity, PPV and AUC: up, down or the same with class weights?
# Collect them on the board before the cell is run. Expect agreement about the first two. Wait with the AUC until the
# five seeds below; they carry two points: moving the line is not seeing better, and one training is no verdict.

# %% tags=["gpu"]


def rare_network(loss, class_weight=None, seed=0):
    keras.utils.set_random_seed(seed)
    network = keras.Sequential(
        [
            keras.layers.Input((28, 28, 3)),
            keras.layers.Rescaling(1 / 127.5, offset=-1.0),
            keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1, dtype="float32"),
        ]
    )
    network.compile(optimizer=keras.optimizers.Adam(0.005), loss=loss)
    fit(
        network,
        (x_rare, y_rare[:, None]),
        epochs=10,
        batch_size=64,
        class_weight=class_weight,
        seed=seed,
    )
    return network


counts = np.bincount(y_rare)
# Exercise 6, as the dict that `fit` wants:
weights = {k: len(y_rare) / (2 * counts[k]) for k in (0, 1)}
print("weights:", {k: round(float(w), 2) for k, w in weights.items()})
rare_networks = {
    "plain": rare_network(two_class),
    "class weights": rare_network(two_class, weights),
    "focal loss": rare_network(
        keras.losses.BinaryFocalCrossentropy(gamma=2.0, from_logits=True)
    ),
}
p_rare = {
    name: probabilities(network, x_rare_test) for name, network in rare_networks.items()
}

# %%
from course_utils import binary_report, choose_threshold


def rare_row(name, p, threshold):
    report = binary_report(y_rare_test, p, threshold)
    return {
        "loss": name,
        "threshold": f"{threshold:.2f}",
        "sensitivity": report["sensitivity"],
        "specificity": report["specificity"],
        "PPV": report["ppv"],
        "AUC (95 % interval)": evaluate(y_rare_test, p, "binary-class")["auc"],
        "cross-entropy": f"{cost(p, y_rare_test).mean():.3f}",
    }


show_results(
    [rare_row(name, p, 0.5) for name, p in p_rare.items()],
    source="phantom",
    caption=f"A finding in 6 of 100 cells, {len(y_rare_test)} test images, seed 0",
)


def alarms(p, threshold):
    found, false = ((p >= threshold) & (y_rare_test == truth) for truth in (1, 0))
    return (
        f"finds {found.sum()} of {y_rare_test.sum()}, with {false.sum()} false alarms"
    )


for name, p in p_rare.items():
    print(f"{name:14} {alarms(p, 0.5)}")

# %% [markdown]
# With the plain loss the network hardly ever says yes. That is no fault of the loss: where 6 in 100 are positive, a
# probability above 0.5 is rarely justified. Class weights make it say yes far more often: many more are found, many
# more false alarms are raised. The focal loss finds a few more than the plain one.
#
# Look at the AUCs. Is the weighted network better or worse at *telling the cells apart*, or has only the line moved? An
# interval of the difference tells how much the luck of the test images matters. There is luck in the training, too:
# other starting weights, another order of the cases. So we train both networks from four more seeds. Before you run it:
# in the table above, seed 0, the AUC with weights is the lower one. Would you conclude that weights spoil the order?

# %%
gains = []
for seed in range(5):
    p = {"plain": p_rare["plain"], "class weights": p_rare["class weights"]}
    if seed:
        p["plain"] = probabilities(rare_network(two_class, seed=seed), x_rare_test)
        p["class weights"] = probabilities(
            rare_network(two_class, weights, seed), x_rare_test
        )
    gain = auc_difference(y_rare_test, p["class weights"], p["plain"], "binary-class")
    print(f"AUC with weights minus plain, seed {seed}: {gain}")
    gains.append(gain.value)
reach = 2.776 * np.std(gains, ddof=1) / np.sqrt(5)  # 2.776: Student's t for five values
mean = np.mean(gains)
print(f"mean of five seeds: {mean:.3f} ({mean - reach:.3f} to {mean + reach:.3f})")
focal = auc_difference(
    y_rare_test, p_rare["focal loss"], p_rare["plain"], "binary-class"
)
print(f"\nAUC with the focal loss minus plain, seed 0: {focal}")

# %% [markdown]
# From seed 0 alone one would have concluded it: the interval of the difference is clear of 0. But the seeds contradict
# each other. With some, the weighted network is worse at telling the cells apart; with others it is not, or is better.
# Nothing is wrong with those intervals: each is about *two trained networks*, and tells which of these two would do
# better on other images. Which *loss* is better is another question. Only the line with the mean speaks about it: its
# interval is made from the differences between trainings, and 0 lies inside. So nothing here says that weights make a
# network see better, or worse. And the focal loss, seed 0, is clearly behind; after what we have just seen, that is one
# training and no verdict on the loss.
#
# If only the line was to be moved, we can move it ourselves. We keep the networks as they are, and choose a threshold
# for each on the validation images.

# %%
thresholds = {
    name: choose_threshold(
        y_rare_val, probabilities(network, x_rare_val), sensitivity=0.8
    )
    for name, network in rare_networks.items()
}
show_results(
    [rare_row(name, p, thresholds[name]) for name, p in p_rare.items()],
    source="phantom",
    caption="The same networks, thresholds set on validation images for a sensitivity of 80 %",
)
print("plain, threshold 0.5:          ", alarms(p_rare["plain"], 0.5))
print("plain, threshold of its own:   ", alarms(p_rare["plain"], thresholds["plain"]))
print("class weights, threshold 0.5:  ", alarms(p_rare["class weights"], 0.5))

# %% [markdown]
# With a threshold of its own, the plain network finds most of the immature cells, too, without a new training. (It
# may miss the 80 % that were asked for: 48 immature cells are few to set a threshold with.) Weights move the line
# during training; a threshold moves it after, can be changed for every use, and leaves the probabilities as they are.
# With weights, and with the focal loss, you pay with those. Here is what they cost beside somebody who gives every cell
# the training share: minus is better than that.

# %%
print(f"share of immature cells in the test images: {y_rare_test.mean():.1%}\n")
always = cost(y_rare.mean(), y_rare_test)
for name, p in p_rare.items():
    worse = with_interval(cost(p, y_rare_test) - always)
    print(
        f"{name:14} mean probability {p.mean():5.1%}; cross-entropy minus that of the share {worse}"
    )

# %% [markdown]
# The plain network's probabilities are better than the share for everybody, and their mean is near the true share. The
# weighted network puts the cells in a good order (its AUC says so), and yet its probabilities are *worse than none*: on
# average they are several times too high. Those of the focal loss are too high, too, and are not better than none. So
# after training with weights or with the focal loss, don't read the output as a probability. (Weights are still useful:
# when a network will not learn at all because nearly everything is healthy, or when a program allows no other threshold
# than 0.5.)
#
# ## 10 Where it breaks
#
# **Wrong labels.** Cross-entropy believes every label. When one of a hundred is wrong and the model is very sure of
# all, that one label makes up most of the loss, and training will bend the model to please it.

# %%
for says_truth in (0.9, 0.99, 0.999):
    costs = np.full(100, -np.log(says_truth))
    costs[0] = -np.log(1 - says_truth)  # its label is wrong
    part = costs[0] / costs.sum()
    print(
        f"model sure to {says_truth:.1%}: the wrong label makes up {part:.0%} of the loss"
    )

# %% [markdown]
# In medicine labels *are* wrong now and then: readers differ, reports are parsed by programs. A common remedy is *label
# smoothing*: ask for 0.95 rather than 1. Then being too sure does not pay.
#
# **A low loss is not a good model.** The loss is a mean over the cases you have. It says nothing about other patients,
# and a rare group can be served badly without moving it. That is what the test set, intervals and the next chapters are
# for.
#
# ## Quiz

# %% tags=["quiz"]
quiz("02")

# %% tags=["answers"]
quiz("02", "???????")

# %% tags=["progress"]
progress()

# %% [markdown]
# ## What to remember
#
# - Cross-entropy is minus the mean logarithm of the probability **given to the truth**. Knowing nothing costs log K.
# - **Sure and wrong** costs without limit, but the gradient, **p − y**, stays bounded and does not die.
# - Give losses **logits** (`from_logits=True`): no log(0), no lost slope. Never a softmax on top of a softmax.
# - Class numbers: *sparse* categorical. One-hot: categorical. Several yes-or-no findings: binary.
# - The learning rate belongs to the **mean**; with a sum, divide it.
# - `fit` is a loop that you can write in ten lines.
# - Adam divides the size of the slopes out; plain gradient descent steps as far as the slope is steep.
# - Class weights buy sensitivity with specificity. A **threshold** does, too, and leaves the probabilities alone.
# - One training tells which of two *networks* is better. For which *loss* is better, train from several seeds.
#
# Next: [03 · LSTM gates](03_lstm_gates.ipynb), networks with a memory.
#
# ## References
#
# - Goodfellow I, Bengio Y, Courville A. *Deep Learning*, chapters 5 and 6. MIT Press (2016).
#   <https://www.deeplearningbook.org>
# - Bishop CM. *Pattern Recognition and Machine Learning*, chapter 4. Springer (2006).
# - Lin T-Y, et al. Focal loss for dense object detection. *ICCV* (2017). <https://arxiv.org/abs/1708.02002>
# - King G, Zeng L. Logistic regression in rare events data. *Political Analysis* 9, 137 (2001).
#   <https://doi.org/10.1093/oxfordjournals.pan.a004868>
# - van den Goorbergh R, et al. The harm of class imbalance corrections for risk prediction models. *JAMIA* 29, 1525
#   (2022). <https://doi.org/10.1093/jamia/ocac093>
# - Yang J, et al. MedMNIST v2. *Scientific Data* 10, 41 (2023). <https://doi.org/10.1038/s41597-022-01721-8>

# %% [raw] tags=["words"]
# - name: autodiff
#   chinese: 自动微分
#   means: 'Letting the computer work out a gradient: it notes every step of a calculation and then applies the
#     chain rule backwards.'
# - name: chain rule
#   chinese: 链式法则
#   means: The rule that the slope of a calculation done in several steps is the product of the slopes of these
#     steps.
# - name: class weight
#   chinese: 类别权重
#   means: A factor on the loss of all cases of one class (one kind of answer), mostly used so that a rare class
#     counts as much as a frequent one.
#   also: [class weights]
# - name: cross-entropy
#   chinese: 交叉熵
#   means: 'The usual loss for probabilities: the mean, over all cases, of minus the logarithm of the probability
#     that was given to the truth.'
#   also: [negative log-likelihood]
# - name: finite differences
#   chinese: 有限差分
#   means: 'Finding a slope by trial: change a number a little, see how much the result changes, and divide.'
# - name: focal loss
#   chinese: 焦点损失
#   means: A cross-entropy in which cases that the model already gets right with a high probability count far less
#     than hard ones.
# - name: gradient descent
#   chinese: 梯度下降
#   means: Making the loss smaller by many small steps against its gradient; SGD is the form that uses one batch
#     of cases at a time.
#   also: [SGD]
# - name: learning rate
#   chinese: 学习率
#   means: The factor that says how long a step training takes for a given gradient.
# - name: likelihood
#   chinese: 似然
#   means: 'The probability that a model gave to all that really happened: for cases that tell nothing about each
#     other, the product of their single probabilities.'
# - name: logarithm
#   chinese: 对数
#   means: The power to which a fixed number, here about 2.718, must be raised to give the number asked about; it
#     turns products into sums.
# - name: logit
#   chinese: 对数几率（logit）
#   means: The plain number at the end of a network, before sigmoid or softmax makes a probability of it; for a
#     yes-or-no question, the logarithm of the odds.
#   also: [logits, log odds]
# - name: NaN
#   chinese: 非数（NaN）
#   means: 'Short for not a number: what a computer writes where a value is missing or cannot be computed.'
# - name: odds
#   chinese: 比值（优势、几率）
#   means: 'The probability that something happens, divided by the probability that it does not: a probability of
#     3 in 4 means odds of 3 to 1.'
# - name: one-hot
#   chinese: 独热编码
#   means: 'A way to write down which of several answers is right: a row with a 1 in the place of the right one
#     and 0 elsewhere.'
# - name: optimizer
#   chinese: 优化器
#   means: The rule by which training changes the parameters once the gradient is known, such as Adam or plain gradient
#     descent.
# - name: softmax
#   chinese: softmax 函数（归一化指数函数）
#   means: The function that turns a row of logits, one for each possible answer, into probabilities that add up
#     to 1.
# - name: squared error
#   chinese: 平方误差
#   means: The difference between an answer and the truth, multiplied by itself.
#   also: [squared errors]
