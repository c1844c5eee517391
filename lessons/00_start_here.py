# ---
# jupyter:
#   course:
#     title: Start here
#     card: Ultrasound, seen and judged
#     tagline: Train a first network in a minute, and read its result honestly.
#     part: core
#     questions:
#       - What is all this, in 20 minutes?
#     objectives:
#       - train a neural network that sorts ultrasound images of the breast, and read how good it is
#       - say why no score is worth anything without a baseline, an interval and a test set kept apart
#       - name the six steps from an image to a diagnosis, and the chapter in which each is taught
#     needs:
#       - nothing but a little Python (variables, functions, lists)
#     minutes_reading: 20
#     minutes_exercises: 10
#     datasets: BreastMNIST
#     data: >-
#       BreastMNIST, 780 ultrasound images of the breast (MedMNIST v2, CC BY 4.0), fetched or found by itself.
#       Without it the chapter runs on generated images and says so.
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# ## A first diagnosis in five minutes
#
# Somebody may have found a lump in a breast, and an ultrasound image is made. Some images show nothing special. Most
# lumps are harmless: doctors call them *benign*. Some are cancer: *malignant*. In this chapter we let a computer look
# at such images and say which are malignant. Then we do what matters more, and find out how far to trust it.
#
# Run the cells from top to bottom: click into a cell and press **Shift + Enter**. The first one wakes up Keras, the
# library that we build networks with, which takes some ten seconds. It also looks for a GPU, a graphics processor that
# makes training faster (none is needed), and sets the *seed*, so that everything random comes out the same each time.

# %% tags=["start"]
from course_utils import check, hint, progress, quiz, setup

device = setup()

# %% [markdown] tags=["instructor"]
# **Guide to this chapter**
#
# **Goals.** At the end they have trained a network and can tell somebody else how good it is in one honest sentence:
# beside a baseline, with an interval, on images that chose nothing. The sentence matters more than the network.
#
# **Where people get stuck**
#
# - `00.majority` (A baseline first): watch for the label itself, or a count, where a share is wanted. Write the
#   labels 0, 1, 1, 1 on the board: "How many of the four does the lazy doctor get right?" 3/4. And a formula made for
#   0 and 1 fails where there are more labels: count each.
# - `00.confident_error` (Right and wrong answers): watch for looking at high p only, and for a place among the wrong
#   answers instead of among all. Draw a line from 0 to 1 with a mark at 0.5: sure means far from the mark, on either
#   side. p = 0.02 is a very sure no.
# - AUC (A baseline first): expect it to be read as the share of right answers, or of cancers found (quiz, question
#   2). Draw two patients, one malignant and one not, and ask only who has the higher score.
# - Two intervals that overlap (The test, once): expect "the higher one is better" (quiz, question 3). Look at the
#   line below the table, which has the interval of the difference.
#
# **Say**
#
# - "We are not here to build a good network today. We are here to find out how good it is."
# - "Had other patients come on those days, which of these numbers would still stand?"
# - Before the test cell: "From here on nothing may be changed. Does anybody want to change anything first?"
#
# **When late, skip** the table of pixels, exercise 2 and the quiz; they can be done at home. No later cell uses what
# an exercise asks for. Every cell still has to be run, since later ones use its variables: run, don't discuss. Keep
# the test, its table, and what the numbers do not mean.

# %% [markdown] tags=["instructor"]
# Let everybody run the first cell before you say a word: it shows at once who has a working installation. If it fails
# for one in the room, pair them up and go on; look at it in the break.

# %% [markdown]
# Now the images. They are looked for on this computer first, then on the network. If neither has them, the course
# *generates* images of the same form and marks everything made from them. The line below says which you have.

# %%
from course_utils import load_medmnist

data = load_medmnist("breastmnist")
print("Licence: ", data.licence)
print("Citation:", data.citation)

# %% [markdown]
# ## Look first
#
# The images come in three parts, each with its own use:
#
# - **train**: the network learns from these;
# - **val** (validation): we make our choices with these;
# - **test**: shown to the models once, at the very end. These stand for the patients of tomorrow. If we chose the
#   model that does best on them, its result would be too good: picked to fit, like an exam with the questions known.
#
# Each image has a *label*, the diagnosis that was made: malignant, or anything else (normal or benign). Here are six of
# each kind from the training part. Look for what tells them apart. Could you?

# %% tags=["cover"]
import numpy as np

from course_utils import plots, show

malignant = data.train.labels == data.positive  # the number of the class "malignant"
chosen = np.concatenate([np.flatnonzero(malignant)[:6], np.flatnonzero(~malignant)[:6]])
names = ["malignant" if malignant[i] else "not malignant" for i in chosen]
show(
    plots.gallery(
        data.train.images[chosen],
        names,
        title="Six malignant cases above, six others below",
    ),
    "Two rows of small grey ultrasound images. In both rows there are dark areas; those of malignant cases are often "
    "more irregular, but no single feature separates the rows.",
    source=data.source,
)

# %% [markdown]
# It is not easy. These images have only 28 × 28 = 784 points (*pixels*) each; a clinical image has hundreds of times as
# many. The dark areas of the malignant cases are often more ragged, but not always.
#
# For the computer an image is a table of numbers, from 0 (black) to 255 (white). This is the middle of the first image
# above:

# %%
print(data.train.images[chosen[0], 10:18, 10:18, 0])

# %% [markdown]
# ## A baseline first
#
# Before any network we ask: how well does somebody do who knows nothing? Such a comparison is called a **baseline**.
# First we count. We write `y` for the truth: 1 for malignant, 0 for everything else. (In the file the numbers are the
# other way round, malignant is class 0; the line below turns them.)

# %%
y_train, y_val, y_test = (
    (part.labels == data.positive).astype(int)
    for part in (data.train, data.val, data.test)
)
for name, y in (("train", y_train), ("val", y_val), ("test", y_test)):
    print(f"{name:5}  {len(y):4} images, {y.sum():3} malignant ({y.mean():.0%})")

# %% [markdown]
# ### Exercise 1: the lazy doctor
#
# The share of right answers, from 0 to 1, is called **accuracy**. Somebody who gives *everyone* the most frequent label
# is right quite often. How often? Write a function that takes an array of labels (0, 1, 2, …) and returns the accuracy
# of always giving the most frequent one. `np.bincount(labels)` counts how often each label occurs.
#
# Replace the three dots, run the cell, and the answer comes below it. If you are stuck, press *Show a hint*. (Where no
# button appears, remove the `#` before `hint` and run the cell again; each run gives one more hint.)


# %% tags=["exercise"]
def majority_accuracy(labels):
    # replace the dots with your own lines, ending in: return ...
    ...


check("00.majority", majority_accuracy)
# hint("00.majority")


# %% tags=["solution"]
def majority_accuracy(labels):
    return np.bincount(labels).max() / len(labels)


check("00.majority", majority_accuracy)

# %% [markdown]
# Here is that number for the validation images. Any accuracy must be read beside it:

# %%
lazy = max(y_val.mean(), 1 - y_val.mean())
print(
    f"Always saying 'not malignant' is right in {lazy:.0%} of the validation images,",
    "and finds no cancer at all.",
)

# %% [markdown]
# So accuracy alone can look fine and mean nothing. A model gives each image a *score*: the higher, the more suspicious.
# We need a measure that asks whether malignant cases get higher scores than the others. It is called **AUC**: take one
# malignant and one other case at random; the AUC is the probability that the malignant one has the higher score. Two
# equal scores count as half. So guessing gives 0.5, the same score for everybody gives 0.5, and perfection gives 1.
#
# The second baseline may learn, but only something simple. **Logistic regression** gives each pixel a weight, adds
# everything up, and turns the sum into a probability. It cannot know what a shape is: the same lump, moved a little to
# the side, meets entirely different weights.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils import auc


def pixels(images):
    return images.reshape(len(images), -1).astype("float32")


# StandardScaler brings all pixels to one scale; a small C keeps the weights small, which helps with few images.
regression = make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=1000))
regression.fit(pixels(data.train.images), y_train)
p_regression = regression.predict_proba(pixels(data.val.images))[:, 1]  # 1: malignant
auc_val = auc(y_val, p_regression, "binary-class")
print(f"logistic regression, AUC on the validation images: {auc_val:.3f}")

# %% [markdown]
# ## The network
#
# A **convolutional neural network** (CNN) slides small templates, called *kernels*, over the image and notes where each
# of them fits. It does that several times in a row, each time on a coarser picture. Because a template is slid over the
# whole image, a lump is a lump wherever it lies. What the templates look like is not told to the network: it is learned
# from the labels. ([Chapter 01](01_cnn_basics.ipynb) takes such a network apart.)
#
# This one is small. It has a number of *layers*, steps that an image passes through one after the other; the first
# scales the pixels from 0…255 to −1…1. The line below the cell counts them, and the numbers, or *parameters*, that the
# network has to learn.

# %%
from course_utils import build_cnn

network = build_cnn(input_shape=data.train.images.shape[1:], n_outputs=1)
print(f"{len(network.layers)} layers, {network.count_params():,} parameters")

# %% [markdown]
# **Training** means: show a few images, compare the network's answers with the labels, move all parameters a little so
# that the answers get better, and repeat. One round through all training images is an *epoch*. The number to watch is
# the **loss**: how wrong the answers are on average. It should fall. `val_loss` is the same for images that the network
# does not learn from, and that is the one we believe.
#
# One detail is worth a line: the network ends in a plain number, the *logit*: negative for "no", positive for "yes".
# The loss must be told so (`from_logits=True`). [Chapter 02](02_cross_entropy.ipynb) shows why. `Adam` is the name of
# the rule by which the parameters are moved.

# %% tags=["gpu"]
import keras

from course_utils import fit

network.compile(
    optimizer=keras.optimizers.Adam(0.001),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
)
history = fit(
    network,
    (data.train.images, y_train[:, None]),
    (data.val.images, y_val[:, None]),
    epochs=device.pick(cpu=25, gpu=50),
)

# %% [markdown]
# The curves below show loss against epoch, dashed for training and solid for validation. At first both fall. See how
# they part: the dashed line goes on falling, the solid one falls behind and wavers. More and more, the network learns
# its training images by heart. Because the solid line wavers, `fit` has kept the network of its best epoch, marked with
# a dot.

# %%
show(
    plots.learning_curves(
        {"small CNN": history},
        title="The training loss goes on falling; the validation loss falls behind",
    ),
    "Loss against epoch. Both lines fall at first; then the training loss goes on falling while the validation loss "
    "falls behind and wavers. A dot marks the best epoch.",
    source=data.source,
)

# %% [markdown]
# ## The test, once
#
# Now for the images that played no part in any choice. We ask the network for each of them. The *sigmoid*,
# 1 / (1 + e^−logit), turns its plain number into a probability between 0 and 1. Beside it we set the baselines.
#
# The numbers in brackets are the **95 % interval**. Had other patients been in the test set, the result would have come
# out differently. How differently? We imitate it: from the test images, the computer draws as many at random, some
# twice, some not at all, and computes the result again, a thousand times. (This is called the *bootstrap*.) The middle
# 95 % of those thousand results are the interval. A range made in this way holds the true value, that of endlessly many
# patients, in about 95 of 100 such studies. (Only the AUC of the lazy answer has no range: the same score for everybody
# has an AUC of 0.5, in any draw.)

# %% [markdown] tags=["instructor"]
# Stop here, before the cell is run. Let everybody write down two things: the AUC of the network on the test images,
# and how wide its 95 % interval will be with 156 of them. Compare afterwards, and stay with the width: a value
# without it says little.

# %%
from course_utils import auc_difference, evaluate, show_results


def probability(images):
    logits = network.predict(images, verbose=0)[:, 0]
    return 1 / (1 + np.exp(-logits))


p_test = probability(data.test.images)
cnn = evaluate(y_test, p_test, "binary-class")
p_linear = regression.predict_proba(pixels(data.test.images))[:, 1]
linear = evaluate(y_test, p_linear, "binary-class")
nothing = evaluate(y_test, np.zeros(len(y_test)), "binary-class")
show_results(
    [
        {
            "model": "always 'not malignant'",
            "AUC (95 % interval)": nothing["auc"],
            "accuracy": nothing["acc"],
        },
        {
            "model": "logistic regression on pixels",
            "AUC (95 % interval)": linear["auc"],
            "accuracy": linear["acc"],
        },
        {
            "model": "small CNN",
            "AUC (95 % interval)": cnn["auc"],
            "accuracy": cnn["acc"],
        },
    ],
    source=data.source,
    caption=f"BreastMNIST, test split, {len(y_test)} images",
)

# %% [markdown]
# Is the network better than the regression? Both were asked about the same images, so we look at the *difference* of
# their AUCs, and at its own interval. If 0 lies inside, these images do not decide it. If all of it lies above 0, the
# network is better, and if all of it lies below 0, the regression is.

# %%
gain = auc_difference(y_test, p_test, p_linear, "binary-class")
verdict = "0 lies inside: not decided by these images"
if gain.low > 0:
    verdict = "all of it above 0: the network is better"
elif gain.high < 0:
    verdict = "all of it below 0: the regression is better"
print(f"AUC of the network minus AUC of the regression: {gain}; {verdict}.")
found = int(((p_test >= 0.5) & (y_test == 1)).sum())
alarms = int(((p_test >= 0.5) & (y_test == 0)).sum())
print(
    f"With p of at least 0.5 as 'malignant', the network finds {found} of {y_test.sum()} cancers,",
    f"with {alarms} false alarms.",
)

# %% [markdown]
# Keep the second line in mind, too. It misses cancers, and AUC does not say how many.
#
# ## Right and wrong answers
#
# An AUC is about all cases together, and no patient is all cases. Here are test images with the truth, the network's
# answer, and how sure it was: the **confidence**, p for "malignant" and 1 − p for "not malignant". The first row shows
# some right answers, the second row the wrong ones it was most sure of.

# %% [markdown] tags=["instructor"]
# Ask for a show of hands first: "When the network is wrong, will it be unsure?" Then run this cell and the next,
# which counts. The point to make: confidence is what the network says about itself, and nobody has checked it.

# %%
answer = (p_test >= 0.5).astype(int)
confidence = np.maximum(p_test, 1 - p_test)
good = np.flatnonzero(answer == y_test)[:6]
bad = np.flatnonzero(answer != y_test)
bad = bad[np.argsort(-confidence[bad])][:6]
words = np.array(["not mal.", "malignant"])
titles = [
    f"{words[y_test[i]]}\nsays {words[answer[i]]}, {confidence[i]:.0%}"
    for i in [*good, *bad]
]
show(
    plots.gallery(
        data.test.images[[*good, *bad]],
        titles,
        wrong=range(len(good), len(good) + len(bad)),
        title="First line: the truth. Second line: the network's answer. Wrong answers are framed.",
    ),
    "Two rows of test images with truth, answer and confidence. The second row, framed, holds the wrong answers that "
    "were given with the highest confidence.",
    source=data.source,
)

# %%
wrong = answer != y_test
print(
    f"{wrong.sum()} of {len(y_test)} answers are wrong; {(confidence[wrong] > 0.9).sum()} of those"
)
print("were given with more than 90 % confidence. Being sure is not being right.")

# %% [markdown]
# ### Exercise 2: the most confident error
#
# Somebody should look at those cases first. Write a function that takes the truth `y` (0 or 1) and the probabilities
# `p` of a malignant finding, and returns the *number of the case* (its place in the array) where the network was wrong
# and most sure of itself. Its answer is 1 where `p >= 0.5`.


# %% tags=["exercise"]
def most_confident_error(y, p):
    # replace the dots with your own lines, ending in: return ...
    ...


check("00.confident_error", most_confident_error)
# hint("00.confident_error")


# %% tags=["solution"]
def most_confident_error(y, p):
    wrong = (p >= 0.5) != (y == 1)
    confidence = np.maximum(p, 1 - p)  # p = 0.02 is a very sure "no"
    return int(np.argmax(np.where(wrong, confidence, -1)))


check("00.confident_error", most_confident_error)

# %% [markdown]
# ## The six steps
#
# You have just been through all of it once. This is one test image on its way, the one with the highest score of all,
# with the numbers it really had:

# %%
case = int(np.argmax(p_test))
show(
    plots.pipeline(
        image=data.test.images[case],
        steps={
            "input": f"{data.size} × {data.size} pixels\n0 to 255",
            "preprocessing": "scaled to\n−1 to 1",
            "training": f"{len(y_train)} images\n{network.count_params():,} parameters",
            "evaluation": f"AUC {cnn['auc'].value:.2f}\n({cnn['auc'].low:.2f} to {cnn['auc'].high:.2f})",
            "use": f"this image:\np = {p_test[case]:.2f}",
            "result": "\n".join(
                f"{what} {'malignant' if yes else 'not malignant'}"
                for what, yes in (("says", answer[case]), ("truth:", y_test[case]))
            ),
        },
    ),
    "Diagram of six boxes joined by arrows: input, preprocessing, training, evaluation, use, result, each with the "
    "numbers of this chapter.",
    source=data.source,
)

# %% [markdown]
# And this is where each step is taught:
#
# | input | preprocessing | training | evaluation | use | result |
# |:---:|:---:|:---:|:---:|:---:|:---:|
# | [images: 04](04_medmnist_classification.ipynb), [records: 05](05_ehr_prediction.ipynb) | [04](04_medmnist_classification.ipynb), [05](05_ehr_prediction.ipynb) | [networks: 01](01_cnn_basics.ipynb), [loss: 02](02_cross_entropy.ipynb), [sequences: 03](03_lstm_gates.ipynb) | [04](04_medmnist_classification.ipynb) | [thresholds: 04](04_medmnist_classification.ipynb) | [what it may mean: 00](00_start_here.ipynb) |
#
#
# ## What the numbers do not mean
#
# - **Not a diagnosis.** The images were shrunk to 784 pixels; a radiologist would refuse to look at them.
# - **Not for other patients.** All images come from one collection. Another hospital, machine or population was never
#   tested.
# - **Not a probability you can act on.** Nobody has checked that of 100 cases with p = 0.9, ninety are malignant.
# - **Not better than a doctor.** No doctor took part in the comparison.
#
# ## Quiz
#
# Five questions. Run the cell, choose an answer to each, and press *Check my answers*. (Where no buttons appear, write
# your answers into the second cell, a letter for each: `"b?a??"` answers the first and the third.)

# %% [markdown] tags=["instructor"]
# Before the quiz, take the list above (Not a diagnosis, Not for other patients, ...) and let pairs add one more "not"
# from their own work. If somebody asks whether this could be used on a ward: no, and the four lines say why.

# %% tags=["quiz"]
quiz("00")

# %% tags=["answers"]
quiz("00", "?????")

# %% [markdown]
# What you have done so far, in this chapter and in the others:

# %% tags=["progress"]
progress()

# %% [markdown]
# ## What to remember
#
# - Look at the data, and count, before anything else.
# - A **baseline** comes before every network: the lazy answer and a simple model.
# - **Train** to learn, **validate** to choose, **test** once.
# - Every result has an **interval**; with 156 images it is wide. A difference has one of its own.
# - A network's confidence is not its correctness.
#
# Next: [01 · CNN basics](01_cnn_basics.ipynb), or straight to [04 · MedMNIST classification](04_medmnist_classification.ipynb).
#
# ## References
#
# - Yang J, et al. MedMNIST v2. *Scientific Data* 10, 41 (2023). <https://doi.org/10.1038/s41597-022-01721-8>
# - Al-Dhabyani W, et al. Dataset of breast ultrasound images. *Data in Brief* 28, 104863 (2020): where BreastMNIST's
#   images are from. <https://doi.org/10.1016/j.dib.2019.104863>
# - Hanley JA, McNeil BJ. The meaning and use of the area under a ROC curve. *Radiology* 143, 29 (1982).
#   <https://doi.org/10.1148/radiology.143.1.7063747>

# %% [raw] tags=["words"]
# - name: 95 % interval
#   chinese: 95% 置信区间
#   means: A range around a result, made so that in about 95 of 100 such studies it holds the true value; it shows
#     what chance may have done, not what a faulty study did.
#   also: [interval, intervals]
# - name: accuracy
#   chinese: 准确率
#   means: The share of all answers that are right, from 0 to 1.
# - name: Adam
#   chinese: Adam 优化器
#   means: A widely used rule for changing the parameters in training; each parameter gets a step length of its
#     own.
# - name: AUC
#   chinese: ROC 曲线下面积
#   means: The probability that a randomly chosen case with the finding gets a higher score than one without, where
#     equal scores count as half (0.5 is guessing, 1 is perfect); the same as the area under the ROC curve.
#   also: [AUROC]
# - name: baseline
#   chinese: 基线
#   means: A simple answer, such as always the most frequent one or a simple model, that anything more complicated
#     must beat.
# - name: benign
#   chinese: 良性
#   means: Said of a lump or growth that is not cancer and does not spread through the body.
# - name: CNN
#   chinese: 卷积神经网络
#   means: A neural network for images that looks for learned patterns everywhere in the image by convolution.
#   also: [convolutional neural network]
# - name: confidence
#   chinese: 置信度
#   means: 'How sure a model is of its answer: the probability that it gives to that answer, which may be wrong
#     all the same (it has nothing to do with a confidence interval).'
# - name: epoch
#   chinese: 训练轮次
#   means: One round of training through all the training cases.
#   also: [epochs]
# - name: GPU
#   chinese: 图形处理器
#   means: 'Graphics processing unit: a chip that does very many simple calculations at once, which makes training
#     faster.'
# - name: label
#   chinese: 标签
#   means: The answer that is recorded for a case and that a model learns from, such as the diagnosis; it may be
#     wrong.
#   also: [labels]
# - name: layer
#   chinese: 层
#   means: One of the steps of calculation that data passes through in a neural network, one after the other.
#   also: [layers]
# - name: logistic regression
#   chinese: 逻辑回归
#   means: 'A simple model: a weighted sum of the inputs plus a bias, turned into a probability by a sigmoid.'
# - name: loss
#   chinese: 损失
#   means: 'The number that training makes smaller: how wrong the answers are, mostly as a mean over the cases.'
# - name: malignant
#   chinese: 恶性
#   means: 'Said of a growth that is cancer: it can grow into its surroundings and spread through the body.'
# - name: neural network
#   chinese: 神经网络
#   means: A model made of layers of simple calculations, whose parameters are learned from examples; often just
#     called a network.
#   also: [network]
# - name: parameter
#   chinese: 参数
#   means: One of the numbers that a model learns in training; weights and biases are parameters.
#   also: [parameters]
# - name: pixel
#   chinese: 像素
#   means: One of the small points that an image consists of, stored as one number or, in colour, as three.
#   also: [pixels]
# - name: score
#   chinese: 分数（评分）
#   means: 'The number that a model or a list of points gives a case: the higher, the more suspicious; also the
#     figure that says how good a model is.'
# - name: seed
#   chinese: 随机种子
#   means: The number that random draws are started from; the same seed gives the same draws each time.
# - name: sigmoid
#   chinese: S 型函数（sigmoid）
#   means: The function, 1 divided by (1 plus e to the power of minus x), that turns any number x into one between
#     0 and 1; e is about 2.718.
# - name: test set
#   chinese: 测试集
#   means: The cases that are kept apart until everything is chosen, and with which the final result is measured
#     once.
#   also: [test images]
# - name: validation set
#   chinese: 验证集
#   means: The cases that a model does not learn from, and with which choices are made, such as the best epoch or
#     a threshold; in medical papers “validation” often means the final test on other patients.
#   also: [validation]
# - name: weight
#   chinese: 权重
#   means: A number that an input is multiplied by before everything is added up; most parameters are weights.
#   also: [weights]
