"""What goes wrong on the wire, with a service that really listens."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contractgen_runtime.postgres.db import Database
from load.service import isolated_environment, service
from tests.service import Actor, MakeUser

POST = json.dumps({"title": "Notes", "content": "Some text."}).encode()


@pytest.fixture
def address(database_url: str, database: Database, tmp_path: Path) -> Iterator[tuple[str, int]]:
    environment = isolated_environment(tmp_path) | {
        "DATABASE_URL": database_url,
        "PRESSROOM_TOKEN_SECRET": "the tests' own token secret, 32 bytes and more",
        "PRESSROOM_PASSWORD_PEPPER": "the tests' own pepper, again 32 bytes and more",
    }
    with service(str(tmp_path), environment) as url:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


def exchange(address: tuple[str, int], request: bytes, *, half_close: bool = False) -> bytes:
    """Everything that comes back for some bytes, until the service closes or has answered once."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
            head, _, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            if length and len(body) >= int(length[1]):
                break
        return received


def create_post(author: Actor, body: bytes, *headers: str) -> bytes:
    lines = [
        "POST /api/v1/posts HTTP/1.1",
        "host: 127.0.0.1",
        f"authorization: Bearer {author.token}",
        "content-type: application/json",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def stored_posts(database: Database) -> int:
    connection = await database.connect()
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM posts")
    finally:
        await connection.close()
    return count


async def test_a_body_that_breaks_off_is_not_acted_on(
    address: tuple[str, int], make_user: MakeUser, database: Database
) -> None:
    author = await make_user()
    chunked = "transfer-encoding: chunked"
    exchange(address, create_post(author, chunk(POST), chunked), half_close=True)
    exchange(address, create_post(author, chunk(POST) + b"zz\r\n", chunked))
    exchange(address, create_post(author, POST, f"content-length: {len(POST) + 50}"), half_close=True)
    # The same bytes to their end are a post: one, this one. It is answered after all those before it.
    whole = exchange(address, create_post(author, chunk(POST) + b"0\r\n\r\n", chunked))
    assert whole.startswith(b"HTTP/1.1 201")
    assert await stored_posts(database) == 1


@pytest.mark.parametrize(
    "request_",
    [
        b"garbage\r\n\r\n",
        b"get / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: x\r\n\r\n",
    ],
    ids=["garbage", "lower-case method", "raw byte in the path", "length that is none"],
)
def test_what_is_not_http_is_refused_with_a_problem(address: tuple[str, int], request_: bytes) -> None:
    answer = exchange(address, request_)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["status"] == 400
