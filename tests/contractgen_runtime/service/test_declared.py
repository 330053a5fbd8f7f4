"""Rejections in the contract's own error schemas: status and reason in them, and still valid."""

import json
from typing import Any

import jsonschema
import pytest

from contractgen_runtime.service.declared import declared_refusal
from tests.contractgen.packages import package_of
from tests.contractgen.service import Answer, Service

JSON = "application/json"
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
REQUEST_SCHEMA = {"type": "object", "required": ["name"]}
VIOLATES = "The request violates the contract."


def model(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def document(key: str, content: dict[str, Any], headers: dict[str, Any] | None = None) -> dict[str, Any]:
    """A contract whose operation declares one error."""
    failure = {"description": "It failed.", "content": content, "headers": headers or {}}
    operation = {
        "operationId": "save",
        "tags": ["things"],
        "security": [{"bearerAuth": []}],
        "requestBody": {"required": True, "content": {JSON: {"schema": REQUEST_SCHEMA}}},
        "responses": {"204": {"description": "Done."}, key: failure},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Errors", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
    }


def serving(contract: Any, body: Any = None, text: str = "", **headers: Any) -> Service:
    """A service whose host has `body` for the model of the error, or `text` for its response."""
    package = package_of(contract)
    service = Service(package)
    bodies = {package.models.SaveError: body} if body is not None else {}
    bodies |= {package.responses.Save4XX: text} if text else {}
    (route,) = [each for each in service.app.routes if hasattr(each, "own_refusal")]
    route.own_refusal = lambda refusal, operation, _: declared_refusal(refusal, operation, bodies, headers)
    return service


def declaring(key: str, schema: Any, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    """A contract whose error is JSON of a schema."""
    contract = document(key, {JSON: {"schema": {"$ref": "#/components/schemas/SaveError"}}}, headers)
    contract["components"]["schemas"] = {"SaveError": schema}
    return contract


async def rejected(service: Service, status: int) -> Answer:
    how: dict[str, Any] = {401: {}, 422: {"token": "x", "json": {}}}[status]
    answer = await service.ask("POST", "/things", **how)
    assert answer.status == status
    return answer


NESTED = model("error", error=model("code message", code=WHOLE, message=TEXT, trace=TEXT))
NARROW = model("code detail", code={"enum": [1, 2]}, detail={"type": "string", "maxLength": 20})


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (
            model("code message", code=WHOLE, message=TEXT),
            {"code": 1, "message": "x"},
            {"code": 422, "message": VIOLATES},
        ),
        (
            model("statusCode error", statusCode=WHOLE, error=TEXT, description=TEXT),
            {"statusCode": 1, "error": "bad", "description": "x"},
            {"statusCode": 422, "error": "bad", "description": VIOLATES},
        ),
        (  # the code of an error is a text here: it is not the status
            model("code error_description", code=TEXT, error_description=TEXT),
            {"code": "E1", "error_description": "x"},
            {"code": "E1", "error_description": VIOLATES},
        ),
        (
            NESTED,
            {"error": {"code": 1, "message": "x", "trace": "t"}},
            {"error": {"code": 422, "message": VIOLATES, "trace": "t"}},
        ),
        # The body stays as it is where it would not be valid with the reason.
        (NARROW, {"code": 1, "detail": "x"}, {"code": 1, "detail": "x"}),
        (model("ok", ok={"type": "boolean"}), {"ok": False}, {"ok": False}),
    ],
)
@pytest.mark.parametrize("key", ["422", "4XX", "default"])
async def test_the_reason_and_the_status_stand_in_the_error(
    key: str, schema: Any, body: Any, expected: Any
) -> None:
    answer = await rejected(serving(declaring(key, schema), body), 422)
    assert answer.header("content-type") == JSON
    assert answer.json == expected
    jsonschema.validate(answer.json, schema)


async def test_what_tells_a_subschema_from_another_is_sent() -> None:
    """A model of the subschema leaves the property out, without which the other one is valid, too."""
    one = {"type": "object", "properties": {"detail": TEXT}}
    schema = {"oneOf": [one, {"type": "object", "properties": {"errors": {"type": "array"}}}]}
    answer = await rejected(serving(declaring("422", schema), {"detail": "x", "errors": True}), 422)
    assert answer.json == {"detail": "x", "errors": True}
    jsonschema.validate(answer.json, schema)


async def test_each_status_of_a_range_has_its_own() -> None:
    service = serving(declaring("default", model("code", code=WHOLE)), {"code": 0})
    assert (await rejected(service, 401)).json == {"code": 401}
    assert (await rejected(service, 422)).json == {"code": 422}
    assert (await rejected(service, 401)).header("www-authenticate") == "Bearer"


async def test_the_headers_that_an_error_must_have_are_sent() -> None:
    headers = {
        "X-Trace": {"required": True, "schema": TEXT},
        "X-Count": {"required": True, "schema": WHOLE},
        "X-More": {"schema": TEXT},
    }
    contract = declaring("4XX", model("code", code=WHOLE), headers)
    answer = await rejected(serving(contract, {"code": 0}, x_trace="t-1", x_count=3), 422)
    found = {name: answer.header(name) for name in ("x-trace", "x-count", "x-more")}
    assert found == {"x-trace": "t-1", "x-count": "3", "x-more": None}


async def test_an_error_of_text_is_the_reason() -> None:
    answer = await rejected(serving(document("4XX", {"text/plain": {"schema": TEXT}})), 422)
    assert (answer.header("content-type"), answer.body.decode()) == ("text/plain; charset=utf-8", VIOLATES)


async def test_an_error_of_a_text_that_is_not_free() -> None:
    service = serving(document("4XX", {"text/plain": {"schema": {"enum": ["No."]}}}), text="No.")
    assert (await rejected(service, 422)).body == b"No."


@pytest.mark.parametrize(
    ("media_type", "schema", "expected"),
    [
        ("application/octet-stream", {"type": "string", "format": "binary"}, VIOLATES),
        ("text/event-stream", TEXT, f"data: {VIOLATES}\n\n"),
    ],
)
async def test_an_error_that_may_be_streamed_is_the_reason(
    media_type: str, schema: Any, expected: str
) -> None:
    answer = await rejected(serving(document("4XX", {media_type: {"schema": schema}})), 422)
    assert (answer.header("content-type"), answer.body.decode()) == (media_type, expected)


async def test_an_error_of_bytes_that_are_not_free() -> None:
    service = serving(document("4XX", {"application/zip": {"schema": model("code")}}), text='{"code": 1}')
    assert (await rejected(service, 422)).body == b'{"code": 1}'


async def test_an_error_of_a_range_of_media_types() -> None:
    answer = await rejected(serving(document("4XX", {"image/*": {"schema": TEXT}})), 422)
    assert (answer.header("content-type"), answer.body.decode()) == ("image/example", VIOLATES)


@pytest.mark.parametrize(
    ("media_type", "before", "after"),
    [
        ("application/jsonl", "", "\n"),
        ("application/json-seq", "\x1e", "\n"),
        ("text/event-stream", "data: ", "\n\n"),
    ],
)
async def test_an_error_of_a_sequence_is_one_item(media_type: str, before: str, after: str) -> None:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/SaveError"}}
    contract = document("4XX", {media_type: {"schema": schema}})
    contract["components"]["schemas"] = {"SaveError": model("code message", code=WHOLE, message=TEXT)}
    answer = await rejected(serving(contract, {"code": 1, "message": "x"}), 422)
    text = answer.body.decode()
    assert answer.header("content-type") == media_type
    assert (text.startswith(before), text.endswith(after)) == (True, True)
    assert json.loads(text.removeprefix(before)) == {"code": 422, "message": VIOLATES}


async def test_an_error_of_several_media_types_is_of_the_first_one() -> None:
    schema = {"$ref": "#/components/schemas/SaveError"}
    contract = document("4XX", {"application/vnd.shop+json": {"schema": schema}, JSON: {"schema": schema}})
    contract["components"]["schemas"] = {"SaveError": model("code", code=WHOLE)}
    answer = await rejected(serving(contract, {"code": 0}), 422)
    assert (answer.header("content-type"), answer.json) == ("application/vnd.shop+json", {"code": 422})


async def test_a_body_that_is_rejected_twice_is_not_changed_in_between() -> None:
    """The host keeps one body of each model for all requests."""
    body = {"error": {"code": 1, "message": "x", "trace": "t"}}
    service = serving(declaring("default", NESTED), body)
    await rejected(service, 422)
    await rejected(service, 401)
    assert body == {"error": {"code": 1, "message": "x", "trace": "t"}}


async def test_a_rejection_without_a_body_of_its_schema_is_a_problem() -> None:
    """No value is valid by the schema, so the host has none."""
    schema = {"allOf": [model("code", code=TEXT), {"type": "object", "required": ["errors"]}]}
    answer = await serving(declaring("4XX", schema)).ask("POST", "/things")
    assert (answer.status, answer.json["title"]) == (401, "Unauthorized")
