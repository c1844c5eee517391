"""Chapter 03: a memory cell whose gates are set by hand."""

import numpy as np
from matplotlib.figure import Figure

from course_utils.plots import BLACK, BLUE, GREEN, PURPLE
from course_utils.scratch import sigmoid
from course_utils.widgets.live import live


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
        f"f = {f:.3f}: each step keeps {100 * f:.1f} %, half is gone after {half:.3g} steps (dashed); "
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

    live(
        draw,
        sliders,
        VBox(sliders),
        "Left, bars for forget gate, input gate and candidate; right, the cell state over twenty steps.",
        None,
    )
