"""Files that are no contract end in one line that says where, within bounds of time and memory."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.diff.compare import diff
from contractgen.document.findings import ContractError
from contractgen.document.load import load
from contractgen.lint.linter import lint
from contractgen.render.package import render
from tests.contractgen.packages import contract, read_document
from tests.tiers import slow

pytestmark = slow  # Documents of thousands of objects.

START = b"openapi: 3.1.0\n"
BOMB = (
    START
    + b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 10))
)

# name -> bytes, line, column, pointer, part of the message
FILES: dict[str, tuple[bytes, int, int, str, str]] = {
    "latin-1": (b"openapi: 3.1.0\ninfo: {title: caf\xe9}\n", 2, 1, "", "UTF-8"),
    "utf-16": ("openapi: 3.1.0\n".encode("utf-16"), 1, 1, "", "UTF-8"),
    "syntax": (START + b"info: {title: [}\n", 2, 16, "", "node content"),
    "tab": (START + b"\tinfo: x\n", 2, 1, "", "tab"),
    "NUL": (START + b"info: a\0b\n", 2, 8, "", "control"),
    "number too large": (START + b"x: 1.0e999\n", 2, 4, "/x", "too large"),
    "number too large in JSON": (b'{"openapi": "3.1.0", "x": 1e999}', 1, 27, "/x", "too large"),
    "half a surrogate pair": (b'{"openapi": "3.1.0", "x": "\\ud800"}', 1, 27, "/x", "surrogate"),
    "truncated JSON": (b'{"openapi": "3.1.0", "x": [', 0, 0, "", "node"),
    "control character": (START + b"info: \x01\n", 2, 7, "", "control"),
    "duplicate key": (START + b"info: {}\ninfo: {}\n", 3, 1, "/info", "duplicate key"),
    "duplicate key in JSON": (
        b'{"openapi": "3.1.0",\n "info": {"a": 1, "a": 1}}',
        2,
        19,
        "/info/a",
        "duplicate key",
    ),
    "list": (b"- a\n", 1, 1, "", "OpenAPI"),
    "scalar": (b"hello\n", 1, 1, "", "OpenAPI"),
    "empty": (b"", 1, 1, "", "OpenAPI"),
    "only a comment": (b"# openapi\n", 1, 1, "", "OpenAPI"),
    "other mapping": (b"swagger: '2.0'\n", 1, 1, "", "OpenAPI"),
    "two documents": (START + b"---\nopenapi: 3.1.0\n", 2, 1, "", "document"),
    "unknown alias": (START + b"x: *a\n", 2, 4, "", "alias"),
    "alias to itself": (START + b"x: &a [*a]\n", 2, 8, "/x/0", "no anchor before it"),
    "list as a key": (START + b"? [a]\n: b\n", 2, 3, "", "a key must be a string"),
    "integer of 5000 digits": (START + b"x: " + b"9" * 5000 + b"\n", 2, 4, "/x", ""),
    "flow lists 10,000 deep": (START + b"x: " + b"[" * 10_000 + b"]" * 10_000, 2, 0, "/x", "nested"),
    "flow mappings 10,000 deep": (START + b"x: " + b"{a: " * 10_000 + b"}" * 10_000, 2, 0, "/x", "nested"),
    "block mappings 2,000 deep": (
        START + b"x:\n" + b"".join(b" " * i + b"a:\n" for i in range(1, 2000)),
        0,
        0,
        "/x",
        "nested",
    ),
    "JSON 100,000 deep": (
        b'{"openapi": "3.1.0", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        1,
        0,
        "",
        "nested",
    ),
    "alias bomb": (BOMB, 0, 0, "", ""),
}
# Read in a process of its own, with a limit: a failure of these must not take the tests' process with it.
HEAVY = ["alias bomb", "JSON 100,000 deep", "flow lists 10,000 deep", "flow mappings 10,000 deep"]


@pytest.mark.parametrize("name", [name for name in FILES if name not in HEAVY])
def test_a_malformed_file_is_located(tmp_path: Path, name: str) -> None:
    content, line, column, pointer, message = FILES[name]
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        load(path)
    (finding,) = caught.value.findings
    assert finding.file == str(path)
    assert finding.line == (line or finding.line)
    assert finding.column == (column or finding.column)
    assert finding.pointer.startswith(pointer)
    assert message in finding.message


@pytest.mark.parametrize("name", HEAVY)
def test_a_hostile_file_ends_soon_and_small(tmp_path: Path, name: str) -> None:
    """Within 5 s of processor time and 1 GB, by an error with a place."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(FILES[name][0])
    run = subprocess.run(
        [sys.executable, "-m", "contractgen", "generate", str(path), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_limit,
    )
    assert run.returncode == 2, run.stderr[-500:]
    assert run.stderr.startswith(f"{path}:")
    assert "Traceback" not in run.stderr
    assert len(run.stderr) < 2000, "one line, however deep the place is"
    assert not (tmp_path / "out").exists()


def referring(count: int, make: Callable[[Any, int], Any]) -> Any:
    """A contract whose body refers on, over so many schemas."""
    schemas = {f"A{n}": make({"$ref": f"#/components/schemas/A{n + 1}"}, n) for n in range(count)}
    schemas[f"A{count}"] = {"type": "object", "properties": {"x": {"type": "string"}}}
    document = contract()
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/A0"}}}
    document["paths"]["/things/{thing_id}"]["put"]["requestBody"] = {"content": content}
    document["components"]["schemas"] |= schemas
    return document


@pytest.mark.parametrize(
    "make",
    [
        lambda below, _: {"type": "object", "properties": {"a": below, "b": below}},
        lambda below, _: {"anyOf": [below, {"type": "array", "items": below}]},
        lambda below, n: {"allOf": [below, {"type": "object", "properties": {f"p{n}": below}}]},
        lambda below, _: {"type": "object", "default": {}, "additionalProperties": {"anyOf": [below, below]}},
    ],
    ids=["properties", "anyOf", "allOf with properties", "defaults"],
)
def test_references_that_double_at_each_step(tmp_path: Path, make: Callable[[Any, int], Any]) -> None:
    """30 steps stand for a billion schemas."""
    document = read_document(tmp_path, referring(30, make))
    begin = time.process_time()
    render(document)
    diff(document, document)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    "make",
    [
        lambda below, _: {"oneOf": [below, below, {"type": "string"}]},
        lambda below, _: {"allOf": [below, below]},
    ],
    ids=["oneOf", "allOf"],
)
def test_compositions_that_double_at_each_step_are_rejected(
    tmp_path: Path, make: Callable[[Any, int], Any]
) -> None:
    """No validator can check a value against a billion schemas."""
    document = read_document(tmp_path, referring(30, make))
    begin = time.process_time()
    with pytest.raises(ContractError, match="compositions multiply: more than 5000 schemas apply"):
        render(document)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    ("make", "count", "message"),
    [
        (lambda below, _: below, 300, "leads over a chain of more than 100 references"),
        (lambda below, _: {"type": "array", "items": below}, 1000, "in a chain that is too long"),
        (lambda below, n: {"allOf": [below, {"properties": {f"a{n}": {}}}]}, 1000, "chain that is too long"),
    ],
    ids=["references", "items", "allOf"],
)
def test_references_in_a_long_row(tmp_path: Path, make: Any, count: int, message: str) -> None:
    document = read_document(tmp_path, referring(count, make))
    with pytest.raises(ContractError, match=message):
        render(document)


@pytest.mark.parametrize("step", [1, -1], ids=["onwards", "backwards"])
def test_references_in_a_very_long_row_are_told_of_but_a_few_times(tmp_path: Path, step: int) -> None:
    """Each of them was followed over a hundred others, and told of."""
    document, count = contract(), 3000
    document["components"]["schemas"] = {"A": {"type": "object"}} | {
        f"A{n}": {"$ref": f"#/components/schemas/A{n + step}"} for n in range(1, count)
    }
    document["components"]["schemas"] |= {"Thing": {"type": "object"}, "A0": {}, f"A{count}": {}}
    read = read_document(tmp_path, document)
    begin = time.process_time()
    told = [each for each in lint(read) if "leads over a chain of more than 100 references" in each.message]
    assert 1 <= len(told) <= count // 100
    assert time.process_time() - begin < 3


def test_objects_in_a_long_row_are_generated(tmp_path: Path) -> None:
    """In time that grows with their number alone: it was 50 s."""
    document = referring(1500, lambda below, _: {"type": "object", "properties": {"a": below}})
    read = read_document(tmp_path, document)
    begin = time.process_time()
    assert b"class A1499(" in render(read)["models.py"]
    assert time.process_time() - begin < 20


def test_allof_that_leads_back_to_itself(tmp_path: Path) -> None:
    document = referring(1, lambda below, _: {"allOf": [below]})
    document["components"]["schemas"]["A1"] = {"allOf": [{"$ref": "#/components/schemas/A0"}]}
    with pytest.raises(
        ContractError, match="leads back to #/components/schemas/A1 with no property or item in between"
    ):
        render(read_document(tmp_path, document))


@pytest.mark.parametrize("command", ["generate", "check", "lint", "diff", "mock"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "sparse", "missing", "nul"])
def test_what_is_no_file_ends_every_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, kind: str
) -> None:
    path = tmp_path / ("a\0b" if kind == "nul" else "openapi.yaml")
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(1 << 30)
    options = {"generate": ["--out", str(tmp_path / "out")], "check": ["--out", "out"], "diff": [str(path)]}
    options["mock"] = ["--port", "0"]
    assert main([command, str(path), *options.get(command, [])]) == 2
    assert capsys.readouterr().err.startswith(f"{path}:1:1: #: ")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(ContractError, match="cannot be read"):
            load(path)


def test_json_is_read_with_places(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text('{"openapi": "3.1.0",\n "info": {"title": "\\u00e9"}}')
    document = load(path)
    assert document.value == {"openapi": "3.1.0", "info": {"title": "é"}}
    assert document.files[0].positions["/info/title"] == (2, 11)


def test_json_is_json(tmp_path: Path) -> None:
    """Characters that YAML does not take, in a text and as a surrogate pair, and tabs between values."""
    path = tmp_path / "openapi.json"
    path.write_text('{\t"openapi": "3.1.0",\n\t"\x7f": "\\ud83d\\ude00 \\/"}')
    document = load(path)
    assert document.value == {"openapi": "3.1.0", "\x7f": "\U0001f600 /"}
    assert document.files[0].positions["/\x7f"] == (2, 2)


def test_yaml_is_read_as_version_1_2(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "\ufeffopenapi: 3.1.0\n'200': {}\n404: no\non: 2026-11-23\n"
        "a: 0o17\nb: 0x1F\nc: 1e3\nd: '1'\ne: ~\nf: 010\n",
        encoding="utf-8",
    )
    assert load(path).value == {
        "openapi": "3.1.0",
        "200": {},
        "404": "no",
        "on": "2026-11-23",
        "a": 15,
        "b": 31,
        "c": 1000.0,
        "d": "1",
        "e": None,
        "f": 10,
    }
