"""The command `new`: create a service from a document, or add handlers for its new operations."""

import argparse
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contractgen.commands.configuration import Contract
from contractgen.commands.output import add_json_option, as_json, print_skipped
from contractgen.commands.rendering import missing_handlers
from contractgen.commands.selection import add_contract_options, contracts_for
from contractgen.document.findings import SettingError
from contractgen.new.additions import TagHandlers, extended
from contractgen.new.handlers import Handlers
from contractgen.new.project import Created, create, names_of
from contractgen.new.wheels import provide_wheels
from contractgen.plan.security import SCHEMES
from contractgen.render.formatting import format_modules
from contractgen_runtime.pointers import child


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen new`."""
    parser.add_argument(
        "spec", type=Path, nargs="?", metavar="SPEC", help="an OpenAPI document, YAML or JSON"
    )
    text = "the folder of the service, new or empty"
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR", help=text)
    text = "append a marked handler for each operation that has none, in the service that is configured here"
    parser.add_argument("--add", action="store_true", help=text)
    text = "the name of the service's package (default: that of the folder)"
    parser.add_argument("--name", metavar="NAME", help=text)
    text = "with a PostgreSQL: unit of work, migrations, and tables drafted from the schemas"
    parser.add_argument("--database", choices=["postgres"], help=text)
    text = "take the wheels of contractgen and contractgen-runtime from this folder"
    parser.add_argument("--find-links", type=Path, metavar="FOLDER", help=text)
    add_contract_options(parser)
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Create a service, or extend the one that is configured; return 0."""
    if options.add:
        return _add(options)
    if options.spec is None or options.folder is None:
        raise SettingError("give SPEC and DIR, or --add in the folder of a service")
    folder: Path = options.folder
    names = names_of(folder, options.name)
    with tempfile.TemporaryDirectory(prefix="contractgen-wheels-") as wheels:
        provide_wheels(Path(wheels), options.find_links)  # first: without them nothing is written
        created = create(options.spec, folder, names, database=options.database is not None)
        (folder / "wheels").mkdir()
        for wheel in Path(wheels).iterdir():
            shutil.copy(wheel, folder / "wheels")
    if options.json:
        print(_as_json(folder, created))
    else:
        print_skipped(created.skipped)
        _print_assumed(folder, created)
        print(_next_steps(folder, created))
    return 0


def _as_json(folder: Path, created: Created) -> str:
    return as_json(
        folder=str(folder),
        service=created.names.service,
        operations=created.operations,
        skipped=[asdict(each) for each in created.skipped],
        assumed=created.assumed,
    )


def _print_assumed(folder: Path, created: Created) -> None:
    for name, scheme in created.assumed.items():
        carrier = f"a key in the header {name}" if scheme["type"] == "apiKey" else f"HTTP {scheme['scheme']}"
        message = f"the security scheme {name!r} is demanded and not declared; it is taken for {carrier}"
        print(f"{folder / created.spec}: {message}: correct #{child(SCHEMES, name)}", file=sys.stderr)


def _next_steps(folder: Path, created: Created) -> str:
    count = sum(each.kind == "operation" for each in created.skipped)
    left_out = f", {count} left out" if count else ""
    return f"""\
{folder}: a service of {created.operations} operations{left_out}, all of them mocked until they have a handler

  cd {folder}
  make run     # http://localhost:8000/docs
  make test"""


def _add(options: argparse.Namespace) -> int:
    if options.spec is not None:
        raise SettingError("--add takes no SPEC: it reads the configuration of the service")
    contracts = contracts_for(None, options)
    added = [each for contract in contracts for each in _extend(contract, quiet=options.json)]
    if options.json:
        print(as_json(added=added))
    return 0


def _extend(contract: Contract, *, quiet: bool) -> list[dict[str, Any]]:
    """Append the handlers that a service lacks, and return them by module."""
    handlers, differing = missing_handlers(contract)
    added = []
    for each in differing:
        is_new = not each.path.is_file()
        if each.missing:
            _write(each, handlers)
            added.append({"file": str(each.path), "handlers": list(each.missing)})
        if not quiet:
            _print(each, is_new=is_new)
    return added


def _write(each: TagHandlers, handlers: Handlers) -> None:
    text = extended(each, handlers)
    is_new = not each.path.is_file()
    each.path.parent.mkdir(parents=True, exist_ok=True)
    each.path.write_bytes(text.encode())  # with the line ends that it has
    if is_new:
        format_modules(each.path.parent, [each.path.name])


def _print(each: TagHandlers, *, is_new: bool) -> None:
    for name in each.missing:
        print(f"{each.path}: added {name}")
    for name in each.unknown:
        print(f"{each.path}: the contract has no operation for {name}; remove it")
    if is_new and each.missing:
        print(f"{each.path}: a new tag; pass its handlers to Api as {each.tag.module}")
