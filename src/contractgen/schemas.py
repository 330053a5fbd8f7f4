"""What a schema says, as far as it is known: parameters' converters, and whether a model enforces a body."""

import re
from collections.abc import Iterator
from typing import Any

from contractgen.findings import Finding
from contractgen.load import Document, child

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
    """Every keyword below a schema that the generator would not enforce."""
    schema, pointer = document.resolve(pointer)
    if pointer in seen:
        return
    seen.add(pointer)
    if not isinstance(schema, dict):
        yield document.finding(pointer, "a schema that is true or false is not supported")
        return
    for keyword in schema:
        if keyword not in KNOWN_KEYWORDS and not keyword.startswith("x-"):
            yield document.finding(child(pointer, keyword), f"the keyword {keyword!r} is not supported")
    if schema.get("format") not in {None, *KNOWN_FORMATS}:
        yield document.finding(child(pointer, "format"), f"the format {schema['format']!r} is not supported")
    if not isinstance(schema.get("additionalProperties", False), bool):
        yield document.finding(child(pointer, "additionalProperties"), "only true or false is supported")
    if _kinds(schema) - {"null"} and len(_kinds(schema) - {"null"}) > 1:
        yield document.finding(child(pointer, "type"), "a schema of several types is not supported")
    for name in schema.get("properties", {}):
        yield from unknown_constructs(document, child(pointer, "properties", name), seen)
    if "items" in schema:
        yield from unknown_constructs(document, child(pointer, "items"), seen)


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
    # Strict mode refuses 1.0 for an integer and takes true for the constant 1.
    if _kinds(schema) & {"integer", "number"}:
        return False
    if {"enum", "const"} & schema.keys() and not _of_strings(schema):
        return False
    below = [child(pointer, "properties", name) for name in schema.get("properties", {})]
    below += [child(pointer, "items")] if "items" in schema else []
    return all(is_exact(document, place, seen) for place in below)


def converter(document: Document, pointer: str) -> tuple[str, str] | None:
    """The Python type of a scalar parameter and the expression that reads it; None when not supported."""
    schema, _ = document.resolve(pointer)
    match schema.get("type"):
        case "integer" if not {"enum", "const"} & schema.keys():
            return "int", f"Integer({_keywords(schema, minimum='minimum', maximum='maximum')})"
        case "string" if schema.get("format") == "uuid":
            return "UUID", "Uuid()"
        case "string" if "enum" in schema and _of_strings(schema):
            values = tuple(schema["enum"])
            return f"Literal[{', '.join(map(repr, values))}]", f"Choice({values!r})"
        case "string" if "format" not in schema and "const" not in schema:
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
