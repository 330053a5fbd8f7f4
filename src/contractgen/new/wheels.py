"""The wheels of contractgen and its run-time, for services whose index does not have them."""

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import contractgen
import contractgen_runtime
from contractgen.document.findings import ToolError

_PACKAGES = {"contractgen": contractgen, "contractgen-runtime": contractgen_runtime}
# What an installer adds to an installed distribution; RECORD is written anew.
_ADDED = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"}
# Zip files cannot have older times.
_OLDEST = (1980, 1, 1, 0, 0, 0)


def provide_wheels(folder: Path, links: Path | None) -> None:
    """Put the wheels into a folder: from `links`, a checkout, or what is installed; ToolError otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, package in _PACKAGES.items():
        home = Path(package.__file__ or "").parent
        if links is not None:
            _copy(name, links, folder)
        elif (home / "pyproject.toml").is_file():
            _build(home, folder)
        else:
            _pack(name, folder)


def _copy(name: str, links: Path, folder: Path) -> None:
    found = sorted(links.glob(f"{name.replace('-', '_')}-*.whl"), key=_version)
    if not found:
        raise ToolError(f"{links}: has no wheel of {name}")
    shutil.copy(found[-1], folder)


def _version(wheel: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", wheel.name.split("-")[1])]


def _build(project: Path, folder: Path) -> None:
    """Build the wheel of a checkout, with the tools that are installed beside it."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run = subprocess.run(
        [*command, "--disable-pip-version-check", "--no-index", "--wheel-dir", str(folder), str(project)],
        check=False,
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or ["pip failed"])[-1]
        raise ToolError(f"{project}: no wheel can be built: {reason}; give --find-links a folder with wheels")


def _pack(name: str, folder: Path) -> None:
    """Pack an installed distribution into a wheel again."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise ToolError(f"{name} is not installed as a distribution; give --find-links a folder") from None
    kept = [
        path
        for path in installed.files or ()
        if path.name not in _ADDED and path.suffix != ".pyc" and ".." not in path.parts
    ]
    if not any(path.parts[0] == name.replace("-", "_") for path in kept):
        raise ToolError(f"{name} is installed as an editable project; give --find-links a folder with wheels")
    information = f"{name.replace('-', '_')}-{installed.version}"
    lines = [f"{path},{_hash(path)},{path.size or ''}" for path in kept]
    lines.append(f"{information}.dist-info/RECORD,,")
    with zipfile.ZipFile(folder / f"{information}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for path in kept:
            wheel.writestr(zipfile.ZipInfo(str(path), _OLDEST), path.read_binary(), zipfile.ZIP_DEFLATED)
        wheel.writestr(zipfile.ZipInfo(f"{information}.dist-info/RECORD", _OLDEST), "\n".join(lines) + "\n")


def _hash(path: object) -> str:
    value = getattr(path, "hash", None)
    return f"{value.mode}={value.value}" if value else ""
