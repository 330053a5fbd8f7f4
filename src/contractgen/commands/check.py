"""The command `check`: compare a package with its document, and write nothing."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from contractgen.commands.configuration import configuration_for
from contractgen.commands.generate import add_arguments, is_unchanged, listed, render_document
from contractgen.commands.output import as_json, print_skipped
from contractgen.plan.skipping import Skipped
from contractgen.render.folder import differences

__all__ = ["add_arguments", "run"]


def run(options: argparse.Namespace) -> int:
    """Print how the package differs from what its document gives; return 1 if it does."""
    out: Path = options.out
    configuration = configuration_for(options.spec, options)
    changes: dict[str, str] = {}
    skipped: tuple[Skipped, ...] = ()
    if not is_unchanged(options.spec, out, configuration):
        package = render_document(options.spec, configuration)
        changes, skipped = differences(package.files, out), package.skipped
    if options.json:
        print(as_json(out=str(out), changes=listed(out, changes), skipped=[asdict(each) for each in skipped]))
        return 1 if changes else 0
    print_skipped(skipped)
    for name, change in changes.items():
        print(f"{out / name}: {change}", file=sys.stderr)
    if changes:
        command = f"contractgen generate {options.spec} --out {out}"
        print(f"{out} differs from what {options.spec} gives; run: {command}", file=sys.stderr)
    return 1 if changes else 0
