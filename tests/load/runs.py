"""Runs made up for the tests: records with chosen latencies, on disk as a real run leaves them."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from load.generator import Pulse
from load.records import Record, RecordFile
from load.result import Evidence, make_result
from load.scenarios import Scenario, Stage
from load.slo import Objectives

TEN_SECONDS = Scenario("steady", "", (Stage("warm-up", 2, 50, is_judged=False), Stage("judged", 8, 50)))


def record(
    due: float, took: float, *, operation: str = "login", status: int = 200, error: str = ""
) -> Record:
    return Record(due, 0.0, took, operation, "LogIn", status, 100, error)


def pulses(*, cpu: float = 0.1, lag: float = 1.0, seconds: float = 600.0) -> list[Pulse]:
    return [Pulse(at / 20, 0, lag, at / 20 * cpu) for at in range(int(seconds * 20))]


def result(
    folder: Path,
    records: Iterable[Record],
    *,
    scenario: Scenario = TEN_SECONDS,
    slo: dict[str, Any] | None = None,
    cpu: float = 0.1,
    lag: float = 1.0,
    reachable: set[str] | None = None,
) -> dict[str, Any]:
    """Return the result of a run that has left these records."""
    file = RecordFile(folder)
    file.write(records)
    file.close()
    evidence = Evidence(folder, scenario, pulses(cpu=cpu, lag=lag), reachable or set())
    facts = {
        "rate": scenario.rate,
        "arrivals": scenario.arrivals,
        "machine": {"calibration_ms": [10.0, 10.0]},
    }
    return make_result(evidence, Objectives(slo or {"every": {"p99": 500}}, scenario.name), facts)


def steady(seed: int, *, slower: float = 1.0, per_second: int = 50) -> list[Record]:
    """Return ten seconds of log-ins that take about 20 ms, a little different in each run."""
    chance = random.Random(seed)
    speed = slower * chance.uniform(0.98, 1.02)
    return [
        record(number / per_second, speed * chance.lognormvariate(3, 0.3))
        for number in range(10 * per_second)
    ]
