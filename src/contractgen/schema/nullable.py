"""`nullable: true` of OpenAPI 3.0 as JSON Schema 2020-12 writes it."""

from typing import Any

from contractgen.schema.types import named_types
from contractgen.schema.vocabulary import NOTES
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import pointer_of, tokens

# What is said of a property, whether it is null or not.
_OF_PROPERTIES = {"readOnly", "writeOnly"}
_UNIONS = ("anyOf", "oneOf")
_MOST_STEPS = 20


def nullable(root: Any, schema: Schema) -> Schema:
    """Return a schema or null; an enum that does not list null keeps it out, as 3.0.3 made clear."""
    beside = NOTES | _OF_PROPERTIES
    if ("enum" in schema and None not in schema["enum"]) or not schema.keys() - beside:
        return schema
    if isinstance(schema.get("type"), str) and not {"allOf", "anyOf", "oneOf", "not"} & schema.keys():
        return schema | {"type": [schema["type"], "null"]}
    unions = [keyword for keyword in _UNIONS if keyword in schema]
    if len(unions) == 1 and not schema.keys() - beside - {unions[0], "discriminator"}:
        branches = schema[unions[0]]
        # Another subschema of a oneOf that admits null would make two.
        if unions == ["anyOf"] or not any(_admits_null(root, each) for each in branches):
            return schema | {unions[0]: [*branches, {"type": "null"}]}
    kept = {name: schema[name] for name in beside & schema.keys()}
    rest = {name: value for name, value in schema.items() if name not in kept}
    return kept | {"anyOf": [rest, {"type": "null"}]}


def _admits_null(root: Any, schema: Any, steps: int = 0) -> bool:
    """Return whether a schema, translated or not, may admit null."""
    if not isinstance(schema, dict) or steps > _MOST_STEPS:
        return schema is not False
    if isinstance(schema.get("$ref"), str):
        return _admits_null(root, _target(root, schema["$ref"]), steps + 1)
    if isinstance(schema.get("enum"), list):
        return None in schema["enum"]
    if schema.get("nullable") is True:
        return True
    if "type" in schema:
        return "null" in named_types(schema)
    parts = [_admits_null(root, each, steps + 1) for each in schema.get("allOf", ())]
    unions = [[_admits_null(root, e, steps + 1) for e in schema[name]] for name in _UNIONS if name in schema]
    return all(parts) and all(map(any, unions))


def _target(root: Any, reference: str) -> Any:
    """Return what a reference leads to; the check of the structure finds one that leads nowhere."""
    here = root
    for name in tokens(pointer_of(reference)):
        if isinstance(here, list) and name.isdecimal() and int(name) < len(here):
            here = here[int(name)]
        else:
            here = here.get(name, True) if isinstance(here, dict) else True
    return here
