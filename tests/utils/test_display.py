"""What a notebook shows: a table or a picture with its words, and generated data marked in both."""

import base64

import IPython.display
import pytest

from course_utils import plots, show, show_results
from course_utils.bootstrap import Estimate


@pytest.fixture
def shown(monkeypatch):
    """What the notebook gets, by MIME type."""
    outputs = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **_: outputs.append(data))
    return outputs


def test_a_table_says_where_its_data_is_from(shown):
    for source in ("medmnist", "simulator"):
        show_results([{"model": "a", "AUC": Estimate(0.8, 0.7, 0.9), "s": 1.23456}], source, "Two models")
    for table, marked in zip(shown, (False, True), strict=True):
        data = table["application/vnd.course.results+json"]
        assert data["rows"] == [{"model": "a", "AUC": "0.800 (0.700 to 0.900)", "s": "1.235"}]
        assert ("GENERATED DATA (simulator)" in data["caption"]) == marked
        for form in ("text/html", "text/plain"):
            assert data["caption"] in table[form]
            assert "0.800 (0.700 to 0.900)" in table[form]


def test_a_figure_says_where_its_data_is_from(shown):
    for source in (None, "phantom"):
        fig, _ = plots.figure()
        show(fig, "A line that rises.", source)
    plain, marked = shown
    assert plain["text/plain"] == "A line that rises."
    assert marked["text/plain"] == "A line that rises. GENERATED DATA (phantom), not real patients."
    for picture in shown:
        assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")
    assert marked["image/png"] != plain["image/png"]


@pytest.mark.parametrize("rows", [[], (), {}, None, 5, "auc", [{}], [1, 2], {"auc": 0.9}])
def test_a_table_of_nothing_is_not_shown(rows):
    with pytest.raises(ValueError, match="a list of dicts, one for each line"):
        show_results(rows, source="medmnist")
