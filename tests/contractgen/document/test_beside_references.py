"""What stands beside a `$ref`: ignored, applied or added to it, relative to its own file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.document.findings import ContractError
from contractgen.document.load import Document, load
from contractgen.plan.planner import make_plan
from contractgen.render.package import render

ROOT = """\
openapi: {version}
info: {{title: t, version: '1'}}
paths:
  /x:
    post:
      operationId: x
      requestBody: {{content: {{application/json: {{schema: {{$ref: 'a/thing.yaml'}}}}}}}}
      responses: {{'204': {{description: ok}}}}
"""
REFERENCE = {"$ref": "base.yaml", "properties": {"extra": {"$ref": "./extra.yaml"}}, "title": "Thing"}
NOWHERE = {"$ref": "base.yaml", "properties": {"extra": {"$ref": "nowhere.yaml"}}, "title": "Thing"}
BASE = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
EXTRA = {
    "type": "object",
    "properties": {"e": {"$ref": "#/definitions/E"}},
    "definitions": {"E": {"type": "integer"}},
}


def written(folder: Path, version: str, files: dict[str, Any], root: Any = None) -> Path:
    files = {"openapi.yaml": root or yaml.safe_load(ROOT.format(version=version)), **files}
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(value, sort_keys=False))
    return folder / "openapi.yaml"


def item(folder: Path, version: str, item: Any, files: dict[str, Any]) -> Document:
    """A document whose path item `/x/{id}` stands in the document itself."""
    root = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {"/x/{id}": item}}
    return load(written(folder, version, files, root))


def test_in_3_1_keywords_beside_the_reference_of_a_schema_apply(tmp_path: Path) -> None:
    files = {"a/thing.yaml": REFERENCE, "a/base.yaml": BASE, "a/extra.yaml": EXTRA}
    document = load(written(tmp_path, "3.1.0", files))
    schemas = document.value["components"]["schemas"]
    assert schemas["thing"] == {
        "$ref": "#/components/schemas/base",
        "properties": {"extra": {"$ref": "#/components/schemas/extra"}},
        "title": "Thing",
    }
    assert schemas["extra"]["properties"]["e"] == {"$ref": "#/components/schemas/E"}
    assert document.origin("/components/schemas/thing/properties/extra").file.path.name == "thing.yaml"
    render(document)


def test_in_3_1_a_reference_beside_a_reference_is_followed(tmp_path: Path) -> None:
    files = {"a/thing.yaml": NOWHERE, "a/base.yaml": BASE}
    with pytest.raises(
        ContractError, match=r"a/thing.yaml:\d+:\d+: #/properties/extra: .*nowhere.yaml leads to no"
    ):
        load(written(tmp_path, "3.1.0", files))


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4"])
def test_in_3_0_what_stands_beside_a_reference_is_not_even_followed(tmp_path: Path, version: str) -> None:
    files = {"a/thing.yaml": NOWHERE, "a/base.yaml": BASE}
    schema = load(written(tmp_path, version, files)).value["components"]["schemas"]["thing"]
    assert schema == {"$ref": "#/components/schemas/base", "title": "Thing"}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_beside_the_reference_of_anything_else_only_prose_counts(tmp_path: Path, version: str) -> None:
    responses = {
        "204": {
            "$ref": "r.yaml#/Done",
            "description": "Done.",
            "content": {"a/b": {"schema": {"$ref": "no.yaml"}}},
        }
    }
    get = {"operationId": "g", "parameters": [{"$ref": "r.yaml#/id", "schema": {"$ref": "no.yaml"}}]}
    files = {
        "r.yaml": {
            "Done": {"description": "ok"},
            "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        }
    }
    document = item(tmp_path, version, {"get": {**get, "responses": responses}}, files)
    make_plan(document)
    operation = document.value["paths"]["/x/{id}"]["get"]
    assert operation["responses"]["204"] == {"$ref": "#/components/responses/Done", "description": "Done."}
    assert operation["parameters"] == [{"$ref": "#/components/parameters/id"}]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_path_item_adds_to_the_one_that_it_refers_to(tmp_path: Path, version: str) -> None:
    files = {
        "b/x.yaml": {
            "summary": "From there.",
            "get": {"operationId": "g", "responses": {"200": {"$ref": "#/x-done"}}},
            "x-done": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "s.yaml"}}}},
        },
        "b/s.yaml": {"type": "string"},
        "c/p.yaml": {
            "id": {"name": "id", "in": "path", "required": True, "schema": {"$ref": "s.yaml"}},
        },
        "c/s.yaml": {"type": "integer"},
    }
    own = {"$ref": "b/x.yaml", "summary": "Here.", "parameters": [{"$ref": "c/p.yaml#/id"}]}
    document = item(tmp_path, version, own, files)
    joined = document.value["paths"]["/x/{id}"]
    assert joined["summary"] == "Here."
    assert joined["get"]["operationId"] == "g"
    assert joined["parameters"] == [{"$ref": "#/components/parameters/id"}]
    schemas = document.value["components"]["schemas"]
    assert {each["type"] for each in schemas.values()} == {"string", "integer"}
    assert document.origin("/paths/~1x~1{id}/parameters/0").file.path.name == "openapi.yaml"
    assert document.origin("/paths/~1x~1{id}/get/operationId").file.path.name == "x.yaml"
    render(document)


def test_path_items_add_to_one_another_over_several_files(tmp_path: Path) -> None:
    operation = {"responses": {"204": {"description": "ok"}}}
    files = {
        "b/x.yaml": {"$ref": "y.yaml", "put": {**operation, "operationId": "p"}},
        "b/y.yaml": {"delete": {**operation, "operationId": "d"}},
    }
    document = item(tmp_path, "3.1.0", {"$ref": "b/x.yaml", "get": {**operation, "operationId": "g"}}, files)
    pointer = "/paths/~1x~1{id}"
    methods = {"get": "openapi.yaml", "put": "x.yaml", "delete": "y.yaml"}
    assert document.at(pointer).keys() == methods.keys()
    assert {name: document.origin(f"{pointer}/{name}").file.path.name for name in methods} == methods


def test_two_path_items_with_one_field_are_rejected(tmp_path: Path) -> None:
    """OpenAPI leaves open which of the two counts."""
    get = {"operationId": "g", "responses": {"204": {"description": "ok"}}}
    files = {"x.yaml": {"get": get, "servers": [{"url": "/a"}]}}
    own = {"$ref": "x.yaml", "get": {**get, "operationId": "h"}, "servers": [{"url": "/a"}]}
    with pytest.raises(
        ContractError, match=r"openapi.yaml:\d+:\d+: #/paths/~1x~1\{id\}/get: both .* have 'get'"
    ):
        item(tmp_path, "3.1.0", own, files)


def test_a_component_that_is_a_reference_keeps_its_name_and_what_it_adds(tmp_path: Path) -> None:
    schemas = {"Pet": {"$ref": "pet.yaml"}, "Named": {"$ref": "pet.yaml", "required": ["name"]}}
    root = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }
    pet = {"type": "object", "properties": {"name": {"type": "string"}}}
    joined = load(written(tmp_path, "3.1.0", {"pet.yaml": pet}, root)).value["components"]["schemas"]
    assert joined == {"Pet": pet, "Named": {"$ref": "#/components/schemas/Pet", "required": ["name"]}}


def test_what_3_0_ignores_is_reported(tmp_path: Path) -> None:
    part = {"$ref": "#/components/schemas/T", "nullable": True, "description": "A part.", "x-note": 1}
    schemas = {"S": {"type": "object", "properties": {"a": part}}, "T": {"type": "string"}}
    info = {"title": "t", "version": "1"}
    root = {"openapi": "3.0.3", "info": info, "paths": {}, "components": {"schemas": schemas}}
    (warning,) = make_plan(load(written(tmp_path, "3.0.3", {}, root))).warnings
    assert warning.message == "'nullable' beside $ref has no effect in OpenAPI 3.0"
    assert warning.pointer == "/components/schemas/S/properties/a/nullable"
