"""The part of a schema that a Python type expresses, compared with another schema.

A type gives the kinds of values, the properties of objects and which of them are required, the items
of lists, and which values are listed. Unions are merged: a property of any subschema is a property,
one that every subschema requires is required. Of formats and bounds a type says at most what its schema says;
all else that only asserts is left to the exact check.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from math import inf
from typing import Any, TypeAlias

from contractgen.schema.files import is_file
from contractgen.schema.schemas import UNCHECKED_FORMATS
from contractgen.verify.same import target, text_of

Schema: TypeAlias = dict[str, Any]
# Alternatives, each of schemas that hold together.
Place: TypeAlias = tuple[tuple[Any, ...], ...]

_ANYTHING = frozenset({"anything"})
_KINDS = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_BOUNDS = {
    *("format", "pattern", "minLength", "maxLength", "minItems", "maxItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
_DEEPEST = 40
# Beyond, what several schemas say of one member is too much for one comparison.
_MOST_ALTERNATIVES = 200


@dataclass(frozen=True, slots=True)
class Shape:
    """The constraints of one place on its values. `listed` is None where no values are listed."""

    kinds: frozenset[str]
    members: dict[str, Place]
    required: frozenset[str]
    items: Place
    listed: frozenset[str] | None
    bounds: frozenset[str]

    @property
    def says_nothing(self) -> bool:
        return self.kinds == _KINDS and not self.members and self.listed is None


class Comparison:
    """The types of a package and the schemas of its contract; places being compared count as equal."""

    def __init__(self, root: Any, other_root: Any) -> None:
        self.root = root
        self.other_root = other_root
        self.met: dict[tuple[frozenset[Any], ...], tuple[Place, ...]] = {}

    def difference(self, derived: Any, declared: Any) -> str | None:
        """Return the first difference of a type from a schema, as a path and what is there; None without one.

        A place where a type says nothing at all is no difference: the type rejects no valid value there.
        """
        known = len(self.met)
        found = self.between(((derived,),), ((declared,),), "")
        if found:
            self._forget(known)
        return found

    def between(self, derived: Place, declared: Place, path: str) -> str | None:
        """Return where a place differs from a declared one; None where it does not."""
        key = _identity(derived), _identity(declared)
        if key in self.met:
            return None
        self.met[key] = derived, declared
        one = _admitted(shape(self.root, derived))
        other = _admitted(shape(self.other_root, declared))
        if one.says_nothing or not other.kinds:
            return None  # where the contract contradicts itself no value is valid, so none is lost
        return self._here(one, other, path) or self._below(one, other, path)

    def _forget(self, known: int) -> None:
        while len(self.met) > known:
            self.met.popitem()

    def _here(self, one: Shape, other: Shape, path: str) -> str | None:
        compared = [("values of", one.kinds, other.kinds)]
        if one.listed is not None:
            compared.append(("one of", one.listed, _ANYTHING if other.listed is None else other.listed))
        if one.members or not other.members:
            compared.append(("the members", frozenset(one.members), frozenset(other.members)))
            compared.append(("the required members", one.required, other.required))
        compared.append(("the bounds", one.bounds - other.bounds, frozenset()))
        for what, found, wanted in compared:
            if found != wanted:
                return f"{path}: {what} {_list(found)}, not {_list(wanted)}"
        return None

    def _below(self, one: Shape, other: Shape, path: str) -> str | None:
        for name, member in one.members.items():
            if found := self.between(member, other.members[name], f"{path}/{name}"):
                return found
        return self.between(one.items, other.items, f"{path}/*") if one.items and other.items else None


@dataclass(frozen=True, slots=True)
class _Beside:
    """The properties that surrounding schemas have, and those that these require."""

    members: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


def shape(root: Any, place: Place, beside: _Beside | None = None, depth: int = 0) -> Shape:
    """Return the shape of a place; a property is required only if its own subschema has it."""
    return reduce(_either, (_together(root, schemas, beside or _Beside(), depth) for schemas in place))


def _admitted(found: Shape) -> Shape:
    """Return a shape without the properties that a part of it rules out."""
    members = {
        name: tuple(schemas for schemas in place if False not in schemas)
        for name, place in found.members.items()
    }
    return replace(found, members={name: place for name, place in members.items() if place})


def _together(root: Any, schemas: tuple[Any, ...], beside: _Beside, depth: int) -> Shape:
    parts = list(_parts(root, schemas, set()))
    beside = _Beside(
        beside.members.union(*(part.get("properties", ()) for part in parts)),
        beside.required.union(*(part.get("required", ()) for part in parts)),
    )
    own = reduce(_both, map(_own, parts), _own({}))
    shapes = [replace(own, required=beside.required & beside.members)]
    unions = [part[keyword] for part in parts for keyword in ("anyOf", "oneOf") if part.get(keyword)]
    for union in unions if depth < _DEEPEST else ():
        variants = tuple((each,) for each in union)
        shapes += [shape(root, variants, beside, depth + 1)]
    return reduce(_both, shapes)


def _parts(root: Any, schemas: Iterable[Any], seen: set[int]) -> Iterator[Schema]:
    """Yield the schemas that hold where these do, through references and `allOf`."""
    for schema in schemas:
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield schema
        below = [target(root, schema["$ref"])] if "$ref" in schema else []
        yield from _parts(root, [*below, *schema.get("allOf", [])], seen)


def _own(part: Schema) -> Shape:
    """Return the shape of a schema's own keywords."""
    listed = [part["const"]] if "const" in part else part.get("enum")
    said = part.get("type", "string" if is_file(part) else _KINDS)
    kinds = frozenset([said] if isinstance(said, str) else said)
    kinds |= {"integer"} if "number" in kinds else set()
    if listed is None and kinds == {"null"}:
        listed = [None]
    if listed is not None:
        least, most = part.get("minLength", 0), part.get("maxLength", inf)
        fitting = [each for each in listed if not isinstance(each, str) or least <= len(each) <= most]
        listed = [value for value in fitting if _kind(value) in kinds]
        kinds = frozenset(map(_kind, listed))
    return Shape(
        kinds,
        {name: ((each,),) for name, each in part.get("properties", {}).items()},
        frozenset(part.get("required", ())),
        ((part["items"],),) if isinstance(part.get("items"), dict) else (),
        None if listed is None else frozenset(map(text_of, listed)),
        frozenset(f"{keyword} {text_of(part[keyword])}" for keyword in _BOUNDS & _said(part)),
    )


def _said(part: Schema) -> set[str]:
    """Return the keywords of a schema, without a format that nothing checks."""
    return part.keys() - ({"format"} if part.get("format") in UNCHECKED_FORMATS else set())


def _both(one: Shape, other: Shape) -> Shape:
    listed = [each.listed for each in (one, other) if each.listed is not None]
    members = {
        n: _product(one.members.get(n, ()), other.members.get(n, ())) for n in one.members | other.members
    }
    return Shape(
        one.kinds & other.kinds,
        members,
        one.required | other.required,
        _product(one.items, other.items),
        reduce(frozenset.intersection, listed) if listed else None,
        one.bounds | other.bounds,
    )


def _either(one: Shape, other: Shape) -> Shape:
    required = [each.required for each in (one, other) if "object" in each.kinds]
    return Shape(
        one.kinds | other.kinds,
        {n: _sum(one.members.get(n, ()), other.members.get(n, ())) for n in one.members | other.members},
        reduce(frozenset.intersection, required) if required else frozenset(),
        _sum(one.items, other.items),
        one.listed | other.listed if one.listed is not None and other.listed is not None else None,
        one.bounds | other.bounds,
    )


def _product(one: Place, other: Place) -> Place:
    if not one or not other:
        return one or other
    return _distinct(first + second for first in one for second in other)


def _sum(one: Place, other: Place) -> Place:
    return _distinct((*one, *other))


def _distinct(place: Iterable[tuple[Any, ...]]) -> Place:
    found = {frozenset(map(id, schemas)): schemas for schemas in place}
    return tuple(found.values())[:_MOST_ALTERNATIVES]


def _identity(place: Place) -> frozenset[Any]:
    return frozenset(frozenset(map(id, schemas)) for schemas in place)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return "integer"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
