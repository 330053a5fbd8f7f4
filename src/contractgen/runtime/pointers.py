"""JSON Pointers (RFC 6901), as text: made, taken apart and followed; and as fragments of references."""

from typing import Any
from urllib.parse import quote, unquote

# What stands in a fragment as it is, beside letters, digits and "_.-~".
_IN_FRAGMENTS = "/!$&'()*+,;=:@?"


def child(pointer: str, *names: str | int) -> str:
    """Return the pointer below another: `child("/paths", "/users", 0)` is `/paths/~1users/0`."""
    return pointer + "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in map(str, names))


def tokens(pointer: str) -> list[str]:
    """Return the names of a pointer: `/paths/~1users/0` gives `paths`, `/users` and `0`."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def value_at(value: Any, pointer: str) -> Any:
    """Return the value at a pointer; raise LookupError or TypeError if there is none."""
    here: Any = value
    for name in tokens(pointer):
        index: Any = int(name) if isinstance(here, list) and name.isdecimal() else name
        here = here[index]
    return here


def pointer_of(reference: str) -> str:
    """Return the pointer of a reference, whose fragment is percent-encoded: `#/a%20b` gives `/a b`."""
    return unquote(reference.partition("#")[2])


def reference_to(pointer: str) -> str:
    """Return the reference to a pointer within the same document: `/a b` gives `#/a%20b`."""
    return "#" + quote(pointer, safe=_IN_FRAGMENTS)
