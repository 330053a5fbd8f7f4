"""Members of multipart/form-data, as browsers, curl and httpx send them, and as encoding has them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from contractgen.document.findings import ContractError
from contractgen_runtime.multipart import Head, parts_of
from tests.contractgen.parts import FILE, THING, TYPE, of, part, whole
from tests.contractgen.putting import ServeBody

CHROME = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
FIREFOX = "---------------------------9051914041544843365972754266"
CURL = "------------------------69a56b757376e8a2"
_PNG = 'Content-Disposition: form-data; name="file"; filename="{}"\r\nContent-Type: image/png\r\n\r\nPNG\r\n'
_NOTE = 'Content-Disposition: form-data; name="note"\r\n\r\nhi\r\n'
_UNCHOSEN = (
    'Content-Disposition: form-data; name="files"; filename=""\r\n'
    "Content-Type: application/octet-stream\r\n\r\n\r\n"
)
_META = 'Content-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n{"x":1}\r\n'


def by_httpx(files: Any, data: Any = None) -> tuple[bytes, str]:
    request = httpx.Request("PUT", "http://x/", files=files, data=data)
    return request.read(), request.headers["content-type"]


async def test_what_httpx_sends(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    files = [
        ("file", ("é.txt", b"abc", "text/plain")),
        ("files", ("a.bin", b"1")),
        ("files", ("b.bin", b"")),
        ("meta", (None, b'{"x": 1}', "application/json")),
    ]
    body = await put.received(*by_httpx(files, {"note": "é", "count": "3", "tags": ["a", "b"]}))
    assert type(body) is put.models.PutThingBody
    assert (body.file.filename, body.file.media_type, body.file.size) == ("é.txt", "text/plain", 3)
    assert [(each.filename, each.size) for each in body.files] == [("a.bin", 1), ("b.bin", 0)]
    fields = body.model_dump(include={"note", "count", "tags", "meta"})
    assert fields == {"note": "é", "count": 3, "tags": ["a", "b"], "meta": {"x": 1}}
    assert "metas" not in body.model_fields_set
    assert body.metas is type(body).model_fields["metas"].default


@pytest.mark.parametrize(
    ("boundary", "filename", "parts"),
    [
        (CHROME, "é.png", [_PNG, _UNCHOSEN, _NOTE]),
        (FIREFOX, "a (1).png", [_NOTE, _PNG, _UNCHOSEN]),
        (CURL, "a %22b%22.png", [_PNG, _NOTE, _META]),
    ],
)
async def test_what_browsers_and_curl_send(
    serve_body: ServeBody, boundary: str, filename: str, parts: list[str]
) -> None:
    raw = "".join(f"--{boundary}\r\n{each.format(filename) if each is _PNG else each}" for each in parts)
    put = serve_body(of({**THING, "additionalProperties": False}))
    content_type = f"multipart/form-data; boundary={boundary}"
    body = await put.received(f"{raw}--{boundary}--\r\n".encode(), content_type)
    assert (body.file.filename, body.file.media_type, body.file.size) == (filename, "image/png", 3)
    assert body.note == "hi"
    assert "files" not in body.model_fields_set


@pytest.mark.parametrize(
    ("parts", "pointers"),
    [
        ([], ["/file"]),
        ([part("file"), part("file")], ["/file"]),
        ([part("file"), part("note", b"abcdef")], ["/note"]),
        ([part("file"), part("note"), part("note")], ["/note"]),
        ([part("file"), part("count", b"0")], ["/count"]),
        ([part("file"), part("count", b"one")], ["/count"]),
        ([part("file"), part("tags"), part("tags", b"abcd")], ["/tags/1"]),
        ([part("file"), part("meta", b"{}")], ["/meta/x"]),
        ([part("file"), part("meta", b"{", "Content-Type: application/json")], ["/meta"]),
        ([part("file"), *[part("files")] * 3], ["/files"]),
        ([part("file"), part("note", b"\xff")], ["/note"]),
        ([part("file"), part("note", b"\xe9", "Content-Type: text/plain; charset=latin-1")], ["/note"]),
    ],
)
async def test_parts_that_violate_the_schema(
    serve_body: ServeBody, parts: list[bytes], pointers: list[str]
) -> None:
    assert await serve_body(of(THING)).refused(whole(*parts), TYPE) == pointers


@pytest.mark.parametrize(
    ("parts", "member", "value"),
    [
        ([part("meta", b'{"x":1}')], "meta", {"x": 1}),
        ([part("meta[x]", b"1")], "meta", {"x": 1}),
        ([part("tags[]", b"a"), part("tags[]", b"b")], "tags", ["a", "b"]),
        ([part("tags", b"a")], "tags", ["a"]),
        ([part("tags", b'["a","b"]')], "tags", ["a", "b"]),
        ([part("metas", b'{"x":1}', "Content-Type: application/json")], "metas", [{"x": 1}]),
        ([part("metas", b'[{"x":1}]', "Content-Type: application/json")], "metas", [{"x": 1}]),
        ([part("metas", b'{"x":1}'), part("metas", b'{"x":2}')], "metas", [{"x": 1}, {"x": 2}]),
        ([part("note", b"a", "Content-Type: text/plain; charset=UTF-8")], "note", "a"),
        ([part("note", b"a", filename="n.txt")], "note", "a"),
    ],
)
async def test_ways_to_write_a_member(
    serve_body: ServeBody, parts: list[bytes], member: str, value: object
) -> None:
    body = await serve_body(of(THING)).received(whole(part("file"), *parts), TYPE)
    assert body.model_dump(include={member})[member] == value


async def test_names_of_any_characters(serve_body: ServeBody) -> None:
    """Browsers send control characters as they are; they were once refused."""
    name = "a\x00\x0c\x12\x7f;=é\U0001f600"
    put = serve_body(of({"type": "object", "additionalProperties": {"type": "integer"}}))
    assert (await put.received(whole(part(name, b"1")), TYPE)).root == {name: 1}


async def test_names_that_the_schema_does_not_have(serve_body: ServeBody) -> None:
    closed = {**THING, "additionalProperties": False}
    assert await serve_body(of(closed)).refused(whole(part("file"), part("other")), TYPE) == ["/other"]


async def test_media_types_of_a_part(serve_body: ServeBody) -> None:
    encoding = {"file": {"contentType": "image/png, text/*"}, "meta": {"contentType": "application/json"}}
    put = serve_body(of(THING, encoding=encoding))
    for sent in ("image/png", "IMAGE/PNG; x=y", "text/csv"):
        upload = (await put.received(whole(part("file", b"x", f"Content-Type: {sent}")), TYPE)).file
        assert upload.media_type == sent
    assert (await put.received(whole(part("file")), TYPE)).file.media_type == "image/png"
    for sent in ("image/gif", "application/octet-stream"):
        assert await put.refused(whole(part("file", b"x", f"Content-Type: {sent}")), TYPE) == ["/file"]
    assert (await put.received(whole(part("file"), part("meta", b'{"x":1}')), TYPE)).meta.x == 1
    for refused in (part("meta", b'{"x":1}', "Content-Type: text/plain"), part("meta", b"x")):
        assert await put.refused(whole(part("file"), refused), TYPE) == ["/meta"]


async def test_headers_of_a_part(serve_body: ServeBody) -> None:
    headers = {
        "X-Rate": {"required": True, "schema": {"type": "integer", "maximum": 9}},
        "X-Tags": {"schema": {"type": "array", "items": {"type": "string"}}},
        "Content-Type": {"required": True, "schema": {"type": "string"}},
    }
    put = serve_body(of(THING, encoding={"file": {"headers": headers}, "note": {"headers": headers}}))
    raw = whole(part("file", b"x", "x-rate: 9", "X-Tags: a, b"))
    assert (await put.received(raw, TYPE)).file.headers == {"X-Rate": 9, "X-Tags": ["a", "b"]}
    for wrong in ([], ["X-Rate: 10"], ["X-Rate: x"]):
        assert await put.refused(whole(part("file", b"x", *wrong)), TYPE) == ["/file"]
        assert await put.refused(whole(part("note", b"x", *wrong)), TYPE) == ["/note"]


@pytest.mark.parametrize(
    ("style", "explode", "parts"),
    [
        ("form", True, [part("a", b"x"), part("a", b"y"), part("p", b"1"), part("q", b"2")]),
        ("form", False, [part("a", b"x,y"), part("o", b"p,1,q,2")]),
        ("pipeDelimited", False, [part("a", b"x|y"), part("o", b"p|1|q|2")]),
        ("spaceDelimited", False, [part("a", b"x y"), part("o", b"p 1 q 2")]),
        (
            "deepObject",
            True,
            [part("a[0]", b"x"), part("a[1]", b"y"), part("o[p]", b"1"), part("o[q]", b"2")],
        ),
    ],
)
async def test_styles_of_members(
    serve_body: ServeBody, style: str, explode: bool, parts: list[bytes]
) -> None:
    numbers = {"p": {"type": "integer"}, "q": {"type": "integer"}}
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": "string"}},
            "o": {"type": "object", "properties": numbers},
            "s": {"type": "string"},
        },
    }
    encoding = {name: {"style": style, "explode": explode} for name in schema["properties"]}
    put = serve_body(of(schema, encoding=encoding))
    body = await put.received(whole(*parts, part("s", b"a,%2C+b")), TYPE)
    assert (body.a, body.o.model_dump(), body.s) == (["x", "y"], {"p": 1, "q": 2}, "a,%2C+b")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"multipart/mixed": {"schema": THING}}, "multipart/mixed"),
        ({"multipart/form-data": {"schema": {"type": "array"}}}, "multipart/form-data"),
        (of(THING, encoding={"meta": {"contentType": "application/xml"}}), "application/xml"),
        (of(THING, encoding={"file": {"contentType": "png"}}), "'png' is not a media type"),
    ],
)
def test_what_is_refused(serve_body: ServeBody, content: Any, line: str) -> None:
    with pytest.raises(ContractError, match=line) as caught:
        serve_body(content)
    assert all(finding.line > 1 for finding in caught.value.findings)


async def test_keywords_for_text_do_not_apply_to_files(serve_body: ServeBody) -> None:
    files = {
        "file": {**FILE, "enum": ["*.png"]},
        "more": {"type": "array", "items": {**FILE, "pattern": "csv$"}},
        "note": {"type": "string", "enum": ["a", "b"]},
    }
    put = serve_body(of({"type": "object", "properties": files}))
    body = await put.received(whole(part("file", b"\x89PNG"), part("more", b"1"), part("note", b"b")), TYPE)
    assert (body.file.size, body.more[0].size, body.note) == (4, 1, "b")
    assert await put.refused(whole(part("file"), part("note", b"c")), TYPE) == ["/note"]


async def test_read_only_members_are_not_sent(serve_body: ServeBody) -> None:
    schema = {
        "type": "object",
        "required": ["id", "file", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "file": FILE,
            "secret": {"type": "string", "writeOnly": True},
        },
    }
    put = serve_body(of(schema))
    body = await put.received(whole(part("file"), part("secret")), TYPE)
    assert type(body).model_fields.keys() == {"file", "secret"}
    assert await put.refused(whole(part("file"), part("secret"), part("id", b"1")), TYPE) == ["/id"]


async def test_an_optional_body(serve_body: ServeBody) -> None:
    put = serve_body(of(THING), required=False)
    assert await put.received(b"") is None
    raw = whole(part("file"))
    body = await put.received(raw, TYPE, headers=[("Content-Length", str(len(raw)))])
    assert body.file.size == 1


async def in_one_piece(body: bytes) -> AsyncIterator[bytes]:
    yield body


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        (r'name="a\"', "a\\", None),
        (r'name="a\"; filename="b.txt"', "a\\", "b.txt"),
        (r'name="a"; filename="b\"', "a", ""),
        (r'name="a\"b"; filename="c\"d"', 'a"b', 'c"d'),
    ],
)
async def test_a_backslash_before_a_quotation_mark(disposition: str, name: str, filename: str | None) -> None:
    """Some clients escape quotation marks by it; browsers escape them as %22, and no backslash."""
    body = f"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\nx\r\n--b--".encode()
    (head,) = [each async for each in parts_of(in_one_piece(body), "b") if isinstance(each, Head)]
    assert (head.name, head.filename) == (name, filename)
