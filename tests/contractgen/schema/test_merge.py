"""Two schemas as one admit what both admit, by a validator that the project does not use."""

from typing import Any

import jsonschema
import pytest

from contractgen.schema.merge import merged

PAIRS: dict[str, tuple[Any, Any, list[Any]]] = {
    "types": ({"type": ["string", "integer"]}, {"type": ["number", "null"]}, ["a", 1, 1.5, None]),
    "enums": ({"enum": [1, 2]}, {"enum": [2, 3]}, [1, 2, 3]),
    "minima": ({"minimum": 1}, {"minimum": 3}, [0, 1, 2, 3]),
    "maxima": ({"maximum": 1}, {"maximum": 3}, [1, 2, 3, 4]),
    "exclusive minima": ({"exclusiveMinimum": 3}, {"exclusiveMinimum": 1}, [1, 2, 3, 4]),
    "exclusive maxima": ({"exclusiveMaximum": 3}, {"exclusiveMaximum": 1}, [0, 1, 2, 3]),
    "lengths": (
        {"minLength": 1, "maxLength": 3},
        {"minLength": 2, "maxLength": 4},
        ["a", "aa", "aaa", "aaaa"],
    ),
    "numbers of items": (
        {"minItems": 1, "maxItems": 3},
        {"minItems": 2, "maxItems": 4},
        [[1] * n for n in range(5)],
    ),
    "numbers of properties": ({"minProperties": 1}, {"minProperties": 2}, [{}, {"a": 1}, {"a": 1, "b": 2}]),
    "multiples": ({"multipleOf": 4}, {"multipleOf": 6}, [4, 6, 12, 24]),
    "broken multiples": ({"multipleOf": 0.5}, {"multipleOf": 0.75}, [0.5, 0.75, 1.5, 3]),
    "required": ({"required": ["a"]}, {"required": ["b"]}, [{"a": 1}, {"b": 1}, {"a": 1, "b": 1}]),
    "properties": (
        {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
        {"properties": {"a": {"minimum": 2}}},
        [{"a": 1}, {"a": 2}, {"a": "x"}, {"b": "x"}],
    ),
    "items": ({"items": {"type": "integer"}}, {"items": {"minimum": 2}}, [[1], [2], ["x"], []]),
    "names": (
        {"propertyNames": {"minLength": 2}},
        {"propertyNames": {"maxLength": 2}},
        [{"a": 1}, {"aa": 1}, {"aaa": 1}],
    ),
    "dependent": (
        {"dependentRequired": {"a": ["b"]}},
        {"dependentRequired": {"c": ["d"]}},
        [{"a": 1}, {"c": 1}, {"a": 1, "b": 1}, {"c": 1, "d": 1}],
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_one_schema_for_two_admits_what_both_admit(name: str) -> None:
    one, other, values = PAIRS[name]
    expected = [value for value in values if is_valid(one, value) and is_valid(other, value)]
    assert 0 < len(expected) < len(values)
    for first, second in ((one, other), (other, one)):
        assert [value for value in values if is_valid(merged(first, second), value)] == expected


def is_valid(schema: Any, value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))
