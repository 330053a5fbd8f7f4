"""The command `verify`: compare what is generated from documents with what they say."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from threading import get_ident
from typing import Any

from contractgen.commands.configuration import Contract
from contractgen.commands.output import add_json_option, as_json, print_skipped
from contractgen.commands.progress import Progress
from contractgen.commands.selection import add_contract_options, add_skip_option, contracts_for
from contractgen.commands.tables import FILE
from contractgen.document.findings import Finding
from contractgen.plan.skips import Skipped
from contractgen.verify.worker import REPORT

WORKER = ["-m", "contractgen.verify.worker"]
_PROCESSES = 2
# A contract of 300 operations and 30,000 lines takes three minutes on one slow core, mypy included.
_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Report:
    """The result for one document; `instances` were sent to its routes or given to its types."""

    spec: Path
    readable: bool
    operations: int
    instances: int
    seconds: float
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def __str__(self) -> str:
        skipped = f" and {len(self.skipped)} skipped" if self.skipped else ""
        operations = f"{self.operations} operations{skipped}"
        counts = f"{operations}, {self.instances} instances, {len(self.findings)} findings"
        return f"{self.spec}: {counts}, {self.seconds} s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen verify`."""
    text = f"OpenAPI documents, YAML or JSON, verified two at a time (default: those of {FILE})"
    parser.add_argument("specs", type=Path, nargs="*", metavar="SPEC", help=text)
    text = "do not run mypy --strict, which takes most of the time"
    parser.add_argument("--no-types", dest="types", action="store_false", help=text)
    text = "stop a document after SECONDS, with a finding; the others go on (default: %(default)g)"
    parser.add_argument("--timeout", type=_seconds, default=_SECONDS, metavar="SECONDS", help=text)
    text = "also print where validators disagree, and how often response types are wider than their schemas"
    parser.add_argument("--notes", action="store_true", help=text)
    add_contract_options(parser)
    add_skip_option(parser)
    add_json_option(parser)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Print the findings of each document; return 1 if there are any, 2 if a document cannot be read."""
    reports = list(_reports(options))
    if options.json:
        print(_as_json(reports))
    if not all(report.readable for report in reports):
        return 2
    return 1 if any(report.findings for report in reports) else 0


def _reports(options: argparse.Namespace) -> Iterator[Report]:
    """Yield the report of each document in the given order, printed as soon as it is complete."""
    asked: list[Path | None] = [*options.specs] or [None]
    contracts = [each for spec in asked for each in contracts_for(spec, options)]
    with (
        tempfile.TemporaryDirectory(prefix="contractgen-verify-") as name,
        Progress([str(each.spec) for each in contracts]) as progress,
        ThreadPoolExecutor(_PROCESSES) as pool,
    ):
        run = _Run(Path(name), progress, options.timeout, with_types=options.types)
        for report in pool.map(run.report, contracts):
            if not options.json:
                _print(report, with_notes=options.notes)
            yield report


class _Run:
    """One run of the command: a subfolder for each document, and a cache for mypy in each thread."""

    def __init__(self, folder: Path, progress: Progress, timeout: float, *, with_types: bool) -> None:
        self.folder = folder
        self.progress = progress
        self.timeout = timeout
        self.with_types = with_types
        self._numbers = count()

    def report(self, contract: Contract) -> Report:
        """Verify a document in a process of its own."""
        spec = contract.spec
        self.progress.begin(str(spec))
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        cache = [str(self.folder / f"mypy-{get_ident()}")] if self.with_types else []
        arguments = [str(spec), str(folder), json.dumps(asdict(contract.skip)), *cache]
        failure = _failure([sys.executable, *WORKER, *arguments], self.timeout)
        try:
            result = json.loads((folder / REPORT).read_bytes())
        except FileNotFoundError:
            finding = Finding(str(spec), 1, 1, "", f"verification ended early: {failure}")
            return Report(spec, readable=True, operations=0, instances=0, seconds=0, findings=(finding,))
        findings, notes = (tuple(Finding(**e) for e in result.pop(name)) for name in ("findings", "notes"))
        skipped = tuple(_skipped(each) for each in result.pop("skipped"))
        return Report(spec, findings=findings, notes=notes, skipped=skipped, **result)


def _failure(command: list[str], timeout: float) -> str:
    """Run a worker to its end, or to the end of its time with all that it started; return why it failed."""
    worker = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        _, errors = worker.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        return f"it took longer than {timeout:g} s"
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
    return (errors.strip().splitlines() or [f"exit code {worker.returncode}"])[-1]


def _skipped(each: dict[str, Any]) -> Skipped:
    return Skipped(**{**each, "findings": tuple(Finding(**finding) for finding in each["findings"])})


def _print(report: Report, *, with_notes: bool) -> None:
    print_skipped(report.skipped)
    for finding in report.findings:
        print(finding)
    for note in report.notes if with_notes else ():
        print(f"note: {note}")
    print(report, flush=True)


def _as_json(reports: Sequence[Report]) -> str:
    documents = [
        {
            "file": str(report.spec),
            "operations": report.operations,
            "instances": report.instances,
            "findings": len(report.findings),
            "seconds": report.seconds,
            "notes": [_note(note) for note in report.notes],
            "skipped": [asdict(each) for each in report.skipped],
        }
        for report in reports
    ]
    return as_json((finding for report in reports for finding in report.findings), documents=documents)


def _note(note: Finding) -> dict[str, Any]:
    return {name: getattr(note, name) for name in ("file", "line", "column", "pointer", "message")}
