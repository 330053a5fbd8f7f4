"""A type that is an array of itself has the types of its items."""

from typing import Any

import pytest
from pydantic import ValidationError

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
    tree = package_of({**document, "paths": {"/tree": {"get": operation}}}).models.Tree
    tree.model_validate([])
    with pytest.raises(ValidationError):
        tree.model_validate([1])
