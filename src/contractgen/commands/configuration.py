"""Read `[tool.contractgen]`, the settings of a contract's owner, and the options that override them."""

import argparse
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contractgen.document.findings import SettingError
from contractgen.plan.skipping import Skip

_FILE = "pyproject.toml"
_SETTINGS = ("skip", "skip-unsupported", "vendor", "lint")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings for one document.

    `skip` selects operations, `vendor` copies the run-time into the package, `lint` is the table as written.
    """

    skip: Skip
    vendor: bool
    lint: dict[str, Any] = field(hash=False)


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Add `--config`."""
    text = f"read [tool.contractgen] of this TOML file, not of the {_FILE} nearest to the document"
    parser.add_argument("--config", type=Path, metavar="FILE", help=text)


def add_skip_options(parser: argparse.ArgumentParser) -> None:
    """Add `--skip-unsupported` and `--config`."""
    text = "leave out operations that cannot be generated, and report them; the others are generated"
    parser.add_argument("--skip-unsupported", action="store_true", help=text)
    add_config_option(parser)


def configuration_for(spec: Path, options: argparse.Namespace) -> Configuration:
    """Return the settings for a document; SettingError for one that has no meaning."""
    file: Path | None = options.config
    table = _table(file) if file else _nearest(spec)
    if file and table is None:
        raise SettingError(f"{file}: has no table [tool.contractgen]")
    table = table or {}
    for unknown in sorted(table.keys() - set(_SETTINGS)):
        raise SettingError(f"[tool.contractgen]: no setting {unknown!r}; there are {', '.join(_SETTINGS)}")
    skip, unsupported = table.get("skip", []), table.get("skip-unsupported", False)
    if not isinstance(skip, list) or not all(isinstance(each, str) for each in skip):
        raise SettingError("skip: must be a list of operationIds, or of texts such as 'GET /path'")
    vendor = table.get("vendor", False)
    for name, value in (("skip-unsupported", unsupported), ("vendor", vendor)):
        if not isinstance(value, bool):
            raise SettingError(f"{name}: must be true or false")
    lint = table.get("lint", {})
    if not isinstance(lint, dict):
        raise SettingError("lint: must be a table")
    unsupported = unsupported or getattr(options, "skip_unsupported", False)
    return Configuration(Skip(tuple(skip), unsupported), vendor or getattr(options, "vendor", False), lint)


def _nearest(spec: Path) -> dict[str, Any] | None:
    """The table of the nearest file above a document that has one."""
    for folder in spec.absolute().parents:
        file = folder / _FILE
        table = _table(file) if file.is_file() else None
        if table is not None:
            return table
    return None


def _table(file: Path) -> dict[str, Any] | None:
    try:
        value = tomllib.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{file}: {error}") from None
    tool = value.get("tool")
    table = tool.get("contractgen") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None
