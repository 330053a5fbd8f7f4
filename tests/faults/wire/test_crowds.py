"""Many connections at once: those that hold a place without a request make room for those that have one."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from contractgen_runtime.service.wire.limits import Limits
from load.service import wait_until
from tests.faults.wire.framings import CHUNKED, GET, HOST
from tests.faults.wire.server import (
    SHORT,
    connect,
    problem_of,
    read_all,
    read_response,
    served,
    served_apart,
    statuses,
)
from tests.tiers import amount

#: Another loopback address than that of the crowd.
BYSTANDER = "127.0.0.2"
FEW = replace(SHORT, connections=10, connections_per_client=None, head_timeout=10, idle_timeout=10)
SLOW = b"GET /slow?1.5 HTTP/1.1\r\n" + HOST + b"\r\n"
CROWDS = {
    "silent": b"",
    "a head": b"GET / HTTP/1.1\r\n",
    "a body": CHUNKED + b"4\r\n",
    "readers": b"GET /stream?1000 HTTP/1.1\r\n" + HOST + b"\r\n",
}


@dataclass
class Bystander:
    """What a client met: it sends a request every few milliseconds, and connects anew every few."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[len(self.seconds) * 99 // 100]


@contextmanager
def bystander(address: tuple[str, int]) -> Iterator[Bystander]:
    met, done = Bystander(), threading.Event()

    def run() -> None:
        while not done.is_set():
            try:
                started = time.monotonic()
                with connect(address, BYSTANDER) as connection:
                    for _ in range(5):
                        connection.sendall(GET)
                        if statuses(read_response(connection)) != [200]:
                            met.failures.append("no 200")
                        met.seconds.append(time.monotonic() - started)
                        time.sleep(0.005)
                        started = time.monotonic()
            except OSError as error:
                met.failures.append(repr(error))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield met
    finally:
        done.set()
        thread.join(10)


@pytest.fixture(scope="module", params=[0, 256], ids=["all fit", "256 files"])
def apart(request: pytest.FixtureRequest) -> Iterator[tuple[int, tuple[str, int], int]]:
    """A server process: its id, its address, and the size of a crowd."""
    with served_apart(files=request.param) as (process, address):
        yield process.pid, address, amount(250 if request.param else 120, full=2000)


@pytest.mark.parametrize("name", CROWDS)
def test_a_crowd_harms_nobody_else(apart: tuple[int, tuple[str, int], int], name: str) -> None:
    """Each of a crowd is closed in its time, or given up earlier; a bystander notices nothing."""
    pid, address, size = apart
    with ExitStack() as stack, bystander(address) as met:
        for _ in range(size):
            connection = stack.enter_context(connect(address, receives=4096))
            with suppress(OSError):  # given up already
                connection.sendall(CROWDS[name])
        assert wait_until(lambda: len(met.seconds) > 20, 10)
        assert wait_until(lambda: connected(pid) <= 2, SHORT.idle_timeout + 2.5), connected(pid)
    assert not met.failures
    assert met.p99 <= 0.25


def connected(pid: int) -> int:
    """Return how many connections a process has."""
    inodes = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            inodes.add(str(each.readlink()))
    established = 0
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        established += fields[3] != "0A" and f"socket:[{fields[9]}]" in inodes
    return established


def test_the_oldest_without_a_request_makes_room() -> None:
    with served(FEW) as server, ExitStack() as stack:
        crowd = [stack.enter_context(server.connect()) for _ in range(10)]
        crowd[0].sendall(GET)
        assert statuses(read_response(crowd[0])) == [200]  # idle now, and younger than the other nine
        with server.connect() as another:
            another.sendall(GET)
            assert statuses(read_response(another)) == [200]
        assert read_all(crowd[1]) == b""
        crowd[0].sendall(GET)
        assert statuses(read_response(crowd[0])) == [200]


def test_who_has_most_connections_makes_room() -> None:
    with served(FEW) as server, ExitStack() as stack:
        first = stack.enter_context(server.connect(BYSTANDER))
        first.sendall(GET)
        read_response(first)
        for _ in range(30):
            stack.enter_context(server.connect())
        first.sendall(GET)
        assert statuses(read_response(first)) == [200]


def test_where_all_are_busy_a_new_one_gets_503_at_once() -> None:
    with served(FEW) as server, ExitStack() as stack:
        sources = ["127.0.0.1", BYSTANDER] * 5
        crowd = [stack.enter_context(server.connect(source)) for source in sources]
        for connection in crowd:
            connection.sendall(SLOW)
        assert wait_until(lambda: server.connections == 10 and not server.waiting, 2)
        started = time.monotonic()
        with server.connect() as another:
            another.sendall(GET)
            received = read_all(another)
        assert time.monotonic() - started < 0.5
        assert problem_of(received)["status"] == 503
        assert b"\r\nretry-after: 1\r\n" in received
        for connection in crowd:
            assert statuses(read_response(connection)) == [200]


def test_one_client_has_a_limit_of_its_own() -> None:
    limits = replace(FEW, connections=100, connections_per_client=3)
    with served(limits) as server, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(server.connect()).sendall(SLOW)
        assert wait_until(lambda: server.connections == 3 and not server.waiting, 2)
        with server.connect() as another, server.connect(BYSTANDER) as other:
            another.sendall(GET)
            other.sendall(GET)
            assert statuses(read_all(another)) == [503]
            assert statuses(read_response(other)) == [200]


def test_the_limit_of_open_files_limits_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (256, 256))
    assert Limits().all_connections() == 160
    assert Limits(connections=1000).all_connections() == 160
    assert Limits(connections=100).all_connections() == 100
    assert Limits().of_one_client() == 80
    assert Limits(connections_per_client=None).of_one_client() == 160
    assert Limits(connections_per_client=20).of_one_client() == 20
