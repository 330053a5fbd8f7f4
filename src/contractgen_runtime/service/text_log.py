"""A line of the log as a person reads it."""

from datetime import datetime
from typing import Any

#: In the head of a line, so not repeated behind it.
_HEAD = frozenset({"time", "level", "event", "traceback"})
_REQUEST = ("method", "route", "status", "duration_ms")


def text_line(entry: dict[str, Any]) -> bytes:
    """Return an entry as a line of text, with its traceback below; control characters are escaped."""
    time, level, event = entry.get("time"), str(entry.get("level", "")), str(entry.get("event", ""))
    clock = time.astimezone().strftime("%H:%M:%S") if isinstance(time, datetime) else ""
    head = _HEAD
    if event == "request":
        method, route, status, duration = (entry.get(name) for name in _REQUEST)
        event, head = f"{method} {route} {status} in {duration} ms", _HEAD | {*_REQUEST}
    fields = (f"{name}={value}" for name, value in entry.items() if name not in head)
    # Of several lines, such as the signatures of missing handlers, which are there to be pasted.
    event, *below = event.split("\n") if "logger" in entry else [event]
    below += [f"    {line}" for line in str(entry.get("traceback", "")).splitlines()]
    line = "  ".join([f"{clock} {level:<7} {event}", *fields])
    return "".join(f"{_printable(each)}\n" for each in [line, *below]).encode()


def _printable(text: str) -> str:
    """Escape what could steer a terminal, as a client may have sent it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
