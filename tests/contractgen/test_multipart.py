"""Bodies of multipart/form-data, as browsers, curl and httpx send them, and as nobody should."""

import gc
from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen.findings import ContractError
from tests.contractgen.packages import THING as THING_PATH
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.putting import TARGET, Put, ServeBody
from tests.contractgen.service import Service

FILE: Any = {"type": "string", "format": "binary"}
THING: Any = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": FILE,
        "files": {"type": "array", "maxItems": 2, "items": FILE},
        "note": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}},
        "meta": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}},
        "metas": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}},
    },
}
BOUNDARY = "b0"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def of(schema: Any, **more: Any) -> Any:
    return {"multipart/form-data": {"schema": schema, **more}}


def part(name: str, body: bytes = b"x", *headers: str, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    lines = [f'Content-Disposition: form-data; name="{name}"{file}', *headers]
    return b"--b0\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"\r\n"


def whole(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b0--\r\n"


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


@pytest.mark.parametrize("size", [1, 7, 65_536])
async def test_bytes_arrive_in_whatever_chunks(serve_body: ServeBody, size: int) -> None:
    put = serve_body(of(THING))
    seen: list[bytes] = []
    content = bytes(range(256)) * 3 + b"\r\n--b\r\n--b0" + b"\r\n--b1\r\n\r"
    content = content.replace(b"\r\n--b0", b"\r\n-b0")
    put.watch(lambda body: _read(body.file, seen))
    raw = whole(part("file", content, filename="a"), part("note", b""))
    body = await put.received([raw[at : at + size] for at in range(0, len(raw), size)], TYPE)
    assert (seen, body.note) == ([content], "")


async def _read(upload: Any, seen: list[bytes]) -> None:
    seen.append(await upload.read())


async def test_a_large_file_is_read_again_and_iterated(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    content = b"0123456789" * 20_000
    seen: dict[str, Any] = {}

    async def look(body: Any) -> None:
        seen["pieces"] = [piece async for piece in body.file]
        await body.file.seek(10)
        seen["ten"] = await body.file.read(10)
        seen["on disk"] = body.file.file.fileno() >= 0

    put.watch(look)
    raw = whole(part("file", content, filename="a"))
    await put.received([raw[at : at + 50_000] for at in range(0, len(raw), 50_000)], TYPE)
    assert b"".join(seen["pieces"]) == content
    assert max(map(len, seen["pieces"])) <= 65_536
    assert (seen["ten"], seen["on disk"]) == (b"0123456789", True)


async def test_files_are_gone_when_the_request_ends(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    raw = whole(part("file", b"x" * 100_000, filename="a"))
    body = await put.received(raw, TYPE)
    assert body.file.file.closed
    put.service.answers["put_thing"] = ValueError("no response")  # a handler that answers with none
    assert (await put.send(raw, TYPE)).status == 500
    assert put.service.call["body"].file.file.closed


async def test_an_answer_that_is_streamed_may_still_read_the_file(tmp_path: Path) -> None:
    document = contract()
    put = document["paths"][THING_PATH]["put"]
    put["requestBody"] = {"required": True, "content": of(THING)}
    put["responses"] = {"200": {"description": "Bytes.", "content": {"application/octet-stream": {}}}}
    name = f"echo_{abs(hash(tmp_path))}"
    service = Service(import_package(name, write_package(read_document(tmp_path, document), tmp_path / name)))
    uploads: list[Any] = []

    async def answer(body: Any) -> None:
        uploads.append(body.file)
        service.answers["put_thing"] = service.package.responses.PutThing200(aiter(body.file))

    service.watch = answer
    content = b"0123456789" * 20_000
    raw = whole(part("file", content, filename="a"))
    headers = [("Content-Type", TYPE), ("Content-Length", str(len(raw)))]
    answered = await service.ask("PUT", TARGET, token="a", headers=headers, body=[raw[:10], raw[10:]])
    assert answered.body == content
    assert uploads[0].file.closed


async def test_files_are_gone_when_the_body_is_refused_or_ends_early(
    serve_body: ServeBody, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = serve_body(of(THING))
    opened: list[Any] = []
    uploads = put.runtime("uploads")
    spooled = uploads.SpooledTemporaryFile

    def remember() -> Any:
        opened.append(spooled())
        return opened[-1]

    monkeypatch.setattr(uploads, "SpooledTemporaryFile", remember)
    file = part("file", b"x" * 100_000, filename="a")
    assert await put.status(whole(file, part("count", b"0")), TYPE) == 422
    assert await put.status(file, TYPE) == 400
    assert await put.disconnected(file[:90_000], TYPE) == 400
    assert len(opened) == 3
    assert all(each.closed for each in opened)
    gc.collect()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        (r"C:\\fake\\a.txt", "a.txt"),
        (r"C:\fake\a.txt", "a.txt"),
        (r"a\"b.txt", 'a"b.txt'),
        ("a%22b;c=d.txt", "a%22b;c=d.txt"),
        ("dir/", None),
        ("日本.png", "日本.png"),
    ],
)
async def test_names_of_files(serve_body: ServeBody, sent: str, kept: str | None) -> None:
    put = serve_body(of(THING))
    assert (await put.received(whole(part("file", filename=sent)), TYPE)).file.filename == kept


async def test_an_extended_name_of_a_file_is_not_looked_at(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    line = "Content-Disposition: form-data; name=file; filename=\"a\"; filename*=UTF-8''..%2Fb"
    body = f"--b0\r\n{line}\r\n\r\nx\r\n--b0--".encode()
    assert (await put.received(body, TYPE)).file.filename == "a"
    without = body.replace(b' filename="a";', b"")
    assert (await put.received(without, TYPE)).file.filename is None


async def test_a_file_that_nobody_chose_is_absent(serve_body: ServeBody) -> None:
    put = serve_body(of({**THING, "required": []}))
    empty = part("file", b"", "Content-Type: application/octet-stream", filename="")
    body = await put.received(whole(empty), TYPE)
    assert "file" not in body.model_fields_set
    body = await put.received(whole(part("file", b"", filename="a")), TYPE)
    assert (body.file.filename, body.file.size) == ("a", 0)
    assert await serve_refusals(put, whole(empty, part("count", b"x"))) == ["/count"]


async def serve_refusals(put: Put, body: bytes) -> list[str]:
    return await put.refused(body, TYPE)


@pytest.mark.parametrize(
    ("parts", "pointers"),
    [
        ([], [""]),
        ([part("file"), part("file")], ["/file"]),
        ([part("file"), part("note", b"abcdef")], ["/note"]),
        ([part("file"), part("note"), part("note")], ["/note"]),
        ([part("file"), part("count", b"0")], ["/count"]),
        ([part("file"), part("count", b"one")], ["/count"]),
        ([part("file"), part("tags"), part("tags", b"abcd")], ["/tags/1"]),
        ([part("file"), part("meta", b"{}")], ["/meta"]),
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
    assert await serve_body(of(closed)).refused(whole(part("file"), part("other")), TYPE) == [""]


async def test_files_of_any_name(serve_body: ServeBody) -> None:
    put = serve_body(of({"type": "object", "additionalProperties": FILE}))
    body = await put.received(whole(part("a"), part("b", b"yy", filename="f")), TYPE)
    assert {name: upload.size for name, upload in body.root.items()} == {"a": 1, "b": 2}


async def test_a_schema_that_is_shared_with_json_has_a_class_of_its_own_for_files(
    serve_body: ServeBody,
) -> None:
    schema = {"$ref": "#/components/schemas/Photo"}
    put = serve_body({"application/json": {"schema": schema}} | of(schema), schemas={"Photo": THING})
    assert type(await put.received(b'{"file":"x"}', "application/json")) is put.models.Photo
    assert type(await put.received(whole(part("file")), TYPE)) is put.models.PhotoForm
    assert hasattr(put.service.package.operations, "Upload")


async def test_a_union_of_bodies_with_files(serve_body: ServeBody) -> None:
    text = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    file = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {**FILE, "type": ["string", "null"]}},
    }
    put = serve_body(of({"anyOf": [text, file]}))
    assert (await put.received(whole(part("file", filename="a")), TYPE)).root.file.filename == "a"
    assert (await put.received(whole(part("text")), TYPE)).root.text == "x"


async def test_a_file_and_nothing_else(tmp_path: Path) -> None:
    """The import of Upload was not relative where it came first of the models' imports."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Files", "version": "1"},
        "paths": {
            "/f": {
                "post": {
                    "operationId": "send",
                    "tags": ["files"],
                    "requestBody": {
                        "required": True,
                        "content": of({"type": "object", "required": ["file"], "properties": {"file": FILE}}),
                    },
                    "responses": {"204": {"description": "Done."}},
                }
            }
        },
    }
    name = f"only_{abs(hash(tmp_path))}"
    service = Service(import_package(name, write_package(read_document(tmp_path, document), tmp_path / name)))
    service.answers["send"] = service.package.responses.Send204()
    raw = whole(part("file"))
    headers = [("Content-Type", TYPE), ("Content-Length", str(len(raw)))]
    assert (await service.ask("POST", "/f", headers=headers, body=raw)).status == 204


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        {"type": "string", "contentEncoding": "binary"},
        {"type": "string", "contentMediaType": "image/png"},
        {"contentMediaType": "application/octet-stream"},
        {"allOf": [{"$ref": "#/components/schemas/File"}]},
    ],
)
async def test_schemas_of_files(serve_body: ServeBody, file: Any) -> None:
    put = serve_body(of({"type": "object", "properties": {"file": file}}), schemas={"File": FILE})
    assert (await put.received(whole(part("file", b"\xff")), TYPE)).file.size == 1


async def test_encoded_files_are_text(serve_body: ServeBody) -> None:
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "byte"}}}
    put = serve_body(of(schema), openapi="3.0.3")
    assert (await put.received(whole(part("file", b"YWJj", filename="a")), TYPE)).file == "YWJj"
    assert await put.refused(whole(part("file", b"*")), TYPE) == ["/file"]


# Sizes ------------------------------------------------------------------------------------------------


async def test_lengths_of_a_file_count_bytes(serve_body: ServeBody) -> None:
    file = {**FILE, "minLength": 2, "maxLength": 4}
    put = serve_body(
        of({"type": "object", "properties": {"file": file, "files": {"items": file, "type": "array"}}})
    )
    for length in (2, 4):
        assert (await put.received(whole(part("file", b"\xff" * length)), TYPE)).file.size == length
    for length in (1, 5):
        assert await put.refused(whole(part("file", b"x" * length)), TYPE) == ["/file"]
    assert await put.refused(whole(part("files", b"xx"), part("files")), TYPE) == ["/files/1"]


async def test_the_size_of_the_operation(serve_body: ServeBody) -> None:
    raw = whole(part("file", b"x" * 50))
    put = serve_body(of(THING), **{"x-max-body-bytes": len(raw)})
    assert (await put.received(raw, TYPE)).file.size == 50
    too_large = whole(part("file", b"x" * 51))
    assert await put.status([too_large[:60], too_large[60:]], TYPE) == 413
    assert await put.status(b"", TYPE, headers=[("Content-Length", str(len(too_large)))]) == 413


async def test_text_stays_in_memory_up_to_a_size(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    assert await put.status(whole(part("file", b"x" * 1_500_000), part("note")), TYPE) == 204
    assert await put.status(whole(part("file"), part("a", b"x" * 1_100_000)), TYPE) == 413
    halves = [part("a", b"x" * 600_000), part("b", b"x" * 600_000)]
    assert await put.status(whole(part("file"), *halves), TYPE) == 413


async def test_too_many_parts_and_headers(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    assert await put.status(whole(part("file"), *[part("tags", b"a")] * 999), TYPE) == 204
    assert await put.status(whole(part("file"), *[part("tags", b"a")] * 1000), TYPE) == 413
    assert await put.status(whole(part("file", b"x", *[f"X-{n}: a" for n in range(15)])), TYPE) == 204
    assert await put.status(whole(part("file", b"x", *[f"X-{n}: a" for n in range(16)])), TYPE) == 400
    assert await put.status(whole(part("file", b"x", "X-A: " + "a" * 8_000)), TYPE) == 204
    assert await put.status(whole(part("file", b"x", "X-A: " + "a" * 8_200)), TYPE) == 400
    assert await put.status(part("file", b"x", "X-A: " + "a" * 20_000)[:10_000], TYPE) == 400


# Encoding ---------------------------------------------------------------------------------------------


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


# What is malformed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        'multipart/form-data; boundary=""',
        f"multipart/form-data; boundary={'b' * 71}",
        'multipart/form-data; boundary="b "',
        'multipart/form-data; boundary="é"',
    ],
)
async def test_a_boundary_that_is_none(serve_body: ServeBody, content_type: str) -> None:
    assert await serve_body(of(THING)).status(whole(part("file")), content_type) == 400


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x",
        b"--b0",
        b"--b0\r\n",
        part("file"),
        part("file") + b"--b0",
        part("file") + b"--b0-",
        whole(part("file")).replace(b"--b0--", b"--b1--"),
        b"--b0x\r\n" + part("file")[6:] + b"--b0--",
        b"--b0\r\n\r\nx\r\n--b0--",
        b"--b0\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b0--",
        b'--b0\r\nContent-Disposition: attachment; name="file"\r\n\r\nx\r\n--b0--',
        b'--b0\r\nContent-Disposition: form-data; name="fi"le"\r\n\r\nx\r\n--b0--',
        b'--b0\r\nContent-Disposition: form-data; name="file\r\n\r\nx\r\n--b0--',
        b'--b0\r\nContent-Disposition : form-data; name="file"\r\n\r\nx\r\n--b0--',
        b'--b0\r\nContent-Disposition: form-data;\r\n name="file"\r\n\r\nx\r\n--b0--',
        b'--b0\nContent-Disposition: form-data; name="file"\n\nx\n--b0--',
        b'--b0\r\nContent-Disposition: form-data; name="file"; filename="a.exe\x00.png"\r\n\r\nx\r\n--b0--',
        b'--b0\r\nContent-Disposition: form-data; name="fi\xffle"\r\n\r\nx\r\n--b0--',
        whole(part("file", b"x", "Content-Disposition: form-data; name=a")),
        whole(part("file", b"eA==", "Content-Transfer-Encoding: base64")),
        whole(part("file", b"x", "Content-Type: x")),
    ],
)
async def test_bodies_that_are_malformed(serve_body: ServeBody, raw: bytes) -> None:
    put = serve_body(of(THING))
    for sent in (raw, [raw[:10], raw[10:]]):
        answer = await put.send(sent, TYPE)
        assert answer.status == 400, answer.body
        assert answer.json["detail"].endswith(".")


async def test_what_stands_around_the_parts_is_ignored(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    raw = b"preamble\r\n--b\r\n" + part("file").replace(b"--b0\r\n", b"--b0 \t\r\n", 1)
    assert (await put.received(raw + b"--b0--\r\n--b0\r\nepilogue", TYPE)).file.size == 1


# What the contract asks for and is not supported -------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"multipart/mixed": {"schema": THING}}, "multipart/mixed"),
        ({"multipart/form-data": {"schema": {"type": "array"}}}, "multipart/form-data"),
        (of(THING, encoding={"meta": {"contentType": "application/xml"}}), "application/xml"),
        (of(THING, encoding={"file": {"contentType": "png"}}), "'png' is no media type"),
        (of({"type": "object", "properties": {"file": {**FILE, "pattern": "a"}}}), "'pattern' of a file"),
    ],
)
def test_what_is_refused(serve_body: ServeBody, content: Any, line: str) -> None:
    with pytest.raises(ContractError, match=line) as caught:
        serve_body(content)
    assert all(finding.line > 1 for finding in caught.value.findings)


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


def test_generated_code_is_typed(serve_body: ServeBody, tmp_path: Path, mypy: Any) -> None:
    """A handler's view of the body: files are uploads, and what may be absent has to be told apart."""
    put = serve_body(of(THING) | {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}})
    name = put.service.package.__name__
    (tmp_path / "handler.py").write_text(
        f"from {name} import models, operations\n\n"
        "async def size(body: models.PutThingBody) -> int:\n"
        "    file: operations.Upload = body.file\n"
        "    reveal_type(body.files)\n"
        "    return len(await file.read()) + len([piece async for piece in file])\n"
    )
    (note,) = mypy(tmp_path)
    assert "list[" in note
    assert "Upload] | MISSING" in note
