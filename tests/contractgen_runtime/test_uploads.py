"""Files of a body: what a handler gets, and how long it is there."""

import gc
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from contractgen_runtime import uploads as runtime
from tests.contractgen.packages import THING as THING_PATH
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.parts import FILE, THING, TYPE, of, part, whole
from tests.contractgen.putting import TARGET, ServeBody
from tests.contractgen.service import Service
from tests.tiers import slow


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


@slow
async def test_files_are_gone_when_the_body_is_refused_or_ends_early(
    serve_body: ServeBody, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = serve_body(of(THING))
    opened: list[tempfile.SpooledTemporaryFile[bytes]] = []
    spooled = tempfile.SpooledTemporaryFile

    def remember() -> tempfile.SpooledTemporaryFile[bytes]:
        opened.append(spooled())
        return opened[-1]

    monkeypatch.setattr(runtime, "SpooledTemporaryFile", remember)
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
    assert await put.refused(whole(empty, part("count", b"x")), TYPE) == ["/count"]


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


def test_generated_code_is_typed(serve_body: ServeBody, tmp_path: Path, mypy: Any) -> None:
    """A handler's view of the body: files are uploads, and what may be absent has to be told apart."""
    put = serve_body(of(THING) | {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}})
    name = put.service.package.__name__
    shutil.copytree(put.service.package.__path__[0], tmp_path / name)
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
