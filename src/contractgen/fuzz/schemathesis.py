"""Run schemathesis as a program."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contractgen.fuzz.events import Events, read_events

_PROGRAM = [sys.executable, "-m", "contractgen.fuzz.program"]
_SECONDS_TO_END = 10
# The kinds of reports by the suffixes of their files; that in HTML is a folder.
_REPORTS = {".xml": "junit", ".har": "har", "": "html"}


@dataclass(frozen=True, slots=True)
class Target:
    """The document, the URL of the service to fuzz, and for how many seconds, None for the examples alone."""

    spec: Path
    url: str
    seconds: int | None = None


def is_report(file: Path) -> bool:
    """Return whether a report can be written to a file, by its suffix."""
    return file.suffix in _REPORTS


def run_schemathesis(
    target: Target,
    configuration: Path,
    environment: Mapping[str, str],
    reports: Iterable[Path],
    output: IO[str],
) -> Events:
    """Run schemathesis with a configuration, in the folder of it; return what it has found.

    What it prints goes to `output`. It is ended with this process.
    """
    found = configuration.with_name("events.ndjson")
    command = [*_PROGRAM, "--config-file", str(configuration), "run", str(target.spec.absolute())]
    command += ["--url", target.url, "--report-ndjson-path", str(found)]
    command += ["--max-time", str(target.seconds)] if target.seconds else []
    for report in reports:
        command += [f"--report-{_REPORTS[report.suffix]}-path", str(report.absolute())]
    with subprocess.Popen(
        command, cwd=configuration.parent, env={**os.environ, **environment}, stdout=output, stderr=output
    ) as process:
        try:
            process.wait()
        finally:
            _end(process)
    events = read_events(found)
    if process.returncode not in (0, 1) and not events.fatal:
        events.fatal = f"schemathesis ended with exit code {process.returncode}"
    return events


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, if this one is interrupted."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
