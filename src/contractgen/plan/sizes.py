"""How large a body may be where the contract says nothing in `x-max-body-bytes`."""

from contractgen.load import Document, child
from contractgen.normal import below

# Bytes: of a document, and of a file.
DEFAULT_MAX_BODY_BYTES = 65_536
DEFAULT_MAX_FILE_BYTES = 16_777_216
# What one character takes at most in JSON, written as an escape.
_BYTES = 6


def default_max_bytes(document: Document, schema: str | None) -> int:
    """Room for the longest texts that a schema names, each once: what it admits shall not be too large."""
    longest = _BYTES * sum(_lengths(document, schema)) if schema else 0
    if longest < DEFAULT_MAX_BODY_BYTES:
        return DEFAULT_MAX_BODY_BYTES
    return min(DEFAULT_MAX_BODY_BYTES + longest, DEFAULT_MAX_FILE_BYTES)


def _lengths(document: Document, schema: str) -> list[int]:
    found, seen, waiting = [], set[str](), [schema]
    while waiting:
        value, pointer = document.resolve(waiting.pop())
        if pointer in seen or not isinstance(value, dict):
            continue
        seen.add(pointer)
        found.append(value.get("maxLength", 0))
        waiting += [child(pointer, *path) for path in below(value)]
    return found
