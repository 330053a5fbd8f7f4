"""`contractgen generate` and `check`: the same bytes every time, and only its own is touched."""

import json
import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from contractgen.commands import rendering
from contractgen.commands.cli import main
from contractgen.document.load import load
from contractgen.lint.linter import lint
from contractgen.plan.planner import make_plan
from contractgen.render.folder import package_files
from contractgen.render.package import render
from tests.contractgen.large import large_contract
from tests.contractgen.packages import GOLDEN, golden_folder
from tests.tiers import slow

pytestmark = slow  # Most write a whole package.

SPEC = GOLDEN / "library" / "openapi.yaml"


# Rendering is the same each time, which the first test shows: here it is what is done with the files.
_render_once = cache(rendering.render_document)


@pytest.fixture(autouse=True)
def render_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "render_document", _render_once)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "library"
    assert main(["generate", str(SPEC), "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def out(generated: Path, tmp_path: Path) -> Path:
    """A package as `generate` has left it, with its record."""
    return Path(shutil.copytree(generated, tmp_path / "library"))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in package_files(folder)}


def check(out: Path) -> int:
    return main(["check", str(SPEC), "--out", str(out)])


def test_the_bytes_do_not_depend_on_hash_seeds(tmp_path: Path) -> None:
    """Neither do they on the process: this one has a seed of its own."""
    out = tmp_path / "library"
    command = [sys.executable, "-m", "contractgen", "generate", str(SPEC), "--out", str(out)]
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.DEVNULL, check=True)
    assert tree(out) == tree(golden_folder("library"))


def test_a_second_run_touches_nothing(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in out.rglob("*"):
        os.utime(path, (1, 1))
    capsys.readouterr()
    assert main(["generate", str(SPEC), "--out", str(out)]) == 0
    assert {path.stat().st_mtime for path in out.rglob("*")} == {1}
    assert capsys.readouterr().out == f"{out}: {len(tree(out))} files, 0 changed\n"


def test_only_what_differs_is_written(out: Path) -> None:
    for path in out.rglob("*"):
        os.utime(path, (1, 1))
    (out / "models.py").write_text("x = 1\n")
    assert main(["generate", str(SPEC), "--out", str(out)]) == 0
    changed = [path.name for path in package_files(out) if path.stat().st_mtime != 1]
    assert changed == ["models.py"]
    assert check(out) == 0


def test_check_takes_what_was_generated(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (out / "__pycache__").mkdir(exist_ok=True)
    (out / "__pycache__" / "models.cpython-311.pyc").write_bytes(b"")
    capsys.readouterr()
    assert check(out) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "content", "verdict"),
    [
        ("_routes/__init__.py", b" ", "changed"),
        ("_contract.yaml", b"#", "changed"),
        ("responses/books.py", b"#", "changed"),
        ("py.typed", None, "missing"),
        ("_routes/books.py", None, "missing"),
        ("helpers.py", b"", "extra"),
        ("_routes/old.py", b"", "extra"),
    ],
)
def test_check_names_every_difference(
    out: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, verdict: str
) -> None:
    path = out / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes((path.read_bytes() if path.exists() else b"") + content)
    before = tree(out)
    assert check(out) == 1
    error = capsys.readouterr().err
    assert f"{path}: {verdict}\n" in error
    assert f"contractgen generate {SPEC} --out {out}" in error
    assert tree(out) == before, "check must write nothing"
    assert main(["generate", str(SPEC), "--out", str(out)]) == 0
    assert check(out) == 0


def test_check_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert check(tmp_path / "nowhere") == 1
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["notes.txt", "__init__.py", ".git"])
def test_a_folder_of_somebody_elses_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_text("# mine\n")
    assert main(["generate", str(SPEC), "--out", str(tmp_path)]) == 2
    assert tree(tmp_path) == {name: b"# mine\n"}
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("name", ["__init__.py", "library"])
def test_an_out_that_is_no_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_text("# mine\n")
    assert main(["generate", str(SPEC), "--out", str(tmp_path / name)]) == 2
    assert main(["generate", str(SPEC), "--out", str(tmp_path / name / "below")]) == 2
    assert tree(tmp_path) == {name: b"# mine\n"}
    assert "Traceback" not in capsys.readouterr().err


def test_a_package_that_cannot_be_imported_by_its_name_is_refused(tmp_path: Path) -> None:
    assert main(["generate", str(SPEC), "--out", str(tmp_path / "my-package")]) == 2


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "library"
    out.mkdir()
    assert main(["generate", str(SPEC), "--out", str(out)]) == 0
    assert check(out) == 0


def test_the_projects_own_package_is_current() -> None:
    root = Path(__file__).parents[3]
    out = root / "generated" / "pressroom_api"
    assert main(["check", str(root / "openapi/openapi.yaml"), "--out", str(out)]) == 0


@pytest.mark.parametrize("arguments", [[], ["generate", "--outs"], ["check", "a", "b"], ["nonsense"]])
def test_a_wrong_command_line_says_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage: contractgen" in capsys.readouterr().err


@slow
def test_a_large_contract_takes_time_and_memory_in_proportion(tmp_path: Path) -> None:
    """50 operations and 0.6 MB; `python -m tests.contractgen.large` has 1,000 and 12 MB."""
    spec = tmp_path / "openapi.json"
    spec.write_text(json.dumps(large_contract(50, 0.6)))
    begin = time.process_time()
    make_plan(load(spec))
    lint(load(spec))
    assert time.process_time() - begin < 4
    routes = [source for name, source in render(load(spec)).items() if name.startswith("_routes/")]
    assert len(routes) == 3  # what they share, and two tags
    assert sum(map(len, routes)) > 50_000
