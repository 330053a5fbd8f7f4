"""Parameters of every place, style and schema: sent as text, received as what the contract says."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import MISSING

from contractgen.document.findings import ContractError
from contractgen.render.package import render
from tests.contractgen.packages import import_package, read_document, write_package
from tests.contractgen.service import Service

Serve = Callable[..., Service]
S: dict[str, Any] = {"type": "string"}
I: dict[str, Any] = {"type": "integer"}  # noqa: E741 - as short as what it stands for
LIST: dict[str, Any] = {"type": "array", "items": I}
WORDS: dict[str, Any] = {"type": "array", "items": S}
POINT: dict[str, Any] = {
    "type": "object",
    "properties": {"x": I, "y": I},
    "required": ["x"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "additionalProperties": I}
REFUSED: Any = ...


def document_of(*parameters: dict[str, Any], path: str = "/t", openapi: str = "3.1.0", **more: Any) -> Any:
    operation: dict[str, Any] = {"operationId": "get_it", "tags": ["t"], "parameters": list(parameters)}
    operation["responses"] = {"204": {"description": "Done."}}
    info = {"title": "Parameters", "version": "1"}
    return {"openapi": openapi, "info": info, "paths": {path: {"get": operation | more}}}


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    def start(*parameters: dict[str, Any], **more: Any) -> Service:
        document = read_document(tmp_path, document_of(*parameters, **more))
        name = f"parameters_{abs(hash(tmp_path))}"
        service = Service(import_package(name, write_package(document, tmp_path / name)))
        service.answers["get_it"] = service.package.responses.GetIt204()
        return service

    return start


def query(schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": "p", "in": "query", "schema": schema, **more}


def plain(value: Any) -> Any:
    """A model as the dict of what was sent for it."""
    return value.model_dump(exclude_unset=True) if hasattr(value, "model_dump") else value


async def received(service: Service, target: str, headers: list[tuple[str, str]] | None = None) -> Any:
    """What the handler gets for the parameter `p`, or REFUSED."""
    service.calls.clear()
    answer = await service.ask("GET", target, headers=headers or [])
    if answer.status == 422:
        assert not service.calls
        assert answer.json["errors"]
        return REFUSED
    assert answer.status == 204, answer.json
    return plain(service.call["p"])


QUERIES: list[tuple[Any, dict[str, Any], str, Any]] = [
    # schema, style, query, value
    (LIST, {}, "p=1&p=2", [1, 2]),
    (LIST, {}, "p=1", [1]),
    (LIST, {}, "p=", []),
    (LIST, {}, "", None),
    (LIST, {}, "p=1&p=x", REFUSED),
    (LIST, {}, "p=1,2", REFUSED),
    (WORDS, {}, "p=a%2Cb&p=c", ["a,b", "c"]),
    (WORDS, {}, "p=a+b", ["a b"]),
    (WORDS | {"maxItems": 1}, {}, "p=a&p=b", REFUSED),
    (WORDS | {"uniqueItems": True}, {}, "p=a&p=a", REFUSED),
    (LIST, {"explode": False}, "p=1,2", [1, 2]),
    (LIST, {"explode": False}, "p=1%2C2", [1, 2]),
    (LIST, {"explode": False}, "p=1&p=2", REFUSED),
    (LIST, {"explode": False}, "p=", []),
    (WORDS, {"explode": False}, "p=a%2Cb,c", ["a,b", "c"]),
    (LIST, {"style": "spaceDelimited", "explode": False}, "p=1%202", [1, 2]),
    (LIST, {"style": "spaceDelimited", "explode": False}, "p=1+2", [1, 2]),
    (LIST, {"style": "spaceDelimited", "explode": True}, "p=1&p=2", [1, 2]),
    (LIST, {"style": "pipeDelimited", "explode": False}, "p=1|2", [1, 2]),
    (LIST, {"style": "pipeDelimited", "explode": False}, "p=1%7c2", [1, 2]),
    (POINT, {}, "x=1&y=2", {"x": 1, "y": 2}),
    (POINT, {}, "y=2", REFUSED),
    (POINT, {}, "x=1&z=2", REFUSED),
    (POINT, {}, "x=1&x=2", REFUSED),
    (POINT, {}, "", None),
    (POINT, {}, "p=1", REFUSED),
    (POINT, {"explode": False}, "p=x,1,y,2", {"x": 1, "y": 2}),
    (POINT, {"explode": False}, "p=x,1,y", REFUSED),
    (POINT, {"explode": False}, "p=x%2C1%2Cy%2C2", {"x": 1, "y": 2}),
    (POINT, {"explode": False}, "p=x%2C1%2Cy", REFUSED),
    (
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"explode": False},
        "p=a,b%2Cc",
        {"a": "b,c"},
    ),
    (POINT, {"style": "pipeDelimited"}, "p=x|1|y|2", {"x": 1, "y": 2}),
    (POINT, {"style": "spaceDelimited"}, "p=x%201%20y%202", {"x": 1, "y": 2}),
    ({"anyOf": [{"enum": ["now"]}, I]}, {"style": "deepObject", "explode": True}, "p=5", 5),
    ({"anyOf": [{"enum": ["now"]}, I]}, {"style": "deepObject", "explode": True}, "p=now", "now"),
    (I, {"style": "deepObject"}, "p[x]=1", REFUSED),
    (POINT, {"style": "deepObject"}, "p[x]=1&p[y]=2", {"x": 1, "y": 2}),
    (POINT, {"style": "deepObject"}, "p%5Bx%5D=1", {"x": 1}),
    (POINT, {"style": "deepObject"}, "p[x]=1&p[x]=2", REFUSED),
    (POINT, {"style": "deepObject"}, "p[z]=1", REFUSED),
    (POINT, {"style": "deepObject"}, "p=1", REFUSED),
    (POINT, {"style": "deepObject"}, "p[x=1", REFUSED),
    (OPEN, {}, "a=1&b=2", {"a": 1, "b": 2}),
    (OPEN, {}, "a=x", REFUSED),
    (OPEN, {"style": "deepObject"}, "p[a]=1", {"a": 1}),
    (
        {"type": "object", "properties": {"ids": LIST, "in": {"type": "object", "properties": {"n": I}}}},
        {"style": "deepObject"},
        "p[ids]=1&p[ids]=2&p[in][n]=3",
        {"ids": [1, 2], "in_": {"n": 3}},
    ),
    (
        {"type": "object", "properties": {"ids": LIST}},
        {"style": "deepObject"},
        "p[ids][]=1&p[ids][]=2",
        {"ids": [1, 2]},
    ),
    (
        {"type": "object", "properties": {"ids": LIST}},
        {"style": "deepObject"},
        "p[ids][1]=2&p[ids][0]=1",
        {"ids": [1, 2]},
    ),
    ({"oneOf": [I, {"type": "boolean"}]}, {}, "p=5", 5),
    ({"oneOf": [I, {"type": "boolean"}]}, {}, "p=true", True),
    ({"oneOf": [I, {"type": "boolean"}]}, {}, "p=x", REFUSED),
    ({"anyOf": [S, LIST]}, {}, "p=1", "1"),
    ({"anyOf": [S, LIST]}, {}, "p=1&p=2", [1, 2]),
    ({"type": ["integer", "null"]}, {}, "p=", None),
    ({"type": ["integer", "null"]}, {}, "p=null", None),
    ({"type": ["integer", "null"]}, {}, "p=1", 1),
    ({"type": ["integer", "null"]}, {}, "", MISSING),
    ({"type": ["string", "null"]}, {}, "p=", ""),
    ({"type": ["string", "null"]}, {}, "", None),
    ({"type": ["string", "null"], "enum": ["a", None]}, {}, "p=", None),
    ({"type": ["string", "null"], "enum": ["a", None]}, {}, "", MISSING),
    (I, {"allowEmptyValue": True}, "p=", None),
    (I, {"allowEmptyValue": True}, "p=1", 1),
    (I, {"allowEmptyValue": True}, "", MISSING),
    (S, {"allowEmptyValue": True}, "p", ""),
    (S, {"allowReserved": True}, "p=a+b/c?d", "a+b/c?d"),
    (S | {"format": "date"}, {}, "p=2026-02-28", dt.date(2026, 2, 28)),
    (S | {"format": "date"}, {}, "p=2026-02-29", REFUSED),
    (S | {"format": "date-time"}, {}, "p=2026-02-28T00:00:00Z", dt.datetime(2026, 2, 28, tzinfo=dt.UTC)),
    (S | {"format": "date-time"}, {}, "p=2026-02-28T00:00:00", REFUSED),
    (S | {"format": "date-time"}, {}, "p=0000-01-01T00:00:00Z", REFUSED),
    (S | {"format": "email"}, {}, "p=a%40b.co", "a@b.co"),
    (S | {"format": "email"}, {}, "p=a", REFUSED),
    (S | {"format": "unheard-of", "maxLength": 2}, {}, "p=ab", "ab"),
    (I | {"format": "int64"}, {}, "p=5", 5),
    (I | {"enum": [1, 2]}, {}, "p=2", 2),
    (I | {"enum": [1, 2]}, {}, "p=3", REFUSED),
    (I | {"exclusiveMinimum": 1}, {}, "p=1", REFUSED),
    ({"type": "number", "multipleOf": 0.5}, {}, "p=1.5", 1.5),
    ({"type": "number", "multipleOf": 0.5}, {}, "p=1.2", REFUSED),
    ({"const": "a"}, {}, "p=a", "a"),
    ({"not": {"const": "a"}}, {}, "p=a", REFUSED),
    ({}, {}, "p=1", "1"),
    (I | {"default": 7}, {}, "", 7),
    (LIST | {"default": [7]}, {}, "", [7]),
    (
        S | {"format": "uuid", "default": "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"},
        {},
        "",
        UUID(int=0x01939F6E7B1C7C2A9F3E2F4B6C8D0E1A),
    ),
    (S | {"format": "date", "default": "2026-02-28"}, {}, "", dt.date(2026, 2, 28)),
    (LIST, {"required": True}, "", REFUSED),
    (LIST, {}, "p=%ff", REFUSED),
    (LIST, {}, "q=1", REFUSED),
]


PATHS: list[tuple[Any, dict[str, Any], str, Any]] = [
    (LIST, {}, "1,2", [1, 2]),
    (LIST, {}, "1", [1]),
    (LIST, {}, "1,x", REFUSED),
    (POINT, {}, "x,1,y,2", {"x": 1, "y": 2}),
    (POINT, {"explode": True}, "x=1,y=2", {"x": 1, "y": 2}),
    (I, {"style": "label"}, ".5", 5),
    (I, {"style": "label"}, "5", REFUSED),
    (LIST, {"style": "label"}, ".1,2", [1, 2]),
    (LIST, {"style": "label"}, ".1.2", [1, 2]),
    (LIST, {"style": "label", "explode": True}, ".1.2", [1, 2]),
    (POINT, {"style": "label"}, ".x,1,y,2", {"x": 1, "y": 2}),
    (POINT, {"style": "label", "explode": True}, ".x=1.y=2", {"x": 1, "y": 2}),
    (I, {"style": "matrix"}, ";p=5", 5),
    (I, {"style": "matrix"}, ";q=5", REFUSED),
    (I, {"style": "matrix"}, "5", REFUSED),
    (LIST, {"style": "matrix"}, ";p=1,2", [1, 2]),
    (LIST, {"style": "matrix", "explode": True}, ";p=1;p=2", [1, 2]),
    (POINT, {"style": "matrix"}, ";p=x,1,y,2", {"x": 1, "y": 2}),
    (POINT, {"style": "matrix", "explode": True}, ";x=1;y=2", {"x": 1, "y": 2}),
    (S | {"format": "date"}, {}, "2026-02-28", dt.date(2026, 2, 28)),
    (WORDS, {}, "a%2Cb,c%2Fd", ["a,b", "c/d"]),
]


HEADERS: list[tuple[Any, dict[str, Any], list[str], Any]] = [
    (LIST, {}, ["1,2"], [1, 2]),
    (LIST, {}, ["1, 2"], [1, 2]),
    (LIST, {}, ["1", "2"], [1, 2]),
    (LIST, {}, ["1,x"], REFUSED),
    (LIST, {}, [], None),
    (POINT, {}, ["x,1,y,2"], {"x": 1, "y": 2}),
    (POINT, {"explode": True}, ["x=1, y=2"], {"x": 1, "y": 2}),
    (S | {"format": "date"}, {}, ["2026-02-28"], dt.date(2026, 2, 28)),
]


COOKIES: list[tuple[Any, dict[str, Any], str, Any]] = [
    (LIST, {"explode": False}, "p=1,2; other=3", [1, 2]),
    (LIST, {}, "p=1; p=2", [1, 2]),
    (LIST, {}, "other=3", None),
    (POINT, {}, "x=1; y=2; other=3", {"x": 1, "y": 2}),
    (POINT, {"explode": False}, "p=x,1", {"x": 1}),
    (S | {"format": "date"}, {}, "p=2026-02-28", dt.date(2026, 2, 28)),
]


CASES: dict[str, list[tuple[Any, dict[str, Any], Any, Any]]] = {
    "query": QUERIES,
    "path": PATHS,
    "header": HEADERS,
    "cookie": COOKIES,
}
EVERY = [(location, index) for location, cases in CASES.items() for index in range(len(cases))]


@pytest.fixture(scope="module")
def every_case(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """One contract with an operation for each case, so that one package serves them all."""
    document = document_of()
    document["paths"] = {}
    for location, index in EVERY:
        schema, style, _, _ = CASES[location][index]
        parameter = {"name": "p", "in": location, "schema": schema, **style}
        path = f"/t{EVERY.index((location, index))}" + ("/{p}" if location == "path" else "")
        item = document_of(parameter | ({"required": True} if location == "path" else {}))["paths"]["/t"]
        item["get"]["operationId"] = f"get_{location}_{index}"
        document["paths"][path] = item
    folder = tmp_path_factory.mktemp("parameters")
    package = write_package(read_document(folder, document), folder / "every_parameter")
    service = Service(import_package("every_parameter", package))
    for location, index in EVERY:
        answer = getattr(service.package.responses, f"Get{location.title()}{index}204")
        service.answers[f"get_{location}_{index}"] = answer()
    return service


@pytest.mark.parametrize(
    ("location", "index"), EVERY, ids=[" ".join(map(str, CASES[place][i]))[:150] for place, i in EVERY]
)
async def test_a_parameter(every_case: Service, location: str, index: int) -> None:
    _, _, sent, value = CASES[location][index]
    target = f"/t{EVERY.index((location, index))}"
    headers: list[tuple[str, str]] = []
    match location:
        case "query":
            target += f"?{sent}"
        case "path":
            target += f"/{sent}"
        case "header":
            headers = [("p", line) for line in sent]
        case "cookie":
            headers = [("cookie", sent)]
    assert (await received(every_case, target, headers)) == value


async def test_a_parameter_of_json(serve: Serve) -> None:
    service = serve({"name": "p", "in": "query", "content": {"application/json": {"schema": POINT}}})
    assert await received(service, '/t?p={"x":1}') == {"x": 1}
    assert await received(service, "/t?p=%7B%22x%22%3A1%7D") == {"x": 1}
    for refused in ('{"y":1}', '{"x":"1"}', "{", "NaN", ""):
        assert await received(service, f"/t?p={refused}") is REFUSED
    assert await received(service, "/t") is None


async def test_a_parameter_of_text(serve: Serve) -> None:
    content = {"text/plain": {"schema": {"type": "string", "maxLength": 2}}}
    service = serve({"name": "p", "in": "query", "content": content})
    assert await received(service, "/t?p=ab") == "ab"
    assert await received(service, "/t?p=abc") is REFUSED


ORDER: dict[str, Any] = {"type": "string", "enum": ["asc", "desc"]}
ORDERS: dict[str, Any] = {"type": "object", "properties": {"date": ORDER, "name": ORDER}}


async def test_a_parameter_comes_before_a_property_of_its_name(serve: Serve) -> None:
    service = serve(query(ORDERS), {"name": "date", "in": "query", "schema": S | {"format": "date"}})
    assert await received(service, "/t?date=2026-02-28") is None
    assert service.call["date"] == dt.date(2026, 2, 28)
    assert await received(service, "/t?date=2026-02-28&name=asc") == {"name": "asc"}
    assert await received(service, "/t?date=asc") is REFUSED


@pytest.mark.parametrize(
    ("media_type", "valid", "refused"),
    [
        ("application/x-www-form-urlencoded", "x=1&y=2", ["x=a", "y=1", "x=1&z=2", "x=1&x=2", "x=%ff"]),
        ("application/json", "%7B%22x%22:1,%22y%22:2%7D", ["{}", "%7B", "x=1", "[1]"]),
    ],
)
async def test_a_query_as_a_whole(serve: Serve, media_type: str, valid: str, refused: list[str]) -> None:
    service = serve(
        {"name": "p", "in": "querystring", "content": {media_type: {"schema": POINT}}}, openapi="3.2.0"
    )
    assert await received(service, f"/t?{valid}") == {"x": 1, "y": 2}
    assert await received(service, "/t") is None
    for each in refused:
        assert await received(service, f"/t?{each}") is REFUSED


async def test_an_open_object_leaves_other_parameters_alone(serve: Serve) -> None:
    service = serve(query(OPEN), {"name": "limit", "in": "query", "schema": I})
    assert await received(service, "/t?a=1&limit=5") == {"a": 1}
    assert service.call["limit"] == 5


async def test_places_within_a_parameter_are_named(serve: Serve) -> None:
    service = serve(query(LIST))
    answer = await service.ask("GET", "/t?p=1&p=x")
    assert [(each["in"], each["pointer"]) for each in answer.json["errors"]] == [("query", "/p/1")]


@pytest.mark.parametrize("owner", ["operation", "path", "document"])
async def test_a_contract_that_is_not_strict_about_queries(serve: Serve, tmp_path: Path, owner: str) -> None:
    document = document_of(query(I), {"name": "q", "in": "query", "schema": S | {"format": "date"}})
    item = document["paths"]["/t"]
    {"operation": item["get"], "path": item, "document": document}[owner]["x-strict-query"] = False
    name = f"lenient_{owner}"
    service = Service(import_package(name, write_package(read_document(tmp_path, document), tmp_path / name)))
    service.answers["get_it"] = service.package.responses.GetIt204()
    assert await received(service, "/t?p=1&other=2&p=3&q=2026-01-01&q=2026-01-02") == 3
    assert service.call["q"] == dt.date(2026, 1, 2)
    assert await received(service, "/t?p=x") is REFUSED


async def test_components_are_one_class_wherever_they_stand(tmp_path: Path) -> None:
    reference = {"$ref": "#/components/schemas/Point"}
    document = document_of(
        query(reference, style="deepObject"), query({"type": "array", "items": reference}, name="q")
    )
    document["paths"]["/t"]["get"]["parameters"][1] |= {
        "content": {
            "application/json": {"schema": document["paths"]["/t"]["get"]["parameters"][1].pop("schema")}
        }
    }
    document["components"] = {"schemas": {"Point": POINT}}
    name = "parameters_of_components"
    service = Service(import_package(name, write_package(read_document(tmp_path, document), tmp_path / name)))
    service.answers["get_it"] = service.package.responses.GetIt204()
    assert await received(service, '/t?p[x]=1&q=[{"x":2}]') == {"x": 1}
    assert {type(service.call["p"]), *map(type, service.call["q"])} == {service.package.models.Point}


def test_styles_that_a_place_does_not_have(tmp_path: Path) -> None:
    document = document_of({"name": "p", "in": "cookie", "schema": S, "style": "deepObject"})
    with pytest.raises(ContractError, match=r"openapi\.yaml:\d+:\d+: .*style"):
        render(read_document(tmp_path, document))
