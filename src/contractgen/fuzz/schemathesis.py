"""Run schemathesis as a program."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contractgen.fuzz.events import Events, read_events

_PROGRAM = [sys.executable, "-m", "schemathesis.cli"]
_SECONDS_TO_END = 10


@dataclass(frozen=True, slots=True)
class Target:
    """The document, and the URL of the service to fuzz."""

    spec: Path
    url: str


def run_schemathesis(
    target: Target, configuration: Path, environment: Mapping[str, str], report: Path | None, output: IO[str]
) -> Events:
    """Run schemathesis with a configuration, in the folder of it; return what it has found.

    What it prints goes to `output`. It is ended with this process.
    """
    found = configuration.with_name("events.ndjson")
    command = [*_PROGRAM, "--config-file", str(configuration), "run", str(target.spec.absolute())]
    command += ["--url", target.url, "--report-ndjson-path", str(found)]
    command += ["--report-junit-path", str(report.absolute())] if report else []
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
