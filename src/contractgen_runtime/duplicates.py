"""Objects that have a property twice: parsers keep one of the values in silence, and not all the same one."""

import re

from pydantic import JsonValue

_NAME_ENDS = re.compile(rb'"[ \t\n\r]*:')
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def has_duplicates(raw: bytes, value: JsonValue) -> bool:
    """Return whether an object of a valid JSON text has a property twice; `value` is what was parsed from it.

    Each property of the text has a colon outside of strings, and the parsed objects have each name once:
    there are duplicates if the colons are more. In most texts no other colon follows a quotation mark, so
    that these are enough to count; else the strings are taken out first.
    """
    expected = _count(value)
    return len(_NAME_ENDS.findall(raw)) != expected and _STRINGS.sub(b"", raw).count(b":") != expected


def _count(value: JsonValue) -> int:
    """Return the number of properties of all objects in a value."""
    found, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            found += len(each)
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found
