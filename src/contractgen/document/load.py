"""Read an OpenAPI document of one or several files, with a source position for each value."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from contractgen.document.bundle import Spot, bundle
from contractgen.document.findings import ContractError, Edit, Finding
from contractgen.document.reading import File, read
from contractgen.document.references import Fetch
from contractgen.document.yaml_text import yaml_of
from contractgen_runtime.pointers import MISSING, find_at, pointer_of, value_at

# The most references in a chain.
_MOST_STEPS = 100


@dataclass(frozen=True)
class Document:
    """A parsed document: its value, its files, and the origins of its parts by JSON Pointer."""

    path: Path
    value: dict[str, Any]
    files: tuple[File, ...]
    origins: dict[str, Spot]

    @cached_property
    def source(self) -> bytes:
        """The text of the document: one file unchanged, several files joined as YAML."""
        return self.files[0].source if len(self.files) == 1 else yaml_of(self.value)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()

    @cached_property
    def json(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, indent=1) + "\n"

    def origin(self, pointer: str) -> Spot:
        """Return the file that holds the value at a JSON Pointer, and its pointer in that file."""
        known = pointer
        while known not in self.origins:
            known = known.rpartition("/")[0]
        origin = self.origins[known]
        return Spot(origin.file, origin.pointer + pointer[len(known) :])

    def finding(
        self, pointer: str, message: str, hint: str = "", edits: Sequence[Edit] = (), rule: str = ""
    ) -> Finding:
        """Return a finding at a JSON Pointer, located in the file that holds the value."""
        origin = self.origin(pointer)
        spots = [self.origin(edit.path) for edit in edits]
        if any(spot.file is not origin.file for spot in spots):
            spots = []  # edits of two files have no common base
        there = tuple(replace(e, path=spot.pointer) for e, spot in zip(edits, spots, strict=False))
        return replace(origin.file.finding(origin.pointer, message, hint), edits=there, rule=rule)

    def at(self, pointer: str) -> Any:
        """Return the value at a JSON Pointer; raise LookupError if there is none."""
        return value_at(self.value, pointer)

    def steps(self, pointer: str) -> Iterator[str]:
        """Yield the pointers of a chain of references, up to the longest permitted chain."""
        for _ in range(_MOST_STEPS):
            node = find_at(self.value, pointer)
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                return
            pointer = pointer_of(reference)
            yield pointer

    def resolve(self, pointer: str) -> tuple[Any, str]:
        """Follow the references at a pointer; return the value and its own pointer."""
        seen = {pointer}
        value = self.at(pointer)
        while isinstance(value, dict) and "$ref" in value:
            reference = value["$ref"]
            if not isinstance(reference, str) or not reference.startswith("#/"):
                hint = "refer to an object of OpenAPI, such as #/components/schemas/Name"
                raise ContractError(
                    [self.finding(pointer, f"cannot follow the reference {reference!r}", hint)]
                )
            target = pointer_of(reference)
            value = find_at(self.value, target, MISSING)
            if value is MISSING:
                message = f"the reference {reference} leads nowhere"
                raise ContractError([self.finding(pointer, message)])
            if target in seen:
                raise ContractError(
                    [self.finding(pointer, f"the reference {reference} leads back to itself")]
                )
            if len(seen) > _MOST_STEPS:
                message = (
                    f"the reference {reference} leads over a chain of more than {_MOST_STEPS} references"
                )
                raise ContractError([self.finding(pointer, message)])
            pointer = target
            seen.add(pointer)
        return value, pointer


@contextmanager
def bounded(document: Document) -> Iterator[None]:
    """Turn a RecursionError into a ContractError: the schemas of the document are nested too deep."""
    try:
        yield
    except RecursionError:
        message = "schemas refer to each other in a chain that is too long"
        raise ContractError([document.finding("/components/schemas", message)]) from None


def load(path: Path, fetch: Fetch | None = None) -> Document:
    """Read a document and the files that it refers to; raise ContractError for what cannot be read.

    Nothing is fetched from other hosts, unless `fetch` does it.
    """
    root = read(path)
    if not isinstance(root.value, dict) or "openapi" not in root.value:
        message, hint = "is not an OpenAPI document: it has no field `openapi`", ""
        if isinstance(root.value, dict) and "swagger" in root.value:
            message, hint = "is a document of Swagger 2.0, not of OpenAPI 3", "convert it first"
        raise ContractError([root.finding("", message, hint)])
    joined = bundle(root, fetch)
    return Document(path, joined.value, joined.files, joined.origins)
