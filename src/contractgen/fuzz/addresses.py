"""Operations that are not found at the base URL and their path: schemathesis sends every request there."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace

from contractgen.document.load import Document
from contractgen.document.operations import operations_of
from contractgen.fuzz.operations import Operation
from contractgen.plan.contract import Contract


def elsewhere(
    operations: Iterable[Operation], contract: Contract, base_path: str
) -> Iterator[tuple[Operation, str]]:
    """Yield the operations whose own servers have another path than the base URL, and why they are left out.

    The hosts of servers do not matter: a service of its own serves all operations at one.
    """
    addresses = {(each.method, each.path): each.addresses for each in contract.operations}
    for each in operations:
        if each.has_servers and base_path + each.path not in addresses[each.method, each.path]:
            yield each, "its own servers have another path; fuzz it by --operation, with their --url"


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
