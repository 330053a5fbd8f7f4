"""Service level objectives: reads slo.toml and compares figures with it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load.contract import operations
from load.scenarios import SCENARIOS

FILE = Path(__file__).with_name("slo.toml")
#: What an objective bounds, for an operation or for all of them together.
BOUNDED = {"mean", "p50", "p90", "p95", "p99", "p999", "max", "failed", "refused"}
_OF_THE_RUN = {"dropped"}
_TABLES = {"every", "operations", "scenarios"}
#: Names that scenarios have beside those of the open loop.
CLOSED = "closed"
#: All operations together.
ALL = "all"


class ObjectivesError(Exception):
    """What is wrong with a file of objectives, in one line."""


@dataclass(frozen=True)
class Verdict:
    """A figure beside its bound; `subject` is an operation, or `all`."""

    subject: str
    figure: str
    value: float
    bound: float

    @property
    def is_met(self) -> bool:
        return self.value <= self.bound

    def __str__(self) -> str:
        return f"{self.subject}: {self.figure} is {self.value:g}, at most {self.bound:g} is allowed"


class Objectives:
    """The objectives of one scenario."""

    def __init__(self, tables: Mapping[str, Any], scenario: str) -> None:
        of_scenario = tables.get("scenarios", {}).get(scenario, {})
        self._every = tables.get("every", {}) | {
            key: value for key, value in of_scenario.items() if key != "operations"
        }
        self._operations = {
            name: tables.get("operations", {}).get(name, {}) | of_scenario.get("operations", {}).get(name, {})
            for name in {*tables.get("operations", {}), *of_scenario.get("operations", {})}
        }

    def of(self, operation: str) -> dict[str, float]:
        """Return the bounds of an operation, or of `all`, among which some refuse by design."""
        own = self._operations.get(operation, {})
        applied = BOUNDED - {"refused"} if operation == ALL else BOUNDED
        return {key: bound for key, bound in (self._every | own).items() if key in applied}

    @property
    def p99(self) -> float:
        """The bound of the p99 of all operations; the generator must be precise to a part of it."""
        return float(self._every.get("p99", 1000.0))

    def judge(self, figures: Mapping[str, Mapping[str, Any]], dropped: float) -> Iterator[Verdict]:
        """Yield a verdict for every bound of the operations that were called."""
        for operation, values in figures.items():
            for figure, bound in self.of(operation).items():
                yield Verdict(operation, figure, values[figure], bound)
        if "dropped" in self._every:
            yield Verdict(ALL, "dropped", round(dropped, 6), self._every["dropped"])


def read_objectives(path: Path, scenario: str) -> Objectives:
    """Return the objectives of a scenario; ObjectivesError names what is wrong with the file."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ObjectivesError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ObjectivesError(f"{path}: {error}") from None
    for problem in _problems(tables):
        raise ObjectivesError(f"{path}: {problem}")
    return Objectives(tables, scenario)


def _problems(tables: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"[{name}]: unknown; use {', '.join(sorted(_TABLES))}" for name in tables.keys() - _TABLES)
    yield from _bounds("every", tables.get("every", {}), BOUNDED | _OF_THE_RUN)
    yield from _of_operations("operations", tables.get("operations", {}))
    for name, table in _tables(scenarios := tables.get("scenarios", {})):
        if name not in SCENARIOS and name != CLOSED:
            yield f"[scenarios.{name}]: unknown; use {', '.join(SCENARIOS)} or {CLOSED}"
        bounds = {key: value for key, value in table.items() if key != "operations"}
        yield from _bounds(f"scenarios.{name}", bounds, BOUNDED | _OF_THE_RUN)
        yield from _of_operations(f"scenarios.{name}.operations", table.get("operations", {}))
    yield from _not_tables("scenarios", scenarios)


def _of_operations(place: str, tables: object) -> Iterator[str]:
    known = {each.id for each in operations().values()}
    for name, bounds in _tables(tables):
        if name not in known:
            yield f"[{place}.{name}]: the contract has no such operation"
        yield from _bounds(f"{place}.{name}", bounds, BOUNDED)
    yield from _not_tables(place, tables)


def _bounds(place: str, table: object, known: set[str]) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"[{place}]: must be a table"
        return
    for key, bound in table.items():
        if key not in known:
            yield f"[{place}] {key}: unknown; use {', '.join(sorted(known))}"
        elif isinstance(bound, bool) or not isinstance(bound, int | float) or bound < 0:
            yield f"[{place}] {key}: must be a number that is not negative"


def _tables(value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield from ((name, table) for name, table in value.items() if isinstance(table, dict))


def _not_tables(place: str, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"[{place}]: must be a table"
        return
    yield from (
        f"[{place}.{name}]: must be a table" for name, table in value.items() if not isinstance(table, dict)
    )
