"""The result of a run: exact figures of its records, what was promised, and whether it can be believed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load import contract, machine
from load.generator import Effort, Pulse, effort
from load.records import DROPPED, Figures, Record, read_records
from load.scenarios import Scenario, Stage
from load.slo import Objectives

FILE = "result.json"
MET, BAD_INPUT, MISSED, INVALID = 0, 2, 3, 4
#: Beyond this share of a core, and this part of the bound of p99, the generator may be what was measured.
BUSIEST, LATEST = 0.8, 0.05
# A step that breaks does so by far, as queues do: a generator that is a little late does not explain it.
LATEST_IN_A_BROKEN_STEP = 0.5


@dataclass
class Counted:
    """The records of some stages: by operation, and all together."""

    seconds: float = 0.0
    operations: dict[str, Figures] = field(default_factory=dict)
    total: Figures = field(default_factory=Figures)
    dropped: int = 0
    #: Journeys that raised, and how.
    bugs: set[str] = field(default_factory=set)

    def add(self, record: Record) -> None:
        if record.error == DROPPED:
            self.dropped += 1
        elif not record.operation:
            self.bugs.add(f"{record.journey}: {record.error}")
        else:
            self.operations.setdefault(record.operation, Figures()).add(record)
            self.total.add(record)

    @property
    def dropped_share(self) -> float:
        return self.dropped / max(1, self.dropped + len(self.total.latencies))

    def figures(self) -> dict[str, dict[str, Any]]:
        every = {"all": self.total} | dict(sorted(self.operations.items()))
        return {name: each.summary(self.seconds) for name, each in every.items()}


@dataclass
class Evidence:
    """What a run has left: its scenario and records, and how the generator was."""

    folder: Path
    scenario: Scenario
    pulses: list[Pulse]
    #: The operations that its journeys call.
    reachable: set[str]

    def __post_init__(self) -> None:
        self.windows = list(self.scenario.windows())
        self.stages = [Counted(stage.seconds) for stage in self.scenario.stages]
        self.judged = Counted(sum(stage.seconds for stage in self.scenario.stages if stage.is_judged))
        self.reached: set[str] = set()
        for record in read_records(self.folder):
            self._add(record)
        if self.scenario.climbs:
            # It ends early: only the steps that it has reached took their time.
            reached = [each.seconds for each in self._judged_stages() if each.total.latencies]
            self.judged.seconds = sum(reached)

    def _add(self, record: Record) -> None:
        self.reached.add(record.operation)
        for number, (stage, begin, end) in enumerate(self.windows):
            if begin <= record.due < end:
                self.stages[number].add(record)
                if stage.is_judged:
                    self.judged.add(record)

    def _judged_stages(self) -> list[Counted]:
        pairs = zip(self.scenario.stages, self.stages, strict=True)
        return [counted for stage, counted in pairs if stage.is_judged]

    @property
    def unreached(self) -> list[str]:
        return sorted(self.reachable - self.reached)

    @property
    def effort(self) -> Effort:
        """The generator's effort while it was judged."""
        judged = [(begin, end) for stage, begin, end in self.windows if stage.is_judged]
        return effort(self.pulses, judged[0][0], judged[-1][1])


def make_result(evidence: Evidence, objectives: Objectives, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a run, and write it beside its records; `facts` are known before it is judged."""
    busy, figures = evidence.effort, evidence.judged.figures()
    steps = list(_steps(evidence, objectives)) if evidence.scenario.climbs else []
    missed = list(_missed(evidence, objectives, figures, steps))
    invalid = list(_invalid(evidence, objectives, busy, steps))
    result = facts | {
        "scenario": evidence.scenario.name,
        "exit_code": INVALID if invalid else MISSED if missed else MET,
        "invalid": invalid,
        "missed": missed,
        "seconds": round(evidence.judged.seconds, 3),
        "contract": {"sha256": contract.sha256(), "operations": len(contract.operations())},
        "revision": machine.revision(),
        "versions": machine.versions(),
        "generator": {"cpu": round(busy.cpu, 4), "lag_p99": round(busy.lag, 3)},
        "dropped": evidence.judged.dropped,
        "unreached": evidence.unreached,
        "steps": steps,
        "capacity": max((step["rate"] for step in steps if step["met"]), default=None),
        "operations": figures,
    }
    (evidence.folder / FILE).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return result


def _steps(evidence: Evidence, objectives: Objectives) -> Iterator[dict[str, Any]]:
    """Yield the judged stages of a climb that were reached."""
    for (stage, begin, end), counted in zip(evidence.windows, evidence.stages, strict=True):
        if not stage.is_judged or not counted.total.latencies:
            continue
        figures = counted.figures()["all"]
        verdicts = objectives.judge({"all": figures}, counted.dropped_share)
        busy = effort(evidence.pulses, begin, end)
        yield {
            "rate": round(stage.rate, 2),
            "met": all(each.is_met for each in verdicts),
            "dropped": counted.dropped,
            "generator_cpu": round(busy.cpu, 4),
            "generator_lag_p99": round(busy.lag, 3),
            **{name: figures[name] for name in ("p50", "p95", "p99", "failures")},
            "requests": figures["rate"],
        }


def _missed(
    evidence: Evidence,
    objectives: Objectives,
    figures: dict[str, dict[str, Any]],
    steps: list[dict[str, Any]],
) -> Iterator[str]:
    if evidence.scenario.climbs:
        if not any(step["met"] for step in steps):
            yield "the first step already breaks the objectives"
    else:
        verdicts = objectives.judge(figures, evidence.judged.dropped_share)
        yield from (str(each) for each in verdicts if not each.is_met)
    yield from sorted(evidence.judged.bugs)
    if evidence.scenario.reaches_all and evidence.unreached:
        yield f"never reached: {', '.join(evidence.unreached)}"


def _invalid(
    evidence: Evidence, objectives: Objectives, busy: Effort, steps: list[dict[str, Any]]
) -> Iterator[str]:
    """Yield why the figures say nothing about the service."""
    if not evidence.judged.total.latencies:
        yield "no request was sent"
    latest = LATEST
    if evidence.scenario.climbs:
        # The last steps are beyond what the service can do: was the generator the reason?
        broken = next((step for step in steps if not step["met"]), None)
        busy = Effort(broken["generator_cpu"], broken["generator_lag_p99"]) if broken else Effort(0.0, 0.0)
        latest = LATEST_IN_A_BROKEN_STEP
    if busy.cpu > BUSIEST:
        yield f"the load generator used {busy.cpu:.0%} of a core; spread it over --processes"
    if busy.lag > latest * objectives.p99:
        yield (
            f"the load generator was up to {busy.lag:.1f} ms late, more than {latest:.0%} of the "
            f"{objectives.p99:g} ms that p99 may be"
        )


def whole(scenario: Scenario, seconds: float) -> Scenario:
    """Return a scenario of closed users, which has no stages, as one stage of the length that it had."""
    return (
        scenario
        if scenario.stages
        else Scenario(scenario.name, scenario.summary, (Stage("all", seconds, 0.0),))
    )
