"""Metric families as plain values: what a process reports at a scrape."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

#: Upper bounds of the buckets of durations, in seconds; the last bucket has none.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

#: The values of the labels, and a number or the counts of a histogram's buckets with the sum behind them.
Sample: TypeAlias = tuple[Sequence[str], float | Sequence[float]]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with its samples; the name of a counter has no `_total`, which the exporter appends."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: Sequence[Sample]
    labels: Sequence[str] = ()


class Histogram:
    """Durations, counted by bucket."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def value(self) -> list[float]:
        """Return the value of a sample."""
        return [*self.counts, self.total]


def number(name: str, kind: Literal["counter", "gauge"], text: str, value: float) -> Family:
    """Return a family of one sample without labels."""
    return Family(name, kind, text, [((), value)])
