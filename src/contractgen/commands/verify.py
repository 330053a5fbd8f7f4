"""The command `verify`: whether what is generated from documents does what they say."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import get_ident

from contractgen.commands.output import add_json_option, as_json
from contractgen.commands.progress import Progress
from contractgen.document.findings import Finding, ToolError
from contractgen.verify import types
from contractgen.verify.worker import REPORT

WORKER = ["-m", "contractgen.verify.worker"]
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out about one document."""

    spec: Path
    readable: bool
    operations: int
    seconds: float
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        return f"{self.spec}: {self.operations} operations, {len(self.findings)} findings, {self.seconds} s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `contractgen verify`."""
    text = "OpenAPI documents, YAML or JSON; two are verified at a time"
    parser.add_argument("specs", type=Path, nargs="+", metavar="SPEC", help=text)
    text = "do not run mypy --strict, which takes most of the time"
    parser.add_argument("--no-types", dest="types", action="store_false", help=text)
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Print the findings of each document; 1 when there is one, 2 when a document could not be read."""
    if options.types and not types.is_installed():
        raise ToolError("mypy is not installed: install the dependency group `generator`, or say --no-types")
    reports = list(_reports(options))
    if options.json:
        print(_as_json(reports))
    if not all(report.readable for report in reports):
        return 2
    return 1 if any(report.findings for report in reports) else 0


def _reports(options: argparse.Namespace) -> Iterator[Report]:
    """The report of each document, in the order in which they were named, printed as soon as it is there."""
    with (
        tempfile.TemporaryDirectory(prefix="contractgen-verify-") as name,
        Progress([str(spec) for spec in options.specs]) as progress,
        ThreadPoolExecutor(_PROCESSES) as pool,
    ):
        run = _Run(Path(name), progress, with_types=options.types)
        for report in pool.map(run.report, options.specs):
            if not options.json:
                _tell(report)
            yield report


class _Run:
    """One run of the command: a folder with one for each document, and a cache for mypy in each thread."""

    def __init__(self, folder: Path, progress: Progress, *, with_types: bool) -> None:
        self.folder = folder
        self.progress = progress
        self.with_types = with_types
        self._numbers = count()

    def report(self, spec: Path) -> Report:
        """What a process of its own finds out about a document."""
        self.progress.begin(str(spec))
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        cache = [str(self.folder / f"mypy-{get_ident()}")] if self.with_types else []
        command = [sys.executable, *WORKER, str(spec), str(folder), *cache]
        worker = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            told = json.loads((folder / REPORT).read_bytes())
        except FileNotFoundError:
            said = worker.stderr.strip().splitlines() or [f"exit code {worker.returncode}"]
            finding = Finding(str(spec), 1, 1, "", f"verification ended early: {said[-1]}")
            return Report(spec, readable=True, operations=0, seconds=0, findings=(finding,))
        findings = tuple(Finding(**each) for each in told.pop("findings"))
        return Report(spec, findings=findings, **told)


def _tell(report: Report) -> None:
    for finding in report.findings:
        print(finding)
    print(report, flush=True)


def _as_json(reports: Sequence[Report]) -> str:
    documents = [
        {
            "file": str(report.spec),
            "operations": report.operations,
            "findings": len(report.findings),
            "seconds": report.seconds,
        }
        for report in reports
    ]
    return as_json((finding for report in reports for finding in report.findings), documents=documents)
