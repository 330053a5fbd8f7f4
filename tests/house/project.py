"""The project as its files: what is tracked, or would be by the next commit."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[PurePosixPath, ...]:
    """Every file that git knows or would add, relative to the top."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    assert names, "git lists no file"
    return tuple(PurePosixPath(name) for name in sorted(names))


def python_files(*folders: str) -> list[PurePosixPath]:
    """The Python files below the folders, golden outputs left out."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and any(path.is_relative_to(folder) for folder in folders)
        and not path.is_relative_to("tests/contractgen/golden")
    ]


def read(path: PurePosixPath | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parse(path: PurePosixPath) -> ast.Module:
    return ast.parse(read(path), str(path))


def functions(path: PurePosixPath) -> Iterator[Function]:
    """The functions of a module, those of its classes left out."""
    return (node for node in parse(path).body if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines of a function's body, without the signature, which the contract dictates, and the docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
