"""The changes between two contracts: each with its level, and the rules that decide on it."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from contractgen_runtime.pointers import pointer_of

if TYPE_CHECKING:
    from contractgen.document.load import Document

Level = Literal["breaking", "compatible", "patch"]
# How messages end, or say before they name an effect, that something is there which was not.
_ADDED = re.compile(r" (is new|added)\b")
LEVELS: tuple[Level, ...] = ("breaking", "compatible", "patch")


class Effect(Enum):
    """The effect of a change on the set of accepted values."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    UNSURE = "unsure"

    @staticmethod
    def of(*, narrowed: bool, widened: bool) -> "Effect":
        """Return the effect of a change that does one or both."""
        if narrowed and widened:
            return Effect.UNSURE
        return Effect.NARROWED if narrowed else Effect.WIDENED


class Way(Enum):
    """The direction of a value: what a client writes may only be widened, what it reads only narrowed."""

    REQUEST = "requests"
    RESPONSE = "responses"

    @property
    def other(self) -> "Way":
        return Way.RESPONSE if self is Way.REQUEST else Way.REQUEST

    def level(self, effect: Effect) -> Level:
        harmless = Effect.WIDENED if self is Way.REQUEST else Effect.NARROWED
        return "compatible" if effect is harmless else "breaking"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that a client or a reader would notice, and where it is written.

    A change that is not `on_wire` shows in no request and no response: a description, an operationId.
    """

    level: Level
    file: str
    line: int
    column: int
    pointer: str
    message: str
    on_wire: bool = True

    @property
    def is_addition(self) -> bool:
        """Return whether the change lets clients do more, or adds to responses what clients can ignore."""
        return self.level == "compatible" and _ADDED.search(self.message) is not None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: #{self.pointer}: {self.level}: {self.message}"


class Report:
    """The changes between two documents, each once."""

    def __init__(self, old: "Document", new: "Document") -> None:
        self.old = old
        self.new = new
        self.changes: dict[Change, None] = {}

    def add_at(self, level: Level, message: str, reference: str, *, on_wire: bool = True) -> None:
        """Add a change at a reference that names its document: `urn:old#/paths`."""
        pointer = pointer_of(reference)
        if reference.startswith("urn:old"):
            self.add(level, message, old=pointer, on_wire=on_wire)
        else:
            self.add(level, message, new=pointer, on_wire=on_wire)

    def add(
        self, level: Level, message: str, *, new: str | None = None, old: str = "", on_wire: bool = True
    ) -> None:
        """Add a change at a pointer of the new document, or of the old one for what is gone."""
        document, pointer = (self.old, old) if new is None else (self.new, new)
        at = document.finding(pointer, message)
        shows = on_wire and level != "patch"
        self.changes[Change(level, at.file, at.line, at.column, pointer, message, shows)] = None
