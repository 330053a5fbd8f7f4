"""A hook of mkdocs: pages that are made from the code, and fences as mkdocs understands them.

The reference of commands is their `--help`, that of lint rules `contractgen lint --rules`, that of the
run-time its docstrings, and that of the settings `.env.example`. Pages of the root are shown as they are.
"""

import argparse
import ast
import os
import re
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from contractgen.commands import cli as contractgen
from contractgen.lint.linter import RULES
from pressroom import cli as pressroom

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "src/contractgen_runtime"
#: What a service imports of the core by itself; all else there is for generated code.
CORE = (
    *(
        "plain",
        "operations",
        "problems",
        "responses",
        "credentials",
        "uploads",
        "streams",
        "stubs",
        "mounting",
    ),
)
_AT_THE_ROOT = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
_FENCE = re.compile(r"^( *```\w+)([^\n`]+)$", re.MULTILINE)
_TITLE = re.compile(r' title="[^"]*"')
_COMMAND = re.compile(r"^    ([a-z-]+)(?: |$)", re.MULTILINE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from the code."""
    made = {
        "reference/commands.md": commands(),
        "reference/lint-rules.md": lint_rules(),
        "reference/runtime.md": runtime(),
        "reference/settings.md": settings(),
        **{page: at_the_root(path) for page, path in _AT_THE_ROOT.items()},
    }
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Leave the language and the title of each fence: the other words are for the tests."""

    def plain(found: re.Match[str]) -> str:
        title = _TITLE.search(found[2])
        return found[1] + (title[0] if title else "")

    return _FENCE.sub(plain, markdown)


def at_the_root(path: str) -> str:
    """Return a page of the root, whose links lead to where the pages are built."""
    text = (ROOT / path).read_text(encoding="utf-8").replace("](docs/", "](")
    for page, other in _AT_THE_ROOT.items():
        text = text.replace(f"]({other})", f"]({page})")
    return text


def commands() -> str:
    """Return the page of all commands: each with its `--help`."""
    parts = [
        "# Commands\n\nThis page is made from `contractgen COMMAND --help` and `pressroom COMMAND --help`.\n"
    ]
    tool = _COMMAND.findall(contractgen.parser_for("").format_help())
    parts += [_help(f"contractgen {name}", contractgen.parser_for(name), name) for name in tool]
    service = _COMMAND.findall(pressroom.parser().format_help())
    parts += [_help(f"pressroom {name}", pressroom.parser(), name) for name in service]
    return "\n".join(parts)


def _help(title: str, parser: argparse.ArgumentParser, command: str) -> str:
    os.environ.update(COLUMNS="80", NO_COLOR="1")
    printed = StringIO()
    with redirect_stdout(printed), suppress(SystemExit):
        parser.parse_args([command, "--help"])
    return f"## {title}\n\n```text\n{printed.getvalue().rstrip()}\n```\n"


def lint_rules() -> str:
    """Return the page of the rules of `contractgen lint`."""
    rows = (f"| `{rule.name}` | {rule.severity} | {_cell(rule.why)} |" for rule in RULES.values())
    where = "../how-to/continuous-integration.md#lint-the-contract"
    source = f"This page is made from `contractgen lint --rules`. [Severities]({where}) are yours to set.\n"
    head = ["| rule | severity | why, and how to comply |", "|---|---|---|"]
    return "\n".join(["# Lint rules\n", source, *head, *rows])


def _cell(text: str) -> str:
    """Return text for a cell of a table, in which nothing is markup."""
    return re.sub(r"([|<>*_\[\]\\])", r"\\\1", text)


def settings() -> str:
    """Return the page of Pressroom's settings: the comments of `.env.example` beside the names."""
    lines = ["# Settings of Pressroom\n", "This page is made from `.env.example`.\n"]
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for paragraph in text.strip().split("\n\n"):
        said = [line.removeprefix("#").strip() for line in paragraph.splitlines() if line.startswith("#")]
        prose = " ".join(f"`{each}`." if each.startswith("python ") else _cell(each) for each in said)
        names = [line for line in paragraph.splitlines() if not line.startswith("#")]
        lines += [f"## {_names(names)}\n" if names else ""]
        lines += [f"{prose}\n"]
        lines += [f"In the example: `{each}`\n" for each in names if each.partition("=")[2]]
    return "\n".join(lines)


def _names(lines: list[str]) -> str:
    return ", ".join(f"`{line.partition('=')[0]}`" for line in lines)


def runtime() -> str:
    """Return the page of the run-time: what its public modules have, as their docstrings say it."""
    extras = sorted(path.name for path in RUNTIME.iterdir() if (path / "__init__.py").is_file())
    lines = [
        "# The run-time\n",
        "This page is made from the docstrings of `contractgen_runtime`; names are relative to it.\n",
    ]
    lines += ["## The core\n", "Generated code imports it; a service needs these modules of it.\n"]
    for name in CORE:
        lines += _module(RUNTIME / f"{name}.py")
    for extra in extras:
        lines += [f"## Extra `{extra}`\n", f"`pip install 'contractgen-runtime[{extra}]'`\n"]
        for path in sorted((RUNTIME / extra).glob("*.py")):
            lines += _module(path)
    return "\n".join(lines)


def _module(path: Path) -> Iterator[str]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    said = ast.get_docstring(module)
    if not said:
        return
    # Without the package's name, which would fill the table of contents.
    name = ".".join(path.relative_to(RUNTIME).with_suffix("").parts).removesuffix(".__init__")
    yield f"### {name}\n"
    yield f"{said}\n"
    for node in module.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield from _documented(node)


def _documented(node: Function | ast.ClassDef, depth: int = 0) -> Iterator[str]:
    """Yield an item of a list for a function, or for a class and its methods."""
    said = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
    text = _signature(node) if isinstance(node, Function) else f"class {node.name}"
    yield f"{'    ' * depth}- `{text}`{f': {said}' if said else ''}"
    if isinstance(node, ast.ClassDef):
        for each in node.body:
            if isinstance(each, Function) and not each.name.startswith("_") and ast.get_docstring(each):
                yield from _documented(each, depth + 1)
    if not depth:
        yield ""


def _signature(node: Function) -> str:
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returned}"
