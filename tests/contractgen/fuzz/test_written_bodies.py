"""Bodies that schemathesis writes otherwise than their media type or encoding says."""

from pathlib import Path
from typing import Any

import pytest
from schemathesis.core import media_types

from contractgen.fuzz import program
from contractgen.fuzz.explained import Explanations
from contractgen.schema.normal import normal_form
from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

FORM = "application/x-www-form-urlencoded"
ITEM = {"type": "object", "required": ["id"]}
INVALID = "Invalid component: in body - incorrect type"


def _of_body(media_type: str, media: Any) -> Any:
    document = contract()
    document["paths"]["/notes"]["post"]["requestBody"] = {"required": True, "content": {media_type: media}}
    return document


@pytest.mark.parametrize(
    ("owner", "meant", "body", "explained"),
    [
        ({"properties": {"id": {}}}, {"id": 1, "name": "a"}, "id=1&name=a", True),
        ({"properties": {"id": {}}}, {"id": 1}, "id=1", False),
        ({"properties": {"id": {}}}, {"id": {"a": 1}}, "id[a]=1", True),
        ({"properties": {"id": {}}, "additionalProperties": True}, {"name": "a"}, "name=a", False),
        ({"properties": {"id": {}}}, {"name": "a"}, "owner[name]=a", False),
    ],
)
def test_an_object_whose_names_its_schema_does_not_have(
    owner: Any, meant: Any, body: str, explained: bool, tmp_path: Path
) -> None:
    properties = {"owner": {"type": "object", **owner}}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    case = failure(
        "positive_data_acceptance",
        "POST /notes",
        "422",
        media_type=FORM,
        body=body.encode(),
        meant={"owner": meant},
    )
    found = explanations(tmp_path, _of_body(FORM, {"schema": schema}))
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("body", "explained"),
    [("names=a&count=1", True), ("names=a&count=x", False), ("count=1&other=1", True), ("other=1", False)],
)
def test_an_invalid_object_whose_spread_texts_are_valid(body: str, explained: bool, tmp_path: Path) -> None:
    properties = {"names": {"type": "array", "items": {"type": "string"}}, "count": {"type": "integer"}}
    schema = {
        "type": "object",
        "required": ["owner"],
        "properties": {"owner": {"type": "object", "properties": properties}},
    }
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        media_type=FORM,
        body=body.encode(),
        message="Invalid component: in body - owner -> names: Incorrect type",
    )
    found = Explanations(normal_form(read_document(tmp_path, _of_body(FORM, {"schema": schema}))), [])
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("kind", "body", "explained"),
    [
        ("application/json", "id=1", True),
        ("application/json", "owner=id", True),
        ("application/json", "owner=%7B%22id%22%3A1%7D", False),
        ("text/plain", "id=1", False),
    ],
)
def test_a_property_that_is_no_json(kind: str, body: str, explained: bool, tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["owner"], "properties": {"owner": {"type": "object"}}}
    media = {"schema": schema, "encoding": {"owner": {"contentType": kind}}}
    meant = {"owner": {"id": 1}}
    case = failure(
        "positive_data_acceptance", "POST /notes", "422", media_type=FORM, body=body.encode(), meant=meant
    )
    found = Explanations(normal_form(read_document(tmp_path, _of_body(FORM, media))), [])
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("media_type", "body", "message", "explained"),
    [
        ("application/x-ndjson", b"", INVALID, True),
        ("application/x-ndjson", b'{"id": 1}\n{"id": 2}\n', INVALID, True),
        ("application/x-ndjson", b'{"id": 1}\n{}\n', INVALID, False),
        ("application/x-ndjson", b'{"id": 1}\n{', INVALID, False),
        ("application/json-seq", b'\x1e{"id": 1}\n', INVALID, True),
        ("application/x-ndjson", b"", "Invalid component: parameter `a` in path", False),
        ("application/json", b'[{"id": 1}]', INVALID, False),
    ],
)
def test_a_list_that_is_a_sequence(
    media_type: str, body: bytes, message: str, explained: bool, tmp_path: Path
) -> None:
    case = failure(
        "negative_data_rejection", "POST /notes", "201", media_type=media_type, body=body, message=message
    )
    found = explanations(tmp_path, _of_body(media_type, {"schema": ITEM}))
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("declared", "schema", "explained"),
    [
        ("application/*", {"type": "string"}, True),
        ("*/*", {"type": "string"}, True),
        ("application/*", {"type": "string", "maxLength": 1}, False),
        ("application/*", {"type": "integer"}, False),
        ("application/json", {"type": "string"}, False),
        ("text/*", {"type": "string"}, False),
    ],
)
def test_a_text_of_a_range_of_media_types(
    declared: str, schema: Any, explained: bool, tmp_path: Path
) -> None:
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        media_type="application/json",
        body=b"{}",
        message=INVALID,
    )
    found = Explanations(normal_form(read_document(tmp_path, _of_body(declared, {"schema": schema}))), [])
    assert (found.of(case) is not None) is explained


def test_signed_media_types_are_no_json() -> None:
    assert media_types.is_json("application/jwt")
    known = media_types.JSON_MEDIA_TYPES
    program.replace(known, known - program.SEALED)
    try:
        assert not media_types.is_json("application/jwt")
        assert media_types.is_json("application/json")
    finally:
        program.replace(media_types.JSON_MEDIA_TYPES, known)
