"""Who does not read what is sent: it stays with its sender, which waits."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from tests.contractgen_runtime.service.wire.connections import body, listening, read_all, start


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 30000000\r\n\r\n" + bytes(30_000_000),
        b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n" * 1_000_000,
    ],
    ids=["a body", "requests behind it"],
)
async def test_what_nobody_reads_yet_stays_with_the_client(request_: bytes) -> None:
    """The kernel has buffers of some megabytes; the rest of thirty is not taken."""
    reads = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await reads.wait()
        await read_all(scope, receive, send)

    async with listening(app) as (reader, writer):
        writer.write(request_)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 1)
        reads.set()
        assert (await reader.readuntil(b"/a")).startswith(b"HTTP/1.1 200 OK")
        writer.transport.abort()


async def test_of_what_follows_a_rejection_only_some_megabytes_are_read() -> None:
    async with listening(read_all) as (_, writer):
        writer.write(b"garbage\r\n\r\n" + bytes(200_000_000))
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(writer.drain(), 10)
        writer.transport.abort()


async def test_an_application_waits_until_its_client_reads() -> None:
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200))
        for number in range(1000):
            await send(body(bytes(100_000), more=True))
            sent.append(number)
        await send(body(b""))

    async with listening(app) as (reader, writer):
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # it has no other way
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.sleep(1)
        assert 0 < len(sent) < 500
        reader._transport.resume_reading()  # type: ignore[attr-defined]  # as above
        size = 0
        while size < 100_000_000:
            size += len(await asyncio.wait_for(reader.read(1_000_000), 10))
