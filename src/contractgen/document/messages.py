"""Messages and hints for violations of OpenAPI's own schema and of the meta-schema of JSON Schema."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import jsonschema_rs

from contractgen.document.grammar import Kind

# A message and a hint.
Words = tuple[str, str]

_A = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
# Names of types in other languages and older versions, and the type of JSON Schema.
_CALLED = {
    **dict.fromkeys(("int", "int32", "int64", "long"), "type: integer"),
    **dict.fromkeys(("float", "double", "decimal"), "type: number"),
    **dict.fromkeys(("bool",), "type: boolean"),
    **dict.fromkeys(("text", "str", "char"), "type: string"),
    **dict.fromkeys(("map", "dict", "hash"), "type: object"),
    **dict.fromkeys(("list", "tuple", "set"), "type: array"),
    **{name: f"type: string, format: {name}" for name in ("date", "date-time", "uuid", "email", "uri")},
    "datetime": "type: string, format: date-time",
    **dict.fromkeys(("file", "binary"), "type: string, format: binary"),
    "any": "leave `type` out to admit any value",
}
# Fields of Swagger 2.0 and their replacements in OpenAPI 3.
_OF_SWAGGER = {
    "swagger": "openapi",
    **dict.fromkeys(("host", "basePath", "schemes"), "servers"),
    "definitions": "components/schemas",
    "securityDefinitions": "components/securitySchemes",
    "consumes": "the media types of requestBody/content",
    "produces": "the media types of each response's content",
    "collectionFormat": "style and explode",
    "flow": "flows",
}
_IN_SCHEMA = {"type", "format", "items", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern"}
_BODY = "declare the body in requestBody/content, by media type"
_SCHEMES = {
    "basic": "type: http, scheme: basic",
    "bearer": "type: http, scheme: bearer",
    "jwt": "type: http, scheme: bearer",
    "http-bearer": "type: http, scheme: bearer",
    "oauth": "type: oauth2",
    "apikey": "type: apiKey",
}
_LONGEST = 60
# Plain scalars of YAML that are not strings.
_PLAIN = re.compile(r"true|false|-?[0-9.]+")


def words(error: Any, kind: Kind, outside: tuple[str | int, ...], known: Iterable[str]) -> Words:
    """Return the message and the hint for an error below an object of a type.

    `outside` is its path below the last object of OpenAPI; `known` are the names of all fields.
    """
    subject = _subject(error, kind, outside)
    kinds = jsonschema_rs.ValidationErrorKind
    found = "", ""
    match error.kind:
        case kinds.Required(property=name):
            found = _missing(error, kind, subject, name)
        case kinds.AdditionalProperties(unexpected=names) | kinds.UnevaluatedProperties(unexpected=names):
            found = _unknown(kind, subject, names, known)
        case kinds.Type(types=types):
            found = _of_other_type(error, kind, outside, subject, types)
        case kinds.AnyOf() if outside[-1:] == ("type",):
            found = _no_type(error.instance)
        case kinds.Enum(options=options):
            found = _no_option(error, kind, outside, subject, options)
        case kinds.Constant(expected_value=value):
            found = f"{subject} should be {_shown(value)}, not {_shown(error.instance)}", ""
        case kinds.Not() | kinds.OneOfNotValid() | kinds.OneOfMultipleValid():
            found = _not_together(error, kind, subject)
        case kinds.PropertyNames(error=inner):
            found = (
                f"{_shown(inner.instance)} is not a valid name of a component",
                "use letters, digits, '.', '_' and '-'",
            )
        case _:
            found = _of_bounds(error, subject), ""
    return found


def _not_together(error: Any, kind: Kind, subject: str) -> Words:
    """Return the message for fields that exclude each other, or of which one is required."""
    kinds = jsonschema_rs.ValidationErrorKind
    if not isinstance(error.instance, dict):
        return f"{subject} should be an object, not {_shown(error.instance)}", ""
    match error.kind:
        case kinds.Not(schema={"required": [one, other]}):
            return f"{subject} has both {one!r} and {other!r}", "keep one of them"
        case kinds.OneOfNotValid() if kind in ("parameter", "header"):
            return f"{subject} has neither 'schema' nor 'content'", "the empty schema {} admits any value"
        case kinds.OneOfMultipleValid() if kind in ("parameter", "header"):
            return f"{subject} has both 'schema' and 'content'", "keep one of them"
    return _of_bounds(error, subject), ""


def _of_bounds(error: Any, subject: str) -> str:
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.MinItems() | kinds.MinProperties():
            return f"{subject} is empty"
        case kinds.Minimum(limit=limit):
            return f"{subject} should be at least {limit}, not {_shown(error.instance)}"
        case kinds.ExclusiveMinimum(limit=limit):
            return f"{subject} should be greater than {limit}, not {_shown(error.instance)}"
        case kinds.UniqueItems():
            return f"{subject} has a value twice"
        case kinds.Pattern(pattern=pattern):
            return f"{subject} should match {pattern}, not {_shown(error.instance)}"
    return f"{subject} violates {error.kind.name!r} of OpenAPI's own schema"


def _subject(error: Any, kind: Kind, outside: tuple[str | int, ...]) -> str:
    """Return the subject of an error: the name of a field or the type of an object."""
    path = error.instance_path
    is_schema = kind == "schema" and path and isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Type)
    if not outside and kind[0] not in "[{<" and not is_schema:
        return kind if kind == "components" else f"the {kind}"
    if path and isinstance(path[-1], int):
        return f"{path[-2] if len(path) > 1 else 'the document'}[{path[-1]}]"
    return str(path[-1]) if path else "the document"


def _missing(error: Any, kind: Kind, subject: str, name: str) -> Words:
    if kind == "<response>":
        wrong = [each for each in error.instance if each[1:].lower() == "xx"]
        if wrong:
            return _no_range(wrong)
        return "responses has no status", 'add one, such as "200", 2XX or default'
    return f"{subject} has no {name!r}, which OpenAPI requires", ""


def _no_range(names: list[str]) -> Words:
    hint = f"write {', '.join(each.upper() for each in names)}: a range of statuses has an uppercase X"
    return f"{', '.join(map(repr, names))} should be {', '.join(each.upper() for each in names)}", hint


def _unknown(kind: Kind, subject: str, names: list[str], known: Iterable[str]) -> Words:
    shown = ", ".join(map(repr, names))
    if kind == "<response>":
        ranges = [each for each in names if each[1:].lower() == "xx"]
        return _no_range(ranges) if ranges else (f"{shown} is not a status", "such as '200', 2XX or default")
    if kind == "<path item>":
        return f"{shown} is not a path", "a path begins with a slash"
    return f"{subject} has an unknown field: {shown}", _instead(kind, names[0], known)


def _instead(kind: Kind, name: str, known: Iterable[str]) -> str:
    if kind in ("parameter", "header") and name in _IN_SCHEMA:
        return f"put {name!r} into `schema`; beside it, it is a field of Swagger 2.0"
    if kind == "response" and name == "schema":
        return "put the schema into content, below a media type; here it is a field of Swagger 2.0"
    if kind == "request body" and name == "schema":
        return "put the schema into content, below a media type"
    if kind == "media type" and name in _IN_SCHEMA:
        return "put the schema into `schema`"
    if name in _OF_SWAGGER:
        return f"this is a field of Swagger 2.0; OpenAPI 3 has {_OF_SWAGGER[name]} instead"
    near = _near(name, known)
    return f"did you mean {near!r}?" if near else ""


def _near(name: str, known: Iterable[str]) -> str:
    by_case = {each.lower(): each for each in known if each.lower() != each or each != name}
    return next((by_case[each] for each in get_close_matches(name.lower(), by_case, 1, 0.8)), "")


def _of_other_type(
    error: Any, kind: Kind, outside: tuple[str | int, ...], subject: str, types: list[str]
) -> Words:
    wanted = "a schema" if {*types} == {"boolean", "object"} else " or ".join(map(_A.__getitem__, types))
    message = f"{subject} should be {wanted}, not {_shown(error.instance)}"
    return message, _retyped(error.instance, kind, outside, types)


def _retyped(value: Any, kind: Kind, outside: tuple[str | int, ...], types: list[str]) -> str:
    """Return the hint that turns a value into one of the expected types."""
    hint = ""
    if kind == "schema" and outside[-1:] == ("required",):
        hint = "`required` is a list of property names beside `properties`"
    elif outside[-1:] == ("discriminator",) and isinstance(value, str):
        hint = f"discriminator: {{propertyName: {value}}}"
    elif value is None:
        hint = "remove it, or set a value"
    elif "string" in types and isinstance(value, bool | int | float):
        hint = f"quote it: '{str(value).lower() if isinstance(value, bool) else value}'"
    elif isinstance(value, str) and {"integer", "number", "boolean"} & {*types} and _PLAIN.fullmatch(value):
        hint = "write it without quotation marks"
    elif "array" in types and not isinstance(value, list):
        hint = "begin each item with a dash, or put it into [ ]"
    return hint


def _no_type(value: Any) -> Words:
    if value is None:
        hint = "write a type, or remove the keyword; null itself needs quotation marks: type: 'null'"
        return "type has no value", hint
    if isinstance(value, list) and None in value:
        shown = ", ".join("'null'" if each is None else str(each) for each in value)
        return "null without quotation marks is not a type", f"quote it: type: [{shown}]"
    unknown = [each for each in (value if isinstance(value, list) else [value]) if each not in _TYPES]
    if not unknown:
        return f"type should be one of {', '.join(_TYPES)}, not {_shown(value)}", ""
    name = str(unknown[0])
    near = get_close_matches(name.lower(), _TYPES, 1, 0.7)
    hint = _CALLED.get(name.lower()) or (f"did you mean {near[0]!r}?" if near else "")
    return f"{_shown(unknown[0])} is not a type: use one of {', '.join(_TYPES)}", hint


def _no_option(
    error: Any, kind: Kind, outside: tuple[str | int, ...], subject: str, options: list[Any]
) -> Words:
    value, shown = error.instance, [each for each in options if each is not None]
    one = "one of " if len(shown) > 1 else ""
    listed = ", ".join(each if isinstance(each, str) else _shown(each) for each in shown)
    message = f"{subject} should be {one}{listed}, not {_shown(value)}"
    if kind == "parameter" and outside == ("in",) and value in ("body", "formData"):
        return message, _BODY
    if kind == "security scheme" and str(value).lower() in _SCHEMES:
        return message, _SCHEMES[str(value).lower()]
    near = get_close_matches(str(value).lower(), [str(each).lower() for each in shown], 1, 0.7)
    found = [each for each in shown if near and str(each).lower() == near[0]]
    return message, f"did you mean {found[0]!r}?" if found else ""


def _shown(value: Any) -> str:
    """Return a short form of a value for a message."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
