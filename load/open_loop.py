"""Visits that begin when they are due, whether or not earlier ones are done.

Closed users send nothing while they wait, so a service that stalls is asked less often and looks fast
(coordinated omission). Here a visit that is due begins, up to a bound of visits at once; beyond it, it is
dropped and counted. Its latency counts from the moment at which it was due.
"""

import random
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import gevent
from gevent.pool import Pool
from locust import LoadTestShape, User, task
from locust.exception import RescheduleTask, StopUser

from load.journeys import JOURNEYS, Visitor
from load.records import DROPPED, Record

if TYPE_CHECKING:
    from load.recorder import Recorder

T = TypeVar("T")
#: Seconds in which visits that still run after the last arrival may end.
DRAIN = 30.0


class OpenLoop(User):
    """The dispatcher: there is one in each process, which is all that locust spawns."""

    abstract = True  # chosen by the locustfile, never by locust itself
    recorder: "Recorder"

    def on_start(self) -> None:
        plan = self.recorder.plan
        mix = {JOURNEYS[name]: weight for name, weight in plan.scenario.mix.items()}
        for journey in mix:
            journey.host = self.environment.host
        self.journeys = deal([journey for journey, weight in mix.items() for _ in range(weight)])
        self.visits = {journey: deal(journey.tasks) for journey in mix}
        self.idle: dict[type[Visitor], list[Visitor]] = {journey: [] for journey in mix}
        self.running = Pool(max(1, plan.max_in_flight // plan.dispatchers))
        self._latest = 0.0
        self.recorder.dispatcher = self
        self.recorder.start_clock()

    @task
    def dispatch(self) -> None:
        """Start every visit of the scenario at its time; end when all are over."""
        for due in self.recorder.due():
            while (early := due - perf_counter()) > 0 and not self.recorder.is_stopping:
                gevent.sleep(min(early, 1.0))
            if self.recorder.is_stopping:
                break
            self._latest = max(self._latest, perf_counter() - due)
            self.admit(due)
        self.running.join(timeout=DRAIN)
        raise StopUser

    def admit(self, due: float) -> None:
        journey = next(self.journeys)
        if self.running.full():
            self.recorder(Record(due, 0.0, 0.0, "", journey.__name__, 0, 0, DROPPED))
            # The loop is behind: let what runs go on before the next visit is looked at.
            gevent.sleep(0)
            return
        self.running.spawn(self.visit, journey, due)

    def visit(self, journey: type[Visitor], due: float) -> None:
        """Make one visit as somebody who is not visiting now, the last one first: connections stay warm."""
        visitor: Visitor | None = None
        try:
            if self.idle[journey]:
                visitor = self.idle[journey].pop()
                visitor.due = due
            else:
                visitor = journey(self.environment)
                visitor.due = due
                visitor.on_start()
            next(self.visits[journey])(visitor)  # type: ignore[operator]  # a function: journeys nest no task sets
        except (RescheduleTask, StopUser):
            pass  # the request that failed is recorded
        except Exception as error:  # noqa: BLE001 - a bug of a journey must not end the run, and is a failure of it
            self.environment.events.user_error.fire(
                user_instance=visitor or self, exception=error, tb=error.__traceback__
            )
        if visitor is not None:
            self.idle[journey].append(visitor)

    def take_lateness(self) -> float:
        """Return by how many seconds a visit was looked at too late, at most, since the last call.

        A slow service cannot cause it: beyond the bound of visits at once, they are dropped without a wait.
        """
        latest, self._latest = self._latest, 0.0
        return latest

    @property
    def in_flight(self) -> int:
        return len(self.running)


class ScenarioShape(LoadTestShape):
    """Keeps one dispatcher in each process until the scenario is over."""

    abstract = True

    def __init__(self, recorder: "Recorder") -> None:
        super().__init__()
        self.recorder = recorder

    def tick(self) -> tuple[int, float] | None:
        late = self.get_run_time() - self.recorder.plan.scenario.seconds
        measurement = self.recorder.measurement
        if measurement is not None and measurement.has_broken:
            return None
        # A dispatcher counts from its own spawn, so it may still have visits to begin; done, it stops itself.
        runner = self.recorder.environment.runner
        if late > DRAIN or (late > 0 and (runner is None or not runner.user_count)):
            return None
        return self.recorder.plan.dispatchers, 100.0


def deal(cards: Sequence[T]) -> Iterator[T]:
    """Yield all cards in a random order, and again, for ever.

    Choices at random would give runs of a few seconds another mix each time.
    """
    deck = list(cards)
    while True:
        random.shuffle(deck)
        yield from deck
