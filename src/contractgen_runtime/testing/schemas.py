"""Validate values by the schemas of a document, all of which are read as JSON Schema 2020-12."""

from re import compile as compiled
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

# The format `byte` of OpenAPI, which a subschema of `oneOf` can differ by.
_BASE64 = compiled(r"[A-Za-z0-9+/]*={0,2}")
#: What the references within the document begin with, once it is translated.
URI = "urn:contract"
# What a reference has as it is. Contracts also write what no URI may have, such as the braces of a path.
_IN_REFERENCES = "#/?:@!$&'()*+,;=-._~%"
_NO_ESCAPE = compiled(r"%(?![0-9A-Fa-f]{2})")

# What holds data, in which nothing is a schema; and what holds schemas and other parts by names of its own.
_DATA = {"const", "default", "enum", "example", "examples", "info", "tags"}
_BY_NAME = {
    *(
        "$defs",
        "callbacks",
        "content",
        "definitions",
        "dependentSchemas",
        "headers",
        "parameters",
        "pathItems",
    ),
    *("paths", "patternProperties", "properties", "requestBodies", "responses", "schemas"),
}


class Schemas:
    """The schemas of a translated document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._registry = jsonschema_rs.Registry([(URI, document)])
        self._validators: dict[int, Any] = {}  # by the identity of a schema, which the document keeps

    @staticmethod
    def reference(pointer: str) -> dict[str, str]:
        """Return a schema that is the one at a pointer in the document, `#/components/schemas/Problem`."""
        return {"$ref": URI + quote(_NO_ESCAPE.sub("%25", pointer), safe=_IN_REFERENCES)}

    def fault(self, schema: Any, value: Any) -> str | None:
        """Return where and why a value violates a schema of the document, None if it does not."""
        validator = self._validators.get(id(schema))
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True, formats={"byte": _is_base64}
            )
            self._validators[id(schema)] = validator
        for error in validator.iter_errors(value):
            return f"at /{'/'.join(map(str, error.instance_path))}: {error.message}"
        return None


def translated(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a document whose schemas are JSON Schema 2020-12, and mean responses.

    ValueError names a reference to another file: give the document that has them all.
    """
    copy: dict[str, Any] = _Translation(document).of(document)
    return copy


class _Translation:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._is_30 = str(document.get("openapi", "")).startswith("3.0")

    def of(self, node: Any, *, by_name: bool = False) -> Any:
        if isinstance(node, list):
            return [self.of(item) for item in node]
        if not isinstance(node, dict):
            return node
        copy: dict[str, Any] = {}
        for key, value in node.items():
            is_data = not by_name and (key in _DATA or str(key).startswith("x-"))
            copy[str(key)] = value if is_data else self.of(value, by_name=not by_name and key in _BY_NAME)
        return copy if by_name else self._schema(node, copy)

    def _schema(self, node: dict[str, Any], copy: dict[str, Any]) -> dict[str, Any]:
        """Translate what stands beside each other in one object, if it is a schema."""
        reference = copy.get("$ref")
        if isinstance(reference, str):
            if not reference.startswith("#"):
                raise ValueError(f"the reference {reference} leads to another file")
            copy |= Schemas.reference(reference)
            if self._is_30:
                return {"$ref": copy["$ref"]}
        if isinstance(copy.get("pattern"), str) and not _is_pattern(copy["pattern"]):
            del copy["pattern"]  # of a dialect that nobody here knows: it is not checked
        required, properties = copy.get("required"), node.get("properties")
        if isinstance(required, list) and isinstance(properties, dict):
            copy["required"] = [name for name in required if not self._is_for_requests(properties.get(name))]
        return _without_30(copy) if self._is_30 else copy

    def _is_for_requests(self, schema: Any) -> bool:
        seen = 0
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str) and seen < 20:
            if schema.get("writeOnly") is True and not self._is_30:
                return True
            schema, seen = follow(self._document, schema["$ref"]), seen + 1
        return isinstance(schema, dict) and schema.get("writeOnly") is True


def follow(document: Any, reference: str) -> Any:
    """Return what a reference within the document leads to."""
    node = document
    for token in reference.partition("#")[2].split("/")[1:]:
        name = unquote(token).replace("~1", "/").replace("~0", "~")
        node = node[int(name)] if isinstance(node, list) else _member(node, name)
    return node


def _member(node: dict[Any, Any], name: str) -> Any:
    """The value of a name, which YAML may have read as a number, as the statuses of responses are."""
    return node[name] if name in node else next(node[key] for key in node if str(key) == name)


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _is_pattern(text: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except ValueError:
        return False
    return True


def _without_30(schema: dict[str, Any]) -> dict[str, Any]:
    """Write `nullable` and the exclusive bounds of OpenAPI 3.0 as JSON Schema does."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        is_exclusive = schema.pop(exclusive) if isinstance(schema.get(exclusive), bool) else False
        if is_exclusive and bound in schema:
            schema[exclusive] = schema.pop(bound)
    is_nullable = schema.pop("nullable", False) is True
    # An enum that does not list null keeps it out, as 3.0.3 made clear.
    if not is_nullable or None not in schema.get("enum", [None]):
        return schema
    return {"anyOf": [schema, {"type": "null"}]}
