# ---
# jupyter:
#   course:
#     title: Start here
#     objectives:
#       - train a neural network that sorts ultrasound images of the breast, and read how good it is
#       - say why no score is worth anything without a baseline, an interval and a test set kept apart
#       - name the six steps from an image to a diagnosis, and the chapter in which each is taught
#     needs:
#       - nothing but a little Python (variables, functions, lists)
#     minutes: 20
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
# Somebody has found a lump in a breast and makes an ultrasound image of it. Most lumps are harmless: doctors call them
# *benign*. Some are cancer: *malignant*. In this chapter we let a computer look at such images and say which is which.
# Then we do what matters more, and find out how far to trust it.
#
# Run the cells from top to bottom: click into a cell and press **Shift + Enter**. The first one finds your computer's
# processor and wakes up Keras, the library that we build networks with. That takes some ten seconds.

# %%
from course_utils import check, hint, progress, quiz, setup

device = setup()

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
# - **test**: looked at once, at the very end. These stand for the patients of tomorrow.
#
# Each image has a *label*: the diagnosis that was made. Here are six of each kind from the training part. Look for
# what tells them apart. Could you?

# %%
import numpy as np

from course_utils import plots, show

malignant = data.train.labels == data.positive  # data.positive is the number of the class "malignant"
chosen = np.concatenate([np.flatnonzero(malignant)[:6], np.flatnonzero(~malignant)[:6]])
names = ["malignant" if malignant[i] else "not malignant" for i in chosen]
show(
    plots.gallery(data.train.images[chosen], names, title="Six malignant cases above, six others below"),
    "Two rows of small grey ultrasound images. In both rows there are dark areas; those of malignant cases are often "
    "more irregular, but no single feature separates the rows.",
    source=data.source,
)

# %% [markdown]
# It is not easy. These images have only 28 × 28 = 784 points (*pixels*) each; a clinical image has hundreds of times as
# many. The dark areas of the malignant cases are often more ragged, but not always.
#
# For the computer an image is a table of numbers, from 0 (black) to 255 (white). This is the middle of the first one:

# %%
print(data.train.images[0, 10:18, 10:18, 0])

# %% [markdown]
# ## A baseline first
#
# Before any network we ask: how well does somebody do who knows nothing? Such a comparison is called a **baseline**.
# First we count. We write `y` for the truth: 1 for malignant, 0 for everything else.

# %%
y_train, y_val, y_test = ((part.labels == data.positive).astype(int) for part in (data.train, data.val, data.test))
for name, y in (("train", y_train), ("val", y_val), ("test", y_test)):
    print(f"{name:5}  {len(y):4} images, {y.sum():3} malignant ({y.mean():.0%})")

# %% [markdown]
# ### Exercise 1: the lazy doctor
#
# The share of right answers is called **accuracy**. Somebody who gives *everyone* the most frequent label is right quite
# often. How often? Write a function that takes an array of labels (0, 1, 2, …) and returns the accuracy of always giving
# the most frequent one. `np.bincount(labels)` counts how often each label occurs.
#
# Replace the three dots, run the cell, and the last line tells you whether it is right. If you are stuck, remove the `#`
# before `hint` and run the cell again; each run gives one more hint.


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
# Here is that number for our images. Any score must be read beside it:

# %%
lazy = max(y_test.mean(), 1 - y_test.mean())
print(f"Always saying 'not malignant' is right in {lazy:.0%} of the test images, and finds no cancer at all.")

# %% [markdown]
# So accuracy alone can look fine and mean nothing. We need a better measure, one that asks whether malignant cases get
# *higher scores* than the others. It is called **AUC**: take one malignant and one other case at random; the AUC is the
# probability that the malignant one has the higher score. Guessing gives 0.5, perfection 1.
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


regression = make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=1000))
regression.fit(pixels(data.train.images), y_train)
p_regression = regression.predict_proba(pixels(data.val.images))[:, 1]
print(f"logistic regression, AUC on the validation images: {auc(y_val, p_regression, 'binary-class'):.3f}")

# %% [markdown]
# ## The network
#
# A **convolutional neural network** (CNN) slides small templates, called *kernels*, over the image and notes where each
# of them fits. It does that several times in a row, each time on a coarser picture. Because a template is slid over the
# whole image, a lump is a lump wherever it lies. What the templates look like is not told to the network: it is learned
# from the labels. ([Chapter 01](01_cnn_basics.ipynb) takes such a network apart.)
#
# This one is small. Its last line counts the numbers, or *parameters*, that it has to learn.

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
# One detail is worth a line: the network ends in a plain number, the *logit*, and the loss must be told so
# (`from_logits=True`). [Chapter 02](02_cross_entropy.ipynb) shows why.

# %% tags=["gpu"]
import keras

from course_utils import fit

network.compile(optimizer=keras.optimizers.Adam(0.001), loss=keras.losses.BinaryCrossentropy(from_logits=True))
history = fit(
    network,
    (data.train.images, y_train[:, None]),
    (data.val.images, y_val[:, None]),
    epochs=device.pick(cpu=25, gpu=50),
)

# %% [markdown]
# The curves below show loss against epoch. See where the red line (validation) stops falling while the blue one
# (training) goes on: from there the network learns its training images by heart. `fit` has kept the best epoch, marked
# with a dot.

# %%
show(
    plots.learning_curves({"small CNN": history}, title="Training goes on improving; validation stops"),
    "Loss against epoch. The training loss falls throughout; the validation loss falls, then wavers or rises. A dot "
    "marks the best epoch.",
    source=data.source,
)

# %% [markdown]
# ## The test, once
#
# Now for the images that nothing has been chosen with. We ask the network for a probability for each, and set its score
# beside the baselines. The numbers in brackets are the **95 % interval**: had other patients been in the test set, the
# score would have come out differently, and this is the range to reckon with.

# %%
from course_utils import evaluate, show_results


def probability(images):
    logits = network.predict(images, verbose=0)[:, 0]
    return 1 / (1 + np.exp(-logits))


p_test = probability(data.test.images)
cnn = evaluate(y_test, p_test, "binary-class")
linear = evaluate(y_test, regression.predict_proba(pixels(data.test.images))[:, 1], "binary-class")
nothing = evaluate(y_test, np.zeros(len(y_test)), "binary-class")
show_results(
    [
        {"model": "always 'not malignant'", "AUC (95 % interval)": nothing["auc"], "accuracy": nothing["acc"]},
        {"model": "logistic regression on pixels", "AUC (95 % interval)": linear["auc"], "accuracy": linear["acc"]},
        {"model": "small CNN", "AUC (95 % interval)": cnn["auc"], "accuracy": cnn["acc"]},
    ],
    source=data.source,
    caption=f"BreastMNIST, test split, {len(y_test)} images",
)

# %%
gain = cnn["auc"].value - linear["auc"].value
width = cnn["auc"].high - cnn["auc"].low
print(f"The network's AUC is {gain:+.3f} against logistic regression, and its own interval is {width:.3f} wide.")

# %% [markdown]
# Read it in this order. How far is each model above guessing (0.5)? How far is the network above the regression? And is
# that more than the intervals leave open? With so few test images, differences of a few hundredths decide nothing.
#
# ## Right and wrong answers
#
# A score is an average, and no patient is an average. Here are test cases with the truth, the network's answer, and how
# sure it was: the **confidence**. The first row shows some right answers, the second row the wrong ones it was most
# sure of.

# %%
answer = (p_test >= 0.5).astype(int)
confidence = np.maximum(p_test, 1 - p_test)
right = np.flatnonzero(answer == y_test)[:6]
wrong = np.flatnonzero(answer != y_test)
wrong = wrong[np.argsort(-confidence[wrong])][:6]
words = np.array(["not mal.", "malignant"])
titles = [f"{words[y_test[i]]}\nsays {words[answer[i]]}, {confidence[i]:.0%}" for i in [*right, *wrong]]
show(
    plots.gallery(
        data.test.images[[*right, *wrong]],
        titles,
        wrong=range(len(right), len(right) + len(wrong)),
        title="The truth above, the network's answer below it; wrong answers are framed",
    ),
    "Two rows of test images with truth, answer and confidence. The second row, framed in red, holds wrong answers of "
    "high confidence.",
    source=data.source,
)

# %%
print(
    f"{(answer != y_test).sum()} of {len(y_test)} answers are wrong; {(confidence[answer != y_test] > 0.9).sum()} of those"
)
print("were given with more than 90 % confidence. Being sure is not being right.")

# %% [markdown]
# ### Exercise 2: the most confident error
#
# Somebody should look at those cases first. Write a function that takes the truth `y` (0 or 1) and the probabilities `p`
# of a malignant finding, and returns the *number of the case* (its place in the array) where the network was wrong and
# most sure of itself. Its answer is 1 where `p >= 0.5`.


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
# You have just been through all of it once. This is one test image on its way, with the numbers it really had:

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
            "result": f"says malignant;\ntruth: {words[y_test[case]].replace('mal.', 'malignant')}",
        },
    ),
    "Diagram of six boxes joined by arrows: input, preprocessing, training, evaluation, use, result, each with the "
    "numbers of this chapter.",
    source=data.source,
)

# %% [markdown]
# And this is where each step is taught:
#
# | input | → | preprocessing | → | training | → | evaluation | → | use | → | result |
# |:---:|:---:|:---:|:---:|:---:|:---:|:---:|:---:|:---:|:---:|:---:|
# | [images: 04](04_medmnist_classification.ipynb), [records: 05](05_ehr_prediction.ipynb) | → | [04](04_medmnist_classification.ipynb), [05](05_ehr_prediction.ipynb) | → | [networks: 01](01_cnn_basics.ipynb), [loss: 02](02_cross_entropy.ipynb), [sequences: 03](03_lstm_gates.ipynb) | → | [04](04_medmnist_classification.ipynb) | → | [thresholds: 04](04_medmnist_classification.ipynb) | → | [what it may mean: 00](00_start_here.ipynb) |
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
# Five questions. Run the cell to read them, then write your answers into the second one, a letter for each: `"b?a??"`
# answers the first and the third.

# %%
quiz("00")

# %%
quiz("00", "?????")

# %% [markdown]
# What you have done so far, in this chapter and in the others:

# %%
progress()

# %% [markdown]
# ## What to remember
#
# - Look at the data, and count, before anything else.
# - A **baseline** comes before every network: the lazy answer and a simple model.
# - **Train** to learn, **validate** to choose, **test** once.
# - Every score has an **interval**; with 156 images it is wide.
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
