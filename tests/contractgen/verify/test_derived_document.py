"""What the routes of a package execute equals its contract, and would show if it did not."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import create_model

import pressroom_api
from contractgen.document.findings import Finding
from contractgen.document.load import load
from contractgen.plan.contract import Contract
from contractgen.plan.planner import make_plan
from contractgen.verify.compare import compare
from contractgen.verify.declared import declared
from contractgen.verify.derived import derived
from contractgen_runtime.converters import Integer
from contractgen_runtime.forms import Encoding
from contractgen_runtime.styles import Style
from tests.contractgen.packages import (
    GOLDEN,
    THING,
    golden_package,
    import_package,
    read_document,
    write_package,
)
from tests.contractgen.packages import contract as contract_of_things
from tests.contractgen.service import Service
from tests.tiers import slow

pytestmark = slow  # Each derives the document of a mounted package.

OWN = Path(__file__).parents[3] / "openapi" / "openapi.yaml"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return make_plan(load(OWN))


@pytest.fixture
def service() -> Service:
    return Service(pressroom_api)


@pytest.fixture
def change() -> Iterator[Callable[[Any, str, Any], None]]:
    """Set a field of a live table, frozen or not, until the end of the test."""
    undo: list[tuple[Any, str, Any]] = []

    def set_field(table: Any, name: str, value: Any) -> None:
        undo.append((table, name, getattr(table, name)))
        if isinstance(table, type):
            setattr(table, name, value)
        else:
            object.__setattr__(table, name, value)

    yield set_field
    for table, name, value in reversed(undo):
        if isinstance(table, type):
            setattr(table, name, value)
        else:
            object.__setattr__(table, name, value)


def parameter(service: Service, operation_id: str, name: str) -> Any:
    (found,) = [p for p in service.operation(operation_id).parameters if p.name == name]
    return found


def differences(service: Service, contract: Contract) -> list[Finding]:
    return compare(contract.document, declared(contract), derived(service.app))


def test_the_routes_equal_the_contract(service: Service, contract: Contract) -> None:
    assert list(derived(service.app)) != []
    assert differences(service, contract) == []


@pytest.mark.parametrize("case", sorted(path.parent.name for path in GOLDEN.glob("*/openapi.yaml")))
def test_the_routes_of_golden_packages_equal_their_contracts(case: str) -> None:
    contract = make_plan(load(GOLDEN / case / "openapi.yaml"))
    assert differences(Service(golden_package(case)), contract) == []


def _page(service: Service) -> Any:
    return parameter(service, "listUsers", "page")


BREAKS: dict[str, tuple[Callable[[Service], Any], str, Any]] = {
    "a bound": (lambda service: _page(service).convert, "maximum", 7),
    "a lower bound": (lambda service: _page(service).convert, "minimum", None),
    "a default": (_page, "default", 2),
    "required": (_page, "required", True),
    "a place": (_page, "location", "path"),
    "a name": (_page, "name", "pages"),
    "a role": (
        lambda service: service.operation("listUsers"),
        "security",
        ({"bearerAuth": ("moderator",)},),
    ),
    "an alternative": (lambda service: service.operation("listPosts"), "security", ({},)),
    "a status": (lambda service: service.operation("getUser").responses[0], "status", 201),
    "a media type": (
        lambda service: service.operation("getUser").responses[0],
        "encode",
        lambda _: (200, [(b"content-type", b"text/plain")], b""),
    ),
    "a header": (
        lambda service: service.operation("registerUser").responses[0],
        "encode",
        lambda _: (201, [(b"content-type", b"application/json")], b""),
    ),
    "the model of an answer": (
        lambda service: service.operation("getUser").responses[0],
        "model",
        create_model("User", __base__=pressroom_api.models.User, more=(str, ...)),
    ),
    "the model of a body": (
        lambda service: service.operation("createPost").body.contents[0],
        "model",
        pressroom_api.models.Problem,
    ),
    "a response": (lambda service: service.operation("getUser"), "responses", ()),
    "a size": (lambda service: service.operation("createPost").body.contents[0], "max_bytes", 1),
    "a body's media type": (
        lambda service: service.operation("createPost").body.contents[0],
        "media_type",
        "text/plain",
    ),
    "a body that may be left out": (lambda service: service.operation("createPost").body, "required", False),
    "a body": (lambda service: service.operation("createPost"), "body", None),
    "a method": (lambda service: service.operation("createPost"), "method", "PUT"),
    "a path": (lambda service: service.operation("createPost"), "path", "/post"),
    "a tag": (lambda service: service.operation("createPost"), "tag", "users"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_table_would_differ(
    service: Service, contract: Contract, change: Callable[[Any, str, Any], None], name: str
) -> None:
    find, field, value = BREAKS[name]
    change(find(service), field, value)
    assert differences(service, contract)


def test_a_changed_document_would_differ(service: Service, contract: Contract) -> None:
    value = copy.deepcopy(contract.document.value)
    value["components"]["schemas"]["Title"]["maxLength"] += 1
    changed = replace(contract, document=replace(contract.document, value=value))
    assert [finding.pointer for finding in differences(service, changed)]


# A contract of every kind of part, each broken in a live object ------------------------------------------


def _parts() -> Any:
    document = contract_of_things()
    get, put = document["paths"][THING]["get"], document["paths"][THING]["put"]
    word, thing = {"type": "string", "maxLength": 5}, {"$ref": "#/components/schemas/Thing"}
    words = {"type": "array", "items": word}
    get["parameters"] += [
        {"name": "colours", "in": "query", "style": "pipeDelimited", "schema": words},
        {"name": "size", "in": "query", "style": "deepObject", "schema": thing},
        {"name": "X-Limit", "in": "header", "schema": {"type": "integer", "maximum": 9, "default": 3}},
        {"name": "seen", "in": "cookie", "schema": {"type": "boolean"}},
        {"name": "where", "in": "query", "content": {"application/json": {"schema": {"multipleOf": 2}}}},
        {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}},
        {"name": "even", "in": "query", "schema": {"type": "integer", "multipleOf": 2}},
    ]
    get["responses"]["4XX"] = {
        "description": "No.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    get["security"] = [{"bearerAuth": ["reader", "writer"]}, {}]
    put["requestBody"]["content"]["text/plain"] = {"schema": word}
    put["requestBody"]["content"]["application/x-www-form-urlencoded"] = {
        "schema": {"type": "object", "properties": {"colours": words}},
        "encoding": {"colours": {"style": "spaceDelimited"}},
    }
    part = {
        "contentType": "image/png",
        "headers": {"X-Size": {"required": True, "schema": {"type": "integer"}}},
    }
    put["requestBody"]["content"]["multipart/form-data"] = {
        "schema": {"type": "object", "properties": {"picture": {"type": "string", "format": "binary"}}},
        "encoding": {"picture": part},
    }
    document["components"]["schemas"]["Thing"]["properties"]["tags"] = {
        "type": "array",
        "uniqueItems": True,
        "items": {"type": "string", "pattern": "^[a-z]+$", "format": "email"},
    }
    return document


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Contract]:
    folder = tmp_path_factory.mktemp("derived")
    document = read_document(folder, _parts())
    package = import_package("derived_parts", write_package(document, folder / "derived_parts"))
    return package, make_plan(document)


Find = Callable[[Service], Any]


def _of(name: str) -> Find:
    return lambda service: parameter(service, "get_thing", name)


def _in(name: str, *path: str) -> Find:
    """The object at a path of attributes below a parameter."""

    def find(service: Service) -> Any:
        found = parameter(service, "get_thing", name)
        for each in path:
            found = getattr(found, each)
        return found

    return find


def _body(index: int, *path: str) -> Find:
    def find(service: Service) -> Any:
        found = service.operation("put_thing").body.contents[index]
        for each in path:
            found = getattr(found, each)
        return found

    return find


def _schema(*path: str) -> Find:
    """A schema in the live registry that bodies and parameters are checked against."""

    def find(service: Service) -> Any:
        found = service.operation("put_thing").body.contents[0].exact_check.schemas.document
        for each in ("components", "schemas", "Thing", *path):
            found = found[each]
        return found

    return find


PART_BREAKS: dict[str, tuple[Find, str, Any]] = {
    "a style": (_of("colours"), "style", Style("form")),
    "explode": (_of("colours"), "style", Style("pipeDelimited", explode=True)),
    "a reserved character": (_of("colours"), "style", Style("pipeDelimited", allow_reserved=True)),
    "a deep object": (_of("size"), "style", Style("form", explode=True)),
    "an empty value": (_of("size"), "allow_empty", True),
    "a bound of a header": (_in("X-Limit", "convert"), "maximum", 10),
    "a default": (_of("X-Limit"), "default", 4),
    "a default that is none": (_of("X-Limit"), "default", None),
    "another converter": (_of("seen"), "convert", Integer()),
    "a length": (_in("word", "convert"), "max_length", 6),
    "a pattern": (_in("word", "convert"), "pattern", "a"),
    "a choice": (_in("kind", "convert"), "choices", {"a": "a"}),
    "the schema of a list": (_in("colours", "typed"), "pointer", "/components/schemas/Thing"),
    "the media type of a parameter": (_of("where"), "media_type", "text/plain"),
    "one role of two": (
        lambda service: service.operation("get_thing"),
        "security",
        ({"bearerAuth": ("reader",)}, {}),
    ),
    "an anonymous caller": (
        lambda service: service.operation("get_thing"),
        "security",
        ({"bearerAuth": ("reader", "writer")},),
    ),
    "a body's check": (_body(0, "exact_check"), "pointer", "/components/schemas"),
    "the check of text": (_body(1, "exact_check"), "pointer", "/components/schemas/Thing"),
    "no check": (_body(0), "exact_check", None),
    "the style of a member": (_body(2), "encoding", {"colours": Encoding(Style("form", explode=True))}),
    "the encoding of a member": (_body(2), "encoding", {}),
    "the media type of a part": (_body(3), "encoding", {"picture": Encoding()}),
    "the header of a part": (
        _body(3),
        "encoding",
        {"picture": Encoding(content_types=("image/png",))},
    ),
    "a file": (_body(3), "files", frozenset()),
    "the check of a form": (_body(2, "coercion"), "pointer", "/components/schemas/Thing"),
    "a media type of a body": (_body(1), "media_type", "text/html"),
    "a range": (lambda service: service.operation("get_thing").responses[1], "status_range", "5XX"),
    "the statuses of a range": (lambda service: service.operation("get_thing"), "permitted", {}),
}
SCHEMA_BREAKS: dict[str, tuple[Find, str, Any]] = {
    "a maximum length": (_schema("properties", "name"), "maxLength", 6),
    "a type": (_schema("properties", "name"), "type", "integer"),
    "null": (_schema("properties", "note"), "type", "string"),
    "what is required": (_schema(), "required", []),
    "other members": (_schema(), "additionalProperties", True),
    "a keyword of its own": (_schema("properties", "tags"), "uniqueItems", False),
    "an expression": (_schema("properties", "tags", "items"), "pattern", "^[a-z]$"),
    "a format": (_schema("properties", "tags", "items"), "format", "uri"),
    "a keyword more": (_schema("properties", "name"), "minLength", 1),
}


def test_the_routes_of_every_part_equal_the_contract(parts: tuple[Any, Contract]) -> None:
    assert differences(Service(parts[0]), parts[1]) == []


@pytest.mark.parametrize("name", PART_BREAKS)
def test_a_broken_part_would_differ(
    parts: tuple[Any, Contract], change: Callable[[Any, str, Any], None], name: str
) -> None:
    service = Service(parts[0])
    find, field, value = PART_BREAKS[name]
    change(find(service), field, value)
    assert differences(service, parts[1])


@pytest.mark.parametrize("name", SCHEMA_BREAKS)
def test_a_broken_schema_would_differ(
    parts: tuple[Any, Contract], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    service = Service(parts[0])
    find, keyword, value = SCHEMA_BREAKS[name]
    monkeypatch.setitem(find(service), keyword, value)
    assert differences(service, parts[1])


# The tables are what is executed ------------------------------------------------------------------------


async def test_a_changed_bound_is_what_the_service_takes(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    async def status(page: int) -> int:
        return (await service.ask("GET", f"/api/v1/users?page={page}", token="admin")).status

    service.answers["list_users"] = pressroom_api.responses.ListUsers200(
        {"items": [], "total": 0, "page": 1, "size": 20, "pages": 0, "has_next": False, "has_prev": False}
    )
    assert [await status(8), await status(7)] == [200, 200]
    change(_page(service).convert, "maximum", 7)
    assert [await status(8), await status(7)] == [422, 200]


async def test_a_changed_role_is_what_the_service_asks_for(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    async def status(role: str) -> int:
        return (await service.ask("GET", "/api/v1/users?x=1", token=role)).status

    assert [await status("admin"), await status("moderator")] == [422, 403]
    change(service.operation("listUsers"), "security", ({"bearerAuth": ("moderator",)},))
    assert [await status("admin"), await status("moderator")] == [403, 422]


async def test_a_changed_size_is_what_the_service_takes(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    async def status() -> int:
        return (await service.ask("POST", "/api/v1/posts", token="user", json={})).status

    assert await status() == 422
    change(service.operation("createPost").body.contents[0], "max_bytes", 1)
    assert await status() == 413


async def test_a_changed_required_is_what_the_service_asks_for(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    change(parameter(service, "listUsers", "role"), "required", True)
    answer = await service.ask("GET", "/api/v1/users", token="admin")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/role"]


async def test_a_changed_default_is_what_the_handler_gets(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    service.answers["list_users"] = None
    change(_page(service), "default", 2)
    await service.ask("GET", "/api/v1/users", token="admin")
    assert service.call["page"] == 2
