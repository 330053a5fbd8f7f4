"""`verify` finds what the generator misreads, by a reading of the document that shares nothing with it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.commands import verify as command
from contractgen.commands.cli import main
from contractgen.document.findings import Finding
from tests.contractgen.packages import THING, contract, write_document
from tests.contractgen.verify.judging import Change, judged, misread, with_schemas, without
from tests.tiers import full_only, slow

OWN = Path(__file__).parents[3] / "openapi" / "openapi.yaml"
TEN = (
    *("pattern", "maxLength", "minLength", "additionalProperties", "format", "required", "enum"),
    *("minimum", "maximum", "maxItems"),
)


def places(findings: list[Finding]) -> set[str]:
    return {finding.pointer.removeprefix("/components/schemas/") for finding in findings}


OF_THREE_ZERO: dict[str, Any] = {
    "required": {"type": "object", "required": ["a"]},
    "additionalProperties": {"type": "object", "additionalProperties": False},
    "minLength": {"type": "string", "minLength": 2},
    "maxLength": {"type": "string", "maxLength": 2},
    "pattern": {"type": "string", "pattern": "^[a-z]+$"},
    "format": {"type": "string", "format": "date"},
    "enum": {"type": "string", "enum": ["a", "b"]},
    "minimum": {"type": "integer", "minimum": 1},
    "maximum": {"type": "integer", "maximum": 9},
    "multipleOf": {"type": "integer", "multipleOf": 3},
    "minItems": {"type": "array", "minItems": 2, "items": {}},
    "maxItems": {"type": "array", "maxItems": 2, "items": {}},
    "uniqueItems": {"type": "array", "uniqueItems": True, "items": {}},
    "minProperties": {"type": "object", "minProperties": 2},
    "maxProperties": {"type": "object", "maxProperties": 2},
    "not": {"type": "string", "not": {"enum": ["x"]}},
    "readOnly": {"type": "object", "properties": {"a": {"type": "integer", "readOnly": True}}},
}
OF_THREE_ONE: dict[str, Any] = OF_THREE_ZERO | {
    "const": {"type": "string", "const": "x"},
    "exclusiveMinimum": {"type": "number", "exclusiveMinimum": 3},
    "exclusiveMaximum": {"type": "number", "exclusiveMaximum": 3},
    "prefixItems": {"type": "array", "prefixItems": [{"type": "integer"}]},
    "contains": {"type": "array", "contains": {"type": "integer"}},
    "minContains": {"type": "array", "contains": {"type": "integer"}, "minContains": 2},
    "maxContains": {"type": "array", "contains": {"type": "integer"}, "maxContains": 1},
    "unevaluatedItems": {"type": "array", "prefixItems": [{"type": "integer"}], "unevaluatedItems": False},
    "patternProperties": {"type": "object", "patternProperties": {"^a": {"type": "integer"}}},
    "propertyNames": {"type": "object", "propertyNames": {"maxLength": 3}},
    "dependentRequired": {"type": "object", "dependentRequired": {"a": ["b"]}},
    "dependentSchemas": {"type": "object", "dependentSchemas": {"a": {"required": ["b"]}}},
    "unevaluatedProperties": {"type": "object", "allOf": [{}], "unevaluatedProperties": False},
    "if": {"type": "integer", "if": {"minimum": 5}, "then": {"multipleOf": 5}},
}
VERSIONS = {
    version: {f"with_{keyword}": schema for keyword, schema in schemas.items()}
    for version, schemas in {"3.0.3": OF_THREE_ZERO, "3.1.0": OF_THREE_ONE}.items()
}


@pytest.mark.parametrize("openapi", VERSIONS)
def test_keywords_that_are_read_right_have_no_finding(tmp_path: Path, openapi: str) -> None:
    assert judged(tmp_path, with_schemas(VERSIONS[openapi], openapi)).findings() == []


@pytest.mark.parametrize("openapi", VERSIONS)
def test_each_keyword_that_the_normal_form_drops_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi: str
) -> None:
    schemas = VERSIONS[openapi]
    keywords = [name.removeprefix("with_") for name in schemas]
    assert set(TEN) < set(keywords)
    misread(monkeypatch, without(*keywords))
    found = places(judged(tmp_path, with_schemas(schemas, openapi)).findings())
    missed = [each for each in schemas if not any(place.startswith(f"{each}/") for place in found)]
    assert missed == []


# Types are no guard of the bounds of responses, and our contract has maxItems in responses alone.
@full_only
@pytest.mark.parametrize("keyword", [each for each in TEN if each != "maxItems"])
def test_a_keyword_dropped_from_our_own_contract_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyword: str
) -> None:
    misread(monkeypatch, without(keyword))
    assert judged(tmp_path, OWN).findings()


KIND: Any = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
REFS = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
NAMED = {
    "propertyName": "kind",
    "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
}


def _with_asserted_discriminator(node: dict[str, Any]) -> dict[str, Any]:
    """The values of a mapping are demanded of the subschemas, as if a discriminator asserted."""
    union = next((each for each in ("oneOf", "anyOf") if each in node and "discriminator" in node), None)
    if union is None:
        return node
    values = {target: value for value, target in node["discriminator"]["mapping"].items()}
    pins = [{"properties": {"kind": {"const": values[each["$ref"]]}}} for each in node[union]]
    return node | {union: [{"allOf": [*each]} for each in zip(node[union], pins, strict=True)]}


def _renamed(old: str, new: str) -> Change:
    return lambda node: {(new if name == old else name): each for name, each in node.items()}


# What is misread: the schema, the version, how the normal form is changed, and where the finding is.
MISREAD: dict[str, tuple[Any, str, Change, str]] = {
    "nullable": (
        {"type": "object", "properties": {"note": {"type": "string", "nullable": True}}},
        "3.0.3",
        lambda node: node | {"type": "string"} if node.get("type") == ["string", "null"] else node,
        "it/properties/note/type",
    ),
    "a discriminator beside anyOf": (
        {"anyOf": REFS, "discriminator": NAMED},
        "3.1.0",
        _with_asserted_discriminator,
        "it/",
    ),
    "a discriminator beside oneOf": (
        {"oneOf": REFS, "discriminator": NAMED},
        "3.0.3",
        _with_asserted_discriminator,
        "it/",
    ),
    "a subschema of oneOf": (
        {"oneOf": [{"type": "integer"}, {"type": "boolean"}, {"type": "array"}]},
        "3.1.0",
        lambda node: node | {"oneOf": node["oneOf"][:2]} if len(node.get("oneOf", ())) == 3 else node,
        "it/oneOf/2",
    ),
    "oneOf as anyOf": (
        {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]},
        "3.1.0",
        _renamed("oneOf", "anyOf"),
        "it/oneOf",
    ),
    "allOf as anyOf": (
        {"allOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]},
        "3.1.0",
        _renamed("allOf", "anyOf"),
        "it/allOf",
    ),
    "required beside readOnly": (
        {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "integer", "readOnly": True}},
        },
        "3.1.0",
        without("readOnly"),
        "it",
    ),
    "readOnly beside null": (
        {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"anyOf": [{"type": "integer", "readOnly": True}, {"type": "null"}]}},
        },
        "3.1.0",
        without("readOnly"),
        "it",
    ),
    "what stands beside a reference": (
        {"$ref": "#/components/schemas/Cat", "maxProperties": 1},
        "3.1.0",
        without("maxProperties"),
        "it/maxProperties",
    ),
}


@pytest.mark.parametrize("construct", MISREAD)
def test_a_construct_that_the_normal_form_misreads_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, construct: str
) -> None:
    schema, openapi, change, place = MISREAD[construct]
    document = with_schemas({"it": schema}, openapi, Cat=KIND, Dog=KIND)
    assert judged(tmp_path, document).findings() == []
    misread(monkeypatch, change)
    found = places(judged(tmp_path, document).findings())
    assert any(each.startswith(place) for each in found), found


def test_a_response_type_that_rejects_what_its_schema_admits_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = contract()
    thing = document["components"]["schemas"]["Thing"]
    thing["properties"]["secret"] = {"type": "string", "writeOnly": True}
    thing["required"].append("secret")
    assert judged(tmp_path, document).findings() == []
    misread(monkeypatch, without("writeOnly"))
    messages = [finding.message for finding in judged(tmp_path, document).findings()]
    assert any("response 200: the schema admits, the type rejects" in message for message in messages)


# Parameters and forms ------------------------------------------------------------------------------------

PARAMETERS: list[dict[str, Any]] = [
    {"name": "query", "in": "query", "schema": {"type": "integer", "maximum": 3}},
    {"name": "X-Header", "in": "header", "schema": {"type": "string", "maxLength": 3}},
    {"name": "cookie", "in": "cookie", "schema": {"type": "string", "enum": ["a", "b"]}},
    {"name": "list", "in": "query", "schema": {"type": "array", "maxItems": 2, "items": {"type": "integer"}}},
    {
        "name": "pipes",
        "in": "query",
        "style": "pipeDelimited",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "integer", "maximum": 3}},
    },
    {
        "name": "deep",
        "in": "query",
        "style": "deepObject",
        "schema": {"type": "object", "properties": {"a": {"type": "integer", "maximum": 3}}},
    },
    {
        "name": "json",
        "in": "query",
        "content": {"application/json": {"schema": {"type": "string", "maxLength": 3}}},
    },
]


def test_a_keyword_dropped_from_a_parameter_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = contract()
    document["paths"][THING]["get"]["parameters"] += PARAMETERS
    assert judged(tmp_path, document).findings() == []
    misread(monkeypatch, without("maximum", "maxLength", "enum", "maxItems"))
    messages = [finding.message for finding in judged(tmp_path, document).findings()]
    missed = [
        p["name"] for p in PARAMETERS if not any(f"{p['in']} parameter {p['name']!r}" in m for m in messages)
    ]
    assert missed == []


ORDER: dict[str, Any] = {"type": "string", "enum": ["asc", "desc"]}


@pytest.mark.parametrize(
    "other",
    [
        {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]},
        {"type": "object", "properties": {"date": {"type": "integer"}, "size": {"type": "integer"}}},
    ],
)
def test_names_that_two_parameters_of_a_query_share_are_not_compared(tmp_path: Path, other: Any) -> None:
    document = contract()
    orders = {"type": "object", "properties": {"date": ORDER, "name": ORDER}}
    document["paths"][THING]["get"]["parameters"] += [
        {"name": "orders", "in": "query", "schema": orders},
        {"name": "date", "in": "query", "schema": other},
    ]
    assert judged(tmp_path, document).findings() == []


def test_a_list_within_a_list_is_no_text_of_a_form(tmp_path: Path) -> None:
    document = contract()
    rows = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
    schema = {"type": "object", "required": ["rows"], "properties": {"rows": rows}}
    form = {"application/x-www-form-urlencoded": {"schema": schema}}
    document["paths"][THING]["put"]["requestBody"]["content"] = form
    assert judged(tmp_path, document).findings() == []


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
)
def test_a_keyword_dropped_from_a_body_of_texts_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    document = contract()
    size = {"type": "integer", "maximum": 3}
    schema = size if media_type == "text/plain" else {"type": "object", "properties": {"size": size}}
    document["paths"][THING]["put"]["requestBody"]["content"] = {media_type: {"schema": schema}}
    assert judged(tmp_path, document).findings() == []
    misread(monkeypatch, without("maximum"))
    messages = [finding.message for finding in judged(tmp_path, document).findings()]
    assert any(f"body of {media_type}" in message for message in messages)


# Findings ------------------------------------------------------------------------------------------------


def test_a_finding_names_the_keyword_and_the_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    misread(monkeypatch, without("maximum"))
    (finding,) = judged(tmp_path, with_schemas({"it": {"type": "integer", "maximum": 3}})).findings()
    text = (tmp_path / "openapi.yaml").read_text().splitlines()
    assert "maximum: 3" in text[finding.line - 1]
    assert finding.pointer == "/components/schemas/it/maximum"
    message = "POST /it, body of application/json: the schema rejects, the route accepts: 4"
    assert finding.message.startswith(message)


def test_a_finding_in_another_file_names_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parts").mkdir()
    part = {"Thing": {"properties": {"size": {"$ref": "#/Size"}}}, "Size": {"type": "integer", "maximum": 3}}
    (tmp_path / "parts" / "thing.yaml").write_text(yaml.safe_dump(part))
    document = with_schemas({"it": {"$ref": "parts/thing.yaml#/Thing"}})
    assert judged(tmp_path, document).findings() == []
    misread(monkeypatch, without("maximum"))
    (finding,) = judged(tmp_path, document).findings()
    assert (finding.file, finding.pointer) == (str(tmp_path / "parts" / "thing.yaml"), "/Size/maximum")


def test_an_operation_may_stand_in_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = with_schemas({"it": {"type": "integer", "maximum": 3}})
    operation = document["paths"]["/it"]["post"]
    text = json.dumps(operation).replace("#/components", "openapi.yaml#/components")
    (tmp_path / "operation.json").write_text(text)
    document["paths"]["/it"]["post"] = {"$ref": "operation.json"}
    assert judged(tmp_path, document).findings() == []
    misread(monkeypatch, without("maximum"))
    (finding,) = judged(tmp_path, document).findings()
    assert finding.pointer == "/components/schemas/it/maximum"


def test_notes_tell_where_response_types_are_wider_than_their_schemas(tmp_path: Path) -> None:
    document = contract()
    document["components"]["schemas"]["Thing"]["properties"]["when"] = {
        "type": "string",
        "format": "duration",
    }
    (note,) = judged(tmp_path, document).notes()
    assert note.message.startswith(
        "response types admit bodies that their schemas reject, by keyword: format"
    )


@slow
def test_the_command_judges_by_raw_schemas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "broken.py"
    script.write_text(
        "import sys, pytest\n"
        "from contractgen.verify import worker\n"
        "from tests.contractgen.verify.judging import misread, without\n"
        "misread(pytest.MonkeyPatch(), without('maxLength'))\n"
        "worker.main(*sys.argv[1:])\n"
    )
    monkeypatch.setattr(command, "WORKER", [str(script)])
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    spec = write_document(tmp_path, contract())
    assert main(["verify", "--no-types", "--json", str(spec)]) == 1
    result = json.loads(capsys.readouterr().out)
    assert {each["pointer"].rpartition("/")[2] for each in result["findings"]} == {"maxLength"}
    (document,) = result["documents"]
    assert document["instances"] > 50


def test_what_stands_beside_the_reference_of_a_response_is_read(tmp_path: Path) -> None:
    """From 3.1 on it applies: the type of the response demands `note` as its schema does."""
    document = contract()
    content = document["components"]["responses"]["Thing"]["content"]["application/json"]
    content["schema"] = {"$ref": "#/components/schemas/Thing", "required": ["note"]}
    assert judged(tmp_path, document).findings() == []
