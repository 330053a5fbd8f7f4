"""What a schema says, as far as it is known: parameters' converters, and whether a model enforces a body."""

import re
from collections.abc import Iterator
from typing import Any

from contractgen.findings import ContractError, Finding
from contractgen.load import Document, child
from contractgen.structure import default_findings

ANNOTATIONS = {"title", "description", "examples", "example", "deprecated", "default"}
KNOWN_KEYWORDS = ANNOTATIONS | {
    *("type", "enum", "const", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "items", "minItems", "maxItems"),
    *("properties", "required", "additionalProperties"),
}
KNOWN_FORMATS = {"uuid", "email", "date-time", "password", "uri-reference"}
# Pydantic's own check of these says exactly what the specification says, or there is nothing to check.
EXACT_FORMATS = {"password"}
# In these classes Rust's expressions are Unicode where the contract's dialect is ASCII.
_INEXACT_PATTERN = re.compile(r"\\[dDwWsSbB]")


def unknown_constructs(document: Document, pointer: str, seen: set[str]) -> Iterator[Finding]:
    """Everything below a schema that the generator would not enforce; the schema itself is a valid one."""
    if isinstance(document.at(pointer), dict):
        siblings = document.at(pointer).keys() - {"$ref", "summary", "description"}
        if "$ref" in document.at(pointer) and siblings:
            yield document.finding(pointer, f"{', '.join(sorted(siblings))} beside $ref is not supported")
    try:
        schema, pointer = document.resolve(pointer)
    except ContractError:
        return  # a reference that leads nowhere is a fault of the structure, and was found there
    if pointer in seen:
        return
    seen.add(pointer)
    if not isinstance(schema, dict):
        yield document.finding(pointer, "a schema that is true or false is not supported")
        return
    yield from _unknown_here(document, schema, pointer)
    for name in schema.get("properties", {}):
        yield from unknown_constructs(document, child(pointer, "properties", name), seen)
    if "items" in schema:
        yield from unknown_constructs(document, child(pointer, "items"), seen)


def _unknown_here(document: Document, schema: dict[str, Any], pointer: str) -> Iterator[Finding]:
    for keyword in schema:
        if keyword not in KNOWN_KEYWORDS and not keyword.startswith("x-"):
            yield document.finding(child(pointer, keyword), f"the keyword {keyword!r} is not supported")
    if schema.get("format") not in {None, *KNOWN_FORMATS}:
        yield document.finding(child(pointer, "format"), f"the format {schema['format']!r} is not supported")
    if not isinstance(schema.get("additionalProperties", False), bool):
        yield document.finding(child(pointer, "additionalProperties"), "only true or false is supported")
    if len(_kinds(schema) - {"null"}) > 1:
        yield document.finding(child(pointer, "type"), "a schema of several types is not supported")
    if schema.get("enum") == []:
        yield document.finding(child(pointer, "enum"), "an enum without values admits nothing")
    for name in schema.get("required", []):
        if name not in schema.get("properties", {}):
            place = child(pointer, "required")
            yield document.finding(place, f"the required member {name!r} is no property of the schema")
    yield from default_findings(document, pointer)


def is_exact(document: Document, pointer: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether strict JSON validation by the generated model enforces everything below this schema."""
    schema, pointer = document.resolve(pointer)
    if pointer in seen:
        return True
    seen |= {pointer}
    if schema.get("format") not in {None, *EXACT_FORMATS} or _INEXACT_PATTERN.search(
        schema.get("pattern", "")
    ):
        return False
    # Strict mode takes true for the constant 1.
    if {"enum", "const"} & schema.keys() and not _of_strings(schema):
        return False
    below = [child(pointer, "properties", name) for name in schema.get("properties", {})]
    below += [child(pointer, "items")] if "items" in schema else []
    return all(is_exact(document, place, seen) for place in below)


def converter(document: Document, pointer: str) -> tuple[str, str] | None:
    """The Python type of a scalar parameter and the expression that reads it; None when not supported."""
    schema, _ = document.resolve(pointer)
    return _string(schema) if schema.get("type") == "string" else _number_or_boolean(schema)


def _number_or_boolean(schema: dict[str, Any]) -> tuple[str, str] | None:
    said = schema.keys() - ANNOTATIONS - {"type"}
    bounds = _keywords(schema, minimum="minimum", maximum="maximum")
    match schema.get("type"):
        case "integer" if said <= {"minimum", "maximum"}:
            return "int", f"Integer({bounds})"
        case "number" if said <= {"minimum", "maximum"}:
            return "float", f"Number({bounds})"
        case "boolean" if not said:
            return "bool", "Boolean()"
    return None


def _string(schema: dict[str, Any]) -> tuple[str, str] | None:
    said = schema.keys() - ANNOTATIONS - {"type"}
    if said == {"format"} and schema["format"] == "uuid":
        return "UUID", "Uuid()"
    if said == {"enum"} and _of_strings(schema):
        values = tuple(schema["enum"])
        return f"Literal[{', '.join(map(repr, values))}]", f"Choice({values!r})"
    if said <= {"minLength", "maxLength", "pattern"}:
        bounds = _keywords(schema, minLength="min_length", maxLength="max_length", pattern="pattern")
        return "str", f"Text({bounds})"
    return None


def _kinds(schema: dict[str, Any]) -> set[str]:
    kinds = schema.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _of_strings(schema: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for value in schema.get("enum", [schema.get("const", "")]))


def _keywords(schema: dict[str, Any], **names: str) -> str:
    return ", ".join(f"{name}={schema[keyword]!r}" for keyword, name in names.items() if keyword in schema)
