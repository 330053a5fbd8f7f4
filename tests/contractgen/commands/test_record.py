"""A package that is as it was left is not generated again; anything else that decides is noticed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contractgen.commands import record, rendering
from contractgen.commands.cli import main
from tests.contractgen.packages import GOLDEN


class Rendered(Exception):
    """Raised in place of a generation."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a contract and the package that was generated from it."""
    folder = tmp_path_factory.mktemp("generated")
    spec = shutil.copy(GOLDEN / "library" / "openapi.yaml", folder)
    assert main(["generate", str(spec), "--out", str(folder / "library")]) == 0
    return folder


@pytest.fixture
def spec(generated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(generated, tmp_path, dirs_exist_ok=True)) / "openapi.yaml"


@pytest.fixture
def out(spec: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package just generated, in a world where the next generation would be an error."""

    def refuse(*_: object, vendor: bool) -> None:
        raise Rendered

    monkeypatch.setattr(rendering, "render_plan", refuse)
    return spec.with_name("library")


@pytest.mark.parametrize("command", ["generate", "check"])
def test_nothing_is_done_where_nothing_changed(command: str, spec: Path, out: Path) -> None:
    assert main([command, str(spec), "--out", str(out)]) == 0


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize(
    "name", ["_routes/__init__.py", "_contract.json", "responses/books.py", "new.py", "../openapi.yaml"]
)
def test_a_change_is_noticed(command: str, spec: Path, out: Path, name: str) -> None:
    with (out / name).open("a") as file:
        file.write("# changed\n")
    with pytest.raises(Rendered):
        main([command, str(spec), "--out", str(out)])


@pytest.mark.parametrize("command", ["generate", "check"])
def test_what_renders_is_not_imported_where_nothing_changed(command: str, spec: Path, out: Path) -> None:
    """Importing it took longer than everything else."""
    heavy = {"datamodel_code_generator", "jinja2", "jsonschema", "pydantic", "starlette"}
    script = (
        "import sys; from contractgen.commands.cli import main; "
        f"main({[command, str(spec), '--out', str(out)]}); print(sorted({heavy} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_missing_file_is_noticed(spec: Path, out: Path) -> None:
    (out / "py.typed").unlink()
    with pytest.raises(Rendered):
        main(["generate", str(spec), "--out", str(out)])


def test_another_generator_is_noticed(
    spec: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(Path(record.__file__).parents[1], tmp_path / "contractgen")
    monkeypatch.setattr(record, "_HERE", tmp_path / "contractgen")
    assert main(["check", str(spec), "--out", str(out)]) == 0
    with (tmp_path / "contractgen" / "render" / "templates" / "routes.py.jinja").open("a") as file:
        file.write("\n")
    with pytest.raises(Rendered):
        main(["check", str(spec), "--out", str(out)])


def test_another_version_of_a_library_is_noticed(
    spec: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "version", lambda _: "0.0.0")
    with pytest.raises(Rendered):
        main(["check", str(spec), "--out", str(out)])


def test_a_fresh_checkout_is_compared(spec: Path, out: Path) -> None:
    shutil.rmtree(out / "__pycache__")
    with pytest.raises(Rendered):
        main(["check", str(spec), "--out", str(out)])


def test_a_package_that_takes_no_record_is_generated_all_the_same(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "library"
    assert main(["generate", str(spec), "--out", str(out)]) == 0
    shutil.rmtree(out / "__pycache__")
    (out / "__pycache__").write_text("in the way")
    assert main(["generate", str(spec), "--out", str(out)]) == 0
