"""Find the operations of a document, also those behind references."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contractgen.document.findings import ContractError
from contractgen.document.grammar import METHODS
from contractgen.document.load import Document
from contractgen_runtime.pointers import child

_MORE = "additionalOperations"


@dataclass(frozen=True, slots=True)
class Place:
    """The reference to an operation: path, HTTP method, its pointer and that of its path item."""

    path: str
    method: str
    pointer: str
    item: str


def operations_of(document: Document, parent: str = "/paths") -> Iterator[Place]:
    """Yield the operations of all path items below a pointer, in the order of the document.

    The check of the structure reports what is no mapping.
    """
    items = document.value.get(parent[1:])
    for path in items if isinstance(items, dict) else ():
        if not path.startswith("x-"):
            yield from operations_at(document, child(parent, path), path)


def operations_at(document: Document, place: str, path: str = "") -> Iterator[Place]:
    """Yield the operations of the path item at a pointer; the check of the structure reports invalid ones."""
    try:
        item, pointer = document.resolve(place)
    except ContractError:
        return
    for member, value in _members(item):
        if member in METHODS:
            yield Place(path, member.upper(), child(pointer, member), pointer)
        elif member == _MORE:
            for method, _ in _members(value):
                yield Place(path, method, child(pointer, _MORE, method), pointer)


def _members(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the properties of an object that are objects."""
    if isinstance(node, dict):
        yield from ((name, value) for name, value in node.items() if isinstance(value, dict))


def item_of(operation: str) -> str:
    """Return the pointer of the path item of an operation."""
    return operation.rpartition("/")[0].removesuffix(f"/{_MORE}")


def declares_success(operation: dict[str, Any]) -> bool:
    """Return whether a declared response of an operation is a success or redirect; `default` may be one.

    An informational one, such as the 101 of a WebSocket, is no response to a request.
    """
    return any(status[0] in "23d" for status in operation.get("responses", {}))


def declared_parameters(document: Document, operation: str) -> dict[tuple[str, str], str]:
    """Return the pointers of the parameters of an operation and its path item, by location and name."""
    found = {}
    for owner in (item_of(operation), operation):
        for index in range(len(document.at(owner).get("parameters", []))):
            node, pointer = document.resolve(child(owner, "parameters", index))
            found[node["in"], node["name"]] = pointer
    return found
