"""Read an OpenAPI document, of one file or of several, and remember where each value stands."""

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
from contractgen.document.yaml_text import yaml_of
from contractgen.runtime.pointers import MISSING, find_at, pointer_of, value_at

# How many references may lead to each other in a row.
_MOST_STEPS = 100


@dataclass(frozen=True)
class Document:
    """A parsed document: its values, its files, and where its parts come from by their place in it."""

    path: Path
    value: dict[str, Any]
    files: tuple[File, ...]
    origins: dict[str, Spot]

    @cached_property
    def source(self) -> bytes:
        """The document as YAML or JSON: one file as it is, several as the one that they make."""
        return self.files[0].source if len(self.files) == 1 else yaml_of(self.value)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()

    @cached_property
    def json(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, indent=1) + "\n"

    def origin(self, pointer: str) -> Spot:
        """The file that a JSON Pointer leads to, and the pointer there."""
        known = pointer
        while known not in self.origins:
            known = known.rpartition("/")[0]
        origin = self.origins[known]
        return Spot(origin.file, origin.pointer + pointer[len(known) :])

    def finding(
        self, pointer: str, message: str, hint: str = "", edits: Sequence[Edit] = (), rule: str = ""
    ) -> Finding:
        """Return a finding at a JSON Pointer: in the file where that stands, at its pointer there."""
        origin = self.origin(pointer)
        spots = [self.origin(edit.path) for edit in edits]
        if any(spot.file is not origin.file for spot in spots):
            spots = []  # what stands in two files has no one place
        there = tuple(replace(e, path=spot.pointer) for e, spot in zip(edits, spots, strict=False))
        return replace(origin.file.finding(origin.pointer, message, hint), edits=there, rule=rule)

    def at(self, pointer: str) -> Any:
        """The value at a JSON Pointer; LookupError or TypeError when there is none."""
        return value_at(self.value, pointer)

    def steps(self, pointer: str) -> Iterator[str]:
        """The pointers that the references at one lead to, as far as they are followed."""
        for _ in range(_MOST_STEPS):
            node = find_at(self.value, pointer)
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                return
            pointer = pointer_of(reference)
            yield pointer

    def resolve(self, pointer: str) -> tuple[Any, str]:
        """The value at a pointer after following `$ref`s, and the pointer where it really stands."""
        seen = {pointer}
        value = self.at(pointer)
        while isinstance(value, dict) and "$ref" in value:
            reference = value["$ref"]
            if not isinstance(reference, str) or not reference.startswith("#/"):
                hint = "references stand where OpenAPI has them, and lead to objects of OpenAPI"
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
                message = f"the reference {reference} leads on over more than {_MOST_STEPS} others"
                raise ContractError([self.finding(pointer, message)])
            pointer = target
            seen.add(pointer)
        return value, pointer


@contextmanager
def bounded(document: Document) -> Iterator[None]:
    """What is done with a document ends in a ContractError where its schemas lead too deep."""
    try:
        yield
    except RecursionError:
        message = "schemas refer to each other in a chain that is too long"
        raise ContractError([document.finding("/components/schemas", message)]) from None


def load(path: Path) -> Document:
    """Read a document and the files that it refers to; ContractError, located, for what cannot be read."""
    root = read(path)
    if not isinstance(root.value, dict) or "openapi" not in root.value:
        message, hint = "is not an OpenAPI document: it has no field `openapi`", ""
        if isinstance(root.value, dict) and "swagger" in root.value:
            message, hint = "is not an OpenAPI 3 document but one of Swagger 2.0", "convert it first"
        raise ContractError([root.finding("", message, hint)])
    joined = bundle(root)
    return Document(path, joined.value, joined.files, joined.origins)
