"""`contractgen new --add`: what somebody has written stays, and only what is missing is appended."""

import ast
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from tests.contractgen.new.scaffolds import created
from tests.contractgen.packages import contract, write_document

#: A module as somebody may have written it: everything in it has to stay.
WRITTEN = '''\
"""All things.  """
from __future__ import annotations

import json, uuid # two at once
from shop.context import Context
from shop_api import (
    models,
    responses as answers,
)

LIMIT = {   "of": 5 }   # not formatted
TEXT = """
async def get_everything(context): ...
"""


async def get_thing(context: Context, /, *, thing_id: uuid.UUID, word: str | None) -> answers.Thing200:
    # Mine.
    return answers.Thing200(models.Thing(name=str(json.dumps(word))))



class _Helper: pass
'''


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("additions") / "shop"
    created(contract(), folder)
    return folder


@pytest.fixture
def shop(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service of its own for each test, which is the working directory."""
    folder = Path(shutil.copytree(original, tmp_path / "shop"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def module(shop: Path) -> Path:
    return shop / "shop" / "handlers" / "things.py"


def coroutines(path: Path) -> list[str]:
    return [each.name for each in ast.parse(path.read_bytes()).body if isinstance(each, ast.AsyncFunctionDef)]


def change(document: Any) -> None:
    """Change the contract of the service, and generate again."""
    write_document(Path("openapi"), document)
    assert main(["generate"]) == 0


def with_more() -> Any:
    """The contract with an operation more under its tag, and one under a new tag."""
    document = contract()
    get = document["paths"]["/things/{thing_id}"]["get"]
    document["tags"].append({"name": "reports", "description": "All reports."})
    document["paths"]["/things"] = {
        "get": {**get, "operationId": "list_things", "summary": "Every thing", "parameters": []},
        "post": {**get, "operationId": "make_report", "tags": ["reports"], "parameters": []},
    }
    return document


def is_subsequence(lines: Sequence[object], of: Sequence[object]) -> bool:
    rest = iter(of)
    return all(line in rest for line in lines)


def test_all_that_was_written_stays(module: Path) -> None:
    module.write_text(WRITTEN)
    assert main(["new", "--add"]) == 0
    before, after = WRITTEN.splitlines(), module.read_text().splitlines()
    assert is_subsequence(before, after)
    added = [line for line in after if line not in before]
    assert coroutines(module) == ["get_thing", "put_thing"]
    # The names that the module has are not imported again; its names for packages are its own.
    imports = [line for line in added if "import" in line]
    assert imports == [
        "from contractgen_runtime import stubs",
        "from shop_api import responses",
        "from shop.context import Caller",
        "from uuid import UUID",
    ]
    assert after.index(imports[0]) > after.index("    responses as answers,")
    assert after.index(imports[-1]) < after.index('LIMIT = {   "of": 5 }   # not formatted')
    assert "@stubs.unimplemented" in added


def test_a_second_run_changes_nothing(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module.write_text(WRITTEN)
    main(["new", "--add"])
    text = module.read_bytes()
    capsys.readouterr()
    assert main(["new", "--add"]) == 0
    assert module.read_bytes() == text
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WRITTEN.replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param(WRITTEN.replace("LIMIT", "\x0cLIMIT"), id="form feeds"),
        pytest.param(WRITTEN.replace("everything", "\u2028\x1d\x85"), id="separators in a text"),
        pytest.param(WRITTEN.replace("Mine", "Größe ☃"), id="not ASCII"),
        pytest.param("\ufeff" + WRITTEN, id="byte order mark"),
        pytest.param(WRITTEN.rstrip(), id="no line end at the end"),
        pytest.param('"""All things."""\n', id="a docstring alone"),
        pytest.param("", id="nothing"),
        pytest.param("# A comment.\n", id="a comment"),
    ],
)
def test_the_bytes_of_a_module_stay(module: Path, text: str) -> None:
    """Each byte: an editor or a colleague may need the line ends that a file has."""
    written = text.encode()
    module.write_bytes(written)
    assert main(["new", "--add"]) == 0
    after = module.read_bytes()
    assert {"get_thing", "put_thing"} <= set(coroutines(module))
    end = b"\r\n" if b"\r\n" in written else b"\n"
    assert is_subsequence(written.rstrip().split(end), after.split(end))
    assert end == b"\n" or b"\n" not in after.replace(b"\r\n", b""), "one kind of line end"


@pytest.mark.parametrize(
    "line",
    [
        "from shop.writing import put_thing",
        "put_thing = decorated(change)",
        "put_thing: Handler = change",
        "try:\n    from shop.writing import put_thing\nexcept ImportError:\n    raise",
    ],
)
def test_a_handler_that_is_no_function_of_the_module_is_not_missing(module: Path, line: str) -> None:
    """A second one at the end would replace it."""
    module.write_text(f"{WRITTEN}\n{line}\n")
    assert main(["new", "--add"]) == 0
    assert module.read_text() == f"{WRITTEN}\n{line}\n"


def test_new_operations_are_listed_with_their_signatures(
    module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module.write_text(WRITTEN)
    capsys.readouterr()
    change(with_more())
    printed = capsys.readouterr().out
    assert module.read_text() == WRITTEN, "`generate` writes no handlers"
    assert "things.py: no handler list_things; `contractgen new --add` appends it" in printed
    assert "  async def list_things(context: Context, /) -> responses.Thing\n" in printed
    assert "reports.py: no handler make_report" in printed
    signature = (
        "async def put_thing(context: Context, caller: Caller, /, *, thing_id: UUID, body: models.Thing)"
    )
    assert f"  {signature} -> responses.PutThing204\n" in printed


def test_a_new_tag_gets_a_module(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(with_more())
    capsys.readouterr()
    assert main(["new", "--add"]) == 0
    printed = capsys.readouterr().out
    assert coroutines(module) == ["get_thing", "put_thing", "list_things"]
    reports = module.with_name("reports.py")
    assert coroutines(reports) == ["make_report"]
    assert reports.read_text().startswith('"""All reports."""\n')
    assert "things.py: added list_things\n" in printed
    assert "reports.py: added make_report\n" in printed
    assert "reports.py: a new tag; pass its handlers to Api as reports\n" in printed
    assert "put_thing" not in printed


def test_a_handler_whose_operation_is_gone_is_named_and_stays(
    module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = contract()
    del document["paths"]["/things/{thing_id}"]["put"]
    text = module.read_text()
    change(document)
    assert "things.py: the contract has no operation for put_thing\n" in capsys.readouterr().out
    assert main(["new", "--add"]) == 0
    assert "things.py: the contract has no operation for put_thing; remove it\n" in capsys.readouterr().out
    assert module.read_text() == text


def test_a_private_coroutine_is_no_handler(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module.write_text(module.read_text() + "\n\nasync def _load(): ...\n\n\ndef helper(): ...\n")
    assert main(["new", "--add"]) == 0
    assert capsys.readouterr().out == ""


def test_the_modules_of_a_team_may_be_folders(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nested = module.with_suffix("") / "handlers.py"
    nested.parent.mkdir()
    module.rename(nested)
    nested.write_text(WRITTEN)
    capsys.readouterr()
    assert main(["new", "--add"]) == 0
    assert coroutines(nested) == ["get_thing", "put_thing"]
    assert not module.exists()
    assert "things/handlers.py: added put_thing" in capsys.readouterr().out


def test_a_package_below_src_is_found(shop: Path, module: Path) -> None:
    (shop / "src").mkdir()
    (shop / "shop").rename(shop / "src" / "shop")
    moved = shop / "src" / "shop" / "handlers" / "things.py"
    moved.write_text(WRITTEN)
    assert main(["new", "--add"]) == 0
    assert coroutines(moved) == ["get_thing", "put_thing"]
    assert not module.exists()


def test_what_was_added_as_json(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module.write_text(WRITTEN)
    capsys.readouterr()
    assert main(["new", "--add", "--json"]) == 0
    (added,) = json.loads(capsys.readouterr().out)["added"]
    assert (Path(added["file"]).name, added["handlers"]) == ("things.py", ["put_thing"])
    assert main(["new", "--add", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda shop: (shop / "shop/handlers/things.py").write_text("def x(:\n"), "things.py:1: "),
        (lambda shop: shutil.rmtree(shop / "shop_api"), "contractgen generate"),
        (lambda _: write_document(Path("openapi"), with_more()), "contractgen generate"),
        (
            lambda shop: (shop / "pyproject.toml").write_text(
                '[tool.contractgen]\nspec = "openapi/openapi.yaml"\nout = "shop_api"\n'
            ),
            "handlers: is missing",
        ),
    ],
    ids=["a syntax error", "no package", "an older package", "no setting"],
)
def test_what_is_in_the_way_is_one_line(
    shop: Path, capsys: pytest.CaptureFixture[str], spoil: Any, message: str
) -> None:
    spoil(shop)
    capsys.readouterr()
    assert main(["new", "--add"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert message in printed.err
