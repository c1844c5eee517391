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


class _Kept(list):
    """A list of layers that complains when it is changed: whoever gave it may still need it."""

    def _refuse(self, *_, **__):
        raise TypeError("your function changes the list that it is given. Loop over it, or work on list(layers_)")

    pop = clear = remove = insert = append = extend = reverse = sort = _refuse
    __delitem__ = __setitem__ = __iadd__ = __imul__ = _refuse

    def __deepcopy__(self, memo):
        return self


_Kept.__name__ = "list"  # so it is printed like one


def _places():
    """Images of decimals, negative and large numbers; kernels of all shapes; corners and edges."""
    rng = np.random.default_rng(0)
    yield rng.integers(0, 10, (8, 9)).astype(float), _kernel, 0, 0
    yield rng.integers(0, 10, (8, 9)).astype(float), _kernel, 2, 4
    for height, width in ((2, 3), (4, 2), (2, 2), (1, 5), (5, 1), (3, 4)):
        image = rng.normal(100, 90, (9, 11)).round(2)
        kernel = rng.integers(-4, 5, (height, width)) / 4
        yield image, kernel, int(rng.integers(1, 10 - height)), int(rng.integers(1, 12 - width))
    yield rng.integers(0, 256, (6, 7)), np.array([[-1, 0, 1]] * 3), 3, 4  # the last place, in whole numbers


_kernel = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 3.0, -1.0]])


def _settings():
    yield from ((28, 3, 1, 0, 1), (32, 5, 1, 2, 1), (7, 3, 2, 0, 1), (28, 3, 2, 1, 1), (30, 3, 1, 0, 2))
    yield from ((17, 4, 3, 2, 2), (5, 5, 1, 0, 1), (9, 1, 4, 0, 3))
    rng = np.random.default_rng(1)
    for _ in range(20):
        kernel, stride, padding, dilation = (int(n) for n in rng.integers((1, 1, 0, 1), (7, 5, 4, 4)))
        yield int(rng.integers(dilation * (kernel - 1) + 1, 60)), kernel, stride, padding, dilation


def _maps():
    yield np.array([[1.0, 3.0, 0.0, 0.0], [2.0, 9.0, 0.0, 4.0], [0.0, 0.0, 8.0, 8.0], [0.0, 1.0, 8.0, 8.0]])
    yield np.random.default_rng(1).normal(size=(6, 4))
    yield np.random.default_rng(2).normal(size=(5, 7))
    yield -np.arange(1.0, 17.0).reshape(4, 4)
    yield np.random.default_rng(3).normal(-1e5, 10, size=(7, 2))  # far below any "smallest number" to begin with
    yield np.random.default_rng(4).integers(-300, 300, (2, 9))


def _stacks():
    yield from ([(3, 1)], [(3, 1), (3, 1)], [(2, 2)], [(3, 1), (2, 2), (3, 1)], [(5, 2), (3, 2), (3, 1)])
    yield [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]
    rng = np.random.default_rng(5)
    for length in (2, 3, 4, 5, 7):  # kernels of 1 to 7, even ones too, strides of 1 to 4
        yield [(int(k), int(s)) for k, s in rng.integers((1, 1), (8, 5), (length, 2))]


EXERCISES = [
    Exercise(
        "01.at_place",
        hints=(
            "Two steps: cut out the piece of the image that lies under the kernel; then work with piece and kernel, "
            "which have the same shape.",
            "The piece begins at row and column and is as high and as wide as the kernel. In image[a:b, c:d], what "
            "are b and d?",
            "With height, width = kernel.shape, the rows of the piece are row : row + height, and the columns "
            "likewise. Multiplied by the kernel it gives all the products; .sum() comes last.",
        ),
        reference=at_place,
        cases=tuple(_places()),
        mistakes={
            "row and column seem to be exchanged: an array is asked for its row first, image[row, column].": (
                "kernel, row, column → kernel, column, row"
            ),
            "height and width seem to be exchanged: kernel.shape gives the number of rows first.": (
                "height, width → width, height"
            ),
            "you reverse the kernel's rows and columns. That is what mathematicians call convolution; networks leave "
            "it.": "* kernel → * kernel[::-1, ::-1]",
            "you turn the kernel: rows and columns of its weights are exchanged.": "* kernel → * kernel.T",
            "the kernel is turned on its side: its rows have become columns.": (
                "height, width = kernel.shape → kernel = kernel.T\n    height, width = kernel.shape"
            ),
            "the last row and column of the kernel are left out: a:b ends before b.": (
                lambda x, k, r, c: (x[r : r + len(k) - 1, c : c + len(k.T) - 1] * k[:-1, :-1]).sum()
            ),
            "you return all the products. Add them up to a single number.": ".sum() →",
            "you add up each column by itself; one single number is wanted.": ".sum() → .sum(axis=0)",
            "you add up each row by itself; one single number is wanted.": ".sum() → .sum(axis=1)",
            "you took the mean of the products; the sum is wanted.": "sum → mean",
            "you took the largest of the products; the sum is wanted.": "sum → max",
            "you put the kernel's middle at row, column. Here its upper left corner lies there.": (
                "piece = image[ → piece = np.pad(image, ((height // 2, height), (width // 2, width)))["
            ),
            "the kernel's upper left corner lies at row, column, not its middle (and it need not be 3 by 3).": (
                lambda x, k, r, c: (x[r - 1 : r + 2, c - 1 : c + 2] * k).sum()
            ),
            "you always cut out 3 by 3 pixels. The kernel may have any size.": (
                lambda x, k, r, c: (x[r : r + 3, c : c + 3] * k).sum()
            ),
            "you always take 3 columns. The kernel may have any size.": "column + width → column + 3",
            "you always take 3 rows. The kernel may have any size.": "row + height → row + 3",
            "your piece is as wide as it is high. A kernel need not be square.": "column + width → column + height",
            "your piece is one row and one column too small: a:b ends before b.": (
                lambda x, k, r, c: (x[r : r + k.shape[0] - 1, c : c + k.shape[1] - 1] * k).sum()
            ),
            "your piece is one row and one column too large: a:b ends before b, so b is the first that is left out.": (
                lambda x, k, r, c: (x[r : r + k.shape[0] + 1, c : c + k.shape[1] + 1] * k).sum()
            ),
            "your piece lies one row and one column too far on: rows and columns are counted from 0.": (
                lambda x, k, r, c: (x[r + 1 : r + 1 + k.shape[0], c + 1 : c + 1 + k.shape[1]] * k).sum()
            ),
            "your piece lies one row and one column too early: rows and columns are counted from 0.": (
                lambda x, k, r, c: (x[r - 1 : r - 1 + k.shape[0], c - 1 : c - 1 + k.shape[1]] * k).sum()
            ),
            "your piece begins at row, column but does not end at the kernel's end: image[a:b] ends at b, which is no "
            "length.": lambda x, k, r, c: (x[r : k.shape[0], c : k.shape[1]] * k).sum(),
            "you always take 3 by 3 weights. The kernel may have any size: kernel.shape.": (
                lambda x, k, r, c: sum(x[r + i, c + j] * k[i, j] for i in range(3) for j in range(3))
            ),
            "row, column is the kernel's upper left corner. You lay its middle there.": (
                lambda x, k, r, c: (
                    x[
                        r - k.shape[0] // 2 : r - k.shape[0] // 2 + k.shape[0],
                        c - k.shape[1] // 2 : c - k.shape[1] // 2 + k.shape[1],
                    ]
                    * k
                ).sum()
            ),
            "your piece is as high as it is wide. A kernel need not be square.": "row + height → row + width",
            "you use the signs of the weights only. Multiply by the weights themselves.": (
                "piece * kernel → piece * np.sign(kernel)"
            ),
            "you keep the result between 0 and 255. A map may hold any number.": (
                "return (piece * kernel).sum() → return np.clip((piece * kernel).sum(), 0, 255)"
            ),
            "that is the piece in the upper left corner, wherever row and column point.": (
                lambda x, k, r, c: (x[: k.shape[0], : k.shape[1]] * k).sum()
            ),
            "you add up the pixels and the weights separately and multiply afterwards. First multiply, pixel by "
            "pixel.": "(piece * kernel).sum() → piece.sum() * kernel.sum()",
            "you add up the pixels; the weights of the kernel are missing.": "piece * kernel → piece",
            "@ multiplies as matrices do, rows by columns. Here each pixel is multiplied by the weight on it: *.": (
                "piece * kernel → piece @ kernel"
            ),
            "a matrix product adds up rows times columns of everything. Here each pixel meets one weight, the one on "
            "it: *.": "(piece * kernel) → (piece @ kernel.T)",
            "np.dot multiplies as matrices do. Here each pixel is multiplied by the weight on it: *.": (
                "(piece * kernel).sum() → np.dot(piece, kernel)"
            ),
            "the sum is cut to a whole number. Keep its decimals.": "return (piece * kernel).sum() → "
            "return int((piece * kernel).sum())",
            "the sum is rounded to a whole number. Keep its decimals.": "return (piece * kernel).sum() → "
            "return round((piece * kernel).sum())",
            "the products are cut to whole numbers before they are added up. Keep their decimals.": (
                "(piece * kernel) → (piece * kernel).astype(int)"
            ),
            "a sum below zero says something, too (it gets darker). Keep it, sign and all.": (
                "return (piece * kernel).sum() → return abs((piece * kernel).sum())"
            ),
            "you set negative sums to 0. That is ReLU, a later layer; here the sum stays as it is.": (
                "return (piece * kernel).sum() → return max(0, (piece * kernel).sum())"
            ),
        },
    ),
    Exercise(
        "01.output_size",
        hints=(
            "How many pixels does the kernel cover, and how many are there with the padding on both sides?",
            "Lay the kernel at the far left. How many pixels to its right are not covered? The kernel can move on by "
            "so many, in steps of stride.",
            "Three lines: covered, as in the text; room = what is left of the padded pixels without covered; and the "
            "number of whole steps that fit into room. What is still missing after the steps?",
        ),
        reference=output_size,
        cases=tuple(_settings()),
        mistakes={
            "you forgot the padding of the second side: it is added on both.": "2 * padding → padding",
            "you forgot the first place: so many steps mean one place more.": "stride + 1 → stride",
            "the dilation is missing: a kernel pulled apart covers more pixels than it has weights.": (
                "dilation * (kernel - 1) + 1 → kernel"
            ),
            "a dilated kernel covers a little less than dilation * kernel pixels: there is no gap after the last "
            "weight.": "dilation * (kernel - 1) + 1 → dilation * kernel",
            "you count one gap only. With dilation, there is one between *all* neighbouring weights.": (
                "dilation * (kernel - 1) + 1 → kernel + dilation - 1"
            ),
            "dilation 1 means no gaps at all: neighbouring weights look at neighbouring pixels.": (
                "dilation * (kernel - 1) + 1 → kernel + dilation * (kernel - 1)"
            ),
            "a kernel covers one pixel more than the distance from its first weight to its last.": (
                "dilation * (kernel - 1) + 1 → dilation * (kernel - 1)"
            ),
            "the padding is missing.": "+ 2 * padding →",
            "the stride is missing.": "// stride →",
            "the stride divides the way that the kernel moves, not the size of the image.": (
                "(size + 2 * padding - covered) // stride → (size + 2 * padding) // stride - covered"
            ),
            "the result should be a whole number: half a place is no place. Round down, with //.": "// → /",
            "round down, not up: where the kernel would hang over the edge, there is no place.": (
                "(size + 2 * padding - covered) // stride → -((covered - size - 2 * padding) // stride)"
            ),
            "round down, always: round() goes up from the middle on (and // does it by itself).": (
                "(size + 2 * padding - covered) // stride → round((size + 2 * padding - covered) / stride)"
            ),
            "round down before you add the first place: round() goes up from the middle on.": (
                "(size + 2 * padding - covered) // stride + 1 → round((size + 2 * padding - covered) / stride + 1)"
            ),
            "where the kernel ends exactly at the right edge, it still fits: one place more.": (
                "(size + 2 * padding - covered) → (size + 2 * padding - covered - 1)"
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
            "the padding is counted in pixels of the image; the dilation does not pull it apart.": (
                "2 * padding → 2 * padding * dilation"
            ),
        },
    ),
    Exercise(
        "01.thirty_two",
        hints=(
            "Use the rule of exercise 2 with size 32 and kernel 3: in how many places does it fit?",
            "Try it small: in how many places does a kernel of 3 fit into a row of 5? And how many pixels does it "
            "lose?",
            "The map loses one pixel at each edge. What is left is halved by the pooling.",
        ),
        reference=(30, 15),
        mistakes={
            "that is what the text says. Count: in how many places does a kernel of 3 fit into a row of 32?": (28, 14),
            "that would be the sizes with padding; the text says without.": (32, 16),
            "the first is right. Pooling takes every second place, so its map is half as wide.": (30, 28),
            "the first is right. A window of 2 with stride 2 halves the size; with stride 1 it would be one less.": (
                30,
                29,
            ),
            "the first is right. For the second use the rule again, with size 30, kernel 2 and stride 2.": (30, 14),
            "32 - 3 counts the steps; the place where the kernel starts counts, too.": (29, 14),
            "32 - 3 counts the steps; the place where the kernel starts counts, too. And half a place is no place.": (
                29,
                14.5,
            ),
            "the other way round: first the size after the convolution.": (15, 30),
            "the first is right; the pooling gets what the convolution gives, not the image.": (30, 16),
            "one side of each is enough: two numbers.": ((30, 30), (15, 15)),
            "those are the numbers of pixels. One side of each is enough.": (900, 225),
            "the first is right; the second is half of it, and you have taken half once more.": (30, 7),
            "the first is right; half of it is a whole number.": (30, 15.5),
            "without padding a map is smaller than its image.": (34, 17),
            "one side of each is enough; leave out the number of maps.": ((30, 30, 32), (15, 15, 32)),
            "a kernel of 3 loses two pixels of the row, not one.": (31, 15),
            "a kernel of 3 loses two pixels of the row, not one; and the second is half of the first.": (31, 16),
            "the kernel's stride is 1: the convolution alone does not halve the size.": (15, 7),
        },
    ),
    Exercise(
        "01.parameters",
        hints=(
            "How many weights has one kernel, if it looks at all channels? And what else does each filter have?",
            "Think of one filter first: a block of weights, as deep as there are channels, and one number beside it. "
            "Only then ask how many filters there are.",
            "One filter: kernel * kernel weights for every channel, and one bias. All filters together: so many times "
            "as much; mind the brackets.",
        ),
        reference=parameters,
        cases=(
            *((3, 1, 1), (3, 3, 32), (5, 16, 8), (1, 64, 10), (2, 1, 7), (7, 3, 64), (4, 5, 6), (11, 3, 96)),
            (3, 512, 2048),
        ),
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
            "^ is no power in Python; use ** or multiply.": "(kernel * kernel * channels + 1) * filters → "
            "kernel ^ 2 * channels * filters + filters",
            "^ is not a power in Python; use ** or multiply.": "(kernel * kernel * channels + 1) → "
            "kernel ^ 2 * channels + 1",
            "Python's ^ is no power; use ** or multiply.": "(kernel * kernel * channels + 1) * filters → "
            "filters * kernel ^ 2 * channels + filters",
            "Python's ^ is not a power; use ** or multiply. The biases are missing, too.": (
                "(kernel * kernel * channels + 1) * filters → (kernel ^ 2) * channels * filters"
            ),
            "there is one bias for each filter, not one for each of its weights.": (
                "channels + 1) * filters → channels * 2) * filters"
            ),
            "a kernel need not be 3 by 3: use its side, kernel.": "kernel * kernel → 9",
            "brackets: in yours, only the bias is multiplied by the number of filters.": "(kernel * kernel * channels "
            "+ 1) → kernel * kernel * channels + 1",
            "each filter looks at all channels: the weights are multiplied by both, not by their sum.": (
                "(kernel * kernel * channels + 1) * filters → kernel * kernel * (channels + filters) + filters"
            ),
        },
    ),
    Exercise(
        "01.max_pool",
        hints=(
            "How many rows and columns has the result? And which four pixels belong to its place (i, j)?",
            "Place (0, 0) looks at rows 0 and 1, place (1, 0) at rows 2 and 3. At which row does the window of place "
            "(i, j) begin?",
            "The result has H // 2 rows and W // 2 columns: begin with np.zeros of that shape. Two loops over i and "
            "j; each window begins at row 2 * i and column 2 * j, and its .max() goes to place (i, j).",
        ),
        reference=max_pool,
        cases=tuple((m,) for m in _maps()),
        mistakes={
            "you take the mean of each window; the largest value is wanted.": "windows.max( → windows.mean(",
            "your windows overlap: after each, go on by two pixels.": (
                lambda x: np.max([x[:-1, :-1], x[1:, :-1], x[:-1, 1:], x[1:, 1:]], axis=0)
            ),
            "at an odd edge you make a window of what is left over. Leave it out.": (
                "rows, columns = image → image = np.pad(image.astype(float), [(0, n % 2) for n in image.shape], "
                "constant_values=-np.inf)\n    rows, columns = image"
            ),
            "at an odd edge you make a window of what is left over and of zeros. Leave it out.": (
                "rows, columns = image → image = np.pad(image, [(0, n % 2) for n in image.shape])\n"
                "    rows, columns = image"
            ),
            "it stops with an error where a side is odd. First cut off the row or column that is left over.": (
                "image[: 2 * rows, : 2 * columns].reshape → image.reshape"
            ),
            "at an odd edge you leave out the first row or column. The last one is left over.": (
                "image[: 2 * rows, : 2 * columns] → image[image.shape[0] - 2 * rows :, image.shape[1] - 2 * columns :]"
            ),
            "at an odd edge you leave out the last window as well, though it is whole.": (
                "windows.max(axis=(1, 3)) → "
                "windows.max(axis=(1, 3))[: (image.shape[0] - 1) // 2, : (image.shape[1] - 1) // 2]"
            ),
            "you take the smallest value of each window.": "windows.max( → windows.min(",
            "you compare two of the four only, those on the diagonal.": (
                "windows.max(axis=(1, 3)) → np.maximum(windows[:, 0, :, 0], windows[:, 1, :, 1])"
            ),
            "you compare two of the four only, those below each other.": (
                "windows.max(axis=(1, 3)) → windows[:, :, :, 0].max(axis=1)"
            ),
            "you compare two of the four only, those beside each other.": (
                "windows.max(axis=(1, 3)) → windows[:, 0].max(axis=2)"
            ),
            "the last window of each row and column is missing, though it is whole. Where does your range end?": (
                lambda x: np.array(
                    [
                        [x[i : i + 2, j : j + 2].max() for j in range(0, x.shape[1] - 2, 2)]
                        for i in range(0, x.shape[0] - 2, 2)
                    ]
                )
            ),
            "you take every second pixel, whatever is beside it. The largest of four is wanted.": (
                "windows.max(axis=(1, 3)) → windows[:, 0, :, 0]"
            ),
            "you take the largest value of the whole image.": "windows.max(axis=(1, 3)) → image.max()",
            "negative values become 0. The largest of four negative numbers is negative, too.": (
                "axis=(1, 3) → axis=(1, 3), initial=0"
            ),
            "your search for the largest begins with a number that is larger than all in some windows. Begin with the "
            "first of the four.": "axis=(1, 3) → axis=(1, 3), initial=-1",
            "your search for the largest begins with -999, and there are windows in which all are smaller.": (
                "axis=(1, 3) → axis=(1, 3), initial=-999"
            ),
            "you take the number that is farthest from 0, sign left out. The largest is wanted.": (
                "windows.max(axis=(1, 3)) → np.abs(windows).max(axis=(1, 3))"
            ),
            "you add up each window; the largest value is wanted.": "windows.max( → windows.sum(",
            "your result holds whole numbers only: the decimals are cut off.": (
                "(axis=(1, 3)) → (axis=(1, 3)).astype(int)"
            ),
            "your result is rounded to whole numbers.": "windows.max(axis=(1, 3)) → windows.max(axis=(1, 3)).round()",
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
            "you have pooled the columns only; the rows are still all there.": (
                "windows.max(axis=(1, 3)) → image[:, : 2 * columns].reshape(len(image), columns, 2).max(axis=2)"
            ),
            "each of your windows is four neighbours of one row. A window has two rows and two columns.": (
                "windows.max(axis=(1, 3)) → image[: 2 * rows, : 2 * columns].reshape(rows, columns, 4).max(axis=2)"
            ),
            "rows and columns are exchanged in your result.": ("windows.max(axis=(1, 3)) → windows.max(axis=(1, 3)).T"),
        },
    ),
    Exercise(
        "01.receptive_field",
        hints=(
            "Go through the layers with two numbers, field and jump, both 1 at the start.",
            "Do it on paper for [(3, 1), (2, 2), (3, 1)]: write field and jump below each layer. The last field is 8.",
            "In the loop are two lines, one for field and one for jump, in the order of the text. After the loop, "
            "field is returned.",
        ),
        reference=receptive_field,
        cases=tuple((_Kept(layers),) for layers in _stacks()),
        mistakes={
            "the jump is missing: after a stride, each further pixel of the kernel is several pixels of the image.": (
                "* jump →"
            ),
            "you multiply the jump before you widen the field. A layer's own stride spreads only what comes after "
            "it.": "* jump → * jump * stride",
            "the jumps multiply: two layers of stride 2 make a jump of 4, not 2.": "jump *= stride → jump = stride",
            "you double the jump at every stride above 1. A stride of 3 makes it three times as large.": (
                "jump *= stride → jump *= 2 if stride > 1 else 1"
            ),
            "you double the jump at every layer. Only its stride counts.": "jump *= stride → jump *= 2",
            "the kernels multiplied would be too much: neighbouring numbers have seen almost the same pixels.": (
                "+= (kernel - 1) * jump → *= kernel"
            ),
            "the kernels added up are too much: each layer adds its kernel less one.": (
                lambda layers: sum(k for k, _ in layers)
            ),
            "you add up kernels less one and leave out the 1 pixel at the start, and the jumps.": (
                lambda layers: sum(k - 1 for k, _ in layers)
            ),
            "that is the jump. It is needed on the way, but the field is wanted.": "return field → return jump",
            "the field starts as 1 pixel, not 0.": "= 1, 1 → = 0, 1",
            "the jump starts as 1, not 0.": "= 1, 1 → = 1, 0",
            "you stop after the first layer. Does return stand inside the loop?": "jump *= stride → return field",
            "you leave out the last layer.": "in layers → in layers[:-1]",
            "you leave out the first layer.": "in layers → in layers[1:]",
            "you spread a layer by its own stride. What counts are the strides of the layers before it.": (
                "* jump → * stride"
            ),
            "the jump is multiplied by the stride, not increased by it.": "*= stride → += stride",
            "jumps are multiplied, not added up: two strides of 2 make 4, and strides of 2 and 3 make 6.": (
                "jump *= stride → jump += stride - 1"
            ),
            "you leave the stride of poolings out of the jump. It counts like any other.": (
                "jump *= stride → jump *= stride if kernel != stride else 1"
            ),
            "you leave the kernel of poolings out of the field. A window of 2 looks at 2 numbers.": (
                "field += (kernel - 1) * jump → field += (kernel - 1) * jump * (kernel != 2)"
            ),
            "each layer adds its kernel less one: one of its numbers is there already.": "(kernel - 1) → kernel",
            "that comes out if one goes from the last layer to the first, or spreads what was there. A layer is "
            "spread by the strides before it.": ("+= (kernel - 1) * jump → = (field - 1) * stride + kernel"),
            "a layer with a stride, pooling say, widens the field, too.": "* jump → * jump * (stride == 1)",
            "kernel and stride seem to be exchanged: a pair is (kernel, stride).": (
                "for kernel, stride → for stride, kernel"
            ),
            "the width is wanted, not the area.": "return field → return field**2",
            "you return field and jump; the field alone is wanted.": "return field → return field, jump",
            "the field after each layer is more than is asked for; the last one alone is wanted.": (
                lambda layers: [receptive_field(layers[: n + 1]) for n in range(len(layers))]
            ),
            "you multiply the field by the stride. What a later layer adds grows, not what was there.": (
                "+= (kernel - 1) * jump → = field * stride + kernel - 1"
            ),
        },
    ),
]

QUIZ = [
    Question(
        "An image of 28 × 28 goes through a 3 × 3 kernel with padding 1, stride 2 and dilation 2. The map is",
        {
            "12 × 12.": "Those are the steps; the place where the kernel starts counts, too.",
            "✓ 13 × 13.": "Right: 30 pixels, of which the kernel covers 5; 25 // 2 steps, and the first place.",
            "14 × 14.": "Half the size: that would be so without the dilation.",
            "26 × 26.": "The stride is missing, which skips every second place.",
        },
    ),
    Question(
        "32 maps go into a convolution layer with 16 filters of 5 × 5. Its parameters are",
        {
            "416": "16 · (5 · 5 + 1): a filter has 5 × 5 weights for *each* map that comes in.",
            "12,800": "The biases are missing.",
            "✓ 12,816": "Right: 16 · (5 · 5 · 32 + 1), one bias for each filter.",
            "13,312": "That has a bias for each channel of each filter. There is one for each filter.",
        },
    ),
    Question(
        "The classic network with `Flatten` and two Dense layers is built anew for images twice as wide and twice as "
        "high. Which layers get more parameters?",
        {
            "The convolutions and the first Dense layer.": "The same kernels are slid over more places.",
            "✓ The first Dense layer alone.": "Right: it has a weight for every number that Flatten gives.",
            "Both Dense layers: the second reads what the first gives.": (
                "The second gets 128 numbers from the first, as before."
            ),
            "The first convolution, which sees the image.": "It has 27 weights for each filter, whatever the size.",
        },
    ),
    Question(
        "Ten 3 × 3 convolutions of one channel follow each other, stride 1, no padding, no activation between them. A "
        "single convolution does exactly the same, if its kernel is",
        {
            "19 × 19.": "Two layers of 3 × 3 make one of 5 × 5. Count on from there.",
            "12 × 12.": "Each adds one on the left *and* one on the right.",
            "✓ 21 × 21.": "Right: 3, 5, 7, … two kernels of 3 × 3 make one of 5 × 5.",
            "30 × 30.": "That would be ten kernels side by side. They lie one on the other, and overlap.",
        },
    ),
    Question(
        "In section 7, a gradient goes back through 20 layers with sigmoids. Of its length there remains about",
        {
            "a hundredth.": (
                "ReLU keeps more than that, a sigmoid less: its slope is a quarter at most, twenty times over."
            ),
            "a thousandth.": "Already five slopes of a quarter make that, and there are twenty.",
            "a millionth.": "Already ten slopes of a quarter make that, and there are twenty.",
            "✓ less than a billionth of it.": "Right: twenty slopes of a quarter and less, multiplied.",
        },
    ),
    Question(
        "Section 10 measures how well a network's best map of its first layer shows the lesion of a phantom: the AUC "
        "over pixels. With random weights it comes to about",
        {
            "0.50, for nothing has been learned.": "Look at the table. What does a random kernel pass on?",
            "0.62, as the best of sixteen maps is lucky.": "It was chosen on other images, so luck is no help.",
            "0.78, half-way to a trained map.": "A trained map is no better than it: look at the table.",
            "✓ 0.94, as much as a trained map.": (
                "Right: the lesion is dark, and a random kernel passes that on. So the map proves nothing."
            ),
        },
    ),
    Question(
        "Global average pooling forgets where in a map a number stood. When the image is moved, such a network may "
        "still answer otherwise. Section 9 gives as one reason that",
        {
            "the Dense layers behind it have a weight for each place.": "They get one number of each map, its mean.",
            "✓ near the edge its kernels meet the zeros of the padding.": (
                "Right: so the numbers in the maps depend a little on the place, before they are averaged."
            ),
            "its pooling gives more weight to the middle of a map.": (
                "A mean has the same weight for each place. Which numbers go in is the question."
            ),
            "a moved image has another mean of all its grey values.": (
                "Its own grey values hardly change, and it is the maps that are averaged."
            ),
        },
    ),
]
