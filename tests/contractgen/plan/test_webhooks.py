"""Webhooks and callbacks: their bodies have models, and nothing of them is served."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.render.package import render
from tests.contractgen.packages import THING, contract, import_package, read_document, write_package
from tests.contractgen.service import Service

TARGET = "/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
NAME = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
TOLD = {
    "requestBody": {"content": {"application/json": {"schema": NAME}, "text/plain": {"schema": {}}}},
    "responses": {
        "204": {"description": "Thanks."},
        "4XX": {"description": "No.", "content": {"application/problem+json": {"schema": NAME}}},
    },
}
Package = Callable[[Any], Any]


@pytest.fixture
def package(tmp_path: Path) -> Package:
    def make(document: Any) -> Any:
        name = f"webhooks_{abs(hash(tmp_path))}"
        return import_package(name, write_package(read_document(tmp_path, document), tmp_path / name))

    return make


async def test_webhooks_beside_paths(package: Package) -> None:
    document = contract()
    document["webhooks"] = {
        "thing.created": {"post": TOLD},
        "thing.gone": {"post": {**TOLD, "operationId": "goodbye"}, "delete": TOLD},
    }
    made = package(document)
    for name in ("ThingCreatedBody", "ThingCreated4XXBody", "GoodbyeBody", "ThingGoneDeleteBody"):
        assert getattr(made.models, name)(name="a").name == "a"
    service = Service(made)
    service.answers["get_thing"] = made.responses.Thing({"name": "a"})
    assert (await service.ask("GET", TARGET)).status == 200
    assert [route.operation.operation_id for route in service.app.routes if hasattr(route, "operation")] == [
        "get_thing",
        "put_thing",
    ]
    assert service.app.openapi()["webhooks"] == document["webhooks"]


async def test_callbacks_of_an_operation(package: Package) -> None:
    document = contract()
    document["components"]["callbacks"] = {"Done": {"{$request.body#/url}": {"post": TOLD}}}
    document["paths"][THING]["put"]["callbacks"] = {
        "done": {"$ref": "#/components/callbacks/Done"},
        "failed": {"{$request.body#/url}/failed": {"post": {**TOLD, "operationId": "told_of_failure"}}},
    }
    made = package(document)
    assert {"PutThingDoneBody", "ToldOfFailureBody", "ToldOfFailure4XXBody"} <= vars(made.models).keys()
    service = Service(made)
    service.answers["put_thing"] = made.responses.PutThing204()
    assert (await service.ask("PUT", TARGET, token="a", json={"name": "a"})).status == 204
    assert not hasattr(made.responses, "PutThingDone4XX")


@pytest.mark.parametrize("member", ["webhooks", "components"])
async def test_a_contract_without_operations(package: Package, member: str) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Told", "version": "1"},
        member: {"webhooks": {"told": {"post": TOLD}}, "components": {"schemas": {"ToldBody": NAME}}}[member],
    }
    made = package(document)
    assert made.models.ToldBody(name="a").name == "a"
    answer = await Service(made).ask("GET", "/openapi.json")
    assert answer.json == document


def test_a_contract_of_nothing_is_refused(tmp_path: Path) -> None:
    document = {"openapi": "3.1.0", "info": {"title": "Nothing", "version": "1"}, "paths": {}}
    with pytest.raises(ContractError, match="no operation, webhook or schema"):
        render(read_document(tmp_path, document))
