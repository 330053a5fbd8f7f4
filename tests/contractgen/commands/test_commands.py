"""What the commands tell: lines for people, objects for machines, and the same exit codes for both."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands import progress
from contractgen.commands.cli import main
from tests.contractgen.packages import GOLDEN, contract, write_document

SPEC = str(GOLDEN / "library" / "openapi.yaml")
COMMANDS = ("generate", "check", "lint", "diff", "mock")
FINDING = {"file", "line", "column", "pointer", "message", "hint", "edits", "rule", "severity"}


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """A command with --json: its exit code, and the one object that it prints."""

    def run(*arguments: object) -> tuple[int, Any]:
        try:
            code = main([*map(str, arguments), "--json"])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        printed = capsys.readouterr()
        assert printed.err == ""
        return code, json.loads(printed.out)

    return run


def test_generate_tells_what_it_wrote(ask: Any, tmp_path: Path) -> None:
    out = tmp_path / "library"
    code, told = ask("generate", SPEC, "--out", out)
    assert (code, told["files"], told["out"]) == (0, len(told["changes"]), str(out))
    assert {"file": str(out / "_routes/__init__.py"), "change": "wrote"} in told["changes"]
    (out / "_routes/__init__.py").write_text("")
    (out / "other.py").write_text("")
    assert ask("generate", SPEC, "--out", out)[1]["changes"] == [
        {"file": str(out / "_routes/__init__.py"), "change": "updated"},
        {"file": str(out / "other.py"), "change": "removed"},
    ]


def test_generate_tells_what_is_not_called_as_usual(
    ask: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    document = contract()
    document["tags"][0]["name"] = "Operations"
    for operation in document["paths"]["/things/{thing_id}"].values():
        operation["tags"] = ["Operations"]
    thing = document["components"]["schemas"]["Thing"]
    thing["properties"]["global"] = {"type": "integer"}
    document["components"]["schemas"] |= {"thing": thing}
    spec = write_document(tmp_path, document)
    told = ask("generate", spec, "--out", tmp_path / "package")[1]["warnings"]
    assert all(warning.keys() == FINDING and warning["line"] > 1 for warning in told)
    assert {warning["severity"] for warning in told} == {"warning"}
    found = [
        ("/tags/0/name", "the tag 'Operations' is called operations_ in Python"),
        ("/components/schemas/Thing/properties/global", "the member 'global' is called global_ in Python"),
        ("/components/schemas/thing", "the class of this schema is called Thing2 in Python"),
        ("/components/schemas/thing/properties/global", "the member 'global' is called global_ in Python"),
    ]
    assert [(warning["pointer"], warning["message"]) for warning in told] == found
    main(["generate", str(spec), "--out", str(tmp_path / "again")])
    assert f"warning: {spec}:6:3: #/tags/0/name: {found[0][1]}\n" in capsys.readouterr().err


def test_check_tells_what_differs(ask: Any, tmp_path: Path) -> None:
    out = tmp_path / "library"
    ask("generate", SPEC, "--out", out)
    told = {"spec": SPEC, "out": str(out), "findings": [], "skipped": []}
    assert ask("check", SPEC, "--out", out) == (0, {**told, "changes": []})
    (out / "py.typed").unlink()
    changes = [{"file": str(out / "py.typed"), "change": "missing"}]
    assert ask("check", SPEC, "--out", out) == (1, {**told, "changes": changes})


def test_lint_tells_its_findings(ask: Any, tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/things/{thing_id}"]["get"]["operationId"] = "GetThing"
    spec = write_document(tmp_path, document)
    code, told = ask("lint", spec, "--strict")
    assert code == 1
    (found,) = [each for each in told["findings"] if "GetThing" in each["message"]]
    assert found.keys() == FINDING
    assert found["file"] == str(spec)
    assert found["pointer"] == "/paths/~1things~1{thing_id}/get/operationId"


def test_diff_tells_its_changes(ask: Any) -> None:
    assert ask("diff", SPEC, SPEC) == (0, {"changes": [], "findings": []})


@pytest.mark.parametrize(
    "arguments", [("generate", "--out", "x"), ("check", "--out", "x"), ("lint",), ("mock", "--port", "0")]
)
@pytest.mark.parametrize("text", [None, "openapi: [", "a: 1"])
def test_an_unusable_document_is_told_as_json(
    ask: Any, tmp_path: Path, arguments: tuple[str, ...], text: str | None
) -> None:
    spec = tmp_path / "openapi.yaml"
    if text is not None:
        spec.write_text(text)
    command, *rest = arguments
    code, told = ask(command, spec, *rest)
    assert (code, told["error"]) == (2, "the document cannot be used")
    (found,) = told["findings"]
    assert found.keys() == FINDING
    assert found["file"] == str(spec)


def test_a_folder_of_somebody_elses_is_told_as_json(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    code, told = ask("generate", SPEC, "--out", tmp_path)
    assert (code, told["findings"]) == (2, [])
    assert str(tmp_path) in told["error"]


@pytest.mark.parametrize("command", ["", "nonsense", *COMMANDS])
def test_a_wrong_command_line_is_told_as_json(
    ask: Any, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder without a configuration: without SPEC there is nothing to do."""
    monkeypatch.chdir(tmp_path)
    code, told = ask(*filter(None, [command]))
    assert (code, told["findings"]) == (2, [])
    assert told["error"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_and_the_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    assert f"\n  contractgen {command} " in text
    assert "exit codes:\n  0  " in text


# What takes long ----------------------------------------------------------------------------------------


def paint(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, delay: float) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    monkeypatch.setattr(progress, "_DELAY", delay)
    monkeypatch.setattr(progress, "_INTERVAL", 0.001)
    with progress.Progress(("read", "write")) as bar:
        bar.begin("write")
        time.sleep(0.05)


def test_a_terminal_sees_a_bar_that_goes_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paint(monkeypatch, terminal=True, delay=0)
    seen = capsys.readouterr()
    assert "[#>] write, 0 s" in seen.err
    assert seen.err.endswith("\r\x1b[K")
    assert seen.out == ""


@pytest.mark.parametrize(("terminal", "delay"), [(False, 0), (True, 60)])
def test_neither_a_file_nor_a_short_run_sees_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool, delay: float
) -> None:
    paint(monkeypatch, terminal=terminal, delay=delay)
    assert capsys.readouterr().err == ""
