"""`[tool.contractgen]`: where it is found, what it may say, and what the commands make of it."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen.commands.cli import main
from contractgen.commands.configuration import configuration_for
from contractgen.document.findings import SettingError
from contractgen.document.load import load
from contractgen.mock.application import create_mock
from contractgen.plan.skipping import Skip
from tests.contractgen.packages import contract, write_document


def read(spec: Path, config: Path | None = None) -> Any:
    return configuration_for(spec, Namespace(config=config))


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_the_nearest_table_counts(tmp_path: Path) -> None:
    spec = tmp_path / "a" / "b" / "openapi.yaml"
    write(tmp_path / "pyproject.toml", "[tool.contractgen]\nskip = ['far']\n")
    assert read(spec).skip == Skip(("far",))
    write(tmp_path / "a" / "pyproject.toml", "[tool.contractgen]\nskip = ['near']\nskip-unsupported = true\n")
    write(tmp_path / "a" / "b" / "pyproject.toml", "[tool.other]\nskip = ['none']\n")
    assert read(spec).skip == Skip(("near",), unsupported=True)
    assert read(spec, write(tmp_path / "own.toml", "[tool.contractgen]\n")).skip == Skip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.contractgen]\nskp = []", "no setting 'skp'; there are skip, skip-unsupported, vendor, lint"),
        ("[tool.contractgen]\nskip = 'a'", "skip: must be a list"),
        ("[tool.contractgen]\nskip = [1]", "skip: must be a list"),
        ("[tool.contractgen]\nskip-unsupported = 1", "skip-unsupported: must be true or false"),
        ("[tool.contractgen]\nlint = 1", "lint: must be a table"),
        ("[tool.other]", "has no table"),
        ("tool = 1", "has no table"),
        ("[tool", "own.toml: "),
    ],
)
def test_a_setting_without_a_meaning_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        read(tmp_path / "openapi.yaml", write(tmp_path / "own.toml", text))


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A contract of which one operation of two cannot be generated."""
    document = contract()
    document["paths"]["/things/{thing_id}"]["put"]["security"] = [{"undeclared": []}]
    return write_document(tmp_path, document)


def test_a_package_without_what_is_not_supported(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "package"
    assert main(["generate", str(spec), "--out", str(out)]) == 2
    options = [str(spec), "--out", str(out), "--skip-unsupported"]
    capsys.readouterr()
    assert main(["generate", *options]) == 0
    line = f"skipped operation put_thing: {spec}:"
    first = capsys.readouterr()
    assert first.err.startswith(line)
    assert first.out.endswith(" changed, 1 skipped\n")
    assert "put_thing" not in (out / "_routes" / "things.py").read_text()
    assert "put_thing" in (out / "_contract.yaml").read_text(), "the served document is the whole contract"
    assert main(["check", *options]) == 0
    assert capsys.readouterr().err.startswith(line), "it is reported each time"
    assert main(["check", *options, "--json"]) == 0
    (skipped,) = json.loads(capsys.readouterr().out)["skipped"]
    assert (skipped["kind"], skipped["name"], skipped["file"]) == ("operation", "put_thing", str(spec))
    (reason,) = skipped["findings"]
    assert reason["message"] == "the security scheme 'undeclared' is not declared"


def test_a_listed_operation_is_not_in_the_package(spec: Path, tmp_path: Path) -> None:
    """Neither is a package taken for current that was generated before the operation was listed."""
    write_document(tmp_path, contract())
    options = [str(spec), "--out", str(tmp_path / "package")]
    assert main(["generate", *options]) == 0
    write(tmp_path / "pyproject.toml", "[tool.contractgen]\nskip = ['put_thing']\n")
    assert main(["check", *options]) == 1
    assert main(["generate", *options]) == 0
    assert "put_thing" not in (tmp_path / "package" / "_routes" / "things.py").read_text()
    assert main(["check", *options]) == 0


async def test_a_mock_serves_the_others(spec: Path, tmp_path: Path) -> None:
    mock = create_mock(load(spec), tmp_path, skip=Skip(unsupported=True))
    assert [each.name for each in mock.skipped] == ["put_thing"]
    transport = httpx.ASGITransport(mock.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        path = "/things/5f64b3ae-47a0-4b1f-8f4b-0d6b6ab3d2f0"
        assert (await client.get(path)).status_code == 200
        assert (await client.put(path)).status_code == 405


def test_a_wrong_setting_is_an_error_of_the_command(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "pyproject.toml", "[tool.contractgen]\nskip = ['put_thin']\n")
    assert main(["generate", str(spec), "--out", str(tmp_path / "package")]) == 2
    error = capsys.readouterr().err
    assert error == "skip: no operation is called 'put_thin'; did you mean 'put_thing'?\n"
