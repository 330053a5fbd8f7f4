"""Respell JSON values that a schema admits and pydantic does not read: 5.0 as an integer, leap seconds."""

import re
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from .violations import Path, place_of

# Beyond, a float stands for several integers.
_EXACT_FLOATS = 2**53
# Of these kinds are pydantic's errors for a leap second, strict and not.
_OF_TIMES = ("datetime_parsing", "datetime_from_date_parsing")
_LEAP_SECOND = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:)60((?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))", re.ASCII)


def respelled(error: ValidationError, value: Any) -> Any:
    """Return a JSON value as a model reads it, given the model's errors; raise the error if nothing helps.

    A leap second, which no datetime has, becomes the second after it (RFC 3339, section 5.7).
    """
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    has_integers = any(each["type"] == "int_type" for each in errors)
    times = {place_of(each["loc"], value)[0] for each in errors if each["type"] in _OF_TIMES}
    if not (has_integers or times):
        raise error
    return _respelled(value, (), times, has_integers=has_integers)


def _respelled(value: Any, path: Path, times: set[Path], *, has_integers: bool) -> Any:
    """Return a copy of what stands at a path, made in one walk however many times there are."""
    if isinstance(value, list):
        steps = enumerate(value)
        return [_respelled(each, (*path, n), times, has_integers=has_integers) for n, each in steps]
    if isinstance(value, dict):
        fields = value.items()
        return {n: _respelled(each, (*path, n), times, has_integers=has_integers) for n, each in fields}
    if isinstance(value, float) and has_integers:
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOATS else value
    return _after_leap_second(value) if isinstance(value, str) and path in times else value


def _after_leap_second(text: str) -> str:
    """Return the second after a leap second; any other text unchanged."""
    found = _LEAP_SECOND.fullmatch(text)
    if found is None:
        return text
    try:
        return (datetime.fromisoformat(f"{found[1]}59{found[2]}".upper()) + timedelta(seconds=1)).isoformat()
    except (OverflowError, ValueError):  # beyond the year 9999, or no date at all
        return text
