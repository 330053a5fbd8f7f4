"""Client teams can generate SDKs from the served document, and use every part of the API through them.

Each section of docs/how-to/sdks.md is walked as a reader would, beside a service of its own; then a scenario
that touches the whole API is compiled and run with the client that the section has generated.
"""

import asyncio
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks_of
from tests.docs.session import environment_of_pages, session
from tests.sdk.conftest import Target
from tests.sdk.coverage import untouched

PAGE = "docs/how-to/sdks.md"
HERE = Path(__file__).parent
TYPESCRIPT = [["npx", "tsc"], ["npx", "tsx", "scenario.ts"]]
MYPY = ["env", "MYPYPATH=client", "mypy", "--config-file=", "--strict", "--python-version=3.11"]
PYTHON = ["env", "PYTHONPATH=client", "python", "scenario.py"]
#: How the scenario of a section is compiled and run.
COMMANDS = {
    "openapi-typescript": TYPESCRIPT,
    "hey-api": TYPESCRIPT,
    "orval": TYPESCRIPT,
    "redocly": TYPESCRIPT,
    "openapi-python-client": [[*MYPY, "scenario.py", "example.py", "client/pressroom_client"], PYTHON],
    # Most functions of its client have no annotations; what the scenario uses of it has.
    "openapi-generator": [[*MYPY, "--follow-imports=silent", "scenario.py", "example.py"], PYTHON],
}
GENERATED = ("More for TypeScript", "Other languages")
without_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="openapi-generator is left out: it needs Java, which is not here"
)


def blocks_of_section(name: str) -> list[Block]:
    """Return the blocks of a section, after those that all sections share."""
    sections = {*COMMANDS, *GENERATED}
    return [
        each for each in blocks_of(PAGE, sdk=True) if each.section == name or each.section not in sections
    ]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=without_java if name == "openapi-generator" else ()) for name in COMMANDS],
)
async def test_the_whole_api_through_an_sdk(name: str, target: Target, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(HERE / "scenarios" / name, folder)
    await asyncio.to_thread(generate, name, folder, target)
    for support in (HERE / "scenarios").glob("support.*"):
        shutil.copy(support, folder)
    for command in COMMANDS[name]:
        await asyncio.to_thread(run, command, folder, target)
    assert target.recording.violations == []
    assert untouched(target.recording) == []


async def test_more_clients_for_typescript_compile(target: Target, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    await asyncio.to_thread(generate, "More for TypeScript", folder, target)
    await asyncio.to_thread(run, ["npx", "tsc"], folder, target)
    assert {path.name for path in folder.glob("*.ts")} == {"oazapfts.ts", "swagger.ts"}


@without_java
async def test_other_languages_are_generated(target: Target, tmp_path: Path) -> None:
    folder = tmp_path / "languages"
    folder.mkdir()
    await asyncio.to_thread(generate, "Other languages", folder, target)
    # Its own runtime breaks the rule for indexed access.
    lenient = ["npx", "tsc", "--noUncheckedIndexedAccess", "false"]
    await asyncio.to_thread(run, lenient, folder, target)
    declared = [
        name
        for path in (folder / "go").glob("*.go")
        for name in re.findall(r"^(?:func|type) (\w+)", path.read_text(), re.MULTILINE)
    ]
    assert [name for name, count in Counter(declared).items() if count > 1] == []


def generate(name: str, folder: Path, target: Target) -> None:
    """Do what a section of the page says."""
    for settings in ("package.json", "tsconfig.json"):
        shutil.copy(HERE / settings, folder)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    with session(folder, target.variables) as opened:
        for block in blocks_of_section(name):
            opened.do(block)


def run(command: list[str], folder: Path, target: Target) -> None:
    environment = environment_of_pages(folder.with_name(f"{folder.name}-notes")) | target.variables
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-5_000:]}{done.stderr[-5_000:]}"
