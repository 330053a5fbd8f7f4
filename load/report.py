"""The report of a run: lines for the terminal, and one page of HTML that needs nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from load import plots
from load.contract import operations
from load.generator import Pulse
from load.records import Record, read_records
from load.result import INVALID, MET, MISSED

FILE = "report.html"
_COLUMNS = ("count", "rate", "failures", "refused", "p50", "p95", "p99", "p999", "max")
_VERDICTS = {
    MET: "the objectives are met",
    MISSED: "the objectives are missed",
    INVALID: "the run is not valid",
}
_HERE = Path(__file__).parent
# The operations of a plot, the most requested ones: more lines cannot be told apart.
_MOST_LINES = 8


def lines(result: dict[str, Any], folder: Path) -> Iterator[str]:
    """Yield what the terminal shows of a result."""
    yield f"{'':48}" + "".join(f"{column:>10}" for column in _COLUMNS)
    for name, figures in result["operations"].items():
        yield f"{route(name):48}" + "".join(f"{figures[column]:10g}" for column in _COLUMNS)
    for step in result["steps"]:
        verdict = "met" if step["met"] else "broken"
        yield f"{step['rate']:g} visits/s, {step['requests']:g} requests/s: p99 {step['p99']:g} ms, {verdict}"
    if result["capacity"]:
        yield f"capacity: {result['capacity']:g} visits/s"
    yield from (f"not valid: {reason}" for reason in result["invalid"])
    yield from (f"missed: {reason}" for reason in result["missed"])
    yield f"{result['scenario']}: {_VERDICTS[result['exit_code']]}; {folder / FILE}"


def route(operation: str) -> str:
    """Return the route of an operation, by which people know it."""
    found = {each.id: each.route for each in operations().values()}
    return found.get(operation, operation)


def write_report(result: dict[str, Any], folder: Path, pulses: list[Pulse]) -> None:
    """Write the page beside the result."""
    records = list(read_records(folder))
    pictures = {
        "Latency": plots.latency_over_time(records),
        "Requests": plots.rates_over_time(records),
        "Distribution of latencies": plots.distribution(_busiest(records)),
        "Lag of the load generator": plots.generator_over_time(pulses),
    }
    template = Environment(loader=FileSystemLoader(_HERE), autoescape=True).get_template("report.html.jinja")
    verdict = _VERDICTS[result["exit_code"]]
    page = template.render(result=result, verdict=verdict, columns=_COLUMNS, pictures=pictures, route=route)
    (folder / FILE).write_text(page, encoding="utf-8")


def _busiest(records: list[Record]) -> dict[str, list[float]]:
    by_operation: dict[str, list[float]] = {}
    for record in records:
        if record.operation:
            by_operation.setdefault(route(record.operation), []).append(record.latency)
    ordered = sorted(by_operation.items(), key=lambda item: -len(item[1]))
    return dict(ordered[:_MOST_LINES])
