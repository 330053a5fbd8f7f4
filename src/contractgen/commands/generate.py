"""The command `generate`: bring a package up to date; only files that differ are written."""

import argparse
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from contractgen.commands.configuration import Configuration, add_skip_options, configuration_for
from contractgen.commands.output import add_json_option, as_json, print_skipped
from contractgen.commands.progress import Progress
from contractgen.commands.record import is_current, remember
from contractgen.document.findings import Finding, OutError
from contractgen.document.load import Document, load
from contractgen.plan.names import is_usable
from contractgen.plan.skipping import Skipped, plan_supported
from contractgen.render.folder import package_files, write
from contractgen.render.package import MARK, STAGES, render_plan

_DONE = {"missing": "wrote", "changed": "updated", "extra": "removed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen generate`, which are those of `contractgen check`."""
    parser.add_argument("spec", type=Path, metavar="SPEC", help="an OpenAPI document, YAML or JSON")
    text = "the package's folder; its name is the package's name"
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=text)
    text = "copy what the package needs of contractgen-runtime into it, so that it runs without"
    parser.add_argument("--vendor", action="store_true", help=text)
    add_skip_options(parser)
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Bring the package up to date; return 0, or raise OutError.

    Warnings are printed when the package is rendered, not when nothing has changed. A package in which
    operations are skipped is rendered every time, so that they are reported every time.
    """
    out: Path = options.out
    configuration = configuration_for(options.spec, options)
    package: Rendered | None = None
    changes: dict[str, str] = {}
    if not is_unchanged(options.spec, out, configuration):
        package = render_document(options.spec, configuration)
        _check_out(out)
        changes = write(package.files, out)
        if not package.skipped:
            remember(package.document, out, vendor=configuration.vendor)
    count = len(package.files) if package else len(package_files(out))
    warnings = package.warnings if package else []
    skipped = package.skipped if package else ()
    done = {name: _DONE[change] for name, change in changes.items()}
    if options.json:
        told = {"warnings": list(map(asdict, warnings)), "skipped": list(map(asdict, skipped))}
        print(as_json([], out=str(out), files=count, changes=listed(out, done), **told))
    else:
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        print_skipped(skipped)
        for name, verb in done.items():
            print(f"{verb} {out / name}")
        print(f"{out}: {count} files, {len(done)} changed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """The package of a document: its files by path, the warnings, and what is not in it."""

    document: Document
    files: dict[str, bytes]
    warnings: list[Finding]
    skipped: tuple[Skipped, ...]


def is_unchanged(spec: Path, out: Path, configuration: Configuration) -> bool:
    """Return whether the package is known to be what the document gives without rendering it."""
    return not configuration.skip.operations and is_current(spec, out, vendor=configuration.vendor)


def render_document(spec: Path, configuration: Configuration) -> Rendered:
    """Read a document and render its package; ContractError for what cannot be generated."""
    warnings: list[Finding] = []
    with Progress(("read", *STAGES)) as progress:
        document = load(spec)
        progress.begin("plan")
        planned = plan_supported(document, configuration.skip)
        vendor = configuration.vendor
        files = render_plan(document, planned.contract, progress.begin, warnings.append, vendor=vendor)
        return Rendered(
            document, files, [replace(each, severity="warning") for each in warnings], planned.skipped
        )


def listed(out: Path, changes: dict[str, str]) -> list[dict[str, str]]:
    """Return the changes in a folder as `--json` has them."""
    return [{"file": str(out / name), "change": change} for name, change in changes.items()]


def _check_out(out: Path) -> None:
    if not is_usable(out.resolve().name):
        raise OutError(f"{out}: the folder's name is the package's name, and must be valid in Python")
    if not _is_ours(out):
        raise OutError(f"{out}: has files that contractgen did not write; choose another folder")


def _is_ours(out: Path) -> bool:
    """Return whether a folder may be overwritten: it is new, empty, or was generated before."""
    if not out.is_dir() or not any(out.iterdir()):
        return not out.exists() or out.is_dir()
    door = out / "__init__.py"
    return door.is_file() and door.read_text().startswith(MARK)
