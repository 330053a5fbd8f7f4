"""Whether a document has the structure of OpenAPI, and whether its references lead somewhere."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from contractgen.findings import ContractError, Finding
from contractgen.load import Document, child
from contractgen.runtime.formats import FORMATS

# Below these members stands data, in which `$ref` is a name like any other.
_DATA = {"example", "examples", "default", "enum", "const", "value"}
_LONGEST = 200


def structural_findings(document: Document) -> list[Finding]:
    """Every value that OpenAPI's own schema does not admit, and every reference that cannot be followed."""
    found = [
        document.finding(child("", *error.instance_path), _message(error))
        for error in _openapi_validator(document.value["openapi"]).iter_errors(document.value)
    ]
    return found + list(_reference_findings(document, document.value, ""))


def schema_findings(document: Document, pointer: str) -> list[Finding]:
    """Every place below a schema that is not JSON Schema."""
    return [
        document.finding(child(pointer, *error.instance_path), _message(error))
        for error in _meta_validator().iter_errors(document.at(pointer))
    ]


def default_findings(document: Document, pointer: str) -> list[Finding]:
    """A default that its own schema refuses."""
    schema = document.at(pointer)
    if "default" not in schema:
        return []
    bundle = schema | {"components": document.value.get("components", {})}
    if jsonschema_rs.Draft202012Validator(bundle, validate_formats=True, formats=FORMATS).is_valid(
        schema["default"]
    ):
        return []
    return [document.finding(child(pointer, "default"), "the default violates its own schema")]


@cache
def _openapi_validator(version: str) -> Any:
    name = "v3.0" if str(version).startswith("3.0") else "v3.1"
    schema = json.loads(
        files("openapi_spec_validator").joinpath(f"resources/schemas/{name}/schema.json").read_text()
    )
    return jsonschema_rs.validator_for(schema, validate_formats=False)


@cache
def _meta_validator() -> Any:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": "https://json-schema.org/draft/2020-12/schema"}, validate_formats=False
    )


def _message(error: Any) -> str:
    name = str(error.instance_path[-1]) if error.instance_path else "the document"
    message = error.message
    if len(message) > _LONGEST:
        message = f"violates {'/'.join(map(str, error.schema_path))[-_LONGEST:]}"
    return f"{name}: {message}"


def _reference_findings(document: Document, value: Any, pointer: str) -> Iterator[Finding]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _reference_findings(document, item, child(pointer, index))
    if not isinstance(value, dict):
        return
    if isinstance(value.get("$ref"), str) and not pointer.endswith("/properties"):
        try:
            document.resolve(pointer)
        except ContractError as error:
            yield from error.findings
    for name, below in value.items():
        if name not in _DATA or pointer.endswith("/properties"):
            yield from _reference_findings(document, below, child(pointer, name))
