"""A format that says nothing of texts explains the acceptance of a valid body alone."""

from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract


@pytest.mark.parametrize(
    ("items", "place", "body", "explained"),
    [
        ({"format": "binary"}, "/properties/files/items", b'{"files": ["a"]}', True),
        ({"format": "isbn"}, "/properties/files/items", b'{"files": ["a"]}', True),
        ({"format": "binary", "maxLength": 3}, "/properties/files/items", b'{"files": ["abcd"]}', False),
        ({"format": "email"}, "/properties/files/items", b'{"files": ["a@b.example"]}', False),
        ({"format": "binary"}, "/properties/others/items", b'{"files": ["a"]}', False),
        ({"format": "binary"}, "/properties/files", b'{"files": [1]}', False),
    ],
)
def test_a_format_that_says_nothing_of_texts(
    items: Any, place: str, body: bytes, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["components"]["schemas"]["File"] = {"type": "string", **items}
    files = {"type": "array", "items": {"$ref": "#/components/schemas/File"}}
    content = {"application/json": {"schema": {"type": "object", "properties": {"files": files}}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"required": True, "content": content}
    message = f"Invalid component: in body - violates `format` at {place}"
    case = failure(
        "negative_data_rejection",
        "POST /notes",
        "201",
        message=message,
        media_type="application/json",
        body=body,
    )
    assert (explanations(tmp_path, document).of(case) is not None) is explained
