"""What a result says of a run: exact figures, and whether objectives are met, missed, or not to be judged."""

import statistics
from pathlib import Path

import pytest

from load.records import DROPPED, Figures, percentile, read_records
from load.scenarios import Scenario, Stage
from tests.load.runs import TEN_SECONDS, record, result, steady

CLIMB = Scenario("step", "", tuple(Stage(f"{rate}/s", 10, rate) for rate in (10, 20, 40, 80)), climbs=True)


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 1001)]
    assert [percentile(values, each) for each in (50, 99, 99.9, 100)] == [500, 990, 999, 1000]
    assert percentile(values, 95) == pytest.approx(statistics.quantiles(values, n=100)[94], abs=1)
    assert percentile([7.0], 50) == 7.0
    assert percentile([], 99) == 0.0


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    written = [record(1.5, 12.25), record(2.0, 3.0, status=0, error='no response: "reset", twice\nover')]
    result(tmp_path, written)
    assert list(read_records(tmp_path)) == written


def test_only_judged_stages_count(tmp_path: Path) -> None:
    found = result(tmp_path, [record(1.0, 9000), record(3.0, 10), record(9.9, 20), record(10.1, 9000)])
    login = found["operations"]["login"]
    assert (login["count"], login["max"], login["rate"], found["exit_code"]) == (2, 20, 0.25, 0)


def test_a_stall_misses_the_objective_however_few_waited(tmp_path: Path) -> None:
    """Four seconds of twenty-five in which nothing is answered: who was due in them waited for their end."""
    scenario = Scenario("steady", "", (Stage("all", 25, 50),))
    dues = [number / 50 for number in range(25 * 50)]
    records = [record(due, 10 + max(0, 14 - due) * 1000 * (due >= 10)) for due in dues]
    found = result(tmp_path, records, scenario=scenario)
    assert found["operations"]["login"]["p99"] == pytest.approx(4000 - 250, abs=20)
    assert (found["exit_code"], len(found["missed"])) == (3, 2)


@pytest.mark.parametrize(
    ("slo", "missed"),
    [
        (
            {"every": {"p50": 15}},
            ["all: p50 is 20, at most 15 is allowed", "login: p50 is 20, at most 15 is allowed"],
        ),
        ({"operations": {"login": {"max": 20}}}, []),
        ({"operations": {"login": {"max": 19}}}, ["login: max is 20, at most 19 is allowed"]),
        ({"every": {"p50": 15}, "scenarios": {"steady": {"p50": 25}}}, []),
        (
            {"scenarios": {"steady": {"operations": {"login": {"mean": 1}}}}},
            ["login: mean is 20, at most 1 is allowed"],
        ),
        ({"scenarios": {"soak": {"p50": 1}}}, []),
    ],
)
def test_the_more_special_objective_wins(
    tmp_path: Path, slo: dict[str, dict[str, dict[str, int]]], missed: list[str]
) -> None:
    found = result(tmp_path, [record(3.0, 20)] * 100, slo=slo)
    assert (found["missed"], found["exit_code"]) == (missed, 3 if missed else 0)


def test_failures_refusals_and_drops_are_shares(tmp_path: Path) -> None:
    records = [record(3.0, 10) for _ in range(90)]
    records += [record(3.0, 10, status=500, error="500 instead of 200: ") for _ in range(4)]
    records += [record(3.0, 10, status=412) for _ in range(6)]
    records += [record(3.0, 0, operation="", status=0, error=DROPPED) for _ in range(25)]
    slo = {"every": {"failed": 0.03, "refused": 0.05, "dropped": 0.1}}
    found = result(tmp_path, records, slo=slo)
    assert found["missed"] == [
        "all: failed is 0.04, at most 0.03 is allowed",
        "login: failed is 0.04, at most 0.03 is allowed",
        "login: refused is 0.06, at most 0.05 is allowed",
        "all: dropped is 0.2, at most 0.1 is allowed",
    ]


def test_a_journey_that_raises_is_missed(tmp_path: Path) -> None:
    records = [record(3.0, 10), record(3.0, 0, operation="", status=0, error="KeyError: 'id'")]
    assert result(tmp_path, records)["missed"] == ["LogIn: KeyError: 'id'"]


def test_an_operation_that_was_not_reached_is_missed_where_all_must_be(tmp_path: Path) -> None:
    scenario = Scenario("smoke", "", TEN_SECONDS.stages, reaches_all=True)
    found = result(tmp_path, [record(3.0, 10)], scenario=scenario, reachable={"login", "logout"})
    assert (found["missed"], found["exit_code"]) == (["never reached: logout"], 3)


@pytest.mark.parametrize(("cpu", "lag", "code"), [(0.79, 24, 0), (0.81, 1, 4), (0.1, 26, 4)])
def test_a_generator_beyond_its_limits_judges_nothing(
    tmp_path: Path, cpu: float, lag: float, code: int
) -> None:
    assert result(tmp_path, steady(1), cpu=cpu, lag=lag)["exit_code"] == code


def test_an_invalid_run_is_invalid_even_if_it_misses(tmp_path: Path) -> None:
    found = result(tmp_path, [record(3.0, 9000)], cpu=0.9)
    assert (found["exit_code"], bool(found["missed"])) == (4, True)


def test_no_request_is_no_run(tmp_path: Path) -> None:
    found = result(tmp_path, [])
    assert (found["exit_code"], found["invalid"]) == (4, ["no request was sent"])


def test_the_capacity_is_the_last_step_that_was_met(tmp_path: Path) -> None:
    latencies = {5.0: 10, 15.0: 10, 25.0: 900}
    found = result(tmp_path, [record(due, took) for due, took in latencies.items()], scenario=CLIMB)
    assert (found["capacity"], found["exit_code"], found["seconds"]) == (20, 0, 30)
    assert [step["met"] for step in found["steps"]] == [True, True, False]


def test_a_climb_that_cannot_begin_is_missed(tmp_path: Path) -> None:
    found = result(tmp_path, [record(5.0, 900), record(15.0, 900)], scenario=CLIMB)
    assert (found["capacity"], found["exit_code"]) == (None, 3)


def test_a_climb_that_the_generator_ended_is_not_valid(tmp_path: Path) -> None:
    found = result(tmp_path, [record(5.0, 10), record(15.0, 900)], scenario=CLIMB, cpu=0.95)
    assert found["exit_code"] == 4


def test_figures_count_bytes_and_statuses() -> None:
    figures = Figures()
    for each in (record(0, 1), record(0, 3), record(0, 2, status=304)):
        figures.add(each)
    summary = figures.summary(2.0)
    assert (summary["count"], summary["rate"], summary["mean"], summary["bytes"]) == (3, 1.5, 2.0, 100)
    assert summary["statuses"] == {"200": 2, "304": 1}
