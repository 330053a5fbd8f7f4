"""Plant one fault at a time in a copy of the project: each must make a test fail.

    python -m tests.mutants.run [NAME ...]

A mutant that its own tests do not kill meets all tests of its half of the project. Prints the test that
killed each, writes them to tests/mutants/killers.md, and exits with 1 when fewer than 95 of 100 mutants are
killed, when a survivor has no explanation, or when a mutant no longer applies.
"""

import argparse
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

import pytest

from contractgen_runtime.postgres import embedded
from tests.mutants.accounts import ACCOUNTS
from tests.mutants.contractgen import CONTRACTGEN
from tests.mutants.mutant import Mutant
from tests.mutants.service import SERVICE
from tests.mutants.wire import WIRE

ROOT = Path(__file__).parents[2]
MUTANTS = [*CONTRACTGEN, *SERVICE, *ACCOUNTS, *WIRE]
KILLERS = Path(__file__).with_name("killers.md")
COPIED = (
    ".env.example",
    "src",
    "generated",
    "openapi",
    "tests",
    "load",
    "docs",
    "pyproject.toml",
    "README.md",
)
PROCESSES = 2
SECONDS = 300
#: These fail for every change of what is generated, right or wrong: they prove nothing about a fault.
COMPARISONS = (
    "tests/contractgen/render/test_golden.py::test_the_package_is_as_expected",
    "tests/contractgen/commands/test_generate.py::test_the_projects_own_package_is_current",
)
OF_CONTRACTGEN = (
    *("tests/contractgen", "tests/rules", "-m", "not slow"),
    *(f"--deselect={each}" for each in COMPARISONS),
    # These need the repository, of which a copy is none.
    *(f"--ignore=tests/contractgen/commands/test_{each}.py" for each in ("action", "pre_commit")),
)
OF_SERVICE = tuple(
    f"tests/{folder}"
    for folder in ("operations", "web", "jobs", "queries", "security", "contractgen_runtime", "faults")
)
#: The project's own packages: what a process knows of them before it runs in a copy is forgotten.
PACKAGES = ("contractgen", "contractgen_runtime", "load", "pressroom", "pressroom_api", "tests")
_OPTIONS = ("-n0", "-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider")
# Importing what tests need takes longer than most tests: one process does it, and forks others.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *(
            "alembic.migration",
            "asyncpg",
            "bcrypt",
            "datamodel_code_generator.parser.openapi",
            "fastapi",
            "httpx",
        ),
        *("hypothesis", "jinja2", "jsonschema_rs", "openapi_spec_validator", "orjson", "pydantic_settings"),
        *("pytest", "pytest_asyncio", "sqlalchemy.ext.asyncio", "sqlmodel", "uvicorn", "yaml", "zxcvbn"),
    ]
)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+(?:\[.*?\])?)(?: - |$)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the test that killed it, or why there is none."""

    mutant: Mutant
    killer: str
    seconds: float
    fault: str = ""

    @property
    def line(self) -> str:
        fate = f"killed by {self.killer}" if self.killer else self.fault or "SURVIVED"
        return f"{self.mutant.name}: {fate} ({self.seconds:.1f} s)"


def main() -> int:
    """Run the mutants that are named, or all of them."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants to run instead of all")
    names = parser.parse_args().names
    mutants = [each for each in MUTANTS if not names or each.name in names]
    stale = [each for each in mutants if not each.applies(ROOT)]
    for each in stale:
        print(f"{each.name}: the text no longer stands once in {each.file}: {each.old!r}")
    with database_server(), copies(PROCESSES) as folders, ThreadPoolExecutor(PROCESSES) as pool:
        tests = sorted({test for each in mutants for test in each.tests})
        failed = failing(run_pytest(folders[0], tests)) if tests else ""
        if failed:
            print(f"without any mutant, {failed} fails already")
            return 1
        free: SimpleQueue[Path] = SimpleQueue()
        for folder in folders:
            free.put(folder)
        verdicts = []
        for verdict in pool.map(lambda mutant: judged(mutant, free), [m for m in mutants if m not in stale]):
            print(verdict.line, flush=True)
            verdicts.append(verdict)
    if not names:
        KILLERS.write_text(report(verdicts))
    killed = sum(bool(each.killer) for each in verdicts)
    unexplained = [each for each in verdicts if not each.killer and not each.mutant.survives]
    print(f"{killed} of {len(mutants)} mutants are killed; {len(unexplained)} survive without an explanation")
    return int(bool(stale or unexplained) or killed * 100 < 95 * len(mutants))


@contextmanager
def database_server() -> Iterator[None]:
    """One PostgreSQL for all runs: starting one takes longer than most tests."""
    with tempfile.TemporaryDirectory(prefix="mutants-database-") as name:
        os.environ["DATABASE_URL_TEST"] = embedded.start(Path(name))
        try:
            yield
        finally:
            embedded.stop(Path(name))


@contextmanager
def copies(number: int) -> Iterator[list[Path]]:
    """Copies of the project, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folders = [Path(name, str(each)) for each in range(number)]
        for folder in folders:
            for entry in COPIED:
                source = ROOT / entry
                if source.is_dir():
                    shutil.copytree(source, folder / entry, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    folder.mkdir(exist_ok=True)
                    shutil.copy(source, folder / entry)
        yield folders


def judged(mutant: Mutant, free: "SimpleQueue[Path]") -> Verdict:
    """Plant a mutant in a copy that nobody uses, run its tests, and take it out."""
    folder, begin = free.get(), perf_counter()
    file = folder / mutant.file
    right = file.read_text()
    file.write_text(right.replace(mutant.old, mutant.new))
    try:
        killer = failing(run_pytest(folder, mutant.tests)) if mutant.tests else ""
        own = bool(killer)
        rest = OF_CONTRACTGEN if mutant in CONTRACTGEN else OF_SERVICE
        killer = killer or failing(run_pytest(folder, rest))
    finally:
        file.write_text(right)
    # A test of the whole tier may fail without any mutant, too: then it has not noticed this one.
    fault = "" if own or not killer or not run_pytest(folder, [killer]) else f"{killer} fails without it, too"
    free.put(folder)
    return Verdict(mutant, "" if fault else killer, perf_counter() - begin, fault)


def run_pytest(folder: Path, arguments: Sequence[str]) -> str:
    """What a run of pytest in a copy prints; it stops at the first failure."""
    output = folder / "output.txt"
    process = _FORKS.Process(target=_run_here, args=(folder, [*_OPTIONS, *arguments], output))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        os.killpg(int(process.pid or 0), signal.SIGKILL)
        process.join()
        return f"FAILED {arguments[0]} - it did not end in {SECONDS} s"
    if process.exitcode not in (0, 1, 2):
        raise RuntimeError(f"pytest ended with {process.exitcode}:\n{output.read_text()[-3000:]}")
    return output.read_text() if process.exitcode else ""


def _run_here(folder: Path, arguments: list[str], output: Path) -> None:
    """Run pytest in this process, which ends with it, as if it were started in a copy of the project."""
    os.setpgrp()
    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        del sys.modules[name]
    elsewhere = [
        each
        for each in sys.path
        if Path(each or ".").resolve() not in (ROOT, ROOT / "src", ROOT / "generated")
    ]
    paths = [str(folder / "src"), str(folder / "generated"), str(folder)]
    sys.path[:] = [*paths, *elsewhere]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.chdir(folder)
    code = pytest.main(arguments)
    sys.stdout.flush()
    os._exit(int(code))


def failing(output: str) -> str:
    """The first test that failed; empty when none did."""
    found = _FAILED.search(output)
    return found[1] if found else output[-500:]


def report(verdicts: list[Verdict]) -> str:
    lines = [
        "# Which test kills which mutant",
        "",
        "Written by `make mutants`.",
        "",
        "| mutant | killed by |",
        "|---|---|",
    ]
    lines += [f"| {each.mutant.name} | {each.killer or each.mutant.survives} |" for each in verdicts]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
