"""Bring two documents into their normal form, without the faults that both have.

Many documents in use have faults, and a fault that does not change is no change: what it concerns is left out
of both documents. A fault that only one of them has makes a comparison impossible.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from contractgen.document.findings import ContractError, Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.document.structure import check_version, schema_violations, violations
from contractgen.schema.compositions import endless_compositions
from contractgen.schema.inclusion.sources import spelled
from contractgen.schema.normal import normal_form
from contractgen_runtime.pointers import MISSING, find_at, tokens

# What is left out may be missing elsewhere: so often is looked again.
_MOST_ROUNDS = 10


def sound(old: Document, new: Document) -> tuple[Document, Document]:
    """Return the normal forms of two documents; ContractError for a fault that only one of them has."""
    for document in (old, new):
        check_version(document)
        if endless := endless_compositions(document):
            raise ContractError(sorted(endless))
    before, after = _Reading(old), _Reading(new)
    for _ in range(_MOST_ROUNDS):
        if not before.faults and not after.faults:
            return before.normal, after.normal
        if before.faults.keys() != after.faults.keys() or not (before.is_divisible and after.is_divisible):
            break
        before, after = _Reading(before.without_faults()), _Reading(after.without_faults())
    both = before.faults.keys() & after.faults.keys()
    faults = [*before.faults.items(), *after.faults.items()]
    raise ContractError(
        sorted({fault for key, fault in faults if key not in both}) or sorted({*before.faults.values()})
    )


class _Reading:
    """A document, its normal form, and its faults by message and value."""

    def __init__(self, document: Document) -> None:
        self.document = document
        found = violations(document)
        wrong = [each.finding for each in found if not each.is_harmless]
        self._harmless = [each for each in found if each.is_harmless]
        # Schemas are read once the document around them is sound.
        faults = wrong or list(self._invalid_schemas())
        self.faults = {self._key(each): each for each in faults}

    @cached_property
    def normal(self) -> Document:
        return normal_form(self.document, self._harmless)

    @property
    def is_divisible(self) -> bool:
        """Return whether the faults can be left out: each is in the only file, and none is the whole of it.

        The normal form has values of its own, such as the subschema that `nullable` makes.
        """
        return len(self.document.files) == 1 and all(
            each.pointer and find_at(self.document.value, each.pointer, MISSING) is not MISSING
            for each in self.faults.values()
        )

    def _invalid_schemas(self) -> Iterator[Finding]:
        """The faults of schemas, each looked for from the outermost schema."""
        outermost = ""
        for pointer in sorted(place for place, _ in objects_of(self.normal.value, "schema")):
            if not outermost or not pointer.startswith(outermost + "/"):
                outermost = pointer
                for each in schema_violations(self.normal, pointer):
                    if each.is_harmless:
                        each.undo(self.normal.at(pointer))
                    else:
                        yield each.finding

    def _key(self, fault: Finding) -> tuple[str, str]:
        one_file = len(self.document.files) == 1
        return fault.message, spelled(find_at(self.document.value, fault.pointer, None) if one_file else None)

    def without_faults(self) -> Document:
        """Return the document without the values that are wrong."""
        value: Any = json.loads(json.dumps(self.document.value))
        for pointer in sorted({each.pointer for each in self.faults.values()}, key=_order, reverse=True):
            *path, last = tokens(pointer)
            holder = value
            for name in path:
                holder = holder[int(name)] if isinstance(holder, list) else holder[name]
            del holder[int(last) if isinstance(holder, list) else last]
        return replace(self.document, value=value)


def _order(pointer: str) -> list[tuple[int, str]]:
    """Deeper and later places come after others, so that removing them moves none of these."""
    return [(int(name), "") if name.isdecimal() else (0, name) for name in tokens(pointer)]
