"""What a request costs: Pressroom beside what a team would take instead, in one run on one machine.

usage: python -m load.peers.bench [PEER ...] [--seconds 4] [--rounds 3] [--connections 16 64]

Each peer has one worker, on a core of its own; wrk and PostgreSQL have the others. Figures are medians of the
rounds, in which the peers take turns. Ratios within a run are what counts: absolute figures do not carry over
between machines, or between two days on one.
"""

import argparse
import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from contractgen_runtime.postgres import embedded
from load import machine
from load.peers import data, table
from load.peers.cpu import cpu_seconds
from load.peers.servers import PEERS, Peer, install
from load.peers.wrk import Load, WrkError, require_wrk, run_wrk
from load.service import stopped_database

FEW, PAGES = 256, 256
#: What is asked for, by the name of its column.
TESTS = {
    "health": "no token, no database",
    "me": f"the caller's account, {FEW} tokens in rotation",
    "me-many": f"the same with {data.USERS:,} tokens",
    "page": "20 posts, everybody the first page",
    "pages": f"20 posts, {PAGES} pages in rotation",
    "create": "a new post",
}
_WARM_UP = 1


@dataclass(frozen=True)
class Cost:
    """Of one test of a peer: CPU microseconds a request of the server and the database, and the rate."""

    peer: str
    test: str
    connections: int
    server: float
    database: float
    rate: float
    p50: float
    p99: float


def main(argv: list[str] | None = None) -> int:
    wanted = parser().parse_args(argv)
    names = wanted.peers or list(PEERS)
    tests = wanted.tests or list(TESTS)
    try:
        require_wrk()
        install(names)
        with tempfile.TemporaryDirectory(prefix="pressroom-bench-") as name, stopped_database(Path(name)):
            # The server runs as a user of its own when we are root.
            Path(name).chmod(0o755)
            load_before = os.getloadavg()[0]
            costs = Bench(Path(name), wanted.seconds, names).run(wanted.rounds, wanted.connections, tests)
    except WrkError as error:
        print(error, file=sys.stderr)
        return 2
    facts = machine.describe() | {"load_average_before": round(load_before, 2), "seconds": wanted.seconds}
    facts |= {"rounds": wanted.rounds, "revision": machine.revision(), "calibration_ms": machine.calibrate()}
    folder = Path(wanted.results) / f"bench-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    folder.mkdir(parents=True)
    (folder / "bench.json").write_text(
        json.dumps({"facts": facts, "costs": [asdict(each) for each in costs]}, indent=2)
    )
    (folder / "bench.md").write_text(table.markdown(costs, tests))
    (folder / "bench.svg").write_text(table.chart(costs, tests))
    print(table.markdown(costs, tests))
    print(
        f"load average before {load_before:.1f}, {os.cpu_count()} cores, Python {facts['python']}; "
        f"{folder}/bench.svg",
        file=sys.stderr,
    )
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m load.peers.bench", description="Measure what a request costs."
    )
    found.add_argument(
        "peers", nargs="*", metavar="PEER", help=f"of {', '.join(PEERS)} (default: all)", type=peer
    )
    found.add_argument("--tests", nargs="+", choices=TESTS, help="default: all")
    found.add_argument("--seconds", type=int, default=4, help="of a measurement (default: 4)")
    found.add_argument("--rounds", type=int, default=3, help="measurements of each (default: 3)")
    found.add_argument("--connections", type=int, nargs="+", default=[16], help="default: 16")
    found.add_argument("--results", default="load-results", help="folder (default: %(default)s)")
    return found


def peer(name: str) -> str:
    if name not in PEERS:
        raise argparse.ArgumentTypeError(f"unknown: {name}; choose from {', '.join(PEERS)}")
    return name


class Bench:
    """One PostgreSQL with the rows of all peers, and what is measured on it."""

    def __init__(self, folder: Path, seconds: int, names: Sequence[str]) -> None:
        self.folder, self.seconds, self.names = folder, seconds, names
        self.server_core, self.others = _cores()
        _pin(self.others)
        dsn = embedded.start(folder)
        self.postmaster = int(next(folder.rglob("postmaster.pid")).read_text().split()[0])
        host = str(next(folder.rglob("postmaster.pid")).parent)
        self.tokens = {"": data.fill_peers(dsn)}
        self.variables = {
            "": {
                "BENCH_DSN": dsn,
                "BENCH_HOST": host,
                "BENCH_DATABASE": "postgres",
                "BENCH_SECRET": data.SECRET,
                "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            },
            "pressroom": {
                "DATABASE_URL": dsn.replace("/postgres?", "/pressroom?"),
                "PRESSROOM_ENVIRONMENT": "production",
                "PRESSROOM_TOKEN_SECRET": data.SECRET,
                "PRESSROOM_PASSWORD_PEPPER": data.SECRET[::-1],
                "PRESSROOM_ALLOWED_HOSTS": "127.0.0.1",
                "PRESSROOM_PUBLIC_URL": "http://127.0.0.1",
                "PRESSROOM_STATE_DIR": str(folder),
                "PRESSROOM_TOKEN_LIFETIME": "36000",
            },
        }
        if "pressroom" in names:
            environment = {**os.environ, **self.variables["pressroom"]}
            self.tokens["pressroom"] = data.fill_pressroom(str(folder), environment)

    def run(self, rounds: int, connections: Sequence[int], tests: Sequence[str]) -> list[Cost]:
        """Measure every test of every peer in each round; return medians."""
        found: dict[tuple[str, str, int], list[Cost]] = {}
        for number in range(rounds):
            for name in self.names:
                print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
                for cost in self._measure(PEERS[name], connections, tests):
                    found.setdefault((name, cost.test, cost.connections), []).append(cost)
        return [_median(costs) for costs in found.values()]

    def _measure(self, peer: Peer, connections: Sequence[int], tests: Sequence[str]) -> Iterator[Cost]:
        variables = self.variables.get(peer.name, self.variables[""])
        with peer.serving(self.folder, variables, self.server_core) as (pid, url):
            for test in tests:
                load = self._load(peer, test, url)
                for number in connections:
                    yield self._cost(peer.name, test, load, pid, number)

    def _cost(self, name: str, test: str, load: Load, pid: int, connections: int) -> Cost:
        run_wrk(load, self.folder, seconds=_WARM_UP, connections=connections)
        server, database = cpu_seconds(pid), cpu_seconds(self.postmaster)
        done = run_wrk(load, self.folder, seconds=self.seconds, connections=connections)
        server, database = cpu_seconds(pid) - server, cpu_seconds(self.postmaster) - database
        per_request = 1e6 / done.requests
        return Cost(
            name,
            test,
            connections,
            server * per_request,
            database * per_request,
            done.rate,
            done.p50,
            done.p99,
        )

    def _load(self, peer: Peer, test: str, url: str) -> Load:
        every = self.tokens.get(peer.name, self.tokens[""])
        tokens = every if test == "me-many" else every[:FEW]
        path = {"health": peer.health, "me": "/api/v1/users/me", "me-many": "/api/v1/users/me"}.get(
            test, "/api/v1/posts"
        )
        if test == "create":
            return Load(url + path, tokens, body=data.POST)
        if test in {"page", "pages"}:
            path += "?limit=20"
        return Load(url + path, tokens, pages(url, path, tokens[0]) if test == "pages" else ())


def pages(url: str, path: str, token: str) -> list[str]:
    """Return the paths of successive pages; only the first of a peer that has no cursors."""
    found = [path]
    while len(found) < PAGES:
        request = urllib.request.Request(url + found[-1], headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - our own server
            cursor = json.load(response).get("next_cursor")
        if not cursor:
            break
        found.append(f"{path}&cursor={cursor}")
    return found


def _median(costs: Sequence[Cost]) -> Cost:
    first = costs[0]
    figures = ("server", "database", "rate", "p50", "p99")
    return Cost(
        first.peer,
        first.test,
        first.connections,
        *(median(getattr(each, name) for each in costs) for name in figures),
    )


def _cores() -> tuple[list[str], set[int]]:
    """Return the prefix that puts a server on the first core, and the cores of everything else."""
    if not hasattr(os, "sched_getaffinity"):
        raise WrkError("make bench reads the CPU of processes from /proc: it needs Linux")
    cores = sorted(os.sched_getaffinity(0))
    return (["taskset", "-c", str(cores[0])], set(cores[1:])) if len(cores) > 1 else ([], set(cores))


def _pin(cores: set[int]) -> None:
    """Keep this process, and PostgreSQL and wrk, which it starts, on these cores."""
    os.sched_setaffinity(0, cores)


if __name__ == "__main__":
    sys.exit(main())
