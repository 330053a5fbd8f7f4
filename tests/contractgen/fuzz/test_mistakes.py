"""A mistake of schemathesis explains only a failure whose request shows it."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract

OBJECT = {"type": "object", "required": ["id"]}
DONE = {"properties": {"data": {"const": "[DONE]"}}}


@pytest.mark.parametrize(
    ("status", "length", "explained"),
    [("400", 8_000, True), ("414", 8_000, True), ("414", 7_900, False), ("500", 8_000, False)],
)
@pytest.mark.parametrize("check", ["positive_data_acceptance", "content_type_conformance"])
def test_a_url_that_no_server_reads(
    check: str, status: str, length: int, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [{"name": "a", "in": "query", "schema": {}}]
    url = f"http://localhost/notes/1?a={'a' * length}"
    reason = explanations(tmp_path, document).of(failure(check, "GET /notes/{note_id}", status, url=url))
    assert (reason is not None) is explained


@pytest.mark.parametrize(
    ("schema", "message", "explained"),
    [
        ({"type": "string"}, "Event #0: {} is not of type", True),
        ({"type": "string"}, "{} is not of type", False),
        ({"type": "object", "required": ["data"]}, "Event #0: 'data' is required", False),
        ({"type": ["string", "object"]}, "Event #0: {} is not of type", False),
        ({"type": "array", "items": {"properties": {"data": {}}}}, "Event #0: {} is not of type", True),
        ({"type": "array", "items": {"type": "object"}}, "Event #0: {} is not of type", False),
    ],
)
def test_a_stream_that_is_a_text(schema: Any, message: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    content = {"text/event-stream": {"schema": schema}}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"] = {"description": "", "content": content}
    case = failure("response_schema_conformance", "GET /notes/{note_id}", "200", message=message)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("schema", "answer", "explained"),
    [
        ({"required": ["id"]}, b'data: {"id": 1}\n\ndata: {\r\ndata: "id": 2}\r\n\r\n', True),
        ({"required": ["id"]}, b'event: message\ndata: {"id": 1}\n\ndata: {}\n\n', False),
        ({"required": ["id"]}, b"data: [DONE]\n\n", False),
        ({"type": "array", "items": {"required": ["id"]}}, b'data: {"id": 1}\n\n', True),
        ({"required": ["id"], "properties": {"data": {}}}, b'data: {"id": 1}\n\n', False),
        ({"properties": {"data": OBJECT, "id": {"const": "a"}}}, b'id: a\ndata: {"id": 1}\n\n', True),
        ({"properties": {"data": OBJECT, "id": {"const": "a"}}}, b'id: b\ndata: {"id": 1}\n\n', False),
        ({"properties": {"data": OBJECT}}, b'data: {"id": 1}\n\ndata: {}\n\n', False),
        ({"properties": {"data": OBJECT}, "required": ["retry"]}, b'retry: 5\ndata: {"id": 1}\n\n', True),
        ({"oneOf": [DONE, {"properties": {"data": OBJECT}}]}, b'data: {"id": 1}\n\ndata: [DONE]\n\n', True),
    ],
)
def test_a_stream_whose_schema_is_that_of_the_data(
    schema: Any, answer: bytes, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    content = {"text/event-stream": {"schema": {"type": "object", **schema}}}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"] = {"description": "", "content": content}
    message = "Event #0: 'id' is a required property"
    case = failure(
        "response_schema_conformance", "GET /notes/{note_id}", "200", message=message, answer=answer
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("schema", "text", "explained"),
    [
        ({"type": "string", "pattern": "^[A-Z]"}, "0", True),
        ({"type": "string", "pattern": "^[0-9]"}, "0", False),
        ({"type": "string", "pattern": "^[0-9]"}, "[Filtered]", False),
        ({"type": "string", "format": "date"}, "0", True),
        ({"type": ["integer", "null"]}, "0", False),
        ({"type": "boolean"}, "0", True),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, "0", False),
        ({"type": "array", "items": {"type": "string"}, "enum": ["0", "1"]}, "0", True),
        ({"type": "array", "items": {"type": "string"}, "enum": ["0", ["1"]]}, "0", False),
        ({"pattern": "^[A-Z]"}, "0", False),
    ],
)
@pytest.mark.parametrize("location", ["header", "query"])
def test_a_parameter_that_schemathesis_took_for_valid(
    schema: Any, text: str, explained: bool, location: str, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "X-Since", "in": location, "schema": schema}
    ]
    sent = {"headers": (("x-since", text),)} if location == "header" else {}
    url = "http://a/notes/1" + ("" if sent else f"?X-Since={text}")
    found = explanations(tmp_path, document)
    for check, status, expected in [
        ("positive_data_acceptance", "422", explained),
        ("negative_data_rejection", "200", False),
    ]:
        case = failure(check, "GET /notes/{note_id}", status, url=url, **sent)
        assert (found.of(case) is not None) is expected


@pytest.mark.parametrize(
    ("check", "method", "explained"),
    [
        ("use_after_free", "OPTIONS", True),
        ("use_after_free", "TRACE", True),
        ("use_after_free", "GET", False),
        ("status_code_conformance", "OPTIONS", False),
    ],
)
def test_the_options_of_what_was_deleted(check: str, method: str, explained: bool, tmp_path: Path) -> None:
    case = failure(check, "GET /notes/{note_id}", "200", url="http://localhost/notes/1")
    reason = explanations(tmp_path, contract()).of(replace(case, method=method))
    assert (reason is not None) is explained


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("0000-01-01", True),
        ("0000-01-01T00:00:00Z", True),
        ("0001-01-01T00:00:00Z", False),
        ("0000-01-011", False),
        ("10000-01-01", False),
    ],
)
def test_a_date_of_the_year_0(text: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    parameter = {"name": "since", "in": "query", "schema": {"type": "string"}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    body = f'{{"text": "{text}"}}'.encode()
    url = f"http://a/notes/1?since={quote(text)}&since=a"
    cases = [
        failure("positive_data_acceptance", "POST /notes", "422", media_type="application/json", body=body),
        failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url),
    ]
    found = explanations(tmp_path, document)
    assert [found.of(case) is not None for case in cases] == [explained] * 2


@pytest.mark.parametrize(
    ("query", "part", "explained"),
    [
        ("fields=1.9", "parameters `limit`, `fields` in query", True),
        ("limit=3&fields=a&fields=2", "parameter `fields` in query", True),
        ("", "parameter `limit` in query", True),
        ("since=", "parameter `since` in query", True),
        ("since=a", "parameter `since` in query", False),
        ("limit=", "parameter `limit` in query", False),
        ("limit=a", "parameter `limit` in query", False),
        ("limit=1&limit=2", "parameter `limit` in query", False),
        ("limit=99", "parameter `limit` in query", False),
        ("other=1", "parameter `other` in query", False),
        ("fields=1.9", "parameter `note_id` in path", False),
        ("fields=1.9", "parameter `fields` in query, parameter `note_id` in path", False),
    ],
)
def test_an_invalid_query_that_was_sent_as_a_valid_one(
    query: str, part: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    listed = {"type": "array", "items": {"type": "string"}}
    document["paths"]["/notes/{note_id}"]["get"].setdefault("parameters", []).extend(
        [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
            {"name": "fields", "in": "query", "schema": listed},
            {"name": "since", "in": "query", "schema": {"type": ["string", "null"], "pattern": "^[0-9]+$"}},
        ]
    )
    url = f"http://localhost/notes/1?{query}"
    message = f"Invalid data should have been rejected\n\nInvalid component: {part}"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("text", "part", "explained"),
    [
        ("", "parameter `X-Modes` in header", True),
        ("fast, safe", "parameter `X-Modes` in header", True),
        ("slow", "parameter `X-Modes` in header", False),
        ("fast,slow", "parameter `X-Modes` in header", False),
        (None, "parameter `X-Modes` in header", False),
        ("", "parameter `X-Modes` in header, parameter `note_id` in path", False),
        ("", "request body", False),
    ],
)
def test_an_invalid_header_that_was_sent_as_a_valid_one(
    text: str | None, part: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    modes = {"type": "array", "items": {"enum": ["fast", "safe"]}}
    document["paths"]["/notes/{note_id}"]["get"].setdefault("parameters", []).append(
        {"name": "X-Modes", "in": "header", "required": True, "schema": modes}
    )
    message = f"Invalid data should have been rejected\n\nInvalid component: {part}"
    headers = (("accept", "*/*"), *([("x-modes", text)] if text is not None else []))
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, headers=headers)
    case = replace(case, url="http://localhost/notes/1")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("operation", "path", "explained"),
    [("GET /notes/{note_id}", "/notes/a", True), ("POST /notes", "/notes", False)],
)
def test_a_name_in_the_query_without_an_object(
    operation: str, path: str, explained: bool, tmp_path: Path
) -> None:
    case = failure("positive_data_acceptance", operation, "422", url=f"http://localhost{path}?other=1")
    assert (explanations(tmp_path, contract()).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("more", "query", "explained"),
    [
        ({}, "other=1", True),
        ({}, "limit=1&other=1", True),
        ({}, "limit=1&since=a", False),
        ({}, "limit[a]=1", False),
        ({}, "key=k&limit=1", False),
        ({"additionalProperties": True}, "other=1", False),
        ({"properties": {}}, "other=1", False),
    ],
)
def test_a_name_beside_those_of_an_object_in_the_query(
    more: dict[str, Any], query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["components"]["securitySchemes"]["key"] = {"type": "apiKey", "in": "query", "name": "key"}
    found = {"type": "object", "properties": {"limit": {"type": "string"}}} | more
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "found", "in": "query", "schema": found},
        {"name": "since", "in": "query", "schema": {"type": "string"}},
    ]
    url = f"http://localhost/notes/1?{query}"
    for status, expected in [("422", explained), ("409", False)]:
        case = failure("positive_data_acceptance", "GET /notes/{note_id}", status, url=url)
        assert (explanations(tmp_path, document).of(case) is not None) is expected


@pytest.mark.parametrize(
    ("schema", "is_required", "query", "explained"),
    [
        ({"type": "object", "properties": {"q": {"type": "string"}}}, True, "", True),
        ({"type": "object", "properties": {"q": {"type": "string"}}}, True, "q=", False),
        ({"type": "object", "properties": {"q": {"type": "string"}}}, False, "", False),
        ({"type": "array", "items": {"type": "string"}}, True, "", True),
        ({"type": "array", "items": {"type": "string"}}, True, "found=", False),
        ({"type": "string"}, True, "", False),
    ],
)
def test_an_empty_object_or_array_in_the_query(
    schema: dict[str, Any], is_required: bool, query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "found", "in": "query", "required": is_required, "schema": schema}
    ]
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=f"http://a/notes/1?{query}")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(("text", "explained"), [("a", True), ("[Filtered]", False)])
def test_a_credential_that_a_report_hides_explains_nothing(
    text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "X-Token", "in": "header", "schema": {"type": "string"}}
    ]
    message = "Invalid data should have been rejected\n\nInvalid component: parameter `X-Token` in header"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message)
    case = replace(case, url="http://localhost/notes/1", headers=(("x-token", text),))
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(("location", "explained"), [("query", True), ("querystring", False)])
def test_a_question_mark_in_a_path(location: str, explained: bool, tmp_path: Path) -> None:
    """schemathesis does not escape it where a link gives the value: the rest of the path is a query."""
    document = contract()
    text: dict[str, Any] = {"schema": {"type": "string"}}
    parameter = text if location == "query" else {"content": {"text/plain": text}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "since", "in": location, **parameter}
    ]
    url = "http://localhost/notes/1?b']"
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained
