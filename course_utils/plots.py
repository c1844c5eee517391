"""Figures: each function takes arrays and returns a matplotlib Figure; `course_utils.show` puts it into the notebook.

Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), which people with colour-blindness can tell apart, and
line styles differ too.
"""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000",
)  # fmt: skip
STYLES = ((BLUE, "-"), (RED, "--"), (GREEN, "-."), (PURPLE, ":"), (ORANGE, (0, (5, 1))), (SKY, (0, (3, 1, 1, 1))))


def figure(width=6.0, height=3.6, rows=1, columns=1, **options):
    """A Figure and its axes, as `plt.subplots` gives them, but shown only by :func:`course_utils.show`.

    Parameters
    ----------
    width, height : float
        Inches, of the whole figure.
    rows, columns : int
    options
        For `Figure.subplots`, such as ``sharey=True``.
    """
    fig = Figure((width, height), layout="constrained")
    axes = fig.subplots(rows, columns, **options)
    for ax in np.ravel(axes):
        ax.spines[["top", "right"]].set_visible(False)
    return fig, axes


def gallery(images, titles, *, wrong=(), columns=6, title=""):
    """Images in rows, each under its title.

    Parameters
    ----------
    images : uint8 array (N, H, W, C)
    titles : sequence of N str
        "true / predicted, confidence", say.
    wrong : collection of int
        Numbers of images to frame and mark with a cross, because the answer was wrong.
    columns : int
    title : str
    """
    rows = -(-len(images) // columns)
    lines = max(text.count("\n") for text in titles) + 1
    fig, axes = figure(1.45 * columns, rows * (1.3 + 0.17 * lines) + (0.35 if title else 0), rows, columns)
    for ax in np.ravel(axes)[len(images) :]:
        ax.remove()
    for i, (ax, image, text) in enumerate(zip(np.ravel(axes), images, titles, strict=False)):
        ax.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
        bad = i in wrong
        ax.set_title(("✗ " if bad else "") + text, fontsize=7.5, color=RED if bad else "black")
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set(visible=bad, color=RED, linewidth=2.5)
    fig.suptitle(title, fontsize=10)
    return fig


def learning_curves(histories, measure="loss", title="", mark_best=True):
    """A measure on training and validation data, epoch by epoch, one panel a training.

    Parameters
    ----------
    histories : dict of str to dict
        Name of each training and what `fit` returned for it.
    measure : str
        ``"loss"``, or a metric the models were compiled with.
    title : str
    mark_best : bool
        Whether to put a dot at the best epoch on validation data.
    """
    fig, axes = figure(max(5.0, 2.5 * len(histories)), 3.0, 1, len(histories), sharey=True, squeeze=False)
    for ax, (name, history) in zip(axes[0], histories.items(), strict=True):
        epochs = np.arange(1, len(history[measure]) + 1)
        ax.plot(epochs, history[measure], color=BLUE, linestyle="--", label="training")
        values = history[f"val_{measure}"]
        ax.plot(epochs, values, color=RED, label="validation")
        if mark_best:
            best = int(np.argmin(values) if measure == "loss" else np.argmax(values))
            ax.plot(best + 1, values[best], "o", color=RED, markersize=5, label="best")
        ax.set(xlabel="epoch")
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set_title(textwrap.fill(name, 24), fontsize=9)
    axes[0, 0].set_ylabel(measure)
    axes[0, 0].legend(frameon=False, fontsize=8)
    fig.suptitle(title, fontsize=10)
    return fig


def confusion_matrix(y_true, y_pred, class_names, title=""):
    """How many cases of each true class were given each answer; shaded by the share within the true class.

    Parameters
    ----------
    y_true, y_pred : int arrays (N,)
        Class numbers.
    class_names : sequence of str
    title : str
    """
    from sklearn.metrics import confusion_matrix as count

    k = len(class_names)
    matrix = count(y_true, y_pred, labels=range(k))
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [textwrap.shorten(name, 22, placeholder="…") for name in class_names]
    fig, ax = figure(3.4 + 0.42 * k, 2.3 + 0.38 * k)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for i in range(k):
        for j in range(k):
            text = f"{matrix[i, j]}" + (f"\n{share[i, j]:.0%}" if k <= 5 else "")
            ax.text(j, i, text, ha="center", va="center", fontsize=9, color="white" if share[i, j] > 0.5 else "black")
    ax.set_xticks(range(k), names, rotation=0 if k <= 2 else 45, ha="center" if k <= 2 else "right", fontsize=8)
    ax.set_yticks(range(k), names, fontsize=8)
    ax.set(xlabel="answer", ylabel="truth")
    ax.set_title(title, fontsize=10)
    return fig


def roc(curves, title="", marks=()):
    """ROC curves with 95 % bootstrap bands.

    Parameters
    ----------
    curves : dict of str to (y_true, y_score)
        y_true is 1 for the disease and 0 without, both (N,).
    title : str
    marks : sequence of (str, float, float)
        Points to mark: name, sensitivity, specificity.
    """
    from sklearn.metrics import roc_curve

    def curve(y, s):
        false_positive, true_positive, _ = roc_curve(y, s)
        return false_positive, true_positive

    fig, ax = figure(4.6, 4.2)
    ax.plot([0, 1], [0, 1], color="gray", linewidth=0.8, linestyle=":")
    ax.text(0.62, 0.57, "guessing", fontsize=8, color="dimgray", rotation=45, ha="center", va="center")
    _curves_with_bands(ax, curves, curve)
    for name, sensitivity, specificity in marks:
        ax.plot(1 - specificity, sensitivity, "o", color=BLACK, markersize=6)
        ax.annotate(name, (1 - specificity, sensitivity), (8, -10), textcoords="offset points", fontsize=8)
    ax.set(xlabel="1 − specificity (false alarms among the healthy)", ylabel="sensitivity (found among the sick)")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    ax.set_title(title, fontsize=10)
    return fig


def precision_recall(curves, title=""):
    """Precision-recall curves with 95 % bootstrap bands, and the prevalence as the line that guessing reaches.

    Parameters as for :func:`roc`.
    """
    from sklearn.metrics import precision_recall_curve

    def curve(y, s):
        precision, recall, _ = precision_recall_curve(y, s)
        return recall[::-1], precision[::-1]

    fig, ax = figure(4.6, 4.2)
    y = np.asarray(next(iter(curves.values()))[0])
    ax.axhline(y.mean(), color="gray", linewidth=0.8, linestyle=":")
    # Below its line, where no curve is, and to the right of the legend.
    ax.text(0.62, y.mean() - 0.015, f"guessing: {y.mean():.2f}", fontsize=8, color="dimgray", va="top")
    _curves_with_bands(ax, curves, curve)
    ax.set(xlabel="recall (found among the sick)", ylabel="precision (sick among the alarms)")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    ax.set_title(title, fontsize=10)
    return fig


def pipeline(image, steps):
    """The way of one image from input to result: a box a step, joined by arrows, the image in the first one.

    Parameters
    ----------
    image : uint8 array (H, W, C)
    steps : dict of str to str
        Name of each step and what stands below it, at most two lines.
    """
    n = len(steps)
    fig, ax = figure(1.55 * n, 2.1)
    ax.set(xlim=(0, n), ylim=(0, 1.25))
    ax.axis("off")
    for i, (name, text) in enumerate(steps.items()):
        colour = STYLES[i % len(STYLES)][0]
        ax.add_patch(FancyBboxPatch((i + 0.08, 0.1), 0.76, 1.0, boxstyle="round,pad=0,rounding_size=0.06",
                                    facecolor="white", edgecolor=colour, linewidth=2))  # fmt: skip
        ax.text(i + 0.46, 1.0, f"{i + 1} {name}", ha="center", va="center", fontsize=8.5, weight="bold")
        ax.text(i + 0.46, 0.28 if i == 0 else 0.52, text, ha="center", va="center", fontsize=7.5)
        if i:
            ax.annotate("", (i + 0.07, 0.6), (i - 0.15, 0.6), arrowprops={"arrowstyle": "-|>", "color": "black"})
    small = ax.inset_axes([0.26 / n, 0.4 / 1.25, 0.4 / n, 0.5 / 1.25])
    small.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
    small.set(xticks=[], yticks=[])
    return fig


def _curves_with_bands(ax, curves, curve, resamples=200, seed=0):
    grid = np.linspace(0, 1, 101)
    for (name, (y, s)), (colour, style) in zip(curves.items(), STYLES, strict=False):
        y, s = np.asarray(y), np.asarray(s)
        rng = np.random.default_rng(seed)
        sick, healthy = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
        drawn = []
        for _ in range(resamples):
            cases = np.concatenate([rng.choice(sick, len(sick)), rng.choice(healthy, len(healthy))])
            drawn.append(np.interp(grid, *curve(y[cases], s[cases])))
        low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
        ax.fill_between(grid, low, high, color=colour, alpha=0.15, linewidth=0)
        ax.plot(*curve(y, s), color=colour, linestyle=style, label=f"{name} (band: 95 %)")
