"""Texts of parameters and forms, read as JSON values by the shape of their schema."""

from typing import Any

import pytest

from contractgen_runtime.schemas import Schemas
from contractgen_runtime.values import Coercion, Texts

UUID = "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
CLOSED = {"type": "object", "properties": {"x": {"type": "integer"}}, "additionalProperties": False}
OPEN = {"type": "object", "required": ["y"], "properties": {"x": {"type": "string"}}}
INTEGERS = {"type": "array", "items": {"type": "integer"}}


def read(schema: Any, *readings: Texts, **components: Any) -> tuple[Any, bool]:
    """The value, and whether it satisfies its schema."""
    schemas = Schemas({"schema": schema, "components": components})
    value = Coercion(schemas, "/schema").read(*readings)
    return value, not schemas.violations("/schema", value, "query")


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "number"}, "-1.5e1", -15.0),
        ({"type": "boolean"}, "true", True),
        ({}, "5", "5"),
        (True, "true", "true"),
        ({"minLength": 1}, "5", "5"),
        ({"type": ["string", "integer"]}, "5", 5),
        ({"type": ["string", "integer"], "not": {"type": "integer"}}, "5", "5"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "5", 5),
        ({"oneOf": [{"type": "integer", "maximum": 4}, {"type": "string"}]}, "5", "5"),
        ({"oneOf": [{"type": "integer"}, {"type": "string", "format": "uuid"}]}, UUID, UUID),
        ({"type": ["integer", "null"]}, "", None),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["string", "null"]}, "", ""),
        ({"type": ["string", "null"], "minLength": 1}, "", None),
        ({"enum": ["a", None]}, "null", None),
        ({"enum": [1, "2"]}, "1", 1),
        ({"enum": [1, "2"]}, "2", "2"),
        ({"const": False}, "false", False),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, "5", 5),
        (INTEGERS, "5", [5]),
        (INTEGERS, "[1,2]", [1, 2]),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": ["object", "string"]}, '{"a": 1}', '{"a": 1}'),
        ({"type": "array", "items": {"type": "object"}}, '{"a":1}', [{"a": 1}]),
    ],
)
def test_a_text_is_what_its_schema_admits(schema: Any, text: str, value: object) -> None:
    found, is_valid = read(schema, text)
    assert (found, type(found), is_valid) == (value, type(value), True)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer"}, "5.0"),
        ({"type": "integer"}, ""),
        ({"type": "integer"}, "1" * 101),
        ({"type": "number"}, "1e999"),
        ({"type": "number"}, "nan"),
        ({"type": "number"}, "٣"),
        ({"type": "boolean"}, "True"),
        ({"type": "object"}, "[1]"),
        ({"type": ["object", "null"]}, "{"),
        ({"type": "object"}, "[" * 100_000),
    ],
)
def test_a_text_that_is_no_such_value_stays_what_it_is(schema: Any, text: str) -> None:
    assert read(schema, text) == (text, False)


def test_a_structure_follows_references_and_all_that_holds_together() -> None:
    base = {"type": "object", "properties": {"n": {"type": "number"}, "k": INTEGERS}}
    schema = {"allOf": [{"$ref": "#/components/Base"}, {"properties": {"n": {"minimum": 3}}}]}
    texts: Texts = {"n": "5", "k": {"1": "2", "0": "1"}, "more": "7"}
    assert read(schema, texts, Base=base) == ({"n": 5, "k": [1, 2], "more": "7"}, True)
    assert read(schema, {"n": "2"}, Base=base) == ({"n": 2}, False)


def test_members_by_name_by_pattern_and_all_others() -> None:
    schema = {
        "properties": {"a/b~": {"type": "integer"}},
        "patternProperties": {"^x-": {"type": "boolean"}},
        "additionalProperties": {"type": "number"},
    }
    texts: Texts = {"a/b~": "1", "x-y": "true", "z": "1.5"}
    assert read(schema, texts) == ({"a/b~": 1, "x-y": True, "z": 1.5}, True)


def test_items_by_place() -> None:
    schema = {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}
    assert read(schema, ["1", "2", "3"]) == (["1", 2, 3], True)


def test_of_a_union_the_first_member_that_gives_a_valid_value() -> None:
    schema = {"anyOf": [CLOSED, OPEN]}
    assert read(schema, {"x": "5"}) == ({"x": 5}, True)
    assert read(schema, {"x": "5", "y": "1"}) == ({"x": "5", "y": "1"}, True)
    assert read(schema, {"z": "1"}) == ({"z": "1"}, False)


def test_of_several_readings_the_first_that_gives_a_valid_value() -> None:
    assert read(INTEGERS, ["1,2"], ["1", "2"]) == ([1, 2], True)
    assert read({"type": ["string", "array"]}, "a", ["a"]) == ("a", True)
    assert read(INTEGERS, ["a,b"], ["a", "b"]) == (["a,b"], False)


def test_a_schema_that_contains_itself() -> None:
    node = {
        "oneOf": [
            {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/Node"}}},
            {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
        ]
    }
    texts: Texts = {"next": {"next": {"n": "5"}}}
    assert read({"$ref": "#/components/Node"}, texts, Node=node) == ({"next": {"next": {"n": 5}}}, True)


def test_a_reading_has_a_bounded_cost() -> None:
    members = [{"type": "object", "properties": {"a": {"$ref": "#/schema"}}, "required": ["b"]}] * 5
    texts: Texts = "x"
    for _ in range(12):
        texts = {"a": texts}
    with pytest.raises(ValueError, match="too many parts"):
        read({"anyOf": members}, texts)
