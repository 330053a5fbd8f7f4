"""contractgen: generate, check and lint.

Exit codes: 0 all well, 1 findings or drift, 2 a document or folder that cannot be used.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from contractgen import __version__
from contractgen.check import differences, write
from contractgen.diff import compare
from contractgen.findings import ContractError
from contractgen.lint import lint
from contractgen.load import load
from contractgen.mock import server
from contractgen.names import is_usable
from contractgen.render import MARK, render


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (ContractError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contractgen",
        description="Write Pydantic models and typed, compiled FastAPI routes from an OpenAPI document.",
        epilog="Exit codes: 0 all well, 1 findings or drift, 2 a document or folder that cannot be used.",
    )
    parser.add_argument("--version", action="version", version=f"contractgen {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("generate", _generate, "write the package; touches only files that change"),
        ("check", _check, "say how the package differs from what the document gives (exit 1)"),
        ("lint", _lint, "say what clients and generated code would miss in the document (exit 1)"),
    ):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.add_argument(
            "spec", type=Path, metavar="SPEC", help="an OpenAPI 3.0 or 3.1 document, YAML or JSON"
        )
        if name != "lint":
            help_out = "the package's folder; its name is the package's name"
            command.add_argument("--out", type=Path, required=True, metavar="DIR", help=help_out)
        command.set_defaults(run=run)
    text = "say what clients would notice of a change: breaking (exit 1), compatible, patch"
    command = commands.add_parser("diff", help=text, description=text[0].upper() + text[1:] + ".")
    compare.add_arguments(command)
    command.set_defaults(run=compare.run)
    text = "serve the contract from its examples and schemas, through its own generated routes"
    command = commands.add_parser("mock", help=text, description=text[0].upper() + text[1:] + ".")
    server.add_arguments(command)
    command.set_defaults(run=server.run)
    return parser


def _generate(options: argparse.Namespace) -> int:
    files = render(load(options.spec))
    if not is_usable(options.out.resolve().name):
        print(
            f"{options.out}: the folder's name is the package's, and must be a Python name", file=sys.stderr
        )
        return 2
    if not _is_ours(options.out):
        print(
            f"{options.out}: holds files that contractgen did not write; choose another folder",
            file=sys.stderr,
        )
        return 2
    changes = write(files, options.out)
    for name, change in changes.items():
        print(
            f"{ {'missing': 'wrote', 'changed': 'updated', 'extra': 'removed'}[change] } {options.out / name}"
        )
    print(f"{options.out}: {len(files)} files, {len(changes)} changed")
    return 0


def _check(options: argparse.Namespace) -> int:
    changes = differences(render(load(options.spec)), options.out)
    for name, change in changes.items():
        print(f"{options.out / name}: {change}", file=sys.stderr)
    if changes:
        command = f"contractgen generate {options.spec} --out {options.out}"
        print(f"{options.out} is not what {options.spec} gives; run: {command}", file=sys.stderr)
    return 1 if changes else 0


def _lint(options: argparse.Namespace) -> int:
    findings = lint(load(options.spec))
    for finding in findings:
        print(finding)
    print(f"{options.spec}: {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


def _is_ours(out: Path) -> bool:
    """Whether a folder may be overwritten: it is new, empty, or was generated before."""
    if not out.is_dir() or not any(out.iterdir()):
        return not out.exists() or out.is_dir()
    door = out / "__init__.py"
    return door.is_file() and door.read_text().startswith(MARK)
