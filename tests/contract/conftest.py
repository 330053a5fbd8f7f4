"""After a fuzz: what it has covered, and which responses the suite has seen beside it."""

from collections.abc import Iterable
from typing import Any

import pytest

from contractgen_runtime.testing.completeness import witnessed_before
from tests.contract.document import OPERATIONS

#: The statuses of outages, which no fuzz brings about: tests/faults/ has them.
OUTAGES = (500, 503)
COUNTED = ("responses", "parameters", "keywords")
DECLARED = {
    f"{each.id} {key}" for each in OPERATIONS.values() for key in each.responses if key not in OUTAGES
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, ())]
    runs = [dict(each.user_properties)["fuzz"] for each in reports if dict(each.user_properties).get("fuzz")]
    if runs:
        terminalreporter.section("covered")
        for line in lines_of(runs, witnessed_before(config)):
            terminalreporter.line(line)


def lines_of(runs: Iterable[dict[str, Any]], of_the_suite: Iterable[str]) -> Iterable[str]:
    """Say what each run has covered, and the responses that all of them and the suite have seen."""
    missing = set(DECLARED)
    for run in sorted(runs, key=lambda each: str(each["name"])):
        counts = ", ".join("{} of {}".format(*run[kind]) + f" {kind}" for kind in COUNTED)
        yield f"{run['name']}: {run['requests']:,} requests; {counts}"
        missing &= set(run["missing"])
    tested = DECLARED & set(of_the_suite)
    unseen = missing - tested
    yield f"operations x statuses, without 500 and 503: {len(DECLARED)}"
    yield f"  seen by the fuzz: {len(DECLARED - missing)}"
    yield f"  seen by the last whole run of the suite: {len(tested)}"
    yield f"  seen by both together: {len(DECLARED - unseen)}"
    yield f"only by the suite: {', '.join(sorted(missing - unseen)) or 'none'}"
    yield f"by neither: {', '.join(sorted(unseen)) or 'none'}"
