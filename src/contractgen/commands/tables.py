"""Read `[tool.contractgen]` of a TOML file: checked values, and errors that name file and key."""

import os
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from keyword import iskeyword
from pathlib import Path
from typing import Any

from contractgen.document.findings import SettingError

FILE = "pyproject.toml"
NAME = "tool.contractgen"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as written; a value of the wrong type raises SettingError."""

    file: Path
    name: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def place(self) -> str:
        """The file and the header of the table, as an error begins."""
        return f"{self.file}: [{self.name}]"

    def fault(self, message: str) -> SettingError:
        return SettingError(f"{self.place} {message}")

    def check_keys(self, known: Collection[str]) -> None:
        """Raise SettingError for the first key that is not known."""
        for unknown in sorted(self.values.keys() - set(known)):
            near = get_close_matches(unknown, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise self.fault(f"no setting {unknown!r}; {hint}")

    def path(self, key: str) -> Path | None:
        """Return a path, which is written relative to the file."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"{key}: must be a path in quotes, relative to {self.file.name}")
        return shown(self.file.parent / value)

    def package(self, key: str) -> str | None:
        """Return the dotted name of a package."""
        value = self.values.get(key)
        if value is None:
            return None
        parts = value.split(".") if isinstance(value, str) else [""]
        if not all(part.isidentifier() and not iskeyword(part) for part in parts):
            raise self.fault(f'{key}: must be the dotted name of a package, such as "shop.handlers"')
        return str(value)

    def flag(self, key: str) -> bool:
        """Return true or false, by default false."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.fault(f"{key}: must be true or false")
        return value

    def operations(self, key: str) -> tuple[str, ...]:
        """Return a list of operations."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.fault(f"{key}: must be a list of operationIds, or of texts such as 'GET /path'")
        return tuple(value)

    def table(self, key: str) -> "Table":
        """Return a table in this one, empty if it is not written."""
        name = f"{self.name}.{key}"
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.fault(f"{key}: must be a table, written [{name}]")
        return Table(self.file, name, value)


def nearest(folder: Path) -> Table | None:
    """Return the table of the nearest pyproject.toml in a folder or above it that has one."""
    for each in (folder, *folder.parents):
        file = each / FILE
        table = table_in(shown(file)) if file.is_file() else None
        if table is not None:
            return table
    return None


def table_in(file: Path) -> Table | None:
    """Return the table of a file; SettingError for a file that cannot be read or parsed."""
    try:
        value = tomllib.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{file}: {error}") from None
    except OSError as error:
        raise SettingError(f"{file}: cannot be read: {error.strerror}") from None
    tool = value.get("tool")
    table = tool.get("contractgen") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise SettingError(f"{file}: contractgen: must be a table, written [{NAME}]")
    return Table(file, NAME, table)


def shown(path: Path) -> Path:
    """Return a path relative to the working directory if that is the shorter form."""
    return min(Path(os.path.relpath(path)), path, key=lambda each: len(str(each)))


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Begin the text of a SettingError with the table that holds the setting."""
    try:
        yield
    except SettingError as error:
        raise SettingError(f"{place} {error}" if place else str(error)) from None
