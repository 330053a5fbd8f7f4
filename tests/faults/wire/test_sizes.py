"""Requests without end: rejected when a limit is passed, and not kept in memory."""

import re
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.wire.framings import HOST
from tests.faults.wire.server import connect, problem_of, read_all, served_apart
from tests.tiers import amount

_MIB = 1_048_576
_BLOCK = 65_536
_POST = b"POST /limited HTTP/1.1\r\n" + HOST
#: What comes first, what comes again and again, and the status that ends it.
ENDLESS = {
    "a head": (b"GET / HTTP/1.1\r\nA: ", b"a" * _BLOCK, 431),
    "fields": (b"GET / HTTP/1.1\r\n", b"A: b\r\n" * (_BLOCK // 6), 431),
    "a target": (b"GET /", b"a" * _BLOCK, 414),
    "a declared body": (_POST + b"Content-Length: 1073741824\r\n\r\n", b"a" * _BLOCK, 413),
    "chunks": (_POST + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"a" * _BLOCK + b"\r\n", 413),
    "small chunks": (_POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * (_BLOCK // 6), 413),
    "one chunk": (_POST + b"Transfer-Encoding: chunked\r\n\r\n40000000\r\n", b"a" * _BLOCK, 413),
    "an extension": (_POST + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * _BLOCK, 400),
    "trailers": (_POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * (_BLOCK // 6), 400),
}


@pytest.fixture(scope="module")
def apart() -> Iterator[tuple[int, tuple[str, int]]]:
    with served_apart() as (process, address):
        yield process.pid, address


@pytest.mark.parametrize("name", ENDLESS)
def test_a_request_without_end_is_rejected(apart: tuple[int, tuple[str, int]], name: str) -> None:
    pid, address = apart
    first, again, status = ENDLESS[name]
    before = _peak(pid)
    with connect(address) as connection:
        sent = _send(connection, first, again, amount(64 * _MIB, full=1024 * _MIB))
        assert problem_of(read_all(connection).removesuffix(b"(reset)"))["status"] == status
    # A megabyte is read of what follows, and the kernel has buffers of some more.
    assert sent < 16 * _MIB
    assert _peak(pid) - before < 16 * _MIB


def _send(connection: socket.socket, first: bytes, again: bytes, most: int) -> int:
    """Send until the server ends the connection or has a response and does not read; return the bytes."""
    connection.sendall(first)
    sent = len(first)
    connection.settimeout(5)
    try:
        while sent < most:
            connection.sendall(again)
            sent += len(again)
            if select.select([connection], [], [], 0)[0]:
                break
    except OSError:
        pass
    return sent


def _peak(pid: int) -> int:
    """Return the most memory that a process has had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024
