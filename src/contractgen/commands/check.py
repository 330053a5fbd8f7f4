"""The command `check`: say how a package differs from what its document gives, and write nothing."""

import argparse
import sys
from pathlib import Path

from contractgen.commands.generate import add_arguments, listed, render_document
from contractgen.commands.output import as_json
from contractgen.commands.record import is_current
from contractgen.render.folder import differences

__all__ = ["add_arguments", "run"]


def run(options: argparse.Namespace) -> int:
    """Say how the package differs from what the document gives, and write nothing; 1 when it does."""
    out: Path = options.out
    changes = {} if is_current(options.spec, out) else differences(render_document(options.spec, [])[1], out)
    if options.json:
        print(as_json(out=str(out), changes=listed(out, changes)))
        return 1 if changes else 0
    for name, change in changes.items():
        print(f"{out / name}: {change}", file=sys.stderr)
    if changes:
        command = f"contractgen generate {options.spec} --out {out}"
        print(f"{out} is not what {options.spec} gives; run: {command}", file=sys.stderr)
    return 1 if changes else 0
