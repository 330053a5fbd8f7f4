"""A run as it goes on: its records on disk, a line of progress, and whether a climb has broken."""

import sys
import time
from collections import deque
from pathlib import Path

from load.generator import Pulse, effort
from load.records import DROPPED, Figures, Record, RecordFile, percentile
from load.scenarios import Scenario
from load.slo import Objectives

# A climb ends when two stages in succession break an objective: one alone may be an accident.
_BROKEN_STAGES = 2
# Requests of a stage that are still under way when it ends.
_GRACE = 2.0


class Measurement:
    """Takes records as they come, from one process or from many."""

    def __init__(self, folder: Path, scenario: Scenario, objectives: Objectives) -> None:
        self.folder = folder
        self.scenario = scenario
        self.pulses: list[Pulse] = []
        self.has_broken = False
        self.started_at = time.time()
        self._objectives = objectives
        self._file = RecordFile(folder)
        self._in_flight: dict[int, int] = {}
        self._recent: deque[Record] = deque()
        self._stages = deque((stage, begin, end, Figures()) for stage, begin, end in scenario.windows())
        self._broken = 0
        self._shown = 0.0

    def add(self, records: list[Record], pulses: list[Pulse], in_flight: dict[int, int]) -> None:
        self._file.write(records)
        self.pulses += pulses
        self._in_flight |= in_flight
        self._recent.extend(records)
        if self.scenario.climbs:
            self._add_to_stages(records)

    @property
    def in_flight(self) -> int:
        return sum(self._in_flight.values())

    def close(self) -> None:
        self._file.close()

    def show_progress(self, now: float, every: float = 5.0) -> None:
        """Print how it goes, every few seconds; end a climb that has broken."""
        if self.scenario.climbs:
            self._judge_stages(now)
        if now - self._shown < every:
            return
        seconds, self._shown = now - self._shown, now
        recent = [record for record in self._recent if record.operation]
        latencies = sorted(record.latency for record in recent)
        dropped = sum(record.error == DROPPED for record in self._recent)
        failures = sum(bool(record.error) for record in self._recent) - dropped
        self._recent.clear()
        busy = effort(self.pulses, now - seconds, now)
        print(
            f"{now:6.0f} s  {self._stage_at(now):10} {len(recent) / seconds:7.1f} requests/s"
            f"  p50 {percentile(latencies, 50):6.1f} ms  p99 {percentile(latencies, 99):7.1f} ms"
            f"  failures {failures}  dropped {dropped}  in flight {self.in_flight}"
            f"  generator {busy.cpu:.0%} of a core, {busy.lag:.1f} ms late",
            file=sys.stderr,
            flush=True,
        )

    def _stage_at(self, now: float) -> str:
        return next(
            (stage.name for stage, begin, end in self.scenario.windows() if begin <= now < end), "end"
        )

    def _add_to_stages(self, records: list[Record]) -> None:
        for record in records:
            for _, begin, end, figures in self._stages:
                if begin <= record.due < end:
                    figures.add(record)

    def _judge_stages(self, now: float) -> None:
        while self._stages and now > self._stages[0][2] + _GRACE:
            stage, _, _, figures = self._stages.popleft()
            if not stage.is_judged:
                continue
            summary = figures.summary(stage.seconds)
            dropped = figures.statuses[0] / max(1, len(figures.latencies))
            is_met = all(each.is_met for each in self._objectives.judge({"all": summary}, dropped))
            self._broken = 0 if is_met and figures.latencies else self._broken + 1
            self.has_broken = self._broken >= _BROKEN_STAGES
