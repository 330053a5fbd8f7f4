"""Documents judged by the foreign validators, generated in this process from a right or wrong reading."""

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.load import load
from contractgen.plan.planner import make_plan
from contractgen.render.folder import write
from contractgen.render.package import render_plan
from contractgen.schema.normal import normal_form
from contractgen.verify.foreign.check import check
from contractgen.verify.foreign.report import Differences
from contractgen.verify.stubs import stub_app
from tests.contractgen.packages import import_package, write_document

Change = Callable[[dict[str, Any]], dict[str, Any]]
_NUMBERS = count()
_OF_SCHEMAS = {"type", "properties", "items", "oneOf", "anyOf", "allOf", "enum", "format", "not"}


def judged(folder: Path, document: Any) -> Differences:
    """What the routes of a document, generated and mounted, decide otherwise than its raw schemas."""
    name = f"judged_{next(_NUMBERS)}"
    spec = write_document(folder, document) if isinstance(document, dict) else document
    loaded = load(spec)
    write(render_plan(loaded, make_plan(loaded)), folder / name)
    package = import_package(name, folder / name)
    try:
        return check(loaded, *stub_app(package))
    finally:
        for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[module]


def with_schemas(schemas: dict[str, Any], openapi: str = "3.1.0", **more: Any) -> dict[str, Any]:
    """A contract with an operation for each schema, whose body has it."""
    paths = {
        f"/{name}": {
            "post": {
                "operationId": f"take_{name}",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
                },
                "responses": {"204": {"description": "The schema admits the body."}},
            }
        }
        for name in schemas
    }
    return {
        "openapi": openapi,
        "info": {"title": "Schemas", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas | more},
    }


def misread(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let the generator misread every document: each object of its normal form is changed."""
    known = normal_form

    def changed(*arguments: Any) -> Any:
        document = known(*arguments)
        return replace(document, value=_walked(document.value, change))

    monkeypatch.setattr("contractgen.schema.sound.normal_form", changed)


def without(*keywords: str) -> Change:
    """Drop keywords from every schema."""
    return lambda node: (
        {name: each for name, each in node.items() if name not in keywords}
        if _OF_SCHEMAS & node.keys()
        else node
    )


def _walked(node: Any, change: Change) -> Any:
    if isinstance(node, list):
        return [_walked(each, change) for each in node]
    if isinstance(node, dict):
        return change({name: _walked(each, change) for name, each in node.items()})
    return node
