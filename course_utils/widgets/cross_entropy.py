"""Chapter 02: what an answer costs, and how hard it is pulled back."""

import numpy as np
from matplotlib.figure import Figure

from course_utils.plots import BLACK, BLUE, RED
from course_utils.widgets.live import live


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

    live(
        draw,
        (p, truth),
        VBox([p, truth]),
        "Left, cross-entropy and squared error against p; right, their slopes against the logit.",
        None,
    )
