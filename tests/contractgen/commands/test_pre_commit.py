"""`.pre-commit-hooks.yaml`: each hook has keys that pre-commit knows, and does what it says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contractgen.packages import contract, write_document
from tests.house.project import read
from tests.tiers import slow

PAGE = read("docs/how-to/configuration.md")
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load(read(".pre-commit-hooks.yaml"))
}
#: Of pre-commit's own list of keys, those that a manifest needs, and those that ours uses.
REQUIRED = {"id", "name", "entry", "language"}
KNOWN = REQUIRED | {"description", "types_or", "pass_filenames"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_document(tmp_path, contract())
    settings = '[tool.contractgen]\nspec = "openapi.yaml"\nout = "things"\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    return tmp_path


def run(name: str, folder: Path) -> int:
    """Run a hook as pre-commit does: its entry, without file names, at the top of the repository."""
    program, *arguments = shlex.split(HOOKS[name]["entry"])
    command = [sys.executable, "-m", program, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def test_the_manifest_has_the_keys_that_pre_commit_knows() -> None:
    assert HOOKS.keys() == {"contractgen-check", "contractgen-lint", "contractgen-generate"}
    for hook in HOOKS.values():
        assert REQUIRED <= hook.keys() <= KNOWN
        assert hook["pass_filenames"] is False, "the contracts are those of pyproject.toml"
        assert hook["language"] == "system", "the root of the repository is no contractgen"
        assert set(hook["types_or"]) <= {"json", "python", "toml", "yaml"}


def test_the_page_has_every_hook() -> None:
    rows = dict(re.findall(r"^\| `(contractgen-[a-z]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert rows == {name: hook["entry"] for name, hook in HOOKS.items()}
    shown = re.findall(r"^ *- id: (\S+)$", PAGE, re.MULTILINE)
    assert shown
    assert set(shown) <= HOOKS.keys()


@slow
def test_the_hooks_of_a_package(project: Path) -> None:
    assert run("contractgen-check", project) == 1
    assert run("contractgen-generate", project) == 0
    assert (project / "things" / "__init__.py").is_file()
    assert run("contractgen-check", project) == 0
    (project / "things" / "py.typed").unlink()
    assert run("contractgen-check", project) == 1


@slow
def test_the_hook_of_a_contract(project: Path) -> None:
    assert run("contractgen-lint", project) == 0
    document = contract()
    document["paths"]["/things/{thing_id}"]["get"]["parameters"][1]["example"] = "too long"
    write_document(project, document)
    assert run("contractgen-lint", project) == 1
