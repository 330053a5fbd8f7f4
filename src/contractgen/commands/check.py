"""The command `check`: compare packages with their documents, and write nothing."""

import argparse
import sys
from dataclasses import asdict, dataclass
from typing import Any

from contractgen.commands.configuration import Contract
from contractgen.commands.generate import add_package_arguments
from contractgen.commands.github import annotation
from contractgen.commands.output import add_report_options, as_json, by_contract, print_skipped
from contractgen.commands.selection import contracts_for, for_each
from contractgen.commands.tables import naming
from contractgen.commands.writing import example_changes, is_unchanged, listed, located
from contractgen.plan.skips import Skipped
from contractgen.render.folder import differences


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen check`."""
    add_package_arguments(parser)
    add_report_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print how the packages differ from what their documents give; return 1 if one does."""
    contracts = contracts_for(options.spec, options)
    drifts = for_each(contracts, compare)
    if options.json:
        print(as_json(**by_contract(options, contracts, [each.as_json() for each in drifts])))
    else:
        for each in drifts:
            _print(each, options)
    return 1 if any(each.changes for each in drifts) else 0


@dataclass(frozen=True, slots=True)
class Drift:
    """The differences between a package and a fresh generation: `missing`, `changed` or `extra` by path."""

    contract: Contract
    changes: dict[str, str]
    skipped: tuple[Skipped, ...] = ()

    def as_json(self) -> dict[str, Any]:
        out = self.contract.folder
        skipped = [asdict(each) for each in self.skipped]
        spec = str(self.contract.spec)
        return {"spec": spec, "out": str(out), "changes": listed(out, self.changes), "skipped": skipped}


def compare(contract: Contract) -> Drift:
    """Compare the package of a contract with a fresh generation."""
    out = contract.folder
    if is_unchanged(contract):
        return Drift(contract, {})
    from contractgen.commands.rendering import render_document  # noqa: PLC0415 - as in write_package

    with naming(contract.place):
        package = render_document(contract)
    changes = differences(package.files, out) | example_changes(contract, package)
    return Drift(contract, changes, package.skipped)


def _print(drift: Drift, options: argparse.Namespace) -> None:
    spec, out = drift.contract.spec, drift.contract.folder
    print_skipped(drift.skipped)
    for name, change in drift.changes.items():
        print(f"{located(out, name)}: {change}", file=sys.stderr)
    if drift.changes:
        command = " ".join(["contractgen generate", *_arguments(drift.contract, options)])
        message = f"{out} differs from what {spec} gives; run: {command}"
        print(message, file=sys.stderr)
        if options.github:
            print(annotation("error", "drift", message, spec, None))


def _arguments(contract: Contract, options: argparse.Namespace) -> list[str]:
    """The arguments of `contractgen generate` that write this package."""
    config = ["--config", str(options.config)] if options.config else []
    if options.spec or options.out:
        return [str(contract.spec), "--out", str(contract.folder), *config]
    return [*(["--contract", contract.name] if contract.name else []), *config]
