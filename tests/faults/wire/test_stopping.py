"""A server that is stopped under load: nothing that has begun is cut, and nobody waits for a refusal."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from contractgen_runtime.service.wire.limits import Limits
from load.service import wait_until
from tests.faults.wire.framings import GET, HOST
from tests.faults.wire.server import connect, pid_of, read_all, read_response, served_apart, statuses
from tests.tiers import amount, full_only, sampled

_SLOW = b"GET /slow?0.3 HTTP/1.1\r\n" + HOST + b"\r\n"


@dataclass
class Load:
    """Clients that send one request after another until they are refused; `cut` had no response."""

    address: tuple[str, int]
    answered: int = 0
    cut: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, *, keeps: bool) -> None:
        """Send by a connection that is kept, or by a new one for each request."""
        while True:
            try:
                connection = connect(self.address)
            except (ConnectionRefusedError, ConnectionResetError):
                return
            with connection:
                while self._exchange(connection) and keeps:
                    pass

    def _exchange(self, connection: socket.socket) -> bool:
        """Return whether the connection can be used again."""
        try:
            connection.sendall(_SLOW if self.answered % 7 == 0 else GET)
            response = read_response(connection)
        except OSError as error:
            response, reason = b"", repr(error)
        else:
            reason = "closed"
        with self._lock:
            if statuses(response) == [200]:
                self.answered += 1
            else:
                self.cut.append(reason)
                return False
        return b"\r\nconnection: close" not in response


@contextmanager
def load(address: tuple[str, int], clients: int = 8) -> Iterator[Load]:
    """Run clients that end when they are refused."""
    running = Load(address)
    threads = [
        threading.Thread(target=running.run, kwargs={"keeps": index % 2 == 0}, daemon=True)
        for index in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        for thread in threads:
            thread.join(12)
        assert not any(thread.is_alive() for thread in threads)


def seconds_until_refused(address: tuple[str, int]) -> float:
    started = time.monotonic()
    while True:
        try:
            connect(address).close()
        except ConnectionRefusedError:
            return time.monotonic() - started
        except OSError:  # a connection that the kernel had made already
            continue


def stopped_under_load(workers: int) -> float:
    """Return how many seconds after the signal the port refused the first connection; no response is cut."""
    with served_apart(workers=workers) as (process, address):
        with load(address) as met:
            assert wait_until(lambda: met.answered > 50, 10)
            process.send_signal(signal.SIGTERM)
            signalled = time.monotonic()
            refused = seconds_until_refused(address)
            process.wait(10)
            assert time.monotonic() - signalled < 10
        assert not met.cut
    return refused


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("attempt", range(amount(1, full=20)))
def test_sigterm_under_load(workers: int, attempt: int) -> None:
    del attempt
    # A busy machine may hold one of three up; a port that stays open does so each time.
    assert any(stopped_under_load(workers) < 0.1 for _ in range(3))


@pytest.mark.parametrize("workers", sampled([1, 2], 1))
def test_what_has_begun_ends_and_is_the_last(workers: int) -> None:
    with (
        served_apart(Limits(), workers=workers) as (process, address),
        connect(address) as busy,
        connect(address) as idle,
        connect(address) as silent,
    ):
        idle.sendall(GET)
        assert b"\r\nconnection: close" not in read_response(idle)
        busy.sendall(b"GET /slow?4 HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        signalled = time.monotonic()
        assert seconds_until_refused(address) < 1
        assert read_all(idle) == read_all(silent) == b""
        assert time.monotonic() - signalled < 2  # long before the one that is busy
        response = read_all(busy)
        assert statuses(response) == [200]
        assert b"\r\nconnection: close\r\n" in response
        process.wait(5)


@full_only
def test_a_request_that_never_ends_does_not_keep_the_server() -> None:
    with served_apart() as (process, address), connect(address) as busy:
        busy.sendall(b"GET /slow?60 HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(0.2)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert statuses(read_all(busy)) == [503]
        process.wait(10)
        assert time.monotonic() - started < 10


@full_only
def test_workers_are_replaced_without_a_failure() -> None:
    with served_apart(workers=2) as (process, address), load(address, 4) as met:
        before = {pid_of(address) for _ in range(20)}
        process.send_signal(signal.SIGHUP)
        assert wait_until(lambda: len({pid_of(address) for _ in range(20)} - before) == 2, 20)
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert not met.cut


@full_only
def test_a_worker_that_dies_is_replaced() -> None:
    with served_apart(workers=2) as (_, address):
        victim = pid_of(address)
        os.kill(victim, signal.SIGKILL)
        assert wait_until(lambda: len({pid_of(address) for _ in range(20)} - {victim}) == 2, 15)
