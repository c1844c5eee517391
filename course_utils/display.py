"""What a notebook shows: figures with a description, and tables of results; generated data is marked in both."""

import base64
import io
from collections.abc import Iterable

from course_utils.data.source import notice
from course_utils.plots import RED


def show(fig, alt, source):
    """Put a figure into the notebook, with a description for people who cannot see it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        What the figure shows and what can be seen in it.
    source : str or None
        Where its data is from: a data set's ``.source``, or None if it has none. Generated data is marked.
    """
    from IPython.display import display

    picture = encode(fig, alt, source)
    display(picture, raw=True, metadata={"image/png": {"alt": picture["text/plain"]}})


def encode(fig, alt, source):
    """The figure as PNG and as words, a dict of both under their MIME types; parameters as for :func:`show`."""
    said = notice(source)
    if said:
        fig.text(0.995, 0.005, said, ha="right", va="bottom", fontsize=7, color=RED, weight="bold")
        if fig.get_layout_engine():
            fig.get_layout_engine().set(rect=(0, 0.04, 1, 0.96))
        alt = f"{alt} {said}."
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=90, metadata={"Description": alt, "Software": None})
    return {"image/png": base64.b64encode(png.getvalue()).decode(), "text/plain": alt}


def show_results(rows, source, caption=""):
    """Show a table of results: in a notebook as a table, and for `course run` as data.

    Parameters
    ----------
    rows : list of dict
        One a line, at least one, all with the same keys; an `Estimate` is shown with its interval.
    source : str
        The data's ``.source``. Generated data is announced in the table itself.
    caption : str

    Raises
    ------
    ValueError
        If `rows` is anything else.
    """
    import pandas as pd
    from IPython.display import display

    rows = list(rows) if isinstance(rows, Iterable) else []
    if not rows or not all(isinstance(row, dict) and row for row in rows):
        raise ValueError("There is no table to show: rows should be a list of dicts, one for each line.")
    table = pd.DataFrame([{key: _text(value) for key, value in row.items()} for row in rows])
    caption = ". ".join(part for part in (caption, notice(source), f"Source of the data: {source}") if part)
    data = {
        "application/vnd.course.results+json": {
            "source": source,
            "caption": caption,
            "rows": table.to_dict(orient="records"),
        },
        "text/html": table.style.hide(axis="index").set_caption(caption).set_uuid("results").to_html(),
        "text/plain": f"{caption}\n{table.to_string(index=False)}",
    }
    display(data, raw=True)


def _text(value):
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)
