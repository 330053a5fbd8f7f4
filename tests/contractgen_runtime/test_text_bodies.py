"""Bodies of text whose schema is no string, and sequences of JSON values."""

from typing import Any

import pytest

from contractgen.document.findings import ContractError
from tests.contractgen.putting import Put, ServeBody

ITEM = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "multipleOf": 2}}}


@pytest.mark.parametrize(
    ("schema", "text", "value", "wrong"),
    [
        ({"type": "boolean"}, "true", True, "True"),
        ({"type": "integer", "minimum": 0}, "150", 150, "-1"),
        ({"type": ["integer", "null"]}, "null", None, "none"),
        ({"type": "number"}, "1.5e2", 150.0, '"1"'),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 3}]}, "abc", "abc", "abcd"),
        ({"type": "array", "items": {"type": "integer"}}, "[1, 2]", [1, 2], "{}"),
    ],
)
async def test_a_text_that_stands_for_a_value(
    serve_body: ServeBody, schema: Any, text: str, value: object, wrong: str
) -> None:
    put = serve_body({"text/plain": {"schema": schema}})
    assert (await put.received(text.encode(), "text/plain; charset=utf-8")).root == value
    assert len(await put.refused(wrong.encode(), "text/plain")) == 1
    assert await put.status(b"\xff", "text/plain") == 400
    assert await put.status(b"1", "text/csv") == 415


async def test_a_text_and_json_of_one_schema_have_one_type(serve_body: ServeBody) -> None:
    schema = {"type": "boolean"}
    put = serve_body({"application/json": {"schema": schema}, "text/plain": {"schema": schema}})
    for content_type in ("application/json", "text/plain"):
        assert type(await put.received(b"true", content_type)) is put.models.PutThingBody


LINES: list[Any] = [
    {"schema": {"type": "array", "items": ITEM}},
    {"schema": ITEM},
]


@pytest.mark.parametrize("content", LINES)
async def test_lines_of_json(serve_body: ServeBody, content: Any) -> None:
    put = serve_body({"application/x-ndjson": content})
    sent = [b'{"a"', b':2}\n\n{"a":4', b"}\r\n", b'{"a":6}']
    items = await put.received(sent, "application/x-ndjson")
    assert [item.a async for item in items] == [2, 4, 6]
    assert put.service.operation("put_thing").body.contents[0].model is put.models.PutThingBody


@pytest.mark.parametrize("media_type", ["application/jsonl", "application/json-seq"])
async def test_items_of_openapi_32(serve_body: ServeBody, media_type: str) -> None:
    put = serve_body({media_type: {"itemSchema": ITEM}}, openapi="3.2.0")
    start = b"\x1e" if media_type == "application/json-seq" else b""
    items = await put.received(start + b'{"a":2}\n', media_type)
    assert [item.a async for item in items] == [2]


@pytest.mark.parametrize(
    "content",
    [
        {"application/json": {"itemSchema": ITEM}},
        {"multipart/mixed": {"itemSchema": ITEM, "itemEncoding": {"contentType": "image/png"}}},
        {"multipart/form-data": {"schema": {"type": "array", "items": ITEM}, "prefixEncoding": [{}]}},
    ],
)
def test_items_without_names_are_refused(serve_body: ServeBody, content: Any) -> None:
    """They were once taken as if the contract said nothing of them."""
    with pytest.raises(ContractError, match="with this schema is not supported"):
        serve_body(content, openapi="3.2.0")


async def test_texts_of_a_json_sequence(serve_body: ServeBody) -> None:
    put = serve_body({"application/json-seq": {"schema": ITEM}})
    items = await put.received([b'\x1e{"a":\n2}\n\x1e{"a":4}', b"\n"], "application/json-seq")
    assert [item.a async for item in items] == [2, 4]


@pytest.mark.parametrize(
    ("line", "status", "where"),
    [
        (b'{"a":3}', 422, "/1/a"),
        (b'{"a":"4"}', 422, "/1/a"),
        (b"{", 400, "at /1"),
        (b'{"a":NaN}', 400, "at /1"),
        (b" " * 65_537, 413, "65536"),
    ],
)
async def test_a_line_that_is_not_valid(serve_body: ServeBody, line: bytes, status: int, where: str) -> None:
    put = serve_body({"application/jsonl": {"schema": ITEM}})
    refusal = await refused(put, [b'{"a":2}\n', line, b"\n"])
    assert refusal.status == status
    assert where in refusal.encode()[2].decode()


async def refused(put: Put, sent: list[bytes]) -> Any:
    items = await put.received(sent, "application/jsonl")
    with pytest.raises(put.service.package.operations.Refusal) as caught:
        async for _ in items:
            pass
    return caught.value


async def test_lines_past_the_size_of_the_operation(serve_body: ServeBody) -> None:
    put = serve_body({"application/jsonl": {"schema": ITEM}}, **{"x-max-body-bytes": 10})
    assert (await refused(put, [b'{"a":2}\n'] * 2)).status == 413
    assert await put.status(b"", "application/jsonl", headers=[("Content-Length", "11")]) == 413


async def test_lines_of_which_the_contract_says_nothing_are_bytes(serve_body: ServeBody) -> None:
    put = serve_body({"application/jsonl": {}})
    assert await (await put.received(b"{}\n", "application/jsonl")).read() == b"{}\n"
