"""Objects and arrays within parameters, for which OpenAPI defines no text, explain their own failures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract

FILTER: dict[str, Any] = {
    "type": "object",
    "properties": {"b": {"anyOf": [{"type": "string"}, {"type": "object"}]}, "c": {"type": "string"}},
}


@pytest.mark.parametrize(
    ("style", "query", "explained"),
    [
        ("deepObject", "filter[a][b]=1", True),
        ("deepObject", "limit=1&filter%5Ba%5D%5B0%5D=1", True),
        ("deepObject", "filter[]=1", True),
        ("deepObject", "filter[a]b]=1", True),
        ("deepObject", "filter[a]=1", False),
        ("deepObject", "filter[b]=", True),
        ("deepObject", "filter[b]=1", False),
        ("deepObject", "filter[c]=", False),
        ("deepObject", "other[a][b]=1", False),
        ("form", "filter[a][b]=1", False),
    ],
)
@pytest.mark.parametrize("schema", [FILTER, {"allOf": [{"type": "object"}, FILTER]}])
def test_objects_within_a_deep_object(
    schema: Any, style: str, query: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "filter", "in": "query", "style": style, "schema": schema},
        {"name": "other", "in": "query", "schema": {}},
    ]
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=f"http://a/notes/1?{query}")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("query", "place", "explained"),
    [
        ("filter[b][c]=true", "/properties/filter/properties/b", True),
        ("filter[b][c]=true", "/properties/limit", False),
        ("filter[c]=true", "/properties/filter/properties/c", False),
    ],
)
def test_an_invalid_object_within_a_deep_object(
    query: str, place: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "filter", "in": "query", "style": "deepObject", "schema": FILTER}
    ]
    message = f"Invalid component: parameter `b` in query - violates `allOf` at {place}"
    url = f"http://a/notes/1?{query}"
    case = failure("negative_data_rejection", "GET /notes/{note_id}", "200", message=message, url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("property_type", "query", "explained"),
    [
        ("array", "point=at,[0.0, 1.0]", True),
        ("object", "point=at,{}", True),
        ("array", "point=at,1", False),
        ("string", "point=at,[0.0, 1.0]", False),
        ("array", "other=at,[0.0, 1.0]", False),
    ],
)
def test_arrays_within_an_object(property_type: str, query: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    point = {"type": "object", "properties": {"at": {"type": property_type}}}
    document["components"]["schemas"]["Point"] = point
    schema = {"oneOf": [{"$ref": "#/components/schemas/Point"}, {"type": "object"}]}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "point", "in": "query", "explode": False, "schema": schema},
        {"name": "other", "in": "query", "schema": {}},
    ]
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=f"http://a/notes/1?{query}")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("items", "query", "explained"),
    [("object", "filter=a", True), ("object", "", False), ("string", "filter=a", False)],
)
def test_objects_in_a_query(items: str, query: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    schema = {"type": "array", "items": {"type": items}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "filter", "in": "query", "schema": schema}
    ]
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=f"http://a/notes/1?{query}")
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("items", "header", "explained"),
    [("object", "filter", True), ("object", "other", False), ("string", "filter", False)],
)
def test_objects_in_a_header(items: str, header: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    schema = {"type": "array", "items": {"type": items}}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "Filter", "in": "header", "schema": schema}
    ]
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url="http://a/notes/1")
    case = replace(case, headers=((header, "{'a': 1}"),))
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("text", "explained"),
    [("0", True), ("{", True), ("%7B%22b%22:1%7D", True), ("%7B%22b%22:%221%22%7D", False)],
)
def test_a_parameter_of_json_that_is_not_valid(text: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"] += [
        {"name": "filter", "in": "query", "content": {"application/json": {"schema": FILTER}}}
    ]
    url = f"http://a/notes/1?filter={text}"
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained
