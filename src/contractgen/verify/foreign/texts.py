"""Possible values of a text: values of forms and parameters are texts, and their schemas give the type."""

import json
import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MOST_READINGS = 16


def text_of(value: Any) -> str:
    """Return a scalar as text."""
    return value if isinstance(value, str) else json.dumps(value)


def is_compound(value: Any) -> bool:
    return isinstance(value, list | dict)


def has_text(value: Any) -> bool:
    """Return whether clients send a scalar as text: null has none, and nobody writes 1.0 for an integer."""
    return not is_compound(value) and value is not None and not _is_whole_float(value)


def _is_whole_float(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


def readings(value: Any, files: frozenset[str] | None = None) -> list[Any] | None:
    """Return every value that the texts of a value may stand for; None if there are too many.

    With `files`, the value is a form, in which fields of these names are as they are.
    """
    every = _of_form(value, files) if files is not None else _of_texts(value)
    found = list(islice(every, _MOST_READINGS + 1))
    return found if len(found) <= _MOST_READINGS else None


def _of_form(value: dict[str, Any], files: frozenset[str]) -> Iterator[Any]:
    fields = [[each] if name in files else list(_of_field(each)) for name, each in value.items()]
    yield from (dict(zip(value, each, strict=True)) for each in product(*fields))


def _of_field(value: Any) -> Iterator[Any]:
    """Yield the readings of a form's field; an object is a JSON part, read as itself or as a list of one."""
    yield from (value, [value]) if isinstance(value, dict) else _of_texts(value)


def _of_texts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (dict(zip(value, each, strict=True)) for each in product(*map(_scalars, value.values())))
    elif isinstance(value, list):
        items = [[item] if isinstance(item, dict) else _scalars(item) for item in value]
        yield from (list(each) for each in product(*items))
        yield from items[0] if len(items) == 1 else ()
    else:
        # One text may also be a list of it alone.
        yield from (each for scalar in _scalars(value) for each in (scalar, [scalar]))


def _scalars(value: Any) -> list[Any]:
    text = text_of(value)
    found: list[Any] = [text]
    if text in ("true", "false"):
        found.append(text == "true")
    if _NUMBER.fullmatch(text):
        found.append(json.loads(text))
    return found + ([None] if text in ("", "null") else [])
