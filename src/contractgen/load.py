"""Read an OpenAPI document and remember where each value stands."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import yaml

from contractgen.findings import ContractError, Finding

# The core schema of YAML 1.2, which OpenAPI prescribes: `no`, `on` and `2026-11-23` are strings.
_SCALARS: list[tuple[re.Pattern[str], Any]] = [
    (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
]
_MAX_DEPTH = 200
# How many values aliases may add to those that are written out: more is a bomb.
_MAX_REPEATED = 100_000


@dataclass(frozen=True)
class Document:
    """A parsed document: its values, its bytes, and a line and column for every JSON Pointer."""

    path: Path
    source: bytes
    value: dict[str, Any]
    positions: dict[str, tuple[int, int]]

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()

    @cached_property
    def json(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, indent=1) + "\n"

    def finding(self, pointer: str, message: str, hint: str = "") -> Finding:
        """A finding at a JSON Pointer, or at the nearest parent that has a position."""
        known = pointer
        while known not in self.positions:
            known = known.rpartition("/")[0]
        line, column = self.positions[known]
        return Finding(str(self.path), line, column, pointer, message, hint)

    def at(self, pointer: str) -> Any:
        """The value at a JSON Pointer; LookupError or TypeError when there is none."""
        value: Any = self.value
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) and name.isdecimal() else value[name]
        return value

    def resolve(self, pointer: str) -> tuple[Any, str]:
        """The value at a pointer after following `$ref`s, and the pointer where it really stands."""
        seen = {pointer}
        value = self.at(pointer)
        while isinstance(value, dict) and "$ref" in value:
            reference = value["$ref"]
            if not isinstance(reference, str) or not reference.startswith("#/"):
                hint = "only references within the document are known"
                raise ContractError(
                    [self.finding(pointer, f"cannot follow the reference {reference!r}", hint)]
                )
            target = pointer_of(reference)
            try:
                value = self.at(target)
            except (LookupError, TypeError):
                message = f"the reference {reference} leads nowhere"
                raise ContractError([self.finding(pointer, message)]) from None
            if target in seen:
                raise ContractError(
                    [self.finding(pointer, f"the reference {reference} leads back to itself")]
                )
            pointer = target
            seen.add(pointer)
        return value, pointer


def child(pointer: str, *names: str | int) -> str:
    """The JSON Pointer of a member below another."""
    return pointer + "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


def pointer_of(reference: str) -> str:
    """The JSON Pointer of a reference within a document, whose fragment is percent-encoded."""
    return unquote(reference.partition("#")[2])


def load(path: Path) -> Document:
    """Read a YAML or JSON file; raises ContractError with the line of a syntax error or a duplicate key."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ContractError([Finding(str(path), 1, 1, "", f"cannot be read: {error.strerror}")]) from None
    builder = _Builder()
    try:
        builder.take(yaml.parse(source.decode("utf-8-sig"), Loader=yaml.CSafeLoader))
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ContractError([Finding(str(path), line, 1, "", "is not UTF-8")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = getattr(error, "problem", None) or "is not YAML"
        raise ContractError([Finding(str(path), line, column, "", message)]) from None
    except _Fault as fault:
        raise ContractError([Finding(str(path), *fault.place, fault.pointer, fault.message)]) from None
    if not isinstance(builder.value, dict) or "openapi" not in builder.value:
        raise ContractError([Finding(str(path), 1, 1, "", "is not an OpenAPI document: no `openapi` member")])
    return Document(path, source, builder.value, builder.positions)


class _Fault(Exception):
    def __init__(self, event: yaml.Event, pointer: str, message: str) -> None:
        self.place = _place(event)
        self.pointer = pointer
        self.message = message


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


@dataclass(slots=True)
class _Builder:
    """Values from a stream of events: without recursion, so that depth is a matter of a bound."""

    value: Any = None
    positions: dict[str, tuple[int, int]] = field(default_factory=lambda: {"": (1, 1)})
    open: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    repeated: int = 0
    documents: int = 0

    def take(self, events: Iterable[yaml.Event]) -> None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event, [] if isinstance(event, yaml.SequenceStartEvent) else {})
            elif isinstance(event, yaml.CollectionEndEvent):
                frame = self.open.pop()
                self._add(frame.value, frame.size, frame.anchor)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise _Fault(event, "", "a second document begins")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self.open[-1] if self.open else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._name(event, frame)
            return
        pointer = self._locate(event)
        try:
            self._add(_scalar_value(event), 1, event.anchor)
        except ValueError:
            raise _Fault(event, pointer, "the number has too many digits") from None

    def _name(self, event: yaml.ScalarEvent, frame: _Frame) -> None:
        frame.key = event.value
        pointer = frame.next_pointer()
        if event.value in frame.value:
            raise _Fault(event, pointer, f"the member {event.value!r} stands twice")
        self.positions[pointer] = _place(event)

    def _start(self, event: yaml.CollectionStartEvent, value: Any) -> None:
        pointer = self._locate(event)
        if len(self.open) >= _MAX_DEPTH:
            raise _Fault(event, pointer, f"is nested deeper than {_MAX_DEPTH} levels")
        self.open.append(_Frame(value, pointer, event.anchor))

    def _alias(self, event: yaml.AliasEvent) -> None:
        pointer = self._locate(event)
        if event.anchor not in self.anchors:
            raise _Fault(
                event, pointer, f"the alias {event.anchor} stands for nothing, or for what is around it"
            )
        value, size = self.anchors[event.anchor]
        self.repeated += size
        if self.repeated > _MAX_REPEATED:
            raise _Fault(event, pointer, f"aliases repeat more than {_MAX_REPEATED} values")
        self._add(value, size, None)

    def _locate(self, event: yaml.Event) -> str:
        """The pointer of the value that begins here."""
        frame = self.open[-1] if self.open else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            raise _Fault(event, frame.pointer, "a member's name must be a string")
        pointer = frame.next_pointer() if frame else ""
        self.positions.setdefault(pointer, _place(event))
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


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = cast(yaml.Mark, event.start_mark)  # what comes from a text has one
    return mark.line + 1, mark.column + 1


def _scalar_value(event: yaml.ScalarEvent) -> Any:
    if not event.style:
        for pattern, convert in _SCALARS:
            if pattern.fullmatch(event.value):
                return convert(event.value)
    return event.value
