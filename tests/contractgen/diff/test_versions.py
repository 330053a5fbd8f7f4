"""`info.version` must rise as far as the changes need."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.diff.compare import diff
from contractgen.diff.versions import judge, version_of
from contractgen.document.findings import ContractError
from tests.contractgen.packages import THING, contract, read_document, write_document

# The order that section 11 of Semantic Versioning 2.0.0 gives as its example, between others.
ORDER = (
    *("0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"),
)


def of_version(version: Any, change: str = "") -> Any:
    document = contract()
    document["info"]["version"] = version
    get = document["paths"][THING]["get"]
    match change:
        case "breaking":
            get["operationId"] = "fetch_thing"
        case "compatible":
            get["deprecated"] = True
        case "patch":
            get["summary"] = "Another"
    return document


@pytest.mark.parametrize(
    ("change", "old", "needed", "enough", "too_low"),
    [
        ("breaking", "1.4.2", "2.0.0", ["2.0.0", "2.0.0-rc.1", "2", "3.1.0"], ["1.5.0", "1.4.2", "1.4.2+2"]),
        ("compatible", "1.4.2", "1.5.0", ["1.5.0", "1.5", "1.10.0", "2.0.0"], ["1.4.3", "1.4.2", "1.4.9"]),
        ("patch", "1.4.2", "1.4.2", ["1.4.2", "1.4.3", "1.4.2+b", "2.0.0"], ["1.4.1", "1.4.2-rc.1", "0.9.0"]),
        ("", "1.4.2", "1.4.2", ["1.4.2", "1.4.3"], ["1.4.1"]),
        ("breaking", "0.3.1", "0.4.0", ["0.4.0", "1.0.0", "0.10.0"], ["0.3.2", "0.3.1", "0.3"]),
        ("compatible", "0.3.1", "0.3.2", ["0.3.2", "0.4.0"], ["0.3.1", "0.3.0"]),
        ("breaking", "2.0.0-rc.1", "2.0.0", ["2.0.0", "2.0.0-rc.2"], ["2.0.0-rc.1", "2.0.0-beta.9", "1.9.0"]),
        ("compatible", "1.0", "1.1.0", ["1.1"], ["1.0.1", "1"]),
    ],
)
def test_a_version_rises_as_far_as_changes_need(
    tmp_path: Path, change: str, old: str, needed: str, enough: list[str], too_low: list[str]
) -> None:
    before = read_document(tmp_path, of_version(old))
    for new in (*enough, *too_low):
        after = read_document(tmp_path, of_version(new, change))
        verdict = judge(before, after, diff(before, after))
        assert (verdict.old, verdict.new, verdict.needed) == (old, new, needed)
        assert (verdict.finding is None) == (new in enough), new
        if verdict.finding is not None:
            assert verdict.finding.pointer == "/info/version"
            assert needed in verdict.finding.text


def test_versions_have_the_order_of_the_standard(tmp_path: Path) -> None:
    versions = [version_of(read_document(tmp_path, of_version(text))) for text in ORDER]
    assert all(one.precedence < other.precedence for one, other in pairwise(versions))


@pytest.mark.parametrize("version", ["", "v1", "1.2.3.4", "1.2-", "1.0.0-a..b", "one", "1.²"])
def test_what_is_no_version_cannot_be_compared(
    tmp_path: Path, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = read_document(tmp_path, of_version(version))
    with pytest.raises(ContractError, match="is not a version"):
        judge(document, document, [])
    spec = str(document.path)
    assert main(["diff", spec, spec]) == 0
    assert main(["diff", spec, spec, "--versions"]) == 2
    assert f"{spec}:4:3: #/info/version: {version!r} is not a version" in capsys.readouterr().err


def files(folder: Path, change: str, version: str) -> list[str]:
    paths = []
    for name, document in (("old", of_version("1.0.0")), ("new", of_version(version, change))):
        (folder / name).mkdir()
        paths.append(str(write_document(folder / name, document)))
    return paths


def test_the_command_judges_the_version_instead_of_the_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = files(tmp_path, "breaking", "2.0.0")
    assert (main(["diff", old, new]), main(["diff", old, new, "--versions"])) == (1, 0)
    assert "1 breaking" in capsys.readouterr().out
    assert main(["diff", new, old, "--versions"]) == 1
    told = capsys.readouterr().out.splitlines()[-1]
    message = "1.0.0 is too low for a breaking change after 2.0.0: it needs 3.0.0 or later"
    assert told == f"{old}:4:3: #/info/version: {message}"
    assert main(["diff", new, old, "--versions", "--github"]) == 1
    assert f"line=4,col=3::#/info/version: {message}" in capsys.readouterr().out
    assert main(["diff", new, old, "--versions", "--json"]) == 1
    version = {"old": "2.0.0", "new": "1.0.0", "needed": "3.0.0", "is_enough": False}
    assert json.loads(capsys.readouterr().out)["version"] == version


def test_what_the_wire_does_not_show_can_be_left_out(tmp_path: Path) -> None:
    old, new = files(tmp_path, "breaking", "1.0.0")
    assert [main(["diff", old, new, "--versions", *more]) for more in ([], ["--wire"])] == [1, 0]
