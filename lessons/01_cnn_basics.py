# ---
# jupyter:
#   course:
#     title: CNN basics
#     card: What a kernel does
#     tagline: Compute convolutions by hand, in NumPy and in Keras; see what a network sees, and what that proves.
#     part: core
#     questions:
#       - What does a convolutional network compute, and how large is its output?
#       - Do feature maps show that a network has found the lesion?
#     objectives:
#       - compute a convolution on paper, in NumPy and in Keras, and see the three agree
#       - predict the output size and the number of parameters of any convolution or pooling layer
#       - say what pooling, ReLU, flattening and global average pooling do, and what each costs
#       - look at what a trained network has learned to see, and how far each of its units can see
#     needs:
#       - "[chapter 00](00_start_here.ipynb)"
#       - NumPy arrays and their slices (`image[2:5, 0:3]`)
#     minutes_reading: 90
#     minutes_exercises: 60
#     datasets: BreastMNIST, phantoms
#     data: >-
#       BreastMNIST, 780 ultrasound images of the breast (MedMNIST v2, CC BY 4.0); without the file the chapter runs on
#       generated images and says so. Where we must know what is in an image, we use generated ones (*phantoms*) anyway.
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
# **Goals.** At the end nothing in a convolution layer is a mystery: they can compute one number of a map by hand, say
# how large the map is and how many numbers must be learned, and refuse to take a pretty feature map as evidence.
#
# **Where people get stuck**
#
# - `01.at_place` (section 2): watch for the kernel laid with its middle at row, column instead of its upper left
#   corner, for rows and columns exchanged, and for all products returned instead of their sum. Cut a window of 3 × 3
#   squares out of a card and move it over squared paper.
# - `01.output_size` (section 4): watch for the second side's padding, the dilation and the first place being
#   forgotten. Draw seven boxes in a row and count the places of a kernel of three aloud: "four steps, and the place
#   where it started".
# - `01.parameters` (section 5): watch for missing channels and biases. Draw one filter as a block as deep as the
#   image has channels, with one small square beside it, the bias; then ask how many blocks there are.
# - `01.max_pool` (section 6): watch for windows that overlap, and for a window made of the row left over at an odd
#   edge. Draw a map of 5 × 5, colour its four windows, and strike out the rest.
# - `01.receptive_field` (section 11): watch for the jump being multiplied before the field is widened. Say: "A
#   layer's own stride spreads only what comes after it."
#
# **Say**
#
# - "A kernel is a question, and the map is its answer for every place." Let them put a question into words before
#   each map.
# - "Which of these weights would a lump in another corner need?" (The same ones: that is weight sharing.)
# - In section 10: "What would convince you that the network has found the lesion?" Then show the two columns of
#   baselines.
#
# **When late, skip** sections 6, 7 and 11 with exercises 5 and 6, and section 12 from "Wrong shapes" on. Run their
# cells, don't discuss them. Only three exercises are used later: 2 and 4 in the table of section 5, and 6 in one line
# of section 11; both places cope with an open exercise. (After a red error, put the dots `...` back and run on.) Keep sections 1, 2, 9 and 10.

# %% [markdown]
# ## 1 A baseline that cannot see shapes
#
# Before we take a network apart, let us see what is missing without one. **Logistic regression** gives each pixel a
# weight, adds up pixel times weight, and turns the sum into a probability of "malignant". We train it on the training
# images and look at its AUC on the validation images. (AUC: the probability that a malignant case scores higher than
# one that is not; 0.5 is guessing. Chapter 00 has more.)
#
# Then we ask about the *same* validation images once more, moved by a few pixels to the lower right, as if the probe had
# been put down a little to the side. Nothing medical has changed.

# %%
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils import auc, load_medmnist

data = load_medmnist("breastmnist")
y_train, y_val, y_test = (
    (part.labels == data.positive).astype(int)
    for part in (data.train, data.val, data.test)
)


def moved(images, by):
    """The images, moved `by` pixels down and to the right; the gap is filled with a mirror image of the edge."""
    size = images.shape[1]
    wide = np.pad(images, ((0, 0), (by, 0), (by, 0), (0, 0)), mode="reflect")
    return wide[:, :size, :size]


def pixels(images):
    return images.reshape(len(images), -1).astype("float32")


regression = make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=1000))
regression.fit(pixels(data.train.images), y_train)
for by in (0, 2, 4):
    score = regression.predict_proba(pixels(moved(data.val.images, by)))[:, 1]
    print(
        f"validation images moved by {by} pixels: AUC {auc(y_val, score, 'binary-class'):.3f}"
    )

# %% [markdown]
# The AUC falls. The regression has learned that *this pixel here* should be dark. When the lump lies elsewhere, it meets
# other weights. We want a model that asks "is there a dark, ragged spot, *anywhere*?" That is what convolution is for.
#
# ## 2 A kernel, by hand
#
# Take a small table of weights, three by three. Lay it on the image, multiply each of the nine pixels by the weight on
# top of it, and add up the nine products. Write the sum down, move the table one pixel on, and repeat. That is a
# **convolution**. The table is called a **kernel** (or filter), the table of the sums a **feature map**.
#
# We try it on a piece of a phantom, a generated ultrasound image in which we know where the lesion is: five by five
# pixels at its left edge. Bright is 255, black is 0. Look along the middle rows: where the lesion begins, the numbers
# fall.

# %%
from course_utils import make_phantom

phantom = make_phantom("breastmnist", counts={"train": 200, "val": 1, "test": 1})
case = 157  # one with a clear lesion
image = phantom.train.images[case, :, :, 0].astype(float)
lesion = phantom.train.masks[case]

row = int(np.flatnonzero(lesion.any(axis=1)).mean())  # half-way down the lesion
column = int(np.flatnonzero(lesion[row]).min())  # its left edge there
patch = image[row - 2 : row + 3, column - 3 : column + 2]
print(patch.astype(int))

# %% [markdown]
# Our kernel subtracts what is on the left from what is on the right:

# %%
kernel = np.array(
    [
        [-1, 0, 1],
        [-1, 0, 1],
        [-1, 0, 1],
    ]
)

# %% [markdown]
# On the left of the figure is the patch, with a frame where the kernel lies (row 1, column 1, counted from 0 as in
# NumPy); in the middle are the nine pixels in the frame, each with the weight that lies on it; on the right is the
# feature map, in colours. Compute the sum for the framed place on paper: add the pixels of the right column, subtract
# those of the left one. The next cell has the answer.

# %%
from course_utils import show, widgets

show(
    widgets.draw_convolution(patch, kernel, row=1, column=1, show_sum=False),
    "The kernel lies on the middle of a five by five patch; nine pixels, each with its weight; and the three by three "
    "feature map in colours.",
    source="phantom",
)

# %%
right, left = patch[1:4, 3].sum(), patch[1:4, 1].sum()
print(
    f"right column {right:.0f}, left column {left:.0f}: the sum is {right - left:.0f}"
)

# %% [markdown]
# A number far below zero says: here the image gets darker from left to right. Around zero: nothing of the kind. The
# kernel is a *question*, and the map holds the answer for each place.
#
# ### Exercise 1: one place
#
# Write a function that returns the sum of the products when the kernel's **upper left** corner lies at `row`, `column`.
# The kernel may have any size: `kernel.shape` tells its height and width. `image[a:b, c:d]` cuts out rows a to b − 1 and
# columns c to d − 1.


# %% tags=["exercise"]
def at_place(image, kernel, row, column):
    # replace the dots with your own lines, ending in: return ...
    ...


check("01.at_place", at_place)
# hint("01.at_place")


# %% tags=["solution"]
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    return (image[row : row + height, column : column + width] * kernel).sum()


check("01.at_place", at_place)

# %% [markdown]
# The whole convolution is that, for every place where the kernel fits:


# %%
def slide(image, kernel):
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[i, j] = (image[i : i + height, j : j + width] * kernel).sum()
    return result


print(slide(patch, kernel).astype(int))

# %% [markdown]
# Here are four kernels. Each asks something else. (The edge kernels count their middle row or column double, which is
# customary. The blur adds nine pixels up without dividing, so its numbers go far above 255.) Guess what each map will
# show before you look.

# %%
four = ("vertical edge", "horizontal edge", "dark spot", "blur")
for name in four:
    print(name, *widgets.KERNELS[name], sep="\n")

# %%
from course_utils import plots

fig, axes = plots.figure(9.0, 2.7, 1, 5)
axes[0].imshow(image, cmap="gray", vmin=0, vmax=255)
axes[0].contour(lesion, levels=[0.5], colors=plots.ORANGE)
axes[0].set_title("the image,\nlesion outlined", fontsize=8)
for ax, name in zip(axes[1:], four, strict=True):
    answer = slide(image, np.array(widgets.KERNELS[name]))
    ax.imshow(answer, cmap="gray")
    low = f"{answer.min():.0f}".replace("-", "−")
    ax.set_title(f"{name}:\n{low} (black) to {answer.max():.0f} (white)", fontsize=8)
for ax in axes:
    ax.set(xticks=[], yticks=[])
fig.suptitle("Four kernels, four questions to the same image", fontsize=10)
show(
    fig,
    "A phantom with an outlined lesion, and four feature maps: edges to the left and right of the lesion, edges above "
    "and below, single dark points, and a blurred copy.",
    source="phantom",
)

# %% [markdown]
# The vertical-edge kernel answers black at the left side of the lesion, where it gets darker, and white at the right.
# The horizontal one answers at its top and bottom, among many streaks of the background. The spot kernel asks for
# single dark points. It finds noise everywhere and misses the lesion, which is larger than the kernel can see. The blur
# has washed the noise away. None of them says "malignant"; but a next layer can combine such answers, and a layer after
# that combine those.
#
# Now play. Choose a kernel or type your own weights, and move it over the image. Can you make a kernel that shifts the
# image by one pixel? One whose map is the photographic negative? One that gives zero wherever the image is uniform?

# %% tags=["cover"]
widgets.explore_convolution(image, source="phantom", row=row - 1, column=column - 2)

# %% [markdown]
# Here are three that do it. A single 1 to the right of the middle, and zeros around it: each place of the map takes the
# pixel to its right, so the image moves one pixel to the left. A single −1 in the middle: the brightest pixel gives the
# lowest number, so the order of light and dark is reversed. And any kernel whose nine weights add up to zero, such as
# those that look for edges: where all nine pixels are the same, they cancel out.

# %%
tries = {
    "shift": np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]]),
    "negative": np.array([[0, 0, 0], [0, -1, 0], [0, 0, 0]]),
    "zero where uniform": kernel,
}
middle = image[1:-1, 1:-1]  # the pixels on which a kernel's middle can lie
print(
    "the shift is the image, one pixel on:",
    (slide(image, tries["shift"]) == image[1:-1, 2:]).all(),
)
print(
    "minus the negative is the image:     ",
    (-slide(image, tries["negative"]) == middle).all(),
)
uniform = np.full((5, 5), 120)
print(
    "on a uniform grey:                   ",
    np.unique(slide(uniform, tries["zero where uniform"])),
)

# %% [markdown] tags=["instructor"]
# Give them five minutes with the widget, and one bet: "all nine weights 1, then all nine weights −1: how do the two
# maps differ?" (Only in sign; a network can use either.) Expect some to think that the kernels of a network are
# chosen by hand, as they just did themselves. Say it aloud: a CNN *learns* its kernels from labels.

# %% [markdown]
# Nobody designs the kernels of a network. It starts from random ones and changes them in training until their answers
# help to tell the labels apart.
#
# (A word for mathematicians: strictly, a *convolution* first reverses the kernel's rows and columns. What networks do,
# and what Keras calls convolution, is called cross-correlation elsewhere. Since the weights are learned, it makes no
# difference.)
#
# ## 3 The same in NumPy and in Keras
#
# So far: one grey image, one kernel, one map. A layer of a network does a little more:
#
# - an image may have several **channels** (red, green, blue). Then the kernel has as many channels as the image, and
#   the sum runs over all of them: 3 × 3 × 3 = 27 products for a colour image;
# - a layer has many such kernels, called its **filters**. Each makes one map, and the maps are the channels of what
#   comes out;
# - to each sum a number is added, the **bias**: one for each filter.
#
# In one line, for the place $i, j$ and the filter $o$, with $x$ the input, $K$ the weights of all kernels and $\beta$
# the biases:
#
# $$y_{i,j,o} = \beta_o + \sum_{u,\,v,\,c} x_{i+u,\;j+v,\;c}\; K_{u,\,v,\,c,\,o}$$
#
# where $u$ and $v$ run over the rows and columns of the kernel and $c$ over the channels. The course has this line as
# plain NumPy, `scratch.conv2d`, and Keras as a layer, `Conv2D`. We give all three the same image, a stained blood cell
# in colour, and the same random kernels. The two libraries take a whole **batch** of images at once, hence the
# `[None]`, which makes a batch of one.

# %%
import keras
from keras import layers

from course_utils import scratch

keras.config.set_dtype_policy(
    "float32"
)  # on some GPUs, setup() chooses 16 bits: too few here
rng = np.random.default_rng(0)
blood = (
    make_phantom("bloodmnist", counts={"train": 1, "val": 1, "test": 1}).train.images[0]
    / 255
)
kernels = rng.normal(size=(3, 3, 3, 8))  # height, width, channels, filters
bias = rng.normal(size=8)

# for each filter o: the sum over the channels c, plus its bias
by_hand = np.stack(
    [
        sum(slide(blood[:, :, c], kernels[:, :, c, o]) for c in range(3)) + bias[o]
        for o in range(8)
    ],
    axis=-1,
)
in_numpy = scratch.conv2d(blood[None], kernels, bias)[0]

layer = layers.Conv2D(filters=8, kernel_size=3, dtype="float64")  # 64 bits, as in NumPy
layer.build((None, 28, 28, 3))
layer.set_weights([kernels, bias])
in_keras = keras.ops.convert_to_numpy(layer(blood[None]))[0]

print("image", blood.shape, "-> maps", in_keras.shape)
print(
    f"largest difference between hand and NumPy: {np.abs(by_hand - in_numpy).max():.0e}"
)
print(
    f"largest difference between hand and Keras: {np.abs(by_hand - in_keras).max():.0e}"
)
assert np.allclose(by_hand, in_numpy, atol=1e-5)
assert np.allclose(by_hand, in_keras, atol=1e-5)

# %% [markdown]
# All three agree; what is left is rounding. They are not equally fast. Here is one layer in the middle of a network: 16
# channels in, 32 filters, for a batch of 32 images. `conv2d_loops` is our slow sliding for whole layers; `conv2d` looks
# at all places at once.

# %%
import time


def milliseconds(function, *arguments):
    """The median of five runs."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        function(*arguments)
        taken.append(time.perf_counter() - start)
    return 1000 * np.median(taken)


x = rng.normal(size=(32, 28, 28, 16)).astype("float32")
many = rng.normal(size=(3, 3, 16, 32)).astype("float32")
in_the_middle = layers.Conv2D(32, 3)
in_the_middle.build(x.shape)
for name, taken in {
    "sliding, place after place": milliseconds(scratch.conv2d_loops, x, many),
    "NumPy, all places at once": milliseconds(scratch.conv2d, x, many),
    "Keras": milliseconds(in_the_middle, x),
}.items():
    print(f"{name:28} {taken:7.1f} ms")

# %% [markdown]
# Sliding is slow; looking at all places at once is fast, and then plain NumPy is not far from Keras on a processor. So
# why Keras? It works out the slopes that training needs, and it runs on a GPU. But in the forward direction there is
# nothing inside that you have not done by hand.
#
# ## 4 How large is the output?
#
# The map came out smaller than the image: 26 × 26 from 28 × 28. A kernel three pixels wide fits into a row of 28 in 26
# places. Three settings change that:
#
# - **padding** puts zeros around the image, so that the kernel can hang over the edge;
# - **stride** is the step of the kernel: with 2, it skips every second place;
# - **dilation** pulls the kernel apart: with 2, it looks at every second pixel and so covers five with three weights.
#
# The figure shows one row of seven pixels and every place that a kernel of three can take. Dark squares are pixels that
# the kernel looks at. Count the places in each panel.

# %%
settings = [
    ("stride 1", 1, 0, 1),
    ("stride 2", 2, 0, 1),
    ("padding 1", 1, 1, 1),
    ("dilation 2", 1, 0, 2),
]
fig, axes = plots.figure(9.0, 2.5, 1, 4)
for ax, (name, stride, padding, dilation) in zip(axes, settings, strict=True):
    places = scratch.output_size(7, 3, stride, padding, dilation)
    looked_at = np.zeros((places, 7 + 2 * padding))
    for place in range(places):
        looked_at[place, place * stride + dilation * np.arange(3)] = 1
    if padding:
        looked_at[:, [0, -1]] += 0.25  # the zeros of the padding are shaded
    ax.pcolormesh(looked_at, cmap="Blues", vmax=1.5, edgecolors="black", linewidth=0.8)
    ax.set(xlim=(-0.1, 9.1), ylim=(7.1, -0.1), aspect="equal")
    ax.axis("off")
    ax.set_title(name, fontsize=9, loc="left")
fig.suptitle(
    "A kernel of three on a row of seven pixels; a line for each place (shaded: the padding's zeros)",
    fontsize=10,
)
show(
    fig,
    "Four panels, for stride 1, stride 2, padding 1 and dilation 2. In each, one line for every place that a kernel of "
    "three can take on seven pixels, with the pixels dark that it looks at there.",
    source=None,
)

# %% [markdown]
# There are five places with stride 1, three with stride 2, seven with padding 1, and three with dilation 2.
#
# Now the same in general, for one axis. With `padding` zeros on *each* side, there are size + 2 · padding pixels. A
# kernel with dilation covers dilation · (kernel − 1) + 1 of them. Put it at the far left. How many more steps of
# `stride` pixels can it take before it hangs over the right end? And the first place counts, too.
#
# ### Exercise 2: the output size
#
# Write that as a function. All arguments are whole numbers, and so is the result. (`//` divides and rounds down.)


# %% tags=["exercise"]
def output_size(size, kernel, stride, padding, dilation):
    # replace the dots with your own lines, ending in: return ...
    ...


check("01.output_size", output_size)
# hint("01.output_size")


# %% tags=["solution"]
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + 2 * padding - covered) // stride + 1


check("01.output_size", output_size)

# %% [markdown]
# Keras has two words in place of a number: `padding="valid"` means none, and `padding="same"` means as many zeros as keep
# the size (at stride 1). For a 3 × 3 kernel that is one on each side, for a 5 × 5 kernel two.
#
# ### Exercise 3: what is wrong here?
#
# Many texts explain a first network like this:
#
# > *A colour image of 32 × 32 pixels goes through a convolution with 3 × 3 kernels, without padding and with stride 1. The
# > feature maps are 28 × 28. A 2 × 2 max pooling (which keeps the largest of every four values) makes them 14 × 14.*
#
# Give the two sizes as they really are, as a pair of whole numbers: `sizes = (after the convolution, after the pooling)`.
# Pooling follows the same rule: its window is a kernel of 2 with stride 2.

# %% tags=["exercise"]
sizes = ...

check("01.thirty_two", sizes)
# hint("01.thirty_two")

# %% tags=["solution"]
sizes = (30, 15)

check("01.thirty_two", sizes)

# %% [markdown]
# We need not believe anybody. We build it, and ask:

# %%
claimed = keras.Sequential(
    [layers.Input((32, 32, 3)), layers.Conv2D(32, 3), layers.MaxPooling2D(2)]
)
for layer in claimed.layers:
    print(f"{layer.name:20} {layer.output.shape[1]} × {layer.output.shape[2]}")
fitting = [k for k in range(1, 33) if scratch.output_size(32, k) == 28]
print(f"28 × 28 would need a kernel of {fitting[0]} × {fitting[0]}.")

# %% [markdown]
# ## 5 How many numbers must be learned?
#
# The *parameters* of a convolution layer are the weights of its kernels and the biases. Each filter has kernel × kernel
# weights for every input channel, and one bias. Note what is *not* in it: the size of the image. The same few weights are
# used at every place. That is called **weight sharing**.
#
# ### Exercise 4: count parameters
#
# `kernel` is the side of the (square) kernel, `channels` the number of channels that come in, `filters` how many go out.


# %% tags=["exercise"]
def parameters(kernel, channels, filters):
    # replace the dots with your own lines, ending in: return ...
    ...


check("01.parameters", parameters)
# hint("01.parameters")


# %% tags=["solution"]
def parameters(kernel, channels, filters):
    return (kernel * kernel * channels + 1) * filters


check("01.parameters", parameters)

# %% [markdown]
# How much does sharing save? A **Dense** layer (also called fully connected) has a weight of its own from every input to
# every output, and a bias for every output: $y = Wx + b$, with $x$ the numbers that come in as one long column, $W$ the
# table of the weights and $b$ the biases. For the step from a 28 × 28 image to a 26 × 26 map, $x$ has 784 numbers, $y$
# and $b$ have 676, and $W$ has 676 rows of 784 weights:

# %%
dense = (28 * 28 + 1) * (26 * 26)
shared = layers.Conv2D(1, 3)
shared.build((None, 28, 28, 1))
print(f"Dense: {dense:,} parameters; convolution: {shared.count_params()}")

# %% [markdown]
# Now put your two functions to the test. Here is a network of ten layers, with all the settings mixed. The table sets
# what your functions predict beside what Keras says (`model.summary()` prints the same numbers). If exercises 2 and 4
# are still open, your columns have gaps: come back and run this cell again.

# %%
import pandas as pd

# kernel, stride, padding on each side, dilation, filters; no filters: max pooling
ten_layers = [
    (3, 1, 0, 1, 16),
    (3, 1, 1, 1, 16),
    (2, 2, 0, 1, None),
    (5, 1, 2, 1, 32),
    (3, 2, 0, 1, 32),
    (3, 1, 0, 2, 24),
    (3, 1, 2, 2, 24),
    (1, 1, 0, 1, 8),
    (7, 3, 0, 1, 12),
    (2, 2, 0, 1, None),
]
tower = keras.Sequential([layers.Input((128, 128, 3))])
for kernel_size, stride, padding, dilation, filters in ten_layers:
    if filters is None:
        tower.add(layers.MaxPooling2D(kernel_size, strides=stride))
    else:  # "same" pads dilation · (kernel − 1) / 2 zeros on each side
        same = "same" if padding else "valid"
        tower.add(
            layers.Conv2D(
                filters, kernel_size, stride, padding=same, dilation_rate=dilation
            )
        )

rows, size, channels = [], 128, 3
for (k, s, p, d, filters), layer in zip(ten_layers, tower.layers, strict=True):
    what = f"{k} × {k}, stride {s}, padding {p}, dilation {d}"
    rows.append(
        {
            "layer": f"pool {what}" if filters is None else f"{filters} kernels {what}",
            "your size": output_size(size, k, s, p, d),
            "Keras' size": layer.output.shape[1],
            "your parameters": 0
            if filters is None
            else parameters(k, channels, filters),
            "Keras' parameters": layer.count_params(),
        }
    )
    size, channels = layer.output.shape[1], layer.output.shape[3]
table = pd.DataFrame(rows)
if table.isna().any(axis=None):
    print("Your columns have gaps: exercises 2 and 4 first, then this cell again.")
else:
    sizes_agree = (table["your size"] == table["Keras' size"]).sum()
    counts_agree = (table["your parameters"] == table["Keras' parameters"]).sum()
    print(f"sizes right: {sizes_agree} of 10; parameters right: {counts_agree} of 10")
table

# %% [markdown]
# ## 6 Pooling
#
# A convolution looks for something; **pooling** makes the map coarser. Max pooling keeps the largest value of each 2 × 2
# window: "was it found *somewhere around here*?" Average pooling keeps their mean. Neither has anything to learn. In one
# line, for windows of $k$ × $k$ and the stride $s$ (mostly $s = k$):
#
# $$\text{max: }\; y_{i,j,c} = \max_{0 \le u,\,v < k} x_{s i+u,\; s j+v,\; c} \qquad\qquad
# \text{average: }\; y_{i,j,c} = \frac{1}{k^2} \sum_{0 \le u,\,v < k} x_{s i+u,\; s j+v,\; c}$$
#
# Each channel $c$ is pooled by itself.

# %%
small = np.array(
    [
        [1, 3, 0, 0],
        [2, 9, 0, 4],
        [0, 0, 8, 8],
        [0, 1, 8, 8],
    ],
    dtype="float32",
)
as_batch = small[None, :, :, None]
print("max pooling\n", scratch.max_pool2d(as_batch)[0, :, :, 0])
print("average pooling\n", scratch.avg_pool2d(as_batch)[0, :, :, 0])
for name, ours, keras_layer in (
    ("max", scratch.max_pool2d, layers.MaxPooling2D(2)),
    ("average", scratch.avg_pool2d, layers.AveragePooling2D(2)),
):
    theirs = keras.ops.convert_to_numpy(keras_layer(as_batch))
    assert np.allclose(ours(as_batch), theirs, atol=1e-5)
    print(f"{name}: Keras gives the same")

# %% [markdown]
# ### Exercise 5: max pooling
#
# Write max pooling of a single map `(H, W)` with windows of 2 × 2 that do not overlap. If a row or a column is left
# over at the end, because H or W is odd, leave it out, as Keras does.


# %% tags=["exercise"]
def max_pool(image):
    # replace the dots with your own lines, ending in: return ...
    ...


check("01.max_pool", max_pool)
# hint("01.max_pool")


# %% tags=["solution"]
def max_pool(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return result


check("01.max_pool", max_pool)

# %% [markdown]
# What pooling buys is that small movements matter less. We move each of 100 phantoms by one pixel, and ask how alike
# its edge map is before and after. (The *correlation* is 1 if two maps are the same up to brightness and contrast, and
# 0 if they have nothing in common.) As a comparison: how alike are the maps of two *different* phantoms?

# %%
hundred = phantom.train.images[:100].astype(float)
edge = kernel[:, :, None, None]
before, after = (np.abs(scratch.conv2d(x, edge)) for x in (hundred, moved(hundred, 1)))


def likeness(one, other):
    pairs = zip(one, other, strict=True)
    return np.median([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs])


rows = []
for side in (1, 2, 4, 8):
    pooled, pooled_after = (scratch.max_pool2d(x, side) for x in (before, after))
    rows.append(
        {
            "pooled": f"{side} × {side}" if side > 1 else "not at all",
            "numbers left": pooled[0].size,
            "moved by a pixel": likeness(pooled, pooled_after),
            "another phantom": likeness(pooled, pooled[::-1]),
        }
    )
pd.DataFrame(rows).round(2)

# %% [markdown]
# The coarser the map, the less it minds the movement. It also tells less: where things lie, and even different phantoms
# begin to look alike. For "is there a lesion?" that is a good bargain, for "draw its outline!" it is not.
#
# ## 7 Why there must be a bend
#
# A convolution only multiplies and adds. Two such layers in a row do nothing that a single one could not do: two 3 × 3
# kernels are one 5 × 5 kernel in disguise. Here is the disguise taken off:

# %%
first, second = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
one_for_both = np.zeros((5, 5))
for a in range(3):
    for b in range(3):
        one_for_both[a : a + 3, b : b + 3] += first[a, b] * second
twice, once = slide(slide(image, first), second), slide(image, one_for_both)
print(
    f"largest difference: {np.abs(twice - once).max():.0e}, of values up to {np.abs(once).max():.0f}"
)

# %% [markdown]
# So a thousand layers would be one layer. What makes depth worth while is a bend between the layers, an **activation
# function**, applied to every number by itself. Three are common:
#
# - **sigmoid**, 1 / (1 + e^−x): everything becomes a number from 0 to 1;
# - **tanh**, (e^x − e^−x) / (e^x + e^−x): the same form, from −1 to 1;
# - **ReLU** (*rectified linear unit*), max(0, x): the negative is cut off, the positive stays.
#
# Look at the right panel, the slopes (derivatives). Training follows slopes; where a slope is near 0, nothing is learned.

# %%
curves = {
    "sigmoid": (scratch.sigmoid, scratch.sigmoid_derivative),
    "tanh": (scratch.tanh, scratch.tanh_derivative),
    "ReLU": (scratch.relu, scratch.relu_derivative),
}
grid = np.linspace(-5, 5, 401)
fig, (left, right) = plots.figure(8.0, 3.0, 1, 2)
for (name, (function, derivative)), (colour, style) in zip(
    curves.items(), plots.STYLES, strict=False
):
    left.plot(grid, function(grid), color=colour, linestyle=style, label=name)
    right.plot(grid, derivative(grid), color=colour, linestyle=style, label=name)
left.set(xlabel="x", ylabel="what comes out", ylim=(-1.2, 3))
left.legend(frameon=False, fontsize=8)
right.set(xlabel="x", ylabel="slope", ylim=(-0.05, 1.1))
right.legend(frameon=False, fontsize=8)
left.set_title("the functions", fontsize=9)
right.set_title("their slopes: the sigmoid's never exceeds 0.25", fontsize=9)
show(
    fig,
    "Left: sigmoid, tanh and ReLU against x. Right: their slopes. The sigmoid's reaches only a quarter, tanh's is 1 at "
    "zero and falls off on both sides, ReLU's is 0 left of zero and 1 right of it.",
    source=None,
)

# %% [markdown]
# In a deep network, the slope of the loss has to get from the last layer back to the first. (The slopes along all
# numbers of a layer together are called the **gradient**; its *length* says how much is left of it.) On its way it is
# multiplied, layer after layer, by the weights and by the slope of the activation. We measure what is left, in networks
# of 20 layers with random weights, drawn at a size that is customary for each activation (Glorot and Bengio 2010 and He
# et al. 2015, see the references): large enough that the numbers do not vanish on the way forward, which the cell prints,
# too. Each line is an average over 50 networks.


# %%
def slope_on_the_way_back(function, derivative, scale, depth=20, width=64):
    """Lengths of the gradient after 0, 1, 2, ... layers on its way back; and what is left of the input's length."""
    weights = [
        rng.normal(0, np.sqrt(scale / width), (width, width)) for _ in range(depth)
    ]
    start, before_bend = rng.normal(size=width), []
    h = start
    for W in weights:  # forward
        before_bend.append(h @ W)
        h = function(before_bend[-1])
    gradient = rng.normal(size=width)
    lengths = [np.linalg.norm(gradient)]
    for W, a in zip(
        reversed(weights), reversed(before_bend), strict=True
    ):  # and back: chain rule
        gradient = W @ (derivative(a) * gradient)
        lengths.append(np.linalg.norm(gradient))
    return np.array(lengths) / lengths[0], np.linalg.norm(h) / np.linalg.norm(start)


fig, ax = plots.figure(6.0, 3.2)
left_over, forward = {}, {}
for (name, (function, derivative)), (colour, style) in zip(
    curves.items(), plots.STYLES, strict=False
):
    runs = [
        slope_on_the_way_back(function, derivative, scale=2 if name == "ReLU" else 1)
        for _ in range(50)
    ]
    mean = np.exp(np.mean([np.log(lengths) for lengths, _ in runs], axis=0))
    left_over[name] = mean[-1]
    forward[name] = np.exp(np.mean([np.log(length) for _, length in runs]))
    ax.semilogy(mean, color=colour, linestyle=style, label=name)
ax.set(
    xlabel="layers passed on the way back",
    ylabel="length of the gradient",
    xticks=range(0, 21, 5),
)
ax.set_title(
    "With sigmoids, almost nothing of the gradient reaches the first layers",
    fontsize=10,
)
ax.legend(frameon=False, fontsize=8)
show(
    fig,
    "Length of the gradient against layers passed, logarithmic: sigmoid falls straight down by many orders of "
    "magnitude, tanh falls slowly, ReLU stays near one.",
    source=None,
)
for name, share in left_over.items():
    print(
        f"{name:8} after 20 layers: numbers forward {forward[name]:.2f}, gradient back {share:.1e}"
    )

# %% [markdown]
# On the way forward, much is left in all three; on the way back, the sigmoid leaves nothing that training could use.
# That is why hidden layers use ReLU or one of its relatives, and why the sigmoid is left for the very end, where a
# probability is wanted. ([Chapter 03](03_lstm_gates.ipynb) meets the same trouble along time.)
#
# ## 8 Two classic layouts, taken apart
#
# Convolution, bend, pooling, and again; then the maps must become an answer. The classic way is to **flatten** them into
# one long row of numbers and to put Dense layers on top, the *head*. In one line, for a question with yes or no:
#
# $$\hat y = \sigma(\mathrm{fc}(\mathrm{pool}(\mathrm{conv}(x))))$$
#
# Read it from the inside: the image x, a convolution with its bend, a pooling (both may come several times), a fully
# connected (Dense) layer, and the sigmoid σ, which makes the number a probability, ŷ.
#
# Here is a network found in many tutorials, layer by layer. (It tells ten classes apart, so ten numbers come out.)
# Before you look: in which layer are most of its parameters?


# %% [markdown] tags=["instructor"]
# Take the bet that the text offers: the layer with the most parameters, and its share in per cent, on paper.
# Afterwards let somebody explain the answer from the table: so many features times so many places, and 128 weights
# for each. It is the same arithmetic as in section 5, with nothing shared.


# %%
def take_apart(network):
    everything = network.count_params()
    rows = [
        {
            "layer": type(layer).__name__,
            "output": " × ".join(map(str, layer.output.shape[1:])),
            "parameters": f"{layer.count_params():,}",
            "share": f"{layer.count_params() / everything:.1%}",
        }
        for layer in network.layers
    ]
    return pd.DataFrame(rows)


classic = keras.Sequential(
    [
        layers.Input((128, 128, 3)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10),
    ]
)
head = sum(
    layer.count_params() for layer in classic.layers if isinstance(layer, layers.Dense)
)
print(
    f"{classic.count_params():,} parameters, {head / classic.count_params():.2%} of them in the Dense head"
)
take_apart(classic)

# %% [markdown]
# They are in the first Dense layer. The two convolutions, which do the seeing, hold 0.3 % of all parameters. The Dense layer after `Flatten` has a weight
# for every feature at every place: it is back to asking about *this place here*.
#
# The other way is **global average pooling**: of each map, keep only its mean. "How much of this feature is there in
# the whole image?" The Dense layers now get 64 numbers in place of 57,600, and they can hardly know where anything was.
# (Section 12 says why "hardly".)

# %%
averaged = keras.Sequential(
    [
        layers.Input((128, 128, 3)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),  # in place of the last pooling and Flatten
        layers.Dense(128, activation="relu"),
        layers.Dense(10),
    ]
)
small_head = sum(
    x.count_params() for x in averaged.layers if isinstance(x, layers.Dense)
)
print(
    f"{averaged.count_params():,} parameters, {classic.count_params() / averaged.count_params():.0f} times fewer; "
    f"{small_head / averaged.count_params():.0%} of them in the Dense head"
)
take_apart(averaged)

# %% [markdown]
# And the second classic, the 32 × 32 network of exercise 3, with its true sizes. (It ends in 10 logits, numbers that a
# softmax turns into probabilities: [chapter 02](02_cross_entropy.ipynb).)

# %%
second_classic = keras.Sequential(
    [
        layers.Input((32, 32, 3)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
take_apart(second_classic)

# %% [markdown]
# Here, too, the Dense layer after `Flatten` holds more than half, though it is the only one and has just ten answers.
#
# ## 9 Both heads, trained and tested
#
# Fewer parameters need not mean better answers, nor worse ones. We train two networks on the breast images that have the
# same three convolutions and the same Dense layers, and differ only in what stands between: `Flatten` or the average.
#
# Networks differ by luck, too: by their random first weights and the order of the images. The number that decides both
# is called the **seed**. So we train each network with two seeds. Each is trained *to the end*: until its loss (a number
# that training makes small, [chapter 02](02_cross_entropy.ipynb)) on the validation images has not fallen for 20 epochs.
# The weights of the best epoch are kept.


# %%
from course_utils import fit


def new_network(head, seed):
    """The two networks share everything but the layer before their Dense layers."""
    keras.utils.set_random_seed(seed)  # before the layers, which draw their weights
    network = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Rescaling(1 / 127.5, offset=-1.0),  # 0 … 255 becomes −1 … 1
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.Flatten()
            if head == "flattened"
            else layers.GlobalAveragePooling2D(),
            layers.Dense(64, activation="relu"),
            layers.Dense(1, activation="sigmoid"),  # the probability of "malignant"
        ]
    )
    network.compile(optimizer=keras.optimizers.Adam(0.003), loss="binary_crossentropy")
    return network


# %% tags=["gpu"]
networks, histories = {}, {}
for head in ("flattened", "averaged"):
    for seed in (0, 1):
        name = f"CNN, {head}, seed {seed}"
        networks[name] = new_network(head, seed)
        print(f"{name}: {networks[name].count_params():,} parameters")
        histories[name] = fit(
            networks[name],
            (data.train.images, y_train[:, None]),
            (data.val.images, y_val[:, None]),
            epochs=device.pick(cpu=90, gpu=120),
            patience=20,
            seed=seed,
        )

# %% [markdown]
# Were they really trained to the end? Each line below is a network's loss on the validation images. Look for the lowest
# point of each, which is marked, and for what comes after it.

# %%
fig, ax = plots.figure(6.5, 3.2)
for (name, history), (colour, style) in zip(
    histories.items(), plots.STYLES, strict=False
):
    loss = np.array(history["val_loss"])
    ax.plot(1 + np.arange(len(loss)), loss, color=colour, linestyle=style, label=name)
    ax.plot(1 + loss.argmin(), loss.min(), "o", color=colour)
ax.set(xlabel="epoch", ylabel="loss on validation images", ylim=(0.2, 1.2))
ax.set_title(
    "Each network's loss on the validation images, epoch by epoch", fontsize=10
)
ax.legend(frameon=False, fontsize=8)
show(
    fig,
    "The loss on the validation images against the epoch, one line for each of four networks, each with a dot at its "
    "lowest point.",
    source=data.source,
)

# %% [markdown]
# The flattened networks are at their best early. Then their validation loss rises: they learn the training images by
# heart, the noise in them included. The averaged networks, with an eighth of the parameters, need more epochs to get to
# their best. Had all four been stopped early, after 20 epochs say, we should have compared finished networks with
# unfinished ones.
#
# Now the test images, as they are and moved by four pixels. All models were trained on images as they are. In the last
# column is the difference of the two AUCs, with its 95 % interval: if 0 lies outside, moving the images has made a
# difference.

# %% [markdown] tags=["instructor"]
# Bets before this cell: which of the three models minds four pixels, and which is best on the images as they are? Two
# questions, and the second is easily forgotten. A model that minds movement less need not be the best one where lumps lie
# in the middle.

# %%
from course_utils import auc_difference, evaluate, show_results


def score(name, images):
    if name == "logistic regression":
        return regression.predict_proba(pixels(images))[:, 1]
    return networks[name].predict(images, verbose=0)[:, 0]


def verdict(difference, of_what):
    if difference.low <= 0 <= difference.high:
        return f"{difference}: no difference shown"
    return f"{difference}: {of_what} {'higher' if difference.value > 0 else 'lower'}"


as_they_are, shifted = data.test.images, moved(data.test.images, 4)
rows, differences = [], {}
for name in ("logistic regression", *networks):
    here, there = score(name, as_they_are), score(name, shifted)
    differences[name] = auc_difference(y_test, there, here, "binary-class")
    rows.append(
        {
            "model": name,
            "AUC (95 % interval)": evaluate(y_test, here, "binary-class")["auc"],
            "AUC, moved by 4 pixels": evaluate(y_test, there, "binary-class")["auc"],
            "moved minus unmoved": differences[name],
        }
    )
show_results(
    rows,
    source=data.source,
    caption=f"{data.name}, test split, {len(y_test)} images, seeds 0 and 1",
)

# %%
for name, difference in differences.items():
    print(f"{name:22} {verdict(difference, 'moved')}")

# %% [markdown]
# The regression and the flattened network mind being moved, with either seed: they have learned places. The averaged
# network is built not to know any. How far it keeps that promise depends on the training: with some seeds of ours, on real
# images as on generated ones, no difference was shown, with others a loss. Even the same seed may end otherwise on
# another computer, which rounds otherwise. So one training tells you about one network, not about a way to build
# networks.
#
# How can it mind at all? The mean forgets where in the map a number was. But the numbers themselves depend a little on
# the place: at the edge of the image the kernels meet the zeros of the padding (section 12), the windows of the pooling
# fall differently, and some of the image has moved out of sight. Training may make use of what the edge tells.
#
# Which head is better? Two networks are compared on the *same* images, so the interval belongs to the difference
# ([chapter 00](00_start_here.ipynb)). Averaged minus flattened, for each seed:

# %%
for what, images in {"as they are": as_they_are, "moved by 4": shifted}.items():
    for seed in (0, 1):
        one, other = (
            score(f"CNN, {head}, seed {seed}", images)
            for head in ("averaged", "flattened")
        )
        difference = auc_difference(y_test, one, other, "binary-class")
        print(f"{what:12} seed {seed}: {verdict(difference, 'averaged')}")

# %% [markdown]
# We ran three seeds of each. On the generated images the averaged network was ahead whenever they were moved; on the
# images as they are, with most seeds. On the real BreastMNIST no difference was shown on the images as they are, with any
# seed. That is not to say that there is none: 156 images are few. When they were moved, the averaged network was ahead
# with some seeds. Which head is right depends on whether the place means something
# in your images: for a lump in the breast it should not, for a shadow at the tip of the lung it may.
#
# Four pixels are just the step of the two poolings together. Is the averaged network helped by that? All movements up
# to six:

# %%
for by in range(7):
    images = moved(data.test.images, by)
    there = [
        auc(y_test, score(f"CNN, averaged, seed {seed}", images), "binary-class")
        for seed in (0, 1)
    ]
    print(f"moved by {by}: AUC {there[0]:.3f} and {there[1]:.3f}")

# %% [markdown]
# Hardly. The whole steps of the poolings, 2 and 4, come out about as high as the odd movements before them, or a little
# above. By and large the AUC falls with the distance: the further the image is moved, the more of it is lost to sight,
# and the more of it lies near an edge.
#
# ## 10 What the network looks at
#
# The kernels are learned. What do they respond to? We cut the averaged network after each of its convolutions and look at
# the maps that come out: first on the phantom, where we know the lesion, then on a test image. Of each layer we show the
# maps with the largest spread. Black is 0, the smallest number that ReLU gives; white is the largest number of each map.


# %%
averaging = networks["CNN, averaged, seed 0"]
convolutions = [
    i for i, layer in enumerate(averaging.layers) if isinstance(layer, layers.Conv2D)
]


def picture_of_maps(image, title, outline=None):
    fig, axes = plots.figure(9.0, 3.5, 3, 9)
    for row, layer in enumerate(convolutions):
        upto = keras.Model(averaging.inputs, averaging.layers[layer].output)
        maps = upto.predict(image[None], verbose=0)[0]
        strongest = np.argsort(-maps.std(axis=(0, 1)))[:8]
        axes[row, 0].imshow(image[:, :, 0], cmap="gray", vmin=0, vmax=255)
        if outline is not None:
            axes[row, 0].contour(outline, levels=[0.5], colors=plots.ORANGE)
        axes[row, 0].set_ylabel(
            f"layer {row + 1}\n{maps.shape[0]} × {maps.shape[1]}", fontsize=8
        )
        for ax, k in zip(axes[row, 1:], strongest, strict=True):
            ax.imshow(maps[:, :, k], cmap="gray", vmin=0)
            ax.set_title(f"map {k}", fontsize=7)
    for ax in axes.ravel():
        ax.set(xticks=[], yticks=[])
    fig.suptitle(title, fontsize=10)
    return fig


show(
    picture_of_maps(
        phantom.train.images[case],
        "From 28 × 28 numbers to 7 × 7: eight maps of each layer, on a phantom",
        lesion,
    ),
    "Three rows, one for each convolution layer: the phantom with the lesion outlined, and eight feature maps. The "
    "maps of the first row are as fine as the image, those of the last row are seven by seven.",
    source="phantom",
)
sick = int(np.flatnonzero(y_test)[0])
show(
    picture_of_maps(
        data.test.images[sick], "The same network on a malignant test image"
    ),
    "Three rows, one for each convolution layer: a malignant test image and eight of its feature maps.",
    source=data.source,
)

# %% [markdown]
# The first maps look like those of section 2: edges, light, dark. The last ones are coarse, seven by seven, and hard to
# read by eye. Does the network "see the lesion"? On phantoms we can measure that, because we know which pixels belong
# to it. For every map we ask: if we take one pixel of the lesion and one from around it, how often is the map brighter on
# the lesion's? That is the AUC once more, over pixels instead of patients: 1 means that the map is brighter there
# everywhere, 0.5 that it knows nothing of the lesion.
#
# Two things could make a map look better than it is. The best of many maps looks good by luck, so we choose it on thirty
# phantoms with large lesions and report thirty others. And a map that is *darker* everywhere on the lesion knows where
# it is, too: we choose the sign of the map (brighter or darker) together with the map, on the first thirty. Choosing the
# sign for each image anew would be cheating: a map of pure noise would then be above 0.5 for every image.
#
# And a measurement needs a **baseline**, here more than ever. We take two: the same network *with fresh random weights*,
# which has learned nothing; and the darkness of the image itself, without any network.


# %% [markdown] tags=["instructor"]
# Stop at the pictures above, before the numbers. Ask: "Has the network learned where the lesion is? How would you
# show it?" Collect answers, then ask what a network that has learned nothing would show. Only then run the cell and
# compare its columns: trained, random, dark.


# %%
def lesion_auc(maps, masks):
    """How often a map (N, side, side) is brighter on a lesion's pixel than on one around it."""
    step = masks.shape[1] // maps.shape[1]
    # each number of a map becomes a square of pixels
    enlarged = maps.repeat(step, axis=1).repeat(step, axis=2)
    return auc(masks.ravel().astype(int), enlarged.ravel(), "binary-class")


def best_map(maps, masks):
    """The map and sign that are best on the first thirty images: its AUC on each of the other thirty."""
    on_first = np.array(
        [lesion_auc(maps[:30, ..., k], masks[:30]) for k in range(maps.shape[-1])]
    )
    best = np.abs(on_first - 0.5).argmax()
    signed = maps[..., best] if on_first[best] > 0.5 else -maps[..., best]
    return np.array([lesion_auc(signed[[i]], masks[[i]]) for i in range(30, 60)])


def maps_of(network, layer, images):
    return keras.Model(network.inputs, network.layers[layer].output).predict(
        images, verbose=0
    )


large = rng.permutation(np.argsort(-phantom.train.masks.sum(axis=(1, 2)))[:60])
images, masks = phantom.train.images[large], phantom.train.masks[large]
untrained = new_network("averaged", seed=100)
found = {}
for number, layer in enumerate(convolutions, 1):
    learned = maps_of(averaging, layer, images)
    darkness = 255 - scratch.avg_pool2d(images, 28 // learned.shape[1])
    found[number] = {
        "trained": best_map(learned, masks),
        "random weights": best_map(maps_of(untrained, layer, images), masks),
        "darkness of the pixels": best_map(darkness, masks),
    }

# %%
rows = []
for number, columns in found.items():
    percentiles = {
        name: np.percentile(aucs, (50, 5, 95)) for name, aucs in columns.items()
    }
    cells = {
        name: "{:.2f} ({:.2f} to {:.2f})".format(*p) for name, p in percentiles.items()
    }
    rows.append({"layer": number, **cells})
show_results(
    rows,
    source="phantom",
    caption="Each layer's best map for the lesion: AUC over pixels, median of 30 phantoms (middle 90 %)",
)
for number, columns in found.items():
    for other in ("random weights", "darkness of the pixels"):
        gain = columns["trained"] - columns[other]  # on the same phantoms: paired
        again = rng.choice(gain, (1000, len(gain))).mean(axis=1)  # a bootstrap
        low, high = np.percentile(again, (2.5, 97.5))
        print(
            f"layer {number}, trained minus {other:22}: {gain.mean():+.2f} ({low:+.2f} to {high:+.2f})"
        )

# %% [markdown]
# Compare the columns before the differences. Maps with random weights show the lesion in all three layers, far above 0.5.
# So does plain darkness, without any network. The lesion is dark, and even a random kernel passes darkness on.
#
# Now the differences, each from the same phantoms. In the first two layers the trained maps are not shown to be better
# than random ones, nor than darkness. In the second layer of networks trained on the real images, which are no phantoms,
# they were even clearly *worse*, with either seed. In the third layer it varied in our runs: the best map of one network
# trained on generated images was a little better than that of random weights, and with another seed it was clearly worse.
#
# So a map that shows the lesion proves neither that the network has learned anything about lesions nor that its answer
# rests on them: without the baselines, each column alone would have looked like a success. Such pictures are beautiful,
# and they are no evidence. What a network really relies on needs more careful tools.
#
# ## 11 How far can a unit see?
#
# One number in a map (also called a **unit**) of the first layer has seen 3 × 3 pixels. One in the second layer has
# seen 3 × 3 numbers of the first, each of which has seen 3 × 3 pixels: together more. The part of the image that a
# number depends on is called its **receptive field**. To compute its width, keep two numbers as you go through the
# layers: the `field`, which starts as 1 pixel, and the `jump`, how many pixels apart neighbouring numbers are, which
# starts as 1, too. A layer with a given kernel and stride makes the field wider by (kernel − 1) jumps; then it
# multiplies the jump by its stride.
#
# ### Exercise 6: the receptive field
#
# `layers_` is a list of pairs (kernel, stride), pooling included. Return how many pixels wide the receptive field of one
# number is after the last of them.


# %% tags=["exercise"]
def receptive_field(layers_):
    # replace the dots with your own lines, ending in: return ...
    ...


check("01.receptive_field", receptive_field)
# hint("01.receptive_field")


# %% tags=["solution"]
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return field


check("01.receptive_field", receptive_field)

# %% [markdown]
# To confirm it, we poke: change each of the 784 pixels in turn, and note which of them change the numbers in the middle
# of the third convolution's maps. (We take the network with random weights and try several images, so that no pixel is
# overlooked because a larger neighbour hid it from the max pooling.)

# %%
seen = np.zeros(784, bool)
for start in rng.integers(0, 256, (3, 28, 28, 1)).astype("float32"):
    for poke in (-255.0, 255.0):
        poked = np.repeat(start[None], 784, axis=0)
        for pixel in range(784):  # copy number n of the image has its pixel n changed
            poked[pixel, pixel // 28, pixel % 28] += poke
        both = np.concatenate([start[None], poked])
        middle = maps_of(untrained, convolutions[-1], both)[:, 3, 3]
        seen |= (middle[1:] != middle[:1]).any(axis=1)
seen = seen.reshape(28, 28)
high, wide = (np.ptp(np.flatnonzero(seen.any(axis=axis))) + 1 for axis in (1, 0))
predicted = receptive_field([(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)])
print(
    f"measured: {high} × {wide} pixels; your function says {predicted or 'nothing yet'}"
)

fig, ax = plots.figure(3.2, 3.2)
ax.imshow(data.test.images[sick, :, :, 0], cmap="gray", vmin=0, vmax=255)
ax.contour(seen, levels=[0.5], colors=plots.ORANGE)
ax.set(xticks=[], yticks=[])
ax.set_title(
    f"One number of the third layer\ndepends on {high} × {wide} pixels", fontsize=9
)
show(
    fig,
    f"A test image with an outlined square of {high} by {wide} pixels, the receptive field of one unit.",
    source=data.source,
)

# %% [markdown]
# No unit before the averaging has seen the whole image. A network whose fields are smaller than the thing it must
# recognise sees parts and never the whole. Depth, stride, pooling and dilation widen the field; larger kernels do, too,
# at a price that you can now compute.
#
# ## 12 Where it breaks
#
# **Mirrored images.** When an image is moved, the maps move along, because the weights are shared; averaging over them
# then forgets where. Nothing does the same for turning or mirroring. We mirror the test images top to bottom, and ask
# again.

# %%
rows, differences = [], {}
for name in ("logistic regression", *networks):
    here, there = score(name, data.test.images), score(name, data.test.images[:, ::-1])
    differences[name] = auc_difference(y_test, there, here, "binary-class")
    rows.append(
        {
            "model": name,
            "AUC, mirrored": evaluate(y_test, there, "binary-class")["auc"],
            "mirrored minus as it is": differences[name],
        }
    )
show_results(
    rows,
    source=data.source,
    caption=f"{data.name}, test images mirrored top to bottom, seeds 0 and 1",
)
for name, difference in differences.items():
    print(f"{name:22} {verdict(difference, 'mirrored')}")

# %% [markdown]
# Averaging is no help here: the averaged networks score lower with both seeds, for they average maps of features that
# stand on their heads. One reason why that matters may be this: in ultrasound, sound comes from above. Many malignant lumps throw a shadow downwards, while many
# harmless ones throw none, and below a cyst it is even brighter. Mirrored, all that points the wrong way. To make a
# network ignore mirroring, mirror training images, too ([chapter 04](04_medmnist_classification.ipynb)).
#
# **Wrong shapes.** A network is built for one shape. This one expects 32 × 32 pixels in three colours, and gets 28 × 28
# in grey. Read the message; you will meet it again. It names the first thing that does not fit: the last axis (−1), the
# channels.

# %%
try:
    second_classic.predict(data.test.images[:1], verbose=0)
except ValueError as error:
    message = str(error).split("Arguments")[0]
    print(message.replace("\x1b[1m", "").replace("\x1b[0m", "").strip())

# %% [markdown]
# **A Dense layer put straight on an image.** No error here, which is worse. `Dense` works on the *last* axis, the
# channels. So it gives ten answers *for every pixel*:

# %%
straight = keras.Sequential([layers.Input((28, 28, 1)), layers.Dense(10)])
flattened = keras.Sequential(
    [layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]
)
print(
    "Dense straight on the image:",
    straight.output_shape,
    "-",
    straight.count_params(),
    "parameters",
)
print(
    "with Flatten before it:     ",
    flattened.output_shape,
    "-",
    flattened.count_params(),
    "parameters",
)

# %% [markdown]
# **The edge of the image.** With `padding="same"` the kernel meets zeros outside. A perfectly uniform image does not come
# out uniform:

# %%
uniform = np.ones((1, 6, 6, 1))
print(
    scratch.conv2d(uniform, np.ones((3, 3, 1, 1)), padding="same")[0, :, :, 0].astype(
        int
    )
)

# %% [markdown]
# Where the image ends shows in the maps: you have seen stripes at the borders of some in section 10. Networks can learn
# that, and so know a little about places after all.
#
# ## Quiz

# %% tags=["quiz"]
quiz("01")

# %% tags=["answers"]
quiz("01", "???????")

# %% tags=["progress"]
progress()

# %% [markdown]
# ## What to remember
#
# - A kernel is a question, the feature map its answer for every place: **multiply and add**, nothing else.
# - Output size: (size + 2 · padding − covered) // stride + 1, with covered = dilation · (kernel − 1) + 1.
# - Parameters: (kernel² · channels + 1) · filters, whatever the size of the image.
# - Without a **bend** between them, all layers are one. ReLU lets the gradient through.
# - The Dense layer after `Flatten` holds most of the parameters (54 % and 99.7 % in our two classics) and knows about
#   places; after **global average pooling** the head is far smaller and hardly does.
# - When the image moves, the maps of a convolution move along. Nothing of the kind holds for turning. A unit sees only
#   its **receptive field**.
# - A pretty feature map proves nothing without a baseline.
#
# Next: [02 · Cross-entropy](02_cross_entropy.ipynb), what training makes small.
#
# ## References
#
# - LeCun Y, et al. Gradient-based learning applied to document recognition. *Proceedings of the IEEE* 86, 2278 (1998):
#   convolution, pooling and weight sharing in one network. <https://doi.org/10.1109/5.726791>
# - Goodfellow I, Bengio Y, Courville A. *Deep Learning*, chapter 9. MIT Press (2016). <https://www.deeplearningbook.org>
# - Dumoulin V, Visin F. A guide to convolution arithmetic for deep learning (2016). <https://arxiv.org/abs/1603.07285>
# - Lin M, Chen Q, Yan S. Network in network (2013): global average pooling. <https://arxiv.org/abs/1312.4400>
# - Glorot X, Bengio Y. Understanding the difficulty of training deep feedforward neural networks. *AISTATS* (2010).
#   <https://proceedings.mlr.press/v9/glorot10a.html>
# - He K, et al. Delving deep into rectifiers. *ICCV* (2015). <https://arxiv.org/abs/1502.01852>
# - Yang J, et al. MedMNIST v2. *Scientific Data* 10, 41 (2023). <https://doi.org/10.1038/s41597-022-01721-8>

# %% [raw] tags=["words"]
# - name: activation function
#   chinese: 激活函数
#   means: A bent curve that a layer applies to each of its numbers separately; without it, many layers could do
#     no more than a single one.
#   also: [activation]
# - name: batch
#   chinese: 批次
#   means: The cases, 32 for example, that a network is given together; in training, one step is taken after each
#     batch.
#   also: [batches]
# - name: bias
#   chinese: 偏置
#   means: A parameter that is added to a weighted sum; it has nothing to do with prejudice or with the faults of
#     a study.
#   also: [biases]
# - name: channel
#   chinese: 通道
#   means: One of several tables of numbers that lie on top of each other in an image or a layer's output, such
#     as red, green and blue; in records, one measurement over time.
#   also: [channels]
# - name: convolution
#   chinese: 卷积
#   means: Laying a small table of weights on every place of an image in turn, and at each place adding up the products
#     of weights and pixels.
# - name: Dense layer
#   chinese: 全连接层
#   means: A layer with a weight from every number that comes in to every number that goes out; also called fully
#     connected.
#   also: [Dense, fully connected]
# - name: derivative
#   chinese: 导数
#   means: 'The slope of a curve: how fast what comes out changes when what goes in changes a little.'
#   also: [derivatives]
# - name: dilation
#   chinese: 膨胀率（空洞卷积）
#   means: 'How far apart the pixels are that neighbouring weights of a kernel look at: with 2, it looks at every
#     second pixel.'
# - name: feature map
#   chinese: 特征图
#   means: The table of the numbers that one kernel gives, one for each place of the image where it was laid.
#   also: [feature maps]
# - name: flatten
#   chinese: 展平
#   means: Writing all numbers of the feature maps into one long row, so that a Dense layer can read them.
#   also: [flattening]
# - name: global average pooling
#   chinese: 全局平均池化
#   means: Keeping only the mean of each feature map, so that it is known how much of something there is, but hardly
#     where.
# - name: gradient
#   chinese: 梯度
#   means: For each parameter, how fast the loss rises if that parameter is raised a little; training steps the
#     opposite way.
# - name: head
#   chinese: 输出头
#   means: The last layers of a network, which turn what the layers before have found into an answer.
# - name: hidden layer
#   chinese: 隐藏层
#   means: A layer between the input and the output of a network, whose numbers are not part of the answer.
#   also: [hidden layers]
# - name: kernel
#   chinese: 卷积核
#   means: The small table of learned weights that a convolution lays on the image; in a network also called a filter.
#   also: [filter]
# - name: lesion
#   chinese: 病灶
#   means: A place in the body that disease or injury has changed, such as a lump.
# - name: padding
#   chinese: 填充
#   means: Adding rows and columns, mostly of zeros, around an image, so that a kernel can also be laid on its edge.
# - name: phantom
#   chinese: 仿真图像（数字体模）
#   means: An image generated by a program that stands in for a real one, and in which we know where everything
#     is (in radiology, also a physical test object).
#   also: [phantoms]
# - name: pooling
#   chinese: 池化
#   means: 'Making a feature map coarser: from each small square only the largest number (max pooling) or the mean
#     (average pooling) is kept.'
#   also: [max pooling, average pooling]
# - name: receptive field
#   chinese: 感受野
#   means: The part of the image that one number in a feature map depends on.
# - name: ReLU
#   chinese: 修正线性单元
#   means: An activation function that sets negative numbers to zero and leaves the others as they are.
#   also: [rectified linear unit]
# - name: stride
#   chinese: 步幅
#   means: How many pixels a kernel moves on from one place to the next.
# - name: tanh
#   chinese: 双曲正切函数
#   means: An activation function like the sigmoid, but with results between −1 and 1.
# - name: unit
#   chinese: 神经元（单元）
#   means: One of the numbers that a layer works out, such as one place of a feature map or one number of a hidden
#     state; also called a neuron.
#   also: [units]
# - name: weight sharing
#   chinese: 权重共享
#   means: Using the same weights at every place of an image, or at every step of a sequence, rather than separate
#     ones for each.
