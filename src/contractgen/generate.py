"""The commands `generate` and `check`: bring a package up to date, or say that it is not."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from contractgen.check import differences, write
from contractgen.findings import Finding, OutError
from contractgen.load import Document, load
from contractgen.names import is_usable
from contractgen.output import add_json_option, as_json
from contractgen.progress import Progress
from contractgen.record import is_current, package_files, remember
from contractgen.render import MARK, STAGES, render

_DONE = {"missing": "wrote", "changed": "updated", "extra": "removed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `contractgen generate` and `contractgen check`."""
    parser.add_argument("spec", type=Path, metavar="SPEC", help="an OpenAPI document, YAML or JSON")
    text = "the package's folder; its name is the package's name"
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=text)
    add_json_option(parser)


def generate(options: argparse.Namespace) -> int:
    """Bring the package up to date, touching only what differs; 0, or OutError.

    What is generated otherwise than one might think is told whenever it is generated anew.
    """
    out: Path = options.out
    warnings: list[Finding] = []
    if is_current(options.spec, out):
        changes, count = {}, len(package_files(out))
    else:
        document, files = _render(options.spec, warnings)
        _check_out(out)
        changes, count = write(files, out), len(files)
        remember(document, out)
    done = {name: _DONE[change] for name, change in changes.items()}
    if options.json:
        told = [asdict(warning) for warning in warnings]
        print(as_json(out=str(out), files=count, changes=_listed(out, done), warnings=told))
    else:
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        for name, verb in done.items():
            print(f"{verb} {out / name}")
        print(f"{out}: {count} files, {len(done)} changed")
    return 0


def check(options: argparse.Namespace) -> int:
    """Say how the package differs from what the document gives, and write nothing; 1 when it does."""
    out: Path = options.out
    changes = {} if is_current(options.spec, out) else differences(_render(options.spec, [])[1], out)
    if options.json:
        print(as_json(out=str(out), changes=_listed(out, changes)))
        return 1 if changes else 0
    for name, change in changes.items():
        print(f"{out / name}: {change}", file=sys.stderr)
    if changes:
        command = f"contractgen generate {options.spec} --out {out}"
        print(f"{out} is not what {options.spec} gives; run: {command}", file=sys.stderr)
    return 1 if changes else 0


def _render(spec: Path, warnings: list[Finding]) -> tuple[Document, dict[str, bytes]]:
    with Progress(("read", *STAGES)) as progress:
        document = load(spec)
        return document, render(document, progress.begin, warnings.append)


def _listed(out: Path, changes: dict[str, str]) -> list[dict[str, str]]:
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
