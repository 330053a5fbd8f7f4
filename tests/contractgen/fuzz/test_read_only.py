"""A property that is readOnly in one part of allOf, and required by another, is in no request."""

from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract

OWN = {
    "type": "object",
    "properties": {"id": {"type": "integer", "readOnly": True}, "text": {"type": "string"}},
}
WRITTEN = {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
CONFLICT = (
    "Cannot generate test data for request body (application/json) Schema: {} "
    "the schema at /allOf/0 conflicts with the schema at /allOf/1"
)


def _of(base: Any) -> Any:
    document = contract()
    document["components"]["schemas"]["Base"] = base
    schema = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "text"]}]}
    content = {"application/json": {"schema": {"type": "object", "properties": {"note": schema}}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"required": True, "content": content}
    return document


@pytest.mark.parametrize(
    ("base", "body", "explained"),
    [
        (OWN, b'{"note": {"text": "a"}}', True),
        (OWN, b'{"note": {"text": 1}}', False),
        (OWN, b'{"note": {}}', False),
        (OWN, b"{", False),
        (WRITTEN, b'{"note": {"text": "a"}}', False),
    ],
)
def test_a_body_without_it(base: Any, body: bytes, explained: bool, tmp_path: Path) -> None:
    message = "Invalid component: Missing required property: id"
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        media_type="application/json",
        body=body,
        message=message,
    )
    assert (explanations(tmp_path, _of(base)).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("base", "label", "text", "explained"),
    [
        (OWN, "POST /notes", CONFLICT, True),
        (OWN, "POST /notes", "Cannot generate test data for request body (application/json)", False),
        (OWN, "GET /notes/{note_id}", CONFLICT, False),
        (WRITTEN, "POST /notes", CONFLICT, False),
    ],
)
def test_a_body_that_cannot_be_made(
    base: Any, label: str, text: str, explained: bool, tmp_path: Path
) -> None:
    assert (explanations(tmp_path, _of(base)).of_error(label, text) is not None) is explained
