"""Chapter 05: what it says in words is what its cells printed, on generated stays and on real ones."""

import re

import numpy as np
import pytest

from conftest import computed
from course_tools import chapter as course
from course_utils import simulate_icu

NUMBER = r"-?\d+\.\d+"


class Printed:
    """What a run of the chapter printed."""

    def __init__(self, cells):
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        self.text = "\n".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)

    def numbers(self, line):
        """The numbers that follow a line's beginning."""
        (rest,) = re.findall(rf"^ *{re.escape(line)}(.*)$", self.text, flags=re.M)
        return [float(number) for number in re.findall(NUMBER, rest)]

    def interval(self, line):
        """The last interval of a line."""
        return self.numbers(line)[-2:]


def above(interval):
    return interval[0] > 0


def holds_0(interval):
    return interval[0] <= 0 <= interval[1]


@pytest.fixture(scope="module")
def generated():
    return Printed(computed("05").cells)


@pytest.fixture(scope="module")
def real():
    return Printed(computed("05").cells)


@pytest.fixture(params=["generated", pytest.param("real", marks=pytest.mark.real_data)])
def either(request):
    return request.getfixturevalue(request.param)


def test_how_often_says_something_without_a_value_or_a_ventilator(either):
    assert either.numbers("without MechVent, RespRate, FiO2")[0] >= 0.62


@pytest.mark.real_data
def test_breaths_are_not_written_down_on_a_ventilator(real):
    survivors, dead = real.numbers("bottom: RespRate")
    assert dead <= 0.6 * survivors
    assert real.numbers("RespRate: in ")[0] == 0
    with_ventilator, without = real.numbers("FiO2: in ")
    assert with_ventilator > 5 * without


def test_no_line_of_the_simulated_unit_runs_far_to_the_left(generated):
    assert "top: MechVent" in generated.text
    survivors, dead = generated.numbers("bottom: ")
    assert dead >= 0.95 * survivors


def test_one_day_of_the_regression_beside_the_scores_on_generated_stays(generated):
    assert holds_0(generated.interval("minus SAPS-I, same validation stays:"))


@pytest.mark.real_data
def test_one_day_of_the_regression_beside_the_scores_on_real_stays(real):
    for name in ("SAPS-I", "SOFA"):
        assert above(real.interval(f"minus {name}, same validation stays:"))


def test_what_the_network_added(either):
    network, everything = "GRU", "all four combined"
    verdicts = dict(re.findall(r"^(.+? minus .+?): AUROC .*?: (better|worse|not decided);", either.text, flags=re.M))
    assert verdicts[f"{network} minus boosted trees"] in ("worse", "not decided")
    assert verdicts[f"{everything} minus boosted trees"] == "not decided"
    assert verdicts[f"{everything} minus {network}"] == "better"


def test_the_network_beside_the_regression_on_generated_stays(generated):
    assert "GRU minus logistic regression: AUROC" in generated.text
    assert re.search(r"^GRU minus logistic regression: .*: better;", generated.text, flags=re.M)


@pytest.mark.real_data
def test_the_network_beside_the_regression_on_real_stays(real):
    assert re.search(r"^GRU minus logistic regression: .*: not decided;", real.text, flags=re.M)
    assert re.search(r"^GRU minus boosted trees: .*: worse;", real.text, flags=re.M)
    _, _, high, *_ = real.numbers("all four combined minus logistic regression: AUROC")
    assert high <= 0.015


def test_the_promise_of_a_ppv(either):
    promised = re.search(rf"alarms, PPV ({NUMBER}) \(({NUMBER}) to ({NUMBER})\)", either.text)
    value, low, high = map(float, promised.groups())
    assert value >= 0.5
    assert 0.07 <= (high - low) / 2 <= 0.17
    assert f"lies {'above' if 'physionet-2012' in either.text else 'below'} the interval" in either.text


def test_the_counts_of_100_stays_add_up(either):
    dying, alarms = re.search(
        rf"Of 100 stays ({NUMBER}) end in death. There are ({NUMBER}) alarms", either.text
    ).groups()
    parts = rf"({NUMBER}) for somebody who dies, ({NUMBER}) false.\n({NUMBER}) die without"
    found, false, missed = map(float, re.search(parts, either.text).groups())
    assert (f"{found + false:.1f}", f"{found + missed:.1f}") == (alarms, dying)
    yours = re.search(r"from the three shares: \[(.*), (.*), (.*)\]", either.text)
    assert list(map(float, yours.groups())) == pytest.approx([found, missed, false], abs=0.11)


def test_what_each_leak_does(either):
    honest = float(re.search(rf"logistic regression, honest: +({NUMBER})", either.text).group(1))
    assert either.numbers("1 with a value from after the outcome:")[0] >= honest + 0.1
    trees, statistics = re.findall(rf"^    difference: .*\(({NUMBER}) to ({NUMBER})\)", either.text, flags=re.M)[:2]
    assert float(trees[0]) > 0
    assert max(abs(float(bound)) for bound in statistics) <= 0.0015


def test_the_shortcut_is_of_no_use_later(either):
    at_the_time, later = re.findall(rf"the same model without the study: .*\(({NUMBER}) to ({NUMBER})\)", either.text)
    assert float(at_the_time[0]) > 0
    assert float(later[1]) < 0


def test_the_study_is_all_that_differs():
    plain, trap = (simulate_icu(train=200, test=100, seed=1, shortcut=shortcut) for shortcut in (False, True))
    cholesterol = plain.measurements.index("Cholesterol")
    for one, other in ((plain.train, trap.train), (plain.test, trap.test)):
        assert (one.died == other.died).all()
        rest = np.delete(np.arange(len(plain.measurements)), cholesterol)
        np.testing.assert_array_equal(one.values[..., rest], other.values[..., rest])


def test_eight_numbers_need_no_network(generated):
    free, held = (
        generated.interval(f"small network, {how} minus logistic regression:")
        for how in ("32 hidden units", "strong weight decay")
    )
    assert free[1] < 0
    assert holds_0(held)


def test_what_strange_habits_cost(either):
    assert either.interval("trained and tested there minus trained and tested here")[1] < 0
    low, high = either.interval("regressions there: trained there minus trained here")
    if "physionet-2012" in either.text:
        assert -0.002 <= low < high <= 0.015
    else:
        assert low < 0.001
    here, there = map(float, re.search(r"boosted trees .*\) +(\d+\.\d) +(\d+\.\d)$", either.text, flags=re.M).groups())
    assert there < here


def test_trees_can_be_asked_about_one_day():
    """A channel that was never measured in these hours stopped them within scikit-learn."""
    recipe = course.find("05").recipe()
    stays = simulate_icu(train=150, test=1).train
    stays.values[:, 24:] = np.nan
    predict, _ = recipe.fit_trees(stays, trees=5)
    assert np.isfinite(predict(stays)).all()
