"""The command `generate`: bring a package up to date, touching only what differs."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from contractgen.commands.output import add_json_option, as_json
from contractgen.commands.progress import Progress
from contractgen.commands.record import is_current, remember
from contractgen.document.findings import Finding, OutError
from contractgen.document.load import Document, load
from contractgen.plan.names import is_usable
from contractgen.render.folder import package_files, write
from contractgen.render.package import MARK, STAGES, render

_DONE = {"missing": "wrote", "changed": "updated", "extra": "removed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `contractgen generate`, which are those of `contractgen check`."""
    parser.add_argument("spec", type=Path, metavar="SPEC", help="an OpenAPI document, YAML or JSON")
    text = "the package's folder; its name is the package's name"
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=text)
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Bring the package up to date, touching only what differs; 0, or OutError.

    What is generated otherwise than one might think is told whenever it is generated anew.
    """
    out: Path = options.out
    warnings: list[Finding] = []
    if is_current(options.spec, out):
        changes, count = {}, len(package_files(out))
    else:
        document, files = render_document(options.spec, warnings)
        _check_out(out)
        changes, count = write(files, out), len(files)
        remember(document, out)
    done = {name: _DONE[change] for name, change in changes.items()}
    if options.json:
        told = [asdict(warning) for warning in warnings]
        print(as_json(out=str(out), files=count, changes=listed(out, done), warnings=told))
    else:
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        for name, verb in done.items():
            print(f"{verb} {out / name}")
        print(f"{out}: {count} files, {len(done)} changed")
    return 0


def render_document(spec: Path, warnings: list[Finding]) -> tuple[Document, dict[str, bytes]]:
    """A document and the files of its package; `warnings` gathers what is generated otherwise than usual."""
    with Progress(("read", *STAGES)) as progress:
        document = load(spec)
        return document, render(document, progress.begin, warnings.append)


def listed(out: Path, changes: dict[str, str]) -> list[dict[str, str]]:
    """What changes in a folder, as `--json` has it."""
    return [{"file": str(out / name), "change": change} for name, change in changes.items()]


def _check_out(out: Path) -> None:
    if not is_usable(out.resolve().name):
        raise OutError(f"{out}: the folder's name is the package's, and must be a Python name")
    if not _is_ours(out):
        raise OutError(f"{out}: holds files that contractgen did not write; choose another folder")


def _is_ours(out: Path) -> bool:
    """Whether a folder may be overwritten: it is new, empty, or was generated before."""
    if not out.is_dir() or not any(out.iterdir()):
        return not out.exists() or out.is_dir()
    door = out / "__init__.py"
    return door.is_file() and door.read_text().startswith(MARK)
