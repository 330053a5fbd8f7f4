"""A property that a keyword describes or requires without declaring it reaches the handler and the client."""

import asyncio
import json
from functools import cache
from typing import Any

import pytest

from contractgen.plan.names import class_name
from tests.contractgen.packages import package_of
from tests.contractgen.service import Answer, Service, ask

COUNT: Any = {"type": "object", "properties": {"count": {"type": "integer"}}}
PATTERN: Any = {"patternProperties": {"^x-": {"type": "string", "maxLength": 3}}}
SCHEMAS: dict[str, Any] = {
    "beside": {**COUNT, **PATTERN},
    "beside_false": {**COUNT, **PATTERN, "additionalProperties": False},
    "beside_reference": {"$ref": "#/components/schemas/Count", **PATTERN},
    "inherited": {
        "allOf": [{"$ref": "#/components/schemas/Open"}, {"properties": {"more": {"type": "integer"}}}]
    },
    "in_all_of": {"type": "object", "allOf": [COUNT, PATTERN]},
    "beside_all_of": {"type": "object", "allOf": [COUNT, {"properties": {"more": {}}}], **PATTERN},
    "beside_one_of": {**COUNT, **PATTERN, "oneOf": [{"required": ["count"]}, {"required": ["more"]}]},
    "in_one_of": {**COUNT, "oneOf": [PATTERN, {"required": ["name"], "properties": {"name": {}}}]},
    "additional_in_all_of": {
        "type": "object",
        "allOf": [COUNT, {"additionalProperties": {"type": ["string", "integer"], "maxLength": 3}}],
    },
    "required": {**COUNT, "required": ["x-a"], "not": {"properties": {"x-a": {"const": "abcd"}}}},
    "unevaluated": {**COUNT, "unevaluatedProperties": {"type": "string", "maxLength": 3}},
}


@cache
def service() -> Service:
    paths = {f"/{name}": {"post": _operation(name)} for name in SCHEMAS}
    named = {class_name(name): schema for name, schema in SCHEMAS.items()}
    components = {"schemas": {"Count": COUNT, "Open": {**COUNT, **PATTERN}, **named}}
    document = {"openapi": "3.1.0", "info": {"title": "Patterns", "version": "1"}}
    return Service(package_of({**document, "paths": paths, "components": components}))


def _operation(name: str) -> Any:
    schema = {"$ref": f"#/components/schemas/{class_name(name)}"}
    content = {"content": {"application/json": {"schema": schema}}}
    response = {"200": {"description": "The same.", **content}}
    return {"operationId": name, "requestBody": {"required": True, **content}, "responses": response}


def post(name: str, body: Any) -> Answer:
    headers = [("content-type", "application/json")]
    return asyncio.run(
        ask(service().app, "POST", f"/{name}", headers=headers, body=json.dumps(body).encode())
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_pattern_property_reaches_the_handler_and_the_client(name: str) -> None:
    body = {"count": 1, "x-a": "abc"}
    package = service().package
    service().calls.clear()
    response = getattr(package.responses, f"{class_name(name)}200")
    service().answers[name] = response(getattr(package.models, class_name(name)).model_validate(body))
    answer = post(name, body)
    received = service().call["body"]
    assert received.model_dump(mode="json", by_alias=True) == body
    assert (answer.status, answer.json) == (200, body)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_pattern_property_that_violates_its_schema_is_rejected(name: str) -> None:
    answer = post(name, {"count": 1, "x-a": "abcd"})
    assert answer.status == 422
