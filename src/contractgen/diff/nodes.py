"""Objects of two documents that belong together, and reports about their fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contractgen.diff.changes import Level, Report
from contractgen.document.load import Document
from contractgen.schema.inclusion.sources import spelled
from contractgen_runtime.pointers import child


@dataclass(frozen=True)
class Side:
    """An object of one document."""

    document: Document
    pointer: str

    @cached_property
    def value(self) -> dict[str, Any]:
        value: dict[str, Any] = self.document.at(self.pointer)
        return value

    def field(self, *names: str | int) -> "Side":
        """Return the object in a field, its references followed."""
        return Side(self.document, self.document.resolve(child(self.pointer, *names))[1])

    def fields(self, name: str) -> dict[str, "Side"]:
        """Return the objects of a field that maps names to them, without extensions."""
        named: Mapping[str, Any] = self.value.get(name) or {}
        return {str(each): self.field(name, each) for each in named if not str(each).startswith("x-")}

    def schema(self, name: str = "schema") -> str | None:
        """Return the pointer of the schema in a field, if there is one."""
        return child(self.pointer, name) if name in self.value else None


@dataclass(frozen=True, slots=True)
class Pair:
    """An object before and after."""

    report: Report
    old: Side
    new: Side

    @property
    def values(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.old.value, self.new.value

    def get(self, name: str, default: Any = None) -> tuple[Any, Any]:
        """Return the values of a field, before and after."""
        return self.old.value.get(name, default), self.new.value.get(name, default)

    def add(self, level: Level, message: str, field: str = "", *, on_wire: bool = True) -> None:
        """Report a change at a field: in the new document, or in the old one if the field is only there."""
        if not field:
            self.report.add(level, message, new=self.new.pointer, on_wire=on_wire)
        elif field in self.new.value or field not in self.old.value:
            place = child(self.new.pointer, field) if field in self.new.value else self.new.pointer
            self.report.add(level, message, new=place, on_wire=on_wire)
        else:
            self.report.add(level, message, old=child(self.old.pointer, field), on_wire=on_wire)

    def gone(self, message: str, side: Side, level: Level = "breaking", *, on_wire: bool = True) -> None:
        """Report an object of the old document that the new one does not have."""
        self.report.add(level, message, old=side.pointer, on_wire=on_wire)

    def added(self, message: str, side: Side, level: Level = "compatible", *, on_wire: bool = True) -> None:
        """Report an object of the new document that the old one does not have."""
        self.report.add(level, message, new=side.pointer, on_wire=on_wire)

    def of(self, old: Side, new: Side) -> "Pair":
        """Return another pair of the same documents."""
        return Pair(self.report, old, new)


def names_of(document: Document, section: str) -> Mapping[str, Any]:
    """Return the components of a section."""
    components: Mapping[str, Any] = document.value.get("components") or {}
    return components.get(section) or {}


def spelled_sorted(values: Any) -> list[str]:
    """Return the members of a list as texts whose order means nothing."""
    return sorted(spelled(value) for value in values or [])
