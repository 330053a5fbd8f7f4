"""Bodies that are not what schemathesis takes them for explain the failures of their requests alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen.fuzz.explained import Explanations
from contractgen.schema.normal import normal_form
from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document


@pytest.mark.parametrize(("text", "explained"), [("12345", False), ("a text of over twenty", True)])
def test_a_body_that_schemathesis_took_for_valid(text: str, explained: bool, tmp_path: Path) -> None:
    body = f'{{"text": "{text}"}}'.encode()
    case = failure("positive_data_acceptance", "POST /notes", "422", media_type="application/json", body=body)
    assert (explanations(tmp_path, contract()).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("media_type", "is_required", "body", "part", "explained"),
    [
        ("application/x-www-form-urlencoded", False, b"", "in body - violates `required`", True),
        ("application/xml", False, b"", "in body - violates `type`", True),
        ("application/x-www-form-urlencoded", False, b"", "Missing required property: text", True),
        ("application/x-www-form-urlencoded", True, b"", "Missing required property: text", False),
        ("application/x-www-form-urlencoded", True, b"", "in body - violates `required`", False),
        ("application/x-www-form-urlencoded", False, b"a=1", "in body - violates `required`", False),
        ("application/xml", False, b"", "parameter `note_id` in path", False),
    ],
)
def test_an_invalid_body_that_was_sent_as_none(
    media_type: str, is_required: bool, body: bytes, part: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    content = {media_type: {"schema": {"type": "object", "required": ["text"]}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"required": is_required, "content": content}
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "200",
        message=f"Invalid data should have been rejected\n\nInvalid component: {part}",
        media_type=media_type,
        body=body,
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("media_type", "schema", "body", "part", "explained"),
    [
        ("text/csv", {"type": "string"}, b"null", "in body - incorrect type", True),
        ("application/x-ndjson", {"type": "string"}, b"0", "in body - incorrect type", True),
        (
            "application/x-b",
            {"type": "string", "format": "binary"},
            b"\xff",
            "in body - incorrect type",
            True,
        ),
        ("text/csv", {"type": "string", "maxLength": 3}, b"null", "in body - incorrect type", False),
        ("text/csv", {"type": "object"}, b"null", "in body - incorrect type", False),
        ("text/csv", {"type": "string"}, b"null", "parameter `note_id` in path", False),
        ("application/json", {"type": "string"}, b"null", "in body - incorrect type", False),
        (
            "application/json",
            {"type": "string", "format": "binary"},
            b"{}",
            "in body - incorrect type",
            True,
        ),
    ],
)
def test_an_invalid_body_that_was_sent_as_a_valid_text(
    media_type: str, schema: Any, body: bytes, part: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    content = {media_type: {"schema": schema}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"required": True, "content": content}
    message = f"Invalid data should have been rejected\n\nInvalid component: {part}"
    case = failure(
        "negative_data_rejection", "POST /notes", "200", message=message, media_type=media_type, body=body
    )
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("fields", "part", "explained"),
    [
        ({"text": "{}"}, "in body - violates `type` at /properties/text", True),
        ({"text": "{}", "count": "1"}, "in body", True),
        ({"text": "{}", "count": "one"}, "in body", False),
        ({"count": "1"}, "in body", False),
        ({"text": "a text of over twenty characters"}, "in body", False),
        ({"text": "{}"}, "parameter `note_id` in path", False),
    ],
)
@pytest.mark.parametrize("media_type", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_an_invalid_form_that_was_sent_as_a_valid_one(
    fields: dict[str, str], part: str, explained: bool, media_type: str, tmp_path: Path
) -> None:
    """The form is written by another client, httpx."""
    document = contract()
    properties = {"text": {"type": "string", "maxLength": 20}, "count": {"type": "integer"}}
    schema = {"type": "object", "required": ["text"], "properties": properties}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {"schema": schema}}}
    is_multipart = media_type.startswith("multipart")
    parts = {name: (None, text) for name, text in fields.items()}
    form = {"files": parts} if is_multipart else {"data": fields}
    request = httpx.Request("POST", "http://localhost/notes", **form)
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        message=f"Invalid data should have been rejected\n\nInvalid component: {part}",
        media_type=media_type,
        body=request.read(),
        headers=(("content-type", request.headers["content-type"]),),
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("meant", "body", "explained"),
    [
        ({"owner": {"id": 1, "name": "a"}}, "owner=id&owner=name", True),
        ({"owner": {"name": "a", "id": 1}}, "owner=id&owner=name", True),
        ({"owner": {"id": 1, "name": "a"}}, "owner[id]=1&owner[name]=a", False),
        ({"owner": {"": 1, "id": 1}}, "owner[]=1&owner[id]=1", True),
        ({"owner": {"a]": 1}}, "owner[a]]=1", True),
        ({"owner": {"a": {"id": 1}}}, "owner[a][id]=1", True),
        ({"owner": {"a": [1]}}, "author[a]=1", False),
        ({"owner": {"id": 1}}, "id=1", False),
        ({"owner": {"id": 1}, "author": {"id": 2}}, "id=2", True),
        ({"owner": {"id": 1}, "author": {"name": "a"}}, "id=1&name=a", False),
        ({"owner": {"id": 1}, "id": "a"}, "id=a", True),
        ({"owner": [{"id": 1}, {"id": 2}]}, "owner=id&owner=id", True),
        ({"owner": [{"id": 1}]}, "owner=%7B%22id%22%3A1%7D", False),
        ({"owner": ["id"]}, "owner=id", False),
        ({"owner": "id"}, "owner=id", False),
        ({}, "owner=id", False),
        (None, "owner=id", False),
    ],
)
def test_an_object_that_a_form_does_not_have(meant: Any, body: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    media_type = "application/x-www-form-urlencoded"
    kinds = {"type": ["object", "array", "string"]}
    schema = {"properties": dict.fromkeys(("owner", "author", "id"), kinds)}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {"schema": schema}}}
    found = explanations(tmp_path, document)
    for check, status, expected in [
        ("positive_data_acceptance", "422", explained),
        ("negative_data_rejection", "201", False),
    ]:
        case = failure(check, "POST /notes", status, media_type=media_type, body=body.encode(), meant=meant)
        assert (found.of(case) is not None) is expected


@pytest.mark.parametrize(
    ("meant", "body", "explained"),
    [
        ({"owner": {"id": 1}}, "id=1", True),
        ({"owner": {"name": "a"}}, "name=a", False),
    ],
)
def test_an_object_whose_names_another_one_has_too(
    meant: Any, body: str, explained: bool, tmp_path: Path
) -> None:
    """The other object is not sent; the names do not say which of them is."""
    document = contract()
    media_type = "application/x-www-form-urlencoded"
    owner = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    author = {"type": "object", "properties": {"id": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"owner": owner, "author": author}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {"schema": schema}}}
    case = failure(
        "positive_data_acceptance",
        "POST /notes",
        "422",
        media_type=media_type,
        body=body.encode(),
        meant=meant,
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("media_type", "body", "explained"),
    [
        ("multipart/form-data", b"", True),
        ("multipart/form-data; boundary=a", b"", False),
        ("multipart/form-data", b"--a--", False),
        ("application/x-www-form-urlencoded", b"", False),
    ],
)
def test_a_form_without_parts(media_type: str, body: bytes, explained: bool, tmp_path: Path) -> None:
    document = contract()
    name = media_type.partition(";")[0]
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {name: {"schema": {"type": "object"}}}}
    sent = (("content-type", media_type),)
    case = failure("positive_data_acceptance", "POST /notes", "400", media_type=name, body=body, headers=sent)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("declared", "sent", "status", "explained"),
    [
        ("*/*", "text/yaml", "415", True),
        ("application/*", "application/xml", "415", True),
        ("application/*", "text/yaml", "415", False),
        ("*/*", "application/json", "415", False),
        ("*/*", "text/yaml", "422", False),
        ("text/yaml", "text/yaml", "415", False),
    ],
)
def test_a_media_type_of_a_range(
    declared: str, sent: str, status: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    content = {declared: {"schema": {"type": "object"}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": content}
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    case = failure("positive_data_acceptance", "POST /notes", status, media_type=sent, body=b"a: 1")
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("meant", "body", "explained"),
    [
        ({"ids": []}, "", True),
        ({"ids": [], "any": 1}, "any=1", True),
        ({"ids": [1]}, "ids=1", False),
        ({"ids": [1], "names": []}, "ids=1", False),
        ({"ids": [1], "any": [1, 2]}, "ids=1&any=1&any=2", True),
        ({"ids": [1, 2]}, "ids=1&ids=2", False),
        (None, "", False),
    ],
)
def test_a_list_that_a_form_does_not_have(meant: Any, body: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    lists = {name: {"type": "array", "items": {"type": "integer"}} for name in ("ids", "names")}
    schema = {"type": "object", "required": ["ids"], "properties": {**lists, "any": {}}}
    media_type = "application/x-www-form-urlencoded"
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {"schema": schema}}}
    case = failure("positive_data_acceptance", "POST /notes", "422", media_type=media_type, meant=meant)
    case = replace(case, body=body.encode())
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("media_type", "meant", "explained"),
    [
        ("application/x-www-form-urlencoded", {"id": None}, True),
        ("application/x-www-form-urlencoded", {"id": 1}, False),
        ("application/x-www-form-urlencoded", None, False),
        ("multipart/form-data", {"id": None}, True),
    ],
)
def test_a_form_that_was_meant_to_be_valid(
    media_type: str, meant: Any, explained: bool, tmp_path: Path
) -> None:
    """schemathesis takes `nullable` for a keyword of OpenAPI 3.1, too."""
    document = contract()
    schema = {"type": "object", "properties": {"id": {"type": "integer", "nullable": True}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {"schema": schema}}}
    case = failure("positive_data_acceptance", "POST /notes", "422", media_type=media_type, meant=meant)
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    assert (found.of(replace(case, body=b"id=null")) is not None) is explained


@pytest.mark.parametrize(
    ("kind", "text", "explained"),
    [
        ("application/json", "", True),
        ("application/json", "a", True),
        ("application/json", '"a"', False),
        ("text/plain", "a", False),
    ],
)
def test_a_text_in_a_part_of_json(kind: str, text: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    schema: Any = {"type": "object", "properties": {"meta": {"required": ["id"]}}}
    content = {"multipart/form-data": {"schema": schema}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": content}
    body = (
        f'--b\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n--b--'
    )
    headers = (("content-type", "multipart/form-data; boundary=b"),)
    case = failure(
        "positive_data_acceptance", "POST /notes", "422", media_type="multipart/form-data", headers=headers
    )
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    assert (found.of(replace(case, body=body.encode())) is not None) is explained
