"""What chapter 04 says in words is what its cells printed: on generated images, and with `real_data` on BreastMNIST."""

import re

import numpy as np
import pytest

from conftest import computed
from course_tools import chapter as course
from course_tools.execute import RESULTS

ESTIMATE = re.compile(r"([+-]?[\d.]+) \(([+-]?[\d.]+) to ([+-]?[\d.]+)\)")


@pytest.fixture(scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)])
def printed(request):
    """The outputs of the solved chapter: text, HTML, and the tables of results by their captions."""
    return Printed(computed("04"), request.param)


class Printed:
    def __init__(self, notebook, kind):
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        data = [output.get("data", {}) for output in outputs]
        self.kind = kind
        self.text = "".join(output.get("text", "") for output in outputs)
        self.html = "\n".join(d["text/html"] for d in data if "text/html" in d)
        self.tables = [d[RESULTS] for d in data if RESULTS in d]
        assert self.tables[0]["source"] == {"generated": "phantom", "real": "medmnist"}[kind]

    def table(self, words):
        (found,) = (table["rows"] for table in self.tables if words in table["caption"])
        return found

    def numbers(self, pattern):
        """The numbers in the groups of a pattern that the text holds once or, for a list of lists, more often."""
        found = re.findall(pattern, self.text)
        assert found, pattern
        return [[float(x) for x in (one if isinstance(one, tuple) else (one,))] for one in found]


def interval(text):
    return tuple(float(x) for x in ESTIMATE.match(text).groups())


def test_a_split_by_image_flatters(printed):
    ((image, *_),) = printed.numbers(r"split by image +: AUC ([\d.]+) on average, ([\d.]+) to ([\d.]+)")
    ((patient, low, high),) = printed.numbers(r"split by patient *: AUC ([\d.]+) on average, ([\d.]+) to ([\d.]+)")
    assert image > 0.8
    assert abs(patient - 0.5) < 0.05
    assert low < 0.5 < high


def test_c_is_chosen_inside_a_grid_and_its_figure_flatters(printed):
    assert re.search(r"best: C = [\d.]+, inside the grid", printed.text)
    ((val, test),) = printed.numbers(r"AUC of ([\d.]+) on the validation images, which chose C,\nand has ([\d.]+) on")
    assert val > test + 0.02


def treatments(printed):
    """{name: best validation loss, epoch, last, training loss with nothing hidden, gap}."""
    rows = re.findall(r"<th>(bare|augmentation|dropout|weight decay)</th>((?:\s*<td>[\d.-]+</td>)+)", printed.html)
    return {name: [float(x) for x in re.findall(r"<td>([\d.-]+)</td>", cells)] for name, cells in rows}


def test_each_treatment_makes_the_gap_smaller(printed):
    found = treatments(printed)
    assert list(found) == ["bare", "augmentation", "dropout", "weight decay"]
    bare = found.pop("bare")
    for name, (_, _, last, training, gap) in found.items():
        assert gap == pytest.approx(last - training, abs=0.0021)
        assert gap < bare[-1] - 0.03, name


def test_strong_weight_decay_gains_nothing_on_new_images(printed):
    found = treatments(printed)
    assert found["weight decay"][0] >= found["bare"][0] - 0.005


def test_epochs_are_whole_numbers(printed):
    for _, cells in re.findall(r"<th>(bare|dropout)</th>((?:\s*<td>[\d.-]+</td>)+)", printed.html):
        assert "." not in re.findall(r"<td>([\d.-]+)</td>", cells)[1]


def test_the_lines_calm_down(printed):
    moved = printed.numbers(r"within the last five epochs it moved by ([\d.]+)")
    assert len(moved) == 2
    assert np.max(moved) < 0.1


def test_the_network_beats_the_regression(printed):
    assert "0 lies below the interval: the CNN is better" in printed.text
    ((low,),) = printed.numbers(r"AUC of the regression: [\d.]+ \(([\d.-]+) to [\d.-]+\)")
    assert low > 0


def test_one_auc_has_one_interval(printed):
    (cnn,) = (row for row in printed.table("breastmnist, test split") if row["model"].startswith("CNN"))
    usual = printed.table("other images")[0]
    assert usual["images"] == "as they are"
    assert cnn["AUC (95 % interval)"] == usual["AUC"]


def test_the_verdict_on_the_promise_follows_the_interval(printed):
    report = {row["measure"]: row for row in printed.table("95 % intervals")}
    for use, measure in (("screening", "sensitivity"), ("confirming", "specificity")):
        _, low, high = interval(report[measure][use])
        (said,) = re.findall(rf"{use}: {measure} .*; (.*)", printed.text)
        words = "broken" if high < 0.95 else "more than promised" if low > 0.95 else "too few images to say"
        assert words in said


def test_fewer_false_alarms_are_paid_for_with_more_missed_cases(printed):
    report = {row["measure"]: row for row in printed.table("95 % intervals")}
    sensitivity, specificity = (report[m] for m in ("sensitivity", "specificity"))
    assert interval(sensitivity["confirming"])[0] < interval(sensitivity["screening"])[0]
    assert interval(specificity["confirming"])[0] > interval(specificity["screening"])[0]


def test_the_rarer_the_finding_the_less_an_alarm_is_worth(printed):
    values = [value for (value,) in printed.numbers(r"prevalence +[\d.]+%: PPV ([\d.]+)%")]
    assert len(values) == 3
    assert values == sorted(values, reverse=True)
    assert values[-1] < 10


def test_twins_are_in_the_real_set_alone(printed):
    ((twins, images),) = printed.numbers(r"(\d+) of (\d+) test images correlate above 0.99")
    ((disagree,),) = printed.numbers(r"in (\d+) of these pairs the two labels disagree")
    if printed.kind == "real":
        assert twins > 0.1 * images
        assert disagree >= 1
    else:
        assert twins == 0


def test_other_machines_break_seeing_or_the_threshold(printed):
    def changes(name):
        (part,) = re.findall(rf"^{re.escape(name)}.*\n((?:    .*\n?){{3}})", printed.text, re.MULTILINE)
        return {
            line.split()[0]: (interval(ESTIMATE.search(line)[0]), line.rpartition(": ")[2])
            for line in part.splitlines()
        }

    for name in ("brighter", "darker", "half the contrast", "soft", "noisy"):
        for (_, low, high), said in changes(name).values():
            if min(abs(low), abs(high)) > 0.0005:  # what is printed is rounded
                assert said == ("up" if low > 0 else "down" if high < 0 else "no change shown")
    assert changes("half the contrast")["AUC"][1] == "down"
    noisy = changes("noisy")
    assert {noisy["sensitivity"][1], noisy["specificity"][1]} == {"up", "down"}


def test_accuracy_tells_nothing_in_two_of_three_other_tasks(printed):
    rows = {row["set"]: row for row in printed.table("other kinds of task")}
    for name, row in rows.items():
        _, low, high = interval(row["ACC (95 % interval)"])
        majority = float(row["ACC of the majority"])
        assert interval(row["AUC (95 % interval)"])[1] > 0.5, name
        assert (majority < low) if name == "bloodmnist" else (low <= majority <= high), name


def test_the_saved_network_gives_the_same_answers(printed):
    assert "the loaded network gives the same answers: True" in printed.text


@pytest.mark.parametrize(("name", "mirrors"), [("breastmnist", True), ("organamnist", False)])
def test_the_committee_looks_into_the_mirror_only_where_left_may_be_right(name, mirrors, monkeypatch):
    from course_utils import make_phantom

    recipe = course.find("04").recipe()
    data = make_phantom(name, counts={"train": 4, "val": 4, "test": 8})

    def untrained(data, seed, epochs):
        return recipe.build_network(data, 1, filters=(4, 4)), {}

    monkeypatch.setitem(recipe.train_committee.__globals__, "train_network", untrained)
    committee, _ = recipe.train_committee(data)
    images = data.test.images
    answers, of_mirrored = (recipe.predict(committee, x, data.task) for x in (images, images[:, :, ::-1]))
    assert np.allclose(answers, of_mirrored, atol=1e-5) == mirrors
