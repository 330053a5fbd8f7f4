"""Collects what visitors did: in each process, and on the master from all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from load.generator import Pulse, beat
from load.journeys import Visitor
from load.records import Record
from load.scenarios import Scenario

if TYPE_CHECKING:
    from load.measurement import Measurement
    from load.open_loop import OpenLoop

_FLUSH = 1.0


@dataclass
class Plan:
    """What this process does in a run; `scenario` has no stages where locust's own users are closed."""

    scenario: Scenario
    max_in_flight: int
    seed: int
    dispatchers: int = 1
    index: int = 0


class Recorder:
    """Called with every record; moves them to the measurement, or with locust's reports to the master."""

    def __init__(self, environment: Environment, plan: Plan) -> None:
        self.environment = environment
        self.plan = plan
        self.is_stopping = False
        self.measurement: Measurement | None = None
        self.dispatcher: OpenLoop | None = None
        self._records: list[Record] = []
        self._pulses: list[Pulse] = []
        self._began = perf_counter()
        self._beating: gevent.Greenlet | None = None
        environment.events.user_error.add_listener(self._add_error)
        if isinstance(environment.runner, WorkerRunner):
            environment.events.report_to_master.add_listener(self._report)
        elif isinstance(environment.runner, MasterRunner):
            environment.events.worker_report.add_listener(self._receive)

    def __call__(self, record: Record) -> None:
        self._records.append(record._replace(due=record.due - self._began))

    def begin(self, measurement: "Measurement | None") -> None:
        """Begin a run; its clock starts now."""
        self.is_stopping = False
        self.measurement = measurement
        self.start_clock()
        if measurement is not None:
            gevent.spawn(self._move, measurement)

    def start_clock(self) -> None:
        """Count from now; a dispatcher calls it again, as it may be spawned later than the run begins."""
        self._records, self._pulses = [], []
        self._began = perf_counter()
        if self._beating is not None:
            self._beating.kill()
        # A master sends nothing itself: how late it is does not matter.
        if not isinstance(self.environment.runner, MasterRunner):
            self._beating = gevent.spawn(beat, self._pulses, self.plan.index, self._began, self._lateness)

    def _lateness(self) -> float:
        return self.dispatcher.take_lateness() if self.dispatcher else 0.0

    def due(self) -> Iterator[float]:
        """Yield when visits of this process should begin, by the clock of `perf_counter`."""
        plan = self.plan
        for at in plan.scenario.due(dispatchers=plan.dispatchers, index=plan.index, seed=plan.seed):
            yield self._began + at

    def flush(self) -> None:
        """Move what is still here."""
        if self.measurement is not None:
            self.measurement.add(*self._take())

    def _move(self, measurement: "Measurement") -> None:
        while self.measurement is measurement:
            gevent.sleep(_FLUSH)
            self.flush()
            measurement.show_progress(perf_counter() - self._began)

    def _take(self) -> tuple[list[Record], list[Pulse], dict[int, int]]:
        records, pulses = self._records[:], self._pulses[:]
        # The lists stay: visitors and the beat hold them.
        del self._records[: len(records)], self._pulses[: len(pulses)]
        in_flight = {self.plan.index: self.dispatcher.in_flight} if self.dispatcher else {}
        return records, pulses, in_flight

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        del client_id
        data["load"] = self._take()

    def _receive(self, client_id: str, data: dict[str, Any]) -> None:
        del client_id
        if self.measurement is not None and "load" in data:
            records, pulses, in_flight = data["load"]
            by_process = {int(process): count for process, count in in_flight.items()}
            self.measurement.add(
                [Record(*each) for each in records], [Pulse(*each) for each in pulses], by_process
            )

    def _add_error(self, user_instance: object, exception: Exception, **_: object) -> None:
        """A journey that raises has found something wrong: a failure of no operation."""
        # Of a closed user, locust reports the set of tasks that it is at.
        user = getattr(user_instance, "user", user_instance)
        name = type(user).__name__ if isinstance(user, Visitor) else ""
        self(
            Record(perf_counter(), 0.0, 0.0, "", name, 0, 0, f"{type(exception).__name__}: {exception}"[:300])
        )
