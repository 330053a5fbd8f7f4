"""A command whose extra is not installed is one line that says what to install."""

import json

import pytest

from contractgen.commands import extras
from contractgen.commands.cli import main

ARGUMENTS = {
    "fuzz": ["fuzz", "openapi.yaml"],
    "mock": ["mock", "openapi.yaml", "--port", "0"],
    "verify": ["verify", "openapi.yaml"],
    "watch": ["generate", "openapi.yaml", "--watch"],
}


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)


@pytest.mark.parametrize("extra", extras.MODULES)
def test_one_line_says_what_to_install(extra: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ARGUMENTS[extra]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"not installed; run `pip install 'contractgen[{extra}]'`")


@pytest.mark.parametrize("command", sorted(extras.MODULES.keys() - {"watch"}))
def test_it_is_json_when_json_is_asked_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS[command], "--json"]) == 2
    assert f"contractgen[{command}]" in json.loads(capsys.readouterr().out)["error"]
