"""Compare the handlers of a service with its contract, and append what is missing; nothing else changes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contractgen.document.findings import OutError
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
        written = _parsed(path).body if path.is_file() else []
        bound = set(_bound(written))
        wanted = [operation.handler for operation in tag.operations]
        missing = tuple(name for name in wanted if name not in bound)
        unknown = tuple(name for name in _coroutines(written) if name not in wanted)
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


def _parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a module; OutError for one that is not Python."""
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise OutError(f"{path}:{line}: is not valid Python: {getattr(error, 'msg', error)}") from None


def _coroutines(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def extended(each: TagHandlers, handlers: Handlers) -> str:
    """Return the text of a module with a marked function for each missing handler at its end."""
    if not each.path.is_file():
        return handlers.module(each.tag)
    source = each.path.read_bytes().decode()  # without a translation of line ends
    module = _parsed(each.path)
    functions = "\n\n".join(handlers.function(each.tag, name) for name in each.missing)
    imports = handlers.imports_of(functions, known=set(_bound(module.body)))
    end = "\r\n" if "\r\n" in source else "\n"
    return _with_imports(source, module, imports, end).rstrip() + f"\n\n\n{functions}".replace("\n", end)


def _with_imports(source: str, module: ast.Module, imports: list[str], end: str) -> str:
    """Return a module with more imports after its last one, or after its docstring."""
    known = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    before = known or module.body[: ast.get_docstring(module) is not None]
    line = (before[-1].end_lineno or 0) if before else 0
    lines = source.split(end)  # `splitlines` ends lines at characters that Python's syntax has within them
    return end.join([*lines[:line], *([] if known or not imports else [""]), *imports, *lines[line:]])


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind, those in the branches of `if` and `try` among them."""
    for node in body:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign() | ast.AnnAssign():
                found = (each for each in ast.walk(node) if isinstance(each, ast.Name))
                yield from (each.id for each in found if isinstance(each.ctx, ast.Store))
            case ast.If(body=then, orelse=other):
                yield from _bound([*then, *other])
            case ast.Try(body=then, handlers=handlers, orelse=other, finalbody=last):
                caught = [each for handler in handlers for each in handler.body]
                yield from _bound([*then, *caught, *other, *last])
