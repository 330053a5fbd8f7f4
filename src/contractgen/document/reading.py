"""Read one file, YAML or JSON, to a value with a line and column for every JSON Pointer."""

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any

import yaml

from contractgen.document.findings import ContractError, Finding
from contractgen.document.json_reading import read_json
from contractgen.document.values import Builder, Fault, Place
from contractgen.document.yaml_reading import control_character, read_yaml

MAX_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """The content of one file; compared by identity."""

    path: Path
    source: bytes
    value: Any
    positions: dict[str, Place]

    def finding(self, pointer: str, message: str, hint: str = "") -> Finding:
        """Return a finding at a JSON Pointer, or at its nearest ancestor with a position."""
        known = pointer
        while known not in self.positions:
            known = known.rpartition("/")[0]
        return Finding(str(self.path), *self.positions[known], pointer, message, hint)


def source_of(path: Path) -> bytes:
    """Return the bytes of a regular file; raise ContractError for another or a too large one."""
    try:
        about = path.stat()
    except ValueError:  # a null character, which no system call accepts
        raise _unreadable(path, "cannot be read: its name has a null character") from None
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from None
    try:
        if not S_ISREG(about.st_mode):
            raise _unreadable(path, "cannot be read: it is not a regular file")
        if about.st_size > MAX_BYTES:
            raise _unreadable(path, f"is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from None


def read(path: Path) -> File:
    """Read a file; raise ContractError with the position of a syntax error or of a duplicate key."""
    return parse(path, source_of(path))


def parse(path: Path, source: bytes) -> File:
    """Parse the content of a file, as `read` does."""
    shown = str(path)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ContractError([Finding(shown, line, 1, "", "is not UTF-8")]) from None
    try:
        builder = _built(text)
    except yaml.YAMLError as error:
        raise ContractError([_yaml_finding(shown, error, text)]) from None
    except Fault as fault:
        raise ContractError([Finding(shown, *fault.place, fault.pointer, fault.message)]) from None
    return File(path, source, builder.value, builder.positions)


def value_of(text: str) -> Any:
    """Return the value of a text, None if it cannot be read."""
    try:
        return _built(text).value
    except (yaml.YAMLError, Fault):
        return None


def _built(text: str) -> Builder:
    return read_json(text) or read_yaml(text)


def _unreadable(path: Path, message: str) -> ContractError:
    return ContractError([Finding(str(path), 1, 1, "", message)])


def _yaml_finding(shown: str, error: yaml.YAMLError, text: str) -> Finding:
    if isinstance(error, yaml.reader.ReaderError):  # it has an offset but no line
        line, column = control_character(text)
        return Finding(shown, line, column, "", "has a control character, which YAML does not permit")
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Finding(shown, line, column, "", getattr(error, "problem", None) or "is not YAML")
