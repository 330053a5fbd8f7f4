"""Write a generated package, or report its differences from what the contract gives."""

import shutil
from pathlib import Path


def differences(expected: dict[str, bytes], out: Path) -> dict[str, str]:
    """Return the differences of a folder from what is expected: `missing`, `changed` or `extra`, by path."""
    found = {}
    for name, content in expected.items():
        path = out / name
        if not path.is_file():
            found[name] = "missing"
        elif path.read_bytes() != content:
            found[name] = "changed"
    known = {out / name for name in expected}
    extra = [path for path in package_files(out) if path not in known]
    found |= {str(path.relative_to(out)): "extra" for path in extra}
    return dict(sorted(found.items()))


def write(expected: dict[str, bytes], out: Path) -> dict[str, str]:
    """Bring a folder up to date, touching only what differs; returns what was done, as `differences`."""
    changes = differences(expected, out)
    for name, change in changes.items():
        path = out / name
        if change == "extra":
            path.unlink()
            _remove_empty(path.parent, out)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(expected[name])
    return changes


def _remove_empty(folder: Path, out: Path) -> None:
    """Remove a folder and its parents below `out` while they hold nothing but what Python left there."""
    while folder != out and not any(path.name != "__pycache__" for path in folder.iterdir()):
        shutil.rmtree(folder)
        folder = folder.parent


def package_files(out: Path) -> list[Path]:
    """Return the files of a package, without what Python and `contractgen generate` leave beside them."""
    return sorted(path for path in out.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
