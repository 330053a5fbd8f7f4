"""Respell JSON values that a schema admits and pydantic does not read: 5.0 as an integer, leap seconds."""

import re
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from .violations import Path, place_of

# Beyond, a float stands for several integers.
_EXACT_FLOATS = 2**53
_LEAP_SECOND = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:)60((?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))", re.ASCII)


def respelled(error: ValidationError, value: Any) -> Any:
    """Return a JSON value as a model reads it, given the model's errors; raise the error if nothing helps.

    A leap second, which no datetime has, becomes the second after it (RFC 3339, section 5.7).
    """
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    changed = _whole(value) if any(each["type"] == "int_type" for each in errors) else value
    for each in errors:
        if each["type"] in ("datetime_parsing", "datetime_from_date_parsing"):
            changed = _after_leap_second(changed, place_of(each["loc"], value)[0])
    if changed is value:
        raise error
    return changed


def _whole(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOATS else value
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value


def _after_leap_second(value: Any, path: Path) -> Any:
    """Return a copy with the leap second at a path replaced, or the value itself if there is none."""
    if path:
        step, *rest = path
        changed = _after_leap_second(value[step], tuple(rest))
        if changed is value[step]:
            return value
        copy = value.copy()
        copy[step] = changed
        return copy
    found = _LEAP_SECOND.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    try:
        return (datetime.fromisoformat(f"{found[1]}59{found[2]}".upper()) + timedelta(seconds=1)).isoformat()
    except OverflowError:
        return value
