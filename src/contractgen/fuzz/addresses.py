"""Operations that are not found at the base URL and their path: schemathesis sends every request there."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace

from contractgen.document.load import Document
from contractgen.document.operations import operations_of
from contractgen.fuzz.operations import Operation


def elsewhere(operations: Iterable[Operation]) -> Iterator[tuple[Operation, str]]:
    """Yield the operations that have servers of their own, and why they are left out."""
    for each in operations:
        if each.has_servers:
            yield each, "it has servers of its own; fuzz it by --operation, with their --url"


def unreachable(operations: Iterable[Operation]) -> Iterator[tuple[Operation, str]]:
    """Yield the operations whose path no client sends as it stands, and why they are left out."""
    for each in operations:
        if "#" in each.path or "?" in each.path:
            yield each, "no client sends what follows # or ? as a part of the path"


def at_one_address(document: Document) -> Document:
    """Return the document without servers of single operations: a mock serves all of it at one base URL."""
    changed = replace(document, value=copy.deepcopy(document.value))
    for place in list(operations_of(changed)):
        for pointer in (place.item, place.pointer):
            changed.at(pointer).pop("servers", None)
    return changed
