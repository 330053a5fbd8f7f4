"""The commands that people are told to type."""

import os
import re
import subprocess
from pathlib import PurePosixPath

import pytest

from tests.docs.blocks import pages
from tests.house.project import ROOT, read, tracked

TARGETS = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
TIERS = {"quick", "check", "test", "test-full", "mutants"}
COMMANDS = TIERS | {
    *(
        "audit",
        "bench",
        "clean",
        "dev",
        "dist",
        "docs",
        "fuzz",
        "fuzz-mock",
        "generate",
        "image",
        "install",
        "lint-contract",
        "load",
        "pages",
        "psql",
        "reset",
        "run",
        "sbom",
        "sdk",
        "seed",
    )
}
#: Its commands are those of the Makefile that `contractgen new` writes.
OF_A_SERVICE = {
    *("docs/how-to/database.md", "docs/how-to/own-contract.md", "docs/decisions/mocked-until-written.md"),
}


def test_make_alone_prints_one_line_of_help_for_each_command() -> None:
    # A make above this one passes its flags and variables on through the environment.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    printed = subprocess.run(
        ["make"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
    explained = dict(re.findall(r"^  make (\S+) +(\S.+)$", printed, re.MULTILINE))
    assert explained.keys() >= COMMANDS
    assert explained.keys() <= TARGETS
    assert len(printed.splitlines()) == len(explained)


def test_no_target_can_be_mistaken_for_a_file() -> None:
    phony = set(re.findall(r"^\.PHONY: (\S+)$", read("Makefile"), re.MULTILINE))
    assert phony == TARGETS


@pytest.mark.parametrize("document", sorted({*pages(), ".ci/run", "Dockerfile"} - OF_A_SERVICE))
def test_every_make_command_that_is_written_down_exists(document: str) -> None:
    commands = set(re.findall(r"(?:^\s*(?:\$ )?|`|&& )make ([a-z][a-z-]*)", read(document), re.MULTILINE))
    assert commands <= TARGETS


def test_the_readme_and_its_page_tell_how_to_start_and_how_to_check() -> None:
    assert {name for name in ("run", "test", "docs") if f"make {name}" not in read("README.md")} == set()
    page = read("docs/operations/run.md")
    assert {name for name in COMMANDS - {"clean", "install"} if f"make {name}" not in page} == set()


def test_scripts_that_are_run_by_name_can_be() -> None:
    with_shebang = [path for path in tracked() if path.suffix in {"", ".sh"} and read(path).startswith("#!")]
    assert PurePosixPath(".ci/run") in with_shebang
    assert [path for path in with_shebang if not os.access(ROOT / path, os.X_OK)] == []
