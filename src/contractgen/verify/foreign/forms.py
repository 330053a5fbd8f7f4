"""Values as forms. None where no client would write the value so, such as a list within a list."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from contractgen.verify.foreign.texts import has_text, text_of

BOUNDARY = "b0"
_NAME = re.compile(r"[A-Za-z0-9_~ -]+")


def urlencoded(value: Any) -> bytes | None:
    """A form whose fields are scalars, or lists of them."""
    fields = _fields(value, has_text)
    if fields is None:
        return None
    return "&".join(
        f"{quote(name, safe='')}={quote(text_of(item), safe='')}" for name, item in fields
    ).encode()


def multipart(value: Any, files: frozenset[str]) -> bytes | None:
    """A form whose fields are files, scalars, or objects, which are parts of JSON, or lists of these."""
    fields = _fields(value, lambda item: isinstance(item, dict) or has_text(item))
    if fields is None:
        return None
    parts = "".join(_part(name, item, is_file=name in files) for name, item in fields)
    return f"{parts}--{BOUNDARY}--\r\n".encode()


def _part(name: str, item: Any, *, is_file: bool) -> str:
    more = '; filename="f"' if is_file else ""
    more += "\r\nContent-Type: application/json" if isinstance(item, dict) else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}'
    return f"{head}\r\n\r\n{text_of(item)}\r\n"


def _fields(value: Any, is_writable: Callable[[Any], bool]) -> list[tuple[str, Any]] | None:
    if not isinstance(value, dict) or not value or not all(map(_NAME.fullmatch, value)):
        return None
    lists = {name: each if isinstance(each, list) else [each] for name, each in value.items()}
    if not all(items and all(map(is_writable, items)) for items in lists.values()):
        return None
    return [(name, item) for name, items in lists.items() for item in items]
