"""The syntax of multipart bodies and its limits: in whatever chunks, and as nobody should send them."""

from typing import Any

import pytest

from tests.contractgen.parts import THING, TYPE, of, part, whole
from tests.contractgen.putting import ServeBody


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
