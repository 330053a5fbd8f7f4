"""Clients that are slow or silent: each is cut in its time. They run at once, each by a test of its name."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import pytest

from load.service import wait_until
from tests.faults.wire.framings import CHUNKED, GET, HOST
from tests.faults.wire.server import SHORT, Server, problem_of, read_all, read_response, served, statuses

#: How much later than its deadline a connection may be closed: the tick of these limits, and a busy machine.
LATE = 1.5
POST = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n"
UNREAD = POST.replace(b"POST /", b"POST /unread")

#: What a client got, and after how many seconds its connection was closed.
Outcome: TypeAlias = tuple[bytes, float]
Client: TypeAlias = Callable[[socket.socket], float]


def sends(data: bytes) -> Client:
    """Send, then wait."""

    def run(connection: socket.socket) -> float:
        started = time.monotonic()
        connection.sendall(data)
        return started

    return run


def trickles(data: bytes, each: bytes) -> Client:
    """Send, then a byte each tenth of a second until there is a response, or for 10 s."""

    def run(connection: socket.socket) -> float:
        started = time.monotonic()
        connection.sendall(data)
        connection.settimeout(0.1)
        for byte in (each * 50)[:100]:
            try:
                connection.sendall(bytes([byte]))
                connection.recv(1, socket.MSG_PEEK)
                break
            except TimeoutError:
                continue
            except OSError:
                break
        connection.settimeout(20)
        return started

    return run


def after_a_pause(data: bytes) -> Client:
    """Send a request, be idle for less than the limit, then send."""

    def run(connection: socket.socket) -> float:
        connection.sendall(GET)
        assert statuses(read_response(connection)) == [200]
        time.sleep(SHORT.idle_timeout * 0.6)
        return sends(data)(connection)

    return run


def after_a_response(client: Client) -> Client:
    """Send a request, read its response, then do what a client does."""

    def run(connection: socket.socket) -> float:
        connection.sendall(GET)
        assert statuses(read_response(connection)) == [200]
        return client(connection)

    return run


#: Each with the statuses that it gets, and the seconds until its connection is closed.
SLOW: dict[str, tuple[Client, list[int], float]] = {
    "silent": (sends(b""), [], SHORT.head_timeout),
    "a byte of a head": (sends(b"G"), [408], SHORT.head_timeout),
    "a line of a head": (sends(b"GET / HTTP/1.1\r\n"), [408], SHORT.head_timeout),
    "a head without its end": (sends(GET[:-2]), [408], SHORT.head_timeout),
    "a head that trickles": (trickles(b"", GET[:-2]), [408], SHORT.head_timeout),
    "a second head": (after_a_pause(b"GET /"), [408], SHORT.head_timeout),
    "a second head that trickles": (
        after_a_response(trickles(b"", GET[:-2])),
        [408],
        SHORT.head_timeout,
    ),
    "a head behind a request": (sends(GET + GET[:-2]), [200, 408], SHORT.head_timeout),
    "a head behind a body": (sends(CHUNKED + b"0\r\n\r\n" + GET[:-2]), [200, 408], SHORT.head_timeout),
    "idle": (sends(GET), [200], SHORT.idle_timeout),
    "no body": (sends(POST), [408], SHORT.body_timeout),
    "no chunk": (sends(CHUNKED), [408], SHORT.body_timeout),
    "a part of a chunk": (sends(CHUNKED + b"4\r\nbo"), [408], SHORT.body_timeout),
    "no last chunk": (sends(CHUNKED + b"4\r\nbody\r\n"), [408], SHORT.body_timeout),
    "a body that trickles": (trickles(POST, b"x"), [408], SHORT.body_timeout),
    "chunks that trickle": (trickles(CHUNKED, b"1\r\nx\r\n"), [408], SHORT.body_timeout),
    "an extension that trickles": (trickles(CHUNKED + b"4;", b"x"), [408], SHORT.body_timeout),
    "the rest of a body that nobody reads": (sends(UNREAD), [200], SHORT.body_timeout),
    "a rest that trickles": (trickles(UNREAD, b""), [200], SHORT.body_timeout),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def outcomes(server: Server) -> dict[str, "Future[Outcome]"]:
    """All of them at once."""

    def run(client: Client) -> Outcome:
        with server.connect() as connection:
            started = client(connection)
            return read_all(connection), time.monotonic() - started

    with ThreadPoolExecutor(len(SLOW)) as pool:
        return {name: pool.submit(run, client) for name, (client, _, _) in SLOW.items()}


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_client_is_cut_in_its_time(outcomes: dict[str, "Future[Outcome]"], name: str) -> None:
    received, seconds = outcomes[name].result()
    _, expected, limit = SLOW[name]
    assert statuses(received) == expected
    assert limit * 0.9 <= seconds < limit + LATE
    if expected[-1:] == [408]:
        problem_of(received)


@pytest.mark.parametrize("path", [b"/big?30000000", b"/stream?3000"], ids=["whole", "stream"])
@pytest.mark.parametrize("reads", [False, True], ids=["reads nothing", "reads a little"])
def test_a_reader_that_does_not_read_is_cut(server: Server, path: bytes, *, reads: bool) -> None:
    with server.connect(receives=4096) as connection:
        started = time.monotonic()
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        wait_until(lambda: server.connections == 1, 5)
        while reads and server.connections and time.monotonic() - started < 5:
            connection.recv(10)
            time.sleep(0.1)
        wait_until(lambda: not server.connections, 5)
        assert SHORT.write_timeout <= time.monotonic() - started < SHORT.write_timeout + LATE


def test_who_is_slow_and_goes_on_gets_everything(server: Server) -> None:
    """A body, an application and a reader that each need twice the time in which something must happen."""
    with server.connect(receives=4096) as reader, server.connect() as writer, server.connect() as waiting:
        started = time.monotonic()
        reader.sendall(b"GET /big?400000 HTTP/1.1\r\n" + HOST + b"\r\n")
        writer.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 24000\r\n\r\n")
        waiting.sendall(b"GET /slow?2 HTTP/1.1\r\n" + HOST + b"\r\n")
        size = 0
        for _ in range(24):
            writer.sendall(b"x" * 1_000)
            size += len(reader.recv(16_000))
            time.sleep(0.09)
        assert time.monotonic() - started > 2
        while size < 400_000:
            part = reader.recv(16_000)
            assert part
            size += len(part)
        assert statuses(read_response(writer)) == [200]
        assert statuses(read_response(waiting)) == [200]
        assert 24_000 in {len(body) for _, body in server.app.seen}


def test_a_client_that_leaves_is_told_to_the_application(server: Server) -> None:
    server.app.left.clear()
    with server.connect() as connection:
        connection.sendall(POST + b"x")
    assert wait_until(lambda: server.app.left == ["/"], 5)
