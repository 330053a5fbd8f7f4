"""What a command prints: lines for people, or with `--json` one object for machines.

Every object has `findings`, a list of {file, line, column, pointer, message, hint, edits}; the other members
are the command's own. When nothing could be done (exit code 2) there is also `error`, a text.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from contractgen.document.findings import Finding


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """The option that every command has."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")


def as_json(findings: Iterable[Finding] = (), **members: Any) -> str:
    """The object that a command prints for machines."""
    return json.dumps({**members, "findings": [asdict(finding) for finding in findings]}, indent=1)
