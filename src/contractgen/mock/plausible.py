"""Plausible values in place of a service's own: ids that no item has, times, versions, entity tags."""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from contractgen.mock.resources import plain
from contractgen.mock.shapes import Item, Shape, encoded

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d")
_MADE = re.compile(r"creat|added|inserted")
_CHANGED = re.compile(r"updat|modif|chang|edit")
_DIGITS = re.compile(r"[0-9a-f]+")
_VERSIONS = {"version", "revision", "rev", "etag"}

_numbers = count(1)


def new_ids(like: Any) -> Iterator[Any]:
    """Yield ids in the form of another, the most likely first."""
    number = next(_numbers)
    if isinstance(like, int):
        yield like + number
        return
    if found := _UUID.fullmatch(like):
        yield _time_ordered() if found[1] == "7" else str(uuid.uuid4())
    for width in (12, 8, 4):
        yield re.sub(r"[0-9A-Za-z]+$", f"{number:0{width}x}"[-width:], like)
    if found := re.search(r"\d+$", like):
        yield f"{like[: found.start()]}{(int(found[0]) + number) % 10 ** len(found[0]):0{len(found[0])}}"
    yield from (str(uuid.uuid4()), uuid.uuid4().hex, str(number))


def stamped(shape: Shape, item: Item, *, new: bool) -> Item:
    """Return an item with its next version, and with the current time where it has the time of a change."""
    now = datetime.now(UTC)
    changes: dict[str, Any] = {}
    for name, value in item.items():
        known = plain(name)
        if isinstance(value, str) and _TIME.match(value):
            if _CHANGED.search(known) or (new and _MADE.search(known)):
                changes[name] = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        elif known in _VERSIONS:
            changes[name] = 1 if new and type(value) is int else next_version(value)
    return shape.changed(item, changes)


def next_version(value: Any) -> Any:
    """Return the number, or text of (hexadecimal) digits, that follows a value; else the value itself."""
    if type(value) is int:
        return value + 1
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        base, form = (10, "d") if value.isdecimal() else (16, "x")
        return f"{(int(value, base) + 1) % base ** len(value):0{len(value)}{form}}"
    return value


def entity_tag(item: Item) -> str:
    """Return the strong entity tag of an item: its version in quotes, where that is a text of digits."""
    versions = (value for name, value in item.items() if plain(name) in _VERSIONS)
    for version in versions:
        if isinstance(version, str) and _DIGITS.fullmatch(version):
            return f'"{version}"'
    return f'"{hashlib.sha256(encoded(item)).hexdigest()[:16]}"'


def renamed(value: Any, old: Any, new: Any) -> Any:
    """Return a value with a new id in its URLs: where the old one is a whole segment of a path."""
    pattern = re.compile(rf"(?<=/){re.escape(str(old))}(?=[/?#]|$)")
    return _mapped(value, lambda text: pattern.sub(lambda _: str(new), text))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_mapped(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def _time_ordered() -> str:
    """Return a UUID of version 7."""
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    bits = milliseconds << 80 | 7 << 76 | uuid.uuid4().int & ((1 << 76) - 1)
    return str(uuid.UUID(int=bits & ~(3 << 62) | 2 << 62))
