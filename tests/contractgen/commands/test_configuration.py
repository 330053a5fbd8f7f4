"""`[tool.contractgen]`: where it is found, its settings, its errors, and their effect on the commands."""

import json
from argparse import Namespace
from pathlib import Path

import httpx
import pytest

from contractgen.commands.cli import main
from contractgen.commands.configuration import Contract
from contractgen.commands.selection import contract_for
from contractgen.commands.tables import Table
from contractgen.document.findings import SettingError
from contractgen.document.load import load
from contractgen.mock.application import create_mock
from contractgen.plan.skips import Skip
from tests.contractgen.packages import contract, write_document


def read(spec: Path, config: Path | None = None) -> Contract:
    return contract_for(spec, Namespace(config=config, contract=None))


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_the_nearest_table_counts(tmp_path: Path) -> None:
    spec = tmp_path / "a" / "b" / "openapi.yaml"
    write(tmp_path / "pyproject.toml", "[tool.contractgen]\nskip = ['far']\n")
    assert read(spec).skip == Skip(("far",))
    write(tmp_path / "a" / "pyproject.toml", "[tool.contractgen]\nskip = ['near']\nskip-unsupported = true\n")
    write(tmp_path / "a" / "b" / "pyproject.toml", "[tool.other]\nskip = ['none']\n")
    assert read(spec).skip == Skip(("near",), unsupported=True)
    assert read(spec, write(tmp_path / "own.toml", "[tool.contractgen]\n")).skip == Skip()


FULL = """
[tool.contractgen]
spec = "contracts/openapi.yaml"
out = "generated/shop_api"
handlers = "shop.handlers"
examples = "shop/examples.json"
skip = ["GET /legacy"]
skip-unsupported = true
vendor = true
lint.rules = { missing-example = "off" }
"""


def test_every_setting_of_the_configured_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are relative to the file, whatever the working directory is."""
    file = write(tmp_path / "pyproject.toml", FULL)
    monkeypatch.chdir(write(tmp_path / "contracts" / "openapi.yaml", "").parent)
    expected = Contract(
        spec=Path("openapi.yaml"),
        out=Path("../generated/shop_api"),
        handlers="shop.handlers",
        examples=Path("../shop/examples.json"),
        skip=Skip(("GET /legacy",), unsupported=True),
        vendor=True,
        lint=Table(Path("../pyproject.toml"), "tool.contractgen.lint", {"rules": {"missing-example": "off"}}),
        place="../pyproject.toml: [tool.contractgen]",
        file=Path("../pyproject.toml"),
    )
    assert read(Path("openapi.yaml")) == expected
    assert contract_for(None, Namespace(config=None, contract=None)) == expected
    monkeypatch.chdir("/")
    assert (
        read(tmp_path / "contracts" / "openapi.yaml").folder.resolve() == tmp_path / "generated" / "shop_api"
    )
    assert file.is_file()


def test_another_document_gets_what_belongs_to_no_contract(tmp_path: Path) -> None:
    """Above all not the folder: it would be overwritten with the package of another contract."""
    write(tmp_path / "pyproject.toml", FULL)
    other = read(tmp_path / "contracts" / "old.yaml")
    assert (other.out, other.handlers, other.examples, other.skip.operations) == (None, None, None, ())
    assert (other.skip.unsupported, other.vendor) == (True, True)
    assert other.lint.values == {"rules": {"missing-example": "off"}}
    with pytest.raises(SettingError, match=r"old.yaml: no folder to write to; give --out DIR, or set out"):
        str(other.folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.contractgen]\nskp = []", "[tool.contractgen] no setting 'skp'; did you mean 'skip'?"),
        (
            "[tool.contractgen]\nzzz = []",
            "[tool.contractgen] no setting 'zzz'; there are spec, out, handlers, examples, skip, ",
        ),
        (
            "[tool.contractgen]\nspec = 1",
            "[tool.contractgen] spec: must be a path in quotes, relative to own.toml",
        ),
        (
            "[tool.contractgen]\nspec = ''",
            "[tool.contractgen] spec: must be a path in quotes, relative to own.toml",
        ),
        (
            "[tool.contractgen]\nout = 'a'",
            '[tool.contractgen] out: belongs to a document; add spec = "openapi.yaml", relative to this file',
        ),
        ("[tool.contractgen]\nspec = 'a'\nout = []", "[tool.contractgen] out: must be a path in quotes"),
        (
            "[tool.contractgen]\nspec = 'a'\nexamples = 1",
            "[tool.contractgen] examples: must be a path in quotes",
        ),
        (
            "[tool.contractgen]\nspec = 'a'\nhandlers = 'shop/handlers'",
            '[tool.contractgen] handlers: must be the dotted name of a package, such as "shop.handlers"',
        ),
        (
            "[tool.contractgen]\nspec = 'a'\nhandlers = 'a.class'",
            "[tool.contractgen] handlers: must be the dotted",
        ),
        (
            "[tool.contractgen]\nspec = 'a'\nhandlers = 1",
            "[tool.contractgen] handlers: must be the dotted name",
        ),
        ("[tool.contractgen]\nskip = 'a'", "[tool.contractgen] skip: must be a list of operationIds"),
        ("[tool.contractgen]\nskip = [1]", "[tool.contractgen] skip: must be a list of operationIds"),
        (
            "[tool.contractgen]\nskip-unsupported = 1",
            "[tool.contractgen] skip-unsupported: must be true or false",
        ),
        ("[tool.contractgen]\nvendor = 'yes'", "[tool.contractgen] vendor: must be true or false"),
        (
            "[tool.contractgen]\nlint = 1",
            "[tool.contractgen] lint: must be a table, written [tool.contractgen.lint]",
        ),
        ("[tool.contractgen]\ncontracts = 1", "[tool.contractgen] contracts: must be a table"),
        (
            "[tool.contractgen.contracts]",
            "[tool.contractgen.contracts] has no contract; write [tool.contractgen.contracts.NAME] with spec",
        ),
        (
            "[tool.contractgen]\nout = 'a'\n[tool.contractgen.contracts.shop]\nspec = 'a'",
            "[tool.contractgen] out: belongs to one contract; move it into [tool.contractgen.contracts.NAME]",
        ),
        (
            "[tool.contractgen.contracts.shop]\nout = 'a'",
            '[tool.contractgen.contracts.shop] spec: is missing; write spec = "openapi.yaml"',
        ),
        ("[tool.contractgen.contracts]\nshop = 'a'", "[tool.contractgen.contracts] shop: must be a table"),
        (
            "[tool.contractgen.contracts.shop]\nspec = 'a'\nport = 1",
            "[tool.contractgen.contracts.shop] no setting 'port'",
        ),
        (
            "[tool.contractgen.contracts]\na = { spec = 'a', out = 'x' }\nb = { spec = 'b', out = './x' }",
            "[tool.contractgen.contracts.b] out: ",
        ),
        ("[tool.other]", "has no table [tool.contractgen]"),
        ("tool = 1", "has no table [tool.contractgen]"),
        ("[tool]\ncontractgen = 1", "contractgen: must be a table, written [tool.contractgen]"),
        ("[tool", "Expected ']'"),
    ],
)
def test_a_setting_without_a_meaning_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path / "own.toml", text)
    with pytest.raises(SettingError) as raised:
        read(tmp_path / "openapi.yaml", file)
    assert str(raised.value).startswith(f"{file}: {message}")
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"nowhere.toml: cannot be read: No such file"):
        read(tmp_path / "openapi.yaml", tmp_path / "nowhere.toml")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A contract of which one operation of two cannot be generated."""
    document = contract()
    document["paths"]["/things/{thing_id}"]["put"]["security"] = [{"undeclared": []}]
    return write_document(tmp_path, document)


def test_a_package_without_what_is_not_supported(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "package"
    assert main(["generate", str(spec), "--out", str(out)]) == 2
    options = [str(spec), "--out", str(out), "--skip-unsupported"]
    capsys.readouterr()
    assert main(["generate", *options]) == 0
    line = f"skipped operation put_thing: {spec}:"
    first = capsys.readouterr()
    assert first.err.startswith(line)
    assert first.out.endswith(" changed, 1 skipped\n")
    assert "put_thing" not in (out / "_routes" / "things.py").read_text()
    assert "put_thing" in (out / "_contract.yaml").read_text(), "the served document is the whole contract"
    assert main(["check", *options]) == 0
    assert capsys.readouterr().err.startswith(line), "it is reported each time"
    assert main(["check", *options, "--json"]) == 0
    (skipped,) = json.loads(capsys.readouterr().out)["skipped"]
    assert (skipped["kind"], skipped["name"], skipped["file"]) == ("operation", "put_thing", str(spec))
    (reason,) = skipped["findings"]
    assert reason["message"] == "the security scheme 'undeclared' is not declared"


def test_a_listed_operation_is_not_in_the_package(spec: Path, tmp_path: Path) -> None:
    """Neither is a package taken for current that was generated before the operation was listed."""
    write_document(tmp_path, contract())
    options = [str(spec), "--out", str(tmp_path / "package")]
    assert main(["generate", *options]) == 0
    write(tmp_path / "pyproject.toml", "[tool.contractgen]\nskip = ['put_thing']\n")
    assert main(["check", *options]) == 1
    assert main(["generate", *options]) == 0
    assert "put_thing" not in (tmp_path / "package" / "_routes" / "things.py").read_text()
    assert main(["check", *options]) == 0


async def test_a_mock_serves_the_others(spec: Path, tmp_path: Path) -> None:
    mock = create_mock(load(spec), tmp_path, skip=Skip(unsupported=True))
    assert [each.name for each in mock.skipped] == ["put_thing"]
    transport = httpx.ASGITransport(mock.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        path = "/things/5f64b3ae-47a0-4b1f-8f4b-0d6b6ab3d2f0"
        assert (await client.get(path)).status_code == 200
        assert (await client.put(path)).status_code == 405


def test_a_wrong_setting_is_an_error_of_the_command(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path / "pyproject.toml", "[tool.contractgen]\nskip = ['put_thin']\n")
    assert main(["generate", str(spec), "--out", str(tmp_path / "package")]) == 2
    error = capsys.readouterr().err
    message = "skip: no operation is called 'put_thin'; did you mean 'put_thing'?"
    assert error == f"{file.name}: [tool.contractgen] {message}\n"
    write(file, "[tool.contractgen.lint]\nrules = { x = 'off' }\n")
    assert main(["lint", str(spec)]) == 2
    message = "no rule is called 'x'; contractgen lint --rules lists them"
    assert capsys.readouterr().err == f"{file.name}: [tool.contractgen.lint] {message}\n"
