"""Read the texts of parameters and forms as JSON values, by the types of their schema.

`5` is a number if the schema admits one, else a string. A reading is one possible value; of several readings
the first that the schema admits is taken. A tuple holds several readings of one value.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import unquote

import jsonschema_rs

from .pointers import child
from .schemas import Schemas

Texts: TypeAlias = "str | Known | list[Texts] | dict[str, Texts] | tuple[Texts, ...]"
Kinds: TypeAlias = frozenset[str]

# More digits are expensive to convert, and no client needs them.
_MAX_DIGITS = 100
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
# The most steps of one reading: unions within unions multiply them.
_MAX_STEPS = 5_000
_UNIONS = ("anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Known:
    """A JSON value among texts; `stands_for` is the object that it represents, such as a file."""

    value: Any
    stands_for: Any = None


class Coercion:
    """Reads texts as JSON values of the schema at a pointer."""

    __slots__ = ("_kinds", "_places", "_variants", "pointer", "schemas")

    def __init__(self, schemas: Schemas, pointer: str) -> None:
        self.schemas = schemas
        self.pointer = pointer
        self._places: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
        self._kinds: dict[tuple[str, ...], Kinds] = {}
        self._variants: dict[str, dict[str, Any]] | None = None

    @property
    def kinds(self) -> Kinds:
        """The JSON types that the schema names, at least one."""
        return self.kinds_of((self.pointer,))

    @property
    def members(self) -> tuple[frozenset[str], bool]:
        """The names of an object's properties in any of its subschemas, and whether it may have others."""
        found: set[str] = set()
        is_open = False
        for schema in self.variants.values():
            found |= schema.get("properties", {}).keys()
            is_open = is_open or schema.get("additionalProperties", False) is not False
            is_open = is_open or "patternProperties" in schema
        return frozenset(found), is_open or not found

    @property
    def variants(self) -> dict[str, dict[str, Any]]:
        """Every schema that may apply, through references, `allOf` and unions, by its pointer."""
        if self._variants is None:
            found = self._variants = {}
            waiting = [(self.pointer,)]
            while waiting:
                for pointer, schema in self.schemas_of(waiting.pop()).items():
                    if pointer not in found:
                        found[pointer] = schema
                        waiting += [
                            (f"{pointer}/{union}/{index}",)
                            for union in _UNIONS
                            for index in range(len(schema.get(union, ())))
                        ]
        return self._variants

    def places_of(self, name: str) -> tuple[str, ...]:
        """Return the pointers of the schemas of a property in any subschema."""
        return tuple(
            f"{at}/{place}" for at, each in self.variants.items() for place in _of_member(each, name)
        )

    def is_typed(self, pointers: tuple[str, ...]) -> bool:
        """Return whether schemas name any JSON type."""
        return self._named(pointers, frozenset()) is not None

    def read(self, *readings: Texts) -> Any:
        """Return the value of texts; of several readings, the first that is valid.

        Raise ValueError for texts that need too many steps to read.
        """
        reader = _Reader(self)
        values = (reader.value((self.pointer,), texts) for texts in readings)
        return next(values) if len(readings) == 1 else self.first_valid((self.pointer,), values)

    def first_valid(self, pointers: tuple[str, ...], values: Iterable[Any]) -> Any:
        """Return the first value that the schemas admit, else the first; without schemas the first."""
        if not pointers:
            return next(iter(values))
        is_valid = self.schemas.validator(*pointers).is_valid
        tried = []
        for value in values:
            if is_valid(value):
                return value
            tried.append(value)
        return tried[0]

    def schemas_of(self, pointers: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        """Return every schema that applies with these, through references and `allOf`, by its pointer."""
        known = self._places.get(pointers)
        if known is None:
            known = self._places[pointers] = {}
            waiting = list(pointers)
            while waiting:
                pointer = waiting.pop(0)
                schema = self.schemas.at(pointer)
                if pointer in known or not isinstance(schema, dict):
                    continue
                known[pointer] = schema
                if isinstance(schema.get("$ref"), str):
                    waiting.append(unquote(schema["$ref"].partition("#")[2]))
                waiting += [f"{pointer}/allOf/{index}" for index in range(len(schema.get("allOf", ())))]
        return known

    def kinds_of(self, pointers: tuple[str, ...]) -> Kinds:
        """Return the JSON types that schemas admit together; string if they name none."""
        known = self._kinds.get(pointers)
        if known is None:
            known = self._kinds[pointers] = self._named(pointers, frozenset()) or frozenset({"string"})
        return known

    def _named(self, pointers: tuple[str, ...], seen: frozenset[str]) -> Kinds | None:
        named: Kinds | None = None
        places = self.schemas_of(pointers)
        for pointer, schema in places.items():
            unions = [
                self._named_by_any(f"{pointer}/{union}", len(schema[union]), seen | places.keys())
                for union in _UNIONS
                if union in schema and pointer not in seen
            ]
            for each in (_own_kinds(schema), *unions):
                named = each if named is None else named if each is None else _common(named, each)
        return named

    def _named_by_any(self, union: str, count: int, seen: frozenset[str]) -> Kinds | None:
        each = [self._named((f"{union}/{index}",), seen) for index in range(count)]
        if not any(each):
            return None
        return frozenset().union(*(frozenset({"string"}) if kinds is None else kinds for kinds in each))


class _Reader:
    """One reading, of bounded cost."""

    __slots__ = ("coercion", "steps")

    def __init__(self, coercion: Coercion) -> None:
        self.coercion = coercion
        self.steps = 0

    def value(
        self,
        pointers: tuple[str, ...],
        texts: Texts,
        decided: frozenset[str] = frozenset(),
        *,
        is_item: bool = False,
    ) -> Any:
        """Return the value of texts by schemas; `decided` are the unions of which a subschema was chosen.

        One text may be a list of it alone, but not as an item of a list: no style has lists within lists.
        """
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise ValueError("Value has too many parts")
        if isinstance(texts, str):
            return self._leaf(pointers, texts, is_item=is_item)
        if isinstance(texts, Known):
            return self._known(pointers, texts.value)
        if isinstance(texts, tuple):
            each = (self.value(pointers, reading, decided, is_item=is_item) for reading in texts)
            return next(each) if len(texts) == 1 else self.coercion.first_valid(pointers, each)
        for pointer, schema in self.coercion.schemas_of(pointers).items():
            for union in _UNIONS:
                place = f"{pointer}/{union}"
                if union in schema and place not in decided:
                    members = [f"{place}/{index}" for index in range(len(schema[union]))]
                    chosen = decided | {place}
                    values = (self.value((*pointers, member), texts, chosen) for member in members)
                    return self.coercion.first_valid(pointers, values)
        if isinstance(texts, dict) and "object" not in self.coercion.kinds_of(pointers):
            texts = _as_list(texts)
        if isinstance(texts, list):
            items = enumerate(texts)
            return [self.value(self._below(pointers, index), each, is_item=True) for index, each in items]
        return {name: self.value(self._below(pointers, name), each) for name, each in texts.items()}

    def _below(self, pointers: tuple[str, ...], name: str | int) -> tuple[str, ...]:
        schemas = self.coercion.schemas_of(pointers).items()
        find = _of_item if isinstance(name, int) else _of_member
        return tuple(f"{pointer}/{place}" for pointer, schema in schemas for place in find(schema, name))

    def _leaf(self, pointers: tuple[str, ...], text: str, *, is_item: bool) -> Any:
        kinds = self.coercion.kinds_of(pointers)
        values = list(_scalars(text, kinds))
        if kinds & {"array", "object"}:
            values += self._compound(pointers, text, kinds, is_item=is_item)
        if len(values) < 2:
            return values[0] if values else text
        return self.coercion.first_valid(pointers, values)

    def _known(self, pointers: tuple[str, ...], value: Any) -> Any:
        """Return a value, or a list of it alone if the schema admits only that."""
        if "array" not in self.coercion.kinds_of(pointers):
            return value
        return self.coercion.first_valid(pointers, (value, [value]))

    def _compound(
        self, pointers: tuple[str, ...], text: str, kinds: Kinds, *, is_item: bool
    ) -> Iterator[Any]:
        """Yield the lists and objects of one text: OpenAPI has no style for them, and clients send JSON."""
        if text[:1] in ("[", "{"):
            with suppress(ValueError, RecursionError):
                value = json.loads(text)
                if _kind_of(value) in kinds:
                    yield value
        if "array" in kinds and not is_item:
            yield self.value(pointers, [text])


def _scalars(text: str, kinds: Kinds) -> Iterator[Any]:
    """Yield the JSON values of a text, the most specific first."""
    if "boolean" in kinds and text in ("true", "false"):
        yield text == "true"
    if kinds & {"integer", "number"} and len(text) <= _MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            yield int(text)
        elif "number" in kinds and _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            yield float(text)
    if "string" in kinds:
        yield text
    if "null" in kinds and text in ("", "null"):
        yield None


def _of_item(schema: dict[str, Any], index: Any) -> Iterator[str]:
    if index < len(schema.get("prefixItems", ())):
        yield f"prefixItems/{index}"
    elif "items" in schema:
        yield "items"


def _of_member(schema: dict[str, Any], name: Any) -> Iterator[str]:
    places = [f"properties{child('', name)}"] if name in schema.get("properties", {}) else []
    places += [
        f"patternProperties{child('', pattern)}"
        for pattern in schema.get("patternProperties", ())
        if matches(pattern, name)
    ]
    if not places:
        places = [each for each in ("additionalProperties", "unevaluatedProperties") if each in schema]
    yield from places


def matches(pattern: str, name: Any) -> bool:
    """Return whether a property's name matches a regular expression of the contract."""
    return isinstance(name, str) and _check(pattern).is_valid(name)


@cache
def _check(pattern: str) -> jsonschema_rs.Draft202012Validator:
    """Return the check of a name by the regular expression engine that also checks values."""
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


def _own_kinds(schema: dict[str, Any]) -> Kinds | None:
    kinds = schema.get("type")
    if kinds is not None:
        return frozenset([kinds] if isinstance(kinds, str) else kinds)
    if "const" in schema or "enum" in schema:
        values: Sequence[Any] = schema.get("enum", [schema.get("const")])
        return frozenset(_kind_of(value) for value in values)
    if schema.keys() & {"properties", "additionalProperties", "patternProperties"}:
        return frozenset({"object"})
    return frozenset({"array"}) if schema.keys() & {"items", "prefixItems"} else None


def _common(one: Kinds, other: Kinds) -> Kinds:
    integers = any("integer" in a and "number" in b for a, b in ((one, other), (other, one)))
    return one & other | ({"integer"} if integers else set())


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def _as_list(texts: dict[str, Texts]) -> list[Texts] | dict[str, Texts]:
    """Return the list of `a[0]=x&a[1]=y`; other names remain an object."""
    if all(name.isdecimal() and name.isascii() and len(name) < _MAX_DIGITS for name in texts):
        return [texts[name] for name in sorted(texts, key=int)]
    return texts
