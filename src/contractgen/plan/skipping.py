"""Plan a document without the operations that cannot be generated, or that its owner left out.

A finding belongs to the smallest part of the document in which it stands: an operation, a path item, a
component, or the document-wide security. A part that needs a faulty one, by reference, by the mapping of a
discriminator or by a security requirement, is faulty too. Faulty parts are removed and the rest is planned
again; findings outside of all parts reject the document.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from contractgen.document.findings import ContractError, Finding, SettingError
from contractgen.document.grammar import SECTIONS, objects
from contractgen.document.load import Document
from contractgen.document.operations import Place, operations_of
from contractgen.plan.contract import Contract
from contractgen.plan.planner import make_plan
from contractgen.plan.skips import Skip, Skipped
from contractgen_runtime.pointers import child, pointer_of, tokens, value_at

_SECURITY = "/security"
_SCHEMES = "/components/securitySchemes"
_DOCUMENT = ""


@dataclass(frozen=True, slots=True)
class Supported:
    """The plan of a document without the skipped parts, and the findings that are the reasons.

    `document` is the planned document, not in its normal form.
    """

    contract: Contract
    document: Document
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]


def plan_supported(document: Document, skip: Skip) -> Supported:
    """Plan a document without the operations to skip; raise ContractError for faults outside of them."""
    parts = _Parts(document)
    left_out = parts.only_needed_by(parts.named(skip.operations)) if skip.operations else set[str]()
    found: dict[Finding, None] = {}
    while True:
        rest = _without(document, left_out) if left_out else document
        try:
            contract = make_plan(rest)
        except ContractError as error:
            found |= dict.fromkeys(error.findings)
            faulty = parts.that_need({part for each in error.findings for part in parts.holding(each)})
            is_stuck = _DOCUMENT in faulty or faulty <= left_out
            left_out |= faulty
            if not skip.unsupported or is_stuck or parts.has_no_operation_but(left_out):
                raise ContractError(sorted(found), _others(document, skip)) from None
        else:
            return Supported(contract, rest, tuple(parts.skipped(left_out, found)), tuple(sorted(found)))


def _others(document: Document, skip: Skip) -> int:
    """Return how many operations can be generated if the unsupported ones are left out."""
    if skip.unsupported:
        return 0
    try:
        return len(plan_supported(document, replace(skip, unsupported=True)).contract.operations)
    except ContractError:
        return 0


class _Parts:
    """The parts of a document that can be left out, by JSON Pointer, and what each of them needs."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.operations = _operations(document, "/paths")
        self.webhooks = _operations(document, "/webhooks")
        self._all = {*self.operations, *self.webhooks, *_items(document), *_components(document)}
        self._all |= {_SECURITY} if "security" in document.value else set()
        self._needed_by: dict[str, set[str]] = {part: set() for part in self._all}
        for part, needed in self._needs():
            self._needed_by.setdefault(needed, set()).add(part)
        self._at: dict[tuple[str, str], set[str]] = {}
        for pointer, spot in (*document.origins.items(), *((p, document.origin(p)) for p in self._all)):
            self._at.setdefault((str(spot.file.path), spot.pointer), set()).add(self._part(pointer))

    def named(self, operations: Iterable[str]) -> set[str]:
        """Return the operations of these names; raise SettingError for an unknown name."""
        known: dict[str, str] = {}
        for pointer, place in self.operations.items():
            for name in (f"{place.method} {place.path}", self._operation_id(pointer)):
                known[name] = pointer
        for name in operations:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise SettingError(f"skip: no operation is called {name!r}{hint}")
        return {known[name] for name in operations}

    def has_no_operation_but(self, parts: set[str]) -> bool:
        """Return whether the parts include all operations."""
        return bool(self.operations) and parts >= self.operations.keys()

    def holding(self, finding: Finding) -> set[str]:
        """Return the smallest parts in which a finding stands."""
        pointer = finding.pointer
        while (finding.file, pointer) not in self._at and pointer:
            pointer = pointer.rpartition("/")[0]
        return self._at.get((finding.file, pointer), {_DOCUMENT})

    def that_need(self, parts: Collection[str]) -> set[str]:
        """Return the parts with all parts that need one of them."""
        found, waiting = set[str](), list(parts)
        while waiting:
            part = waiting.pop()
            if part not in found:
                found.add(part)
                waiting += self._needed_by.get(part, ())
        return found

    def only_needed_by(self, operations: set[str]) -> set[str]:
        """Return the operations with the components that only these need."""
        needs: dict[str, set[str]] = {}
        for needed, others in self._needed_by.items():
            for part in others:
                needs.setdefault(part, set()).add(needed)

        def reached(parts: Iterable[str]) -> set[str]:
            found, waiting = set[str](), list(parts)
            while waiting:
                part = waiting.pop()
                if part not in found:
                    found.add(part)
                    waiting += needs.get(part, ())
            return found

        own = reached(operations)
        shared = reached(part for part in self._all if part not in own)
        shared |= reached({*self.operations, *self.webhooks} - operations)
        return operations | {part for part in (own - shared) & self._all if part.startswith("/components/")}

    def skipped(self, left_out: set[str], findings: Iterable[Finding]) -> Iterator[Skipped]:
        """Yield what is left out: operations, webhooks, and components whose findings these do not have."""
        reasons: dict[str, list[Finding]] = {}
        for finding in sorted(findings):
            for part in self.that_need(self.holding(finding)):
                reasons.setdefault(part, []).append(finding)
        reported: set[Finding] = set()
        for kind, places in (("operation", self.operations), ("webhook", self.webhooks)):
            for pointer, place in places.items():
                if pointer in left_out:
                    name = self._operation_id(pointer) or f"{place.method} {place.path}"
                    yield self._skipped(kind, name, pointer, reasons.get(pointer, ()))
                    reported.update(reasons.get(pointer, ()))
        for pointer in sorted(left_out - self.operations.keys() - self.webhooks.keys()):
            own = [each for each in reasons.get(pointer, ()) if pointer in self.holding(each)]
            if not reported.issuperset(own):
                yield self._skipped("component", pointer.rpartition("/")[2], pointer, own)

    def _skipped(self, kind: Any, name: str, pointer: str, findings: Iterable[Finding]) -> Skipped:
        at = self.document.finding(pointer, "")
        return Skipped(kind, name, at.file, at.line, at.column, at.pointer, tuple(findings))

    def _operation_id(self, pointer: str) -> str:
        return str(self.document.at(pointer).get("operationId", ""))

    def _part(self, pointer: str) -> str:
        """Return the smallest part that holds the value at a pointer, else the document."""
        while pointer and pointer not in self._all:
            pointer = pointer.rpartition("/")[0]
        return pointer

    def _needs(self) -> Iterator[tuple[str, str]]:
        """Yield each part with a part that it needs."""
        for pointer, node in objects(self.document.value):
            part = self._part(pointer)
            for reference in _references(node):
                yield part, self._part(pointer_of(reference))
            for scheme in _schemes(node.get("security")) if pointer in (part, _DOCUMENT) else ():
                yield part or _SECURITY, child(_SCHEMES, scheme)
        for pointer, place in (*self.operations.items(), *self.webhooks.items()):
            yield pointer, place.item
            if "security" not in self.document.at(pointer):
                yield pointer, _SECURITY
        for parent in ("/paths", "/webhooks"):
            for place in operations_of(self.document, parent):
                yield place.pointer, child(parent, place.path)


def _operations(document: Document, parent: str) -> dict[str, Place]:
    return {place.pointer: place for place in operations_of(document, parent)}


def _items(document: Document) -> Iterator[str]:
    for holder in ("/paths", "/webhooks", "/components/pathItems"):
        yield from (child(holder, name) for name in _named(document, holder))


def _components(document: Document) -> Iterator[str]:
    for section in SECTIONS.values():
        yield from (
            child(f"/components/{section}", name) for name in _named(document, f"/components/{section}")
        )


def _named(document: Document, pointer: str) -> dict[str, Any]:
    """Return the mapping at a pointer; an empty one if there is none."""
    node: Any = document.value
    for name in tokens(pointer):
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _references(node: dict[str, Any]) -> Iterator[str]:
    """Yield the references of an object within the document, with those of a discriminator's mapping."""
    discriminator = node.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    for target in mapping.values() if isinstance(mapping, dict) else ():
        if isinstance(target, str):
            yield target if "#" in target else f"#{child('/components/schemas', target)}"
    if isinstance(node.get("$ref"), str):
        yield node["$ref"]


def _schemes(requirements: Any) -> Iterator[str]:
    for each in requirements if isinstance(requirements, list) else ():
        yield from each if isinstance(each, dict) else ()


def _without(document: Document, parts: Collection[str]) -> Document:
    """Return a copy of a document without some of its parts."""
    value = json.loads(json.dumps(document.value))
    for part in sorted(parts, key=len, reverse=True):
        del value_at(value, part.rpartition("/")[0])[tokens(part)[-1]]
    return replace(document, value=value)
