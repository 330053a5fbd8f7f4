"""Print what a command reports: lines for people, or with `--json` one object for machines.

Every object has `findings`, a list of {file, line, column, pointer, message, hint, edits, rule, severity};
those of `diff` are {level, file, line, column, pointer, message, on_wire}.
The other members are the command's own. With exit code 2, when nothing was done, there is also `error`.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from contractgen.commands.configuration import Contract
from contractgen.diff.changes import Change
from contractgen.document.findings import Finding
from contractgen.plan.skips import Skipped

_JSON_HELP = "print one JSON object instead of lines"


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, which every command has."""
    parser.add_argument("--json", action="store_true", help=_JSON_HELP)


def add_report_options(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    """Add `--json` or `--github`, for commands that judge a change; return the group for more of them."""
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help=_JSON_HELP)
    text = "print the annotations that GitHub Actions shows beside the lines of a pull request"
    output.add_argument("--github", action="store_true", help=text)
    return output


def as_json(findings: Iterable[Finding | Change] = (), **members: Any) -> str:
    """Return the object that a command prints for machines."""
    return json.dumps({**members, "findings": [asdict(finding) for finding in findings]}, indent=1)


def by_contract(
    options: argparse.Namespace, contracts: Sequence[Contract], reports: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return the members for a document, or `contracts`, a list of them, if tables of contracts are taken."""
    if options.spec or options.contract or not contracts[0].name:
        return reports[0]
    pairs = zip(contracts, reports, strict=True)
    named = [{"contract": each.name, **report} for each, report in pairs]
    return {"contracts": named}


def print_skipped(skipped: Iterable[Skipped]) -> None:
    """Print on standard error what is not generated, a line each."""
    for each in skipped:
        print(each, file=sys.stderr)
