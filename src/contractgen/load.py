"""Read an OpenAPI document and remember where each value stands."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from contractgen.findings import ContractError, Finding

# The core schema of YAML 1.2, which OpenAPI prescribes: `no`, `on` and `2026-11-23` are strings.
_SCALARS: list[tuple[re.Pattern[str], Any]] = [
    (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text, 0)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
]
_MAX_DEPTH = 200


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
        """The value at a JSON Pointer; KeyError when there is none."""
        value: Any = self.value
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) and name.isdecimal() else value[name]
        return value

    def resolve(self, pointer: str) -> tuple[Any, str]:
        """The value at a pointer after following `$ref`s, and the pointer where it really stands."""
        seen = set()
        value = self.at(pointer)
        while isinstance(value, dict) and "$ref" in value:
            reference = value["$ref"]
            if pointer in seen:
                raise ContractError(
                    [self.finding(pointer, f"the reference {reference} leads back to itself")]
                )
            seen.add(pointer)
            if not isinstance(reference, str) or not reference.startswith("#/"):
                hint = "only references within the document are known"
                raise ContractError(
                    [self.finding(pointer, f"cannot follow the reference {reference!r}", hint)]
                )
            try:
                value = self.at(reference[1:])
            except (KeyError, IndexError, TypeError):
                message = f"the reference {reference} leads nowhere"
                raise ContractError([self.finding(pointer, message)]) from None
            pointer = reference[1:]
        return value, pointer


def child(pointer: str, *names: str | int) -> str:
    """The JSON Pointer of a member below another."""
    return pointer + "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


def load(path: Path) -> Document:
    """Read a YAML or JSON file; raises ContractError with the line of a syntax error or a duplicate key."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ContractError([Finding(str(path), 1, 1, "", f"cannot be read: {error.strerror}")]) from None
    try:
        node = yaml.compose(source.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ContractError([Finding(str(path), line, 1, "", "is not UTF-8")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = getattr(error, "problem", None) or "is not YAML"
        raise ContractError([Finding(str(path), line, column, "", message)]) from None
    positions: dict[str, tuple[int, int]] = {"": (1, 1)}
    try:
        value = _construct(node, "", positions, 0) if node is not None else None
    except _Fault as fault:
        line, column = fault.mark
        raise ContractError([Finding(str(path), line, column, fault.pointer, fault.message)]) from None
    if not isinstance(value, dict) or "openapi" not in value:
        raise ContractError([Finding(str(path), 1, 1, "", "is not an OpenAPI document: no `openapi` member")])
    return Document(path, source, value, positions)


class _Fault(Exception):
    def __init__(self, node: yaml.Node, pointer: str, message: str) -> None:
        self.mark = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.pointer = pointer
        self.message = message


def _construct(node: yaml.Node, pointer: str, positions: dict[str, tuple[int, int]], depth: int) -> Any:
    positions.setdefault(pointer, (node.start_mark.line + 1, node.start_mark.column + 1))
    if depth > _MAX_DEPTH:
        raise _Fault(node, pointer, f"is nested deeper than {_MAX_DEPTH} levels")
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(n, child(pointer, i), positions, depth + 1) for i, n in enumerate(node.value)]
    return dict(_members(node, pointer, positions, depth))


def _members(
    node: yaml.Node, pointer: str, positions: dict[str, tuple[int, int]], depth: int
) -> Iterator[tuple[str, Any]]:
    seen = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Fault(key, pointer, "a member's name must be a string")
        name, below = key.value, child(pointer, key.value)
        if name in seen:
            raise _Fault(key, below, f"the member {name!r} stands twice")
        seen.add(name)
        positions[below] = (key.start_mark.line + 1, key.start_mark.column + 1)
        yield name, _construct(value, below, positions, depth + 1)


def _scalar(node: yaml.ScalarNode) -> Any:
    if not node.style:
        for pattern, convert in _SCALARS:
            if pattern.fullmatch(node.value):
                return convert(node.value)
    return node.value
