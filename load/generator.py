"""The load generator measures itself: a run in which it was the bottleneck says nothing about the service."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import NamedTuple

import gevent

_PERIOD = 0.05


class Pulse(NamedTuple):
    """A moment of one process: how late it was, in milliseconds, and the CPU seconds used so far."""

    at: float
    process: int
    lag: float
    cpu: float


@dataclass(frozen=True)
class Effort:
    """What the busiest process of the generator had to do in a window."""

    cpu: float
    lag: float


def beat(pulses: list[Pulse], process: int, began: float, lateness: Callable[[], float]) -> None:
    """Append a pulse every 50 ms, for ever: how late the loop was, or visits that began since the last one.

    On a contended machine the loop can be in time while visits begin seconds after they were due.
    """
    while True:
        expected = perf_counter() + _PERIOD
        gevent.sleep(_PERIOD)
        now = perf_counter()
        late = max(0.0, now - expected, lateness()) * 1000
        pulses.append(Pulse(now - began, process, late, process_time()))


def effort(pulses: list[Pulse], begin: float, end: float) -> Effort:
    """Return the highest share of a core that a process used, and the highest p99 of its lags."""
    by_process: dict[int, list[Pulse]] = {}
    for pulse in pulses:
        if begin <= pulse.at < end:
            by_process.setdefault(pulse.process, []).append(pulse)
    efforts = [_effort_of(each) for each in by_process.values() if len(each) > 1]
    return Effort(
        max((each.cpu for each in efforts), default=0.0), max((each.lag for each in efforts), default=0.0)
    )


def _effort_of(pulses: list[Pulse]) -> Effort:
    first, last = pulses[0], pulses[-1]
    lags = sorted(pulse.lag for pulse in pulses)
    return Effort((last.cpu - first.cpu) / (last.at - first.at), lags[int(len(lags) * 0.99)])
