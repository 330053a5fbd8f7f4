"""docs/how-to/configuration.md says what the code does: its settings, its examples, its commands."""

import re
import shlex
import tomllib
from argparse import Namespace
from pathlib import Path

import pytest

from contractgen.commands.cli import main, parser_for
from contractgen.commands.configuration import CONTRACTS, OWN, SHARED, Contract
from contractgen.commands.selection import contracts_for
from tests.contractgen.packages import contract, write_document
from tests.house.project import read

PAGE = read("docs/how-to/configuration.md")
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", PAGE, re.MULTILINE))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\b[^\n]*\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("contractgen ")]


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    assert list(ROWS) == [*OWN, *SHARED, CONTRACTS]


@pytest.mark.parametrize("name", ROWS)
def test_a_setting_has_the_type_of_the_table(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value of another type is refused by its name, and this one is not."""
    monkeypatch.chdir(tmp_path)
    spec = write_document(tmp_path, contract())
    wrong = {"path": "1", "package": '"a b"', "list": '"a"', "boolean": "1", "table": "1"}
    right = {"path": '"a"', "package": '"a.b"', "list": "[]", "boolean": "true", "table": "{}"}
    file = tmp_path / "pyproject.toml"
    for value, is_refused in ((wrong[ROWS[name]], True), (right[ROWS[name]], False)):
        lines = {"spec": '"openapi.yaml"', name: value}
        file.write_text("[tool.contractgen]\n" + "".join(f"{key} = {each}\n" for key, each in lines.items()))
        main(["lint", str(spec)])
        refusal = f"{file.name}: [tool.contractgen] {name}: must be "
        assert capsys.readouterr().err.startswith(refusal) is is_refused


@pytest.mark.parametrize("text", blocks("toml"))
def test_an_example_is_a_configuration(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tomllib.loads(text)["tool"]["contractgen"]
    written = list(table.get("contracts", {"": table}).values())
    for each in written:
        folder = (tmp_path / each["spec"]).parent
        folder.mkdir(exist_ok=True)
        write_document(folder, contract())
    (tmp_path / "pyproject.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    contracts = contracts_for(None, Namespace(config=None, contract=None))
    assert [(str(each.spec), str(each.out)) for each in contracts] == [(e["spec"], e["out"]) for e in written]
    assert {each.vendor for each in contracts} == {table.get("vendor", Contract(Path()).vendor)}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_understood(line: str) -> None:
    _, *arguments = shlex.split(line, comments=True)
    parsed = parser_for(arguments[0]).parse_args(arguments)
    assert parsed.run.__module__ == f"contractgen.commands.{arguments[0]}"
