"""What a schema says, as far as it is known: parameters' converters, and whether a model enforces a body."""

import re
from collections.abc import Iterator
from typing import Any

from contractgen.findings import ContractError, Finding
from contractgen.load import Document, child
from contractgen.structure import default_findings

ANNOTATIONS = {
    *(
        "title",
        "description",
        "examples",
        "example",
        "deprecated",
        "default",
        "$comment",
        "externalDocs",
        "xml",
    ),
    *("contentEncoding", "contentMediaType"),
}
# What a model enforces by itself; everything else is left to the residual check.
_BY_MODEL = {
    *("type", "pattern", "minLength", "maxLength", "minimum", "maximum", "items", "minItems", "maxItems"),
    *("properties", "required", "additionalProperties"),
}
_ASSERTIONS = {
    *("enum", "const", "format", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"),
    *("minContains", "maxContains", "minProperties", "maxProperties", "dependentRequired"),
}
# Keywords with schemas below them: in a mapping, in a list, or one.
_OF_MAPPINGS = {"properties", "patternProperties", "dependentSchemas", "$defs"}
_OF_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_OF_ONE = {
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
}
KNOWN_KEYWORDS = ANNOTATIONS | _BY_MODEL | _ASSERTIONS | _OF_MAPPINGS | _OF_LISTS | _OF_ONE
KNOWN_FORMATS = {
    *("date", "date-time", "time", "uuid", "password", "int32", "int64", "float", "double"),
    *("email", "hostname", "ipv4", "ipv6", "uri", "uri-reference"),
    *("duration", "byte", "binary", "decimal"),
}
# Of these there is nothing that a validator checks.
_UNCHECKED_FORMATS = {None, "password", "binary", "int32", "int64", "float", "double"}
# Keywords that make the members of an object something else than a list of names.
_SHAPING = {*_OF_LISTS, "patternProperties"}
# In these classes Rust's expressions are Unicode where the contract's dialect is ASCII.
_INEXACT_PATTERN = re.compile(r"\\[dDwWsSbB]")


def unknown_constructs(document: Document, pointer: str, seen: set[str]) -> Iterator[Finding]:
    """Everything below a schema that neither its model nor the residual check would enforce."""
    if isinstance(document.at(pointer), dict):
        siblings = document.at(pointer).keys() - {"$ref", "summary", "description"}
        if "$ref" in document.at(pointer) and siblings:
            yield document.finding(pointer, f"{', '.join(sorted(siblings))} beside $ref is not supported")
    try:
        schema, pointer = document.resolve(pointer)
    except ContractError:
        return  # a reference that leads nowhere is a fault of the structure, and was found there
    if pointer in seen or not isinstance(schema, dict):
        return
    seen.add(pointer)
    yield from _unknown_here(document, schema, pointer)
    for place in _below(schema, pointer):
        yield from unknown_constructs(document, place, seen)


def _below(schema: dict[str, Any], pointer: str) -> Iterator[str]:
    """The pointers of the schemas that a schema holds."""
    for keyword, value in schema.items():
        if keyword in _OF_MAPPINGS:
            yield from (child(pointer, keyword, name) for name in value)
        elif keyword in _OF_LISTS:
            yield from (child(pointer, keyword, index) for index in range(len(value)))
        elif keyword in _OF_ONE and not isinstance(value, bool):
            yield child(pointer, keyword)


def _unknown_here(document: Document, schema: dict[str, Any], pointer: str) -> Iterator[Finding]:
    for keyword in schema:
        if keyword not in KNOWN_KEYWORDS and not keyword.startswith("x-"):
            yield document.finding(child(pointer, keyword), f"the keyword {keyword!r} is not supported")
    if schema.get("format") not in {None, *KNOWN_FORMATS}:
        yield document.finding(child(pointer, "format"), f"the format {schema['format']!r} is not supported")
    if schema.get("enum") == []:
        yield document.finding(child(pointer, "enum"), "an enum without values admits nothing")
    yield from default_findings(document, pointer)


def is_exact(document: Document, pointer: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether strict JSON validation by the generated model enforces everything below this schema."""
    schema, pointer = document.resolve(pointer)
    if pointer in seen:
        return True
    if not isinstance(schema, dict) or not _is_exact_here(schema):
        return False
    return all(is_exact(document, place, seen | {pointer}) for place in _below(schema, pointer))


def _is_exact_here(schema: dict[str, Any]) -> bool:
    said = {keyword for keyword in schema if not keyword.startswith("x-")} - ANNOTATIONS - _BY_MODEL
    strings = _of_strings(schema) and len(_kinds(schema)) == 1
    return (
        said <= {"format"} | ({"enum", "const"} if strings else set())
        and schema.get("format") in _UNCHECKED_FORMATS
        and not _INEXACT_PATTERN.search(schema.get("pattern", ""))
        and isinstance(schema.get("additionalProperties", False), bool)
        and set(schema.get("required", [])) <= schema.get("properties", {}).keys()
        and len(_kinds(schema) - {"null"}) == 1
    )


def is_plain(document: Document, pointer: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether values of a schema have the members that it lists, at every depth: what a TypedDict can say."""
    schema, pointer = document.resolve(pointer)
    if pointer in seen:
        return True
    if not isinstance(schema, dict) or _SHAPING & schema.keys() or len(_kinds(schema) - {"null"}) > 1:
        return False
    if not isinstance(schema.get("additionalProperties", False), bool):
        return False
    below = [child(pointer, "properties", name) for name in schema.get("properties", {})]
    below += [child(pointer, "items")] if isinstance(schema.get("items"), dict) else []
    return all(is_plain(document, place, seen | {pointer}) for place in below)


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
