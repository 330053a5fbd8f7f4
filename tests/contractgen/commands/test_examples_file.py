"""The file of examples that `generate` writes beside a package, and `check` compares."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands import rendering
from contractgen.commands.cli import main
from tests.contractgen.packages import contract, write_document

SETTINGS = '[tool.contractgen]\nspec = "openapi.yaml"\nout = "api"\nexamples = "shop/examples.json"\n'


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose package and examples are generated."""
    write_document(tmp_path, contract())
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    assert main(["generate"]) == 0
    return tmp_path


def examples(shop: Path) -> Any:
    return json.loads((shop / "shop" / "examples.json").read_text())


def test_generate_writes_the_file_and_its_folder(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert examples(shop)["operations"].keys() == {"get_thing", "put_thing"}
    (shop / "shop" / "examples.json").unlink()
    capsys.readouterr()
    assert main(["generate"]) == 0
    printed = capsys.readouterr().out
    assert f"wrote {Path('shop/examples.json')}\n" in printed.replace(f"{shop}/", "")
    assert printed.endswith("files, 1 changed\n")
    assert main(["check"]) == 0


def test_nothing_is_rendered_when_nothing_has_changed(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("rendered")

    monkeypatch.setattr(rendering, "render_document", refuse)
    os.utime(shop / "shop" / "examples.json", (1, 1))
    assert (main(["generate"]), main(["check"])) == (0, 0)
    assert (shop / "shop" / "examples.json").stat().st_mtime == 1


@pytest.mark.parametrize(("content", "verdict"), [(None, "missing"), ("{}", "changed")])
def test_check_names_a_file_that_differs(
    shop: Path, capsys: pytest.CaptureFixture[str], content: str | None, verdict: str
) -> None:
    path = shop / "shop" / "examples.json"
    path.unlink() if content is None else path.write_text(content)
    capsys.readouterr()
    assert main(["check"]) == 1
    error = capsys.readouterr().err.replace(f"{shop}/", "")
    assert f"shop/examples.json: {verdict}\n" in error
    assert "run: contractgen generate" in error
    assert path.exists() == (content is not None), "check writes nothing"
    assert main(["check", "--json"]) == 1
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert (change["file"].replace(f"{shop}/", ""), change["change"]) == ("shop/examples.json", verdict)


def test_an_example_that_changes_in_the_contract_changes_in_the_file(shop: Path) -> None:
    document = contract()
    content = document["components"]["responses"]["Thing"]["content"]["application/json"]
    content["example"] = {"name": "Ada", "note": None}
    write_document(shop, document)
    assert main(["check"]) == 1
    assert main(["generate"]) == 0
    # The response is a component: its class has the name of that.
    recorded = [each for found in examples(shop)["responses"].values() for each in found if each["body"]]
    assert [json.loads(each["body"])["name"] for each in recorded] == ["Ada"]


def test_without_the_setting_there_is_no_file(shop: Path) -> None:
    (shop / "shop" / "examples.json").unlink()
    (shop / "pyproject.toml").write_text(SETTINGS.partition("examples")[0])
    assert (main(["generate"]), main(["check"])) == (0, 0)
    assert not (shop / "shop" / "examples.json").exists()


def test_the_package_does_not_depend_on_the_examples(shop: Path) -> None:
    """Who has no mocks generates the same package."""
    before = {path.name: path.read_bytes() for path in (shop / "api").glob("*.py")}
    (shop / "pyproject.toml").write_text(SETTINGS.partition("examples")[0])
    assert main(["generate", "--json"]) == 0
    assert {path.name: path.read_bytes() for path in (shop / "api").glob("*.py")} == before
