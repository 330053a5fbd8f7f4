"""The command `diff`: print what clients would notice of a change, and judge its version."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contractgen.commands.github import annotations_of_changes, annotations_of_findings
from contractgen.commands.output import add_report_options, as_json
from contractgen.diff.changelog import changelog
from contractgen.diff.changes import LEVELS, Change
from contractgen.diff.compare import diff
from contractgen.diff.versions import Verdict, judge
from contractgen.document.findings import Finding
from contractgen.document.load import Document, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `contractgen diff`."""
    for name, text in (
        ("old", "the contract that clients know"),
        ("new", "the contract that they would get"),
    ):
        parser.add_argument(name, type=Path, metavar=name.upper(), help=f"{text}: OpenAPI 3.0 to 3.2")
    parser.add_argument(
        "--wire",
        action="store_true",
        help="leave out what no request or response shows: operationIds, descriptions, tags, deprecation",
    )
    parser.add_argument(
        "--versions",
        action="store_true",
        help="judge info.version instead: exit code 1 if it has not risen as far as the changes need",
    )
    output = add_report_options(parser)
    text = "text, or markdown: a section of a changelog, grouped by operation (exit code 0)"
    output.add_argument("--format", choices=("text", "markdown"), default="text", help=text)


def run(options: argparse.Namespace) -> int:
    """Print the changes; return 1 if one of them is breaking. Raise ContractError for invalid documents.

    With `--versions` the version decides instead of the changes. As JSON, `findings` has what clients can
    notice, `changes` has documentation (`patch`) too.
    """
    old, new = load(options.old), load(options.new)
    changes = diff(old, new, wire=options.wire)
    verdict = judge(old, new, changes) if options.versions else None
    if options.format == "markdown":
        print(changelog(old, new, changes), end="")
    elif options.json:
        print(_as_json(changes, verdict))
    else:
        _print(options, changes, new)
    if verdict is None:
        return int(options.format == "text" and any(change.level == "breaking" for change in changes))
    if verdict.finding is not None and not options.json:
        _print_verdict(options, verdict.finding)
    return int(verdict.finding is not None)


def _print(options: argparse.Namespace, changes: Sequence[Change], new: Document) -> None:
    files = [file.path for file in new.files]
    for line in annotations_of_changes(changes, options.new, files) if options.github else changes:
        print(line)
    counts = {level: sum(change.level == level for change in changes) for level in LEVELS}
    summary = ", ".join(f"{count} {level}" for level, count in counts.items())
    print(f"{options.old} -> {options.new}: {summary}")


def _print_verdict(options: argparse.Namespace, finding: Finding) -> None:
    """Print what is wrong with the version; not into a section of a changelog, which may be stored."""
    lines = annotations_of_findings([finding]) if options.github else [str(finding)]
    print("\n".join(lines), file=sys.stderr if options.format == "markdown" else sys.stdout)


def _as_json(changes: Sequence[Change], verdict: Verdict | None) -> str:
    findings = [change for change in changes if change.level != "patch"]
    members: dict[str, Any] = {"changes": [asdict(change) for change in changes]}
    if verdict is not None:
        members["version"] = {
            "old": verdict.old,
            "new": verdict.new,
            "needed": verdict.needed,
            "is_enough": verdict.finding is None,
        }
    return as_json(findings, **members)
