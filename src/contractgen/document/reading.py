"""The text of one file, YAML or JSON, as values, with a line and column for every JSON Pointer."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any, TypeAlias, cast

import yaml

from contractgen.document.findings import ContractError, Finding
from contractgen.runtime.pointers import child

# Line and column, both from 1.
Place: TypeAlias = tuple[int, int]

# The core schema of YAML 1.2, which OpenAPI prescribes: `no`, `on` and `2026-11-23` are strings.
_SCALARS: list[tuple[re.Pattern[str], Any]] = [
    (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
]
MAX_BYTES = 64_000_000
_MAX_DEPTH = 200
# How many values aliases may add to those that are written out: more is a bomb.
_MAX_REPEATED = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """What stands in one file; equal to itself alone."""

    path: Path
    source: bytes
    value: Any
    positions: dict[str, Place]

    def finding(self, pointer: str, message: str, hint: str = "") -> Finding:
        """A finding at a JSON Pointer, or at the nearest parent that has a position."""
        known = pointer
        while known not in self.positions:
            known = known.rpartition("/")[0]
        return Finding(str(self.path), *self.positions[known], pointer, message, hint)


def source_of(path: Path) -> bytes:
    """The bytes of a regular file; ContractError for anything else, and for one that is too large."""
    try:
        about = path.stat()
        if not S_ISREG(about.st_mode):
            raise _unreadable(path, "cannot be read: it is not a file")
        if about.st_size > MAX_BYTES:
            raise _unreadable(path, f"is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except ValueError:
        raise _unreadable(path, "cannot be read: its name has a character that no name has") from None
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from None


def read(path: Path) -> File:
    """Read a file; ContractError with the place of a syntax error or of a member that stands twice."""
    source, shown = source_of(path), str(path)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ContractError([Finding(shown, line, 1, "", "is not UTF-8")]) from None
    try:
        builder = _built(text)
    except yaml.YAMLError as error:
        raise ContractError([_yaml_finding(shown, error, text)]) from None
    except _Fault as fault:
        raise ContractError([Finding(shown, *fault.place, fault.pointer, fault.message)]) from None
    return File(path, source, builder.value, builder.positions)


def value_of(text: str) -> Any:
    """What a text says; None when it can no longer be read."""
    try:
        return _built(text).value
    except (yaml.YAMLError, _Fault):
        return None


def _unreadable(path: Path, message: str) -> ContractError:
    return ContractError([Finding(str(path), 1, 1, "", message)])


class _Fault(Exception):
    def __init__(self, place: Place, pointer: str, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.pointer = pointer
        self.message = message


# Values --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read; `key` is the member whose value comes next."""

    value: Any
    pointer: str
    anchor: str | None
    key: str | None = None
    size: int = 1

    def next_pointer(self) -> str:
        return child(self.pointer, len(self.value) if isinstance(self.value, list) else str(self.key))

    @property
    def awaits_name(self) -> bool:
        return self.key is None and isinstance(self.value, dict)


@dataclass(slots=True)
class _Builder:
    """Values from a stream of parts: without recursion, so that depth is a matter of a bound."""

    value: Any = None
    positions: dict[str, Place] = field(default_factory=lambda: {"": (1, 1)})
    open: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    repeated: int = 0

    @property
    def awaits_name(self) -> bool:
        return bool(self.open) and self.open[-1].awaits_name

    def name(self, name: str, place: Place) -> None:
        """The member whose value comes next."""
        frame = self.open[-1]
        frame.key = name
        pointer = frame.next_pointer()
        if name in frame.value:
            raise _Fault(place, pointer, f"the member {name!r} stands twice")
        _check_text(name, place, pointer)
        self.positions[pointer] = place

    def scalar(self, value: Any, place: Place, anchor: str | None = None) -> None:
        """A value without parts."""
        pointer = self._locate(place)
        if isinstance(value, float) and not math.isfinite(value):
            raise _Fault(place, pointer, "the number is too large")
        if isinstance(value, str):
            _check_text(value, place, pointer)
        self._add(value, 1, anchor)

    def number(self, text: str, convert: Any, place: Place, anchor: str | None = None) -> None:
        """A number from its text."""
        try:
            value = convert(text)
        except ValueError:
            raise _Fault(place, self._locate(place), "the number has too many digits") from None
        self.scalar(value, place, anchor)

    def start(self, value: Any, place: Place, anchor: str | None = None) -> None:
        """A list or mapping begins, empty yet."""
        pointer = self._locate(place)
        if len(self.open) >= _MAX_DEPTH:
            raise _Fault(place, pointer, f"is nested deeper than {_MAX_DEPTH} levels")
        self.open.append(_Frame(value, pointer, anchor))

    def end(self) -> None:
        """The list or mapping that began last is complete."""
        frame = self.open.pop()
        self._add(frame.value, frame.size, frame.anchor)

    def alias(self, anchor: str, place: Place) -> None:
        """What stands at an anchor, once more."""
        pointer = self._locate(place)
        if anchor not in self.anchors:
            raise _Fault(place, pointer, f"the alias {anchor} stands for nothing, or for what is around it")
        value, size = self.anchors[anchor]
        self.repeated += size
        if self.repeated > _MAX_REPEATED:
            raise _Fault(place, pointer, f"aliases repeat more than {_MAX_REPEATED} values")
        self._add(value, size, None)

    def _locate(self, place: Place) -> str:
        """The pointer of the value that begins here."""
        frame = self.open[-1] if self.open else None
        if frame is not None and frame.awaits_name:
            raise _Fault(place, frame.pointer, "a member's name must be a string")
        pointer = frame.next_pointer() if frame else ""
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
        if isinstance(frame.value, list):
            frame.value.append(value)
        else:
            frame.value[frame.key] = value
            frame.key = None


def _check_text(text: str, place: Place, pointer: str) -> None:
    """Half of a surrogate pair, which an escape can write, is no text in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Fault(place, pointer, "the text has half of a surrogate pair") from None


def _built(text: str) -> _Builder:
    return _from_json(text) or _from_yaml(text)


# JSON ----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r'\n|[{}\[\]]|"(?:[^"\\]|\\.)*+"|-?[0-9][0-9.eE+-]*|true|false|null')
_WORDS = {"true": True, "false": False, "null": None}


def _from_json(text: str) -> _Builder | None:
    """What strict JSON says; None for any other text, which YAML may still be.

    JSON is not quite a part of YAML: it has surrogate pairs, and characters that YAML does not take.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    builder, line, begin = _Builder(), 1, 0
    for match in _TOKEN.finditer(text):
        if match[0] == "\n":
            line, begin = line + 1, match.end()
        else:
            _take_token(builder, match[0], (line, match.start() - begin + 1))
    return builder


def _take_token(builder: _Builder, token: str, place: Place) -> None:
    match token[0]:
        case "{":
            builder.start({}, place)
        case "[":
            builder.start([], place)
        case "}" | "]":
            builder.end()
        case '"':
            text = json.loads(token) if "\\" in token else token[1:-1]
            (builder.name if builder.awaits_name else builder.scalar)(text, place)
        case "t" | "f" | "n":
            builder.scalar(_WORDS[token], place)
        case _:
            builder.number(token, float if {".", "e", "E"} & set(token) else int, place)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which Python reads, are not JSON


# YAML ----------------------------------------------------------------------------------------------------


def _from_yaml(text: str) -> _Builder:
    builder, documents = _Builder(), 0
    for event in cast(Iterable[yaml.Event], yaml.parse(text, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Fault(_place(event), "", "a second document begins")
        _take_event(builder, event)
    return builder


def _take_event(builder: _Builder, event: yaml.Event) -> None:
    match event:
        case yaml.ScalarEvent() if builder.awaits_name:
            builder.name(event.value, _place(event))
        case yaml.ScalarEvent():
            _take_scalar(builder, event)
        case yaml.SequenceStartEvent():
            builder.start([], _place(event), event.anchor)
        case yaml.MappingStartEvent():
            builder.start({}, _place(event), event.anchor)
        case yaml.CollectionEndEvent():
            builder.end()
        case yaml.AliasEvent():
            builder.alias(str(event.anchor), _place(event))


def _take_scalar(builder: _Builder, event: yaml.ScalarEvent) -> None:
    for pattern, convert in _SCALARS if not event.style else ():
        if pattern.fullmatch(event.value):
            builder.number(event.value, convert, _place(event), event.anchor)
            return
    builder.scalar(event.value, _place(event), event.anchor)


def is_text(text: str) -> bool:
    """Whether a plain scalar of YAML is text."""
    return not any(pattern.fullmatch(text) for pattern, _ in _SCALARS)


def _place(event: yaml.Event) -> Place:
    mark = cast(yaml.Mark, event.start_mark)  # what comes from a text has one
    return mark.line + 1, mark.column + 1


def _yaml_finding(shown: str, error: yaml.YAMLError, text: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):  # what is no character of YAML, told by its offset alone
        line, column = _place_of_control(text)
        return Finding(shown, line, column, "", "has a control character, which YAML does not take")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Finding(shown, line, column, "", getattr(error, "problem", None) or "is not YAML")


def _place_of_control(text: str) -> Place:
    found = _CONTROL.search(text)
    offset = found.start() if found else 0
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
