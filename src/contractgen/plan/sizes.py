"""The default size limit of bodies without `x-max-body-bytes`."""

from typing import Any

from contractgen.document.load import Document
from contractgen.schema.walk import below, schema_at
from contractgen_runtime.pointers import pointer_of

# Bytes of a document, and of a file.
DEFAULT_MAX_BODY_BYTES = 65_536
DEFAULT_MAX_FILE_BYTES = 16_777_216
# The most bytes of one character in JSON, as an escape.
_BYTES = 6


class Sizes:
    """The size limits of the bodies of one document; each schema is read once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, tuple[int, tuple[str, ...]]] = {}

    def default_max_bytes(self, schema: str | None) -> int:
        """Return a limit with room for the longest texts of a schema: no valid body is too large."""
        longest = _BYTES * self._longest(schema) if schema else 0
        if longest < DEFAULT_MAX_BODY_BYTES:
            return DEFAULT_MAX_BODY_BYTES
        return min(DEFAULT_MAX_BODY_BYTES + longest, DEFAULT_MAX_FILE_BYTES)

    def _longest(self, schema: str) -> int:
        """Return the sum of the lengths of all texts that a schema reaches."""
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
        """Return the sum of the lengths in a schema itself, and the schemas to which it refers."""
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
