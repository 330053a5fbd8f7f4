"""One construct of a contract at a time: generated, imported, mounted, sent and received."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.packages import THING, contract, import_package, read_document, write_package
from tests.contractgen.service import Service
from tests.tiers import slow

pytestmark = slow  # A package is generated for each construct.

TARGET = "/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
ROW = {"name": "a"}
Serve = Callable[[Any], Service]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """The service of a contract; its handlers answer with the one thing there is."""

    def start(document: Any) -> Service:
        name = f"construct_{abs(hash(tmp_path))}"
        service = Service(
            import_package(name, write_package(read_document(tmp_path, document), tmp_path / name))
        )
        service.answers = {"get_thing": service.package.responses.Thing(ROW)}
        service.answers["put_thing"] = service.package.responses.PutThing204()
        return service

    return start


def with_parameter(location: str, name: str, schema: Any, **more: Any) -> Any:
    document = contract()
    parameter = {"name": name, "in": location, "schema": schema, **more}
    document["paths"][THING]["get"]["parameters"].append(parameter)
    return document


async def status(service: Service, headers: list[tuple[str, str]], query: str = "") -> int:
    return (await service.ask("GET", f"{TARGET}{query}", headers=headers)).status


async def test_a_header_parameter(serve: Serve) -> None:
    service = serve(with_parameter("header", "X-Page-Size", {"type": "integer", "maximum": 9}, required=True))
    assert await status(service, [("x-page-size", "9")]) == 200
    assert service.call["x_page_size"] == 9
    for refused in ([], [("x-page-size", "10")], [("x-page-size", "1"), ("X-Page-Size", "1")]):
        assert await status(service, refused) == 422


async def test_header_parameters_that_openapi_ignores(serve: Serve) -> None:
    service = serve(with_parameter("header", "Authorization", {"type": "string"}, required=True))
    assert await status(service, []) == 200


async def test_a_cookie_parameter(serve: Serve) -> None:
    service = serve(with_parameter("cookie", "theme", {"type": "string", "enum": ["a b", "c"]}))
    assert await status(service, [("cookie", "other=1; theme=a%20b; theme=x")]) == 200
    assert service.call["theme"] == "a b"
    assert await status(service, [("cookie", "theme=d")]) == 422
    service.calls.clear()
    assert await status(service, []) == 200
    assert service.call["theme"] is None


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "boolean"}, "1", None),
        ({"type": "boolean"}, "True", None),
        ({"type": "number"}, "1.5e2", 150.0),
        ({"type": "number"}, "-0.5", -0.5),
        ({"type": "number"}, "1_0", None),
        ({"type": "number"}, "nan", None),
        ({"type": "number"}, ".5", None),
        ({"type": "number", "minimum": 1.5}, "1.5", 1.5),
        ({"type": "number", "minimum": 1.5}, "1.4", None),
        ({"type": "number", "maximum": 2}, "2.1", None),
    ],
)
async def test_scalar_parameters(serve: Serve, schema: Any, text: str, value: object) -> None:
    service = serve(with_parameter("query", "value", schema))
    assert await status(service, [], f"?value={text}") == (422 if value is None else 200)
    assert not service.calls if value is None else service.call["value"] == value


async def test_an_optional_body(serve: Serve) -> None:
    document = contract()
    document["paths"][THING]["put"]["requestBody"]["required"] = False
    service = serve(document)
    assert (await service.ask("PUT", TARGET, token="a")).status == 204
    assert (await service.ask("PUT", TARGET, token="a", json=ROW)).status == 204
    without, with_body = [named["body"] for _, _, named in service.calls]
    assert without is None
    assert with_body.name == "a"
    assert (await service.ask("PUT", TARGET, token="a", json={})).status == 422


async def test_a_base_path(serve: Serve) -> None:
    document = contract() | {"servers": [{"url": "https://example.com/v1/"}, {"url": "/v1"}]}
    service = serve(document)
    assert (await service.ask("GET", f"/v1{TARGET}")).status == 200
    assert (await service.ask("GET", TARGET)).status == 404


async def test_an_operation_without_a_name_and_a_tag(serve: Serve) -> None:
    document = contract()
    responses = {"204": {"description": "Done."}}
    document["paths"]["/a-b/{c}"] = {
        "parameters": [{"name": "c", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {"responses": responses},
        "delete": {"operationId": "del", "tags": ["things", "more"], "responses": responses},
    }
    service = serve(document)
    service.answers |= {"get_a_b_c": service.package.responses.GetABC204()}
    service.answers |= {"del_": service.package.responses.Del204()}
    assert (await service.ask("GET", "/a-b/x")).status == 204
    assert (await service.ask("DELETE", "/a-b/x")).status == 204
    assert hasattr(service.package.operations.Default, "get_a_b_c")
    assert hasattr(service.package.operations.Things, "del_")


@pytest.mark.parametrize("other", ["page_size", "Page-Size", "page.size"])
async def test_names_that_fall_together_are_numbered(serve: Serve, other: str) -> None:
    document = with_parameter("query", "page-size", {"type": "integer"})
    document["paths"][THING]["get"]["parameters"].append(
        {"name": other, "in": "query", "schema": {"type": "integer"}}
    )
    service = serve(document)
    assert await status(service, [], f"?page-size=1&{other}=2") == 200
    assert service.call["page_size"] == 1
    assert service.call["page_size_2"] == 2


async def test_names_that_fall_together_as_constants_are_numbered(serve: Serve) -> None:
    """`pageSize` and `page_size` are two arguments, and once were one table."""
    document = with_parameter("query", "pageSize", {"type": "integer"})
    document["paths"][THING]["get"]["parameters"].append(
        {"name": "page_size", "in": "query", "schema": {"type": "boolean"}}
    )
    service = serve(document)
    assert await status(service, [], "?pageSize=1&page_size=true") == 200
    assert (service.call["pageSize"], service.call["page_size_2"]) == (1, True)


async def test_a_parameter_in_path_and_query(serve: Serve) -> None:
    service = serve(with_parameter("query", "thing_id", {"type": "integer"}))
    assert await status(service, [], "?thing_id=7") == 200
    assert service.call["thing_id_2"] == 7


async def test_an_operation_id_that_stands_twice(serve: Serve) -> None:
    document = contract()
    document["paths"][THING]["get"]["operationId"] = "putThing"
    service = serve(document)
    service.answers = {"put_thing": service.package.responses.Thing(ROW)}
    service.answers["put_thing_2"] = service.package.responses.PutThing204()
    assert await status(service, []) == 200
    assert (await service.ask("PUT", TARGET, token="a", json=ROW)).status == 204


async def test_constants_of_operations_and_parameters_are_kept_apart(serve: Serve) -> None:
    """`get` with a parameter `thing` and `get_thing` once shared a constant."""
    document = with_parameter("query", "thing", {"type": "integer"})
    document["paths"]["/x"] = {
        "get": {
            "operationId": "get",
            "tags": ["things"],
            "parameters": [{"name": "thing", "in": "query", "schema": {"type": "boolean"}}],
            "responses": {"204": {"description": "Done."}},
        }
    }
    service = serve(document)
    service.answers["get"] = service.package.responses.Get204()
    assert (await service.ask("GET", "/x?thing=true")).status == 204
    assert (await service.ask("GET", f"{TARGET}?thing=7")).status == 200


async def test_schemas_that_stand_in_bodies_themselves(serve: Serve) -> None:
    document = contract()
    items = {"type": "array", "maxItems": 2, "items": {"type": "integer"}}
    document["paths"][THING]["put"]["requestBody"]["content"]["application/json"] = {"schema": items}
    found = {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}
    document["paths"][THING]["get"]["responses"]["404"] = {
        "description": "None.",
        "content": {"application/json": {"schema": found}},
    }
    service = serve(document)
    responses = service.package.responses
    assert (await service.ask("PUT", TARGET, token="a", json=[1, 2])).status == 204
    assert service.call["body"].root == [1, 2]
    for refused in (["1"], [1, 2, 3], {"a": 1}, 1):
        assert (await service.ask("PUT", TARGET, token="a", json=refused)).status == 422
    service.answers["get_thing"] = responses.GetThing404({"total": 0})
    answer = await service.ask("GET", TARGET)
    assert (answer.status, answer.json) == (404, {"total": 0})
    assert hasattr(service.package.models, "GetThing404Body")


@pytest.mark.parametrize("name", ["thing", "Thing-2", "a.b", "list", "HTTPError", "2fa"])
async def test_a_schema_gets_the_nearest_name(serve: Serve, name: str) -> None:
    document = contract()
    schemas = document["components"]["schemas"]
    schemas[name] = schemas.pop("Thing")
    reference = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    document["components"]["responses"]["Thing"]["content"]["application/json"] = reference
    document["paths"][THING]["put"]["requestBody"]["content"]["application/json"] = reference
    service = serve(document)
    assert (await service.ask("PUT", TARGET, token="a", json=ROW)).status == 204
    assert (await service.ask("PUT", TARGET, token="a", json={"name": "too long"})).status == 422
    assert (await service.ask("GET", TARGET)).json == ROW


async def test_an_inline_schema_does_not_take_the_name_of_another(serve: Serve) -> None:
    document = contract()
    document["components"]["schemas"]["PutThingBody"] = {"type": "object", "properties": {"a": {}}}
    content = {"application/json": {"schema": {"type": "object", "properties": {"b": {"type": "integer"}}}}}
    document["paths"][THING]["put"]["requestBody"]["content"] = content
    service = serve(document)
    assert (await service.ask("PUT", TARGET, token="a", json={"b": 1})).status == 204
    assert type(service.call["body"]).__name__ == "PutThingBody2"
    assert service.package.models.PutThingBody.model_fields.keys() == {"a"}


async def test_a_contract_without_schemas_or_security(tmp_path: Path) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Bare", "version": "1"},
        "paths": {
            "/a": {"get": {"operationId": "a", "tags": ["a"], "responses": {"204": {"description": "Done."}}}}
        },
    }
    package = import_package(
        "bare_contract", write_package(read_document(tmp_path, document), tmp_path / "bare")
    )
    service = Service(package)
    service.answers["a"] = package.responses.A204()
    assert (await service.ask("GET", "/a")).status == 204


async def test_bounds_on_the_items_of_a_list(tmp_path: Path) -> None:
    document = contract()
    words = {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 3}}
    document["components"]["schemas"]["Thing"]["properties"]["words"] = words
    package = import_package(
        "bounded_items", write_package(read_document(tmp_path, document), tmp_path / "items")
    )
    service = Service(package)
    service.answers["put_thing"] = package.responses.PutThing204()
    for items, status in [(["abc"], 204), (["abcd"], 422)]:
        answer = await service.ask("PUT", TARGET, token="a", json={"name": "a", "words": items})
        assert answer.status == status
