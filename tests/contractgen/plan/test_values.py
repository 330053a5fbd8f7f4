"""A plan holds values; the package `render` prints them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.document.load import load
from contractgen.plan.contract import Contract
from contractgen.plan.converters import (
    BooleanReader,
    ChoiceReader,
    IntegerReader,
    NumberReader,
    TextReader,
    UuidReader,
)
from contractgen.plan.header_types import EnumType, HeaderType, ListType, ObjectType
from contractgen.plan.planner import make_plan
from contractgen.plan.schemes import (
    ApiKeyScheme,
    BasicScheme,
    BearerScheme,
    DigestScheme,
    HttpScheme,
    MutualTlsScheme,
)

CONVERTERS = {
    "text": ({"type": "string", "minLength": 1}, TextReader(min_length=1)),
    "pattern": ({"type": "string", "maxLength": 3, "pattern": "^a"}, TextReader(None, 3, "^a")),
    "integer": ({"type": "integer", "minimum": 0, "maximum": 9}, IntegerReader(0, 9)),
    "number": ({"type": "number", "maximum": 2.5}, NumberReader(maximum=2.5)),
    "boolean": ({"type": "boolean"}, BooleanReader()),
    "uuid": ({"type": "string", "format": "uuid"}, UuidReader()),
    "enum of strings": ({"type": "string", "enum": ["b", "a", "b"]}, ChoiceReader(("b", "a"))),
    "enum of integers": ({"type": "integer", "enum": [2, 1]}, ChoiceReader((2, 1))),
    "date": ({"type": "string", "format": "date"}, None),
    "array": ({"type": "array", "items": {"type": "string"}}, None),
    "multiple": ({"type": "integer", "multipleOf": 2}, None),
}
SCHEMES = {
    "bearer": ({"type": "http", "scheme": "Bearer"}, BearerScheme()),
    "oauth2": ({"type": "oauth2", "flows": {}}, BearerScheme()),
    "basic": ({"type": "http", "scheme": "basic"}, BasicScheme("The title")),
    "digest": ({"type": "http", "scheme": "digest"}, DigestScheme()),
    "another of HTTP": ({"type": "http", "scheme": "HOBA"}, HttpScheme("HOBA")),
    "key in the query": ({"type": "apiKey", "in": "query", "name": "k"}, ApiKeyScheme("query", "k")),
    "key in a cookie": ({"type": "apiKey", "in": "cookie", "name": "k"}, ApiKeyScheme("cookie", "k")),
    "certificate": ({"type": "mutualTLS"}, MutualTlsScheme()),
}

OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}
BODIES = {
    "JSON": ("application/json", {"schema": OBJECT}, "json"),
    "JSON without a schema": ("application/vnd.a+json", {}, "any-json"),
    "form": ("application/x-www-form-urlencoded", {"schema": OBJECT}, "form"),
    "multipart": ("multipart/form-data", {"schema": OBJECT}, "multipart"),
    "text": ("text/plain", {"schema": {"type": "string"}}, "text"),
    "number as text": ("text/plain", {"schema": {"type": "integer"}}, "text-value"),
    "bytes": ("application/octet-stream", {}, "binary"),
    "sequence": ("application/jsonl", {"itemSchema": OBJECT}, "items"),
}

HEADERS: dict[str, tuple[dict[str, Any], HeaderType, str]] = {
    "string": ({"type": "string"}, ("string",), "text"),
    "date": ({"type": "string", "format": "date"}, ("date",), "simple"),
    "number": ({"type": "number"}, ("number",), "simple"),
    "enum": ({"enum": ["a", 1]}, (EnumType(("a", 1)),), "text"),
    "array": ({"type": "array", "items": {"type": "integer"}}, (ListType(("integer",)),), "simple"),
    "array of arrays": ({"type": "array", "items": {"type": "array"}}, (ListType(("string",)),), "simple"),
    "object": ({"type": "object"}, (ObjectType(),), "simple"),
    "union": ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, ("integer", "boolean"), "simple"),
    "composition": ({"allOf": [{"maxLength": 3}, {"format": "uuid"}]}, ("uuid",), "simple"),
}


def _plan(folder: Path, operation: dict[str, Any], schemes: dict[str, Any]) -> Contract:
    responses = {"204": {"description": "Done."}}
    document = {
        "openapi": "3.2.0",
        "info": {"title": "The title", "version": "1"},
        "components": {"securitySchemes": schemes},
        "paths": {"/": {"post": {"operationId": "read", "responses": responses} | operation}},
    }
    path = folder / "openapi.yaml"
    path.write_text(yaml.safe_dump(document))
    return make_plan(load(path))


@pytest.mark.parametrize("case", CONVERTERS)
def test_the_converter_of_a_parameter(case: str, tmp_path: Path) -> None:
    schema, expected = CONVERTERS[case]
    plan = _plan(tmp_path, {"parameters": [{"name": "p", "in": "query", "schema": schema}]}, {})
    assert [each.converter for each in plan.operations[0].parameters] == [expected]


@pytest.mark.parametrize("case", SCHEMES)
def test_the_type_of_a_security_scheme(case: str, tmp_path: Path) -> None:
    scheme, expected = SCHEMES[case]
    plan = _plan(tmp_path, {"security": [{"s": []}]}, {"s": scheme})
    assert [each.type for each in plan.schemes] == [expected]


@pytest.mark.parametrize("case", BODIES)
def test_the_kind_of_a_body(case: str, tmp_path: Path) -> None:
    media_type, content, expected = BODIES[case]
    plan = _plan(tmp_path, {"requestBody": {"content": {media_type: content}}}, {})
    assert plan.operations[0].body is not None
    assert [each.kind for each in plan.operations[0].body.contents] == [expected]


@pytest.mark.parametrize("case", HEADERS)
def test_the_type_of_a_header(case: str, tmp_path: Path) -> None:
    schema, expected, writer = HEADERS[case]
    responses = {"204": {"description": "Done.", "headers": {"X-Some": {"schema": schema}}}}
    (response,) = _plan(tmp_path, {"responses": responses}, {}).operations[0].responses
    assert [(each.type, each.writer) for each in response.headers] == [(expected, writer)]
