"""Chapter 01: a kernel moved over an image."""

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.plots import BLACK, RED
from course_utils.scratch import conv2d
from course_utils.widgets.live import live

KERNELS = {
    "vertical edge": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal edge": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "dark spot": ((1, 1, 1), (1, -8, 1), (1, 1, 1)),
    "blur": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
    "as it is": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}


def draw_convolution(image, kernel, row, column, show_sum=True):
    """One place of a 3x3 kernel on an image, the nine pixels and weights, and the map that all places give.

    Parameters
    ----------
    image : array (H, W)
        Grey values, 0 to 255.
    kernel : array (3, 3)
    row, column : int
        Place of the kernel's upper left corner, 0 to H - 3 and 0 to W - 3.
    show_sum : bool
        Whether the title says what the nine products add up to.

    Returns
    -------
    matplotlib.figure.Figure
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    output = conv2d(image[None, :, :, None], kernel[:, :, None, None])[0, :, :, 0]
    patch = image[row : row + 3, column : column + 3]
    fig = Figure((8.4, 3.3))
    fig.subplots_adjust(0.01, 0.08, 0.96, 0.78, 0.1)
    left, middle, right = fig.subplots(1, 3)
    left.imshow(image, cmap="gray", vmin=0, vmax=255)
    left.add_patch(Rectangle((column - 0.5, row - 0.5), 3, 3, fill=False, edgecolor=RED, linewidth=2))
    left.set_title(f"image {image.shape[0]} × {image.shape[1]}", fontsize=9)
    middle.imshow(patch, cmap="gray", vmin=-150, vmax=300)
    for i in range(3):
        for j in range(3):
            middle.text(j, i, f"{patch[i, j]:.0f}\n× {kernel[i, j]:g}", ha="center", va="center", fontsize=9)
    middle.set_title("pixel × weight, nine times", fontsize=9)
    far = max(np.abs(output).max(), 1.0)
    right.imshow(output, cmap="PuOr", norm=TwoSlopeNorm(0, -far, far))
    right.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=BLACK, linewidth=2))
    size = " × ".join(map(str, output.shape))
    right.set_title(f"output map {size}\n(orange −{far:.0f}, white 0, violet {far:.0f})", fontsize=9)
    for ax in (left, middle, right):
        ax.set(xticks=[], yticks=[])
    total = f"the nine products add up to {output[row, column]:.0f}".replace("-", "−")
    if not show_sum:
        total = "what do the nine products add up to?"
    fig.suptitle(f"Row {row}, column {column}: {total}", fontsize=10)
    return fig


def explore_convolution(image, source, row=None, column=None):
    """Show :func:`draw_convolution` with a kernel to edit and sliders to move it.

    Parameters
    ----------
    image : array (H, W)
        Grey values, 0 to 255.
    source : str
        Where the image is from, a data set's ``.source``.
    row, column : int, optional
        Where the kernel lies at first; else where it answers most strongly.
    """
    from ipywidgets import Dropdown, FloatText, HBox, IntSlider, Layout, VBox

    height, width = np.shape(image)
    preset = Dropdown(options=list(KERNELS), description="kernel")
    weights = [FloatText(value=w, layout=Layout(width="64px")) for w in np.ravel(KERNELS[preset.value])]
    strength = np.abs(
        conv2d(np.asarray(image, float)[None, :, :, None], np.reshape(KERNELS[preset.value], (3, 3, 1, 1)))
    )
    strongest = np.unravel_index(strength.argmax(), (height - 2, width - 2))  # there is something to see
    row, column = (int(at if given is None else given) for at, given in zip(strongest, (row, column), strict=True))
    row = IntSlider(row, 0, height - 3, description="row")
    column = IntSlider(column, 0, width - 3, description="column")

    def draw():
        return draw_convolution(image, np.reshape([w.value for w in weights], (3, 3)), row.value, column.value)

    grid = VBox([HBox(weights[i : i + 3]) for i in (0, 3, 6)])
    redraw = live(
        draw,
        (*weights, row, column),
        HBox([grid, VBox([preset, row, column])]),
        "Left, a grey image with a frame; middle, nine pixels with their weights; right, the output map.",
        source,
    )

    def use_preset(change):
        for weight, value in zip(weights, np.ravel(KERNELS[preset.value]), strict=True):
            weight.unobserve(redraw, "value")  # one new picture, not nine
            weight.value = value
            weight.observe(redraw, "value")
        redraw()

    preset.observe(use_preset, "value")
