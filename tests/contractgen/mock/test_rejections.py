"""Values of unions whose subschemas share values, and of what a schema rules out."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from contractgen.mock.values import NoValueError, Values
from contractgen.schema.normal import normal_form
from tests.contractgen.packages import read_document
from tests.contractgen.schema.test_keywords import document_of

_STRING: Any = {"type": "string"}
_NAMED: Any = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": _STRING, "tags": {"items": _STRING}},
}
_LISTED: Any = {"type": "array", "items": _STRING}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _extended(**properties: Any) -> dict[str, Any]:
    return {"allOf": [_NAMED, _object(**properties)]}


UNIONS: dict[str, list[Any]] = {
    "one requires what the other does": [
        _NAMED,
        _NAMED | {"properties": _NAMED["properties"] | {"n": {"type": "integer"}}},
    ],
    "all extend a base": [_extended(w={"type": "integer"}), _extended(z={"type": "integer"}), _NAMED],
    "shared properties differ within": [
        _object(p=_object(x=_STRING)),
        _object(p=_object(x=_STRING, y=_LISTED)),
    ],
    "items differ": [
        {"type": "array", "items": _object(a=_STRING)},
        {"type": "array", "items": _object(b=_STRING)},
    ],
    "any object": [{"type": "object"}, _object(b=_STRING)],
    "maps": [
        {"type": "object", "additionalProperties": _STRING},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ],
    "nullable properties": [
        _object(a={"anyOf": [_STRING, {"type": "null"}]}),
        _object(b={"anyOf": [_STRING, {"type": "null"}]}),
    ],
    "a union within": [{"oneOf": [_extended(a=_STRING), _extended(b=_STRING)]}, _extended(c=_STRING)],
    "numbers": [{"type": "integer"}, {"type": "number"}],
    "bounds": [{"type": "number", "minimum": 5}, {"type": "number", "minimum": -500}],
    "lengths": [_STRING | {"maxLength": 40}, _STRING | {"maxLength": 60}],
    "counts": [_LISTED | {"maxItems": 3}, _LISTED | {"maxItems": 5}],
    "formats": [
        _object(a=_STRING | {"pattern": "^[a-z]*$"}),
        _object(a=_STRING | {"pattern": "^[a-z0-9]*$"}),
    ],
    "enums": [_object(a={"enum": ["x", "y"]}), _object(a={"enum": ["x", "y", "z"]}), _object(b={"const": 1})],
}


def _made(tmp_path: Path, schema: Any) -> Any:
    document = normal_form(read_document(tmp_path, document_of({"Value": schema})))
    return Values(document, "response").make("/components/schemas/Value")


@pytest.mark.parametrize("name", UNIONS)
def test_subschemas_that_share_values_are_told_apart(name: str, tmp_path: Path) -> None:
    schema = {"oneOf": UNIONS[name]}
    assert jsonschema.Draft202012Validator(schema).is_valid(_made(tmp_path, schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "not": {"maximum": 100}},
        {"type": "string", "not": {"maxLength": 50}},
        {"type": "object", "required": ["a"], "not": {"properties": {"a": _LISTED}}},
        {"type": "array", "items": _STRING, "not": {"maxItems": 4}},
        {"type": "number", "not": {"anyOf": [{"maximum": 100}, {"type": "integer"}]}},
    ],
)
def test_a_value_is_none_of_what_is_ruled_out(schema: Any, tmp_path: Path) -> None:
    assert jsonschema.Draft202012Validator(schema).is_valid(_made(tmp_path, schema))


def test_subschemas_with_the_same_values_have_none(tmp_path: Path) -> None:
    with pytest.raises(NoValueError):
        _made(tmp_path, {"oneOf": [_NAMED, _NAMED | {"title": "The same"}]})
