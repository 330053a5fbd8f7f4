"""Files that are no contract end in one line that says where, within bounds of time and memory."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from contractgen.findings import ContractError
from contractgen.load import load

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
    "control character": (START + b"info: \x01\n", 2, 7, "", "control"),
    "duplicate member": (START + b"info: {}\ninfo: {}\n", 3, 1, "/info", "twice"),
    "duplicate member in JSON": (
        b'{"openapi": "3.1.0",\n "info": {"a": 1, "a": 1}}',
        2,
        19,
        "/info/a",
        "twice",
    ),
    "list": (b"- a\n", 1, 1, "", "OpenAPI"),
    "scalar": (b"hello\n", 1, 1, "", "OpenAPI"),
    "empty": (b"", 1, 1, "", "OpenAPI"),
    "only a comment": (b"# openapi\n", 1, 1, "", "OpenAPI"),
    "other mapping": (b"swagger: '2.0'\n", 1, 1, "", "OpenAPI"),
    "two documents": (START + b"---\nopenapi: 3.1.0\n", 2, 1, "", "document"),
    "unknown alias": (START + b"x: *a\n", 2, 4, "", "alias"),
    "alias to itself": (START + b"x: &a [*a]\n", 2, 8, "/x/0", "around it"),
    "list as a name": (START + b"? [a]\n: b\n", 2, 3, "", "name"),
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
