"""Written modules, with sorted and pruned imports and in one format: ruff's."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from ruff import find_ruff_bin

_IMPORTS = "lint.select=['I', 'F401']"


def format_modules(folder: Path, paths: Sequence[str], settings: str | Path = _IMPORTS) -> None:
    """Sort imports, drop unused ones, and format, all modules in one run of ruff each.

    Paths are of the folder, whose settings hold but for those of `settings`, a file or one setting.
    """
    for command in (["check", "--fix"], ["format"]):
        # The program itself: `python -m ruff` takes ten times as long to begin.
        run = subprocess.run(
            [find_ruff_bin(), *command, "--quiet", "--no-cache", "--config", str(settings), *paths],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        if run.returncode != 0:
            raise RuntimeError(
                f"what was written is not Python; this is a fault of contractgen:\n{run.stdout}{run.stderr}"
            )
