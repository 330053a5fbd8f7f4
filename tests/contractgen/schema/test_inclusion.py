"""What the prover finds to be included: each kind of assertion, both ways."""

from typing import Any

import pytest

from contractgen.schema.inclusion.prover import Inclusion
from contractgen.schema.inclusion.sources import Sources, reference

PLACE = "/components/schemas/S"
SELF = {"$ref": f"#{PLACE}"}
EQUAL, SMALLER, GREATER, OTHER = (True, True), (True, False), (False, True), (False, False)
OF_A = {"type": "object", "required": ["t"], "properties": {"t": {"const": "a"}}}
OF_B = {"type": "object", "required": ["t"], "properties": {"t": {"const": "b"}}}
FOO_BAR = {"type": "object", "properties": {"foo": {"type": "string"}, "bar": {"type": "string"}}}
CLOSED = {"type": "object", "additionalProperties": False}


def included(one: Any, other: Any) -> tuple[bool, bool]:
    documents = ({"components": {"schemas": {"S": schema}}} for schema in (one, other))
    inclusion = Inclusion(Sources(**dict(zip(("old", "new"), documents, strict=True))))
    old, new = reference("old", PLACE), reference("new", PLACE)
    return inclusion.holds(old, new), inclusion.holds(new, old)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Types and values.
        ({"type": "integer"}, {"type": "number"}, SMALLER),
        ({"type": "number"}, {"anyOf": [{"type": "integer"}, {"type": "number"}]}, EQUAL),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, EQUAL),
        ({"enum": ["a", "b"]}, {"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]}, EQUAL),
        ({"enum": [1, "a", None]}, {"enum": [None, "a", 1.0, 1]}, EQUAL),
        ({"enum": ["a", 5], "type": "string"}, {"const": "a"}, EQUAL),
        ({"enum": [True]}, {"enum": [1]}, OTHER),
        ({"type": "boolean"}, {"enum": [False, True]}, EQUAL),
        ({"enum": ["aa", "b"], "maxLength": 1}, {"enum": ["b"]}, EQUAL),
        (False, {"not": {}}, EQUAL),
        (True, {}, EQUAL),
        # Numbers.
        ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}, EQUAL),
        ({"type": "number", "minimum": 1}, {"type": "number", "exclusiveMinimum": 0}, SMALLER),
        ({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0}, GREATER),
        ({"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 2}, SMALLER),
        ({"type": "integer"}, {"type": "number", "multipleOf": 1}, EQUAL),
        ({"multipleOf": 2, "minimum": 1}, {"multipleOf": 2, "minimum": 1.5}, EQUAL),
        ({"type": "integer", "minimum": 1, "maximum": 2}, {"enum": [1, 2]}, EQUAL),
        # Strings.
        ({"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 5}, SMALLER),
        ({"type": "string", "minLength": 0}, {"type": "string"}, EQUAL),
        ({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}, OTHER),
        ({"type": "string", "format": "uuid"}, {"type": "string"}, SMALLER),
        ({"type": "string", "format": "uuid", "maxLength": 40}, {"type": "string", "format": "uuid"}, EQUAL),
        ({"type": "string", "format": "date", "maxLength": 4}, False, EQUAL),
        ({"type": "string", "format": "unheard-of"}, {"type": "string"}, EQUAL),
        ({"type": "string", "format": "uri"}, {"type": "string", "format": "uri-reference"}, SMALLER),
        ({"type": "integer", "maxLength": 3}, {"type": "integer"}, EQUAL),
        # Arrays.
        ({"type": "array", "items": {"type": "integer"}}, {"type": "array"}, SMALLER),
        ({"type": "array", "maxItems": 1}, {"type": "array", "uniqueItems": True}, SMALLER),
        ({"type": "array", "contains": {"type": "string"}}, {"type": "array", "minItems": 1}, SMALLER),
        (
            {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}},
            {"type": "array", "items": {"type": "string"}},
            EQUAL,
        ),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
            {"type": "array", "maxItems": 2},
            SMALLER,
        ),
        ({"type": "array", "items": False}, {"type": "array", "maxItems": 0}, EQUAL),
        # Objects.
        (FOO_BAR | {"required": ["foo"]}, FOO_BAR, SMALLER),
        (FOO_BAR | {"additionalProperties": False}, FOO_BAR, SMALLER),
        (FOO_BAR, {"type": "object", "properties": {"foo": {"type": "string"}}}, SMALLER),
        (CLOSED, {"type": "object", "maxProperties": 0}, EQUAL),
        (CLOSED | {"properties": {"a": {}, "b": {}}}, CLOSED | {"properties": {"a": {}}}, GREATER),
        (CLOSED | {"properties": {"a": {}}}, {"type": "object", "propertyNames": {"const": "a"}}, EQUAL),
        ({"type": "object", "required": ["a", "b"]}, {"type": "object", "minProperties": 2}, SMALLER),
        (
            CLOSED | {"patternProperties": {"^x": {"type": "string"}}},
            CLOSED | {"patternProperties": {"^x": {}}},
            SMALLER,
        ),
        (
            {"type": "object", "dependentRequired": {"a": ["b"]}},
            {"type": "object", "anyOf": [{"required": ["b"]}, {"not": {"required": ["a"]}}]},
            EQUAL,
        ),
        # Unions.
        (
            FOO_BAR | {"required": ["foo", "bar"]},
            {"anyOf": [FOO_BAR | {"required": ["foo"]}, FOO_BAR | {"required": ["bar"]}]},
            SMALLER,
        ),
        ({"type": "string"}, {"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]}, GREATER),
        ({"oneOf": [OF_A, OF_B]}, {"anyOf": [OF_B, OF_A]}, EQUAL),
        ({"anyOf": [OF_A, OF_B]}, OF_A | {"properties": {"t": {"enum": ["a", "b"]}}}, EQUAL),
        (
            {"type": "string"},
            {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "string", "minLength": 4}]},
            EQUAL,
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "array"}]},
            {"anyOf": [{"type": "array"}, {"anyOf": [{"type": "null"}, {"type": "string"}]}]},
            EQUAL,
        ),
        (
            {"allOf": [{"minLength": 1}, {"allOf": [{"type": "string"}]}]},
            {"type": "string", "minLength": 1},
            EQUAL,
        ),
        # Negations and conditions.
        ({"not": {"not": {"type": "string"}}}, {"type": "string"}, EQUAL),
        (
            {"type": "object", "not": {"required": ["a"]}},
            {"type": "object", "properties": {"a": False}},
            EQUAL,
        ),
        ({"type": "string", "not": {"maxLength": 3}}, {"type": "string", "minLength": 4}, EQUAL),
        (
            {"type": "string", "not": {"enum": ["a"]}},
            {"type": "string", "not": {"enum": ["a", "b"]}},
            GREATER,
        ),
        ({"not": {"type": ["string", "null"]}}, {"not": {"type": "string"}}, SMALLER),
        ({"if": {"type": "string"}, "then": {"maxLength": 3}}, {"maxLength": 3}, EQUAL),
        ({"if": {"type": "string"}}, {}, EQUAL),
        # References.
        (
            {"type": "object", "properties": {"next": SELF}},
            {"type": "object", "properties": {"next": {"allOf": [SELF]}}},
            EQUAL,
        ),
        (
            {"type": "object", "properties": {"next": SELF, "a": {"type": "string"}}},
            {"type": "object", "properties": {"next": SELF, "a": {"type": ["string", "null"]}}},
            SMALLER,
        ),
        ({"type": "object", "required": ["next"], "properties": {"next": SELF}}, False, EQUAL),
        # What is not understood is compared as text.
        ({"unevaluatedProperties": False, "properties": {"a": {}}}, {"unevaluatedProperties": False}, OTHER),
        ({"unevaluatedItems": False}, {"unevaluatedItems": False, "title": "t"}, EQUAL),
        ({"type": "string", "pattern": "*"}, {"type": "string", "pattern": "*"}, EQUAL),
        ({"enum": ["a"], "pattern": "*"}, {"enum": ["a"]}, SMALLER),
    ],
)
def test_inclusion(one: Any, other: Any, expected: tuple[bool, bool]) -> None:
    assert included(one, other) == expected
    assert included(other, one) == expected[::-1]


def test_a_proof_that_becomes_too_long_is_given_up() -> None:
    """A conjunction of many unions has too many cases; what is written alike is equal all the same."""
    unions = [{"oneOf": [{"required": [f"{a}{n}"]} for n in range(6)]} for a in "abcdefgh"]
    one, other = {"allOf": unions}, {"allOf": [*unions, {"minProperties": 5}]}
    assert included(one, {"allOf": unions[::-1]}) == EQUAL
    assert included(one, other)[0] is False
