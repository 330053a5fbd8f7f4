"""The copy of the contract that the pages show: its notes, roles and servers; nothing else is changed."""

import copy
from typing import Any

import pytest
from fastapi import FastAPI

from contractgen_runtime.service.application import Service
from contractgen_runtime.service.shown import Note, shown_document
from tests.contractgen.packages import contract, package_of
from tests.contractgen.service import Service as Mounted

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "oauth": {"type": "oauth2", "flows": {}},
}


def application(document: Any) -> FastAPI:
    """An application without routes whose document is this one."""
    app = Service()
    app.openapi = lambda: document  # type: ignore[method-assign]  # as FastAPI documents it
    return app


def of(operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    info = {"title": "Things", "version": "1"}
    components = {"securitySchemes": SCHEMES}
    paths = {"/things": {"get": {"operationId": "listThings", **operation}}}
    return {"openapi": "3.1.0", "info": info, "components": components, "paths": paths, **more}


def description(document: Any, *notes: Note) -> str | None:
    shown = shown_document(application(document), notes)
    text: str | None = shown["paths"]["/things"]["get"].get("description")
    return text


@pytest.mark.parametrize(
    ("security", "text"),
    [
        ([], None),
        ([{"bearer": []}], None),
        ([{"bearer": ["admin"]}], "**Needs** `bearer` with the role `admin`"),
        ([{"bearer": ["a", "b"]}], "**Needs** `bearer` with the roles `a` and `b`"),
        ([{"oauth": ["read"]}], "**Needs** `oauth` with the scope `read`"),
        ([{"bearer": ["a"], "key": []}], "**Needs** `bearer` with the role `a` and `key`"),
        ([{"bearer": ["a"]}, {"key": []}], "**Needs** `bearer` with the role `a`, or `key`"),
        ([{"bearer": ["a"]}, {}], "**Needs** `bearer` with the role `a`, or nothing"),
    ],
)
def test_an_operation_says_which_roles_it_needs(security: list[Any], text: str | None) -> None:
    assert description(of({"security": security})) == text
    assert description(of({}, security=security)) == text, "the security of the document is that of each"
    assert description(of({"security": []}, security=security)) is None


def test_notes_stand_before_the_description() -> None:
    document = of({"description": "All of them.", "security": [{"bearer": ["a"]}]})
    notes = (lambda name, _: f"{name}:", lambda *_: "", lambda _, each: each["description"].upper())
    text = description(document, *notes)
    assert text == "listThings:\n\nALL OF THEM.\n\n**Needs** `bearer` with the role `a`\n\nAll of them."


def test_the_contract_itself_is_not_changed() -> None:
    document = of({"security": [{"bearer": ["a"]}], "servers": [{"url": "https://example.com"}]})
    before = copy.deepcopy(document)
    shown = shown_document(application(document), [lambda *_: "First."])
    assert document == before
    assert shown["info"] == document["info"]
    assert shown["components"] == document["components"]


def test_requests_go_to_this_service_below_the_paths_of_the_servers() -> None:
    document = contract()
    path, item = next(iter(document["paths"].items()))
    document["servers"] = [{"url": "https://api.example.com/v2"}]
    document["paths"]["/elsewhere"] = {
        "servers": [{"url": "https://other.example.com/v3"}],
        "get": {"operationId": "elsewhere", "tags": ["things"], "responses": {"204": {"description": "No."}}},
    }
    shown = shown_document(Mounted(package_of(document)).app, [])
    assert shown["servers"] == [{"url": "/v2"}]
    assert shown["paths"]["/elsewhere"]["get"]["servers"] == [{"url": "/v3"}]
    assert "servers" not in shown["paths"]["/elsewhere"]
    assert shown["paths"][path].keys() == item.keys()
