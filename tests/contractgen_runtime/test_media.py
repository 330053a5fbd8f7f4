"""Media types: read, and compared with what an operation takes."""

import pytest

from contractgen_runtime.media import MediaType, closeness, parse_media_type


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("text/plain", MediaType("text", "plain")),
        (" Text/Plain ; Charset=UTF-8 ", MediaType("text", "plain", {"charset": "UTF-8"})),
        ('a/b;c="d;\\"e";f=g', MediaType("a", "b", {"c": 'd;"e', "f": "g"})),
        ("a/b;", MediaType("a", "b")),
        ("a/b;;c=d", MediaType("a", "b", {"c": "d"})),
        ("a/b;c=d;c=e", MediaType("a", "b", {"c": "d"})),
        ("", None),
        ("json", None),
        ("a/b c", None),
        ("a/b;c", None),
        ('a/b;c="d', None),
        ("a/b, c/d", None),
        ("a/", None),
        ("a/b;c=" + '"' * 5001, None),
    ],
)
def test_a_media_type_is_read(text: str, parsed: MediaType | None) -> None:
    assert parse_media_type(text) == parsed


@pytest.mark.parametrize(
    ("text", "is_json"),
    [
        ("application/json", True),
        ("application/problem+json", True),
        ("text/json; charset=utf-8", True),
        ("application/jsonl", False),
        ("application/json+xml", False),
        ("application/xjson", False),
    ],
)
def test_json_is_told_by_its_name_or_suffix(text: str, is_json: bool) -> None:
    media_type = parse_media_type(text)
    assert media_type is not None
    assert media_type.is_json is is_json


def test_the_closest_range_wins() -> None:
    ranges = ["*/*", "application/*", "application/*+json", "application/a+json", "application/a+json;v=2"]
    sent = [
        ("image/png", "*/*"),
        ("application/pdf", "application/*"),
        ("application/b+json", "application/*+json"),
        ("application/a+json", "application/a+json"),
        ("application/a+json;v=1", "application/a+json"),
        ("application/a+json; charset=utf-8; v=2", "application/a+json;v=2"),
    ]
    for text, expected in sent:
        media_type = parse_media_type(text)
        assert media_type is not None
        found = [(closeness(known, media_type), each) for each in ranges if (known := parse_media_type(each))]
        assert max(found)[1] == expected, text


def test_what_does_not_fit() -> None:
    sent = MediaType("application", "json")
    for known in (
        MediaType("text", "*"),
        MediaType("application", "*+json"),
        MediaType("application", "xml"),
    ):
        assert closeness(known, sent) == 0
