"""The documents whose schemas are compared, and schemas by reference into them.

A schema here is JSON Schema 2020-12 in which each `$ref` names its document: `urn:old#/components/schemas/A`.
So schemas of two documents combine into one, and any validator can read the combination.
"""

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeAlias

import jsonschema_rs

from contractgen.document.grammar import objects_of
from contractgen.schema.schemas import KNOWN_FORMATS, UNCHECKED_FORMATS
from contractgen.schema.vocabulary import ASSERTIONS, LISTS, MAPS, SINGLES, UNSUPPORTED
from contractgen_runtime.formats import FORMATS
from contractgen_runtime.pointers import child, pointer_of, reference_to, tokens, value_at

Schema: TypeAlias = Any
_SPEAKING = ASSERTIONS | UNSUPPORTED | {"$ref"}
_SETS = {"required", "enum", "type"}
# The order of these subschemas means nothing.
_UNORDERED = {"allOf", "anyOf", "oneOf"}


class Sources:
    """Documents in normal form by name, each as it is read in one direction."""

    def __init__(self, **documents: Any) -> None:
        self._documents = {f"urn:{name}": value for name, value in documents.items()}
        self._values: dict[str, Schema] = {}
        self._keys: dict[str, str] = {}
        # Schemas that stand in no document, which live as long as their keys are known.
        self._made: dict[int, tuple[Schema, str]] = {}
        self._validators: dict[str, jsonschema_rs.Draft202012Validator | None] = {}

    def at(self, reference: str) -> Schema:
        """Return the schema at a reference; a reference that it consists of names its document."""
        if reference not in self._values:
            document = reference.partition("#")[0]
            self._values[reference] = _named(
                value_at(self._documents[document], pointer_of(reference)), document
            )
        return self._values[reference]

    def has(self, reference: str) -> bool:
        """Return whether a reference leads to a component."""
        document, _, _ = reference.partition("#")
        names = tokens(pointer_of(reference))
        schemas = (self._documents[document].get("components") or {}).get("schemas") or {}
        return names[:2] == ["components", "schemas"] and len(names) == 3 and names[2] in schemas

    def admits(self, schema: Schema, value: Any, *, unknown: bool = False) -> bool:
        """Return whether a schema accepts a value, formats included; `unknown` if it cannot be compiled."""
        key = self.key(schema)
        if key not in self._validators:
            self._validators[key] = self._compiled(schema)
        validator = self._validators[key]
        return unknown if validator is None else validator.is_valid(value)

    def _compiled(self, schema: Schema) -> jsonschema_rs.Draft202012Validator | None:
        try:
            return jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True, formats=FORMATS
            )
        except ValueError:  # a regular expression or a reference that has no meaning
            return None

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([*self._documents.items()], draft=jsonschema_rs.Draft202012)

    def key(self, schema: Schema) -> str:
        """Return a text that is equal for schemas that are written alike, in whatever documents."""
        if isinstance(schema, dict) and schema.keys() == {"$ref"}:
            reference = schema["$ref"]
            if reference not in self._keys:
                self._keys[reference] = reference  # ends a recursion
                target = self.at(reference)
                is_reference = isinstance(target, dict) and target.keys() == {"$ref"}
                document = reference.partition("#")[0]
                self._keys[reference] = self.key(target) if is_reference else self._text(target, document)
            return self._keys[reference]
        known = self._made.get(id(schema))
        if known is None:
            known = self._made[id(schema)] = schema, self._text(schema, "")
        return known[1]

    def _text(self, schema: Schema, document: str) -> str:
        def name(reference: str) -> str:
            whole = reference if reference.startswith("urn:") else document + reference
            pointer = pointer_of(whole)
            return pointer if pointer in self._same_assertions else whole

        return spelled(_canonical(schema, name))

    def is_same(self, one: Schema, other: Schema) -> bool:
        """Return whether two references lead to the same text, annotations included, all the way down."""
        texts = []
        for schema in (one, other):
            if not isinstance(schema, dict) or schema.keys() != {"$ref"}:
                return False
            document, _, _ = schema["$ref"].partition("#")
            value = value_at(self._documents[document], pointer_of(schema["$ref"]))
            texts.append((_whole(value), frozenset(map(pointer_of, _references(value)))))
        return texts[0] == texts[1] and texts[0][1] <= self._same_texts

    @cached_property
    def _same_texts(self) -> frozenset[str]:
        return self._same(_whole)

    @cached_property
    def _same_assertions(self) -> frozenset[str]:
        return self._same(lambda value: spelled(_canonical(value, str)))

    def _same(self, text_of: Callable[[Any], str]) -> frozenset[str]:
        """The pointers at which all documents have the same schema, and so wherever that one leads."""
        first, *others = [_targets(document, text_of) for document in self._documents.values()]
        same = {place for place, target in first.items() if all(each.get(place) == target for each in others)}
        while gone := {place for place in same if not first[place][1] <= same}:
            same -= gone
        return frozenset(same)


def _canonical(schema: Schema, name: Callable[[str], str], *, keeps: bool = False) -> Schema:
    """The schema, its sets sorted, its references named, without annotations unless it `keeps` them."""
    if not isinstance(schema, dict):
        return schema
    copy: dict[str, Schema] = {}
    for keyword, value in schema.items():
        is_silent = keyword not in _SPEAKING or (keyword == "format" and not is_checked(value))
        if is_silent and not keeps:
            continue
        if keyword in MAPS:
            copy[keyword] = {each: _canonical(part, name, keeps=keeps) for each, part in value.items()}
        elif keyword in LISTS:
            parts = [_canonical(each, name, keeps=keeps) for each in value]
            copy[keyword] = sorted(parts, key=spelled) if keyword in _UNORDERED else parts
        elif keyword in SINGLES:
            copy[keyword] = _canonical(value, name, keeps=keeps)
        elif keyword in _SETS:
            copy[keyword] = sorted(
                {spelled(each) for each in (value if isinstance(value, list) else [value])}
            )
        else:
            copy[keyword] = name(value) if keyword == "$ref" else value
    return copy


def _whole(schema: Schema) -> str:
    """The schema as text, annotations included."""
    return spelled(_canonical(schema, str, keeps=True))


def _targets(document: Any, text_of: Callable[[Any], str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Return the targets of references by pointer: the text of each, and the pointers that it refers to."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    places = [each["$ref"] for _, each in objects_of(document, "schema") if isinstance(each.get("$ref"), str)]
    for place in {pointer_of(reference) for reference in places}:
        value = value_at(document, place)
        found[place] = text_of(value), frozenset(pointer_of(each) for each in _references(value))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        yield value["$ref"]
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(each)


def _named(schema: Schema, document: str) -> Schema:
    """The schema, in which a `$ref` at its top names its document."""
    if isinstance(schema, dict) and str(schema.get("$ref", "")).startswith("#"):
        return schema | {"$ref": document + schema["$ref"]}
    return schema


def reference(document: str, pointer: str) -> Schema:
    """Return the schema that refers to a pointer of a document."""
    return {"$ref": f"urn:{document}{reference_to(pointer)}"}


def subschema(schema: Schema, place: str, *path: str | int) -> Schema:
    """Return the schema at a path below another: by reference when that stands at a place of a document."""
    value = schema
    for step in path:
        value = value[step]
    return {"$ref": at(place, *path)} if place and not isinstance(value, bool) else value


def at(place: str, *path: str | int) -> str:
    """Return the reference to what stands below a place; of no place there is none."""
    if not place:
        return ""
    document = place.partition("#")[0]
    return document + reference_to(child(pointer_of(place), *path))


def spelled(value: Any) -> str:
    """Return a JSON value as text that is equal for equal values: 1.0 is 1, and properties have no order."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_checked(format_: Any) -> bool:
    """Return whether generated code checks a format."""
    return format_ in KNOWN_FORMATS and format_ not in UNCHECKED_FORMATS
