"""Parameters that are sent as lists, or read as ones, explain the failures of their requests alone."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.fuzz.explained import Explanations
from contractgen.schema.normal import normal_form
from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

_INTEGERS = {"type": "array", "items": {"type": "integer"}, "minItems": 1}


@pytest.mark.parametrize(
    ("more", "text", "explained"),
    [
        ({"schema": _INTEGERS}, "5", True),
        ({"schema": _INTEGERS}, "5.5", False),
        ({"schema": _INTEGERS}, "a", False),
        ({"schema": {**_INTEGERS, "minItems": 2}}, "5", False),
        ({"schema": {"type": "integer", "minimum": 9}}, "5", False),
        ({"schema": {"type": ["array", "string"]}}, "5", True),
        ({"schema": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}}, "5", True),
        ({"schema": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}}, "a", False),
        ({"schema": {"type": "integer"}, "style": "label"}, "5", False),
        ({"schema": _INTEGERS, "style": "label"}, ".0.5", True),
        ({"schema": _INTEGERS, "style": "label", "explode": True}, ".0.5", True),
        ({"schema": _INTEGERS, "style": "matrix"}, ";note_id=5", True),
        ({"schema": _INTEGERS, "style": "matrix", "explode": True}, ";note_id=5;note_id=6", True),
        ({"schema": _INTEGERS, "style": "matrix", "explode": True}, ";note_id=5;note_id=x", False),
        ({"schema": {"type": "object", "required": ["a"]}}, "a,1", True),
        ({"schema": {"type": "object", "required": ["a"]}}, "b,1", False),
    ],
)
def test_a_path_with_the_text_of_a_valid_value(
    more: dict[str, Any], text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    operation = document["paths"]["/notes/{note_id}"]["get"]
    operation["parameters"] = [{"name": "note_id", "in": "path", "required": True, **more}]
    document["paths"]["/notes/{note_id}"] = {"get": operation}
    message = "Invalid component: parameter `note_id` in path - incorrect type"
    url = f"http://localhost/notes/{text}"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", url=url, message=message)
    found = Explanations(normal_form(read_document(tmp_path, document)), [])
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("more", "query", "explained"),
    [
        ({"explode": False}, "any=a&any=b", True),
        ({"explode": False}, "any=a", False),
        ({"explode": False}, "any=a&other=b", False),
        ({"style": "pipeDelimited", "explode": False}, "any=a&any=b", True),
        ({}, "any=a&any=b", False),
        ({"content": {"application/json": {"schema": {"type": "array"}}}}, "any=1&any=2", True),
    ],
)
def test_one_text_that_is_sent_several_times(
    more: dict[str, Any], query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    union = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    parameter = {"name": "any", "in": "query", **({"schema": union} if "content" not in more else {}), **more}
    responses = document["paths"]["/notes/{note_id}"]["get"]["responses"]
    document["paths"]["/search"] = {"get": {"parameters": [parameter], "responses": responses}}
    url = f"http://localhost/search?{query}"
    case = failure("positive_data_acceptance", "GET /search", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("schema", "text", "explained"),
    [
        ({"const": 5}, "AAA", True),
        ({"const": 5}, "5", False),
        ({"enum": ["a", 1]}, "b", True),
        ({"enum": ["a", 1]}, "a", False),
        ({"enum": [["a"]]}, "b", False),
    ],
)
def test_a_parameter_that_is_none_of_the_listed_values(
    schema: Any, text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": "X-Any", "in": "header", "schema": schema}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    case = failure(
        "positive_data_acceptance",
        "GET /notes/{note_id}",
        "422",
        url="http://localhost/notes/1",
        headers=(("x-any", text),),
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(("text", "explained"), [("a", True), ("ab", False)])
def test_a_parameter_whose_type_is_within_all_of(text: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    schema = {"allOf": [{"type": "string"}, {"minLength": 2}]}
    parameter = {"name": "any", "in": "query", "schema": schema}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    url = f"http://localhost/notes/1?any={text}"
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("more", "query", "explained"),
    [
        ({}, "any=null&any=null", True),
        ({}, "any=null", False),
        ({"schema": {"type": "string"}}, "any=a&any=b", False),
        ({"schema": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}, "any=a&any=b", False),
        ({}, "", False),
        ({"required": True}, "", True),
        ({"required": True, "schema": {"type": "string"}}, "", False),
        ({"required": True, "style": "pipeDelimited"}, "", False),
        ({}, "name=1", True),
        ({}, "any=1&name=1", False),
        ({"explode": False}, "name=1", False),
        ({}, "key=secret", False),
    ],
)
def test_a_list_or_object_without_a_type(
    more: dict[str, Any], query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "query", "name": "key"}}
    parameter = {"name": "any", "in": "query", "schema": {}, **more}
    responses = document["paths"]["/notes/{note_id}"]["get"]["responses"]
    document["paths"]["/search"] = {"get": {"parameters": [parameter], "responses": responses}}
    url = f"http://localhost/search?{query}"
    case = failure("positive_data_acceptance", "GET /search", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained
