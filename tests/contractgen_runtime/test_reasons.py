"""Where the status and the reason of a rejection stand in the body of an error."""

from typing import Any

import pytest

from contractgen_runtime.reasons import with_reason


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"code": 1, "message": "x"}, {"code": 404, "message": "gone"}),
        ({"status": 1, "detail": "x", "title": "t"}, {"status": 404, "detail": "gone", "title": "t"}),
        ({"statusCode": 1, "description": "x"}, {"statusCode": 404, "description": "gone"}),
        ({"error": "invalid", "error_description": "x"}, {"error": "invalid", "error_description": "gone"}),
        ({"error": {"code": 1, "message": "x"}}, {"error": {"code": 404, "message": "gone"}}),
        # Only a property of the usual type has the usual meaning.
        ({"code": "E1", "message": ["x"]}, {"code": "E1", "message": ["x"]}),
        ({"status": True, "detail": None}, {"status": True, "detail": None}),
        ({"code": 1.5}, {"code": 1.5}),
        ({}, {}),
        ("text", "text"),
        (7, 7),
        (None, None),
    ],
)
def test_usual_properties_are_filled_and_others_stay(body: Any, expected: Any) -> None:
    assert with_reason(body, 404, "gone") == expected


def test_the_body_itself_is_not_changed() -> None:
    body = {"error": {"code": 1}}
    assert with_reason(body, 404, "gone") == {"error": {"code": 404}}
    assert body == {"error": {"code": 1}}
