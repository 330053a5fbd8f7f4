"""Lists and objects in one text, whose values have the separator within them."""

from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract

OBJECT = {"type": "object", "properties": {"k": {"type": "string"}}, "additionalProperties": False}
LIST = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 2}


@pytest.mark.parametrize(
    ("location", "more", "schema", "text", "explained"),
    [
        ("header", {}, OBJECT, "k,a,b", True),
        ("header", {}, OBJECT, "k,]|!HS,", True),
        ("header", {}, OBJECT, "k,a", False),
        ("header", {}, OBJECT, "l,a,b", False),
        ("header", {"explode": True}, OBJECT, "k=a,b", True),
        ("header", {"explode": True}, OBJECT, "k=a", False),
        ("header", {}, LIST, "a,b,c", True),
        ("header", {}, LIST, "a,b", False),
        ("header", {}, {"type": "string", "maxLength": 9}, "a,b,c", False),
        ("query", {"explode": False}, LIST, "%2C", True),
        ("query", {}, LIST, "%2C", False),
        ("query", {"style": "pipeDelimited"}, LIST, "a%7C%7Cc", True),
        ("query", {"style": "spaceDelimited"}, LIST | {"items": {"enum": ["a b"]}}, "a%20b", True),
        ("query", {"style": "spaceDelimited"}, LIST | {"items": {"enum": ["a b"]}}, "a%20c", False),
        ("query", {"explode": False}, LIST, ",".join("a" * 14), False),
    ],
)
def test_a_separator_within_a_value(
    location: str, more: Any, schema: Any, text: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    parameter = {"name": "X-Of", "in": location, "schema": schema, **more}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    url = "http://localhost/notes/1" + (f"?X-Of={text}" if location == "query" else "")
    headers = (("x-of", text),) if location == "header" else ()
    case = failure("positive_data_acceptance", "GET /notes/{note_id}", "422", url=url, headers=headers)
    assert (explanations(tmp_path, document).of(case) is not None) is explained
