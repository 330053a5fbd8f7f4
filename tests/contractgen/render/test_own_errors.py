"""Refusals in a contract's own error schema: generated code asks the host what they look like."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contractgen.mock.application import create_mock
from contractgen.plan.planner import make_plan
from contractgen.render.package import render
from tests.contractgen.packages import import_package, read_document, write_package
from tests.contractgen.service import Service, ask

ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "additionalProperties": False,
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}},
}
WORDS = {"detail": {"type": "string", "pattern": r"^[a-zA-Z0-9À-ž .\-(),]{1,200}$"}}
JSON = "application/json"


def document(key: str, *, success: str = JSON, **error: Any) -> dict[str, Any]:
    body = {"required": True, "content": {JSON: {"schema": {"type": "object", "required": ["name"]}}}}
    failure = {"description": "It failed.", **error}
    success_response = {"description": "Done.", "content": {success: {"schema": {"type": "string"}}}}
    operation = {
        "operationId": "save",
        "tags": ["things"],
        "security": [{"key": []}],
        "requestBody": body,
        "responses": {"200": success_response, key: failure},
    }
    schemes = {"key": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Errors", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": {"securitySchemes": schemes},
    }


def own(key: str, media_type: str = JSON, schema: Any = ERROR, **more: Any) -> dict[str, Any]:
    return document(key, content={media_type: {"schema": schema}}, **more)


TRACE = {"X-Trace": {"required": True, "schema": {"type": "string"}}}


@pytest.mark.parametrize(
    ("spec", "is_own"),
    [
        (own("default"), True),
        (own("4XX"), True),
        (own("422"), True),
        (own("404"), False),  # a handler's alone
        (own("422", "application/octet-stream"), True),
        (own("422", "image/*", {"type": "string", "format": "binary"}), True),
        (own("422", "text/event-stream"), True),
        (own("422", "application/jsonl"), True),
        (document("422", content={"image/png": {}, "application/problem+json": {"schema": PROBLEM}}), False),
        (document("422", content={"image/png": {}, JSON: {"schema": ERROR}}), True),
        (own("422", "application/problem+json", PROBLEM), False),
        (own("422", "application/problem+json", {**PROBLEM, "required": ["trace"]}), True),
        (own("422", "application/problem+json", PROBLEM, headers=TRACE), True),
        (own("422", "application/problem+json", {**PROBLEM, "properties": WORDS}), True),
        (document("default"), False),
        (document("422", headers=TRACE), True),
        (document("422", headers={"Retry-After": {**TRACE["X-Trace"]}}), False),
    ],
    ids=range(17),
)
def test_which_errors_are_the_contracts_own(tmp_path: Path, spec: dict[str, Any], is_own: bool) -> None:
    read = read_document(tmp_path, spec)
    assert bool(make_plan(read).operations[0].own_errors) is is_own
    assert (b"def refused(" in render(read)["operations.py"]) is is_own


def test_the_form_that_says_most_is_the_first(tmp_path: Path) -> None:
    media_types = ["text/event-stream", "application/jsonl", "image/png", "text/plain", JSON]
    spec = document("422", content={each: {"schema": ERROR} for each in media_types})
    own_errors = make_plan(read_document(tmp_path, spec)).operations[0].own_errors
    assert [each.content.media_types[0] for each in own_errors if each.content] == [
        JSON,
        "text/plain",
        "image/png",
        "application/jsonl",
        "text/event-stream",
    ]


@pytest.mark.parametrize("success", [JSON, "application/octet-stream"])
async def test_the_mock_refuses_in_the_contracts_own_words(tmp_path: Path, success: str) -> None:
    spec = own("default", success=success, headers=TRACE)
    app = create_mock(read_document(tmp_path, spec), tmp_path).app
    good = [("authorization", "Bearer x"), ("content-type", JSON)]
    answers = {
        401: await ask(app, "POST", "/things"),
        415: await ask(app, "POST", "/things", headers=[good[0], ("content-type", "text/plain")]),
        400: await ask(app, "POST", "/things", headers=good, body=b"{"),
        422: await ask(app, "POST", "/things", headers=good, body=b"{}"),
    }
    for status, answer in answers.items():
        assert (answer.status, answer.header("content-type")) == (status, JSON)
        assert answer.json.keys() == {"code", "message"}
        assert answer.json["code"] == status
        assert answer.header("x-trace")
    assert answers[401].header("www-authenticate") == "Bearer"
    assert answers[422].json["message"] == "The request violates the contract."


@pytest.mark.parametrize(
    "media_type", ["application/x-ndjson", "application/octet-stream", "text/event-stream"]
)
async def test_the_mock_rejects_in_bytes_and_sequences(tmp_path: Path, media_type: str) -> None:
    app = create_mock(read_document(tmp_path, own("default", media_type)), tmp_path).app
    answer = await ask(app, "POST", "/things")
    assert (answer.status, answer.header("content-type")) == (401, media_type)
    assert b'"code"' in answer.body


async def test_the_mock_sends_the_headers_of_an_error_without_content(tmp_path: Path) -> None:
    app = create_mock(read_document(tmp_path, document("default", headers=TRACE)), tmp_path).app
    answer = await ask(app, "POST", "/things")
    assert (answer.status, answer.header("www-authenticate"), answer.body) == (401, "Bearer", b"")
    assert answer.header("x-trace")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda package, refusal: package.responses.SaveDefault(_error(package), status=refusal.status), 401),
        (lambda package, _: package.responses.SaveDefault(_error(package), status=200), 500),
        (lambda package, _: package.responses.Save200("x"), 500),
        (lambda package, _: None, 500),
    ],
)
async def test_a_service_refuses_with_a_declared_error_or_has_failed(
    tmp_path: Path, made: Any, expected: int
) -> None:
    package = import_package(
        f"own_errors_{expected}", write_package(read_document(tmp_path, own("default")), tmp_path / "own")
    )
    service = Service(package)
    (route,) = [each for each in service.app.routes if hasattr(each, "own_refusal")]
    assert route.own_refusal is None  # a host without the method refuses by RFC 9457
    route.own_refusal = lambda refusal, _operation, _scope: made(package, refusal)
    answer = await ask(service.app, "POST", "/things")
    assert answer.status == expected
    is_own = expected == 401
    assert answer.header("content-type") == (JSON if is_own else "application/problem+json")


async def test_a_rejection_that_waits_is_a_failure_of_the_service(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        await asyncio.sleep(0)
        yield b"no"

    spec = own("422", "application/octet-stream")
    package = import_package(
        "own_errors_waiting", write_package(read_document(tmp_path, spec), tmp_path / "own")
    )
    service = Service(package)
    (route,) = [each for each in service.app.routes if hasattr(each, "own_refusal")]
    route.own_refusal = lambda *_: package.responses.Save422(chunks())
    answer = await service.ask("POST", "/things", token="x", json={})
    assert (answer.status, answer.header("content-type")) == (500, "application/problem+json")


def _error(package: Any) -> Any:
    return package.models.SaveDefaultBody(code=1, message="no")


@pytest.mark.parametrize("name", ["in", "location"])
async def test_violations_say_where_by_the_name_that_the_contract_has(tmp_path: Path, name: str) -> None:
    violation = {
        "type": "object",
        "additionalProperties": False,
        "required": [name, "pointer", "detail"],
        "properties": {each: {"type": "string"} for each in (name, "pointer", "detail")},
    }
    schema = {**PROBLEM, "properties": {"errors": {"type": "array", "items": violation}}}
    read = read_document(tmp_path, own("422", "application/problem+json", schema))
    assert make_plan(read).operations[0].own_errors == ()
    service = Service(import_package(f"violations_{name}", write_package(read, tmp_path / "package")))
    answer = await service.ask("POST", "/things", token="any", json={})
    (found,) = answer.json["errors"]
    assert (answer.status, found.keys(), found[name]) == (422, {name, "pointer", "detail"}, "body")
