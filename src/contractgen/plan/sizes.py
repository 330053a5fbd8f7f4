"""How large a body may be where the contract says nothing in `x-max-body-bytes`."""

from typing import Any

from contractgen.document.load import Document
from contractgen.runtime.pointers import pointer_of
from contractgen.schema.walk import below, schema_at

# Bytes: of a document, and of a file.
DEFAULT_MAX_BODY_BYTES = 65_536
DEFAULT_MAX_FILE_BYTES = 16_777_216
# What one character takes at most in JSON, written as an escape.
_BYTES = 6


class Sizes:
    """The sizes of the bodies of one document, which reads each of its schemas once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, tuple[int, tuple[str, ...]]] = {}

    def default_max_bytes(self, schema: str | None) -> int:
        """Room for the longest texts that a schema names: what it admits shall not be too large."""
        longest = _BYTES * self._longest(schema) if schema else 0
        if longest < DEFAULT_MAX_BODY_BYTES:
            return DEFAULT_MAX_BODY_BYTES
        return min(DEFAULT_MAX_BODY_BYTES + longest, DEFAULT_MAX_FILE_BYTES)

    def _longest(self, schema: str) -> int:
        """The lengths of all texts that a schema reaches, added up."""
        longest, seen, waiting = 0, set[str](), [schema]
        while waiting:
            pointer = waiting.pop()
            if pointer not in seen:
                seen.add(pointer)
                own, referred = self._read(pointer)
                longest += own
                waiting += referred
        return longest

    def _read(self, pointer: str) -> tuple[int, tuple[str, ...]]:
        """The lengths that stand in a schema itself, and the schemas that it refers to."""
        known = self._known.get(pointer)
        if known is None:
            own, referred, waiting = 0, [], [self._document.resolve(pointer)[0]]
            while waiting:
                schema: Any = waiting.pop()
                if isinstance(schema, dict):
                    own += schema.get("maxLength", 0)
                    referred += [pointer_of(schema["$ref"])] if "$ref" in schema else []
                    waiting += [schema_at(schema, path) for path in below(schema)]
            known = self._known[pointer] = own, tuple(referred)
        return known
