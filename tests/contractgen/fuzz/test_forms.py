"""Values that are no forms, and that schemathesis has sent as such."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract

ENCODED, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize(
    ("meant", "body", "explained"),
    [
        (None, b"--b\r\nNone--b--\r\n", True),
        (None, b"--b--\r\n", False),
        ({}, b"--b--\r\n", False),
        (None, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n', False),
    ],
)
def test_null_in_place_of_a_form(meant: Any, body: bytes, explained: bool, tmp_path: Path) -> None:
    document = contract()
    content = {"multipart/form-data": {"schema": {"type": ["object", "null"]}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": content}
    headers = (("content-type", "multipart/form-data; boundary=b"),)
    case = failure(
        "positive_data_acceptance", "POST /notes", "400", media_type="multipart/form-data", headers=headers
    )
    found = explanations(tmp_path, document)
    assert (found.of(replace(case, meant=meant, body=body)) is not None) is explained


@pytest.mark.parametrize(
    ("body", "explained"),
    [
        (b"words=", True),
        (b"words=&text=", True),
        (b"words=&words=", False),
        (b"name=", False),
        (b"words=a", False),
    ],
)
def test_an_empty_text_is_an_empty_list_too(body: bytes, explained: bool, tmp_path: Path) -> None:
    document = contract()
    words = {"type": "array", "items": {"type": "string", "minLength": 2}}
    properties = {"words": words, "name": {"type": "string", "minLength": 2}, "text": {"type": "string"}}
    schema = {"type": "object", "properties": properties}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {ENCODED: {"schema": schema}}}
    message = "Invalid component: in body - words -> Array with invalid items"
    case = failure(
        "negative_data_rejection", "POST /notes", "201", media_type=ENCODED, body=body, message=message
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("required", "explained"), [(["method"], True), (["method", "code"], False)], ids=["code", "none"]
)
def test_a_form_that_another_schema_of_a_union_admits(
    required: list[str], explained: bool, tmp_path: Path
) -> None:
    document = contract()
    method = {"type": "object", "properties": {"method": {"type": "string"}}}
    union = {
        "oneOf": [{**method, "required": ["method", "email"]}, {**method, "required": required}],
        "discriminator": {"propertyName": "method"},
    }
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {ENCODED: {"schema": union}}}
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        media_type=ENCODED,
        body=b"method=link",
        message="Invalid component: Missing required property: email",
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(("text", "explained"), [(b'{"x": 1}', True), (b'{"x": "a"}', False), (b"{", False)])
def test_a_part_of_json_is_read_as_json(text: bytes, explained: bool, tmp_path: Path) -> None:
    document = contract()
    more = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"more": more, "n": {"type": "integer"}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {PARTS: {"schema": schema}}}
    head = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n'
    of_json = head % b"more" + b"Content-Type: application/json\r\n\r\n%b\r\n" % text
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        media_type=PARTS,
        headers=(("content-type", f"{PARTS}; boundary=b"),),
        body=of_json + head % b"n" + b"\r\n1\r\n--b--\r\n",
        message="Invalid component: in body - n",
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("meant", "explained"),
    [
        ({"a": {"n": 1, "m": 1}}, True),
        ({"a": {"n": 1}}, False),
        ({"a": {"n": 1, "m": 1}, "file": {"$base64": "AA=="}}, False),
    ],
)
@pytest.mark.parametrize("media_type", [ENCODED, PARTS])
def test_a_form_that_was_meant_to_be_valid(
    media_type: str, meant: Any, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    either = {"oneOf": [{"required": ["n"]}, {"required": ["m"]}]}
    schema = {"type": "object", "properties": {"a": either, "file": {"type": "string", "format": "binary"}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {"schema": schema}}}
    case = failure("positive_data_acceptance", "POST /notes", "422", media_type=media_type)
    reason = explanations(tmp_path, document).of(replace(case, meant=meant))
    assert (reason is not None and "violates its schema" in reason) is explained
