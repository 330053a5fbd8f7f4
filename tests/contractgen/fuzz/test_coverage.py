"""What a run has covered: responses, parameters, and keywords that were both satisfied and violated."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.load import load
from contractgen.fuzz.coverage import Coverage, coverage
from contractgen.fuzz.events import Request
from contractgen.fuzz.operations import operations
from tests.contractgen.packages import write_document

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "put": {
                "operationId": "put_note",
                "parameters": [{"name": "X-Kind", "in": "header", "schema": {"enum": ["a", "b"]}}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}
                },
                "responses": {"200": {"description": "OK"}, "4XX": {"description": "No"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Note": {
                "required": ["text"],
                "properties": {"text": {"maxLength": 3, "description": "no keyword that rejects"}},
            }
        }
    },
}
LABEL = "PUT /notes/{id}"


@pytest.fixture
def covered(tmp_path: Path) -> Any:
    document = load(write_document(tmp_path, DOCUMENT))

    def run(*requests: Request) -> Coverage:
        return coverage(document, operations(document), requests)

    return run


def put(status: int = 200, **parts: Any) -> Request:
    return Request(LABEL, status, parts, "application/json")


def test_nothing_was_sent(covered: Any) -> None:
    found = covered(Request("GET /none", 200, {}))
    assert (found.responses, found.parameters, found.keywords) == ((0, 2), (0, 2), (0, 4))
    assert found.missing == ["put_note 200", "put_note 4XX"]


def test_a_response_counts_by_its_status_or_range(covered: Any) -> None:
    assert covered(put(200), put(500)).missing == ["put_note 4XX"]
    assert covered(put(422)).missing == ["put_note 200"]


def test_a_parameter_counts_where_it_was_sent_and_a_header_in_any_case(covered: Any) -> None:
    assert covered(put(path_parameters={"id": 1}, query={"X-Kind": "a"})).parameters == (1, 2)
    assert covered(put(path_parameters={"id": 1}, headers={"x-kind": "a"})).parameters == (2, 2)


@pytest.mark.parametrize(
    ("bodies", "count"),
    [
        ([{"text": "abc"}], 0),
        ([{"text": "abcd"}], 0),  # violated, never satisfied
        ([{"text": "abc"}, {"text": "abcd"}], 1),
        ([{"text": "abcd"}, {"text": 1}], 0),  # maxLength says nothing of a number
        ([{"text": "abc"}, {"text": "abcd"}, {}], 2),
    ],
)
def test_a_keyword_counts_when_it_was_satisfied_and_violated(covered: Any, bodies: Any, count: int) -> None:
    assert covered(*(put(body=each) for each in bodies)).keywords == (count, 4)


def test_values_that_python_takes_for_equal_are_checked_one_by_one(covered: Any) -> None:
    both = [put(path_parameters={"id": value}) for value in (True, 1)]
    assert covered(*both).keywords == covered(*reversed(both)).keywords == (1, 4)


def test_what_schemas_share_counts_once(tmp_path: Path) -> None:
    both = DOCUMENT["paths"] | {"/copies/{id}": deepcopy(DOCUMENT["paths"]["/notes/{id}"])}
    document = load(write_document(tmp_path, DOCUMENT | {"paths": both}))
    found = coverage(document, operations(document), [])
    assert (found.responses, found.parameters, found.keywords) == ((0, 4), (0, 4), (0, 6))


def test_a_schema_that_looks_at_what_others_have_evaluated(tmp_path: Path) -> None:
    note = {"allOf": [{"properties": {"text": {"type": "string"}}}], "unevaluatedProperties": False}
    document = load(write_document(tmp_path, DOCUMENT | {"components": {"schemas": {"Note": note}}}))
    bodies = [put(body=each) for each in ({"text": "a"}, {"other": 1}, {"text": 1})]
    assert coverage(document, operations(document), bodies).keywords == (1, 3)
