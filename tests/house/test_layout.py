"""Where things live, how long they may be, and who may say what."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.house.project import ROOT, functions, length, parse, python_files, read, tracked

FOLDERS = {"openapi", "generated", "src", "tests", "load", "docs"}
DISTRIBUTION = {"LICENSE", "README.md", "pyproject.toml"}
POSTGRES = PurePosixPath("src/contractgen_runtime/postgres")
TRANSACTION_CALLS = {"begin", "commit", "rollback"}
TRANSACTION_SQL = re.compile(r"\s*(begin|commit|rollback|start\s+transaction|savepoint)\b", re.IGNORECASE)
# The last one of a line: one reason explains them all.
SUPPRESSION = re.compile(r".*#\s*(noqa|type: ignore|pragma: no cover|fmt: (?:off|skip))\b(?P<rest>.*)")
# Joined here, so that this file does not name what no file may name.
REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "deb.debian" + ".org",
)
INDIRECT_QUESTION = re.compile(r"(?:How|What|When|Where|Whether|Which|Who|Whom|Whose|Why)\b")
HOME = re.compile(r"(?<![\w.])/(?:home|Users)/\w+|(?<![\w./])/(?:root)/|[A-Z]:\\Users\\")


def test_the_top_level_folders_are_the_agreed_ones() -> None:
    found = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    assert {folder for folder in found if not folder.startswith(".")} <= FOLDERS


def test_the_questions_of_a_newcomer_lead_to_what_is_there() -> None:
    rows = re.findall(r"^\| [^|]+\? \| `(\S+)` \([^`]*`([^`]+)`", read("CONTRIBUTING.md"), re.MULTILINE)
    assert [f"{folder}{name}" for folder, name in rows if not (ROOT / folder / name).is_file()] == []
    assert len(rows) == 3


def test_only_the_door_of_contractgen_stands_at_its_root() -> None:
    found = {path.name for path in tracked() if path.parent == PurePosixPath("src/contractgen")}
    assert found - DISTRIBUTION == {"__init__.py", "__main__.py", "py.typed"}


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {str(path): len(read(path).splitlines()) for path in python_files("src", "tests", "load")}
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


@pytest.mark.parametrize(("module", "limit"), [("handlers.py", 20), ("queries.py", 10)])
def test_handlers_and_queries_are_short(module: str, limit: int) -> None:
    lengths = {
        f"{path}:{function.name}": length(function)
        for path in python_files("src/pressroom")
        if path.name == module
        for function in functions(path)
    }
    assert lengths, f"there is no {module}"
    assert {name: lines for name, lines in lengths.items() if lines > limit} == {}


def test_only_db_py_ends_a_transaction() -> None:
    """The transaction of the migrations, which run before there is a service, is their own.

    Of requests with one idempotency key the first stores its response, and the others undo their work.
    """
    sayings = [
        saying
        for path in python_files("src/pressroom", str(POSTGRES))
        if path not in {POSTGRES / "db.py", POSTGRES / "revisions.py"} and "migrations" not in path.parts
        for saying in transaction_control(path)
    ]
    assert sayings == ["src/pressroom/idempotency/answers.py calls rollback()"]


def test_only_a_stolen_refresh_token_is_refused_and_still_changes_something() -> None:
    """Everything else that a refusal has written is rolled back; `keep` would store it."""
    assert callers("keep") == ["src/pressroom/auth/handlers.py:refresh_session"]


def test_only_a_new_post_is_stored_before_its_answer_is_made() -> None:
    """Nothing undoes what `write_once` stores: it is for handlers that have nothing left but to answer."""
    assert callers("write_once") == ["src/pressroom/posts/handlers.py:create_post"]


def callers(method: str) -> list[str]:
    """The functions of the service that call a method of this name."""
    return [
        f"{path}:{function.name}"
        for path in python_files("src/pressroom")
        if path.name != "db.py"
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def transaction_control(path: PurePosixPath) -> Iterator[str]:
    for node in ast.walk(parse(path)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in TRANSACTION_CALLS:
                yield f"{path} calls {name}()"
            case ast.Call(args=[ast.Constant(value=str(text)), *_]) if TRANSACTION_SQL.match(text):
                yield f"{path} sends {text!r}"


def test_generated_code_has_one_door() -> None:
    """Import contracts hold this for src/; tests and load scripts are no packages that they could see."""
    names = [
        f"{path} imports {name}"
        for path in python_files("src", "tests", "load")
        if re.search(r"^\s*(?:from|import) pressroom_api\b", read(path), re.MULTILINE)
        for node in ast.walk(parse(path))
        for name in imported(node)
        if name.startswith("pressroom_api.")
    ]
    assert names == []


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module="pressroom_api", level=0, names=aliases):
            return [f"pressroom_api.{alias.name}" for alias in aliases if alias.name.startswith("_")]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def test_every_suppression_names_its_rule_and_its_reason() -> None:
    """As in `# noqa: S603 - our own arguments` or `# type: ignore[arg-type]  # the stub is wrong`."""
    unexplained = [
        f"{path}:{number} {line.strip()}"
        for path in python_files("src", "tests", "load")
        if path != PurePosixPath("tests/house/test_layout.py")
        for number, line in enumerate(read(path).splitlines(), 1)
        if (found := SUPPRESSION.search(line)) and not is_explained(found["rest"])
    ]
    assert unexplained == []


def is_explained(rest: str) -> bool:
    return (
        re.match(r"(?:: ?[A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[\w, -]+\])?\s*(?:-|—|#)+ *\w+ \w+", rest) is not None
    )


def test_no_docstring_begins_as_an_indirect_question() -> None:
    """A docstring says what a thing is or does; that of a predicate begins with "Return whether"."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    questions = [
        f"{path}: {docstring.splitlines()[0]}"
        for path in python_files("src")
        for node in ast.walk(parse(path))
        if isinstance(node, documented)
        and (docstring := ast.get_docstring(node))
        and INDIRECT_QUESTION.match(docstring)
    ]
    in_templates = [
        f"{path}: {line.strip()}"
        for path in tracked()
        if path.suffix == ".jinja" and path.is_relative_to("src")
        for line in read(path).splitlines()
        if INDIRECT_QUESTION.match(line.partition('"""')[2])
    ]
    assert questions + in_templates == []


def test_no_file_names_a_package_registry_or_somebodys_home() -> None:
    named = [
        f"{path}: {found}"
        for path in tracked()
        if path.suffix != ".png"
        for text in [read(path)]
        for found in [*(host for host in REGISTRIES if host in text), *HOME.findall(text)]
    ]
    assert named == []
