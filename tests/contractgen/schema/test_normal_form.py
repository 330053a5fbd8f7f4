"""Schemas of every dialect and direction: what they admit, what a handler gets, what is said of the rest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.plan.planner import make_plan
from contractgen.schema.normal import normal_form
from tests.contractgen.packages import THING, contract, import_package, read_document, write_package
from tests.contractgen.service import Service

TARGET = "/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
Put = Callable[[Any], Any]
Serve = Callable[..., Service]


def of_schema(schema: Any, **components: Any) -> Any:
    """The small contract with another schema of its one body."""
    document = contract()
    document["components"]["schemas"] |= {"Body": schema, **components}
    reference = {"schema": {"$ref": "#/components/schemas/Body"}}
    document["paths"][THING]["put"]["requestBody"]["content"]["application/json"] = reference
    return document


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    def start(document: Any) -> Service:
        name = f"normal_{abs(hash(tmp_path))}"
        service = Service(
            import_package(name, write_package(read_document(tmp_path, document), tmp_path / name))
        )
        service.answers["put_thing"] = service.package.responses.PutThing204()
        return service

    return start


async def status(service: Service, body: Any) -> int:
    return (await service.ask("PUT", TARGET, token="a", json=body)).status


IN_30: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "nullable": ({"type": "string", "nullable": True, "maxLength": 2}, [None, "ab"], ["abc", 1]),
    "not nullable": ({"type": "string", "nullable": False}, ["a"], [None]),
    "nullable enum without null": ({"type": "string", "nullable": True, "enum": ["a"]}, ["a"], [None, "b"]),
    "nullable enum without null, of no type": ({"nullable": True, "enum": ["a"]}, ["a"], [None, "b"]),
    "nullable enum": ({"type": "string", "nullable": True, "enum": ["a", None]}, ["a", None], ["b"]),
    "nullable union": (
        {"nullable": True, "oneOf": [{"type": "integer"}, {"type": "boolean"}]},
        [None, 1, True],
        ["a", 1.5],
    ),
    "nullable allOf": (
        {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Thing"}]},
        [None, {"name": "a"}],
        [{}, "a"],
    ),
    "exclusive bounds": (
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": False},
        [2, 3],
        [1, 4],
    ),
    "a bound beyond the exact floats": (
        {"type": "integer", "minimum": -1.8446744073709552e19, "maximum": 1.8446744073709552e19},
        [18446744073709552000, 18446744073709551999, -18446744073709552000],
        [18446744073709552001, -18446744073709552001],
    ),
    "siblings that are ignored": (
        {"$ref": "#/components/schemas/Thing", "minProperties": 2},
        [{"name": "a"}],
        [{}],
    ),
}


@pytest.mark.parametrize("case", IN_30.values(), ids=IN_30)
async def test_a_schema_of_openapi_30(serve: Serve, case: tuple[Any, list[Any], list[Any]]) -> None:
    schema, valid, invalid = case
    document = of_schema({"type": "object", "required": ["v"], "properties": {"v": schema}})
    document["openapi"] = "3.0.3"
    document["components"]["schemas"]["Thing"]["properties"]["note"] = {"type": "string", "nullable": True}
    service = serve(document)
    assert [await status(service, {"v": value}) for value in valid] == [204] * len(valid)
    assert [await status(service, {"v": value}) for value in invalid] == [422] * len(invalid)


async def test_siblings_of_a_reference_hold_in_31(serve: Serve) -> None:
    service = serve(of_schema({"$ref": "#/components/schemas/Thing", "minProperties": 2}))
    assert await status(service, {"name": "a"}) == 422
    assert await status(service, {"name": "a", "note": None}) == 204


ACCOUNT = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
    },
}


@pytest.mark.parametrize(
    "where", ["itself", "in allOf", "required beside allOf", "through a reference", "beside null"]
)
async def test_members_of_one_direction(serve: Serve, where: str) -> None:
    shared = {"Id": {"type": "integer", "readOnly": True}, "Base": {**ACCOUNT, "required": ["name"]}}
    schema: Any = {
        "itself": ACCOUNT,
        "in allOf": {"allOf": [ACCOUNT]},
        "required beside allOf": {
            "allOf": [{"$ref": "#/components/schemas/Base"}],
            "required": ACCOUNT["required"],
        },
        "through a reference": {
            **ACCOUNT,
            "properties": {**ACCOUNT["properties"], "id": {"$ref": "#/components/schemas/Id"}},  # type: ignore[dict-item]  # a mapping
        },
        "beside null": {
            **ACCOUNT,
            "properties": {
                "id": {"anyOf": [{"$ref": "#/components/schemas/Id"}, {"type": "null"}]},
                "name": {"type": "string"},
                "secret": {"oneOf": [{"type": "string", "writeOnly": True}, {"type": "null"}]},
            },
        },
    }[where]
    document = of_schema(schema, **shared)
    document["components"]["responses"]["Thing"]["content"]["application/json"] = {
        "schema": {"$ref": "#/components/schemas/Body"}
    }
    service = serve(document)
    assert await status(service, {"name": "a", "secret": "b"}) == 204
    assert not hasattr(service.call["body"], "id")
    assert await status(service, {"name": "a", "secret": "b", "id": 1}) == 422
    assert await status(service, {"name": "a"}) == 422
    models = service.package.models
    service.answers["get_thing"] = service.package.responses.Thing(models.Body(id=1, name="a"))
    assert (await service.ask("GET", TARGET)).json == {"id": 1, "name": "a"}
    assert models.BodyRequest.model_fields.keys() == {"name", "secret"}


async def test_a_body_may_be_an_object_or_null(serve: Serve) -> None:
    schema = {"type": ["object", "null"], "properties": {"a": {"type": "integer"}}}
    service = serve(of_schema(schema))
    for body, expected in ((None, 204), ({"a": 1}, 204), ({"a": "x"}, 422), ([], 422)):
        assert await status(service, body) == expected, body


async def test_an_object_may_be_something_else_when_it_says_no_type(serve: Serve) -> None:
    service = serve(of_schema({"properties": {"a": {"type": "integer"}}, "required": ["a"]}))
    cases: list[tuple[Any, int]] = [({"a": 1}, 204), ([], 204), ("x", 204), ({"a": "x"}, 422), ({}, 422)]
    for body, expected in cases:
        assert await status(service, body) == expected, body


def test_what_has_no_effect_is_said_where_it_stands(tmp_path: Path) -> None:
    members = {
        "a": {"type": "string", "format": "colour"},
        "c": {"type": "integer", "default": "x"},
        "d": {"type": "string", "maxlength": 3},
    }
    document = read_document(tmp_path, of_schema({"type": "object", "properties": members}))
    warnings = make_plan(document).warnings
    place = "/components/schemas/Body/properties"
    assert [finding.pointer.removeprefix(place) for finding in warnings] == [
        "/a/format",
        "/c/default",
        "/d/maxlength",
    ]
    assert all(finding.line > 1 for finding in warnings)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("responses", "default"),
        ("responses", "200"),
        ("headers", "x-lower-case"),
        ("headers", "example"),
        ("headers", "schema"),
        ("callbacks", "default"),
        ("pathItems", "enum"),
    ],
)
def test_a_name_of_a_component_is_no_keyword(tmp_path: Path, field: str, name: str) -> None:
    document = contract()
    document["openapi"] = "3.0.3"
    owner = {"schema": {"type": "string", "nullable": True}}
    response: Any = {"description": "", "content": {"text/plain": owner}}
    item = {"get": {"responses": {"200": response}}}
    made: Any = {"responses": response, "headers": owner, "pathItems": item, "callbacks": {"{$url}": item}}[
        field
    ]
    document["components"][field] = {name: made}
    found = normal_form(read_document(tmp_path, document)).value["components"][field][name]
    for key in ("{$url}", "get", "responses", "200", "content", "text/plain", "schema"):
        found = found.get(key, found)
    assert found == {"type": ["string", "null"]}


def test_an_extension_beside_names_is_no_schema(tmp_path: Path) -> None:
    document = contract()
    document["openapi"] = "3.0.3"
    extension = {"schema": {"type": "string", "nullable": True}}
    responses = document["paths"][THING]["put"]["responses"]
    responses["x-more"] = document["paths"]["x-more"] = extension
    found = normal_form(read_document(tmp_path, document)).value["paths"]
    assert found["x-more"] == found[THING]["put"]["responses"]["x-more"] == extension


def test_the_normal_form_leaves_the_document_as_it_was(tmp_path: Path) -> None:
    schema = {"type": "string", "nullable": True}
    document = read_document(tmp_path, of_schema(schema) | {"openapi": "3.0.0"})
    assert normal_form(document).at("/components/schemas/Body") == {"type": ["string", "null"]}
    assert document.at("/components/schemas/Body") == schema


async def test_a_reference_to_true_or_false(serve: Serve) -> None:
    """Such a schema was once waited for without end."""
    members = {"a": {"$ref": "#/components/schemas/Yes"}, "b": {"$ref": "#/components/schemas/No"}}
    service = serve(of_schema({"type": "object", "properties": members}, Yes=True, No=False))
    assert await status(service, {"a": 1}) == 204
    assert await status(service, {"b": 1}) == 422
