"""JSON Pointers (RFC 6901): build, split and follow them; convert them to and from references."""

import re
from typing import Any
from urllib.parse import quote, unquote

# Characters that need no escape in a fragment, beside letters, digits and "_.-~".
_IN_FRAGMENTS = "/!$&'()*+,;=:@?"
# An index of a list: more digits than any list needs would be expensive to convert.
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
# Stands for the absence of a value, since null is one.
MISSING: Any = object()


def child(pointer: str, *names: str | int) -> str:
    """Return the pointer below another: `child("/paths", "/users", 0)` is `/paths/~1users/0`."""
    for name in names:
        pointer = f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
    return pointer


def tokens(pointer: str) -> list[str]:
    """Return the names of a pointer: `/paths/~1users/0` gives `paths`, `/users` and `0`."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def step(holder: Any, name: str, default: Any = None) -> Any:
    """Return the property or item of a JSON value that a token of a pointer names, or `default`."""
    if isinstance(holder, dict):
        return holder.get(name, default)
    if isinstance(holder, list) and _INDEX.fullmatch(name) and int(name) < len(holder):
        return holder[int(name)]
    return default


def find_at(value: Any, pointer: str, default: Any = None) -> Any:
    """Return the value at a pointer, or `default` if there is none."""
    for name in tokens(pointer):
        value = step(value, name, MISSING)
        if value is MISSING:
            return default
    return value


def value_at(value: Any, pointer: str) -> Any:
    """Return the value at a pointer that is known to lead to one; raise LookupError if there is none."""
    found = find_at(value, pointer, MISSING)
    if found is MISSING:
        raise LookupError(pointer)
    return found


def pointer_of(reference: str) -> str:
    """Return the pointer of a reference, whose fragment is percent-encoded: `#/a%20b` gives `/a b`."""
    return unquote(reference.partition("#")[2])


def reference_to(pointer: str) -> str:
    """Return the reference to a pointer within the same document: `/a b` gives `#/a%20b`."""
    return "#" + quote(pointer, safe=_IN_FRAGMENTS)
