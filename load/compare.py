"""Compare two sets of runs: is the second slower?

usage: python -m load.compare BEFORE AFTER [--tolerance 0.1]

Each argument is a folder in which the results of one or more runs of one scenario are. Medians are compared;
a difference counts only where the runs of the two sets do not overlap. Exits with 0 if nothing is slower by
more than the tolerance, 1 if something is, 4 if a run is not valid, 2 for bad input.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from load.report import route
from load.result import FILE

BETTER_OR_SAME, SLOWER, BAD_INPUT, INVALID = 0, 1, 2, 4
#: Percentiles beyond these are a handful of requests in a run of minutes: shown in reports, not compared.
COMPARED = ("p50", "p95")
#: Operations with fewer requests in a run are left out.
FEWEST = 30
# How far the speed of the machines may differ before the comparison says so.
_CALIBRATION = 0.1


class NotComparable(Exception):
    """Why two sets of runs cannot be compared, in one line."""

    def __init__(self, message: str, code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Comparison:
    """One figure of one operation, in each run before and after."""

    operation: str
    figure: str
    before: list[float]
    after: list[float]

    @property
    def ratio(self) -> float:
        return median(self.after) / median(self.before)

    def verdict(self, tolerance: float) -> str:
        """Return `slower` or `faster` beyond the tolerance if the sets do not overlap, else `unclear`."""
        if 1 / (1 + tolerance) <= self.ratio <= 1 + tolerance:
            return "same"
        if self.ratio > 1:
            return "slower" if min(self.after) > max(self.before) else "unclear"
        return "faster" if max(self.after) < min(self.before) else "unclear"

    @property
    def spread(self) -> float:
        """How far the runs of a set lie apart, as a part of their median: the larger of both."""
        return max((max(runs) - min(runs)) / median(runs) for runs in (self.before, self.after))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m load.compare", description="Compare two sets of runs.")
    parser.add_argument("before", type=Path, help="folder with the results of runs")
    parser.add_argument("after", type=Path, help="folder with the results of other runs")
    parser.add_argument("--tolerance", type=float, default=0.1, help="what may be slower (default: 0.1)")
    wanted = parser.parse_args(argv)
    try:
        before, after = read_runs(wanted.before), read_runs(wanted.after)
        found = list(compare(before, after))
    except NotComparable as error:
        print(error, file=sys.stderr)
        return error.code
    for line in lines(found, before, after, wanted.tolerance):
        print(line)
    return SLOWER if any(each.verdict(wanted.tolerance) == "slower" for each in found) else BETTER_OR_SAME


def read_runs(folder: Path) -> list[dict[str, Any]]:
    """Return the results below a folder; NotComparable if there is none, or one that is not valid."""
    paths = sorted(folder.rglob(FILE))
    if not paths:
        raise NotComparable(f"{folder}: has no {FILE}; name the folder of a run, or of several")
    runs: list[dict[str, Any]] = []
    for path in paths:
        try:
            run = json.loads(path.read_text(encoding="utf-8"))
            invalid = run["invalid"]
        except (OSError, ValueError, KeyError, TypeError):
            raise NotComparable(f"{path}: is not the result of a run") from None
        if invalid:
            raise NotComparable(f"{path}: not valid: {'; '.join(invalid)}", INVALID)
        runs.append(run)
    return runs


def compare(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Comparison]:
    """Yield a comparison for each figure of the operations that were called often enough in every run."""
    for name in ("scenario", "rate", "arrivals"):
        values = {str(run[name]) for run in before + after}
        if len(values) > 1:
            raise NotComparable(f"the runs differ in their {name}: {', '.join(sorted(values))}")
    for operation in before[0]["operations"]:
        runs = [[run["operations"].get(operation) for run in runs] for runs in (before, after)]
        if any(figures is None or figures["count"] < FEWEST for each in runs for figures in each):
            continue
        for figure in COMPARED:
            sets = [[figures[figure] for figures in each] for each in runs]
            if all(median(values) > 0 for values in sets):
                yield Comparison(operation, figure, *sets)


def lines(
    found: list[Comparison], before: list[dict[str, Any]], after: list[dict[str, Any]], tolerance: float
) -> Iterator[str]:
    yield f"{'':48}{'':5}{'before':>10}{'after':>10}{'ratio':>8}{'spread':>8}"
    for each in found:
        yield (
            f"{route(each.operation):48}{each.figure:5}{median(each.before):10.3f}{median(each.after):10.3f}"
            f"{each.ratio:8.2f}{each.spread:8.0%}  {each.verdict(tolerance)}"
        )
    if any(each.verdict(tolerance) == "unclear" for each in found):
        yield "unclear: beyond the tolerance, but runs of both sets overlap; make more runs"
    speeds = [
        median(ms for run in runs for ms in run["machine"]["calibration_ms"]) for runs in (before, after)
    ]
    if abs(speeds[1] / speeds[0] - 1) > _CALIBRATION:
        yield f"the machine was not the same: fixed work took {speeds[0]:g} ms and {speeds[1]:g} ms"
    contracts = {run["contract"]["sha256"] for run in before + after}
    if len(contracts) > 1:
        yield "the contract has changed between the runs"
    counts = [sum(each.verdict(tolerance) == verdict for each in found) for verdict in ("slower", "faster")]
    yield f"{len(before)} and {len(after)} runs, {len(found)} figures: {counts[0]} slower, {counts[1]} faster"


if __name__ == "__main__":
    sys.exit(main())
