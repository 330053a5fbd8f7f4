"""A generated package says which run-time it needs, before anything else of it is imported."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import contractgen_runtime
from contractgen.document.load import load
from contractgen.plan.planner import make_plan
from contractgen.render.folder import write
from contractgen.render.package import render_plan
from tests.contractgen.packages import GOLDEN, golden_folder
from tests.tiers import slow


@pytest.mark.parametrize("version", ["0.2.0", "0.2.1", "0.2.0rc1", "0.2.10"])
def test_a_version_that_fits(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(contractgen_runtime, "__version__", version)
    assert contractgen_runtime.require("shop_api", at_least="0.2.0", below="0.3") is None  # type: ignore[func-returns-value]  # it returns


@pytest.mark.parametrize("version", ["0.1.9", "0.3.0", "0.3", "1.0.0"])
def test_a_version_that_does_not_fit(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(contractgen_runtime, "__version__", version)
    with pytest.raises(ImportError) as caught:
        contractgen_runtime.require("shop_api", at_least="0.2.0", below="0.3")
    assert str(caught.value) == (
        f"shop_api needs contractgen-runtime>=0.2.0,<0.3, and {version} is installed. "
        "Run `pip install 'contractgen-runtime>=0.2.0,<0.3'`, "
        "or generate shop_api again with the contractgen of this version."
    )


def imported(folder: Path, preparation: str) -> subprocess.CompletedProcess[str]:
    """Import a package in a process of its own, in which something was done before."""
    code = f"import sys; sys.path.insert(0, {str(folder.parent)!r}); {preparation}; import {folder.name}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_package_without_its_run_time_says_what_to_install() -> None:
    run = imported(golden_folder("library"), "sys.modules['contractgen_runtime'] = None")
    needed = "pip install 'contractgen-runtime>=0.3.0,<0.4'"
    assert run.stderr.splitlines()[-1] == f"ImportError: library needs contractgen-runtime; run `{needed}`"


def test_a_package_checks_the_version_first() -> None:
    old = "import contractgen_runtime; contractgen_runtime.__version__ = '0.1.0'"
    run = imported(golden_folder("library"), f"{old}; sys.modules['contractgen_runtime.uploads'] = None")
    assert run.stderr.splitlines()[-1].startswith(
        "ImportError: library needs contractgen-runtime>=0.3.0,<0.4, and"
    )


def vendored(tmp_path: Path, case: str) -> Path:
    document = load(GOLDEN / case / "openapi.yaml")
    write(render_plan(document, make_plan(document), vendor=True), tmp_path / case)
    return tmp_path / case


@slow
@pytest.mark.parametrize("case", ["library", "minimal"])
def test_a_vendored_package_needs_no_run_time(tmp_path: Path, case: str) -> None:
    run = imported(vendored(tmp_path, case), "sys.modules['contractgen_runtime'] = None")
    assert (run.returncode, run.stderr) == (0, "")


def test_only_what_is_reached_is_vendored(tmp_path: Path) -> None:
    names = {path.stem for path in (vendored(tmp_path, "minimal") / "_runtime").iterdir()}
    assert "routing" in names
    assert not names & {"digest", "multipart_bodies", "uploads"}


@slow
def test_a_vendored_package_is_typed(tmp_path: Path, mypy: Callable[[Path], list[str]]) -> None:
    vendored(tmp_path, "library")
    assert mypy(tmp_path) == []
