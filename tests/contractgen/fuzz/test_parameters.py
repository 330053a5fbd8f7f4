"""Parameters that are not what schemathesis takes them for explain the failures of their requests alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contractgen.fuzz.explained import Explanations
from contractgen.schema.normal import normal_form
from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

SENT = "Invalid data should have been rejected\n\nInvalid component: parameter `accept` in header - too short"


LACKING = "Invalid data should have been rejected\n\nInvalid component: Missing `Accept` at header"
REQUIRED = "Invalid component: in header - violates `required` (was {})"
MISSING = "Got 200 when missing required 'Accept' header, expected 401"


@pytest.mark.parametrize(
    ("name", "check", "status", "message", "explained"),
    [
        ("Accept", "positive_data_acceptance", "406", "", True),
        ("Accept", "status_code_conformance", "406", "", True),
        ("Accept", "positive_data_acceptance", "415", "", False),
        ("Accept", "negative_data_rejection", "200", SENT, True),
        ("Accept", "missing_required_header", "200", MISSING, True),
        ("Accept", "negative_data_rejection", "200", LACKING, True),
        ("Accept", "negative_data_rejection", "200", REQUIRED.format("Accept"), True),
        ("Accept", "negative_data_rejection", "200", REQUIRED.format("X-Id, Accept"), False),
        ("Accept", "not_a_server_error", "406", "", False),
        ("Content-Type", "positive_data_acceptance", "415", "", True),
        ("Content-Type", "negative_data_rejection", "200", SENT, False),
        ("Content-Encoding", "positive_data_acceptance", "415", "", True),
        ("Content-Length", "positive_data_acceptance", "400", "", True),
        ("X-Length", "positive_data_acceptance", "400", "", False),
    ],
)
def test_a_parameter_that_is_a_header_of_http(
    name: str, check: str, status: str, message: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    case = failure(check, "GET /notes/{note_id}", status, message=message, url="http://localhost/notes/1")
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("lacking", "sent", "explained"),
    [
        ("Accept, Authorization", "authorization", True),
        ("Accept, Authorization", "x-id", False),
        ("Authorization", "authorization", False),
        ("Accept, X-Id", "authorization", False),
    ],
)
def test_a_header_of_http_beside_a_credential(
    lacking: str, sent: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": "Accept", "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    message = REQUIRED.format(lacking)
    case = failure(
        "negative_data_rejection", "GET /notes/{note_id}", "200", message=message, headers=((sent, "a"),)
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("part", "explained"),
    [
        ("in header - object with unexpected properties", True),
        ("in cookie - object with unexpected properties", True),
        ("in query - object with unexpected properties", False),
        ("in header - object with unexpected properties\n\nin body", False),
    ],
)
def test_a_header_that_no_contract_declares(part: str, explained: bool, tmp_path: Path) -> None:
    message = f"Invalid data should have been rejected\n\nInvalid component: {part}"
    url = "http://localhost/notes/1?x=1"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, url=url)
    assert (explanations(tmp_path, contract()).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("name", "schema", "explained"),
    [
        ("Accept-Encoding", {"enum": ["base64"]}, True),
        ("Accept-Encoding", {"enum": ["gzip", "identity"]}, True),
        ("Accept-Encoding", {"pattern": "gzip"}, False),
        ("Host", {"const": "example.com"}, True),
        ("Host", {"const": "localhost"}, False),
        ("X-Encoding", {"enum": ["base64"]}, False),
    ],
)
def test_a_header_that_the_http_client_sends(
    name: str, schema: dict[str, Any], explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": name, "in": "header", "schema": {"type": "string", **schema}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url="http://localhost/notes/1")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("kind", "text", "explained"),
    [("integer", "0.0", True), ("integer", "0", False), ("number", "0.0", False), ("string", "0.0", False)],
)
def test_an_integer_that_is_written_as_a_fraction(
    kind: str, text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": "number", "in": "query", "schema": {"type": kind}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    url = f"http://a/notes/1?number={text}"
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("url", "explained"),
    [
        ("/api/notes/a%0Db", True),  # which `.` matches in Python, and not in a schema
        ("/api/notes/ab", False),
        ("/api/notes/a%2Fb", False),
        ("/api/other/a%0Db", False),
        ("/a%0Db", False),
    ],
)
def test_a_path_that_schemathesis_took_for_valid(url: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    operation = document["paths"]["/notes/{note_id}"]["get"]
    operation["parameters"] = [
        {"name": "note_id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^.*$"}}
    ]
    document["paths"]["/notes/{note_id}"] = {"get": operation}
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=f"http://localhost{url}")
    found = Explanations(normal_form(read_document(tmp_path, document)), [], "/api")
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("template", "path", "explained"),
    [
        ("/notes/{note_id}.json", "/notes/text.json", True),
        ("/notes/{note_id}.json", "/notes/1.json", False),
        ("/notes/{note_id}.json", "/notes/text", False),
        ("/notes/id-{note_id}", "/notes/id-text", True),
        ("/notes/id-{note_id}", "/notes/id-1", False),
        ("/notes/{note_id}-{part}", "/notes/text-1", False),
        ("/notes/{note_id}-{part}", "/notes/1--1", True),
        ("/notes/{note_id}--{part}", "/notes/1--1", False),
    ],
)
def test_a_path_parameter_with_a_text_beside_it(
    template: str, path: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    operation = document["paths"].pop("/notes/{note_id}")["get"]
    operation["parameters"] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}
        for name in ("note_id", "part")
        if f"{{{name}}}" in template
    ]
    document["paths"][template] = {"get": operation}
    case = failure("positive_data_acceptance", f"GET {template}", "422", url=f"http://localhost{path}")
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("location", "schema", "text", "explained"),
    [
        ("query", {"type": "object", "properties": {"a": {}}}, "", True),
        ("query", {"type": "object", "properties": {"a": {}}}, "a,1", False),
        ("query", {"type": ["object", "string"]}, "", False),
        ("query", {"type": "string"}, "", False),
        ("header", {"type": "object", "properties": {"a": {}}}, "", True),
        ("header", {"type": "array"}, "", False),
        ("header", {"type": "string"}, "", False),
    ],
)
def test_an_empty_text_for_an_object_or_array(
    location: str, schema: Any, text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": "X-Of", "in": location, "explode": False, "schema": schema}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    url = "http://localhost/notes/1" + (f"?X-Of={text}" if location == "query" else "")
    headers = (("x-of", text),) if location == "header" else ()
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url, headers=headers)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("kinds", "query", "explained"),
    [
        (["integer", "array"], "word=a", True),
        (["integer", "array"], "list=", False),
        (["integer", "null"], "word=a", False),
    ],
)
def test_an_empty_list_beside_other_types_is_not_sent(
    kinds: list[str], query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    schema = {"anyOf": [{"type": kind, "maxLength": 1} for kind in kinds]}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "list", "in": "query", "required": True, "schema": schema},
        {"name": "word", "in": "query", "schema": {"type": "string"}},
    ]
    url = f"http://localhost/notes/1?{query}"
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


def test_a_name_beside_those_of_an_object_that_is_composed(tmp_path: Path) -> None:
    document = contract()
    page = {"type": "object", "properties": {"limit": {"type": "integer"}}}
    document["components"]["schemas"]["Page"] = page
    schema = {"allOf": [{"$ref": "#/components/schemas/Page"}]}
    document["paths"]["/notes"]["post"]["parameters"] = [{"name": "page", "in": "query", "schema": schema}]
    found = explanations(tmp_path, document)
    for query, explained in [("=1&limit=2", True), ("limit=2", False)]:
        case = failure(
            "positive_data_acceptance", "POST /notes", "422", url=f"http://localhost/notes?{query}"
        )
        assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("schema", "query", "explained"),
    [
        ({"maxItems": 1}, "source=", True),
        ({"minItems": 1}, "source=", False),
        ({"maxItems": 1}, "source=a", False),
        ({"maxItems": 1}, "source=&source=", False),
    ],
)
def test_an_invalid_item_that_is_written_as_an_empty_list(
    schema: dict[str, int], query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    items = {"type": "array", "items": {"enum": ["edge"]}}
    parameter = {"name": "source", "in": "query", "schema": items | schema}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    message = "Invalid component: parameter `source` in query - violates `enum` at /properties/source/items"
    url = f"http://localhost/notes/1?{query}"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("part", "query", "explained"),
    [
        (
            "\n  - query: violates `enum`\n  - header: violates `required` (was X-Of, Authorization)",
            "a=",
            True,
        ),
        (
            "\n  - query: violates `enum`\n  - header: violates `required` (was X-Of, Authorization)",
            "a=c",
            False,
        ),
        ("\n  - query: violates `enum`\n  - path: violates `type`", "a=", False),
        ("\n  - body: violates `type`\n  - query: violates `enum`", "a=", False),
        (" in query - violates `required` (was a)", "a=b", True),
        (" in query - violates `required` (was a)", "", False),
        (" in path - violates `required` (was a)", "a=b", False),
    ],
)
def test_several_parts_that_are_valid_as_they_are_sent(
    part: str, query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    listed = {"type": "array", "items": {"enum": ["b"]}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "a", "in": "query", "required": True, "schema": listed},
        {"name": "X-Of", "in": "header", "required": True, "schema": {"type": "string"}},
    ]
    case = failure(
        "negative_data_rejection",
        "GET /notes/{note_id}",
        "200",
        message=f"Invalid data should have been rejected\nInvalid component:{part}",
        url=f"http://localhost/notes/1?{query}",
        headers=(("x-of", "a"),),
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("parts", "body", "explained"),
    [
        (["header: violates `required` (was Accept, Authorization)", "body: violates `type`"], "a=1", True),
        (["header: violates `required` (was Accept, Authorization)", "body: violates `type`"], "a=x", False),
        (["header: violates `required` (was X-Of, Authorization)", "body: violates `type`"], "a=1", False),
        (["path: violates `type`", "body: violates `type`"], "a=1", False),
    ],
)
def test_several_parts_each_of_which_is_explained(
    parts: list[str], body: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    form = {"type": "object", "properties": {"a": {"type": "integer"}}}
    post = document["paths"]["/notes"]["post"]
    post["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    post["parameters"] = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "integer"}}
        for name in ("Accept", "X-Of")
    ]
    listed = "".join(f"\n  - {each}" for each in parts)
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "200",
        message=f"Invalid data should have been rejected\nInvalid component:{listed}",
        media_type="application/x-www-form-urlencoded",
        body=body.encode(),
        headers=(("authorization", "[Filtered]"),),
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("name", "query", "explained"),
    [
        ("when", "when=&key=secret", True),
        ("when", "when=&number=1&text=a", True),
        ("when", "when=x&number=1", False),
        ("when", "when=&other=1", False),
        ("page", "when=&number=x", False),
    ],
)
def test_an_empty_text_beside_credentials_and_objects(
    name: str, query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["components"]["securitySchemes"]["key"] = {"type": "apiKey", "in": "query", "name": "key"}
    page = {"type": "object", "properties": {"number": {"type": "integer"}, "text": {"type": "string"}}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "when", "in": "query", "schema": {"type": ["string", "null"], "format": "date"}},
        {"name": "page", "in": "query", "schema": {**page, "additionalProperties": False}},
    ]
    message = f"Invalid component: parameter `{name}` in query - value not matching"
    url = f"http://localhost/notes/1?{query}"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("part", "explained"),
    [
        ("parameter `a` in query - violates `enum`", True),
        ("parameter `a` in header - violates `enum`", False),
    ],
)
def test_a_hidden_credential_beside_the_invalid_part(part: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "a", "in": "query", "schema": {"type": "array", "items": {"enum": ["b"]}}},
        {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"}},
    ]
    message = f"Invalid data should have been rejected\nInvalid component: {part}"
    headers = (("authorization", "[Filtered]"),)
    url = "http://localhost/notes/1?a=b"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, url=url)
    assert (explanations(tmp_path, document).of(replace(case, headers=headers)) is not None) is explained
