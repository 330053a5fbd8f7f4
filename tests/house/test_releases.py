"""The contract's releases stay as they were, and its version and changelog follow from them."""

import hashlib
import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
import yaml
from packaging.version import Version

from contractgen.commands.cli import main
from tests.house.project import ROOT, read, tracked
from tests.tiers import slow

CONTRACT = "openapi/openapi.yaml"
FOLDER = PurePosixPath("openapi/releases")
RELEASES = sorted(
    (path for path in tracked() if path.parent == FOLDER and path.suffix == ".yaml"),
    key=lambda path: Version(path.stem),
)
FIRST = "## 1.0.0\n\nThe first release.\n"


def gate(folder: Path) -> str:
    """The command with which make judges the version of the contract in a folder."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    command = ["make", "-n", "-f", str(ROOT / "Makefile"), "-o", ".venv/.installed", "drift"]
    printed = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout
    (line,) = [line for line in printed.splitlines() if " diff " in line]
    return line.partition("contractgen ")[2]


def test_a_release_is_never_changed() -> None:
    sums = dict(line.split("  ")[::-1] for line in read(FOLDER / "SHA256SUMS").splitlines())
    assert sums == {path.name: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in RELEASES}


def test_a_release_has_the_name_of_its_version() -> None:
    assert RELEASES
    assert [yaml.safe_load(read(path))["info"]["version"] for path in RELEASES] == [p.stem for p in RELEASES]


@pytest.mark.parametrize(("old", "new"), [*pairwise(RELEASES), (RELEASES[-1], CONTRACT)])
def test_versions_rise_as_far_as_changes_need(old: PurePosixPath, new: PurePosixPath | str) -> None:
    assert main(["diff", str(ROOT / old), str(ROOT / new), "--versions"]) == 0


def test_the_changelog_is_what_the_command_gives(capsys: pytest.CaptureFixture[str]) -> None:
    sections = [FIRST]
    for old, new in pairwise(RELEASES):
        main(["diff", str(ROOT / old), str(ROOT / new), "--format", "markdown"])
        sections.append(capsys.readouterr().out)
    _, *written = re.split(r"^(?=## )", read("openapi/CHANGELOG.md"), flags=re.MULTILINE)
    assert [each.rstrip() for each in written] == [each.rstrip() for each in reversed(sections)]


def test_make_compares_with_the_newest_release(tmp_path: Path) -> None:
    releases = tmp_path / FOLDER
    releases.mkdir(parents=True)
    for version in ("1.0.0", "1.9.0", "1.10.0"):
        (releases / f"{version}.yaml").touch()
    assert gate(tmp_path) == f"diff {FOLDER}/1.10.0.yaml {CONTRACT} --versions"


@slow
def test_make_refuses_what_breaks_clients_without_a_major_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    monkeypatch.chdir(tmp_path)
    command = gate(tmp_path).split()
    assert main(command) == 0
    contract = Path(CONTRACT)
    text = contract.read_text()
    version = yaml.safe_load(text)["info"]["version"]
    broken = text.replace("operationId: getMe\n", "operationId: fetchMe\n")
    assert broken != text
    contract.write_text(broken)
    assert main(command) == 1
    contract.write_text(broken.replace(f"version: {version}", "version: 1000.0.0", 1))
    assert main(command) == 0
