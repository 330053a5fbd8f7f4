"""A small server that logs everybody in, slowly or with a stall, so that its latencies are known."""

import asyncio
import base64
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

_BODY = json.dumps({"email": "reader@example.com", "access_token": "x"}).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_BODY),
    _BODY,
)


def accounts(folder: Path, tokens: int = 8) -> Path:
    """Write what `pressroom seed` prints: tokens that say nothing but when they expire."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + 3600}).encode()).decode().rstrip("=")
    path = folder / "seeded.json"
    account = {"email": "reader@example.com", "password": "a password"}
    seeded = {
        "user": account,
        "tokens": [f"head.{claims}.{number}" for number in range(tokens)],
        "emails": [f"user{number}@example.com" for number in range(tokens)],
    }
    path.write_text(json.dumps(seeded))
    return path


@contextmanager
def stub(*, delay: float = 0.0, stall_at: float = 0.0, stall: float = 0.0) -> Iterator[str]:
    """Serve in a process; a response takes `delay`, none is sent for `stall` seconds after `stall_at`."""
    command = [sys.executable, __file__, str(delay), str(stall_at), str(stall)]
    with Popen(command, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


async def serve(delay: float, stall_at: float, stall: float) -> None:
    began = 0.0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal began
        while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            await reader.readexactly(length)
            began = began or time.monotonic()
            left = began + stall_at + stall - time.monotonic()
            if delay or 0 < left < stall:
                await asyncio.sleep(max(delay, left if left < stall else 0))
            writer.write(_ANSWER)

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(float, sys.argv[1:])))
