import json
import logging
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contractgen_runtime.service import log
from contractgen_runtime.service.log import JsonLines, LineWriter, configure_log
from contractgen_runtime.service.text_log import text_line


def test_a_line_is_one_json_object(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        writer = LineWriter(file.fileno())
        writer.write({"event": "two\nlines\u2028\x1b[31m", "path": "/ü"})
        writer.write({"event": "surrogate \udc80"})
        writer.write({"event": object})
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    entries = [json.loads(line) for line in lines]
    assert [len(lines), entries[0]["event"], entries[1]["event"]] == [
        3,
        "two\nlines\u2028\x1b[31m",
        "surrogate \udc80",
    ]
    assert b"\x1b" not in lines[0]


REQUEST = {"level": "info", "event": "request", "method": "GET", "route": "/posts/{id}", "status": 200}


def test_a_line_of_text_is_what_a_person_needs(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        writer = LineWriter(file.fileno())
        writer.line_of = text_line
        writer.write(REQUEST | {"time": datetime.now(UTC), "duration_ms": 3.1, "request_id": "seven"})
        writer.write({"level": "error", "event": "failed", "traceback": "Traceback:\n  line 1"})
        writer.write({"level": "info", "event": "two\nlines\x1b[31m \udc80", "path": "/ü"})
        writer.write({"level": "error", "event": "paste\nasync def f(): ...\n\x1b", "logger": "uvicorn"})
    request, failed, _, _, steering, *pasted = path.read_text().splitlines()
    assert pasted == [" error   paste  logger=uvicorn", "async def f(): ...", r"\x1b"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d info    GET /posts/\{id\} 200 in 3\.1 ms  request_id=seven", request)
    assert failed == " error   failed"
    assert steering == r" info    two\nlines\x1b[31m \udc80  path=/ü"


def test_lower_levels_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        monkeypatch.setattr(log, "_writer", LineWriter(file.fileno()))
        root = logging.getLogger()
        monkeypatch.setattr(root, "level", root.level)
        configure_log("json", "warning")
        assert not logging.getLogger("any.tested").isEnabledFor(logging.INFO)
        log.write_line(REQUEST)
        log.write_line({"level": "warning", "event": "kept"})
        configure_log("text", "debug")
        assert logging.getLogger("any.tested").isEnabledFor(logging.DEBUG)
        log.write_line({"level": "debug", "event": "kept too"})
    assert path.read_text() == '{"level":"warning","event":"kept"}\n debug   kept too\n'


def fill(writer: LineWriter) -> int:
    """Write lines until one is dropped; the number of those that were written."""
    for written in range(10_000):
        writer.write({"event": "x" * 300})
        if writer.dropped:
            return written
    raise AssertionError("the pipe never filled")


def test_full_pipe_drops_and_counts_and_recovers() -> None:
    reader, descriptor = os.pipe()
    writer = LineWriter(descriptor)
    assert os.get_blocking(descriptor), "the flag is shared with other processes and must stay"
    written = fill(writer)
    writer.write({"event": "dropped too"})
    os.set_blocking(reader, False)
    content = b""
    while len(content) < written * 300:
        content += os.read(reader, 65_536)
    assert content.count(b"\n") == written
    writer.write({"event": "again"})
    report, line = (json.loads(text) for text in os.read(reader, 65_536).splitlines())
    assert (report["event"], report["count"], line["event"]) == ("log_lines_dropped", 2, "again")
    assert writer.dropped == 0
    writer.close()
    os.close(reader)
    os.close(descriptor)


def test_full_socket_drops_and_a_cut_line_is_ended() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        writer = LineWriter(ours.fileno())
        fill(writer)
        assert writer.dropped > 0
        theirs.setblocking(False)
        content = b""
        try:
            while True:
                content += theirs.recv(1 << 20)
        except BlockingIOError:
            pass
        writer.write({"event": "again"})
        content += theirs.recv(1 << 20)
        writer.close()
    *_, report, line = content.splitlines()
    assert json.loads(report)["event"] == "log_lines_dropped"
    assert json.loads(line) == {"event": "again"}


def test_closed_pipe_fails_nobody() -> None:
    reader, descriptor = os.pipe()
    writer = LineWriter(descriptor)
    os.close(reader)
    writer.write({"event": "lost"})
    assert writer.dropped == 1
    writer.close()
    os.close(descriptor)


def test_standard_logging_becomes_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[dict[str, Any]] = []
    monkeypatch.setattr(log, "write_line", entries.append)
    logger = logging.getLogger("uvicorn.error.tested")
    monkeypatch.setattr(logger, "handlers", [JsonLines()])
    monkeypatch.setattr(logger, "propagate", False)
    logger.setLevel(logging.INFO)
    logger.info("Started server process [%d]", 7)
    try:
        int("first line\ncanary")
    except ValueError:
        logger.exception("failed")
    assert (entries[0]["event"], entries[0]["level"]) == ("Started server process [7]", "info")
    assert entries[0]["logger"] == "uvicorn.error.tested"
    assert entries[1]["traceback"].splitlines()[-1].startswith("ValueError: invalid literal for int()")
    logger.info("%d", "not a number")
    assert entries[2]["event"] == "%d"
