"""Figures with controls, one for each of chapters 01 to 03.

Each stands on a pure drawing function, arguments in and Figure out, which redraws in well under 100 ms. Where widgets
run (JupyterLab, Colab) the controls are alive; elsewhere (GitHub, a printed page) the same call leaves the figure as a
picture. Only what ipywidgets 7 has is used, since Google Colab is at 7.7.
"""

import html

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.exercises.panels import show_widget
from course_utils.plots import BLACK, BLUE, GREEN, PURPLE, RED, encode
from course_utils.scratch import conv2d, sigmoid

KERNELS = {
    "vertical edge": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal edge": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "dark spot": ((1, 1, 1), (1, -8, 1), (1, 1, 1)),
    "blur": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
    "as it is": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}


def draw_convolution(image, kernel, row, column):
    """One place of a 3x3 kernel on an image, the nine products, and the map that all places give.

    Parameters
    ----------
    image : array (H, W)
        Grey values, 0 to 255.
    kernel : array (3, 3)
    row, column : int
        Place of the kernel's upper left corner, 0 to H - 3 and 0 to W - 3.

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
    total = f"{output[row, column]:.0f}".replace("-", "−")
    fig.suptitle(f"Row {row}, column {column}: the nine products add up to {total}", fontsize=10)
    return fig


def explore_convolution(image, source):
    """Show :func:`draw_convolution` with a kernel to edit and sliders to move it.

    Parameters
    ----------
    image : array (H, W)
        Grey values, 0 to 255.
    source : str
        Where the image is from, a data set's ``.source``.
    """
    from ipywidgets import Dropdown, FloatText, HBox, IntSlider, Layout, VBox

    height, width = np.shape(image)
    preset = Dropdown(options=list(KERNELS), description="kernel")
    weights = [FloatText(value=w, layout=Layout(width="64px")) for w in np.ravel(KERNELS[preset.value])]
    strength = np.abs(
        conv2d(np.asarray(image, float)[None, :, :, None], np.reshape(KERNELS[preset.value], (3, 3, 1, 1)))
    )
    strongest = np.unravel_index(strength.argmax(), (height - 2, width - 2))  # there is something to see
    row = IntSlider(int(strongest[0]), 0, height - 3, description="row")
    column = IntSlider(int(strongest[1]), 0, width - 3, description="column")

    def draw():
        return draw_convolution(image, np.reshape([w.value for w in weights], (3, 3)), row.value, column.value)

    grid = VBox([HBox(weights[i : i + 3]) for i in (0, 3, 6)])
    redraw = _live(
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


def draw_cross_entropy(p, y):
    """The cross-entropy of one answer, and its slope along the logit, beside those of the squared error.

    Parameters
    ----------
    p : float
        Probability the network gives to "yes", between 0 and 1 and neither.
    y : {0, 1}
        The truth.

    Returns
    -------
    matplotlib.figure.Figure
    """
    grid = np.linspace(0.001, 0.999, 400)
    given = p if y else 1 - p
    loss = -np.log(given)
    fig = Figure((8.4, 3.3))
    fig.subplots_adjust(0.07, 0.16, 0.99, 0.8, 0.32)
    left, right = fig.subplots(1, 2)
    left.plot(grid, -np.log(grid if y else 1 - grid), color=BLUE, label="cross-entropy")
    left.plot(grid, (grid - y) ** 2, color=RED, linestyle="--", label="squared error")
    left.plot(p, loss, "o", color=BLACK)
    left.set(xlabel="p, the probability given to “yes”", ylabel="loss", ylim=(-0.15, 7.2))
    left.set(xticks=(0, 0.5, 1), yticks=(0, 2, 4, 6))  # few ticks: they take most of the drawing time
    z = np.log(grid / (1 - grid))
    right.axhline(0, color="gray", linewidth=0.8)
    right.plot(z, grid - y, color=BLUE)
    right.plot(z, 2 * (grid - y) * grid * (1 - grid), color=RED, linestyle="--")
    right.plot(np.log(p / (1 - p)), p - y, "o", color=BLACK)
    right.set(xlabel="logit z", ylabel="slope of the loss, d loss / d z", ylim=(-1.1, 1.1))
    right.set(xticks=(-5, 0, 5), yticks=(-1, 0, 1))
    left.legend(frameon=False, fontsize=8, loc="upper center")
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    right.set_title("how hard training pulls", fontsize=9)
    left.set_title("what the answer costs", fontsize=9)
    fig.suptitle(
        f"Says yes with {p:.3g}; the truth, “{'yes' if y else 'no'}”, got {given:.3g}: "
        f"loss {loss:.2f}, slope p − y = {p - y:+.3f}",
        fontsize=10,
    )
    return fig


def explore_cross_entropy():
    """Show :func:`draw_cross_entropy` with a slider for the probability and a switch for the truth."""
    from ipywidgets import FloatSlider, RadioButtons, VBox

    p = FloatSlider(0.99, min=0.001, max=0.999, step=0.001, readout_format=".3f", description="p(yes)")
    truth = RadioButtons(options=["yes", "no"], value="no", description="truth")

    def draw():
        return draw_cross_entropy(p.value, int(truth.value == "yes"))

    _live(
        draw,
        (p, truth),
        VBox([p, truth]),
        "Left, cross-entropy and squared error against p; right, their slopes against the logit.",
        None,
    )


def draw_lstm_cell(z_f, z_i, z_g, c_0=1.0, steps=20):
    """A cell whose gates stay as they are: what it keeps of its first content, and where it goes.

    Parameters
    ----------
    z_f, z_i, z_g : float
        What goes into the forget gate, the input gate and the candidate, before sigmoid and tanh.
    c_0 : float
        Content at the start.
    steps : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    f, i, g = sigmoid(z_f), sigmoid(z_i), np.tanh(z_g)
    t = np.arange(steps + 1)
    kept = c_0 * f**t
    cell = [c_0]
    for _ in range(steps):
        cell.append(f * cell[-1] + i * g)
    fig = Figure((8.4, 3.3))
    fig.subplots_adjust(0.07, 0.16, 0.99, 0.8, 0.2)
    left, right = fig.subplots(1, 2, width_ratios=(1, 2))
    values = (float(f), float(i), float(g))
    left.bar(("forget f", "input i", "candidate g"), values, color=(BLUE, GREEN, PURPLE))
    for k, value in enumerate(values):
        left.text(k, value + (0.04 if value >= 0 else -0.04), f"{value:.2f}", ha="center",
                  va="bottom" if value >= 0 else "top", fontsize=9)  # fmt: skip
    left.axhline(0, color="gray", linewidth=0.8)
    left.set(ylim=(-1.2, 1.2), yticks=(-1, 0, 1))
    left.tick_params(axis="x", labelsize=8)
    left.set_title("the gates", fontsize=9)
    right.axhline(0, color="gray", linewidth=0.8)
    right.plot(t, cell, "o-", color=BLACK, markersize=3.5, label="cell state c")
    right.plot(t, kept, "--", color=BLUE, label="what is left of the start")
    reach = max(1.2, 1.1 * max(map(abs, cell)))
    right.set(xlabel="step", ylim=(-reach, reach), xticks=t[::10])
    right.locator_params(axis="y", nbins=4)
    right.legend(frameon=False, fontsize=8, loc="lower left")
    right.set_title("the cell, step after step", fontsize=9)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    half = np.log(0.5) / np.log(f) if f < 1 else np.inf
    fig.suptitle(
        f"f = {f:.3f}: each step keeps {100 * f:.1f} %, half is gone after {half:.3g} steps; "
        f"after {steps} steps c = {cell[-1]:.2f}",
        fontsize=10,
    )
    return fig


def explore_lstm_cell():
    """Show :func:`draw_lstm_cell` with a slider for what goes into each gate."""
    from ipywidgets import FloatSlider, VBox

    sliders = [
        FloatSlider(value, min=-6, max=6, step=0.1, description=name, style={"description_width": "150px"})
        for name, value in (("into the forget gate", 1.0), ("into the input gate", -2.0), ("into the candidate", 1.0))
    ]

    def draw():
        return draw_lstm_cell(*(slider.value for slider in sliders))

    _live(
        draw,
        sliders,
        VBox(sliders),
        "Left, bars for forget gate, input gate and candidate; right, the cell state over twenty steps.",
        None,
    )


def _live(draw, controls, layout, alt, source):
    """Show the controls above the figure that `draw` makes, drawn anew whenever one of them changes.

    `layout` holds the controls as they are to be placed. Returns the function that draws anew.
    """
    from ipywidgets import HTML, VBox

    image = HTML()

    def redraw(change=None):
        fig = draw()
        picture = encode(fig, f"{alt} {fig.get_suptitle()}.", source)
        words = html.escape(picture["text/plain"], quote=True)
        image.value = f'<img alt="{words}" src="data:image/png;base64,{picture["image/png"]}">'
        return picture

    picture = redraw()
    for control in controls:
        control.observe(redraw, "value")
    show_widget(VBox([layout, image]), picture, metadata={"image/png": {"alt": picture["text/plain"]}})
    return redraw
