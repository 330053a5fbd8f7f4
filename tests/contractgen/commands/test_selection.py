"""Commands without SPEC take the contracts that pyproject.toml names."""

import json
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands import mock
from contractgen.commands.cli import main
from tests.contractgen.packages import contract, write_document
from tests.tiers import slow

NAMED = """
[tool.contractgen]
lint.rules = { missing-example = "off" }

[tool.contractgen.contracts.shop]
spec = "shop/openapi.yaml"
out = "generated/shop_api"

[tool.contractgen.contracts.billing]
spec = "billing/openapi.yaml"
out = "generated/billing_api"
lint.rules = { missing-example = "error" }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two contracts, the working directory."""
    for name in ("shop", "billing"):
        (tmp_path / name).mkdir()
        write_document(tmp_path / name, contract())
    (tmp_path / "pyproject.toml").write_text(NAMED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def single(project: Path) -> Path:
    """The project with one contract that has no name."""
    text = '[tool.contractgen]\nspec = "shop/openapi.yaml"\nout = "generated/shop_api"\n'
    (project / "pyproject.toml").write_text(text)
    return project


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_one_contract_needs_no_arguments(
    single: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check"]) == 1
    run = "generated/shop_api differs from what shop/openapi.yaml gives; run: contractgen generate"
    assert capsys.readouterr().err.splitlines()[-1] == run
    monkeypatch.chdir("shop")
    assert main(["generate"]) == 0
    assert (single / "generated" / "shop_api" / "__init__.py").is_file()
    assert main(["check"]) == 0
    assert main(["check", "openapi.yaml"]) == 0, "the settings of a document are found from it"
    assert main(["lint"]) == 0
    code, told = ask(capsys, "generate")
    assert (code, told["out"], told["changes"]) == (0, "../generated/shop_api", [])
    assert main(["generate", "--out", "other"]) == 0
    assert (single / "shop" / "other" / "__init__.py").is_file()


def test_all_contracts_are_taken(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = ask(capsys, "generate")
    assert (code, told.keys(), told["findings"]) == (0, {"contracts", "findings"}, [])
    shop, billing = told["contracts"]
    assert (shop["contract"], shop["spec"], shop["out"]) == (
        "shop",
        "shop/openapi.yaml",
        "generated/shop_api",
    )
    assert (billing["contract"], billing["files"]) == ("billing", len(billing["changes"]))
    assert ask(capsys, "check")[0] == 0
    (project / "generated" / "billing_api" / "py.typed").unlink()
    code, told = ask(capsys, "check")
    changes = [{"file": "generated/billing_api/py.typed", "change": "missing"}]
    assert (code, [each["changes"] for each in told["contracts"]]) == (1, [[], changes])
    assert main(["check"]) == 1
    assert capsys.readouterr().err.endswith("; run: contractgen generate --contract billing\n")


def test_one_of_several_contracts_is_taken(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its object is that of a document: there is no list."""
    code, told = ask(capsys, "generate", "--contract", "billing")
    assert (code, told["out"]) == (0, "generated/billing_api")
    assert not (project / "generated" / "shop_api").exists()
    assert ask(capsys, "check", "billing/openapi.yaml") == (
        0,
        {
            "spec": "billing/openapi.yaml",
            "out": "generated/billing_api",
            "changes": [],
            "skipped": [],
            "findings": [],
        },
    )


def test_a_broken_document_does_not_keep_the_others_from_being_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "shop" / "openapi.yaml").write_text("openapi: [")
    code, told = ask(capsys, "generate")
    assert (code, told["error"]) == (2, "the document cannot be used")
    assert [each["file"] for each in told["findings"]] == ["shop/openapi.yaml"]
    assert (project / "generated" / "billing_api" / "__init__.py").is_file()


def test_a_shared_setting_is_that_of_a_contract_without_its_own(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ask(capsys, "lint")
    examples = {each["file"] for each in told["findings"] if each["rule"] == "missing-example"}
    assert (code, examples) == (1, {"billing/openapi.yaml"})
    assert ask(capsys, "lint", "--contract", "shop")[0] == 0
    assert main(["lint"]) == 1
    assert "shop/openapi.yaml: " in capsys.readouterr().err


ROOT = "pyproject.toml: [tool.contractgen]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mock"], "there are several contracts; select one by --contract: shop, billing"),
        (
            ["generate", "--out", "x"],
            "--out is the folder of one contract; select one by --contract: shop, billing",
        ),
        (["check", "--contract", "ship"], f"{ROOT} no contract 'ship'; there are shop, billing"),
        (["lint", "shop/openapi.yaml", "--contract", "shop"], "give either SPEC or --contract"),
        (
            ["generate", "old.yaml"],
            'old.yaml: no folder to write to; give --out DIR, or set out = "DIR" in {ROOT}',
        ),
    ],
)
def test_a_choice_that_is_none(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == message.replace("{ROOT}", ROOT) + "\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            None,
            "no pyproject.toml in this folder or above it has a table [tool.contractgen]: ",
        ),
        (
            "[tool.contractgen]\nvendor = true",
            f'{ROOT} spec: is missing; give SPEC, or write spec = "openapi.yaml", relative to this file',
        ),
        (
            "[tool.contractgen]\nspec = 'x.yaml'",
            f"{ROOT} spec: no file x.yaml; write its path, relative to pyproject.toml",
        ),
        (
            "[tool.contractgen]\nspec = 'shop/openapi.yaml'",
            f'shop/openapi.yaml: no folder to write to; give --out DIR, or set out = "DIR" in {ROOT}',
        ),
    ],
)
def test_a_configuration_that_lacks_something(
    project: Path, capsys: pytest.CaptureFixture[str], text: str | None, message: str
) -> None:
    file = project / "pyproject.toml"
    file.unlink() if text is None else file.write_text(text)
    assert main(["generate"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message)


def test_a_document_of_two_contracts_is_taken_by_name(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "pyproject.toml"
    file.write_text(NAMED.replace("billing/openapi.yaml", "shop/openapi.yaml"))
    assert main(["generate", "shop/openapi.yaml"]) == 2
    assert "several contracts; leave it out, and select one by --contract" in capsys.readouterr().err
    assert main(["generate", "--contract", "billing"]) == 0


def test_a_mock_of_the_configured_contract(
    single: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its port is 8001 unless another one is given."""
    asked: list[int] = []

    def refuse(host: str, port: int) -> None:
        asked.append(port)
        raise OSError(f"no listening on {host}")

    monkeypatch.setattr(mock, "listen", refuse)
    monkeypatch.setattr("contractgen.commands.mock.signal.signal", lambda *_: None)
    assert (main(["mock"]), main(["mock", "--port", "9"])) == (2, 2)
    assert asked == [8001, 9]
    assert capsys.readouterr().err.count("\n") == 2


@slow
def test_every_configured_contract_is_verified(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write('skip = ["put_thing"]\n')
    code, told = ask(capsys, "verify", "--no-types")
    assert code == 0
    assert [each["file"] for each in told["documents"]] == ["shop/openapi.yaml", "billing/openapi.yaml"]
    assert [[each["name"] for each in document["skipped"]] for document in told["documents"]] == [
        [],
        ["put_thing"],
    ]
