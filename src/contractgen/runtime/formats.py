"""Formats that JSON Schema leaves open, or that its validator takes for more than they are."""

import base64
import re
from collections.abc import Callable

import jsonschema_rs

_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_EMAIL = jsonschema_rs.Draft202012Validator({"format": "email"}, validate_formats=True)


def is_email(text: str) -> bool:
    """An address alone, without the name of its owner before it."""
    return "<" not in text and _EMAIL.is_valid(text)


def is_base64(text: str) -> bool:
    """RFC 4648, padded, nothing but its alphabet."""
    try:
        base64.b64decode(text, validate=True)
    except ValueError:  # another character than those of base64, or no padding
        return False
    return True


def is_decimal(text: str) -> bool:
    """A number in digits, without an exponent."""
    return _DECIMAL.fullmatch(text) is not None


FORMATS: dict[str, Callable[[str], bool]] = {"email": is_email, "byte": is_base64, "decimal": is_decimal}
