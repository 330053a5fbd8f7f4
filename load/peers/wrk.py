"""Runs wrk with rotating tokens and addresses; without wrk there is no bench."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MISSING = (
    "make bench needs wrk on the PATH: `apt-get install wrk`, `brew install wrk`, or build github.com/wg/wrk"
)


class WrkError(Exception):
    """Why there is no measurement, in one line."""


@dataclass(frozen=True)
class Load:
    """What wrk sends: tokens and, if there are any, addresses in rotation; a body if there is one."""

    url: str
    tokens: Sequence[str]
    addresses: Sequence[str] = ()
    body: object = None

    def script(self) -> str:
        tokens = ",".join(f"'Bearer {token}'" for token in self.tokens)
        addresses = ",".join(f"'{address}'" for address in self.addresses)
        post = ""
        if self.body is not None:
            post = (
                "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\n"
                f"wrk.body = [[{json.dumps(self.body)}]]\n"
            )
        return (
            f"local tokens, addresses = {{{tokens}}}, {{{addresses}}}\nlocal i, j = 0, 0\n{post}"
            "function request()\n"
            "  i = i % #tokens + 1\n  wrk.headers['Authorization'] = tokens[i]\n"
            "  if #addresses == 0 then return wrk.format() end\n"
            "  j = j % #addresses + 1\n  return wrk.format(nil, addresses[j])\nend\n"
        )


@dataclass(frozen=True)
class Measured:
    requests: int
    rate: float
    #: Milliseconds.
    p50: float
    p99: float


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        raise WrkError(MISSING)


def run_wrk(
    load: Load, folder: Path, *, seconds: int, connections: int, cores: Sequence[str] = ()
) -> Measured:
    """Send requests for some seconds; WrkError if one is not answered with success."""
    script = folder / "wrk.lua"
    script.write_text(load.script(), encoding="utf-8")
    command = [
        *cores,
        "wrk",
        "--latency",
        "--timeout=10s",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "-s",
        str(script),
        load.url,
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    failed = re.search(r"(Non-2xx or 3xx responses: \d+|Socket errors: .*)", done.stdout)
    counted = re.search(r"(\d+) requests in", done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if done.returncode or failed or not counted or not rate:
        raise WrkError(f"{load.url}: {failed[1] if failed else (done.stderr or done.stdout).strip()[-300:]}")
    return Measured(
        int(counted[1]), float(rate[1]), _percentile(done.stdout, 50), _percentile(done.stdout, 99)
    )


def _percentile(printed: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)$", printed, re.MULTILINE)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[found[2]] if found else 0.0
