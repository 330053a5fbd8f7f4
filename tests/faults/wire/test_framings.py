"""Requests as bytes: what is valid is answered, what is not is rejected once, however the bytes arrive."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from contractgen_runtime.service.wire.limits import Limits
from tests.faults.wire.framings import CHUNKED, FRAMINGS, GET, HOST
from tests.faults.wire.server import Server, problem_of, read_all, served, statuses
from tests.tiers import amount


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(Limits()) as running:
        yield running


@pytest.mark.parametrize("name", FRAMINGS)
def test_framing(server: Server, name: str) -> None:
    data, expected = FRAMINGS[name]
    received = server.send(data)
    assert statuses(received) == expected
    assert not received.endswith(b"(reset)")
    if expected[-1] == 400:
        problem_of(received)


@pytest.mark.parametrize("name", [name for name, (data, _) in FRAMINGS.items() if len(data) < 1000])
def test_the_response_does_not_depend_on_how_the_bytes_arrive(server: Server, name: str) -> None:
    """A split at each byte; nothing of the client's end, so that only the bytes decide."""
    data, _ = FRAMINGS[name]
    step = -(-len(data) // amount(12, full=len(data)))
    whole = server.send(data)
    with ExitStack() as stack:
        connections = [(stack.enter_context(server.connect()), at) for at in range(1, len(data), step)]
        for connection, at in connections:
            connection.sendall(data[:at])
        # Each first part is read before the second is sent: a request by another connection comes after them.
        for _ in range(2):
            assert statuses(server.send(GET)) == [200]
        for connection, at in connections:
            try:
                connection.sendall(data[at:])
                connection.shutdown(1)
            except OSError:  # it was the last request before this part came
                pass
            assert _without_ids(read_all(connection)) == _without_ids(whole), at


def _without_ids(received: bytes) -> list[bytes]:
    return [line for line in received.split(b"\r\n") if not line.startswith(b"x-request-id")]


def test_byte_by_byte(server: Server) -> None:
    data = CHUNKED + b"4\r\nbody\r\n0\r\nA: b\r\n\r\n" + GET
    with server.connect() as connection:
        for at in range(len(data)):
            connection.sendall(data[at : at + 1])
        connection.shutdown(1)
        assert statuses(read_all(connection)) == [200, 200]


def test_a_field_of_a_trailer_is_never_a_header(server: Server) -> None:
    trailer = b"0\r\nAuthorization: Bearer x\r\nX-Request-Id: smuggled\r\n\r\n"
    received = server.send(CHUNKED + b"4\r\nbody\r\n" + trailer)
    assert json.loads(received.split(b"\r\n\r\n")[1])["headers"] == ["host", "transfer-encoding"]
    assert b"smuggled" not in received
    scope, body = server.app.seen[-1]
    assert [name for name, _ in scope["headers"]] == [b"host", b"transfer-encoding"]
    assert body == b"body"


def test_the_host_of_an_absolute_target_counts(server: Server) -> None:
    request = b"GET http://127.0.0.1:81/a%20b?c HTTP/1.1\r\nHost: example.com\r\n\r\n"
    assert statuses(server.send(request)) == [200]
    scope, _ = server.app.seen[-1]
    assert [value for name, value in scope["headers"] if name == b"host"] == [b"127.0.0.1:81"]
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/a b", b"/a%20b", b"c")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /" + b"a" * 8_191 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 200),
        (b"GET /" + b"a" * 8_192 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /" + b"a" * 1_000_000, 414),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 1_000_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b" " * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 10_000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 100 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 99 + b"\r\n", 200),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * (16_384 - 40) + b"\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * (16_384 - 39) + b"\r\n\r\n", 431),
    ],
    ids=[
        *("a long target", "a target of 8 KiB", "a target of 8 KiB and a byte", "a target without end"),
        *("a long field", "many spaces", "10,000 fields"),
        *("101 fields", "100 fields", "16 KiB", "16 KiB and a byte"),
    ],
)
def test_a_head_has_limits(server: Server, request_: bytes, status: int) -> None:
    received = server.send(request_)
    assert statuses(received) == [status]
    if status != 200:
        problem_of(received)


def test_a_rejected_request_has_a_line_without_its_bytes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []
    monkeypatch.setattr("contractgen_runtime.service.wire.wire.write_line", lines.append)
    server.send(b"secret\r\n\r\n")
    assert [(line["event"], line["status"]) for line in lines] == [("request_rejected", 400)]
    assert "secret" not in str(lines)
