"""Raw records of a run: a line for every request and every dropped visit, and exact percentiles of them."""

import csv
import gzip
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import NamedTuple

FILE = "records.csv.gz"
#: The error of a visit that could not begin, since too many others were running.
DROPPED = "dropped"
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}


class Record(NamedTuple):
    """One request; `due` is when it should have begun, in seconds since the start of the run.

    Its latency is `waited` and `took`, in milliseconds. A visit that never began has no operation.
    """

    due: float
    waited: float
    took: float
    operation: str
    journey: str
    status: int
    size: int
    error: str

    @property
    def latency(self) -> float:
        return self.waited + self.took


class RecordFile:
    """Where records are written while the run goes on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # A low level: the generator that measures should not compress for long.
        self._file = gzip.open(folder / FILE, "wt", compresslevel=1, newline="", encoding="utf-8")  # noqa: SIM115 - the caller closes it
        self._writer = csv.writer(self._file)
        self._writer.writerow(Record._fields)

    def write(self, records: Iterable[Record]) -> None:
        self._writer.writerows(
            (f"{each.due:.4f}", f"{each.waited:.3f}", f"{each.took:.3f}", *each[3:]) for each in records
        )

    def close(self) -> None:
        self._file.close()


def read_records(folder: Path) -> Iterator[Record]:
    """Yield the records of a run in the order in which they ended."""
    with gzip.open(folder / FILE, "rt", newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for due, waited, took, operation, journey, status, size, error in rows:
            yield Record(
                float(due), float(waited), float(took), operation, journey, int(status), int(size), error
            )


@dataclass
class Figures:
    """What is counted and timed of one operation, or of all."""

    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    statuses: Counter[int] = field(default_factory=Counter)
    failures: int = 0
    size: int = 0

    def add(self, record: Record) -> None:
        self.latencies.append(record.latency)
        self.statuses[record.status] += 1
        self.failures += bool(record.error)
        self.size += record.size

    def summary(self, seconds: float) -> dict[str, object]:
        """Return count, rate, failures, statuses, and latencies in milliseconds."""
        values = sorted(self.latencies)
        count = len(values)
        refused = sum(many for status, many in self.statuses.items() if 400 <= status < 500)
        return {
            "count": count,
            "rate": round(count / seconds, 2) if seconds else 0.0,
            "failures": self.failures,
            "failed": round(self.failures / count, 6) if count else 0.0,
            "refused": round((refused) / count, 6) if count else 0.0,
            "statuses": {str(status): many for status, many in sorted(self.statuses.items())},
            "bytes": round(self.size / count) if count else 0,
            "mean": round(sum(values) / count, 3) if count else 0.0,
            **{name: round(percentile(values, share), 3) for name, share in PERCENTILES.items()},
            "max": round(values[-1], 3) if count else 0.0,
        }


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest of the sorted values that `percent` of them do not exceed, 0 of none."""
    if not values:
        return 0.0
    return values[max(0, ceil(round(len(values) * percent / 100, 9)) - 1)]
