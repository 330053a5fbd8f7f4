"""What violates OpenAPI's own schema is refused where it changes what is meant, and else only said."""

import re
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.document.structure import violations
from contractgen.plan.planner import make_plan
from tests.contractgen.diff.test_diff import GONE, edited
from tests.contractgen.packages import THING, read_document

GET, PUT = ("paths", THING, "get"), ("paths", THING, "put")
NOTE = ("components", "schemas", "Thing", "properties", "note")
RESPONSE = ("components", "responses", "Thing")
SCHEME = ("components", "securitySchemes", "bearerAuth")
JSON = (*RESPONSE, "content", "application/json")

# What is put where: the contract means the same as without it.
HARMLESS: list[tuple[tuple[Any, ...], Any]] = [
    ((*GET, "summary"), None),
    ((*GET, "description"), {"$ref": "docs/get.md"}),
    ((*GET, "parameters", 1, "description"), 7),
    (("info", "description"), None),
    (("info", "license"), {"identifier": "MIT", "name": "MIT", "url": "https://example.com"}),
    (("info", "license"), {}),
    (("info", "version"), 1.0),
    (("info", "contact"), "somebody"),
    (("tags", 0, "description"), None),
    ((*RESPONSE, "description"), GONE),
    ((*RESPONSE, "description"), None),
    ((*RESPONSE, "links"), ["later"]),
    ((*JSON, "examples"), ["a"]),
    ((*JSON, "examples"), {"a": {"value": 1, "unknown": 2}}),
    ((*PUT, "requestBody", "unknown"), 1),
    ((*GET, "unknown"), {"a": 1}),
    (("unknown",), 1),
    ((*GET, "callbacks"), None),
    ((*GET, "parameters", 0, "required"), GONE),
    ((*GET, "parameters", 0, "required"), False),
    ((*SCHEME, "in"), "header"),
    ((*NOTE, "description"), None),
    ((*NOTE, "title"), ["a"]),
    ((*NOTE, "examples"), "a"),
    ((*NOTE, "format"), None),
    (("components", "schemas", "Thing", "required"), ["name", "name"]),
    (("components", "schemas", "Not a name"), {"type": "string"}),
]
# What is meant cannot be told, or is not what stands there.
REFUSED: list[tuple[tuple[Any, ...], Any]] = [
    (("info", "version"), GONE),
    (("info", "version"), None),
    (("info", "version"), ["1"]),
    (("info", "title"), GONE),
    (("info", "title"), None),
    (("info",), None),
    ((*GET, "parameters", 1, "in"), "body"),
    ((*GET, "parameters", 1, "name"), GONE),
    ((*GET, "parameters"), {"a": 1}),
    ((*GET, "operationId"), 7),
    ((*GET, "security"), {"bearerAuth": []}),
    (("paths", "things"), {}),
    ((*SCHEME, "type"), "bearer"),
    ((*SCHEME, "scheme"), GONE),
    ((*NOTE, "type"), "text"),
    ((*NOTE, "maxLength"), "5"),
    ((*NOTE, "enum"), "a"),
    ((*NOTE, "properties"), ["a"]),
]


def names(changes: list[tuple[tuple[Any, ...], Any]]) -> list[str]:
    return [f"{place[-1]} is {'gone' if value is GONE else value}" for place, value in changes]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(("place", "value"), HARMLESS, ids=names(HARMLESS))
def test_a_harmless_violation_is_told_and_has_no_effect(
    tmp_path: Path, version: str, place: tuple[Any, ...], value: Any
) -> None:
    document = edited(place, value, of(version))
    if version == "3.0.3" and place[-1] == "Not a name":
        return  # OpenAPI 3.0's own schema does not say what a component may be called
    warnings = make_plan(read_document(tmp_path, document)).warnings
    assert warnings
    assert all(warning.line > 0 for warning in warnings)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(("place", "value"), REFUSED, ids=names(REFUSED))
def test_a_violation_that_changes_what_is_meant_is_refused(
    tmp_path: Path, version: str, place: tuple[Any, ...], value: Any
) -> None:
    with pytest.raises(ContractError) as caught:
        make_plan(read_document(tmp_path, edited(place, value, of(version))))
    assert all(finding.line > 1 for finding in caught.value.findings)


def test_an_error_in_openapi_30_stands_where_it_is(tmp_path: Path) -> None:
    """The schema of 3.0 offers alternatives everywhere, of which none would be named."""
    document = edited((*PUT, "requestBody", "content"), GONE, of("3.0.3"))
    with pytest.raises(ContractError, match=r"put/requestBody: the request body has no 'content'"):
        make_plan(read_document(tmp_path, document))


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        (
            {"type": "http", "scheme": "bearer", "in": "header"},
            r"bearerAuth: the security scheme has an unknown field: 'in'",
        ),
        ({"type": "http"}, r"bearerAuth: the security scheme has no 'scheme'"),
        ({"scheme": "bearer"}, r"bearerAuth: the security scheme has no 'type'"),
        ({"type": "token"}, r"bearerAuth/type: type should be one of apiKey, http, .*, not 'token'"),
    ],
    ids=["in of http", "no scheme", "no type", "no such type"],
)
def test_a_security_scheme_of_openapi_30_is_told_what_is_wrong(
    tmp_path: Path, scheme: dict[str, str], said: str
) -> None:
    """Its schema has four alternatives, of which none would be named."""
    document = read_document(tmp_path, edited(SCHEME, scheme, of("3.0.3")))
    findings = [str(each.finding) for each in violations(document)]
    assert len(findings) == 1
    assert re.search(said, findings[0])


def of(version: str) -> Any:
    document = edited(("openapi",), version)
    if version == "3.0.3":
        document["components"]["schemas"]["Thing"]["properties"]["note"] = {"type": "string", "maxLength": 5}
    return document


def test_a_harmless_violation_below_a_status_has_no_effect(tmp_path: Path) -> None:
    """The validator's paths hold a status as a number, the document as a text."""
    content = {"application/jsonl": {"itemSchema": {"type": "integer"}}}
    response = {"description": "Lines.", "content": content, "headers": None}
    document = edited((*GET, "responses", "202"), response, of("3.1.0"))
    planned = make_plan(read_document(tmp_path, document))
    messages = [warning.message for warning in planned.warnings]
    assert any("'itemSchema'" in message for message in messages)
    place = f"/paths/{THING.replace('/', '~1')}/get/responses/202"
    assert planned.document.at(place) == {"description": "Lines.", "content": {"application/jsonl": {}}}


# The keyword in the form of another version, and what the author is told.
OF_ANOTHER_VERSION: list[tuple[str, dict[str, Any], str, str]] = [
    ("3.0.3", {"type": ["string", "null"]}, "type", "add `nullable: true` for null"),
    ("3.0.3", {"type": ["string"]}, "type", "add `nullable: true` for null"),
    ("3.0.3", {"type": "integer", "exclusiveMinimum": 4}, "exclusiveMinimum", "minimum: 4, exclusiveMinimum"),
    ("3.0.3", {"type": "number", "exclusiveMaximum": 0.5}, "exclusiveMaximum", "maximum: 0.5, exclusive"),
    ("3.1.0", {"minimum": 4, "exclusiveMinimum": True}, "exclusiveMinimum", "write exclusiveMinimum: 4"),
    ("3.1.0", {"maximum": 4, "exclusiveMaximum": True}, "exclusiveMaximum", "write exclusiveMaximum: 4"),
    ("3.2.0", {"exclusiveMaximum": True}, "exclusiveMaximum", "write exclusiveMaximum: <number>"),
]


@pytest.mark.parametrize(("version", "schema", "keyword", "hint"), OF_ANOTHER_VERSION)
def test_a_keyword_in_the_form_of_another_version_is_an_error_at_its_position(
    tmp_path: Path, version: str, schema: dict[str, Any], keyword: str, hint: str
) -> None:
    document = read_document(tmp_path, edited(NOTE, schema, of(version)))
    with pytest.raises(ContractError) as caught:
        make_plan(document)
    (finding,) = caught.value.findings
    assert finding.pointer == "/" + "/".join([*NOTE, keyword])
    assert hint in finding.hint
    text = document.source.decode().splitlines()[finding.line - 1]
    assert text.strip().startswith(keyword) or text.strip().startswith("-")


@pytest.mark.parametrize("keyword", ["exclusiveMinimum", "exclusiveMaximum"])
def test_an_exclusive_bound_that_is_false_has_no_effect_in_31(tmp_path: Path, keyword: str) -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 9}
    document = read_document(tmp_path, edited(NOTE, {**schema, keyword: False}, of("3.1.0")))
    planned = make_plan(document)
    (warning,) = planned.warnings
    assert warning.message == f"{keyword}: false has no effect"
    assert [edit.op for edit in warning.edits] == ["remove"]
    assert planned.document.at("/" + "/".join(NOTE)) == schema


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_an_exclusive_bound_in_the_form_of_its_version_is_no_violation(tmp_path: Path, version: str) -> None:
    own = {"minimum": 1, "exclusiveMinimum": True} if version == "3.0.3" else {"exclusiveMinimum": 1}
    document = read_document(tmp_path, edited(NOTE, {"type": "integer", **own}, of(version)))
    assert violations(document) == []
    assert make_plan(document).document.at("/" + "/".join(NOTE))["exclusiveMinimum"] == 1
