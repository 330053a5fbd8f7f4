"""What the mock answers: examples that are valid, else values made for the schema, in every kind of body."""

import json
from pathlib import Path
from typing import Any

import pytest

from contractgen.mock.application import Mock, create_mock
from tests.contractgen.packages import read_document
from tests.contractgen.service import ask

PET = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
        "tags": {
            "type": "array",
            "items": {"type": "string", "xml": {"name": "tag"}},
            "xml": {"wrapped": True},
        },
    },
    "xml": {"name": "pet"},
}
REX = {"id": 7, "name": "Rex"}
PET_REF = {"$ref": "#/components/schemas/Pet"}
NOWHERE = {"type": "integer", "minimum": 2, "maximum": 1}


def mock(folder: Path, **contents: Any) -> Mock:
    """A mock with a path for each response of 200."""
    folder.mkdir(exist_ok=True)
    responses = {name: {"description": "", "content": content} for name, content in contents.items()}
    paths = {f"/{name}": {"get": {"responses": {"200": each}}} for name, each in responses.items()}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Answers", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Pet": PET}},
    }
    return create_mock(read_document(folder, document), folder)


async def answer(folder: Path, content: Any, headers: list[tuple[str, str]] | None = None) -> Any:
    return await ask(mock(folder, thing=content).app, "GET", "/thing", headers=headers or [])


async def test_a_made_body_has_nothing_that_only_requests_have(tmp_path: Path) -> None:
    found = await answer(tmp_path, {"application/json": {"schema": PET_REF}})
    assert found.json.keys() == {"id", "name", "tags"}


@pytest.mark.parametrize(
    ("example", "used"),
    [
        ({"kind": "Cat", "name": "Tom"}, True),
        ({"kind": "Tiger", "name": "Tom"}, False),
        ({"kind": 1, "name": "Tom"}, True),
        ({"kind": "Cat", "name": "Tom", "mother": {"kind": "Tiger"}}, False),
        ({"kind": "Cat", "name": "Tom", "kittens": [{"kind": "Lion"}, {"kind": "Tiger"}]}, False),
        ({"kind": "Cat", "name": "Tom", "prey": {"kind": "Tiger"}}, True),
    ],
)
async def test_an_example_whose_discriminator_leads_nowhere(example: Any, used: bool, tmp_path: Path) -> None:
    cat = {"$ref": "#/components/schemas/Cat"}
    kittens = {"oneOf": [cat], "discriminator": {"propertyName": "kind"}}
    schema = {
        "type": "object",
        "properties": {
            "kind": {},
            "name": {"type": "string"},
            "mother": {"$ref": "#/components/schemas/Mother"},
            "kittens": {"type": "array", "items": kittens},
            "prey": {"type": "object", "discriminator": {"propertyName": "kind"}},
        },
        "discriminator": {"propertyName": "kind", "mapping": {"Cat": cat["$ref"], "Lion": cat["$ref"]}},
    }
    folder = tmp_path / "mock"
    content = {"application/json": {"schema": cat, "example": example}}
    responses = {"200": {"description": "", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Cats", "version": "1"},
        "paths": {"/thing": {"get": {"responses": responses}}},
        "components": {"schemas": {"Cat": schema, "Mother": {"allOf": [cat]}}},
    }
    folder.mkdir()
    app = create_mock(read_document(folder, document), folder).app
    found = await ask(app, "GET", "/thing", headers=[])
    assert (found.json == example) is used


@pytest.mark.parametrize(
    ("schema", "media_type"),
    [
        (PET_REF, "application/json"),
        ({"type": "string"}, "text/plain; charset=utf-8"),
        ({"type": "string", "format": "binary"}, "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("name", ["*/*", "*"])
async def test_a_body_of_any_media_type(tmp_path: Path, name: str, schema: Any, media_type: str) -> None:
    found = await answer(tmp_path, {name: {"schema": schema}})
    assert (found.status, found.header("content-type")) == (200, media_type)


@pytest.mark.parametrize("key", ["200", "default"])
async def test_references_within_an_inline_schema(tmp_path: Path, key: str) -> None:
    """The key `default` is a name here, and no keyword, below which stands data."""
    pet = {"allOf": [PET_REF, {"properties": {"name": {"enum": ["Rex", "Tom"]}}}]}
    schema = {"type": "object", "required": ["pet"], "properties": {"pet": pet}}
    responses = {key: {"description": "", "content": {"application/json": {"schema": schema}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/thing": {"get": {"responses": responses}}},
        "components": {"schemas": {"Pet": PET}},
    }
    app = create_mock(read_document(tmp_path, document), tmp_path).app
    found = await ask(app, "GET", "/thing", headers=[])
    assert (found.status, found.json["pet"]["name"]) == (200, "Rex")


@pytest.mark.parametrize(
    ("example", "used"),
    [(REX, True), ({"id": "7", "name": "Rex"}, False), ({**REX, "secret": "x"}, False), ("Rex", False)],
)
async def test_an_example_is_used_when_it_is_valid(tmp_path: Path, example: Any, used: bool) -> None:
    found = await answer(tmp_path, {"application/json": {"schema": PET_REF, "example": example}})
    assert (found.json == example) is used


async def test_an_object_that_the_model_of_a_union_would_change_goes_out_as_it_is(tmp_path: Path) -> None:
    """A model of a union takes the first class that fits, and writes the defaults of that."""
    first = {"type": "object", "properties": {"b": {"type": "string", "default": "x"}}}
    second = {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}}
    schema = {"oneOf": [{**first, "maxProperties": 0}, second]}
    found = await answer(tmp_path, {"application/json": {"schema": schema, "example": {}}})
    assert found.json == {}


async def test_a_value_that_the_model_would_make_invalid_is_replaced(tmp_path: Path) -> None:
    """The model has no property `unit`."""
    sized = {"properties": {"size": {"type": "integer"}}, "dependentRequired": {"size": ["unit"]}}
    schema = {"type": "object", **sized}
    assert (await answer(tmp_path, {"application/json": {"schema": schema}})).json == {}


async def test_an_example_among_several_by_its_name(tmp_path: Path) -> None:
    examples = {"bad": {"value": {}}, "rex": {"value": REX}, "tom": {"value": {**REX, "name": "Tom"}}}
    content = {"application/json": {"schema": PET_REF, "examples": examples}}
    assert (await answer(tmp_path / "a", content)).json == REX
    assert (await answer(tmp_path / "b", content, [("prefer", "example=tom")])).json["name"] == "Tom"
    assert (await answer(tmp_path / "c", content, [("prefer", "example=bad")])).status == 400


async def test_a_body_of_xml_is_written_by_its_schema(tmp_path: Path) -> None:
    example = {**REX, "tags": ["a", "b & c"]}
    found = await answer(tmp_path, {"application/xml": {"schema": PET_REF, "example": example}})
    tags = "<tags><tag>a</tag><tag>b &amp; c</tag></tags>"
    assert found.body.decode() == f'<pet id="7"><name>Rex</name>{tags}</pet>'


@pytest.mark.parametrize(
    ("media_type", "example", "expected"),
    [
        ("text/plain", "hello", "hello"),
        ("text/csv", {"a": 1}, '{"a": 1}'),
        ("application/jsonl", [REX, REX], '{"id":7,"name":"Rex"}\n{"id":7,"name":"Rex"}\n'),
        ("application/jsonl", json.dumps(REX) + "\n", '{"id":7,"name":"Rex"}\n'),
        ("text/event-stream", f"data: {json.dumps(REX)}\n\n", 'data: {"id":7,"name":"Rex"}\n\n'),
    ],
)
async def test_bodies_of_text_and_sequences(
    tmp_path: Path, media_type: str, example: Any, expected: str
) -> None:
    schema = {} if media_type in ("text/plain", "text/csv") else {"schema": PET_REF}
    found = await answer(tmp_path, {media_type: {"example": example, **schema}})
    assert found.body.decode() == expected


@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "array", "items": {"type": "string"}}])
async def test_the_allow_header_lists_the_methods_of_its_path(tmp_path: Path, schema: Any) -> None:
    done = {"description": "", "headers": {"Allow": {"schema": schema}}}
    path = {method: {"responses": {"204": done}} for method in ("options", "delete", "trace")}
    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/a": path}}
    app = create_mock(read_document(tmp_path, document), tmp_path).app
    found = (await ask(app, "OPTIONS", "/a")).header("allow")
    assert found is not None
    assert set(found.replace(" ", "").split(",")) == {"DELETE", "OPTIONS", "TRACE"}


_COUNT = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"data": _COUNT}, 'data: {"n":1}\n\n'),
        ({"data": _COUNT, "event": {"const": "done"}, "retry": {"const": 5}}, "event: done\nretry: 5\n"),
        ({"data": {"oneOf": [_COUNT, {"const": "[DONE]"}]}}, 'data: {"n": 1}\n\n'),
        (
            {"data": {"const": "[DONE]", "type": "string"}, "id": {"type": "string"}},
            "id: text\ndata: [DONE]\n\n",
        ),
    ],
)
async def test_events_have_the_fields_and_the_data_of_their_schema(
    tmp_path: Path, event: Any, expected: str
) -> None:
    schema = {"type": "object", "required": ["data"], "properties": event}
    found = await answer(tmp_path, {"text/event-stream": {"schema": schema}})
    assert found.body.decode().startswith(expected)


async def test_what_was_deleted_is_not_found_until_it_is_made_again(tmp_path: Path) -> None:
    done = {"200": {"description": ""}}
    methods = {"get": {"responses": done | {"404": {"description": ""}}}, "delete": {"responses": done}}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths = {
        "/pets": {"post": {"responses": done}},
        "/pets/{id}": {**methods, "put": {"responses": done}, "parameters": parameters},
        "/pets/{id}/toys": {"get": {"responses": done}, "parameters": parameters},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": paths}
    app = create_mock(read_document(tmp_path, document), tmp_path).app

    async def status(request: str) -> int:
        return (await ask(app, *request.split())).status

    assert await status("GET /pets/1") == 200
    for again in ("PUT /pets/1", "POST /pets"):
        assert await status("DELETE /pets/1") == 200
        requests = ("GET /pets/1", "GET /pets/1/toys", "DELETE /pets/1", "GET /pets/2")
        assert [await status(each) for each in requests] == [404, 404, 404, 200]
        assert await status(again) == 200
        assert await status("GET /pets/1") == 200


async def test_a_response_without_a_value_is_named_and_the_others_are_served(tmp_path: Path) -> None:
    made = mock(
        tmp_path,
        good={"application/json": {"schema": PET_REF}},
        bad={"application/json": {"schema": NOWHERE}},
    )
    assert [finding.pointer for finding in made.findings] == ["/paths/~1bad/get/responses/200"]
    assert (await ask(made.app, "GET", "/good")).status == 200
    refused = await ask(made.app, "GET", "/bad")
    assert (refused.status, "a 200 of" in refused.json["detail"]) == (501, True)
    assert [value for name, value in refused.headers if name == "x-contractgen-mocked"] == ["true"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"id": 1}\n{"id": 2}\n', 204), (b'{"id": 1}\n{"id": "x"}', 422), (b'{"id": 1}\n{', 400)],
)
async def test_items_of_a_request_are_read(body: bytes, status: int, tmp_path: Path) -> None:
    """Lines are validated where a handler reads them, and a mock stands for the handler."""
    item = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    content = {"application/x-ndjson": {"schema": {"type": "array", "items": item}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Lines", "version": "1"},
        "paths": {
            "/lines": {
                "post": {
                    "requestBody": {"required": True, "content": content},
                    "responses": {"204": {"description": "Taken."}},
                }
            }
        },
    }
    app = create_mock(read_document(tmp_path, document), tmp_path).app
    headers = [("Content-Type", "application/x-ndjson")]
    assert (await ask(app, "POST", "/lines", headers=headers, body=body)).status == status
