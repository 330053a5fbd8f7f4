"""The plots of a report."""

from collections.abc import Callable, Iterator, Sequence

from load.charts import line_chart
from load.generator import Pulse
from load.records import DROPPED, Record, percentile

_MOST_POINTS = 300
_NINES = (50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100)


def latency_over_time(records: Sequence[Record]) -> str:
    sent = [record for record in records if record.operation]
    buckets = [(at, sorted(each.latency for each in found)) for at, found in _buckets(sent)]
    lines = {
        name: [(at, percentile(latencies, percent)) for at, latencies in buckets]
        for name, percent in (("p50", 50.0), ("p99", 99.0), ("max", 100.0))
    }
    return line_chart(lines, x="seconds", y="milliseconds", is_log=True)


def rates_over_time(records: Sequence[Record]) -> str:
    buckets = list(_buckets(records))
    width = buckets[1][0] - buckets[0][0] if len(buckets) > 1 else 1.0
    counts: dict[str, Callable[[Record], bool]] = {
        "requests": lambda record: bool(record.operation),
        "failures": lambda record: bool(record.error) and record.error != DROPPED,
        "dropped visits": lambda record: record.error == DROPPED,
    }
    lines = {
        name: [(at, sum(map(is_one, found)) / width) for at, found in buckets]
        for name, is_one in counts.items()
    }
    return line_chart(lines, x="seconds", y="a second")


def distribution(by_operation: dict[str, list[float]]) -> str:
    """Draw latencies by percentile, stretched towards the slowest, a line an operation."""
    lines = {
        name: [(place, percentile(sorted(values), each)) for place, each in enumerate(_NINES)]
        for name, values in by_operation.items()
    }
    names = [f"{each:g}" for each in _NINES]
    return line_chart(lines, x="percentile", y="milliseconds", is_log=True, names=names)


def generator_over_time(pulses: Sequence[Pulse]) -> str:
    lines = {}
    for process in sorted({pulse.process for pulse in pulses}):
        own = [pulse for pulse in pulses if pulse.process == process]
        step = max(1, len(own) // _MOST_POINTS)
        chunks = [own[start : start + step] for start in range(0, len(own), step)]
        lines[f"process {process}"] = [(chunk[0].at, max(each.lag for each in chunk)) for chunk in chunks]
    return line_chart(lines, x="seconds", y="milliseconds late")


def _buckets(records: Sequence[Record]) -> Iterator[tuple[float, list[Record]]]:
    """Yield times and the records that were due in each, a second each or as many as fit."""
    last = max((record.due for record in records), default=0.0)
    width = max(1.0, last / _MOST_POINTS)
    found: list[list[Record]] = [[] for _ in range(int(last / width) + 1)]
    for record in records:
        found[int(max(0.0, record.due) / width)].append(record)
    for number, each in enumerate(found):
        yield number * width, each
