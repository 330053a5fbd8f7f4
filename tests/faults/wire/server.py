"""Servers of the wire, in a thread or in processes of their own, and clients that are sockets."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import uvicorn

from contractgen_runtime.service.edge import Edge
from contractgen_runtime.service.serving import listen
from contractgen_runtime.service.wire.limits import Limits
from contractgen_runtime.service.wire.wire import Wire
from tests.faults.wire.application import Application
from tests.faults.wire.framings import GET

#: Deadlines of tests: long enough for a busy machine, short enough to wait for.
SHORT = Limits(head_timeout=1, body_timeout=1, write_timeout=1, idle_timeout=1.5)


@dataclass
class Server:
    """A running server."""

    address: tuple[str, int]
    wire: Wire
    app: Application = field(default_factory=Application)
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def connections(self) -> int:
        return len(self.wire.connections)

    @property
    def waiting(self) -> int:
        return len(self.wire.waiting)

    def connections_of(self, client: str) -> int:
        return sum(each.client == client for each in list(self.wire.connections))

    def connect(self, source: str = "127.0.0.1", **options: Any) -> socket.socket:
        return connect(self.address, source, **options)

    def send(self, data: bytes) -> bytes:
        """Return all that comes back for some bytes, and an end of them, until the server closes."""
        with self.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return read_all(connection)


def connect(
    address: tuple[str, int], source: str = "127.0.0.1", *, receives: int | None = None
) -> socket.socket:
    """Connect from a loopback address, with a small buffer for what it `receives` if asked for."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if receives:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    connection.settimeout(20)
    try:
        connection.bind((source, 0))
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


@contextmanager
def served(limits: Limits = SHORT) -> Iterator[Server]:
    """Run a server in a thread until the context ends."""
    with listen("127.0.0.1", 0) as listener:
        running = Server(listener.getsockname()[:2], Wire(limits))
        edge = Edge(running.app, allowed_hosts=["127.0.0.1"], log=running.log.append)
        config = uvicorn.Config(
            edge,
            loop="uvloop",
            http=cast("type[asyncio.Protocol]", running.wire),
            ws="none",
            lifespan="off",
            log_config=None,
            date_header=False,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def served_apart(
    limits: Limits = SHORT, *, workers: int = 1, files: int = 0
) -> Iterator[tuple["subprocess.Popen[str]", tuple[str, int]]]:
    """Run a server as a process, with a limit of open files if asked for."""

    arguments = [json.dumps(asdict(limits)), str(workers), str(files)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.wire.application", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = ("127.0.0.1", int(process.stdout.readline()))
            pids: set[int] = set()
            while len(pids) < workers:  # the first waits until one has started
                pids.add(pid_of(address))
            yield process, address
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(15)


def pid_of(address: tuple[str, int]) -> int:
    """Return the process that answers."""
    with connect(address) as connection:
        connection.sendall(GET)
        pid: int = json.loads(read_response(connection).partition(b"\r\n\r\n")[2])["pid"]
    return pid


def read_all(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    received = b""
    try:
        while chunk := connection.recv(65_536):
            received += chunk
    except ConnectionResetError:
        received += b"(reset)"
    return received


def read_response(connection: socket.socket) -> bytes:
    """Return one response that has a Content-Length."""
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head)
        if end and (found is None or len(body) >= int(found[1])):
            return received
        chunk = connection.recv(65_536)
        if not chunk:
            return received
        received += chunk


def statuses(received: bytes) -> list[int]:
    """Return the statuses of the responses in what was received."""
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def problem_of(received: bytes) -> dict[str, Any]:
    """Return the last response, which must be a problem that says that the connection ends."""
    head, _, body = received[received.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: application/problem+json" in head
    assert b"\r\nconnection: close" in head
    problem: dict[str, Any] = json.loads(body)
    assert problem["type"] == "about:blank"
    assert problem["status"] == statuses(head + b"\r\n")[0]
    return problem


def closed_after(connection: socket.socket, started: float) -> tuple[bytes, float]:
    """Wait until the server closes; return what came and the seconds since `started`."""
    received = read_all(connection)
    return received, time.monotonic() - started
