"""A handler or host that breaks the contract is refused by mypy --strict and by basedpyright."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contractgen.misuses import ANSWERS, LIBRARY, Misuse
from tests.contractgen.packages import GOLDEN, golden_folder

PORTS = {"library": LIBRARY, "answers": ANSWERS}
MISUSES = [(case, name) for case, misuses in PORTS.items() for name in misuses]
CONFIG = {
    "typeCheckingMode": "standard",
    "pythonVersion": "3.11",
    "reportUnnecessaryComparison": "error",
    "enableExperimentalFeatures": True,  # pydantic's MISSING is a sentinel of PEP 661
}
# What a checker says, by port and misuse.
Said = dict[tuple[str, str], list[str]]


def _slug(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def _write_ports(folder: Path) -> None:
    """Each port as it is right, and once for each misuse, in modules whose names end with it."""
    for case, misuses in PORTS.items():
        shutil.copytree(golden_folder(case), folder / case)
        for name, misuse in {"right": None, **misuses}.items():
            _write_port(folder, case, name, misuse)


def _write_port(folder: Path, case: str, name: str, misuse: Misuse | None) -> None:
    for file in ("common", "handlers", "main"):
        text = (GOLDEN / case / "port" / f"{file}.py").read_text()
        if misuse is not None and file == misuse.file:
            assert text.count(misuse.old) == 1, f"{name}: the text stands {text.count(misuse.old)} times"
            text = text.replace(misuse.old, misuse.new)
        for module in ("common", "handlers"):
            renamed = f"{case}_{module}_{_slug(name)}"
            text = text.replace(f"import {module}\n", f"import {renamed} as {module}\n")
            text = text.replace(f"from {module} import", f"from {renamed} import")
        (folder / f"{case}_{file}_{_slug(name)}.py").write_text(text)


def _of_port(lines: list[tuple[str, str]], case: str, name: str) -> list[str]:
    files = {f"{case}_{file}_{_slug(name)}.py" for file in ("common", "handlers", "main")}
    return [text for file, text in lines if file in files]


def _said(lines: list[tuple[str, str]]) -> Said:
    ports = [*MISUSES, *((case, "right") for case in PORTS)]
    return {(case, name): _of_port(lines, case, name) for case, name in ports}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ports")
    _write_ports(folder)
    return folder


@pytest.fixture(scope="module")
def mypy_said(ports: Path, mypy: Callable[[Path], list[str]]) -> Said:
    """What mypy says, in one run."""
    return _said([(line.partition(":")[0], line) for line in mypy(ports)])


@pytest.fixture(scope="module")
def pyright_found(ports: Path) -> list[tuple[str, str]]:
    """What basedpyright says of the packages and of all ports, in one run, each with its file."""
    (ports / "pyrightconfig.json").write_text(json.dumps(CONFIG))
    options = ["--level=error", "--outputjson", f"--pythonpath={sys.executable}"]
    command = [sys.executable, "-m", "basedpyright", *options, "."]
    run = subprocess.run(command, cwd=ports, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found = json.loads(run.stdout)["generalDiagnostics"]
    files = (Path(each["file"]).relative_to(ports.resolve()) for each in found)
    messages = (each["message"].replace("\xa0", " ") for each in found)
    return list(zip(map(str, files), messages, strict=True))


@pytest.fixture(scope="module")
def pyright_said(pyright_found: list[tuple[str, str]]) -> Said:
    return _said(pyright_found)


@pytest.mark.parametrize("case", PORTS)
def test_a_package_is_clean_under_basedpyright(pyright_found: list[tuple[str, str]], case: str) -> None:
    """The run-time support included."""
    assert [(file, message) for file, message in pyright_found if Path(file).parts[0] == case] == []


@pytest.mark.parametrize("case", PORTS)
def test_what_is_right_is_taken_by_mypy(mypy_said: Said, case: str) -> None:
    assert mypy_said[case, "right"] == []


@pytest.mark.parametrize("case", PORTS)
def test_what_is_right_is_taken_by_basedpyright(pyright_said: Said, case: str) -> None:
    assert pyright_said[case, "right"] == []


@pytest.mark.parametrize(("case", "name"), MISUSES)
def test_a_misuse_is_refused_by_mypy(mypy_said: Said, case: str, name: str) -> None:
    said = mypy_said[case, name]
    assert any(PORTS[case][name].mypy in line for line in said), said


@pytest.mark.parametrize(("case", "name"), MISUSES)
def test_a_misuse_is_refused_by_basedpyright(pyright_said: Said, case: str, name: str) -> None:
    said = pyright_said[case, name]
    assert any(PORTS[case][name].pyright in message for message in said), said
