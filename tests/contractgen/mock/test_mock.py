"""The mock: the contract served by its own generated routes, from its examples and schemas."""

import asyncio
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from contractgen.commands.cli import main
from contractgen.document.load import load
from contractgen.mock.application import create_mock
from contractgen.mock.values import Values
from contractgen.schema.normal import normal_form
from contractgen_runtime.mocking.preferences import parse_preferences
from contractgen_runtime.testing.checker import Checker
from contractgen_runtime.testing.witness import serving
from tests.contract.document import CONTRACT
from tests.contractgen.packages import contract, golden_folder, read_document
from tests.contractgen.schema.test_keywords import KEYWORDS, document_of
from tests.tiers import slow

SPEC = Path(__file__).parents[3] / "openapi" / "openapi.yaml"
ID = "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
TOKEN = {"Authorization": "Bearer anything"}
CHECKER = Checker(CONTRACT, problem_schema="#/components/schemas/Problem", admits_problems=False)
# Operations of the project's contract: a request, and the status of its first success.
REQUESTS: dict[str, tuple[str, str, Any, int]] = {
    "livez": ("GET", "/livez", None, 200),
    "readyz": ("GET", "/readyz", None, 200),
    "register_user": (
        "POST",
        "/api/v1/auth/register",
        {"email": "a@example.com", "password": "analytical engine", "full_name": "Ada"},
        201,
    ),
    "login": ("POST", "/api/v1/auth/login", {"email": "a@example.com", "password": "x"}, 200),
    "get_me": ("GET", "/api/v1/users/me", None, 200),
    "list_users": ("GET", "/api/v1/users?page=2", None, 200),
    "get_user": ("GET", f"/api/v1/users/{ID}", None, 200),
    "update_user": ("PATCH", f"/api/v1/users/{ID}", {"full_name": "Ada King"}, 200),
    "notify_user": ("POST", f"/api/v1/users/{ID}/notify", {"subject": "Hi", "body": "There."}, 202),
    "list_posts": ("GET", "/api/v1/posts", None, 200),
    "create_post": ("POST", "/api/v1/posts", {"title": "Notes", "content": "Text."}, 201),
    "get_post": ("GET", f"/api/v1/posts/{ID}", None, 200),
    "update_post": ("PATCH", f"/api/v1/posts/{ID}", {"is_published": True}, 200),
    "delete_post": ("DELETE", f"/api/v1/posts/{ID}", None, 204),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return create_mock(load(SPEC), tmp_path_factory.mktemp("mock")).app


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client that holds every answer against the contract."""
    async with serving(app, CHECKER) as client:
        yield client


@pytest.mark.parametrize("operation", REQUESTS)
async def test_an_operation_answers_its_first_success(client: httpx.AsyncClient, operation: str) -> None:
    method, path, body, status = REQUESTS[operation]
    answer = await client.request(method, path, json=body, headers=TOKEN | {"If-Match": "*"})
    assert answer.status_code == status


async def test_requests_are_checked_as_by_the_service(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/users/me")).status_code == 401
    invalid = {"Authorization": "Bearer invalid"}
    assert (await client.get("/api/v1/users/me", headers=invalid)).status_code == 401
    user = {"Authorization": "Bearer role:user,moderator"}
    assert (await client.get("/api/v1/users/me", headers=user)).status_code == 200
    assert (await client.get("/api/v1/users", headers=user)).status_code == 403
    admin = {"Authorization": "Bearer role:admin"}
    assert (await client.get("/api/v1/users", headers=admin)).status_code == 200
    assert (await client.get("/api/v1/posts?limit=0")).status_code == 422


@pytest.mark.parametrize(("sent", "kept"), [("mine-1", True), ("not fit", False), ("", False)])
@pytest.mark.parametrize(
    ("path", "status"), [("/livez", 200), ("/livez?x=1", 422), ("/api/v1/users/me", 401)]
)
async def test_every_response_has_the_headers_that_the_server_sends(
    client: httpx.AsyncClient, path: str, status: int, sent: str, *, kept: bool
) -> None:
    answer = await client.get(path, headers={"X-Request-Id": sent})
    assert answer.status_code == status
    assert (answer.headers["x-request-id"] == sent) is kept
    assert len(answer.headers["x-request-id"]) == (len(sent) if kept else 32)


async def test_a_client_may_prefer_another_answer(client: httpx.AsyncClient) -> None:
    prefer = TOKEN | {"Prefer": "code=404"}
    answer = await client.get(f"/api/v1/users/{ID}", headers=prefer)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/user-not-found"
    answer = await client.get("/api/v1/posts", headers={"Prefer": 'code=200, example="last"'})
    assert answer.json()["next_cursor"] is None


@pytest.mark.parametrize("prefer", ["code=418", "code=x", "example=none"])
async def test_a_preference_that_cannot_be_met_is_told(app: Any, prefer: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/api/v1/posts", headers={"Prefer": prefer})
    assert answer.status_code == 400
    assert "Prefer: " in answer.json()["detail"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("code=404", {"code": "404"}),
        ('Code = "404"; x=1, example=a', {"code": "404", "example": "a"}),
        ("code=1, code=2", {"code": "1"}),
        ("respond-async, ;;, =", {}),
    ],
)
def test_parse_preferences(text: str, found: dict[str, str]) -> None:
    assert parse_preferences(text) == found


@pytest.mark.parametrize("name", [name for name in KEYWORDS if name != "false"])
def test_a_value_of_every_keyword_is_valid(tmp_path: Path, name: str) -> None:
    schema = KEYWORDS[name][0]
    document = normal_form(read_document(tmp_path, document_of({"Value": schema})))
    values = Values(document, "response")
    pointer = "/components/schemas/Value"
    made = values.make(pointer)
    assert values.is_valid(pointer, made), made
    assert Values(document, "response").make(pointer) == made


@pytest.mark.parametrize("pattern", ["^[A-Z]{3}$", "^x-[a-z]+$"])
def test_names_by_a_pattern_are_as_many_as_required(pattern: str, tmp_path: Path) -> None:
    named = {"patternProperties": {pattern: {"type": "number"}}, "additionalProperties": False}
    schema = {"type": "object", "minProperties": 3, **named}
    values = Values(normal_form(read_document(tmp_path, document_of({"Value": schema}))), "response")
    assert len(values.make("/components/schemas/Value")) == 3


def test_a_value_of_the_last_alternative_is_valid(tmp_path: Path) -> None:
    """Every value of the first alternatives is one of the last, too, and there are hundreds."""
    required = [f"field_{number}" for number in range(20)]
    flags = [
        {"type": "object", "required": ["value"], "properties": {"value": {"type": name}}}
        for name in ("boolean", "string", "integer", "number")
    ]
    both = {"type": "object", "required": required, "oneOf": [*flags, {"type": "object"}]}
    schema = both | {"properties": {name: {"type": "string"} for name in required}}
    values = Values(normal_form(read_document(tmp_path, document_of({"Value": schema}))), "response")
    assert jsonschema.Draft202012Validator(schema).is_valid(values.make("/components/schemas/Value"))


@pytest.mark.parametrize(("name", "kind"), [("Value", "cat"), ("Dog", "dog"), ("Other", "text")])
def test_a_discriminator_has_a_value_of_its_mapping(name: str, kind: str, tmp_path: Path) -> None:
    mapping = {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}
    value: Any = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    schemas = {
        "Value": value | {"discriminator": {"propertyName": "kind", "mapping": mapping}},
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Value"}]},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Value"}, {"properties": {"age": {}}}]},
        "Other": value,
    }
    values = Values(normal_form(read_document(tmp_path, document_of(schemas))), "response")
    assert values.make(f"/components/schemas/{name}")["kind"] == kind


@pytest.mark.parametrize("union", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("mapping", "kind", "expected"),
    [
        ({}, {"type": "string"}, "Cat"),
        ({"dog": "#/components/schemas/Dog"}, {"type": "string"}, "Cat"),
        ({"cat": "#/components/schemas/Cat"}, {"type": "string"}, "cat"),
        ({}, {"const": "a cat"}, "a cat"),
        ({}, {"type": "integer"}, "Dog"),
    ],
)
def test_a_discriminator_of_a_union_names_its_subschema(
    union: str, mapping: dict[str, str], kind: Any, expected: object, tmp_path: Path
) -> None:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")]
    schemas = {
        "Value": {union: references, "discriminator": {"propertyName": "kind", "mapping": mapping}},
        "Cat": {"type": "object", "required": ["kind", "cat"], "properties": {"kind": kind, "cat": {}}},
        "Dog": {"type": "object", "required": ["kind", "dog"], "properties": {"kind": {}, "dog": {}}},
    }
    values = Values(normal_form(read_document(tmp_path, document_of(schemas))), "response")
    assert values.make("/components/schemas/Value")["kind"] == expected


def test_a_union_of_more_subschemas_than_are_tried_with_both_names(tmp_path: Path) -> None:
    """No name of a component is valid, so that only the schemas themselves are."""
    names = [f"S{number}" for number in range(10)]
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    kind = {"type": "string", "maxLength": 1}
    each: Any = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": kind},
        "additionalProperties": False,
    }
    schemas = dict.fromkeys(names, each) | {
        "S0": {**each, "required": ["kind", "x"], "properties": {"kind": kind, "x": {}}}
    }
    value = {"oneOf": references, "discriminator": {"propertyName": "kind"}}
    values = Values(
        normal_form(read_document(tmp_path, document_of({"Value": value, **schemas}))), "response"
    )
    assert values.make("/components/schemas/Value").keys() == {"kind", "x"}


def test_objects_that_require_nothing_are_told_apart(tmp_path: Path) -> None:
    """Each admits the properties of the other, so most values are those of both, which oneOf rejects."""
    some = {"type": "object", "properties": {"name": {"type": "string"}}}
    other = {"type": "object", "properties": {"name": {}, "progress": {"$ref": "#/components/schemas/Done"}}}
    schemas = {"Value": {"oneOf": [some, other]}, "Done": {"type": "integer"}}
    values = Values(normal_form(read_document(tmp_path, document_of(schemas))), "response")
    made = values.make("/components/schemas/Value")
    assert (made["name"], type(made["progress"])) == ("text", bool)


async def test_another_contract(tmp_path: Path) -> None:
    """The golden contract has answers without examples: they are made from their schemas."""
    spec = golden_folder("library") / "_contract.yaml"
    app = create_mock(load(spec), tmp_path).app
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get(f"/books/{ID}", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.json()["title"]


@pytest.mark.parametrize(("required", "coding"), [(False, None), (True, "identity")])
async def test_a_coding_that_the_body_does_not_have_is_not_sent(
    tmp_path: Path, required: bool, coding: str | None
) -> None:
    document = contract()
    header = {"required": required, "schema": {"type": "string"}, "example": "gzip"}
    document["components"]["responses"]["Thing"]["headers"]["Content-Encoding"] = header
    app = create_mock(read_document(tmp_path, document), tmp_path / "mock").app
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get(f"/things/{ID}")
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, coding)
    assert answer.json()["name"]


@slow
def test_it_listens_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "contractgen", "mock", str(SPEC), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[0]
        with urllib.request.urlopen(f"{url}/livez", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert re.search(r" serves [0-9]+ operations; docs: ", line)


async def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await asyncio.to_thread(_run, port) == 2
    assert capsys.readouterr().err.count("\n") == 1
    server.close()


def _run(port: int) -> int:
    def ignore(*_: object) -> None:
        """Signals are the main thread's."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contractgen.commands.mock.signal.signal", ignore)
        return main(["mock", str(SPEC), "--port", str(port)])
