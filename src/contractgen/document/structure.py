"""Check that a document has the structure of OpenAPI, and that its references lead to a value.

A violation is harmless if the document means the same without it: in annotations (a `description` that is
not a string, an `example` beside `examples`), an unknown field, or null. A harmless violation is a warning,
and planning reads the document without it. Every other violation is an error.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contractgen.document.findings import ContractError, Edit, Finding
from contractgen.document.grammar import METHODS, Kind, leave, objects, objects_of
from contractgen.document.load import Document
from contractgen.document.messages import words
from contractgen.schema.vocabulary import NOTES
from contractgen_runtime.formats import FORMATS
from contractgen_runtime.pointers import child, find_at, pointer_of, tokens

# Annotations of any object: no generated code depends on them.
_ANNOTATIONS = {
    *("title", "summary", "description", "termsOfService", "contact", "license", "externalDocs"),
    *("example", "examples", "deprecated", "xml", "links", "$comment", "contentMediaType", "contentEncoding"),
    "discriminator",  # an invalid one distinguishes nothing
}
_OF_DESCRIPTIONS = {"example", "{example}", "link", "{link}"}
# Fields that may be missing.
_MAY_LACK = _ANNOTATIONS | {"responses"}
# Required fields that FastAPI serves.
_SERVED = (("info",), ("info", "title"), ("info", "version"))
# Fields whose null may have a meaning: the name of a type, no security, or a named object.
_MEANINGFUL_NULLS = ((), ("type",), ("security",))
# The fields that distinguish the types of OpenAPI 3.0's parameters and security schemes.
_DISTINGUISHING = ("in", "type")
_DOCUMENT = "urn:contract"
# Each exclusive bound, and the bound that it makes exclusive in OpenAPI 3.0.
_EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_ONE_TYPE = "add `nullable: true` for null, use anyOf for several types"
_RANGE = re.compile(r"[1-5][xX]{2}")
_GONE = object()
# The lint rules of these findings.
_INVALID, _IGNORED, _DEFAULT = "invalid-structure", "ignored-structure", "default-violates-schema"


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation of the schema of OpenAPI or of the meta-schema of JSON Schema.

    `undo` repairs a harmless one: it puts `instead` at each of the `places`, or removes the value there.
    """

    finding: Finding
    is_harmless: bool = False
    places: tuple[tuple[str | int, ...], ...] = ()
    instead: Any = _GONE

    def undo(self, value: Any) -> None:
        """Repair the violation in the value in which it was found."""
        for *path, last in self.places:
            holder = find_at(value, child("", *path))  # None where another violation has removed it
            if isinstance(holder, dict) and self.instead is _GONE:
                holder.pop(last, None)
            elif isinstance(holder, dict):
                holder[last] = self.instead
            elif isinstance(holder, list) and self.instead is not _GONE and int(last) < len(holder):
                holder[int(last)] = self.instead


def check_version(document: Document) -> None:
    """Raise ContractError if the version of OpenAPI is not supported."""
    version = str(document.value["openapi"])
    if not version.startswith(("3.0.", "3.1.", "3.2.")):
        hint = f"write all three numbers, such as {version}.0" if version in ("3.0", "3.1", "3.2") else ""
        message = "only OpenAPI 3.0, 3.1 and 3.2 are supported"
        raise ContractError([document.finding("/openapi", message, hint)])


def violations(document: Document) -> list[Violation]:
    """Return all violations of OpenAPI's own schema, and all references that lead to no value."""
    found = [
        _violation(document, "", "document", error)
        for error in _openapi_validator(str(document.value["openapi"])).iter_errors(document.value)
    ]
    found += [Violation(replace(each, rule=_INVALID)) for each in _reference_findings(document)]
    found += _keywords_of_another_version(document)
    return found + [Violation(each, is_harmless=True) for each in _ignored_beside_references(document)]


def _keywords_of_another_version(document: Document) -> Iterator[Violation]:
    """Report `type` and the exclusive bounds in the form of another version of OpenAPI than the document's.

    They change which values a schema admits, so they are errors. Only `exclusiveMinimum: false` in 3.1 is
    harmless: in 3.0 it is the default, so the schema admits the same values without it.
    """
    is_30 = str(document.value["openapi"]).startswith("3.0")
    for pointer, schema in objects_of(document.value, "schema"):
        if is_30 and "$ref" in schema:
            continue  # keywords beside a reference have no effect in 3.0
        if is_30 and isinstance(schema.get("type"), list):
            message, hint = "type should be a string in OpenAPI 3.0, not a list", _ONE_TYPE
            yield Violation(document.finding(child(pointer, "type"), message, hint, rule=_INVALID))
        for keyword, bound in _EXCLUSIVE.items():
            value, place = schema.get(keyword), child(pointer, keyword)
            if is_30 and type(value) in (int, float):
                message = f"{keyword} should be true or false in OpenAPI 3.0, not {value}"
                hint = f"{bound}: {value}, {keyword}: true"
                yield Violation(document.finding(place, message, hint, rule=_INVALID))
            elif value is True and not is_30:
                message = f"{keyword} should be a number, not true, which is its form in OpenAPI 3.0"
                hint = f"write {keyword}: {schema.get(bound, '<number>')} instead of {bound}"
                yield Violation(document.finding(place, message, hint, rule=_INVALID))
            elif value is False and not is_30:
                message, edits = f"{keyword}: false has no effect", [Edit("remove", place)]
                finding = document.finding(place, message, "remove it", edits, rule=_IGNORED)
                yield Violation(finding, is_harmless=True, places=(tuple(tokens(place)),))


def _ignored_beside_references(document: Document) -> Iterator[Finding]:
    """Yield the fields beside references that OpenAPI 3.0 ignores, but for annotations."""
    is_30 = str(document.value["openapi"]).startswith("3.0")
    for pointer, node in objects(document.value) if is_30 else ():
        if len(node) > 1 and isinstance(node.get("$ref"), str):
            for name in node.keys() - NOTES - {"$ref"}:
                if not name.startswith("x-"):
                    message = f"{name!r} beside $ref has no effect in OpenAPI 3.0"
                    hint = "put the reference into allOf: [{$ref: ...}]"
                    yield document.finding(child(pointer, name), message, hint, rule=_IGNORED)


def schema_violations(document: Document, pointer: str) -> list[Violation]:
    """Return all violations of the meta-schema of JSON Schema below a schema."""
    errors = _meta_validator().iter_errors(document.at(pointer))
    return [_violation(document, pointer, "schema", error) for error in errors]


class Defaults:
    """Checks the defaults of a document, whose schemas are valid, by their own schemas."""

    def __init__(self, document: Document) -> None:
        self.document = document
        resources = [(_DOCUMENT, document.value)]
        self._registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)

    def findings(self, pointer: str) -> list[Finding]:
        """Return a finding if a default violates its own schema."""
        schema = self.document.at(pointer)
        if "default" not in schema or self._admits(pointer, schema["default"]):
            return []
        message = "the default violates its own schema"
        return [self.document.finding(child(pointer, "default"), message, rule=_DEFAULT)]

    def _admits(self, pointer: str, value: Any) -> bool:
        validator = jsonschema_rs.Draft202012Validator(
            {"$ref": f"{_DOCUMENT}#{quote(pointer)}"},
            registry=self._registry,
            validate_formats=True,
            formats=FORMATS,
        )
        return validator.is_valid(value)


def _violation(document: Document, pointer: str, kind: Kind, error: Any) -> Violation:
    """Return the violation for an error of a validator."""
    path = tuple(error.instance_path)
    kind, outside = leave(kind, path)
    describes = kind in _OF_DESCRIPTIONS or bool(_ANNOTATIONS & {*outside}) or "info" in outside[:-1]
    places: tuple[tuple[str | int, ...], ...] = (path,) if path else ()
    is_empty = error.instance is None and (kind[0] in "[{" or outside[-1:] not in _MEANINGFUL_NULLS)
    is_harmless, instead = (describes or is_empty) and outside not in _SERVED, _GONE
    problem = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case problem.Required(property="required") if kind == "parameter" and not outside:
            is_harmless, places, instead = True, ((*path, "required"),), True
        case problem.Enum() | problem.Constant() if kind == "parameter" and outside == ("required",):
            is_harmless, instead = True, True
        case problem.Required(property=name):
            may_lack = describes or name in _MAY_LACK
            is_harmless, places = may_lack and (*outside, name) not in _SERVED, ()
        case problem.AdditionalProperties(unexpected=names) | problem.UnevaluatedProperties(unexpected=names):
            is_range = kind == "<response>" and all(map(_RANGE.fullmatch, names))
            is_harmless = (
                is_range or describes or bool(outside) or not (kind[0] in "<{" or kind == "path item")
            )
            places = () if is_range else tuple((*path, name) for name in names)
        case problem.PropertyNames():
            is_harmless, places = True, ()
        case problem.MinProperties() if kind == "<response>":
            is_harmless, places = True, ()
        case problem.Not(schema={"required": ["example", "examples"]}):
            is_harmless, places = True, ()
        case problem.UniqueItems() if outside[-1:] in (("required",), ("enum",), ("type",), ("tags",)):
            is_harmless, instead = True, _distinct(error.instance)
        case _ if (is_harmless or describes) and type(error.instance) in (int, float):
            is_harmless, instead = True, str(error.instance)
    edits = () if pointer else _edits(error, places, instead)  # the normal form is not the text
    is_status = kind == "<response>" and len(places) == 1
    where = child(pointer, *(places[0] if is_status else path))
    message, hint = words(error, kind, outside, _field_names(str(document.value["openapi"])))
    rule = _IGNORED if is_harmless else _INVALID
    finding = document.finding(where, message, hint, edits=edits, rule=rule)
    return Violation(finding, is_harmless, places, instead)


def _edits(error: Any, places: tuple[tuple[str | int, ...], ...], instead: Any) -> list[Edit]:
    """Return the autofix of a violation whose meaning is certain: nulls, repetitions, `required`."""
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.UniqueItems):
        repeated = [n for n, each in enumerate(error.instance) if each in error.instance[:n]]
        return [Edit("remove", child("", *error.instance_path, n)) for n in reversed(repeated)]
    pointers = [child("", *place) for place in places]
    if instead is True:
        return [
            Edit("replace" if error.instance_path[-1:] == ["required"] else "add", each, True)
            for each in pointers
        ]
    return [Edit("remove", each) for each in pointers] if error.instance is None else []


def _distinct(values: list[Any]) -> list[Any]:
    return [each for index, each in enumerate(values) if each not in values[:index]]


def _openapi_schema(version: str) -> Any:
    name = next((each for each in ("3.0", "3.2") if version.startswith(each)), "3.1")
    schema = files("openapi_spec_validator").joinpath(f"resources/schemas/v{name}/schema.json")
    return json.loads(schema.read_text())


@cache
def _field_names(version: str) -> frozenset[str]:
    """Return the names of all fields of the objects of a version of OpenAPI."""
    found, waiting = {*METHODS}, [_openapi_schema(version)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            properties = node.get("properties")
            found |= properties.keys() if isinstance(properties, dict) else set()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return frozenset(found)


@cache
def _openapi_validator(version: str) -> Any:
    schema = _openapi_schema(version)
    if version.startswith("3.0"):
        kinds = schema["definitions"]
        kinds["Schema"] = {}  # translated first, then checked by the meta-schema of JSON Schema
        schemes = [kinds[each["$ref"].rpartition("/")[2]] for each in kinds["SecurityScheme"]["oneOf"]]
        kinds["SecurityScheme"] = {"required": ["type"], "oneOf": schemes}
        del kinds["HTTPSecurityScheme"]["oneOf"]  # it forbids only a bearerFormat without effect
        schema = _with_conditions(schema) | {"$schema": "http://json-schema.org/draft-07/schema#"}
    return jsonschema_rs.validator_for(schema, validate_formats=False)


def _with_conditions(schema: Any) -> Any:
    """Return OpenAPI 3.0's schema with if/then instead of oneOf, so that errors have exact positions."""
    if isinstance(schema, list):
        return [_with_conditions(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {name: _with_conditions(each) for name, each in schema.items()}
    reference = {"$ref": "#/definitions/Reference"}
    if reference in copy.get("oneOf", ()):
        (other,) = (each for each in copy.pop("oneOf") if each != reference)
        copy |= {"if": {"type": "object", "required": ["$ref"]}, "then": reference, "else": other}
    for member in _DISTINGUISHING:
        if all(member in each.get("properties", {}) for each in copy.get("oneOf", [{}])):
            kinds = copy.pop("oneOf")
            known = [value for each in kinds for value in each["properties"][member]["enum"]]
            of_kinds = (_condition(member, each) for each in kinds)
            copy["allOf"] = [{"properties": {member: {"enum": known}}}, *of_kinds]
    return copy


def _condition(member: str, kind: dict[str, Any]) -> dict[str, Any]:
    """Return the condition that applies a subschema to objects of its type."""
    return {"if": {"properties": {member: kind["properties"][member]}, "required": [member]}, "then": kind}


@cache
def _meta_validator() -> Any:
    """Return the validator of JSON Schema with the discriminator of OpenAPI."""
    mapping = {"type": "object", "additionalProperties": {"type": "string"}}
    discriminator = {
        "type": "object",
        "required": ["propertyName"],
        "properties": {"propertyName": {"type": "string"}, "mapping": mapping},
    }
    return jsonschema_rs.Draft202012Validator(
        {
            "$id": "urn:schema",
            "$dynamicAnchor": "meta",
            "$ref": "https://json-schema.org/draft/2020-12/schema",
            "properties": {"discriminator": discriminator},
        },
        validate_formats=False,
    )


def _reference_findings(document: Document) -> Iterator[Finding]:
    """Yield a finding for every invalid reference, once: a chain is reported at one reference only."""
    followed: set[str] = set()
    failed: set[str] = set()
    for pointer, node in objects(document.value):
        reference = node.get("$ref")
        if not isinstance(reference, str) or reference in followed or pointer in failed:
            continue
        if pointer_of(reference) in failed:
            failed.add(pointer)
            continue
        try:
            document.resolve(pointer)
        except ContractError as error:
            yield from error.findings
            failed |= {pointer, *document.steps(pointer)}
        else:
            followed.add(reference)
