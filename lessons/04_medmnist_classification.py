# ---
# jupyter:
#   course:
#     title: MedMNIST classification
#     card: An honest test figure
#     tagline: Go from download to an honest test figure, choose thresholds, see where it breaks.
#     part: core
#     questions:
#       - How do I get from a data set to a test figure that I may publish?
#       - My network overfits. What helps?
#       - Which threshold, for screening and for confirming?
#     objectives:
#       - take a set of medical images from download to an honest test figure, in the order that keeps it honest
#       - recognise overfitting in two curves, and treat it with augmentation, dropout, weight decay and early stopping
#       - choose a threshold for a screening and for a confirmatory use, and say what it costs
#       - report sensitivity, specificity, PPV, NPV, F1, ROC and precision-recall curves with their intervals
#       - pick the last layer and the loss for binary, multi-class, multi-label and ordinal tasks
#     needs:
#       - "[chapter 00](00_start_here.ipynb)"
#       - the words convolution, pooling and loss ([01](01_cnn_basics.ipynb), [02](02_cross_entropy.ipynb)) help, but each is recalled in a sentence
#     minutes_reading: 75
#     minutes_exercises: 35
#     datasets: BreastMNIST, or any 2D MedMNIST set
#     data: >-
#       BreastMNIST, 780 ultrasound images of the breast (MedMNIST v2, CC BY 4.0); every other 2D set of MedMNIST by
#       changing one line. Without the file the chapter runs on generated images and says so.
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
# **Goals.** At the end they can take a set of images to a test figure that stands up to questions: who was on which
# side of the split, what was chosen on which data, what happens at the threshold, and to whom.
#
# **Where people get stuck**
#
# - `04.patient_split` (section 3): watch for images being drawn instead of patients, and for the patients with the
#   lowest numbers being taken. Put names on six cards, two of each; deal *people*, not cards.
# - `04.head` (section 6): watch for a softmax on several findings, and for `"binary-class" in task`, which catches
#   the multi-label tasks as well. Ask: "May two of these be true of one image?"
# - `04.rates` (section 10): watch for PPV in place of sensitivity. Draw the four fields as section 12 does, with the truth as
#   the two rows: sensitivity and specificity are read along a row, PPV and NPV down a column.
# - `04.threshold` (section 10): watch for the scores of everybody, for rounding down, for "above" instead of "at
#   least", and for equal scores counted once. Write the scores of five sick people in order and count from the top.
# - `04.ppv` (section 12): watch for the sensitivity being returned, and for the prevalence being forgotten. Draw a
#   tree for 1,000 people: so many sick, so many healthy, so many alarms on each side.
# - `04.resample` (section 11): watch for a permutation. Names from a hat, and each goes back in before the next is
#   drawn.
#
# **Say**
#
# - "Which data chose this?" Ask it of every number: the split, C, the threshold, the recipe.
# - "A threshold is not mathematics. Who pays for a missed case here, and who for a false alarm?"
# - "What would have to be true of the next hospital for this figure to hold there?"
#
# **When late, skip** the reading of sections 4, 6, 7, 14 and 15, and exercises 2, 3 and 6. No later cell uses what an
# exercise asks for; every cell must still be run, since later ones need the network and the thresholds: run, don't
# discuss. Start the training in section 9 while you speak: of all cells it takes the longest. Keep sections 3 and 10
# to 13.

# %% [markdown]
# ## 1 Load
#
# **MedMNIST** is a collection of small medical images in one common form: X-rays, ultrasound, blood cells, tissue. Twelve
# of its sets have flat (2D) images. Changing the name in the next cell is all it takes to run this whole chapter on
# another one: `"pneumoniamnist"`, `"bloodmnist"`, `"dermamnist"`, …
#
# Before data is used, two questions: **may we** (the licence), and **whose work** is it (the citation)?

# %%
from course_utils import load_medmnist

data = load_medmnist("breastmnist")
print("Licence: ", data.licence)
print("Citation:", data.citation)
print("Classes: ", dict(enumerate(data.class_names)))

# %% [markdown]
# Look at the numbers of the classes. In BreastMNIST **0 is malignant and 1 is everything else**. Most programs treat 1 as
# the disease; with this set they would report how well *harmless* cases are recognised and call it sensitivity. So we
# say at once which class we ask about. (It makes no difference to AUC and accuracy of a yes-or-no task. To sensitivity,
# specificity and all that follows from them it does.)

# %%
import numpy as np

finding = data.positive if data.positive is not None else 0


def has_finding(labels):
    """1 where the finding we ask about is there, 0 elsewhere."""
    return (labels[:, finding] if labels.ndim == 2 else labels == finding).astype(int)


print("The finding we ask about:", data.class_names[finding])

# %% [markdown] tags=["instructor"]
# The reversed label is worth five minutes. Ask the room what would go wrong, and when anybody would notice. No error
# is raised, and AUC and accuracy come out the same for either class; the sensitivity would be that of the harmless
# cases.

# %% [markdown]
# ## 2 Look and count
#
# First the images, the finding above and the others below. Look for what you would go by.

# %%
from course_utils import plots, show

there = has_finding(data.train.labels) == 1
chosen = np.concatenate([np.flatnonzero(there)[:6], np.flatnonzero(~there)[:6]])
show(
    plots.gallery(
        data.train.images[chosen],
        ["with finding" if there[i] else "without" for i in chosen],
        title=f"{data.class_names[finding]}: with (above) and without (below)",
    ),
    f"Two rows of six training images: with the finding {data.class_names[finding]} above, without it below.",
    source=data.source,
)

# %% [markdown]
# Then the counts. A rare class means two things: accuracy flatters, and few cases make wide intervals.

# %%
import pandas as pd

parts = {"train": data.train, "val": data.val, "test": data.test}


def count(labels):
    return (
        labels.sum(axis=0)
        if labels.ndim == 2
        else np.bincount(labels, minlength=len(data.class_names))
    )


pd.DataFrame(
    {name: count(part.labels) for name, part in parts.items()}, index=data.class_names
)

# %% [markdown]
# ## 3 Split, by patient
#
# The set comes with its split: **train** to learn, **val** to choose, **test** to report. Had it not, we would have to
# split it ourselves, and one mistake there is so common that we commit it once, on purpose.
#
# Often a patient has several images. Take 150 images as 150 patients, and make six slightly different copies of each:
# moved by a pixel, with some noise, as if the probe had been put down again. Now **toss a coin** for each patient and
# call heads a disease. There is nothing to learn: a coin does not show on an ultrasound.
#
# We let a very simple model loose on it, which gives each image the label of the most similar images it knows
# (*nearest neighbours*). Its **AUC** is the probability that a case with the "disease" gets a higher score than one
# without (equal scores count half); for a coin, an honest AUC is 0.5. We split first by image, then by patient; coins
# vary, so we repeat both 20 times.

# %% [markdown] tags=["instructor"]
# A bet before this cell: "The labels are tosses of a coin. What AUC will the split by image give, and what the split
# by patient?" "0.5 twice" has a point: where could anything come from? The answer is the sentence to take
# home: the model has recognised the *patients*.

# %%
from sklearn.neighbors import KNeighborsClassifier

from course_utils import auc

rng = np.random.default_rng(0)
patient = np.repeat(np.arange(150), 6)


def copy_with_changes(image):
    moved = np.roll(image, rng.integers(-1, 2, 2), axis=(0, 1))
    return (moved + rng.normal(0, 5, image.shape)).ravel()


copies = np.stack([copy_with_changes(data.train.images[p]) for p in patient])


def auc_of_neighbours(coin, in_validation):
    model = KNeighborsClassifier(3).fit(copies[~in_validation], coin[~in_validation])
    return auc(
        coin[in_validation],
        model.predict_proba(copies[in_validation])[:, 1],
        "binary-class",
    )


by_image, by_patient = [], []
for _ in range(20):
    coin = rng.integers(0, 2, 150)[patient]  # the same for all images of a patient
    by_image.append(auc_of_neighbours(coin, rng.random(len(patient)) < 0.3))
    by_patient.append(
        auc_of_neighbours(coin, np.isin(patient, rng.permutation(150)[:45]))
    )
for name, values in (("by image", by_image), ("by patient", by_patient)):
    low, high = min(values), max(values)
    print(
        f"split {name:10}: AUC {np.mean(values):.2f} on average, {low:.2f} to {high:.2f}"
    )

# %% [markdown]
# Split by image, the model seems to do well, at predicting a coin. It has recognised the *patients*. Split by patient, it
# scatters around 0.5, where it belongs. A test figure is about new patients only if no patient is on both sides.
#
# ### Exercise 1: split by patient
#
# Write the split that was used above. `patient` holds the patient's number for each image. Return an array of `True`
# (validation) and `False` (training), one for each image, such that about the share `share` of the *patients* is in
# validation and nobody is on both sides. Draw with `rng`, so that each patient has the same chance, whatever the
# number and the place in the list.


# %% tags=["exercise"]
def split_by_patient(patient, share, rng):
    # replace the dots with your own lines, ending in: return ...
    ...


check("04.patient_split", split_by_patient)
# hint("04.patient_split")


# %% tags=["solution"]
def split_by_patient(patient, share, rng):
    people = rng.permutation(np.unique(patient))
    return np.isin(patient, people[: round(share * len(people))])


check("04.patient_split", split_by_patient)

# %% [markdown]
# ## 4 Prepare
#
# Networks learn best from numbers of size about one; our images go from 0 to 255. So we rescale, *once*. Here is a piece
# of code as it is found in more than one published notebook.


# %%
def prepare_as_found(images):
    images = images.astype("float32") / 255  # to the range 0 to 1
    images = images / 255  # normalise
    return images


before, after = data.train.images, prepare_as_found(data.train.images)
print(
    f"before: {before.min()} to {before.max()}     after: {after.min():.4f} to {after.max():.4f}"
)

# %% [markdown]
# No error and no warning. But white is now 0.004, and all images look nearly black.
#
# ### Exercise 2: what is wrong here?
#
# Mend it: return the images as `float32` from 0 to 1.


# %% tags=["exercise"]
def prepare(images):
    # replace the dots with your own lines, ending in: return ...
    ...


check("04.prepare", prepare)
# hint("04.prepare")


# %% tags=["solution"]
def prepare(images):
    return images.astype("float32") / 255


check("04.prepare", prepare)

# %% [markdown]
# Our own networks do it inside, in a layer called `Rescaling` (to −1 … 1, which serves as well). It is saved with the
# network, so a later user passes images as they are and need not know.
#
# **Augmentation** is preparation of another kind, for training images only: each time an image is shown, it is moved or
# mirrored a little. A lump stays a lump, and the network meets 546 images as if they were thousands. But not every change
# is harmless: mirror an abdomen, and a left kidney becomes a right one with the wrong label. (The figure
# mirrors whatever set you load; the recipe of section 7 knows the three sets where that would be wrong.)

# %%
import keras
from keras import layers

shaken = keras.Sequential(
    [
        layers.RandomFlip("horizontal", seed=0),
        layers.RandomTranslation(
            0.04, 0.04, fill_mode="reflect", interpolation="nearest", seed=0
        ),
    ]
)
original = data.train.images[:1]
five = np.repeat(original, 5, axis=0).astype("float32")
met = keras.ops.convert_to_numpy(shaken(five, training=True)).astype("uint8")
show(
    plots.gallery(
        np.concatenate([original, met]),
        ["original", *(f"epoch {k}" for k in range(1, 6))],
        title="One training image, and what a network might meet in its place",
    ),
    "A training image, then five augmented copies of it: each is moved by at most one pixel, and it may be mirrored.",
    source=data.source,
)

# %% [markdown]
# ## 5 Baselines
#
# What must a network beat? First the **majority**: everybody gets the same answer, the shares of the classes in
# training. Then **logistic regression** on the pixels: each pixel gets a weight, and the weighted sum becomes a
# probability. It has one knob, `C` (small means: weights must stay small), and we choose it as we choose everything, on
# validation data. The grid is wide enough if the best value does not lie at its end.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# 2,000 images are enough for so simple a model.
some = np.random.default_rng(0).permutation(len(data.train.labels))[:2000]


def pixels(images):
    return images.reshape(len(images), -1) / 255


def regression_with(C):
    model = OneVsRestClassifier(LogisticRegression(C=C, max_iter=2000))
    return make_pipeline(StandardScaler(), model).fit(
        pixels(data.train.images[some]), data.train.labels[some]
    )


def regression_scores(model, images):
    p = model.predict_proba(pixels(images))
    return p[:, 1] if data.task == "binary-class" else p


models = {C: regression_with(C) for C in (0.0001, 0.01, 1, 100, 10_000)}
val_auc = {
    C: auc(data.val.labels, regression_scores(m, data.val.images), data.task)
    for C, m in models.items()
}
best_C = max(val_auc, key=val_auc.get)
regression = models[best_C]
print("AUC on the validation images:")
print({C: round(value, 3) for C, value in val_auc.items()})
at_end = best_C in (min(val_auc), max(val_auc))
print(
    f"best: C = {best_C}, {'at the end of the grid: widen it' if at_end else 'inside the grid'}"
)

# %% [markdown]
# The best of five on so few images is best partly by luck. Remember its AUC here; section 11 prints it beside the one
# on the test images.
#
# ## 6 The last layer and the loss
#
# The body of a network is the same for all tasks. What differs is its end: how many numbers come out, what turns them
# into probabilities, and which loss compares them with the labels. MedMNIST has four kinds of task:
#
# | task | example | how many answers are right? |
# |---|---|---|
# | binary | malignant or not | one of two |
# | multi-class | which of 8 blood cells | exactly one of K |
# | multi-label | 14 findings in a chest image | any number of them, even none |
# | ordinal | grade 0 to 4 of retinopathy | one of K, in an order |
#
# A **sigmoid** turns one number into one probability. A **softmax** turns K numbers into K probabilities that add up to 1.
#
# The **loss** follows from that. It is the same idea each time, called *cross-entropy*: minus the logarithm of the
# probability that the network gave to what was true. Sure and right costs nothing, sure and wrong costs a lot. After
# sigmoids it is the *binary* cross-entropy, taken for each yes or no; after a softmax the *categorical* one. (Keras calls
# it *sparse* when labels are class numbers.) [Chapter 02](02_cross_entropy.ipynb) derives it.
#
# ### Exercise 3: the right end for each task
#
# Given the task and the number of classes, return how many outputs the last layer has and which of the two comes after
# it: `(1, "sigmoid")`, say. For ordinal tasks do as the MedMNIST benchmark does, and treat the grades as classes.


# %% tags=["exercise"]
def head(task, n_classes):
    """`task` is one of "binary-class", "multi-class", "multi-label, binary-class", "ordinal-regression"."""
    # replace the dots with your own lines, ending in: return ...
    ...


check("04.head", head)
# hint("04.head")


# %% tags=["solution"]
def head(task, n_classes):
    """`task` is one of "binary-class", "multi-class", "multi-label, binary-class", "ordinal-regression"."""
    if task == "binary-class":
        return 1, "sigmoid"
    if task == "multi-label, binary-class":
        return n_classes, "sigmoid"  # each finding is a yes or no of its own
    return n_classes, "softmax"  # exactly one class is right


check("04.head", head)

# %% [markdown]
# ## 7 The network
#
# Here it is, complete, for all four tasks. A *stage* is one or two 3 × 3 **convolutions** (small templates slid over the
# image), each followed by **batch normalisation** (which keeps the numbers in range) and **ReLU** (which sets negative
# numbers to zero). **Pooling** between stages halves the picture. At the end a 3 × 3 grid is left (for images of 28
# pixels); each cell says how strongly each template was found there. **Dropout** hides half of these answers at random
# during training, so that the network cannot rely on any single one.
#
# The outputs are *logits*, numbers before sigmoid or softmax; the losses are told so with `from_logits=True`.

# %% tags=["recipe"]
import keras
from keras import layers

# Never mirror these: the label would be wrong.
LEFT_IS_NOT_RIGHT = {"organamnist", "organcmnist", "organsmnist"}


def build_network(
    data, convolutions=2, filters=(16, 32, 64), augment=True, dropout=0.5
):
    """A small CNN: uint8 images (N, H, W, C) -> logits (N, outputs)."""
    outputs = 1 if data.task == "binary-class" else len(data.class_names)
    x = inputs = keras.Input(data.train.images.shape[1:])
    if augment:
        if data.name not in LEFT_IS_NOT_RIGHT:
            x = layers.RandomFlip("horizontal")(x)
        # Whole pixels ("nearest"): anything finer would blur the images, and edges matter here.
        moved = layers.RandomTranslation(
            0.04, 0.04, fill_mode="reflect", interpolation="nearest"
        )
        x = moved(x)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)  # 0..255 -> -1..1
    for stage, f in enumerate(filters):
        if stage:
            x = layers.MaxPooling2D(2)(x)
        for _ in range(convolutions):
            x = layers.Conv2D(f, 3, padding="same", use_bias=False)(x)
            # Keras' default momentum, .99, is too slow for small data.
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(outputs, dtype="float32")(x))


# %% [markdown]
# And the loss, with the labels in the shape in which it wants them.


# %% tags=["recipe"]
def targets_and_loss(labels, task):
    """The labels in the shape that the task's loss wants, and that loss."""
    if task == "binary-class":
        return labels[:, None], keras.losses.BinaryCrossentropy(from_logits=True)
    if task == "multi-label, binary-class":
        return labels, keras.losses.BinaryCrossentropy(from_logits=True)
    return labels, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


# %%
network = build_network(data)
by_kind = {}
for layer in network.layers:
    kind = type(layer).__name__
    by_kind[kind] = by_kind.get(kind, 0) + layer.count_params()
print(f"{network.count_params():,} parameters:")
print({kind: f"{n:,}" for kind, n in by_kind.items() if n})

# %% [markdown]
# ## 8 Overfitting, and four treatments
#
# To see overfitting at its worst we train on the first 200 images only, with a network that has no protection at all: two
# stages of one convolution, no augmentation, no dropout. Then we add one treatment at a time, each to the *same* bare
# network, so that we see what each does:
#
# - **augmentation**, as above;
# - **dropout**, half of the last answers hidden;
# - **weight decay**: all weights are pulled towards zero a little at every step, so that only what is needed again and
#   again stays large. Each step takes away the learning rate times the decay: 0.003 × 3, or about 1 %, sixty times the
#   recipe's decay. `AdamW` is the rule for the steps that includes it;
# - **early stopping** needs no training of its own: keep the epoch where validation was best. It is the dot in each panel.
#
# An *epoch* is one round through the training images, in *batches* of 32; each batch is one *step* of learning. In each
# panel below, look at the gap between the dashed line (training) and the solid one (validation).
#
# One thing to mind: the dashed line is measured *during* training, on images that are moved and with answers hidden,
# where the treatment does so; the solid line without. So part of a small gap is a harder question. For the table after the
# figure we ask each network again about its 200 training images, as they are and with nothing hidden.

# %% tags=["gpu"]
from course_utils import fit

y_fit, loss = targets_and_loss(data.train.labels, data.task)
y_val, _ = targets_and_loss(data.val.labels, data.task)
part = slice(0, 200)  # with so few images, overfitting comes fast and is plain to see
without_treatment = {}


def try_out(name, augment=False, dropout=0.0, weight_decay=0.0):
    print(f"{name}:")
    keras.utils.set_random_seed(0)
    bare = build_network(data, 1, filters=(16, 32), augment=augment, dropout=dropout)
    bare.compile(keras.optimizers.AdamW(0.003, weight_decay=weight_decay), loss)
    known = (data.train.images[part], y_fit[part])
    epochs = device.pick(cpu=15, gpu=40)
    history = fit(bare, known, (data.val.images, y_val), epochs=epochs, keep_best=False)
    without_treatment[name] = bare.evaluate(*known, verbose=0)
    return history


# %% tags=["gpu", "cover"]
histories = {
    "bare": try_out("bare"),
    "augmentation": try_out("augmentation", augment=True),
    "dropout": try_out("dropout", dropout=0.5),
    "weight decay": try_out("weight decay", weight_decay=3.0),
}
show(
    plots.learning_curves(
        histories, title="The gap between training and validation is overfitting"
    ),
    "Four panels of loss against epoch, training and validation: bare, augmentation, dropout, weight decay. The gap "
    "between the two lines differs from panel to panel; dots mark the best epochs.",
    source=data.source,
)

# %%
pd.DataFrame(
    {
        "training": name,
        "best validation loss": min(h["val_loss"]),
        "in epoch": int(np.argmin(h["val_loss"])) + 1,
        "last validation loss": h["val_loss"][-1],
        "last training loss, as it is": without_treatment[name],
        "last gap": h["val_loss"][-1] - without_treatment[name],
    }
    for name, h in histories.items()
).set_index("training").round(3)

# %% [markdown]
# Compare *best* with *last* validation loss: the difference is what early stopping saves. Compare the *last gap* of each
# treatment with that of the bare network: the smaller, the less was learned by heart. Each treatment has made it smaller.
# But a small gap is no aim in itself; a network that learns nothing has none. Compare the *best validation loss*, too: it is
# what counts for new images. Weight decay as strong as here has made the gap smaller and this loss no better: it held
# down what is learned by heart, and with it what is to be learned.
#
# And be honest about what this shows. It is one training each, on few validation images; the lines jump, and another seed
# can put the treatments in another order. To choose between them, one must repeat: several seeds, or
# *cross-validation*, where each part of the images is held out in turn. That is how the recipe below was found.
#
# ## 9 Everything together
#
# Now the recipe whose result we shall report. It has two convolutions a stage, and augmentation, dropout and weight decay
# at once. Three more things help when images are few:
#
# - the **learning rate** (how far each step goes) rises for a tenth of the training, then falls along a cosine to zero;
# - two networks are trained from different random starts, and a **committee** of both gives the mean of their logits. Each
#   has made mistakes of its own, and part of them cancels;
# - each is asked twice, with the image and with its mirror image, where mirroring leaves the label true.
#
# Here we keep the *last* epoch, though section 8 kept the best. With a learning rate of almost zero the last epochs are
# nearly the same network, so there is little to choose among. And the validation images still have to choose the
# thresholds: if they had picked the epoch as well, these would be set on images that the network was picked to suit.
#
# Between variants we chose by cross-validation on the training and validation images; the command
# `uv run course bench breastmnist --folds 4`, in a terminal, repeats it for this one. No variant was chosen by its test result.

# %% tags=["recipe"]
import numpy as np

from course_utils import fit


def train_network(data, seed=0, epochs=None, convolutions=2):
    """One network, trained for about 450 steps of 32 images, but for at least 3 epochs."""
    keras.utils.set_random_seed(seed)
    network = build_network(data, convolutions)
    steps = -(-len(data.train.images) // 32)
    epochs = epochs or max(3, round(450 / steps))
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        int(0.9 * epochs * steps),
        warmup_target=0.003,
        warmup_steps=int(0.1 * epochs * steps),
    )
    targets, loss = targets_and_loss(data.train.labels, data.task)
    network.compile(keras.optimizers.AdamW(learning_rate, weight_decay=0.05), loss)
    validation = (data.val.images, targets_and_loss(data.val.labels, data.task)[0])
    history = fit(
        network,
        (data.train.images, targets),
        validation,
        epochs=epochs,
        keep_best=False,
        seed=seed,
    )
    return network, history


# %% [markdown]
# The committee is one network again, mirror image and all: so it can be saved as a whole, and a user has nothing to know.


# %% tags=["recipe"]
def train_committee(data, seed=0, members=2, epochs=None):
    """Networks from different random starts, joined: the mean of their logits, over image and mirror image."""
    trained = [
        train_network(data, seed=100 * seed + k, epochs=epochs) for k in range(members)
    ]
    inputs = keras.Input(data.train.images.shape[1:])
    views = [inputs]
    if data.name not in LEFT_IS_NOT_RIGHT:
        views.append(keras.ops.flip(inputs, axis=2))
    logits = [network(view) for network, _ in trained for view in views]
    committee = keras.Model(inputs, layers.Average(dtype="float32")(logits))
    return committee, [history for _, history in trained]


def predict(network, images, task):
    """Probabilities: (N,) of label 1 for a binary task, else (N, classes)."""
    logits = network.predict(images, verbose=0)
    if task in ("multi-class", "ordinal-regression"):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    p = 1 / (1 + np.exp(-logits))
    return p[:, 0] if task == "binary-class" else p


# %% tags=["gpu"]
network, histories = train_committee(data, seed=0)
show(
    plots.learning_curves(
        {"first member": histories[0], "second member": histories[1]},
        title="The lines calm down as the learning rate goes to zero",
        mark_best=False,
    ),
    "Loss against epoch for both members of the committee: the losses fall, jump at first, and calm down towards the "
    "end.",
    source=data.source,
)
for name, h in zip(("first", "second"), histories, strict=True):
    losses = np.array(h["val_loss"])
    best = losses.argmin()
    print(
        f"{name} member, validation loss: {losses[-1]:.3f} in the last epoch, {len(losses)};"
    )
    print(f"    lowest {losses[best]:.3f}, in epoch {best + 1};")
    print(f"    within the last five epochs it moved by {np.ptp(losses[-5:]):.3f}")

# %% [markdown]
# ## 10 Choose a threshold, for a purpose
#
# The network gives probabilities. A doctor needs a yes or a no, so somebody must draw a line, the **threshold**. Where, is
# not a question of mathematics but of purpose:
#
# - **screening**: miss almost nobody; false alarms cost a second look. We want a sensitivity of 95 %;
# - **confirming**, before an operation say: hardly ever raise a false alarm. We want a specificity of 95 %.
#
# *Sensitivity* is the share of the sick who are found, *specificity* the share of the healthy who are left in peace. The
# thresholds are chosen on validation data. They need not be anywhere near 0.5: a network's probability ranks the cases,
# but nobody has checked that of 100 cases with p = 0.2 twenty are sick. It is a score, and the threshold is a place on it.

# %%
from course_utils import choose_threshold


def p_finding(p):
    """The probability of the finding we ask about, from what `predict` returns."""
    if p.ndim == 1:  # binary: `predict` gives the probability of label 1
        return p if finding == 1 else 1 - p
    return p[:, finding]


y_val_finding = has_finding(data.val.labels)
p_val = p_finding(predict(network, data.val.images, data.task))
thresholds = {
    "screening": choose_threshold(y_val_finding, p_val, sensitivity=0.95),
    "confirming": choose_threshold(y_val_finding, p_val, specificity=0.95),
}
print({use: round(t, 3) for use, t in thresholds.items()})
sick = y_val_finding.sum()
print(f"chosen on {sick} images with and {len(p_val) - sick} without the finding;")
print(f"one image with it is {1 / sick:.1%} of the sensitivity")

# %% [markdown]
# ### Exercise 4: sensitivity and specificity
#
# Write both, from the truth and the answers (arrays of 0 and 1). Return them as a pair, the sensitivity first.


# %% tags=["exercise"]
def rates(y_true, y_pred):
    # replace the dots with your own lines, ending in: return sensitivity, specificity
    ...


check("04.rates", rates)
# hint("04.rates")


# %% tags=["solution"]
def rates(y_true, y_pred):
    sensitivity = (y_pred[y_true == 1] == 1).mean()
    specificity = (y_pred[y_true == 0] == 0).mean()
    return sensitivity, specificity


check("04.rates", rates)

# %% [markdown]
# ### Exercise 5: a threshold for screening
#
# Write what `choose_threshold` does: given the truth, the scores and a wanted sensitivity, return the *highest* threshold
# that reaches it, if every score of **at least** the threshold counts as an alarm. Highest, because that gives the fewest
# false alarms. Scores may be any numbers (logits, too), and several people may have the same one.


# %% tags=["exercise"]
def screening_threshold(y_true, score, wanted):
    # replace the dots with your own lines, ending in: return ...
    ...


check("04.threshold", screening_threshold)
# hint("04.threshold")


# %% tags=["solution"]
def screening_threshold(y_true, score, wanted):
    sick = np.sort(score[y_true == 1])
    needed = int(np.ceil(wanted * len(sick)))  # so many of the sick must be found
    return sick[-needed]


check("04.threshold", screening_threshold)

# %% [markdown]
# ## 11 The test, once
#
# Everything is chosen. Now the test images, for the first time in this chapter. With BreastMNIST they are not quite new:
# chapters 00 to 02 scored other networks on the same images. Nothing here was chosen by those scores. But each look has
# its price: if somebody tries several networks on one test set and quotes the best, that figure is too good, as the
# winner was picked by it. A figure free of that needs images at which nobody has looked.
#
# The two measures are MedMNIST's official ones: AUC (a mean over the classes, where there are several) and accuracy.
#
# Each has its 95 % interval by the **bootstrap**: draw as many test cases as there are, *with replacement*, compute the
# score again, do that 1,000 times, and see where the middle 95 % of the scores lie. It asks how much the score depends on
# who happened to be in the test set. (For AUC, sick and healthy are drawn separately, since AUC does not depend on how
# many there are of each; for accuracy all are drawn together, since it does.)
#
# ### Exercise 6: one bootstrap sample
#
# The `n` cases stand at the positions 0 … n − 1. Return the positions of those in one bootstrap sample, drawn with the
# random generator `rng`.


# %% tags=["exercise"]
def resample(n, rng):
    # replace the dots with your own lines, ending in: return ...
    ...


check("04.resample", resample)
# hint("04.resample")


# %% tags=["solution"]
def resample(n, rng):
    return rng.integers(0, n, n)  # the same number may come twice: that is the point


check("04.resample", resample)

# %% [markdown] tags=["instructor"]
# Hold the room for a moment before this cell. List on the board what was chosen so far and on which data: C, the
# recipe, the two thresholds. "Has the test set had a part in any of it?" Then run it, once, and read the intervals
# before the values.

# %%
from course_utils import evaluate, show_results

shares = count(data.train.labels) / len(data.train.labels)
majority = (
    np.full(len(data.test.labels), shares[1])
    if data.task == "binary-class"
    else np.tile(shares, (len(data.test.labels), 1))
)
p_regression = regression_scores(regression, data.test.images)
p_network = predict(network, data.test.images, data.task)
scores = {
    "majority": evaluate(data.test.labels, majority, data.task),
    f"logistic regression, C = {best_C}": evaluate(
        data.test.labels, p_regression, data.task
    ),
    f"CNN, {network.count_params():,} parameters": evaluate(
        data.test.labels, p_network, data.task
    ),
}

# %%
rows = [
    {"model": name, "AUC (95 % interval)": s["auc"], "ACC (95 % interval)": s["acc"]}
    for name, s in scores.items()
]
published = {
    "ResNet-18": (0.901, 0.863),
    "ResNet-50": (0.857, 0.812),
    "Google AutoML Vision": (0.919, 0.861),
}
if (
    data.name == "breastmnist" and data.source == "medmnist"
):  # they are about real images
    rows += [
        {
            "model": f"{name}, published",
            "AUC (95 % interval)": f"{a:.3f}",
            "ACC (95 % interval)": f"{c:.3f}",
        }
        for name, (a, c) in published.items()
    ]
caption = f"{data.name}, test split, {len(data.test.labels)} images, seed 0"
show_results(rows, source=data.source, caption=caption)
test_auc = auc(data.test.labels, p_regression, data.task)
print(
    f"The regression had an AUC of {val_auc[best_C]:.3f} on the validation images, "
    f"which chose C,\nand has {test_auc:.3f} on the test images."
)

# %% [markdown]
# On the real BreastMNIST the table also holds published figures, at the same 28 × 28 pixels (Yang et al. 2023, table 3).
# They come without intervals, but the test images are the same, so theirs would be about as wide as ours: where a figure
# lies inside our interval, these images do not tell that model from ours.
#
# The line below the table is about the regression. The figure that chose C is no figure to report: the best of five tries
# is picked for looking good on these very images.
#
# Our own two models can be compared more sharply, because we have both their answers for each image: the interval of the
# *difference* leaves out what is hard for both.

# %%
from course_utils import auc_difference

gain = auc_difference(data.test.labels, p_network, p_regression, data.task)
if gain.low > 0:
    verdict = "0 lies below the interval: the CNN is better"
elif gain.high < 0:
    verdict = "0 lies above the interval: the regression is better"
else:
    verdict = "0 lies inside: these images do not decide it"
print(f"AUC of the CNN minus AUC of the regression: {gain};\n{verdict}.")

# %% [markdown]
# Our figure depends on luck, too: another seed gives another network. `uv run course bench breastmnist` trains five
# committees and reports their median; that is the number to quote.
#
# ## 12 What it means in the clinic
#
# AUC looks at all thresholds at once. With the two that we chose, we can count what would happen to people. Besides
# sensitivity (also called *recall*) and specificity there are
#
# - **PPV**, the positive predictive value or *precision*: the share of the alarms that are right;
# - **NPV**, the negative predictive value: the share of the all-clears that are right;
# - **F1**, the harmonic mean of precision and recall, one number for both.

# %% [markdown] tags=["instructor"]
# Hands before this cell: will 95 % sensitivity and 95 % specificity be kept on the test images? Point to the line in
# section 10 that says on how many images with the finding the screening threshold was chosen. A missed promise is no
# mistake of the program; it is what so few cases allow.

# %%
from course_utils import binary_report

y_test = has_finding(data.test.labels)
p_test = p_finding(p_network)
reports = {use: binary_report(y_test, p_test, t) for use, t in thresholds.items()}
measures = ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy")
show_results(
    [
        {"measure": m} | {use: report[m] for use, report in reports.items()}
        for m in measures
    ],
    source=data.source,
    caption=f"{data.class_names[finding]}, {y_test.sum()} of {len(y_test)} test images; 95 % intervals",
)

# %% [markdown]
# Did the thresholds keep their promise of 95 % sensitivity (screening) and 95 % specificity (confirming)?

# %%
for use, m in (("screening", "sensitivity"), ("confirming", "specificity")):
    kept = reports[use][m]
    if kept.high < 0.95:
        verdict = "the promise is broken"
    elif kept.low > 0.95:
        verdict = "more than promised"
    else:
        verdict = "95 % lies inside: too few images to say"
    print(f"{use}: {m} {kept}; {verdict}")

# %% [markdown]
# An interval that holds the 95 % does not show that the promise was kept. It shows that the test images are too few to say.
# The threshold itself rests on the few validation images with the finding; section 10 printed what a single one of them
# weighs. So state the sensitivity that was reached, with its interval, and never the one that was aimed at.
#
# The same as counts, first for screening and then for confirming. Fewer false alarms are paid for with more missed cases.

# %%
names = ["without", "with finding"]
for use, t in thresholds.items():
    missed = int(((p_test < t) & (y_test == 1)).sum())
    alarms = int(((p_test >= t) & (y_test == 0)).sum())
    show(
        plots.confusion_matrix(
            y_test,
            (p_test >= t).astype(int),
            names,
            title=f"{use} (threshold {t:.3f}): {missed} missed, {alarms} false alarms",
        ),
        f"Confusion matrix for {use}: {missed} cases with the finding are missed, and there are {alarms} false alarms.",
        source=data.source,
    )

# %% [markdown]
# The **ROC curve** shows every threshold at once: the share of the sick who are found against the share of healthy people
# given a false alarm. Its diagonal is what guessing reaches. The **precision–recall curve** shows the same with the
# alarms in view; where the finding is rare, it is the more sober of the two. There, guessing reaches the share of the
# sick, at every recall. The shaded bands are 95 % bootstrap bands. Look at how wide they are before you read anything
# into a step of a curve.

# %%
curves = {
    "CNN": (y_test, p_test),
    "logistic regression": (y_test, p_finding(p_regression)),
}
marks = [
    (use, report["sensitivity"].value, report["specificity"].value)
    for use, report in reports.items()
]
area = auc(y_test, p_test, "binary-class")
all_found = p_test >= p_test[y_test == 1].min()
right = y_test[all_found].mean()
show(
    plots.roc(
        curves, title=f"ROC on the test images: AUC {area:.2f} for the CNN", marks=marks
    ),
    "ROC curves of CNN and logistic regression with their bands; both chosen thresholds are marked on the curve of the "
    "CNN.",
    source=data.source,
)
show(
    plots.precision_recall(
        curves,
        title=f"To find all of the sick: {right:.0%} of the CNN's alarms are right",
    ),
    "Precision-recall curves of CNN and logistic regression with bands, and the line of the prevalence.",
    source=data.source,
)

# %% [markdown] tags=["instructor"]
# Before the formula, a guess: the sensitivity is 80 %, the specificity 95 %, and 1 woman in 100 is sick. Of 100
# alarms, how many are right? Write the guesses down, solve the exercise, then let them call their own function:
# `ppv(0.8, 0.95, 0.01)`. The cell after the exercise asks it about three populations.

# %% [markdown]
# ### Exercise 7: the same test, another population
#
# In the test images, a large share has the finding. How many of each kind a collection holds is up to those who put it
# together; it does not tell how common the finding is. In a screening of everybody, perhaps 1 in 200 has it. Suppose that
# sensitivity and specificity stayed the same. What becomes of the PPV? Write it as a function of the three.


# %% tags=["exercise"]
def ppv(sensitivity, specificity, prevalence):
    # replace the dots with your own lines, ending in: return ...
    ...


check("04.ppv", ppv)
# hint("04.ppv")


# %% tags=["solution"]
def ppv(sensitivity, specificity, prevalence):
    true_alarms = sensitivity * prevalence
    false_alarms = (1 - specificity) * (1 - prevalence)
    return true_alarms / (true_alarms + false_alarms)


check("04.ppv", ppv)

# %% [markdown]
# Now the screening threshold of section 10, with the sensitivity and specificity it had on the test images, in three
# populations: that of the test images, one in which 1 in 20 has the finding, and a screening with 1 in 200.

# %%
r = reports["screening"]
for prevalence in (y_test.mean(), 0.05, 0.005):
    value = ppv(r["sensitivity"].value, r["specificity"].value, prevalence)
    shown = "waits for exercise 7" if value is None else f"{value:.1%}"
    print(f"prevalence {prevalence:6.1%}: PPV {shown}")

# %% [markdown]
# Here the network is the same, and its two rates were *kept* the same; the prevalence alone makes an alarm worth so much
# less. In life the rates change, too. Among people who come to a screening, the sick are mostly at an earlier stage, with
# smaller lumps, and the healthy mostly have no lump at all. Other sick and other healthy people have other rates; this is
# called the **spectrum effect**, and only a test among such people shows how large it is.

# %% [markdown]
# ## 13 Where it breaks
#
# ### Twins in the test set
#
# Is the test set really new to the network? The split was given to us; we have not checked it. So we compare every test
# image with every training image. The *correlation* of two images is 1 if they are the same up to brightness and contrast.


# %%
def standardised(images):
    x = images.reshape(len(images), -1).astype("float32")
    x = x - x.mean(axis=1, keepdims=True)
    return x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9)


known = standardised(data.train.images[:10_000])
likeness = np.concatenate(
    [
        standardised(block) @ known.T
        for block in np.array_split(data.test.images, 20)
        if len(block)
    ]
)
twin, twin_likeness = likeness.argmax(axis=1), likeness.max(axis=1)
is_twin = twin_likeness > 0.99
print(
    f"{is_twin.sum()} of {len(is_twin)} test images correlate above 0.99 with a training image;"
)
differ = has_finding(data.train.labels)[twin] != has_finding(data.test.labels)
print(f"in {(is_twin & differ).sum()} of these pairs the two labels disagree.")
alone = ~is_twin
print(
    f"AUC on all test images {area:.3f}; on the {alone.sum()} without a twin "
    f"{auc(y_test[alone], p_test[alone], 'binary-class'):.3f}"
)

# %%
pairs = np.argsort(-twin_likeness)[:6]
both = np.concatenate([data.test.images[pairs], data.train.images[twin[pairs]]])
label = {0: "without", 1: "with finding"}
titles = [f"test: {label[y_test[i]]}\nr = {twin_likeness[i]:.4f}" for i in pairs]
titles += [
    f"train: {label[int(has_finding(data.train.labels)[twin[i]])]}" for i in pairs
]
show(
    plots.gallery(
        both,
        titles,
        title="Test images (above) and the training images most like them (below)",
    ),
    "Six test images above their most similar training images; the correlation is printed over each pair.",
    source=data.source,
)

# %% [markdown]
# In the real BreastMNIST a good part of the test images has a near-identical twin among the training images, and some
# twins even carry different labels. It looks as if the collection it was made from held the same lesions several times, and
# the split was made by image: the mistake of section 3, in a published benchmark. (Where to draw the line, 0.99, is our
# choice.) Compare the two AUCs above. Where they are close, we have seen no flattery by the twins; on so few images, that
# does not show that there is none. All figures on this test set, published ones included, are to be read with that
# in mind. Generated images have no such twins.
#
# ### Other machines
#
# A second hospital has another machine: darker, softer, noisier. We imitate that on the test images, and ask the same
# network again. (We choose nothing by this; it is a report.)

# %%
noise = np.random.default_rng(0).normal(0, 20, data.test.images.shape)
test = data.test.images.astype("float32")
right_of, below = np.roll(test, 1, axis=2), np.roll(test, 1, axis=1)
others = {
    "brighter (+30)": test + 30,
    "darker (-30)": test - 30,
    "half the contrast": 128 + (test - 128) / 2,
    "soft (2 x 2 average)": (test + right_of + below + np.roll(below, 1, axis=2)) / 4,
    "noisy (SD 20)": test + noise,
}
others = {
    name: np.clip(np.round(x), 0, 255).astype("uint8") for name, x in others.items()
}
answers = {name: predict(network, x, data.task) for name, x in others.items()}

t = thresholds["screening"]
rows = []
for name, p in {"as they are": p_network, **answers}.items():
    r = binary_report(y_test, p_finding(p), t)
    rows.append(
        {
            "images": name,
            "AUC": evaluate(data.test.labels, p, data.task)["auc"],
            "sensitivity": r["sensitivity"],
            "specificity": r["specificity"],
        }
    )
show_results(
    rows,
    source=data.source,
    caption="The same network and screening threshold, other images",
)

# %% [markdown]
# Do not compare these intervals by eye. The people are the same each time, so we ask for the interval of the *change*, as
# in section 11. For AUC, `auc_difference` gives it. For sensitivity and specificity the next cell draws people with
# replacement, and looks at how many of them now get another answer.


# %%
def change(alarm_before, alarm_after, resamples=1000):
    """Change of the share of alarms among the same people, and the ends of its 95 % interval."""
    moved = alarm_after.astype(float) - alarm_before
    drawn = np.random.default_rng(0).choice(moved, (resamples, len(moved))).mean(axis=1)
    return moved.mean(), *np.percentile(drawn, (2.5, 97.5))


def direction(low, high):
    if low == high == 0:
        return "not one answer changed"
    return "up" if low > 0 else "down" if high < 0 else "no change shown"


usual = p_test >= t
for name, p in answers.items():
    now = p_finding(p) >= t
    more_found = change(usual[y_test == 1], now[y_test == 1])
    more_spared = change(~usual[y_test == 0], ~now[y_test == 0])
    print(name)
    for what, (value, low, high) in {
        "AUC": auc_difference(data.test.labels, p, p_network, data.task),
        "sensitivity": more_found,
        "specificity": more_spared,
    }.items():
        moved = f"{value:+.3f} ({low:+.3f} to {high:+.3f})"
        print(f"    {what:11} {moved}: {direction(low, high)}")

# %% [markdown]
# Two things can break. The AUC can go down: the network no longer *sees* as well. Half the contrast does that. Or the
# scores shift, so that the *threshold* no longer fits: with noise, sensitivity and specificity move
# in opposite directions, since most scores have moved to one side of it. The second is treacherous, because the AUC alone
# does not show it.
#
# "No change shown" is not "no change": read the lower end of the interval as the loss that these images cannot exclude.
# (Where not one answer changed, the interval has no width; other people's answers may change all the same.) And
# a verdict whose interval ends close to 0 may be another one with another training.
#
# ## 14 Save it, load it, ask it
#
# The format `.keras` holds the layers and the weights, and is meant to hold no program code; `safe_mode` refuses files that
# try to bring some. Ways round it have been published (CVE-2025-1550, for one, mended in Keras 3.9), so keep Keras up to
# date, and load only files that you trust. (A `pickle` file runs whatever its author wrote when you load it, by design.
# Never load one from a stranger.)
#
# Weights alone are not enough: without the class, the threshold and the purpose they were chosen for, a saved network is
# an accident waiting to happen. So we save those beside it.

# %%
import json
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
network.save(folder / "network.keras")
card = {
    "data": data.name,
    "source": data.source,
    "finding": data.class_names[finding],
    "input": f"uint8 images of shape {data.train.images.shape[1:]}, 0 to 255, not scaled",
    "thresholds": thresholds,
    "test AUC with 95 % interval": list(
        evaluate(data.test.labels, p_network, data.task)["auc"]
    ),
    "use": "teaching only; not for patients",
}
(folder / "card.json").write_text(json.dumps(card, indent=1))

loaded = keras.saving.load_model(folder / "network.keras", safe_mode=True)
same = np.array_equal(predict(loaded, data.test.images, data.task), p_network)
size = (folder / "network.keras").stat().st_size / 1024
print(f"{size:.0f} KB; the loaded network gives the same answers: {same}")

# %% [markdown]
# And one image, as it would be asked in use. Mind the shape: a network takes a *batch*, so a single image needs one more
# axis in front, `image[None]`.

# %%
image = data.test.images[0]
p = float(p_finding(predict(loaded, image[None], data.task))[0])
saved = json.loads((folder / "card.json").read_text())
for use, t in saved["thresholds"].items():
    answer = "alarm" if p >= t else "no alarm"
    print(f"{use}: p({saved['finding']}) = {p:.3f}, threshold {t:.3f} -> {answer}")
print("truth:", "with finding" if y_test[0] else "without finding")

# %% [markdown]
# ## 15 The other tasks
#
# The same cells serve all four kinds of task. Here are the other three on generated images (phantoms), so that it takes
# seconds and no download; with `load_medmnist` they run on the real sets. Each gets a short training only.

# %% tags=["gpu"]
from course_utils import accuracy, make_phantom

rows = []
for name in ("bloodmnist", "chestmnist", "retinamnist"):
    other = make_phantom(name, counts={"train": 320, "val": 32, "test": 300})
    trained, _ = train_network(other, epochs=device.pick(cpu=5, gpu=20), convolutions=1)
    s = evaluate(
        other.test.labels, predict(trained, other.test.images, other.task), other.task
    )
    always = np.tile(
        count(other.train.labels) / len(other.train.labels), (len(other.test.labels), 1)
    )
    rows.append(
        {
            "set": name,
            "task": other.task,
            "outputs": trained.output_shape[-1],
            "AUC (95 % interval)": s["auc"],
            "ACC (95 % interval)": s["acc"],
            "ACC of the majority": accuracy(other.test.labels, always, other.task),
        }
    )
show_results(
    rows,
    source="phantom",
    caption="Three other kinds of task, test splits of 300 images",
)

# %% [markdown]
# Compare the accuracies with the last column. In the multi-class row the network is far above the majority. In the
# multi-label row it is not: most findings are absent in most images, so saying "no" fourteen times is right most of the
# time. Nor is it in the ordinal row, where after so short a training the commonest grade is still nearly all it answers.
# In these two rows only the AUC tells that something was learned.
#
# ## Quiz

# %% tags=["quiz"]
quiz("04")

# %% tags=["answers"]
quiz("04", "?????????")

# %% tags=["progress"]
progress()

# %% [markdown]
# ## What to remember
#
# - Say which class is the finding, before the first number.
# - Split by **patient**; check a split that is given to you.
# - Scale **once**, inside the network; augment only with changes that keep the label true.
# - Overfitting is the gap between two curves. Augment, drop out, decay, stop early; judge by the loss on new images.
# - A threshold belongs to a **purpose** and is chosen on validation data; report what it reached, not what it promised.
# - Report AUC *and* what happens at the threshold, each with its interval; PPV, sensitivity and specificity depend on
#   the people who are tested.
# - Compare on the same cases, by the interval of the difference. "Not shown" is not "equal".
# - A score is about images like those it was measured on.
#
# ## References
#
# - Yang J, et al. MedMNIST v2. *Scientific Data* 10, 41 (2023). <https://doi.org/10.1038/s41597-022-01721-8>
# - Al-Dhabyani W, et al. Dataset of breast ultrasound images. *Data in Brief* 28, 104863 (2020).
#   <https://doi.org/10.1016/j.dib.2019.104863>
# - Efron B, Tibshirani RJ. *An Introduction to the Bootstrap*. Chapman & Hall (1993).
# - Srivastava N, et al. Dropout. *Journal of Machine Learning Research* 15, 1929 (2014).
#   <https://jmlr.org/papers/v15/srivastava14a.html>
# - Loshchilov I, Hutter F. Decoupled weight decay regularization (AdamW). *ICLR* (2019).
#   <https://arxiv.org/abs/1711.05101>
# - Altman DG, Bland JM. Diagnostic tests 1 and 2. *BMJ* 308, 1552 and 309, 102 (1994).

# %% [raw] tags=["words"]
# - name: augmentation
#   chinese: 数据增强
#   means: Changing training images a little at random each time they are shown, by moving or mirroring them for
#     example, in ways that leave the label true.
# - name: batch normalisation
#   chinese: 批归一化
#   means: 'A layer that shifts and scales each channel so that its numbers stay in a steady range: in training
#     by the batch''s mean and spread, afterwards by stored ones.'
# - name: bootstrap
#   chinese: 自助法
#   means: 'A way to find an interval: draw as many cases as there are, putting each back before the next draw,
#     compute the score again, repeat often; the middle 95 % of the scores is the interval.'
# - name: cross-validation
#   chinese: 交叉验证
#   means: Cutting the cases into parts, setting each part aside once while a model learns from the others, and
#     judging the model on the part set aside.
# - name: dropout
#   chinese: 随机失活
#   means: Setting a random share of a layer's numbers to zero at each step of training, so that the network cannot
#     rely on any single one.
# - name: early stopping
#   chinese: 早停
#   means: Keeping the network of the epoch at which the validation set gave the best result, or ending training
#     soon after it, before overfitting makes things worse.
# - name: F1
#   chinese: F1 分数
#   means: 'One number for precision and recall together: twice their product, divided by their sum; it is high
#     only if both are.'
# - name: multi-label
#   chinese: 多标签分类
#   means: Said of a task in which several answers, or none, may be right for one case, such as a list of findings
#     in a chest image.
# - name: NPV
#   chinese: 阴性预测值
#   means: 'Negative predictive value: the share of those without an alarm who really do not have the finding.'
#   also: [negative predictive value]
# - name: ordinal
#   chinese: 有序分类
#   means: Said of a task whose possible answers have an order, such as grades of a disease from 0 to 4.
# - name: overfitting
#   chinese: 过拟合
#   means: Learning what is peculiar to the training cases, so that a model does worse on new cases than it could.
# - name: PPV
#   chinese: 阳性预测值（精确率）
#   means: 'Positive predictive value, also called precision: the share of those with an alarm who really have the
#     finding.'
#   also: [precision, positive predictive value]
# - name: precision–recall curve
#   chinese: 精确率–召回率曲线
#   means: A curve that shows, for every possible threshold, the share of the alarms that are right against the
#     share of the sick who are found.
#   also: [precision-recall curves]
# - name: prevalence
#   chinese: 患病率
#   means: The share of a group of people who have a disease or finding.
# - name: retinopathy
#   chinese: 视网膜病变
#   means: A disease of the retina, the light-sensitive lining at the back of the eye; diabetes is a common cause.
# - name: ROC curve
#   chinese: ROC 曲线（受试者工作特征曲线）
#   means: A curve that shows, for every possible threshold, the share of the sick who are found against the share
#     of the healthy who get a false alarm.
# - name: sensitivity
#   chinese: 灵敏度（召回率）
#   means: The share of those who have the finding for whom there is an alarm; also called recall.
#   also: [recall]
# - name: specificity
#   chinese: 特异度
#   means: The share of those who do not have the finding for whom there is no alarm.
# - name: threshold
#   chinese: 阈值
#   means: 'The line that turns a score into a yes or a no: from this value upwards there is an alarm.'
# - name: weight decay
#   chinese: 权重衰减
#   means: Pulling all weights towards zero a little at every step of training, so that only those that are needed
#     again and again stay large.
# - name: committee
#   chinese: 模型集成（委员会）
#   means: Several models whose answers are averaged; where each errs in its own way, their mean errs less (also
#     called an ensemble).
# - name: correlation
#   chinese: 相关系数
#   means: A number from -1 to 1 that says how far two lists of numbers go up and down together, whatever their
#     mean and their spread.
