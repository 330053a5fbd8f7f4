"""A schema as a list of conjuncts: schemas of one assertion each, all of which hold together."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contractgen.schema.inclusion.sources import Schema, Sources, at, is_checked, spelled, subschema
from contractgen.schema.types import named_types
from contractgen.schema.vocabulary import KEYWORDS, LOWER, SINGLES, UNSUPPORTED, UPPER

NOTHING: Schema = {"not": {}}
_PLAIN = (LOWER | UPPER | {"multipleOf", "pattern", "propertyNames", "not"}) - {"minContains", "maxContains"}
# Regular expressions that find something in every text.
_TRIVIAL_PATTERNS = {"", "^", "$", ".*", "()", "(?:)"}


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One assertion: the keyword that makes it, a schema that has it alone, and the reference to where it is
    written, which is empty for schemas that stand in no document.

    `name` is the property or the index that it is about, `written` the keyword that stands there.
    """

    keyword: str
    schema: Schema
    place: str = ""
    name: str | int | None = None
    written: str = ""

    @property
    def value(self) -> Any:
        return self.schema[self.keyword]


class Splitter:
    """Splits schemas into conjuncts: references, `allOf` and unions of one are dissolved."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._known: dict[str, tuple[Conjunct, ...]] = {}

    def split(self, schema: Schema) -> tuple[Conjunct, ...]:
        """Return the conjuncts of a schema."""
        reference = schema.get("$ref") if isinstance(schema, dict) and schema.keys() == {"$ref"} else None
        if reference is None:
            return tuple(self._split(schema, "", set()))
        if reference not in self._known:
            self._known[reference] = tuple(self._split(schema, "", set()))
        return self._known[reference]

    def layers(self, schemas: Iterable[Schema]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the written schemas that hold together with some, each with its reference."""
        waiting = [(schema, "") for schema in schemas]
        seen: set[str] = set()
        while waiting:
            schema, place = waiting.pop(0)
            if not isinstance(schema, dict):
                continue
            if place:
                yield place, schema
            if "$ref" in schema and schema["$ref"] not in seen:
                seen.add(schema["$ref"])
                waiting.append((self.sources.at(schema["$ref"]), schema["$ref"]))
            waiting += [
                (inner, "")
                for keyword, value in schema.items()
                for inner in self._dissolved(keyword, value, schema, place)
            ]

    def _split(self, schema: Schema, place: str, seen: set[str]) -> Iterator[Conjunct]:
        if schema is False:
            yield Conjunct("not", NOTHING, place)
        if not isinstance(schema, dict):
            return
        if "$ref" in schema and schema["$ref"] not in seen:
            target = schema["$ref"]
            seen.add(target)  # what holds already says nothing more
            yield from self._split(self.sources.at(target), target, seen)
        for keyword, value in schema.items():
            for inner in self._dissolved(keyword, value, schema, place):
                yield from self._split(inner, "", seen)
        for keyword in schema:
            if keyword in _PLAIN:
                yield from _plain(keyword, schema, place)
            elif keyword in _SPLIT:
                yield from _SPLIT[keyword](schema, place)
        yield from self._unions(schema, place)

    def _dissolved(self, keyword: str, value: Any, schema: Schema, place: str) -> Iterator[Schema]:
        if keyword == "allOf" or (keyword in ("anyOf", "oneOf") and len(value) == 1):
            yield from (subschema(schema, place, keyword, index) for index in range(len(value)))

    def _unions(self, schema: Schema, place: str) -> Iterator[Conjunct]:
        for keyword in ("anyOf", "oneOf"):
            count = len(schema.get(keyword, []))
            if count < 2:
                continue
            parts = [subschema(schema, place, keyword, index) for index in range(count)]
            values = self._values_of_union(keyword, parts)
            if values is not None:
                yield Conjunct("enum", {"enum": values}, at(place, keyword))
            else:
                yield Conjunct(keyword, {keyword: parts}, at(place, keyword))

    def _values_of_union(self, keyword: str, parts: list[Schema]) -> list[Any] | None:
        """The values of a union whose subschemas list theirs: all, or of `oneOf` those that stand once."""
        found: dict[str, Any] = {}
        repeated = set()
        for part in parts:
            values = self._values(part)
            if values is None:
                return None
            repeated |= found.keys() & values.keys()
            found |= values
        return [value for text, value in found.items() if keyword == "anyOf" or text not in repeated]

    def _values(self, schema: Schema) -> dict[str, Any] | None:
        """The values that a subschema lists itself."""
        target, seen = schema, set[str]()
        while isinstance(target, dict) and target.keys() == {"$ref"} and target["$ref"] not in seen:
            seen.add(target["$ref"])
            target = self.sources.at(target["$ref"])
        if not isinstance(target, dict):
            return None
        listed = [target["const"]] if "const" in target else target.get("enum")
        if named_types(target) == ["null"]:
            listed = [None]
        if listed is None:
            return None
        return {spelled(value): value for value in listed if self.sources.admits(schema, value, unknown=True)}


def _plain(keyword: str, schema: Schema, place: str) -> Iterator[Conjunct]:
    value = schema[keyword]
    is_trivial = keyword == "pattern" and value in _TRIVIAL_PATTERNS
    if is_trivial or value in KEYWORDS[keyword].vacuous or (keyword == "not" and value is False):
        return
    if keyword in SINGLES:
        value = subschema(schema, place, keyword)
    yield Conjunct(keyword, {keyword: value}, at(place, keyword))


def _type(schema: Schema, place: str) -> Iterator[Conjunct]:
    types = schema["type"]
    yield Conjunct("type", {"type": [types] if isinstance(types, str) else list(types)}, at(place, "type"))


def _enum(schema: Schema, place: str) -> Iterator[Conjunct]:
    yield Conjunct("enum", {"enum": list(schema["enum"])}, at(place, "enum"))


def _const(schema: Schema, place: str) -> Iterator[Conjunct]:
    yield Conjunct("enum", {"enum": [schema["const"]]}, at(place, "const"))


def _format(schema: Schema, place: str) -> Iterator[Conjunct]:
    if is_checked(schema["format"]):
        yield Conjunct("format", {"format": schema["format"]}, at(place, "format"))


def _required(schema: Schema, place: str) -> Iterator[Conjunct]:
    for name in dict.fromkeys(schema["required"]):
        yield Conjunct("required", {"required": [name]}, at(place, "required"), name)


def _properties(schema: Schema, place: str) -> Iterator[Conjunct]:
    for name in schema["properties"]:
        part = subschema(schema, place, "properties", name)
        if part is not True:
            yield Conjunct("properties", {"properties": {name: part}}, at(place, "properties", name), name)


def _pattern_properties(schema: Schema, place: str) -> Iterator[Conjunct]:
    for name in schema["patternProperties"]:
        part = subschema(schema, place, "patternProperties", name)
        if part is not True:
            yield Conjunct(
                "patternProperties",
                {"patternProperties": {name: part}},
                at(place, "patternProperties", name),
                name,
            )


def _additional(schema: Schema, place: str) -> Iterator[Conjunct]:
    part = subschema(schema, place, "additionalProperties")
    if part is True or schema["additionalProperties"] == {}:
        return
    named = {
        keyword: dict.fromkeys(schema[keyword], True)
        for keyword in ("properties", "patternProperties")
        if schema.get(keyword)
    }
    yield Conjunct(
        "additionalProperties", {**named, "additionalProperties": part}, at(place, "additionalProperties")
    )


def _unique(schema: Schema, place: str) -> Iterator[Conjunct]:
    if schema["uniqueItems"] is True:
        yield Conjunct("uniqueItems", {"uniqueItems": True}, at(place, "uniqueItems"))


def _prefix(schema: Schema, place: str) -> Iterator[Conjunct]:
    for index in range(len(schema["prefixItems"])):
        part = subschema(schema, place, "prefixItems", index)
        if part is not True:
            yield Conjunct(
                "prefixItems",
                {"prefixItems": [True] * index + [part]},
                at(place, "prefixItems", index),
                index,
            )


def _items(schema: Schema, place: str) -> Iterator[Conjunct]:
    part = subschema(schema, place, "items")
    if part is True or schema["items"] == {}:
        return
    prefix = {"prefixItems": [True] * len(schema["prefixItems"])} if schema.get("prefixItems") else {}
    yield Conjunct("items", {**prefix, "items": part}, at(place, "items"))


def _contains(schema: Schema, place: str) -> Iterator[Conjunct]:
    bounds = {name: schema[name] for name in ("minContains", "maxContains") if name in schema}
    if bounds == {"minContains": 0}:
        return
    yield Conjunct(
        "contains", {"contains": subschema(schema, place, "contains"), **bounds}, at(place, "contains")
    )


def _if(schema: Schema, place: str) -> Iterator[Conjunct]:
    condition = subschema(schema, place, "if")
    for keyword, denied in (("then", {"not": condition}), ("else", condition)):
        if schema.get(keyword, True) is not True:
            part = subschema(schema, place, keyword)
            yield Conjunct("anyOf", {"anyOf": [denied, part]}, at(place, keyword), written=keyword)


def _dependent_required(schema: Schema, place: str) -> Iterator[Conjunct]:
    keyword = "dependentRequired"
    for name, needed in schema[keyword].items():
        if needed:
            parts = [_without(name), {"required": list(needed)}]
            yield Conjunct("anyOf", {"anyOf": parts}, at(place, keyword, name), name, keyword)


def _dependent_schemas(schema: Schema, place: str) -> Iterator[Conjunct]:
    keyword = "dependentSchemas"
    for name in schema[keyword]:
        parts = [_without(name), subschema(schema, place, keyword, name)]
        yield Conjunct("anyOf", {"anyOf": parts}, at(place, keyword, name), name, keyword)


def _without(name: str) -> Schema:
    return {"not": {"type": "object", "required": [name]}}


def _whole(keyword: str) -> Callable[[Schema, str], Iterator[Conjunct]]:
    """Return the split of a keyword that depends on all others, or is unknown: the schema stays whole."""

    def split(schema: Schema, place: str) -> Iterator[Conjunct]:
        if schema[keyword] not in KEYWORDS[keyword].vacuous:
            yield Conjunct(keyword, {"$ref": place} if place else schema, at(place, keyword))

    return split


_SPLIT: dict[str, Callable[[Schema, str], Iterator[Conjunct]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "format": _format,
    "required": _required,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
    "prefixItems": _prefix,
    "items": _items,
    "contains": _contains,
    "if": _if,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    **{keyword: _whole(keyword) for keyword in ("unevaluatedProperties", "unevaluatedItems", *UNSUPPORTED)},
}
