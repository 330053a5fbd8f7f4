"""What a schema admits, in one form for OpenAPI 3.0 and 3.1, with references and `allOf` merged."""

import json
from dataclasses import dataclass, field
from typing import Any

from contractgen.document.load import Document
from contractgen.runtime.pointers import child, pointer_of

ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array"})
# A lower bound admits less when it grows, an upper one when it falls.
LOWER = {"minimum", "minLength", "minItems", "minProperties", "minContains"}
UPPER = {"maximum", "maxLength", "maxItems", "maxProperties", "maxContains"}
NOTES = {"title", "description", "summary", "example", "examples", "externalDocs", "$comment"}
# Keywords of which a conjunction holds every value that it meets.
_COLLECTED = {
    *("pattern", "format", "multipleOf", "items", "additionalProperties", "unevaluatedProperties"),
    *("unevaluatedItems", "contains", "propertyNames", "not", "prefixItems"),
}
_DONE = {
    *("$ref", "allOf", "anyOf", "oneOf", "type", "nullable", "enum", "const", "properties", "required"),
    *("exclusiveMinimum", "exclusiveMaximum", "discriminator", "deprecated", "default", "uniqueItems"),
    *("readOnly", "writeOnly", "patternProperties", "$schema", "$defs", "definitions", "if", "then", "else"),
}
Bound = tuple[float, bool]


@dataclass(slots=True)
class View:
    """A conjunction of schemas; `types` and `enum` leave null out, which stands in `null`."""

    pointer: str
    types: frozenset[str] = ALL_TYPES
    null: bool = True
    enum: dict[str, Any] | None = None
    bounds: dict[str, Bound] = field(default_factory=dict)
    properties: dict[str, list[str]] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    unique: bool = False
    unions: list[tuple[str, list[str]]] = field(default_factory=list)
    collected: dict[str, list[tuple[Any, str]]] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    discriminator: dict[str, Any] | None = None
    opaque: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    deprecated: bool = False
    defaults: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)

    def place(self, keyword: str) -> str:
        return self.places.get(keyword, self.pointer)

    def only_union(self) -> bool:
        """Whether nothing but one choice between alternatives is said."""
        said = self.types != ALL_TYPES or self.enum or self.bounds or self.properties or self.required
        return len(self.unions) == 1 and not (
            said or self.collected or self.opaque or self.patterns or self.conditions
        )


def spelled(value: Any) -> str:
    """A value as text that is equal for equal JSON values, whatever the order of members."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Viewer:
    """Views of one document, each made once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.is_30 = str(document.value["openapi"]).startswith("3.0")
        self.known: dict[tuple[str, ...], View] = {}

    def view(self, pointers: tuple[str, ...]) -> View:
        """The view of schemas that hold together; of none, what admits everything."""
        if pointers not in self.known:
            view = View(pointers[0] if pointers else "")
            for pointer in pointers:
                self._take(view, pointer, set())
            _settle(view)
            self.known[pointers] = view
        return self.known[pointers]

    def _take(self, view: View, pointer: str, seen: set[str]) -> None:
        if pointer in seen:
            return
        seen.add(pointer)
        schema = self.document.at(pointer)
        if schema is False:
            view.types, view.null = frozenset(), False
        if not isinstance(schema, dict):
            return
        reference = schema.get("$ref")
        if reference is not None:
            if not str(reference).startswith("#/"):
                view.opaque.setdefault("$ref", []).append(str(reference))
                view.places["$ref"] = child(pointer, "$ref")
            else:
                self._take(view, self._target(pointer, reference), seen)
            if self.is_30:
                return  # what stands beside a reference is ignored there
        for index in range(len(schema.get("allOf", []))):
            self._take(view, child(pointer, "allOf", index), seen)
        lifted = schema.get("nullable") is True and self.is_30
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                lifted |= self._union(view, keyword, pointer, seen)
        _take_keywords(view, schema, pointer)
        view.null |= lifted

    def _target(self, pointer: str, reference: str) -> str:
        """The pointer one step on; a reference that leads nowhere is told by resolve()."""
        target = pointer_of(reference)
        try:
            self.document.at(target)
        except (LookupError, TypeError):
            self.document.resolve(pointer)
        return target

    def _union(self, view: View, keyword: str, pointer: str, seen: set[str]) -> bool:
        """Takes the alternatives; says whether null was one of them."""
        places = [child(pointer, keyword, index) for index in range(len(self.document.at(pointer)[keyword]))]
        others = [place for place in places if not self._is_null(place)]
        nullable = len(others) < len(places)
        view.places[keyword] = child(pointer, keyword)
        if len(others) == 1:
            self._take(view, others[0], seen)
        elif others:
            view.unions.append((keyword, others))
            view.null = view.null and (nullable or any(self.view((place,)).null for place in others))
        else:
            view.types = frozenset()
        return nullable and bool(others)

    def _is_null(self, place: str) -> bool:
        schema = self.document.at(place)
        return isinstance(schema, dict) and (
            schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None]
        )


def _take_keywords(view: View, schema: dict[str, Any], pointer: str) -> None:
    view.places.update((keyword, child(pointer, keyword)) for keyword in schema)
    _take_values(view, schema)
    _take_bounds(view, schema)
    for into, keyword in ((view.properties, "properties"), (view.patterns, "patternProperties")):
        for name in schema.get(keyword, {}):
            into.setdefault(name, []).append(child(pointer, keyword, name))
    view.conditions += [pointer] if "if" in schema else []
    view.required |= set(schema.get("required", []))
    view.unique |= schema.get("uniqueItems") is True
    view.deprecated |= schema.get("deprecated") is True
    view.discriminator = schema.get("discriminator", view.discriminator)
    view.flags |= {flag for flag in ("readOnly", "writeOnly") if schema.get(flag) is True}
    if "default" in schema:
        view.defaults.append(spelled(schema["default"]))
    for keyword, value in schema.items():
        if keyword in NOTES or keyword.startswith("x-"):
            view.notes.setdefault(keyword, []).append(spelled(value))
        elif keyword in _COLLECTED:
            view.collected.setdefault(keyword, []).append((value, child(pointer, keyword)))
        elif keyword not in _DONE | LOWER | UPPER:
            view.opaque.setdefault(keyword, []).append(spelled(value))


def _take_values(view: View, schema: dict[str, Any]) -> None:
    if "type" in schema:
        kinds = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
        view.null &= "null" in kinds or schema.get("nullable") is True
        kinds |= {"integer"} if "number" in kinds else set()
        view.types &= frozenset(kinds)
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values is not None:
        admitted = {spelled(value): value for value in values if value is not None}
        view.null &= None in values or schema.get("nullable") is True
        kept = admitted if view.enum is None else {k: v for k, v in view.enum.items() if k in admitted}
        view.enum = kept


def _take_bounds(view: View, schema: dict[str, Any]) -> None:
    found: list[tuple[str, Bound]] = []
    for keyword in (LOWER | UPPER) & schema.keys():
        exclusive = keyword in ("minimum", "maximum") and schema.get(_exclusive(keyword)) is True
        found.append((keyword, (schema[keyword], exclusive)))
    for keyword in ("minimum", "maximum"):
        bound = schema.get(_exclusive(keyword))
        if bound is not None and not isinstance(bound, bool):
            found.append((keyword, (bound, True)))
            view.places.setdefault(keyword, view.places[_exclusive(keyword)])
    for keyword, bound in found:
        known = view.bounds.get(keyword)
        if known is None or tightness(keyword, bound) > tightness(keyword, known):
            view.bounds[keyword] = bound


def _exclusive(keyword: str) -> str:
    return "exclusive" + keyword.capitalize()


def tightness(keyword: str, bound: Bound) -> Bound:
    """Grows as a bound admits less."""
    return (bound[0] if keyword in LOWER else -bound[0], bound[1])


def _settle(view: View) -> None:
    """Says the same in the same way: types of enumerated values, bounds of whole numbers, empty bounds."""
    if view.enum is not None:
        view.enum = {text: value for text, value in view.enum.items() if kinds_of(value) & view.types}
        view.types &= frozenset[str]().union(*(kinds_of(value) for value in view.enum.values()))
    if not view.types & {"number"} and "integer" in view.types:
        for keyword, step in (("minimum", 1), ("maximum", -1)):
            value, exclusive = view.bounds.get(keyword, (0.5, False))
            if exclusive and float(value).is_integer():
                view.bounds[keyword] = (value + step, False)
    for keyword in LOWER - {"minimum", "minContains"}:
        if view.bounds.get(keyword) == (0, False):
            del view.bounds[keyword]
    for keyword in ("items", "additionalProperties", "contains", "propertyNames"):
        if keyword in view.collected:
            rest = [each for each in view.collected[keyword] if each[0] is not True and each[0] != {}]
            view.collected[keyword] = rest
            if not rest:
                del view.collected[keyword]


def kinds_of(value: Any) -> frozenset[str]:
    """The JSON types of a value; a whole number has two."""
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return frozenset({"integer", "number"})
    names = {float: "number", str: "string", list: "array", dict: "object"}
    return frozenset({names[type(value)]}) if type(value) in names else frozenset()
