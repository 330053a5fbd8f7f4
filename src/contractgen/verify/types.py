"""The errors of mypy --strict in a package."""

import re
import subprocess
import sys
from pathlib import Path

from contractgen.document.findings import Finding

_OPTIONS = (
    *("--strict", "--python-version=3.11", "--config-file=", "--show-column-numbers"),
    *("--no-error-summary", "--no-pretty", "--hide-error-context"),
)
_ERROR = re.compile(r"(.+?):(\d+)(?::(\d+))?: error: (.*)")


def type_findings(package: Path, cache: Path) -> list[Finding]:
    """Return every error in a package, the run-time support included; successive runs share `cache`."""
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *_OPTIONS, f"--cache-dir={cache}", package.name],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [
        _finding(*match.groups("1")) for match in map(_ERROR.fullmatch, run.stdout.splitlines()) if match
    ]
    if run.returncode not in (0, 1) or (run.returncode and not found):
        said = (run.stderr or run.stdout).strip().splitlines()
        found.append(Finding(package.name, 1, 1, "", f"mypy failed: {said[-1] if said else run.returncode}"))
    return found


def _finding(file: str, line: str, column: str, message: str) -> Finding:
    return Finding(file, int(line), int(column), "", message)
