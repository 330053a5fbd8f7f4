"""Build values from a stream of scalars, starts and ends, with a source position for each."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contractgen_runtime.pointers import child

# Line and column, both from 1.
Place: TypeAlias = tuple[int, int]

_MAX_DEPTH = 200
# The most values that aliases may repeat: more is an expansion attack.
_MAX_REPEATED = 1_000_000


class Fault(Exception):
    """Raised for a text that cannot be read, with the source position."""

    def __init__(self, place: Place, pointer: str, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.pointer = pointer
        self.message = message


@dataclass(slots=True)
class _Merged:
    """The mappings that a merge key adds to the one in which it stands."""

    place: Place
    mappings: list[dict[str, Any]] | None = None


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read; `key` is the key whose value comes next."""

    value: Any
    pointer: str
    anchor: str | None
    key: str | None = None
    size: int = 1
    merged: _Merged | None = None

    def next_pointer(self) -> str:
        return child(self.pointer, len(self.value) if isinstance(self.value, list) else str(self.key))

    @property
    def awaits_key(self) -> bool:
        return self.key is None and isinstance(self.value, dict) and not self.awaits_merged

    @property
    def awaits_merged(self) -> bool:
        return self.merged is not None and self.merged.mappings is None


@dataclass(slots=True)
class Builder:
    """Builds one value without recursion, so that a bound and not the stack limits its depth."""

    value: Any = None
    positions: dict[str, Place] = field(default_factory=lambda: {"": (1, 1)})
    open: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    repeated: int = 0

    @property
    def awaits_key(self) -> bool:
        return bool(self.open) and self.open[-1].awaits_key

    @property
    def pointer(self) -> str:
        """The pointer of the list or mapping that is being read."""
        return self.open[-1].pointer if self.open else ""

    def key(self, key: str, place: Place, anchor: str | None = None) -> None:
        """Take the key whose value comes next."""
        frame = self.open[-1]
        frame.key = key
        pointer = frame.next_pointer()
        if key in frame.value:
            raise Fault(place, pointer, f"duplicate key {key!r}")
        _check_text(key, place, pointer)
        self.positions[pointer] = place
        if anchor is not None:
            self.anchors[anchor] = key, 1

    def merge_key(self, place: Place) -> None:
        """Take a merge key: the mappings that come next are added to the one in which it stands."""
        frame = self.open[-1]
        if frame.merged is not None:
            raise Fault(place, child(frame.pointer, "<<"), "duplicate merge key: give one a list of aliases")
        frame.merged = _Merged(place)

    def scalar(self, value: Any, place: Place, anchor: str | None = None) -> None:
        """Take a string, number, boolean or null."""
        pointer = self._locate(place)
        if isinstance(value, float) and not math.isfinite(value):
            raise Fault(place, pointer, "the number is too large for JSON")
        if isinstance(value, str):
            _check_text(value, place, pointer)
        self._add(value, 1, anchor)

    def number(
        self, text: str, convert: Callable[[str], Any], place: Place, anchor: str | None = None
    ) -> None:
        """Take a number by its text."""
        try:
            value = convert(text)
        except ValueError:  # Python converts at most 4,300 digits
            raise Fault(place, self._locate(place), "the number has too many digits") from None
        self.scalar(value, place, anchor)

    def start(self, value: Any, place: Place, anchor: str | None = None) -> None:
        """Begin a list or mapping, which is empty yet."""
        pointer = self._locate(place)
        if len(self.open) >= _MAX_DEPTH:
            raise Fault(place, pointer, f"is nested deeper than {_MAX_DEPTH} levels")
        self.open.append(_Frame(value, pointer, anchor))

    def end(self) -> None:
        """End the list or mapping that began last."""
        frame = self.open.pop()
        if frame.merged is not None:
            frame.value = self._with_merged(frame, frame.merged)
        self._add(frame.value, frame.size, frame.anchor)

    def alias(self, anchor: str, place: Place) -> None:
        """Take the value of an anchor once more."""
        if anchor in self.anchors and self.awaits_key and isinstance(self.anchors[anchor][0], str):
            self.key(self.anchors[anchor][0], place)
            return
        pointer = self._locate(place)
        if anchor not in self.anchors:
            raise Fault(
                place, pointer, f"the alias {anchor} has no anchor before it, or one that contains it"
            )
        value, size = self.anchors[anchor]
        self.repeated += size
        if self.repeated > _MAX_REPEATED:
            raise Fault(place, pointer, f"aliases repeat more than {_MAX_REPEATED} values")
        self._add(value, size, None)

    def _locate(self, place: Place) -> str:
        """Return the pointer of the value that begins here, and note its position."""
        frame = self.open[-1] if self.open else None
        if frame is None:
            pointer = ""
        elif frame.awaits_merged:
            pointer = child(frame.pointer, "<<")
        elif frame.awaits_key:
            raise Fault(place, frame.pointer, "a key must be a string")
        else:
            pointer = frame.next_pointer()
        self.positions.setdefault(pointer, place)
        return pointer

    def _add(self, value: Any, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = value, size
        if not self.open:
            self.value = value
            return
        frame = self.open[-1]
        frame.size += size
        if frame.merged is not None and frame.awaits_merged:
            frame.merged.mappings = _mappings(value, frame)
        elif isinstance(frame.value, list):
            frame.value.append(value)
        else:
            frame.value[frame.key] = value
            frame.key = None

    def _with_merged(self, frame: _Frame, merged: _Merged) -> dict[str, Any]:
        """Return the mapping with the merged keys: own keys come first, then those of earlier mappings."""
        added: dict[str, Any] = {}
        for mapping in merged.mappings or ():
            for name, value in mapping.items():
                added.setdefault(name, value)
                self.positions.setdefault(child(frame.pointer, name), merged.place)
        own: dict[str, Any] = frame.value
        return added | own


def _mappings(value: Any, frame: _Frame) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in found):
        place = frame.merged.place if frame.merged else (1, 1)
        raise Fault(place, child(frame.pointer, "<<"), "a merge key takes a mapping or a list of mappings")
    return found


def _check_text(text: str, place: Place, pointer: str) -> None:
    """Raise a Fault for half of a surrogate pair, which an escape can write but UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Fault(place, pointer, "the text has half of a surrogate pair") from None
