"""A class that inherits has all properties of its schemas, whatever they are called in Python."""

from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.packages import import_package, read_document, type_check, write_package
from tests.tiers import slow


@slow
@pytest.mark.parametrize(("name", "inherits"), [("default_group", False), ("other", True)])
def test_a_property_with_the_python_name_of_an_inherited_one(
    name: str, inherits: bool, tmp_path: Path
) -> None:
    user: Any = {"$ref": "#/components/schemas/User"}
    own = {"type": "object", "properties": {name: {"type": "string"}}}
    schemas = {
        "User": {"type": "object", "properties": {"defaultGroup": {"type": "integer"}}},
        "Self": {"allOf": [user, own]},
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Self"}}}
    operation = {"operationId": "see", "responses": {"200": {"description": "It.", "content": content}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Users", "version": "1"},
        "paths": {"/self": {"get": operation}},
        "components": {"schemas": schemas},
    }
    package = f"inherited_{name}"
    folder = write_package(read_document(tmp_path, document), tmp_path / package)
    models = import_package(package, folder).models
    assert issubclass(models.Self, models.User) is inherits
    text = f'{{"defaultGroup":1,"{name}":"a"}}'
    assert models.Self.model_validate_json(text).model_dump_json(by_alias=True) == text
    assert type_check(tmp_path, tmp_path / "cache") == []
