"""Failures of schemas that admit no value are explained by the findings about them."""

from pathlib import Path

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract


@pytest.mark.parametrize(
    ("schema", "text", "explained"),
    [
        ({"oneOf": [{}, {"type": "object"}]}, "The mock has no value for a 200 of a; write one.", True),
        ({"minLength": 2, "maxLength": 1}, "The mock has no value for a 200 of a; write one.", True),
        ({"type": "string"}, "The mock has no value for a 200 of a; write one.", False),
        ({"minLength": 2, "maxLength": 1}, "The mock has no value for a 404 of a; write one.", False),
        ({"minLength": 2, "maxLength": 1}, "This is not implemented.", False),
    ],
)
def test_a_mock_of_a_schema_that_admits_no_value(
    schema: dict[str, object], text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    content = {"application/json": {"schema": {"properties": {"a": schema}}}}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"] = {"description": "", "content": content}
    found = explanations(tmp_path, document)
    for check in ("not_a_server_error", "status_code_conformance"):
        case = failure(check, "GET /notes/{note_id}", "501", answer=text.encode())
        assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("schema", "marked", "explained"),
    [({"pattern": "a^"}, "true", True), ({"pattern": "^a"}, "true", False), ({"pattern": "a^"}, "", False)],
)
def test_a_mock_without_a_value_whose_error_has_no_words(
    schema: dict[str, object], marked: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    headers = {"X-A": {"required": True, "schema": schema}}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"] = {"description": "", "headers": headers}
    answered = (("x-contractgen-mocked", marked),)
    case = failure("not_a_server_error", "GET /notes/{note_id}", "501", answer=b"{}", answered=answered)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("part", "label", "explained"),
    [
        ("request body (application/json)", "POST /notes", True),
        ("query parameter 'q'", "POST /notes", True),
        ("query parameter 'word'", "POST /notes", False),
        ("request body (text/plain)", "POST /notes", False),
        ("request body (application/json)", "GET /notes/{note_id}", False),
    ],
)
def test_a_part_of_a_request_that_no_value_fits(
    part: str, label: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    post, schema = document["paths"]["/notes"]["post"], {"type": "string", "pattern": "a$b"}
    post["parameters"] = [
        {"name": "q", "in": "query", "schema": schema},
        {"name": "word", "in": "query", "schema": {"type": "string", "pattern": "a"}},
    ]
    content = {"application/json": {"schema": {"required": ["a"], "properties": {"a": schema}}}}
    post["requestBody"] = {"content": content | {"text/plain": {"schema": {"type": "string"}}}}
    text = f"Failed to generate test cases Cannot generate test data for {part} Schema: {{}}"
    assert (explanations(tmp_path, document).of_error(label, text) is not None) is explained


@pytest.mark.parametrize(
    ("bounds", "check", "status", "explained"),
    [
        ((2, 1), "content_type_conformance", "404", True),
        ((1, 2), "content_type_conformance", "404", False),
        ((2, 1), "content_type_conformance", "401", False),
        ((2, 1), "response_schema_conformance", "404", False),
    ],
)
def test_a_rejection_whose_schema_admits_no_value(
    bounds: tuple[int, int], check: str, status: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    content = {"application/json": {"schema": {"minLength": bounds[0], "maxLength": bounds[1]}}}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["404"] = {"description": "", "content": content}
    case = failure(check, "GET /notes/{note_id}", status, url="http://localhost/notes/1")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("place", "label", "explained"),
    [
        ("body", "POST /notes", True),
        ("parameter", "POST /notes", True),
        ("body", "GET /notes/{note_id}", False),
        ("response", "POST /notes", False),
    ],
)
def test_a_reference_in_place_of_a_value(place: str, label: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    post = document["paths"]["/notes"]["post"]
    schema = {"type": "array", "default": {"$ref": "#/components/schemas/Note"}}
    content = {"application/json": {"schema": {"properties": {"a": schema}}}}
    match place:
        case "body":
            post["requestBody"] = {"content": content}
        case "parameter":
            post["parameters"] = [{"name": "q", "in": "query", "schema": schema}]
        case _:
            post["responses"]["201"] = {"description": "", "content": content}
    text = "Ensure that the definition complies with the OpenAPI specification"
    assert (explanations(tmp_path, document).of_error(label, text) is not None) is explained
