"""A command whose extra is not installed is one line that says what to install."""

import json

import pytest

from contractgen.commands import extras
from contractgen.commands.cli import main

ARGUMENTS = {"mock": ["openapi.yaml", "--port", "0"], "verify": ["openapi.yaml"]}


@pytest.fixture(params=extras.MODULES)
def command(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    return str(request.param)


def test_one_line_says_what_to_install(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, *ARGUMENTS[command]]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"not installed; run `pip install 'contractgen[{command}]'`")


def test_it_is_json_when_json_is_asked_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, *ARGUMENTS[command], "--json"]) == 2
    assert f"contractgen[{command}]" in json.loads(capsys.readouterr().out)["error"]
