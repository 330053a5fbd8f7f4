"""Checks of formats that JSON Schema does not define, or that its validator checks too loosely."""

import base64
import re
from collections.abc import Callable

import jsonschema_rs

_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_EMAIL = jsonschema_rs.Draft202012Validator({"format": "email"}, validate_formats=True)


def is_email(text: str) -> bool:
    """Return whether a text is an e-mail address alone, without a display name."""
    return "<" not in text and _EMAIL.is_valid(text)


def is_base64(text: str) -> bool:
    """Return whether a text is padded base64 of RFC 4648, without other characters."""
    try:
        base64.b64decode(text, validate=True)
    except ValueError:  # another character than those of base64, or no padding
        return False
    return True


def is_decimal(text: str) -> bool:
    """Return whether a text is a decimal number without an exponent."""
    return _DECIMAL.fullmatch(text) is not None


FORMATS: dict[str, Callable[[str], bool]] = {"email": is_email, "byte": is_base64, "decimal": is_decimal}
