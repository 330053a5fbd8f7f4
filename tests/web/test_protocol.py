import asyncio
from typing import Any

import pytest

from pressroom.web.protocol import WholeAnswers


class Recorder(asyncio.Transport):
    """A transport that notes every write, each of which would be a system call."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def wire() -> Recorder:
    return Recorder()


def test_head_and_body_leave_in_one_piece(wire: Recorder) -> None:
    transport = WholeAnswers(wire)
    transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert wire.writes == []
    transport.write(b"body")
    transport.write(b"more")
    transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    transport.write(b"")
    assert wire.writes == [b"HTTP/1.1 200 OK\r\n\r\nbody", b"more", b"HTTP/1.1 204 No Content\r\n\r\n"]


def test_continue_is_sent_at_once(wire: Recorder) -> None:
    WholeAnswers(wire).write(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert wire.writes == [b"HTTP/1.1 100 Continue\r\n\r\n"]


def test_a_head_without_a_body_leaves_when_the_connection_closes(wire: Recorder) -> None:
    transport = WholeAnswers(wire)
    transport.write(b"HTTP/1.1 500 Internal Server Error\r\n\r\n")
    transport.close()
    assert wire.writes == [b"HTTP/1.1 500 Internal Server Error\r\n\r\n"]
    assert wire.closed
