"""Request bodies of every media type: generated, mounted, sent and received."""

from typing import Any

import pytest

from tests.contractgen.putting import ServeBody

OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize(
    "known", ["application/vnd.x+json", "Application/VND.x+JSON", "application/vnd.x+json; charset=utf-8"]
)
async def test_json_of_any_name(serve_body: ServeBody, known: str) -> None:
    put = serve_body({known: {"schema": OBJECT}})
    for sent in (known, "application/vnd.x+json", "APPLICATION/vnd.X+json;charset=UTF-8;x=y"):
        assert (await put.received(b'{"a":1}', sent)).a == 1
    assert await put.status(b'{"a":"1"}', known) == 422
    assert await put.status(b"{", known) == 400
    for other in ("application/json", "application/vnd.x", "application/vnd.x+json;charset=utf-16", "x", ""):
        answer = await put.send(b'{"a":1}', other)
        assert answer.status == 415
        assert known in answer.json["detail"]


async def test_integers_of_any_length_beside_whole_floats(serve_body: ServeBody) -> None:
    put = serve_body({"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}})
    assert (await put.received(b"[1.0, 100000000000000000000]", "application/json")).root == [1, 10**20]
    assert await put.status(b"[1.0, 1e400]", "application/json") == 422


@pytest.mark.parametrize("content", [{}, {"schema": {}}, {"schema": True}, {"schema": {"description": "x"}}])
async def test_any_json(serve_body: ServeBody, content: Any) -> None:
    put = serve_body({"application/json": content})
    for raw, value in ((b"null", None), (b'[1, {"a": 1.5}]', [1, {"a": 1.5}]), (b'"a"', "a")):
        assert await put.received(raw, "application/json") == value
    for broken in (b"", b"{", b"NaN", b'{"a":1}{', b"\xff", b"[" * 10_000):
        assert await put.status(broken, "application/json") == 400


async def test_ranges_take_what_fits_them_most_closely(serve_body: ServeBody) -> None:
    put = serve_body(
        {
            "*/*": {},
            "application/*": {"schema": OBJECT},
            "application/*+json": {"schema": {"type": "array", "items": {"type": "integer"}}},
            "text/*": {"schema": {"type": "string"}},
        }
    )
    assert (await put.received(b'{"a":1}', "application/json")).a == 1
    assert (await put.received(b"[1]", "application/b+json")).root == [1]
    assert await put.received("é".encode(), "text/html; charset=utf-8") == "é"
    for content_type in ("image/png", "application/pdf"):
        stream = await put.received(b"abc", content_type)
        assert (stream.media_type, await stream.read()) == (content_type, b"abc")
    assert await put.status(b"abc", "*/*") == 415


async def test_a_range_of_json_takes_no_other_media_type(serve_body: ServeBody) -> None:
    put = serve_body({"*/*": {"schema": OBJECT}})
    assert (await put.received(b'{"a":1}', "text/json")).a == 1
    assert (await put.received(b'{"a":1}', "application/json")).a == 1
    assert await put.status(b'{"a":1}', "text/plain") == 415


async def test_equal_schemas_give_one_type_and_others_a_union(serve_body: ServeBody) -> None:
    same = {"application/json": {"schema": OBJECT}, "application/a+json": {"schema": dict(OBJECT)}}
    put = serve_body({**same, "application/b+json": {"schema": {"type": "integer"}}, "text/plain": {}})
    assert type(await put.received(b'{"a":1}', "application/a+json")) is put.models.PutThingBody
    assert (await put.received(b"7", "application/b+json")).root == 7
    assert await put.received(b"7", "text/plain") == "7"
    annotation = put.service.package.operations.Things.put_thing.__annotations__["body"]
    assert annotation == "models.PutThingBody | models.PutThingBody2 | str"


async def test_text(serve_body: ServeBody) -> None:
    put = serve_body({"text/plain": {"schema": {"type": "string", "maxLength": 3, "pattern": "^[a-zé]*$"}}})
    assert await put.received([b"\xc3", b"\xa9a"], "text/plain") == "éa"
    assert await put.received(b"", "text/plain;charset=us-ascii") == ""
    for refused, status in ((b"abcd", 422), (b"A", 422), (b"\xe9", 400), (b"a" * 65_537, 413)):
        assert await put.status(refused, "text/plain") == status
    assert await put.status(b"a", "text/plain; charset=latin-1") == 415


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/octet-stream", {}),
        ("application/octet-stream", {"schema": {"type": "string", "format": "binary"}}),
        ("application/octet-stream", {"schema": OBJECT}),
        ("image/*", {"schema": {"type": "string", "contentEncoding": "binary"}}),
        ("application/pdf", {"schema": {"type": "string"}}),
        ("application/xml", {"schema": {"type": "string"}}),
        ("application/xml", {"schema": OBJECT}),
        ("application/yaml", {"schema": OBJECT}),
        ("multipart/mixed", {}),
        ("*", {"schema": {"type": "string", "format": "binary"}}),
    ],
)
async def test_bytes_are_streamed(serve_body: ServeBody, media_type: str, content: Any) -> None:
    put = serve_body({media_type: content}, **{"x-max-body-bytes": 5})
    sent = "image/png" if media_type == "*" else media_type.replace("*", "png")
    stream = await put.received([b"ab", b"", b"cde"], f"{sent}; x=y")
    assert stream.media_type == f"{sent}; x=y"
    assert [chunk async for chunk in stream] == [b"ab", b"cde"]
    assert await stream.read() == b""
    assert await put.status(b"", sent, headers=[("Content-Length", "6")]) == 413
    too_large = await put.received([b"abc", b"def"], sent)
    with pytest.raises(put.service.package.operations.Refusal) as refused:
        await too_large.read()
    assert refused.value.status == 413
    assert put.service.operation("put_thing").body.contents[0].max_bytes == 5


async def test_xml_of_members_is_left_out_where_there_is_another(serve_body: ServeBody) -> None:
    put = serve_body({"application/xml": {"schema": OBJECT}, "application/json": {"schema": OBJECT}})
    assert await put.status(b"<a/>", "application/xml") == 415
    assert (await put.received(b'{"a":1}', "application/json")).a == 1


async def test_bytes_without_a_media_type_are_an_octet_stream(serve_body: ServeBody) -> None:
    put = serve_body({"application/octet-stream": {}})
    stream = await put.received(b"a", headers=[("Content-Length", "1")])
    assert stream.media_type == "application/octet-stream"
    assert await put.status(b"") == 415


async def test_an_optional_body_of_several_media_types(serve_body: ServeBody) -> None:
    put = serve_body({"application/json": {"schema": OBJECT}, "application/pdf": {}}, required=False)
    assert await put.received(b"") is None
    assert (await put.received(b'{"a":1}', "application/json", headers=[("Content-Length", "7")])).a == 1
    assert await put.status(b"a", "text/plain", headers=[("Transfer-Encoding", "chunked")]) == 415


async def test_merge_patch_tells_null_from_absent(serve_body: ServeBody) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": ["integer", "null"]}, "b": {"type": ["string", "null"]}},
    }
    put = serve_body({"application/merge-patch+json": {"schema": schema}})
    body = await put.received(b'{"a": null}', "application/merge-patch+json")
    absent = type(body).model_fields["b"].default
    assert body.a is None
    assert body.b is absent
    assert absent is not None
    assert body.model_dump(exclude_unset=True) == {"a": None}


@pytest.mark.parametrize(
    ("media_type", "content", "raw"),
    [
        ("application/json", {"schema": OBJECT}, b'{"a":1}   '),
        ("application/json", {}, b"[1, 2, 3]"),
        ("text/plain", {"schema": {"type": "string"}}, b"0123456789"),
        ("text/plain", {"schema": {"type": "integer"}}, b"0123456789"[1:]),
    ],
)
async def test_the_size_of_the_operation(
    serve_body: ServeBody, media_type: str, content: Any, raw: bytes
) -> None:
    put = serve_body({media_type: content}, **{"x-max-body-bytes": len(raw)})
    assert await put.status([raw[:3], raw[3:]], media_type) == 204
    assert await put.status([raw[:3], raw[3:] + b" "], media_type) == 413
    assert await put.status(b"", media_type, headers=[("Content-Length", str(len(raw) + 1))]) == 413
