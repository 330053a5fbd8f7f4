"""The workflow files that a page offers are valid, and all that they run is the script that the page runs."""

from typing import Any

import pytest
import yaml

from tests.docs.blocks import blocks_of

BLOCKS = blocks_of("docs/how-to/continuous-integration.md")
FILES = {block.title: block.text for block in BLOCKS if block.kind == "file"}
INSTALL = "pip install 'contractgen[fuzz,mock,verify]' pytest"
SCRIPT = "sh gates.sh"


def commands_of(file: str) -> list[str]:
    workflow: Any = yaml.safe_load(FILES[file])
    if file == ".gitlab-ci.yml":
        return list(workflow["gates"]["script"])
    return [each["run"] for each in workflow["jobs"]["gates"]["steps"] if "run" in each]


@pytest.mark.parametrize("file", [".github/workflows/contract.yml", ".gitlab-ci.yml"])
def test_a_workflow_installs_and_runs_the_gates(file: str) -> None:
    assert commands_of(file) == [INSTALL, SCRIPT]


def test_the_page_runs_the_gates() -> None:
    assert [SCRIPT in block.text for block in BLOCKS if block.kind == "run"].count(True) == 1


def test_github_and_gitlab_have_the_tags_and_keep_the_reports() -> None:
    github = yaml.safe_load(FILES[".github/workflows/contract.yml"])
    checkout, *_, upload = [each for each in github["jobs"]["gates"]["steps"] if "uses" in each]
    assert (checkout["with"], upload["with"]["path"]) == ({"fetch-depth": 0}, "reports/")
    gitlab = yaml.safe_load(FILES[".gitlab-ci.yml"])["gates"]
    assert (gitlab["variables"], gitlab["artifacts"]["paths"]) == ({"GIT_DEPTH": 0}, ["reports/"])
    assert FILES["gates.sh"].count(gitlab["artifacts"]["reports"]["junit"]) == 1
