"""What a result says of the machine and the code that it was made with."""

import hashlib
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = ("pressroom", "locust", "gevent", "geventhttpclient")


def calibrate(rounds: int = 5) -> float:
    """Return the milliseconds of a fixed piece of work, the best of several: how fast the machine is now."""
    return round(min(_work() for _ in range(rounds)), 3)


def _work() -> float:
    began = perf_counter()
    digest = b"press"
    for _ in range(20_000):
        digest = hashlib.sha256(digest).digest()
    return (perf_counter() - began) * 1000


def describe() -> dict[str, object]:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        # Its build counts: without profile-guided optimization it takes a tenth more instructions.
        "python": " ".join(sys.version.split()),
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def revision() -> str:
    """Return the commit of the checkout, with a + if files differ from it; nothing without git."""
    commit = _git("rev-parse", "HEAD")
    return commit + "+" if commit and _git("status", "--porcelain") else commit


def _git(*command: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(_ROOT), *command],  # noqa: S607 - the git of who runs this
            check=False,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
