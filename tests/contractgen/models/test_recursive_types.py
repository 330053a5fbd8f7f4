"""A type that has itself within it: an array keeps the types of its items, an object can be a dict."""

from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.contractgen.packages import package_of

TREE: Any = {"$ref": "#/components/schemas/Tree"}
SCHEMAS: dict[str, Any] = {
    "of itself or texts": {"type": "array", "items": {"anyOf": [TREE, {"type": "string"}]}},
    "of itself": {"type": "array", "items": TREE},
    "of arrays of itself": {"type": "array", "items": {"type": "array", "items": TREE}},
    "of an array of itself": {"type": "array", "items": {"$ref": "#/components/schemas/Branch"}},
    "of maps of itself": {"type": "array", "items": {"type": "object", "additionalProperties": TREE}},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_array_of_itself(name: str) -> None:
    content = {"application/json": {"schema": TREE}}
    operation = {"operationId": "grow", "responses": {"200": {"description": "A tree.", "content": content}}}
    components = {"schemas": {"Tree": SCHEMAS[name], "Branch": {"type": "array", "items": TREE}}}
    document = {"openapi": "3.1.0", "info": {"title": "Trees", "version": "1"}, "components": components}
    package = package_of({**document, "paths": {"/tree": {"get": operation}}})
    tree = package.models.Tree
    tree.model_validate([])
    assert get_type_hints(package.responses.Grow200)["body"]
    with pytest.raises(ValidationError):
        tree.model_validate([1])


def test_an_object_with_itself_and_a_name_that_python_keeps() -> None:
    """Its dict is made by a call, whose types are read at once."""
    leg: Any = {"$ref": "#/components/schemas/Leg"}
    properties = {"from": {"type": "string"}, "others": {"type": "array", "items": leg}}
    content = {"application/json": {"schema": leg}}
    operation = {"operationId": "go", "responses": {"200": {"description": "A leg.", "content": content}}}
    components = {"schemas": {"Leg": {"type": "object", "properties": properties}}}
    document = {"openapi": "3.1.0", "info": {"title": "Ways", "version": "1"}, "components": components}
    models = package_of({**document, "paths": {"/leg": {"get": operation}}}).models
    dicts = TypeAdapter(models.LegDict)
    assert dicts.validate_python({"from": "a", "others": [{"from": "b"}]})["others"] == [{"from": "b"}]
    with pytest.raises(ValidationError):
        dicts.validate_python({"others": [1]})


def test_a_conjunction_within_itself() -> None:
    """The graph writes out the kind, of which the graph itself is a subschema."""
    kind: Any = {"$ref": "#/components/schemas/Kind"}
    name: Any = {"properties": {"name": {"type": "string"}}}
    graph = {"type": "object", "properties": {"returns": {"type": "object", **name, "allOf": [kind]}}}
    schemas = {
        "Kind": {"type": "object", "allOf": [name], "oneOf": [{}, {"$ref": "#/components/schemas/Graph"}]},
        "Graph": graph,
    }
    content = {"application/json": {"schema": kind}}
    operation = {"operationId": "go", "responses": {"200": {"description": "It.", "content": content}}}
    document = {"openapi": "3.1.0", "info": {"title": "Kinds", "version": "1"}}
    paths = {"/kind": {"get": operation}}
    models = package_of({**document, "components": {"schemas": schemas}, "paths": paths}).models
    value = {"name": "a", "returns": {"name": "b", "returns": {"name": "c"}}}
    made = TypeAdapter(models.Kind).validate_python(value)
    assert TypeAdapter(models.Kind).dump_python(made, mode="json", exclude_unset=True) == value
