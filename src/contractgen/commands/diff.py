"""The command `diff`: print what clients would notice of a change."""

import argparse
from dataclasses import asdict
from pathlib import Path

from contractgen.commands.github import annotations_of_changes
from contractgen.commands.output import add_report_options, as_json
from contractgen.diff.changes import LEVELS
from contractgen.diff.compare import diff
from contractgen.document.load import load


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
    add_report_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the changes; return 1 if one of them is breaking. Raise ContractError for invalid documents.

    As JSON, `findings` has what clients can notice, `changes` has documentation (`patch`) too.
    """
    new = load(options.new)
    changes = diff(load(options.old), new, wire=options.wire)
    counts = {level: sum(change.level == level for change in changes) for level in LEVELS}
    if options.json:
        findings = [change for change in changes if change.level != "patch"]
        print(as_json(findings, changes=[asdict(change) for change in changes]))
    else:
        files = [file.path for file in new.files]
        for line in annotations_of_changes(changes, options.new, files) if options.github else changes:
            print(line)
        summary = ", ".join(f"{count} {level}" for level, count in counts.items())
        print(f"{options.old} -> {options.new}: {summary}")
    return 1 if counts["breaking"] else 0
