"""`contractgen verify` says of a document's package what it does not do as the document says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands import verify as command
from contractgen.commands.cli import main
from contractgen.verify.types import type_findings
from tests.contractgen.packages import THING, contract, write_document
from tests.tiers import slow


def verify(*arguments: Any) -> int:
    return main(["verify", *map(str, arguments)])


@slow
def test_a_document_without_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = write_document(tmp_path, contract())
    assert verify(spec) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{re.escape(str(spec))}: 2 operations, \d+ instances, 0 findings, [\d.]+ s", line)


@slow
def test_a_body_of_bytes_is_as_declared_whatever_its_schema(tmp_path: Path) -> None:
    document = contract()
    content = {"application/octet-stream": {"schema": {"type": "object"}}}
    document["paths"][THING]["put"]["requestBody"] = {"content": content}
    assert verify(write_document(tmp_path, document), "--no-types") == 0


@slow
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_values_that_are_enumerated_in_several_spellings_are_the_same(tmp_path: Path, version: str) -> None:
    """A type says `Literal["a"] | None` for all of them."""
    document = contract() | {"openapi": version}
    nullable = {"nullable": True} if version == "3.0.3" else {}
    either = [{"type": "string", "enum": ["a"]}, {"enum": [None]}]
    document["components"]["schemas"]["Thing"]["properties"] = {
        "text": {"type": "string" if nullable else ["string", "null"], "enum": ["a", None], **nullable},
        "number": {"enum": [1, None, True], **nullable},
        "either": {"anyOf": either, **nullable},
    }
    assert verify(write_document(tmp_path, document), "--no-types") == 0


@slow
def test_several_documents_one_of_which_is_refused_and_one_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = contract()
    refused["components"]["schemas"]["Thing"]["$dynamicRef"] = "#x"
    (tmp_path / "refused").mkdir()
    specs = [write_document(tmp_path, contract()), write_document(tmp_path / "refused", refused)]
    assert verify("--no-types", "--json", *specs) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(each["operations"], each["findings"]) for each in told["documents"]] == [(2, 0), (0, 1)]
    (finding,) = told["findings"]
    assert (finding["file"], finding["pointer"]) == (
        str(specs[1]),
        "/components/schemas/Thing/$dynamicRef",
    )
    assert verify("--no-types", specs[0], tmp_path / "none.yaml") == 2
    assert "none.yaml:1:1: #: cannot be read" in capsys.readouterr().out


@slow
def test_operations_that_are_skipped_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = contract()
    document["paths"][THING]["put"]["security"] = [{"undeclared": []}]
    spec = write_document(tmp_path, document)
    assert verify(spec, "--no-types") == 1
    capsys.readouterr()
    assert verify(spec, "--no-types", "--skip-unsupported") == 0
    printed = capsys.readouterr()
    assert ": 1 operations and 1 skipped, " in printed.out
    assert printed.err.startswith(f"skipped operation put_thing: {spec}:")
    (tmp_path / "pyproject.toml").write_text("[tool.contractgen]\nskip = ['put_thing']\n")
    assert verify(spec, "--no-types", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)["documents"]
    assert (told["operations"], [each["name"] for each in told["skipped"]]) == (1, ["put_thing"])
    (tmp_path / "pyproject.toml").write_text("[tool.contractgen]\nskip = ['put_thin']\n")
    assert verify(spec, "--no-types") == 2
    assert "did you mean 'put_thing'?" in capsys.readouterr().out


@slow
def test_a_type_error_is_told_with_its_line(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    package.joinpath("__init__.py").write_text("x: int = 1\ny: str = x\n")
    (finding,) = type_findings(package, tmp_path / "cache")
    assert (finding.file, finding.line, finding.column) == ("package/__init__.py", 2, 10)
    assert "Incompatible types in assignment" in finding.message


BREAKS: dict[str, tuple[str, str, str, str]] = {
    "a package that cannot be imported": ("models.py", "class Thing(", "class Thing(Missing, ", "imported"),
    "a package that ends the process": ("_api.py", '"""The', 'raise SystemExit(3)\n"""The', "ended early"),
    "a handler that is asked for twice": ("_api.py", "check_handlers(", "check_handlers(1, ", "mounted"),
    "a route that is not there": (
        "_routes/things.py",
        "_get_thing_route(host, handlers), ",
        "",
        "not served",
    ),
    "a role that nobody asked for": (
        "_routes/things.py",
        '"bearerAuth": ()',
        '"bearerAuth": ("x",)',
        "security",
    ),
}


@slow
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_package_is_one_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """The generator is made to write what is broken, in the process that imports it."""
    file, old, new, message = BREAKS[name]
    broken = tmp_path / "broken.py"
    broken.write_text(
        "import sys\n"
        "from contractgen.verify import worker\n"
        "write = worker.write\n"
        "def write_broken(files, folder):\n"
        f"    text = files[{file!r}].decode()\n"
        f"    assert {old!r} in text, text\n"
        f"    write(files | {{{file!r}: text.replace({old!r}, {new!r}, 1).encode()}}, folder)\n"
        "worker.write = write_broken\n"
        "worker.main(*sys.argv[1:])\n"
    )
    monkeypatch.setattr(command, "WORKER", [str(broken)])
    assert verify("--no-types", write_document(tmp_path, contract())) == 1
    told, _ = capsys.readouterr().out.splitlines()
    assert message in told


_HANGING = """
import subprocess, sys
if "hangs" in sys.argv[1]:
    subprocess.run(["sleep", "600"], check=False)
from contractgen.verify import worker
worker.main(*sys.argv[1:])
"""


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document whose verification starts a process that does not end."""
    worker = tmp_path / "worker.py"
    worker.write_text(_HANGING)
    monkeypatch.setattr(command, "WORKER", [str(worker)])
    (tmp_path / "hangs").mkdir()
    return write_document(tmp_path / "hangs", contract())


def test_a_document_that_takes_too_long_is_a_finding(
    hanging: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("--no-types", "--timeout", "0.5", hanging) == 1
    finding, _ = capsys.readouterr().out.splitlines()
    assert finding == f"{hanging}:1:1: #: verification ended early: it took longer than 0.5 s"


@slow
def test_a_document_that_takes_too_long_costs_only_itself(
    tmp_path: Path, hanging: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("--no-types", "--timeout", "8", hanging, write_document(tmp_path, contract())) == 1
    *_, last = capsys.readouterr().out.splitlines()
    assert " 2 operations, " in last
    assert " 0 findings, " in last


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "soon"])
def test_a_timeout_is_a_number_of_seconds(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit):
        verify("--timeout", text, "openapi.yaml")
    assert "--timeout" in capsys.readouterr().err
