"""`--github`: findings as workflow commands, which end where GitHub's parser ends them."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.commands.github import annotation
from tests.contractgen.packages import contract, write_document


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_document(tmp_path, contract())
    return Path("openapi.yaml")


def test_nothing_in_a_message_ends_the_command(tmp_path: Path) -> None:
    line = annotation("error", "a,b:c", "100 %\r\nend", tmp_path / "x.yaml", (2, 3))
    assert line == f"::error file={tmp_path / 'x.yaml'},title=a%2Cb%3Ac,line=2,col=3::100 %25%0D%0Aend"


def test_findings_stand_at_their_lines(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = contract()
    document["paths"]["/things/{thing_id}"]["get"]["parameters"][1]["example"] = "too long"
    write_document(Path(), document)
    assert main(["lint", str(spec), "--github"]) == 1
    number = spec.read_text().splitlines().index("        example: too long") + 1
    lines = capsys.readouterr().out.splitlines()
    place = f"::error file={spec.resolve()},title=example-violates-schema,line={number},col="
    assert [line for line in lines if line.startswith(place)] != []
    assert {line.partition(" ")[0] for line in lines} == {"::error", "::warning", "::notice"}


def test_drift_is_one_annotation(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(spec), "--out", "things", "--github"]) == 1
    text = "things differs from what openapi.yaml gives; run: contractgen generate openapi.yaml --out things"
    assert capsys.readouterr().out == f"::error file={spec.resolve()},title=drift::{text}\n"
    assert main(["generate", str(spec), "--out", "things"]) == 0
    capsys.readouterr()
    assert main(["check", str(spec), "--out", "things", "--github"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("change", "kind", "is_placed"),
    [
        (lambda document: document["paths"]["/things/{thing_id}"].pop("put"), "error", False),
        (lambda document: _name(document).update(minLength=4), "error", True),
        (lambda document: _operation(document).pop("parameters"), "error", False),
        (lambda document: _operation(document).update(deprecated=True), "notice", True),
        (lambda document: _operation(document).update(summary="Another one"), None, False),
    ],
)
def test_changes_stand_in_the_new_document(
    spec: Path, capsys: pytest.CaptureFixture[str], change: Any, kind: str | None, *, is_placed: bool
) -> None:
    """What is gone has no line in it, and a change that no client notices has no annotation."""
    document = contract()
    change(document)
    Path("new").mkdir()
    new = write_document(Path("new"), document)
    assert main(["diff", str(spec), str(new), "--github"]) == (kind == "error")
    *lines, summary = capsys.readouterr().out.splitlines()
    assert summary.startswith("openapi.yaml -> new/openapi.yaml: ")
    kinds = {line.partition(" ")[0].removeprefix("::") for line in lines}
    assert kinds - {"notice"} == {kind} - {"notice", None}
    assert bool(kinds) is (kind is not None)
    assert all(line.partition("file=")[2].startswith(f"{new.resolve()},") for line in lines)
    assert any(",line=" in line for line in lines) is is_placed


@pytest.mark.parametrize("command", [["lint"], ["check", "--out", "x"], ["diff", "openapi.yaml"]])
def test_a_document_that_cannot_be_used(
    spec: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    spec.write_text("openapi: [\n")
    name, *rest = command
    assert main([name, str(spec), *rest, "--github"]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"::error file={spec.resolve()},title=contractgen,line=2,col=")


def _operation(document: Any) -> Any:
    return document["paths"]["/things/{thing_id}"]["get"]


def _name(document: Any) -> Any:
    return document["components"]["schemas"]["Thing"]["properties"]["name"]
