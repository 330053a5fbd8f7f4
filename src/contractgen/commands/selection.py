"""Select the contracts of a command: by SPEC, by --contract, or all that are configured."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from contractgen.commands.configuration import CONTRACTS, Contract, configured, unnamed
from contractgen.commands.tables import FILE, NAME, Table, nearest, table_in
from contractgen.document.findings import ContractError, Finding, SettingError
from contractgen.plan.skips import Skip

T = TypeVar("T")


def add_spec_argument(parser: argparse.ArgumentParser) -> None:
    """Add SPEC, and `--contract` and `--config` for what is configured."""
    text = f"an OpenAPI document, YAML or JSON (default: those of [{NAME}] in {FILE})"
    parser.add_argument("spec", type=Path, nargs="?", metavar="SPEC", help=text)
    add_contract_options(parser)


def add_contract_options(parser: argparse.ArgumentParser) -> None:
    """Add `--contract` and `--config`."""
    text = f"take the contract of the table [{NAME}.{CONTRACTS}.NAME] only"
    parser.add_argument("--contract", metavar="NAME", help=text)
    text = (
        f"read [{NAME}] of this TOML file, not of the {FILE} nearest to the document, "
        "or without SPEC to the working directory"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help=text)


def add_skip_option(parser: argparse.ArgumentParser) -> None:
    """Add `--skip-unsupported`."""
    text = "leave out operations that cannot be generated, and report them; the others are generated"
    parser.add_argument("--skip-unsupported", action="store_true", help=text)


def contracts_for(spec: Path | None, options: argparse.Namespace) -> list[Contract]:
    """Return the contract of a document, or without one those that are selected, with the options applied."""
    contracts = _selected(options) if spec is None else [_of_document(spec, options)]
    out: Path | None = getattr(options, "out", None)
    if out and len(contracts) > 1:
        raise SettingError(f"--out is the folder of one contract; {_choice(contracts)}")
    return [_with_options(each, out, options) for each in contracts]


def contract_for(spec: Path | None, options: argparse.Namespace) -> Contract:
    """Return the contract of a command that takes only one; SettingError if several are configured."""
    contracts = contracts_for(spec, options)
    if len(contracts) > 1:
        raise SettingError(f"there are several contracts; {_choice(contracts)}")
    return contracts[0]


def for_each(contracts: Iterable[Contract], act: Callable[[Contract], T]) -> list[T]:
    """Call a function with each contract; a ContractError is raised at the end, with the findings of all."""
    results: list[T] = []
    findings: list[Finding] = []
    for contract in contracts:
        try:
            results.append(act(contract))
        except ContractError as error:
            findings += error.findings
    if findings:
        raise ContractError(findings)
    return results


def _of_document(spec: Path, options: argparse.Namespace) -> Contract:
    if options.contract:
        raise SettingError("give either SPEC or --contract")
    root = _given(options.config) if options.config else nearest(spec.absolute().parent)
    if root is None:
        return Contract(spec)
    same = [each for each in configured(root) if each.spec.resolve() == spec.resolve()]
    if len(same) > 1:
        raise SettingError(f"{spec} is the document of several contracts; leave it out, and {_choice(same)}")
    return replace(same[0], spec=spec) if same else unnamed(root, spec)


def _selected(options: argparse.Namespace) -> list[Contract]:
    root = _given(options.config) if options.config else nearest(Path.cwd())
    if root is None:
        hint = f'give SPEC, or write spec = "openapi.yaml" into [{NAME}] of {FILE}'
        raise SettingError(f"no {FILE} in this folder or above it has a table [{NAME}]: {hint}")
    contracts = configured(root)
    if not contracts:
        raise root.fault('spec: is missing; give SPEC, or write spec = "openapi.yaml", relative to this file')
    selected = [each for each in contracts if options.contract in (None, each.name)]
    if not selected:
        names = ", ".join(each.name for each in contracts)
        hint = f"there are {names}" if names else f"it has no tables [{NAME}.{CONTRACTS}.NAME]"
        raise root.fault(f"no contract {options.contract!r}; {hint}")
    for each in selected:
        if not each.spec.is_file():
            raise SettingError(
                f"{each.place} spec: no file {each.spec}; write its path, relative to {each.file}"
            )
    return selected


def _given(config: Path) -> Table:
    table = table_in(config)
    if table is None:
        raise SettingError(f"{config}: has no table [{NAME}]")
    return table


def _choice(contracts: Sequence[Contract]) -> str:
    return f"select one by --contract: {', '.join(each.name for each in contracts)}"


def _with_options(contract: Contract, out: Path | None, options: argparse.Namespace) -> Contract:
    unsupported = contract.skip.unsupported or getattr(options, "skip_unsupported", False)
    return replace(
        contract,
        out=out or contract.out,
        skip=Skip(contract.skip.operations, unsupported),
        vendor=contract.vendor or getattr(options, "vendor", False),
    )
