"""Exercises and quiz of chapter 01, CNN basics."""

import numpy as np

from course_utils.exercises.model import Exercise, Question


def at_place(image, kernel, row, column):
    height, width = kernel.shape
    piece = image[row : row + height, column : column + width]
    return (piece * kernel).sum()


def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + 2 * padding - covered) // stride + 1


def parameters(kernel, channels, filters):
    return (kernel * kernel * channels + 1) * filters


def max_pool(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    windows = image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
    return windows.max(axis=(1, 3))


def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


_image = np.random.default_rng(0).integers(0, 10, (8, 9)).astype(float)
_kernel = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 3.0, -1.0]])
_flat_kernel = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]])  # neither square nor symmetric
_maps = (
    np.array([[1.0, 3.0, 0.0, 0.0], [2.0, 9.0, 0.0, 4.0], [0.0, 0.0, 8.0, 8.0], [0.0, 1.0, 8.0, 8.0]]),
    np.random.default_rng(1).normal(size=(6, 4)),
    np.random.default_rng(2).normal(size=(5, 7)),
    -np.arange(1.0, 17.0).reshape(4, 4),
)

EXERCISES = [
    Exercise(
        "01.at_place",
        hints=(
            "Cut out the piece of the image that lies under the kernel; it has the kernel's shape.",
            "piece = image[row : row + height, column : column + width], with height, width = kernel.shape.",
            "Multiply number by number, piece * kernel, and add everything up with .sum().",
        ),
        reference=at_place,
        cases=(
            (_image, _kernel, 0, 0),
            (_image, _kernel, 2, 4),
            (_image, _flat_kernel, 3, 1),
            (_image[:5, :5], np.ones((2, 2)), 1, 3),
        ),
        mistakes={
            "row and column seem to be exchanged: an array is asked for its row first, image[row, column].": (
                "kernel, row, column → kernel, column, row"
            ),
            "you reverse the kernel's rows and columns. That is what mathematicians call convolution; networks leave "
            "it.": "* kernel → * kernel[::-1, ::-1]",
            "you return all the products. Add them up to a single number.": ".sum() →",
            "you took the mean of the products; the sum is wanted.": "sum → mean",
            "you put the kernel's middle at row, column. Here its upper left corner lies there.": (
                "piece = image[ → piece = np.pad(image, ((height // 2, height), (width // 2, width)))["
            ),
            "the kernel's upper left corner lies at row, column, not its middle (and it need not be 3 by 3).": (
                lambda x, k, r, c: (x[r - 1 : r + 2, c - 1 : c + 2] * k).sum()
            ),
            "you add up the pixels and the weights separately and multiply afterwards. First multiply, pixel by "
            "pixel.": "(piece * kernel).sum() → piece.sum() * kernel.sum()",
            "you add up the pixels; the weights of the kernel are missing.": "piece * kernel → piece",
        },
    ),
    Exercise(
        "01.output_size",
        hints=(
            "How many pixels does the kernel cover, and how many are there with the padding on both sides?",
            "covered = dilation * (kernel - 1) + 1. From the first place it can move on by size + 2 * padding - "
            "covered "
            "pixels, in steps of stride.",
            "(size + 2 * padding - covered) // stride + 1",
        ),
        reference=output_size,
        cases=(
            (28, 3, 1, 0, 1),
            (32, 5, 1, 2, 1),
            (7, 3, 2, 0, 1),
            (28, 3, 2, 1, 1),
            (30, 3, 1, 0, 2),
            (17, 4, 3, 2, 2),
            (5, 5, 1, 0, 1),
        ),
        mistakes={
            "you forgot the padding of the second side: it is added on both.": "2 * padding → padding",
            "you forgot the first place: so many steps mean one place more.": "stride + 1 → stride",
            "the dilation is missing: a kernel pulled apart covers dilation * (kernel - 1) + 1 pixels.": (
                "dilation * (kernel - 1) + 1 → kernel"
            ),
            "a dilated kernel covers a little less than dilation * kernel pixels: there is no gap after the last "
            "weight.": "dilation * (kernel - 1) + 1 → dilation * kernel",
            "the padding is missing.": "+ 2 * padding →",
            "the stride is missing.": "// stride →",
            "the result should be a whole number: half a place is no place. Round down, with //.": "// → /",
            "round down, not up: where the kernel would hang over the edge, there is no place.": (
                "(size + 2 * padding - covered) // stride → -((covered - size - 2 * padding) // stride)"
            ),
            "you add 1 before you divide. The first place is added after the steps have been counted.": (
                "covered) // stride + 1 → covered + 1) // stride"
            ),
            "// comes before + and -: put the whole distance into brackets before you divide.": (
                "(size + 2 * padding - covered) → size + 2 * padding - covered"
            ),
            "a sign is lost: the whole covered width is subtracted, its + 1 included. Mind the brackets.": (
                "- covered → - dilation * (kernel - 1) + 1"
            ),
            "that holds for stride 1 and dilation 1 without padding. Bring in the other settings.": (
                "(size + 2 * padding - covered) // stride → size - kernel"
            ),
        },
    ),
    Exercise(
        "01.thirty_two",
        hints=(
            "Use the rule of exercise 2 with size 32 and kernel 3: in how many places does it fit?",
            "The map loses one pixel at each edge. What is left is halved by the pooling.",
            "32 - 3 + 1, and half of that.",
        ),
        reference=(30, 15),
        mistakes={
            "that is what the text says. Count: in how many places does a kernel of 3 fit into a row of 32?": (28, 14),
            "that would be the sizes with padding; the text says without.": (32, 16),
            "the first is right. Pooling takes every second place, so its map is half as wide.": (30, 28),
            "a window of 2 with stride 2 halves the size; with stride 1 it would be one less.": (30, 29),
            "the first is right. For the second use the rule again, with size 30, kernel 2 and stride 2.": (30, 14),
            "32 - 3 counts the steps; the place where the kernel starts counts, too.": (29, 14),
            "the other way round: first the size after the convolution.": (15, 30),
            "the first is right; the second is half of it.": (30, 16),
            "right, but one side of each is enough: two numbers.": ((30, 30), (15, 15)),
            "a kernel of 3 loses two pixels of the row, not one.": (31, 15),
            "a kernel of 3 loses two pixels of the row, not one; and the second is half of the first.": (31, 16),
        },
    ),
    Exercise(
        "01.parameters",
        hints=(
            "How many weights has one kernel, if it looks at all channels? And what else does each filter have?",
            "One filter: kernel * kernel * channels weights and one bias.",
            "(kernel * kernel * channels + 1) * filters",
        ),
        reference=parameters,
        cases=((3, 1, 1), (3, 3, 32), (5, 16, 8), (1, 64, 10)),
        mistakes={
            "the biases are missing: one for each filter.": "+ 1 →",
            "the channels are missing: a filter has a kernel for each channel that comes in.": "* channels →",
            "the kernel is square: kernel * kernel weights.": "kernel * kernel → kernel",
            "there is one bias for each filter, not one for all.": "+ 1) * filters → ) * filters + 1",
            "there is one bias for each filter, not one for each channel.": "+ 1) * filters → ) * filters + channels",
            "there is one bias for each filter, not one for each channel of each filter.": (
                "* channels + 1) → + 1) * channels"
            ),
            "that is one filter; there are several.": "* filters →",
            "the bias is one number for each filter, not one more channel of weights.": (
                "channels + 1) → (channels + 1))"
            ),
            "three by three is nine, not six: the side times itself.": "kernel * kernel → 2 * kernel",
            "in Python ^ is no power; use ** or multiply.": "kernel * kernel → kernel ^ 2",
            "in Python ^ is not a power; use ** or multiply.": "kernel * kernel → (kernel ^ 2)",
            "brackets: in yours, only the bias is multiplied by the number of filters.": (
                "(kernel * kernel * channels + 1) → kernel * kernel * channels + 1"
            ),
        },
    ),
    Exercise(
        "01.max_pool",
        hints=(
            "The result has H // 2 rows and W // 2 columns. Which four pixels belong to place (i, j)?",
            "The window of place (i, j) is image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].",
            "Two loops over i and j, and result[i, j] = that window's .max(). Start with np.zeros((H // 2, W // 2)).",
        ),
        reference=max_pool,
        cases=tuple((m,) for m in _maps),
        mistakes={
            "you take the mean of each window; the largest value is wanted.": "windows.max( → windows.mean(",
            "your windows overlap: after each, go on by two pixels.": (
                lambda x: np.max([x[:-1, :-1], x[1:, :-1], x[:-1, 1:], x[1:, 1:]], axis=0)
            ),
            "at an odd edge you make a window of what is left over. Leave it out.": (
                "rows, columns = image → image = np.pad(image, [(0, n % 2) for n in image.shape], "
                "constant_values=-np.inf)\n    rows, columns = image"
            ),
            "you take the smallest value of each window.": "windows.max( → windows.min(",
            "you take every second pixel, whatever is beside it. The largest of four is wanted.": (
                "windows.max(axis=(1, 3)) → windows[:, 0, :, 0]"
            ),
            "you take the largest value of the whole image.": "windows.max(axis=(1, 3)) → image.max()",
            "negative values become 0. The largest of four negative numbers is negative, too.": (
                "axis=(1, 3) → axis=(1, 3), initial=0"
            ),
            "you add up each window; the largest value is wanted.": "windows.max( → windows.sum(",
            "your result holds whole numbers only: the decimals are cut off.": (
                "(axis=(1, 3)) → (axis=(1, 3)).astype(int)"
            ),
            "you have the right number of windows, but they lie one pixel apart and overlap.": (
                lambda x: np.array(
                    [[x[i : i + 2, j : j + 2].max() for j in range(x.shape[1] // 2)] for i in range(x.shape[0] // 2)]
                )
            ),
            "you take every second pixel, whatever is beside it. The largest of four is wanted, and a row or column "
            "left over at the end is left out.": lambda x: x[::2, ::2],
            "you have pooled the rows only; the columns are still all there.": (
                "windows.max(axis=(1, 3)) → image[: 2 * rows].reshape(rows, 2, -1).max(axis=1)"
            ),
        },
    ),
    Exercise(
        "01.receptive_field",
        hints=(
            "Go through the layers with two numbers, field and jump, both 1 at the start.",
            "At each layer: field grows by (kernel - 1) * jump; after that, jump is multiplied by the stride.",
            "for kernel, stride in layers_: field += (kernel - 1) * jump; jump *= stride. Then return field.",
        ),
        reference=receptive_field,
        cases=(
            ([(3, 1)],),
            ([(3, 1), (3, 1)],),
            ([(3, 1), (2, 2), (3, 1)],),
            ([(5, 2), (3, 2), (3, 1)],),
            ([(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)],),
        ),
        mistakes={
            "the jump is missing: after a stride, each further pixel of the kernel is several pixels of the image.": (
                "* jump →"
            ),
            "you multiply the jump before you widen the field. A layer's own stride spreads only what comes after "
            "it.": "* jump → * jump * stride",
            "the jumps multiply: two layers of stride 2 make a jump of 4, not 2.": "jump *= stride → jump = stride",
            "the kernels multiplied would be too much: neighbouring numbers have seen almost the same pixels.": (
                "+= (kernel - 1) * jump → *= kernel"
            ),
            "the kernels added up are too much: each layer adds its kernel less one.": (
                lambda layers: sum(k for k, _ in layers)
            ),
            "that is the jump. It is needed on the way, but the field is wanted.": "return field → return jump",
            "the field starts as 1 pixel, not 0.": "= 1, 1 → = 0, 1",
            "you stop after the first layer. Does return stand inside the loop?": "jump *= stride → return field",
            "you spread a layer by its own stride. What counts are the strides of the layers before it.": (
                "* jump → * stride"
            ),
            "the jump is multiplied by the stride, not increased by it.": "*= stride → += stride",
            "each layer adds its kernel less one: one of its numbers is there already.": "(kernel - 1) → kernel",
            "that rule works, but from the last layer back to the first.": (
                "+= (kernel - 1) * jump → = (field - 1) * stride + kernel"
            ),
            "a layer with a stride, pooling say, widens the field, too.": "* jump → * jump * (stride == 1)",
            "the width is wanted, not the area.": "return field → return field**2",
            "you return field and jump; the field alone is wanted.": "return field → return field, jump",
        },
    ),
]

QUIZ = [
    Question(
        "The pixels are [[2, 0, 1], [3, 1, 0], [4, 2, 2]], the kernel is [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]. The "
        "result at this place is",
        {
            "6": "That is the left column minus the right one; this kernel subtracts the left.",
            "✓ −6": "Right: 1 + 0 + 2 on the right, minus 2 + 3 + 4 on the left.",
            "a 3 × 3 table of products": "The products are added up: one place gives one number.",
        },
    ),
    Question(
        "A colour image of 64 × 64 × 3 goes through 16 kernels of 5 × 5, no padding, stride 1. Out come",
        {
            "60 × 60 × 48 numbers: 16 maps for each colour.": (
                "Each kernel looks at all three colours at once and gives one map."
            ),
            "✓ 60 × 60 × 16 numbers.": "Right: 64 − 5 + 1 places along each axis, one map for each kernel.",
            "59 × 59 × 16 numbers.": "Count the first place, too: 64 − 5 steps make one place more.",
            "64 × 64 × 16 numbers.": "Only with padding does the size stay.",
        },
    ),
    Question(
        "The same convolution layer is used on images twice as wide and twice as high. Its number of parameters",
        {
            "is four times as large.": "That would be so for a Dense layer. Which weights does a new place need?",
            "doubles.": "Which weights does a new place need?",
            "✓ stays the same.": "Right: the same kernel is slid over more places. That is weight sharing.",
        },
    ),
    Question(
        "In the classic 128 × 128 × 3 network, nearly all parameters are in",
        {
            "the first convolution, which sees the whole image.": "It has 3 × 3 × 3 weights for each filter, no more.",
            "✓ the first Dense layer after Flatten.": (
                "Right: it has a weight for every feature at every place, times 128."
            ),
            "the pooling layers.": "Pooling has nothing to learn.",
        },
    ),
    Question(
        "We leave out all activation functions between ten convolution layers. The network",
        {
            "✓ can do no more than a single convolution.": (
                "Right: multiply and add, ten times over, is multiply and add once, with a larger kernel."
            ),
            "learns faster, since no slope is lost.": (
                "No slope is lost, but nothing is gained: ten such layers can do only what one can."
            ),
            "works as before; only the numbers are larger.": "Try section 7: two kernels melt into one.",
        },
    ),
    Question(
        "Hidden layers use ReLU rather than the sigmoid, because",
        {
            "ReLU gives probabilities.": (
                "It gives any number from 0 up. The sigmoid is the one that gives probabilities."
            ),
            "✓ the sigmoid's slope is at most 1/4, and a product of many such slopes vanishes.": (
                "Right: hardly any gradient reaches the first layers of a deep sigmoid network."
            ),
            "ReLU is smooth.": "It has a corner at 0. That does no harm.",
            "the sigmoid cannot be differentiated.": "It can, everywhere. Look at how large the slope is.",
        },
    ),
    Question(
        "A network ends in global average pooling and is trained on lumps in the middle of the image. Then it meets "
        "a lump in a corner, and the same lump mirrored top to bottom. We expect that",
        {
            "it copes with both, since its weights are shared.": (
                "Sharing is over places. A mirrored lump meets kernels that are not mirrored."
            ),
            "it copes with neither.": "The same kernels look into the corner, and the mean does not ask where.",
            "✓ it copes with the corner; the mirrored one is another matter.": (
                "Right: maps move along with the image and are averaged (nearly; the edge shows). Nothing mirrors a "
                "kernel."
            ),
        },
    ),
]
