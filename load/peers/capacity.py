"""How Pressroom's throughput grows: against workers, connections, rows, and the depth of a page.

usage: python -m load.peers.capacity [workers connections rows depth] [--seconds 4]

One embedded PostgreSQL, wrk and the service share all cores. Each axis is measured in turn, everything else
at its ordinary value, three times, and the medians are shown.
"""

import argparse
import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from load.peers.cpu import children, cpu_seconds
from load.peers.wrk import Load, WrkError, require_wrk, run_wrk
from load.service import isolated_environment, seed, service, stopped_database

TOKENS = 256
#: What each axis goes through.
AXES: dict[str, tuple[int, ...]] = {
    "workers": (1, 2),
    "connections": (1, 4, 16, 64, 256),
    "rows": (1_000, 10_000, 100_000),
    "depth": (1, 10, 100, 1000),
}
PATHS = {"me": "/api/v1/users/me", "page": "/api/v1/posts?limit=20", "create": "/api/v1/posts"}
_POST = {"title": "Hello there", "content": "lorem ipsum " * 20}
_REPEATS = 3


@dataclass(frozen=True)
class Setting:
    """One point of an axis: what the service and the requests are like."""

    workers: int = 1
    #: To each worker: with fewer, fewer requests meet there and share what they read.
    connections: int = 16
    rows: int = 10_000
    #: How many pages of 20 posts are before the one that is read.
    depth: int = 1


@dataclass(frozen=True)
class Point:
    setting: Setting
    test: str
    rate: float
    p99: float
    #: CPU microseconds a request, of all workers, and of the database.
    server: float
    database: float


def main(argv: list[str] | None = None) -> int:
    found = argparse.ArgumentParser(prog="python -m load.peers.capacity", description="Measure capacity.")
    found.add_argument(
        "axes", nargs="*", metavar="AXIS", type=axis, help=f"of {', '.join(AXES)} (default: all)"
    )
    found.add_argument("--seconds", type=int, default=4, help="of a measurement (default: 4)")
    wanted = found.parse_args(argv)
    try:
        require_wrk()
        for name in wanted.axes or AXES:
            print(table(name, list(measure(name, wanted.seconds))), flush=True)
    except WrkError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def axis(name: str) -> str:
    if name not in AXES:
        raise argparse.ArgumentTypeError(f"unknown: {name}; choose from {', '.join(AXES)}")
    return name


def measure(name: str, seconds: int) -> Iterator[Point]:
    """Yield the points of an axis, each the medians of its repeats."""
    settings = [replace(Setting(), **{name: value}) for value in AXES[name]]
    if name == "depth":
        settings = [replace(each, rows=25_000) for each in settings]
    tests = ["page"] if name in {"rows", "depth"} else list(PATHS)
    # Only another number of workers or of rows needs another service.
    for shared in {(each.workers, each.rows): None for each in settings}:
        own = [each for each in settings if (each.workers, each.rows) == shared]
        with running(*shared) as target:
            wanted = [(each, test) for each in own for test in tests] * _REPEATS
            points = [target.point(each, test, seconds) for each, test in wanted]
        different = len(wanted) // _REPEATS
        yield from (_median(points[number::different]) for number in range(different))


class Target:
    """A service that runs, its tokens, and the process ids of it and of its database."""

    def __init__(self, folder: Path, url: str, tokens: list[str], pid: int) -> None:
        self.folder, self.url, self.tokens, self.pid = folder, url, tokens, pid
        self.postmaster = int(next(folder.rglob("postmaster.pid")).read_text().split()[0])

    def point(self, setting: Setting, test: str, seconds: int) -> Point:
        path = self._page(setting.depth) if test == "page" else PATHS[test]
        load = Load(self.url + path, self.tokens, body=_POST if test == "create" else None)
        connections = setting.workers * setting.connections
        run_wrk(load, self.folder, seconds=1, connections=connections)
        server, database = cpu_seconds(self.pid), cpu_seconds(self.postmaster)
        done = run_wrk(load, self.folder, seconds=seconds, connections=connections)
        server, database = cpu_seconds(self.pid) - server, cpu_seconds(self.postmaster) - database
        each = 1e6 / done.requests
        return Point(setting, test, done.rate, done.p99, server * each, database * each)

    def _page(self, depth: int) -> str:
        """Return the path of a page: those before it are read by hundreds of posts."""
        path, before = PATHS["page"], (depth - 1) * 20
        cursor = ""
        while before:
            step = min(100, before)
            found = self._get(f"/api/v1/posts?limit={step}{cursor}")
            cursor, before = f"&cursor={found['next_cursor']}", before - step
        return path + cursor

    def _get(self, path: str) -> dict[str, str]:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:  # noqa: S310 - our own service
            found: dict[str, str] = json.load(response)
        return found


@contextmanager
def running(workers: int, rows: int) -> Iterator[Target]:
    """Serve with so many workers and posts."""
    with tempfile.TemporaryDirectory(prefix="pressroom-capacity-") as name, stopped_database(Path(name)):
        environment = isolated_environment(Path(name))
        seeded = json.loads(seed(name, environment, users=1000, posts=rows, tokens=TOKENS))
        with service(name, environment, "--workers", str(workers), "--no-mail-worker") as url:
            (pid,) = (each for each in children(os.getpid()) if _is_service(each))
            yield Target(Path(name), url, seeded["tokens"], pid)


def _is_service(pid: int) -> bool:
    return b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def _median(points: Sequence[Point]) -> Point:
    names = ("rate", "p99", "server", "database")
    return replace(points[0], **{name: median(getattr(each, name) for each in points) for name in names})


def table(name: str, points: Sequence[Point]) -> str:
    """Return a table in Markdown, with the load average of the machine."""
    lines = [
        f"| {name} | request | requests/s | p99 ms | server us | database us |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {getattr(each.setting, name):,} | {each.test} | {each.rate:,.0f} | {each.p99:.1f} "
        f"| {each.server:.0f} | {each.database:.0f} |"
        for each in points
    ]
    cores, load = os.cpu_count(), os.getloadavg()[0]
    return "\n".join([*lines, "", f"{cores} cores, load average {load:.1f} at the end", ""])


if __name__ == "__main__":
    sys.exit(main())
