"""`action.yml`: its keys are those of composite actions, and its steps run as GitHub runs them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contractgen.packages import contract, write_document
from tests.house.project import ROOT, read, tracked
from tests.tiers import full_only, slow

ACTION: dict[str, Any] = yaml.safe_load(read("action.yml"))
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in ACTION["runs"]["steps"]}


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone with a project in a folder of it, as a job has it; its origin has the branch main."""
    origin = tmp_path / "origin"
    project = origin / "service"
    project.mkdir(parents=True)
    write_document(project, contract())
    (project / "pyproject.toml").write_text('[tool.contractgen]\nspec = "openapi.yaml"\nout = "things"\n')
    git(origin, "init", "--quiet")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "first")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", "clone")
    (tmp_path / "temp").mkdir()
    return tmp_path / "clone"


def run(step: str, checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does, with the values that its `env` would have."""
    temp = checkout.parent / "temp"
    bin_folder = Path(sys.executable).parent
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[step]["run"]],
        cwd=checkout / "service",
        env={
            **os.environ,
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(temp),
            "GITHUB_PATH": str(temp / "path"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def change(checkout: Path, **fields: Any) -> None:
    document = contract()
    document["paths"]["/things/{thing_id}"]["get"].update(fields)
    write_document(checkout / "service", document)


def test_the_keys_are_those_of_a_composite_action() -> None:
    assert ACTION.keys() == {"name", "description", "author", "branding", "inputs", "runs"}
    assert ACTION["branding"].keys() == {"icon", "color"}
    assert ACTION["runs"].keys() == {"using", "steps"}
    assert ACTION["runs"]["using"] == "composite"
    for each in ACTION["inputs"].values():
        assert each.keys() == {"description", "default"}
        assert isinstance(each["default"], str), "GitHub passes texts"
    assert list(STEPS) == ["install", "check", "lint", "diff"]
    for step in STEPS.values():
        assert {"id", "name", "shell", "run"} <= step.keys()
        assert step.keys() <= {"id", "name", "shell", "run", "if", "env", "working-directory"}
        assert step["shell"] == "bash"


def test_the_page_has_every_input() -> None:
    _, _, section = read("docs/how-to/configuration.md").partition("\n| input | default |")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \|", section, re.MULTILINE))
    defaults = {name: f"`{each['default']}`" for name, each in ACTION["inputs"].items()}
    assert rows == defaults | {"base": "the base branch of the pull request"}
    assert ACTION["inputs"]["base"]["default"] == "${{ github.base_ref }}"


def test_expressions_are_never_part_of_a_script() -> None:
    """A branch may be called as a command: values go through the environment."""
    for step in STEPS.values():
        assert "${{" not in step["run"]
        given = set(step.get("env", {})) | {"RUNNER_TEMP", "GITHUB_PATH"}
        own = set(re.findall(r"^ *(?:\{ )?(\w+)=|\bread -r (\w+)", step["run"], re.MULTILINE))
        used = set(re.findall(r"\$\{?(\w+)", step["run"]))
        assert used <= given | {name for pair in own for name in pair}
    named = set(re.findall(r"inputs\.([\w-]+)", read("action.yml")))
    assert named == ACTION["inputs"].keys()


@slow
def test_check_and_lint_annotate(checkout: Path) -> None:
    checked = run("check", checkout)
    assert (checked.returncode, checked.stdout.count("::error ")) == (1, 1)
    linted = run("lint", checkout)
    assert linted.returncode == 1, "the small contract has warnings"
    assert linted.stdout.startswith("::warning file=")


@slow
@pytest.mark.parametrize(
    ("fields", "allowed", "code", "expected"),
    [
        ({"deprecated": True}, "false", 0, "::notice file="),
        ({"parameters": []}, "false", 1, "::error file="),
        ({"parameters": []}, "true", 0, "::error file="),
        ({"summary": "Another"}, "false", 0, "0 breaking"),
        ({"responses": 1}, "true", 1, ""),
    ],
)
def test_the_contract_is_compared_with_that_of_the_base(
    checkout: Path, fields: dict[str, Any], allowed: str, code: int, expected: str
) -> None:
    change(checkout, **fields)
    compared = run("diff", checkout, BASE="main", ALLOW_BREAKING=allowed)
    assert (compared.returncode, compared.stderr.count("Traceback")) == (code, 0), compared.stderr
    assert expected in compared.stdout
    assert f"file={checkout.parent / 'temp'}" not in compared.stdout, "it is no file of the workspace"


@slow
def test_a_runner_may_be_kept(checkout: Path) -> None:
    """The next job finds what the last one left, also if that has failed."""
    (checkout / "service" / "openapi.yaml").write_text("openapi: [")
    assert run("diff", checkout, BASE="main", ALLOW_BREAKING="false").returncode == 1
    change(checkout, deprecated=True)
    assert run("diff", checkout, BASE="main", ALLOW_BREAKING="false").returncode == 0


@slow
def test_a_contract_that_the_base_has_not(checkout: Path) -> None:
    (checkout / "service" / "openapi.yaml").rename(checkout / "service" / "new.yaml")
    (checkout / "service" / "pyproject.toml").write_text(
        '[tool.contractgen.contracts]\na = { spec = "new.yaml", out = "things" }\n'
    )
    compared = run("diff", checkout, BASE="main", ALLOW_BREAKING="false")
    assert (compared.returncode, compared.stdout) == (
        0,
        "::notice::new.yaml is not in main: nothing to compare\n",
    )


def test_a_base_that_cannot_be_fetched_fails(checkout: Path) -> None:
    assert run("diff", checkout, BASE="nowhere", ALLOW_BREAKING="false").returncode != 0


@full_only
@slow
def test_the_tool_is_installed_from_the_action(checkout: Path, tmp_path: Path) -> None:
    """Its libraries, which pip would load, are those of this environment."""
    action = tmp_path / "action"
    for path in tracked():
        if path.parts[0] == "src":
            (action / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, action / path)
    settings = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    paths = [path for path in sys.path if path.endswith("site-packages")]
    done = run("install", checkout, ACTION=str(action), PYTHONPATH=os.pathsep.join(paths), **settings)
    assert done.returncode == 0, done.stderr
    added = Path((checkout.parent / "temp" / "path").read_text().strip())
    (package,) = added.parent.glob("lib/python*/site-packages/contractgen/__init__.py")
    assert package.read_text() == read("src/contractgen/__init__.py")
    assert (added / "contractgen").is_file()
