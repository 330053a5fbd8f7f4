"""JSON bodies of responses: where in them an item or a list of items is, and which properties it may have."""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contractgen.document.load import Document
from contractgen.mock.discriminated import has_known_values
from contractgen.mock.values import Values
from contractgen.schema.directions import parts
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import child, find_at, pointer_of

Item = dict[str, Any]
_UNIONS = ("anyOf", "oneOf")
_BRANCHES = ("then", "else")


@dataclass(frozen=True)
class Shape:
    """The body of a response: a valid one, and the keys that lead to what it carries.

    `names` are the properties that an item may have in it, `envelope` those of the body itself.
    """

    document: Document
    values: Values
    schema: str
    keys: tuple[str, ...]
    body: Any
    names: frozenset[str]
    envelope: frozenset[str] = frozenset()

    @property
    def carried(self) -> Any:
        """Return the item, or the list of items, of the valid body."""
        return _at(self.body, self.keys)

    def around(self, carried: Any) -> Any:
        """Return the body with another item or list in it."""
        return _with(self.body, self.keys, carried)

    def admits(self, carried: Any) -> bool:
        """Return whether the body is valid with another item or list, discriminators included."""
        body = self.around(carried)
        is_valid = self.values.is_valid(self.schema, body)
        return is_valid and has_known_values(self.document, self.schema, body)

    def row(self) -> "Shape":
        """Return the shape of one item of a list, within a list of this item alone."""
        rows = self.carried
        first = rows[0] if rows and isinstance(rows[0], dict) else {}
        return replace(self, keys=(*self.keys, "0"), body=self.around([first]))

    def changed(self, item: Item, changes: Mapping[str, Any], dropped: Iterable[str] = ()) -> Item:
        """Return an item with the changes that its schema admits, and without what it need not have."""
        wanted = {name: value for name, value in changes.items() if name in self.names}
        dropped = [name for name in dropped if name in item]
        whole = {name: value for name, value in item.items() if name not in dropped} | wanted
        if self.admits(whole):
            return whole
        for name in dropped:
            without = {key: value for key, value in item.items() if key != name}
            item = without if self.admits(without) else item
        for name, value in wanted.items():
            item = item | {name: value} if self.admits(item | {name: value}) else item
        return item

    def of(self, item: Item) -> Item | None:
        """Return an item as this body carries it; None if it has no valid form here."""
        known = {name: value for name, value in item.items() if name in self.names}
        example = self.carried if isinstance(self.carried, dict) else {}
        for each in (known, item, self.changed(example, known)):
            if each and self.admits(each):
                return each
        return None


def properties(document: Document, schema: str, keys: Iterable[str] = ()) -> frozenset[str]:
    """Return the names of the properties that a schema declares for what is at some keys, `0` of a list."""
    found = list(_applied(document, find_at(document.value, schema, {})))
    for key in keys:
        below = (
            part.get("items") if key == "0" else part.get("properties", {}).get(key, None) for part in found
        )
        found = [part for each in below for part in _applied(document, each)]
    return frozenset(name for part in found for name in part.get("properties", {}))


def defaults(document: Document, schema: str) -> dict[str, tuple[Any, ...]]:
    """Return the default of each property that a schema declares, empty where it has none."""
    found: dict[str, tuple[Any, ...]] = {}
    for part in _applied(document, find_at(document.value, schema, {})):
        for name, written in part.get("properties", {}).items():
            every = [each["default"] for each in _applied(document, written) if "default" in each]
            found[name] = found.get(name) or tuple(every[:1])
    return found


def _applied(document: Document, schema: Any, seen: frozenset[int] = frozenset()) -> Iterator[Schema]:
    """Yield every schema that may apply to a value: references, `allOf` and unions are followed."""
    for part in parts(document, schema, set()):
        if id(part) in seen:
            continue
        yield part
        others = [each for keyword in _UNIONS for each in part.get(keyword, [])]
        others += [part[keyword] for keyword in _BRANCHES if keyword in part]
        for each in others:
            yield from _applied(document, each, seen | {id(part)})


def target_of(document: Document, schema: str) -> str:
    """Return the pointer of the schema that a schema refers to, through any references."""
    seen = {schema}
    node = find_at(document.value, schema, {})
    while isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/"):
        schema = pointer_of(node["$ref"])
        if schema in seen:
            break
        seen.add(schema)
        node = find_at(document.value, schema, {})
    return schema


def rows_at(value: Any) -> tuple[str, ...] | None:
    """Return the keys of the list of objects in a body: the body itself, or its only such property."""
    if isinstance(value, list):
        return () if all(isinstance(each, dict) for each in value) else None
    if not isinstance(value, dict):
        return None
    lists = [name for name, each in value.items() if isinstance(each, list) and rows_at(each) == ()]
    return (lists[0],) if len(lists) == 1 else None


def schema_within(document: Document, schema: str, keys: Iterable[str]) -> str:
    """Return the pointer of the schema of what is at some keys; empty if it is not written in one place."""
    schema = target_of(document, schema)
    for key in keys:
        steps = ("items",) if key == "0" else ("properties", key)
        schema = target_of(document, child(schema, *steps))
    return schema if find_at(document.value, schema) is not None else ""


def encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def _with(value: Any, keys: tuple[str, ...], carried: Any) -> Any:
    if not keys:
        return carried
    changed = copy.copy(value)
    at: Any = int(keys[0]) if isinstance(value, list) else keys[0]
    changed[at] = _with(value[at], keys[1:], carried)
    return changed
