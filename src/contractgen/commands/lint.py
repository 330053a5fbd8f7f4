"""The command `lint`: print what a contract lacks, and mend what has one obvious fix."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from contractgen.commands.output import add_json_option, as_json
from contractgen.document.edits import edited
from contractgen.document.findings import Finding
from contractgen.document.load import Document, load
from contractgen.lint.rules import lint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `contractgen lint`."""
    parser.add_argument("spec", type=Path, metavar="SPEC", help="an OpenAPI document, YAML or JSON")
    parser.add_argument(
        "--fix", action="store_true", help="mend what has one obvious fix in the files themselves"
    )
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 when there is one. With `--fix`, those that are left."""
    findings = lint(load(options.spec))
    edits = fix(load(options.spec), findings) if options.fix else 0
    if edits:
        findings = lint(load(options.spec))
    if options.json:
        print(as_json(findings, **({"edits": edits} if options.fix else {})))
    else:
        for finding in findings:
            print(finding)
        fixed = f", {edits} edits made" if edits else ""
        print(f"{options.spec}: {len(findings)} findings{fixed}", file=sys.stderr)
    return 1 if findings else 0


def fix(document: Document, findings: Iterable[Finding]) -> int:
    """Edit the files as the findings say; how many edits there was a place for."""
    count = 0
    for file in document.files:
        mine = [each for each in findings if each.file == str(file.path)]
        edits = {(edit.op, edit.path): edit for each in mine for edit in each.edits}
        text, done = edited(file, edits.values())
        if done:
            file.path.write_bytes(text)
        count += done
    return count
