"""What the contract's schemas say beyond the models."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from .formats import FORMATS
from .problems import Violation, json_pointer, violation

_CONTRACT = "urn:contract"


def schemas_of(document: dict[str, Any]) -> jsonschema_rs.Registry:
    """The schemas of a contract, read once for all checks of its bodies."""
    return jsonschema_rs.Registry([(_CONTRACT, document)], draft=jsonschema_rs.Draft202012)


def residual(schemas: jsonschema_rs.Registry, pointer: str) -> Callable[[bytes], list[Violation]]:
    """The check of a body against its schema in the contract, formats included, compiled once."""
    schema = {"$ref": f"{_CONTRACT}#{quote(pointer)}"}
    validator = jsonschema_rs.Draft202012Validator(
        schema, registry=schemas, validate_formats=True, formats=FORMATS
    )

    def check(raw: bytes) -> list[Violation]:
        return [
            violation("body", json_pointer(error.instance_path), f"Value violates {error.schema_path[-1]!r}")
            for error in validator.iter_errors(json.loads(raw))
        ]

    return check
