"""Which operations journeys call, read from their source: what a run should reach."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from load.contract import operations

_JOURNEYS = Path(__file__).with_name("journeys")


def called_by(journeys: Iterable[str]) -> set[str]:
    """Return the ids of the operations that these journeys call."""
    return {operations()[name].id for journey in journeys for name in calls(journey)}


def calls(journey: str) -> set[str]:
    """Return the names under which a journey calls operations."""
    return {
        node.args[0].value
        for node in ast.walk(_classes()[journey])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "call"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def _classes() -> dict[str, ast.ClassDef]:
    return {node.name: node for node in _nodes() if isinstance(node, ast.ClassDef)}


def _nodes() -> Iterator[ast.stmt]:
    for path in sorted(_JOURNEYS.glob("*.py")):
        yield from ast.parse(path.read_text(encoding="utf-8"), str(path)).body
