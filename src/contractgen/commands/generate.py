"""The command `generate`: bring packages up to date; only files that differ are written."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from contractgen.commands.configuration import Contract
from contractgen.commands.extras import require_extra
from contractgen.commands.output import add_json_option, as_json, by_contract, print_skipped
from contractgen.commands.selection import add_skip_option, add_spec_argument, contracts_for, for_each
from contractgen.commands.writing import Written, located, write_package
from contractgen.document.findings import SettingError

if TYPE_CHECKING:
    from contractgen.plan.contract import Contract as Plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen generate`."""
    add_package_arguments(parser)
    text = "write again whenever a file of a document is saved, and print what changed in the API"
    parser.add_argument("--watch", action="store_true", help=text)
    add_json_option(parser)


def add_package_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is generated, which `contractgen check` shares."""
    add_spec_argument(parser)
    text = "the package's folder; its name is the package's name (default: `out` of the configuration)"
    parser.add_argument("--out", type=Path, metavar="DIR", help=text)
    text = "copy what the package needs of contractgen-runtime into it, so that it runs without"
    parser.add_argument("--vendor", action="store_true", help=text)
    add_skip_option(parser)


def run(options: argparse.Namespace) -> int:
    """Bring the packages up to date; return 0, or raise OutError."""
    if options.watch:
        return _watch(options)
    contracts = contracts_for(options.spec, options)
    written = for_each(contracts, write_package if options.json else _generate_and_print)
    if options.json:
        print(as_json(**by_contract(options, contracts, [each.as_json() for each in written])))
    return 0


def _watch(options: argparse.Namespace) -> int:
    if options.json:
        raise SettingError("--watch prints lines, and --json one object: leave out one of them")
    require_extra("watch", "generate --watch")
    code: int = import_module("contractgen.commands.watch").watch_contracts(
        contracts_for(options.spec, options)
    )
    return code


def _generate_and_print(contract: Contract) -> Written:
    written = write_package(contract)
    print_written(written)
    return written


def print_written(written: Written) -> None:
    """Print what was done to a package; warnings and skipped operations on standard error."""
    out, package = written.contract.folder, written.package
    skipped = package.skipped if package else ()
    for warning in package.warnings if package else ():
        print(f"warning: {warning}", file=sys.stderr)
    print_skipped(skipped)
    for name, verb in written.changes.items():
        print(f"{verb} {located(out, name)}")
    more = f", {len(skipped)} skipped" if skipped else ""
    print(f"{out}: {written.count} files, {len(written.changes)} changed{more}")
    if package is not None and written.contract.handlers is not None:
        _print_missing_handlers(written.contract, package.plan)


def _print_missing_handlers(contract: Contract, plan: "Plan") -> None:
    """Print the operations that have no handler, with their signatures, and handlers without an operation."""
    from contractgen.commands.rendering import missing_handlers  # noqa: PLC0415 - as in write_package

    handlers, differing = missing_handlers(contract, plan)
    for each in differing:
        for name in each.missing:
            print(
                f"{each.path}: no handler {name}; `contractgen new --add` appends it, marked as unimplemented"
            )
            print(f"  {handlers.signature(each.tag, name)}")
        for name in each.unknown:
            print(f"{each.path}: the contract has no operation for {name}")
