"""The command `lint`: print what a contract lacks, a summary for each rule, and apply autofixes."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from contractgen.commands.configuration import Contract
from contractgen.commands.github import annotations_of_findings
from contractgen.commands.output import add_report_options, as_json
from contractgen.commands.selection import add_spec_argument, contracts_for, for_each
from contractgen.commands.tables import naming
from contractgen.document.edits import edited
from contractgen.document.findings import Finding, Severity
from contractgen.document.load import Document, load
from contractgen.document.references import REMOTE
from contractgen.lint.configuration import lint_configuration
from contractgen.lint.linter import RULES, lint
from contractgen.lint.planned import REJECTED

_SEVERITIES: Sequence[Severity] = get_args(Severity)
# How many findings of one rule are printed without --all.
_FEW = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen lint`."""
    add_spec_argument(parser)
    text = "list the rules: name, severity, why they exist and how to comply"
    parser.add_argument("--rules", action="store_true", help=text)
    text = f"print every finding, not only the first {_FEW} of each rule"
    parser.add_argument("--all", action="store_true", help=text)
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 for warnings too, not only for errors"
    )
    text = "repair in the files what has one obvious fix"
    parser.add_argument("--fix", action="store_true", help=text)
    add_report_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the findings, those that are left after `--fix`; return 1 if one of them fails the command."""
    if options.rules:
        return _list_rules(as_object=options.json)
    contracts = contracts_for(options.spec, options)
    linted = for_each(contracts, lambda contract: lint_contract(contract, with_fix=options.fix))
    findings = [each for found, _ in linted for each in found]
    if options.json:
        rules = [{"rule": name, "severity": s, "findings": n} for (s, name), n in _counts(findings).items()]
        edits = {"edits": sum(count for _, count in linted)} if options.fix else {}
        pairs = zip(contracts, linted, strict=True)
        documents = [{"file": str(each.spec), "findings": len(found)} for each, (found, _) in pairs]
        print(as_json(findings, documents=documents, rules=rules, **edits))
    else:
        for contract, (found, count) in zip(contracts, linted, strict=True):
            if options.github:
                print("".join(f"{line}\n" for line in annotations_of_findings(found)), end="")
            else:
                _print_findings(found, few=None if options.all else _FEW)
            _print_summary(contract.spec, found, count)
    failing = {"error", "warning"} if options.strict else {"error"}
    return 1 if failing & {finding.severity for finding in findings} else 0


def lint_contract(contract: Contract, *, with_fix: bool) -> tuple[list[Finding], int]:
    """Return the findings of a contract, after its autofixes those that are left, and the number of edits."""
    with naming(contract.lint.place):
        configuration = lint_configuration(contract.lint.values, RULES)
    document = load(contract.spec)
    findings = lint(document, configuration)
    edits = fix(document, findings) if with_fix else 0
    return (lint(load(contract.spec), configuration) if edits else findings), edits


def fix(document: Document, findings: Iterable[Finding]) -> int:
    """Edit the files as the findings say; return how many edits were possible.

    The files of other hosts stay as they are: their next fetch would revert an edit.
    """
    count = 0
    remote = document.path.parent / REMOTE
    for file in (each for each in document.files if not each.path.is_relative_to(remote)):
        own = [each for each in findings if each.file == str(file.path)]
        edits = {(edit.op, edit.path): edit for each in own for edit in each.edits}
        text, done = edited(file, edits.values())
        if done:
            file.path.write_bytes(text)
        count += done
    return count


def _list_rules(*, as_object: bool) -> int:
    if as_object:
        rules = [{"rule": each.name, "severity": each.severity, "why": each.why} for each in RULES.values()]
        print(as_json(rules=rules))
        return 0
    for rule in RULES.values():
        print(f"{rule.name} ({rule.severity})\n    {rule.why}")
    return 0


def _counts(findings: Iterable[Finding]) -> dict[tuple[Severity, str], int]:
    """The number of findings of each rule and severity: errors first, frequent rules first."""
    counts = Counter((finding.severity, finding.rule) for finding in findings)
    return dict(
        sorted(counts.items(), key=lambda each: (_SEVERITIES.index(each[0][0]), -each[1], each[0][1]))
    )


def _print_findings(findings: Sequence[Finding], few: int | None) -> None:
    """Print the findings rule by rule, with the first few of each."""
    for (severity, rule), count in _counts(findings).items():
        own = [each for each in findings if (each.severity, each.rule) == (severity, rule)]
        for each in own[:few]:
            print(f"{each.file}:{each.line}:{each.column}: {severity}: {each.text} [{rule}]")
        if few is not None and count > few:
            print(f"… {count - few:,} more of {rule}; --all shows them")


def _print_summary(spec: Path, findings: Sequence[Finding], edits: int) -> None:
    counts = _counts(findings)
    width = max((len(rule) for _, rule in counts), default=0)
    lines = [f"  {severity:7}  {rule:{width}}  {count:>7,}" for (severity, rule), count in counts.items()]
    if REJECTED & {finding.rule for finding in findings}:
        lines.append("  Other rules were not applied to what generate rejects.")
    fixed = f", {edits} edits made" if edits else ""
    print("\n".join([f"{spec}: {len(findings):,} findings{fixed}", *lines]), file=sys.stderr)
