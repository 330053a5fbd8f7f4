"""Semantic lint rules find each contradiction at its position, and no schema that only looks like one."""

import time
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import Finding
from contractgen.lint.linter import lint
from tests.contractgen.packages import THING, contract, read_document

EXTRA = "/components/schemas/Extra"
GET = "/paths/~1things~1{thing_id}/get"
BOTH = "admit no value"
LISTED = "value is never valid"
UNMATCHED, TOO_LONG = "no text matches", "characters at most"
NEEDED, SHUT_OUT = "is required and not allowed", "is required by allOf and not allowed"
CLOSED: Any = {"properties": {"a": {}}, "additionalProperties": False}
COVERED = "oneOf rejects whatever this subschema admits"
EITHER: Any = [{"required": [name], "properties": {name: {}}} for name in ("a", "b")]
NO_OBJECT, NO_REFERENCE = "no object is valid", "$ref, no reference"
PART: Any = {"allOf": [{"required": ["a"], "properties": {"a": {}}}]}


def found(folder: Path, document: Any, message: str) -> list[str]:
    return [each.pointer for each in lint(read_document(folder, document)) if message in each.message]


@pytest.mark.parametrize(
    ("schema", "message", "places"),
    [
        ({"type": "integer", "minimum": 2, "maximum": 1}, BOTH, ["/maximum"]),
        ({"type": "number", "minimum": 1, "maximum": 1}, BOTH, []),
        ({"type": "number", "exclusiveMinimum": 1, "maximum": 1}, BOTH, ["/maximum"]),
        ({"type": "number", "minimum": 1, "exclusiveMaximum": 1}, BOTH, ["/exclusiveMaximum"]),
        ({"type": "integer", "format": "int32", "minimum": 2**31}, BOTH, ["/maximum"]),
        ({"type": "string", "minLength": 3, "maxLength": 2}, BOTH, ["/maxLength"]),
        ({"type": "array", "minItems": 3, "maxItems": 2}, BOTH, ["/maxItems"]),
        ({"type": "object", "minProperties": 3, "maxProperties": 2}, BOTH, ["/maxProperties"]),
        ({"contains": {}, "minContains": 3, "maxContains": 2}, BOTH, ["/maxContains"]),
        ({"type": "string", "enum": ["1", 1, True]}, LISTED, ["/enum/1", "/enum/2"]),
        ({"type": ["integer", "null"], "enum": [1, 1.0, 1.5, None, False]}, LISTED, ["/enum/2", "/enum/4"]),
        ({"type": "number", "enum": [1, 1.5, "1"]}, LISTED, ["/enum/2"]),
        ({"enum": [1, "a", None, [], {}, True]}, LISTED, []),
        ({"type": "object", "const": []}, LISTED, ["/const"]),
        ({"type": "string", "pattern": "^a", "enum": ["a", "b"]}, LISTED, ["/enum/1"]),
        ({"type": ["string", "null"], "maxLength": 2, "enum": ["ab", "abc", None]}, LISTED, ["/enum/1"]),
        ({"type": "integer", "minimum": 2, "const": 1}, LISTED, ["/const"]),
        ({"type": "string", "pattern": "^a$::^b"}, UNMATCHED, ["/pattern"]),
        ({"type": "string", "pattern": "^(a|b)$"}, UNMATCHED, []),
        ({"type": "string", "pattern": "^[A-Z]{2}[0-9]+$", "maxLength": 2}, TOO_LONG, ["/maxLength"]),
        ({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "format": "time"}, TOO_LONG, ["/pattern"]),
        ({"type": "string", "pattern": "[0-9]{2}:[0-9]{2}", "format": "time"}, TOO_LONG, []),
        ({"type": "string", "pattern": "^[0-9-]{10}$|^x$", "format": "uuid"}, TOO_LONG, []),
        ({"type": "string", "maxLength": 10, "format": "date-time"}, TOO_LONG, ["/maxLength"]),
        ({"type": ["string", "null"], "maxLength": 10, "format": "date-time"}, TOO_LONG, []),
        ({"type": "string", "minLength": 40, "format": "uuid"}, TOO_LONG, ["/format"]),
        ({"type": "string", "format": "date", "enum": ["2020-01-01", "today"]}, LISTED, ["/enum/1"]),
        ({"type": "string", "pattern": "^[A-Z]{2}[0-9]+$", "maxLength": 3}, TOO_LONG, []),
        ({"required": ["a"], "additionalProperties": False}, NEEDED, ["/required/0"]),
        ({"required": ["a", "b"], "properties": {"a": {}, "b": False}}, NEEDED, ["/required/1"]),
        ({"required": ["a", "a", "b"], "properties": {"a": {}, "b": False}}, NEEDED, ["/required/2"]),
        ({"required": ["a"], "properties": {"b": {}}}, NEEDED, []),
        ({"required": ["a"], "properties": {"a": {"not": {}}}}, NEEDED, ["/required/0"]),
        ({"required": ["a"], "properties": {"a": {"not": {"type": "null"}}}}, NEEDED, []),
        ({"required": ["a"], "additionalProperties": False, "patternProperties": {"a": {}}}, NEEDED, []),
        ({**PART, "additionalProperties": False}, SHUT_OUT, ["/additionalProperties"]),
        ({**PART, "additionalProperties": False, "properties": {"a": {}}}, SHUT_OUT, []),
        ({**PART, "additionalProperties": False, "patternProperties": {"a": {}}}, SHUT_OUT, []),
        ({**PART, "unevaluatedProperties": False}, SHUT_OUT, []),
        ({"allOf": [CLOSED, {"required": ["b"]}]}, SHUT_OUT, ["/allOf/0"]),
        ({"allOf": [CLOSED], "required": ["b"]}, SHUT_OUT, ["/allOf/0"]),
        ({"allOf": [CLOSED, {"required": ["a"]}]}, SHUT_OUT, []),
        ({"allOf": [CLOSED | {"patternProperties": {"b": {}}}, {"required": ["b"]}]}, SHUT_OUT, []),
        ({"type": "array", "default": {"$ref": "#/components/schemas/Thing"}}, NO_REFERENCE, ["/default"]),
        ({"type": "array", "default": {"$ref": "a", "b": 1}}, NO_REFERENCE, []),
        ({"oneOf": EITHER, "additionalProperties": False}, NO_OBJECT, ["/oneOf"]),
        ({"anyOf": EITHER, "additionalProperties": False, "properties": {"b": {}}}, NO_OBJECT, []),
        ({"oneOf": [*EITHER, {"type": "string"}], "additionalProperties": False}, NO_OBJECT, []),
        ({"allOf": [{"oneOf": EITHER}], "additionalProperties": False}, NO_OBJECT, ["/additionalProperties"]),
        ({"oneOf": [each | CLOSED for each in EITHER], "required": ["c"]}, NO_OBJECT, ["/oneOf"]),
        ({"oneOf": EITHER, "unevaluatedProperties": False}, NO_OBJECT, []),
        ({"oneOf": [{"type": "object"}, {"type": "object"}]}, COVERED, ["/oneOf/0", "/oneOf/1"]),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]}, COVERED, ["/oneOf/1"]),
        ({"oneOf": [{"type": "integer", "maximum": 5}, {"type": "integer", "minimum": 0}]}, COVERED, []),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, COVERED, []),
        (
            {"oneOf": [{"$ref": "#/components/schemas/Extra/$defs/a"}, {}], "$defs": {"a": {"type": "null"}}},
            COVERED,
            ["/oneOf/0"],
        ),
        ({"anyOf": [{"type": "object"}, {"type": "object"}]}, COVERED, []),
        ({"properties": {"x": {"minItems": 1, "maxItems": 0}}}, BOTH, ["/properties/x/maxItems"]),
        ({"properties": {"minItems": {"type": "integer"}, "maxItems": {"type": "integer"}}}, BOTH, []),
    ],
)
def test_a_schema_that_rules_out_what_it_demands(
    tmp_path: Path, schema: Any, message: str, places: list[str]
) -> None:
    document = contract()
    document["components"]["schemas"]["Extra"] = schema
    assert found(tmp_path, document, message) == [EXTRA + place for place in places]


SELF: Any = {"$ref": "#/components/schemas/Extra"}


def _of(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: SELF, **more}}


def _kind(name: str, *values: str | int, required: bool = True) -> dict[str, Any]:
    kind = {"enum": [*values]} if len(values) > 1 else {"const": values[0]}
    return _of(name, kind=kind) | ({"required": ["kind"]} if required else {})


@pytest.mark.parametrize(
    ("schema", "is_told"),
    [
        ({"anyOf": [_of("a"), _of("b")]}, True),
        ({"oneOf": [_of("a") | {"required": ["a"]}, _of("b") | {"required": ["b"]}, {"type": "null"}]}, True),
        ({"oneOf": [_of("a"), {"properties": {"b": {"type": "array", "items": SELF}}}]}, True),
        ({"oneOf": [_kind("a", "x"), _kind("b", "x", "y")]}, True),
        ({"oneOf": [_kind("a", "x"), _kind("b", "y", required=False)]}, True),
        ({"oneOf": [_kind("a", "x"), _kind("b", "y"), _kind("c", "y")]}, True),
        ({"oneOf": [_kind("a", "x"), _kind("b", "y", "z")]}, False),
        ({"oneOf": [_kind("a", "x"), {"allOf": [_kind("b", "y"), {"minProperties": 1}]}]}, False),
        ({"oneOf": [_of("a", b=True) | {"required": ["b"]}, {"allOf": [_of("c"), True]}]}, True),
        ({"oneOf": [_kind("a", "x"), {"allOf": [True, _kind("b", "y")]}]}, False),
        ({"anyOf": [_of("a"), True]}, False),
        ({"oneOf": [_kind("a", 1), _kind("b", 2, 3), {"type": "string"}]}, False),
        ({"oneOf": [_kind("a", True), _kind("b", False)]}, True),
        ({"oneOf": [_kind("a", "x"), {k: v for k, v in _kind("b", "y").items() if k != "type"}]}, True),
        ({"anyOf": [_of("a"), {"type": "object", "properties": {"b": {"type": "string"}}}]}, False),
        ({"anyOf": [_of("a"), {"type": "array", "items": SELF}, {"type": "string"}]}, False),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, False),
        ({"properties": {"a": SELF, "b": SELF}}, False),
    ],
)
def test_a_union_within_itself_needs_what_decides(tmp_path: Path, schema: Any, is_told: bool) -> None:
    document = contract()
    document["components"]["schemas"]["Extra"] = schema
    union = next((each for each in ("oneOf", "anyOf") if each in schema), "")
    assert found(tmp_path, document, "the union is within") == ([f"{EXTRA}/{union}"] if is_told else [])


def test_a_body_that_http_does_not_have(tmp_path: Path) -> None:
    document = contract()
    get, put = document["paths"][THING]["get"], document["paths"][THING]["put"]
    get["requestBody"] = put["requestBody"]
    put["responses"]["204"]["content"] = {"text/plain": {}}
    places = [f"{GET}/requestBody", f"{GET[:-3]}put/responses/204/content"]
    assert sorted(found(tmp_path, document, "no body in HTTP")) == places


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ({"operationId": "get_thing", "parameters": {"thing_id": "1", "query.word": "a"}}, None),
        ({"operationRef": "#/paths/~1things~1{thing_id}/get", "parameters": {"word": "a"}}, None),
        ({"operationRef": "https://other.example/openapi.yaml#/paths/~1/get"}, None),
        ({"operationId": "get_things"}, "/operationId"),
        ({"operationRef": "#/paths/~1things/get"}, "/operationRef"),
        ({"operationId": "get_thing", "parameters": {"id": "1"}}, "/parameters/id"),
        ({"operationId": "get_thing", "parameters": {"path.word": "1"}}, "/parameters/path.word"),
    ],
)
def test_a_link_to_what_does_not_exist(tmp_path: Path, link: Any, place: str | None) -> None:
    document = contract()
    document["components"]["responses"]["Thing"]["links"] = {"next": link}
    assert found(tmp_path, document, "operation") == (
        [f"/components/responses/Thing/links/next{place}"] if place else []
    )


@pytest.mark.parametrize(
    ("value", "is_there"),
    [
        ("$request.path.thing_id", True),
        ("$request.query.word", True),
        ("$request.header.x-mode", True),
        ("$request.query.thing_id", False),
        ("$request.path.id", False),
        ("$request.header.x-other", False),
        ("$response.body#/id", True),
        (7, True),
    ],
)
def test_a_link_that_takes_a_value_from_a_parameter(tmp_path: Path, value: Any, is_there: bool) -> None:
    document = contract()
    mode = {"name": "X-Mode", "in": "header", "schema": {"type": "string"}}
    document["paths"][THING]["get"]["parameters"].append(mode)
    link = {"operationId": "get_thing", "parameters": {"thing_id": value}}
    document["components"]["responses"]["Thing"]["links"] = {"next": link}
    places = [] if is_there else ["/components/responses/Thing/links/next/parameters/thing_id"]
    assert found(tmp_path, document, "has no such parameter") == places


BASIC, BEARER = {"type": "http", "scheme": "basic"}, {"type": "http", "scheme": "bearer"}
KEY: dict[str, str] = {"type": "apiKey", "in": "header", "name": "authorization"}


@pytest.mark.parametrize(
    ("one", "other", "is_found"),
    [
        (BASIC, BEARER, True),
        (BASIC, KEY, True),
        (BASIC, {"type": "openIdConnect", "openIdConnectUrl": "https://a.example"}, True),
        (BASIC, KEY | {"name": "X-Key"}, False),
        (BASIC, KEY | {"in": "query"}, False),
        (BEARER, {"type": "openIdConnect", "openIdConnectUrl": "https://a.example"}, False),
        (BEARER, {"type": "http", "scheme": "Bearer"}, False),
        (KEY | {"name": "X-Key"}, KEY | {"name": "x-key"}, False),
        (KEY | {"in": "query", "name": "Key"}, KEY | {"in": "query", "name": "key"}, False),
        (BASIC, {"type": "mutualTLS"}, False),
    ],
)
def test_two_credentials_in_one_place(tmp_path: Path, one: Any, other: Any, is_found: bool) -> None:
    document = contract()
    document["components"]["securitySchemes"] = {"one": one, "other": other}
    document["security"] = [{"one": []}, {"other": []}, {"one": [], "other": []}]
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    assert found(tmp_path, document, "are both sent") == (["/security/2"] if is_found else [])
    document["paths"][THING]["get"]["security"] = [{"other": [], "one": []}]
    assert len(found(tmp_path, document, "are both sent")) == 2 * is_found


def pet(*listed: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": [*listed]}}, **more}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


PETS: dict[str, Any] = {
    "Cat": pet("cat"),
    "Cats": pet("Cats", "lion"),
    "Dog": pet("dog", "wolf"),
    "Both": pet("dog"),
    "Any": {"type": "object", "properties": {"kind": {"type": "string"}}},
    "Young": {"allOf": [reference("Cat")]},
    "Some": {"oneOf": [reference("Cat"), reference("Dog")]},
    "Open": {"oneOf": [reference("Cat"), reference("Any")]},
    "Number": pet(1),
    "List": {"type": "array"},
}
UNDECIDED = "discriminator-const"
DISCRIMINATOR = f"{EXTRA}/discriminator"
BY_NAME = "without a mapping, the value of 'kind' is the name of the schema, but "
NO_VARIANT = "the mapping leads to {}, which is not in the union"


@pytest.mark.parametrize("union", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("subschemas", "mapping", "expected"),
    [
        (["Cats", "Any"], None, {}),
        (["Open", "Any"], None, {}),
        (["Cats", "Cat"], None, {"": BY_NAME + "Cat accepts only 'cat'"}),
        (["Young"], None, {"": BY_NAME + "Young accepts only 'cat'"}),
        (["Some"], None, {"": BY_NAME + "Some accepts only 'cat', 'dog', 'wolf'"}),
        (["Cat", "Dog"], None, {"": BY_NAME + "Cat accepts only 'cat', Dog accepts only 'dog', 'wolf'"}),
        (["Cat", "Dog"], {"cat": "Cat"}, {"": BY_NAME + "Dog accepts only 'dog', 'wolf'"}),
        (["Cat", "Dog"], {"cat": "Cat", "dog": "#/components/schemas/Dog"}, {}),
        (
            ["Cat"],
            {"cat": "Cat", "x": "Cat"},
            {"/mapping/x": "value is never valid: Cat accepts only 'cat'"},
        ),
        (["List", "Any"], {"x": "List"}, {"/mapping/x": "value is never valid: List is not an object"}),
        (["List", "Any"], None, {}),
        (["Any"], {"x": "Any", "y": "Cat"}, {"/mapping/y": NO_VARIANT.format("Cat")}),
        (["Any"], {"y": "#/paths/~1x"}, {"/mapping/y": NO_VARIANT.format("#/paths/~1x")}),
        (["Open"], {"cat": "Cat", "y": "Any", "Open": "Open"}, {}),
        (["Some"], {"cat": "Cat", "dog": "Dog", "wolf": "Dog"}, {}),
        (["Some"], {"cat": "Cat", "dog": "Dog"}, {"": BY_NAME + "Some accepts only 'cat', 'dog', 'wolf'"}),
    ],
)
def test_a_discriminator_leads_to_schemas_that_accept_its_values(
    tmp_path: Path, union: str, subschemas: list[str], mapping: Any, expected: dict[str, str]
) -> None:
    found = [each for each in of_union(tmp_path, union, subschemas, mapping) if each.rule != UNDECIDED]
    assert {each.pointer.removeprefix(DISCRIMINATOR): each.message for each in found} == expected


@pytest.mark.parametrize(
    ("union", "subschemas", "undecided"),
    [
        ("oneOf", ["Cats", "Any"], "Any admit any 'kind'"),
        ("oneOf", ["Open", "Any"], "Open, Any admit any 'kind'"),
        ("anyOf", ["Open", "Any"], None),
        ("oneOf", ["Cat", "Dog"], None),
        ("oneOf", ["Cat", "Dog", "Young"], "Cat, Young admit the same values of 'kind'"),
        ("anyOf", ["Cat", "Young"], None),
        ("oneOf", ["Any"], None),
    ],
)
def test_a_discriminator_that_decides_nothing_needs_a_const(
    tmp_path: Path, union: str, subschemas: list[str], undecided: str | None
) -> None:
    found = [each for each in of_union(tmp_path, union, subschemas) if each.rule == UNDECIDED]
    assert [(each.pointer, each.message.partition(", so")[0]) for each in found] == (
        [(DISCRIMINATOR, undecided)] if undecided else []
    )


def of_union(tmp_path: Path, union: str, subschemas: list[str], mapping: Any = None) -> list[Finding]:
    """Return the findings at the discriminator of a union."""
    document = contract()
    discriminator = {"propertyName": "kind"} | ({"mapping": mapping} if mapping else {})
    schema = {union: [reference(name) for name in subschemas], "discriminator": discriminator}
    document["components"]["schemas"] |= {"Extra": schema, **PETS}
    every = lint(read_document(tmp_path, document))
    return [each for each in every if each.pointer.startswith(DISCRIMINATOR)]


def test_a_discriminator_without_a_union_says_nothing(tmp_path: Path) -> None:
    document = contract()
    schema = {"type": "object", "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat"}}}
    document["components"]["schemas"] |= {"Extra": schema, **PETS}
    assert found(tmp_path, document, "mapping") == []


def test_the_cost_is_linear(tmp_path: Path) -> None:
    """40 times as many schemas do not take more than 160 times as long."""

    def seconds(count: int) -> float:
        document = contract()
        schema = {"type": "object", "additionalProperties": False, "required": ["a"], "minProperties": 1}
        document["components"]["schemas"] |= {f"S{n}": schema for n in range(count)}
        read = read_document(tmp_path, document)
        begin = time.process_time()
        lint(read)
        return time.process_time() - begin

    assert seconds(2000) < 160 * seconds(50)


@pytest.mark.parametrize(
    ("schema", "is_found"),
    [
        (False, True),
        ({"not": {}}, True),
        ({"anyOf": [{"not": {}}, {"not": True}]}, True),
        ({"allOf": [{"type": "string"}, {"not": {}}]}, True),
        ({"anyOf": [{"not": {}}, {"type": "null"}]}, False),
        ({"not": {"type": "string"}}, False),
        ({"type": "string"}, False),
    ],
)
def test_a_body_that_cannot_be_sent(tmp_path: Path, schema: Any, is_found: bool) -> None:
    document = contract()
    document["paths"]["/things/{thing_id}"]["get"]["responses"]["200"] = {
        "description": "",
        "content": {"application/json": {"schema": schema}},
    }
    place = f"{GET}/responses/200/content/application~1json/schema"
    assert found(tmp_path, document, "no value of the media type is valid") == [place] * is_found
