"""Compare the handlers of a service with its contract, and append what is missing; nothing else changes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contractgen.new.handlers import Handlers
from contractgen.plan.contract import Contract, Tag


@dataclass(frozen=True, slots=True)
class TagHandlers:
    """The module of a tag's handlers: those that it lacks, and its coroutines that no operation has."""

    tag: Tag
    path: Path
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def compared(contract: Contract, package: Path) -> Iterator[TagHandlers]:
    """Yield how the module of each tag differs from the contract, those that do not differ left out."""
    for tag in contract.tags:
        path = module_of(package, tag)
        written = list(_coroutines(path.read_text(encoding="utf-8"))) if path.is_file() else []
        wanted = [operation.handler for operation in tag.operations]
        missing = tuple(name for name in wanted if name not in written)
        unknown = tuple(name for name in written if name not in wanted)
        if missing or unknown:
            yield TagHandlers(tag, path, missing, unknown)


def package_folder(root: Path, package: str) -> Path:
    """Return the folder of a dotted package, below `src` where a project has one."""
    path = Path(*package.split("."))
    return next((root / top / path for top in (".", "src") if (root / top / path).is_dir()), root / path)


def module_of(package: Path, tag: Tag) -> Path:
    """Return the module of a tag: `<tag>/handlers.py` where that is there, else `<tag>.py`."""
    nested = package / tag.module / "handlers.py"
    return nested if nested.is_file() else package / f"{tag.module}.py"


def _coroutines(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def extended(each: TagHandlers, handlers: Handlers) -> str:
    """Return the text of a module with a marked function for each missing handler at its end."""
    if not each.path.is_file():
        return handlers.module(each.tag)
    source = each.path.read_text(encoding="utf-8")
    functions = "\n\n".join(handlers.function(each.tag, name) for name in each.missing)
    imports = handlers.imports_of(functions, known=_bound(source))
    return f"{_with_imports(source, imports).rstrip()}\n\n\n{functions}"


def _with_imports(source: str, imports: list[str]) -> str:
    """Return a module with more imports after its last one, or after its docstring."""
    module = ast.parse(source)
    known = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    before = known or module.body[: ast.get_docstring(module) is not None]
    line = (before[-1].end_lineno or 0) if before else 0
    lines = source.splitlines()
    return "\n".join([*lines[:line], *([] if known or not imports else [""]), *imports, *lines[line:]])


def _bound(source: str) -> set[str]:
    """Return the names that the statements of a module bind."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return names
