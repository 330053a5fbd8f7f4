"""Lint rules, and the contracts that they check."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from contractgen.document.findings import Finding, Severity
from contractgen.document.load import Document
from contractgen.document.operations import Place, operations_of
from contractgen.lint.autofix import Autofix
from contractgen.lint.reach import Requested, requested
from contractgen.plan.contract import Contract
from contractgen_runtime.paths import shape_of


@dataclass(frozen=True)
class Subject:
    """A contract that can be planned: rules need not expect faults of its structure.

    `written` has its schemas in their own dialect, `document` in normal form; the pointers are the same.
    """

    written: Document
    contract: Contract

    @cached_property
    def document(self) -> Document:
        return self.contract.document

    @cached_property
    def operations(self) -> list[Place]:
        """The operations, each once, however many paths lead to it."""
        places: dict[str, Place] = {}
        for place in operations_of(self.document):
            places.setdefault(place.pointer, place)
        return list(places.values())

    @cached_property
    def deleted(self) -> set[str]:
        """The shapes of the paths at which something can be deleted."""
        return {shape_of(each.path) for each in operations_of(self.document) if each.method == "DELETE"}

    @cached_property
    def by_operation_id(self) -> dict[str, str]:
        """The pointer of the first operation of each operationId."""
        found: dict[str, str] = {}
        for place in self.operations:
            found.setdefault(self.document.at(place.pointer).get("operationId", ""), place.pointer)
        return found

    @cached_property
    def requested(self) -> Requested:
        return requested(self.document, self.operations)

    @cached_property
    def autofix(self) -> Autofix:
        return Autofix(self.document)


Check: TypeAlias = Callable[[Subject], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: `why` is one sentence that says why, and how to fix it."""

    name: str
    severity: Severity
    why: str
    check: Check

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Yield what violates the rule."""
        for finding in self.check(subject):
            yield replace(finding, rule=self.name, severity=self.severity)


def rule(name: str, severity: Severity) -> Callable[[Check], Rule]:
    """Make a rule of a function: its docstring is the rule's `why`."""
    return lambda check: Rule(name, severity, " ".join((check.__doc__ or "").split()), check)
