"""When visits arrive, and that journeys call every operation of the contract."""

import statistics
from itertools import pairwise

import pytest

from load.reach import called_by, calls
from load.scenarios import MIX, SCENARIOS, Scenario, Stage
from tests.contract.document import DOCUMENT

TWO = (Stage("slow", 10, 20), Stage("fast", 5, 200))


def test_journeys_call_every_operation_of_the_contract() -> None:
    """A new operation needs a call in one of load/journeys/."""
    declared = {
        operation["operationId"]
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if "operationId" in operation
    }
    assert called_by(MIX) == declared


def test_the_scenario_of_log_ins_does_nothing_else() -> None:
    assert calls("LogIn") == {"login"}


def test_constant_arrivals_are_evenly_spaced_in_each_stage() -> None:
    due = list(Scenario("x", "", TWO, arrivals="constant").due())
    assert len(due) == 200 + 1000
    gaps = [later - earlier for earlier, later in pairwise(due)]
    assert max(gaps) == pytest.approx(0.05)
    assert min(gaps) == pytest.approx(0.005)


def test_poisson_arrivals_have_the_rate_and_the_variance_of_chance() -> None:
    due = list(Scenario("x", "", (Stage("long", 1000, 20),)).due(seed=1))
    gaps = [later - earlier for earlier, later in pairwise(due)]
    assert len(due) == pytest.approx(20_000, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(statistics.mean(gaps), rel=0.05)


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
def test_dispatchers_share_the_arrivals(arrivals: str) -> None:
    scenario = Scenario("x", "", TWO, arrivals="constant" if arrivals == "constant" else "poisson")
    shares = [list(scenario.due(dispatchers=3, index=index)) for index in range(3)]
    assert sum(map(len, shares)) == pytest.approx(1200, rel=0.1)
    assert len({tuple(each[:5]) for each in shares}) == 3


def test_the_same_seed_is_the_same_run() -> None:
    scenario = SCENARIOS["steady"]
    assert list(scenario.due(seed=7)) == list(scenario.due(seed=7)) != list(scenario.due(seed=8))


def test_a_scenario_is_scaled_in_rate_and_length() -> None:
    spike = SCENARIOS["spike"].scaled(rate=40, seconds=170)
    assert spike.rate == 40
    assert spike.seconds == pytest.approx(170)
    assert max(stage.rate for stage in spike.stages) == 400


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_warms_up_and_then_judges(name: str) -> None:
    stages = SCENARIOS[name].stages
    assert not stages[0].is_judged
    assert any(stage.is_judged for stage in stages)


def test_smoke_is_long_enough_to_make_every_visit_once() -> None:
    """A deck of a hundred visits has five of newcomers, who have twelve kinds of them."""
    smoke = SCENARIOS["smoke"]
    assert smoke.seconds * smoke.rate * MIX["Newcomer"] / sum(MIX.values()) >= 12
    assert 10 <= smoke.seconds <= 30
