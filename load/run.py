"""Load a Pressroom of its own, fresh and seeded, or one that runs elsewhere.

usage: python -m load.run [--scenario smoke] [--rate 50] [--seconds 60] [--url http://...]

Exits with 0 if the objectives are met, 3 if they are missed, 4 if the run is not valid, 2 for bad input, 1 if
the service of its own does not start.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from load.accounts import VARIABLE as SEEDED
from load.accounts import AccountsError, read_accounts
from load.mailbox import VARIABLE as MAILBOX
from load.scenarios import SCENARIOS
from load.service import isolated_environment, seed, service, stopped_database

HERE = Path(__file__).resolve().parent
# Options that are locust's, too.
_PASSED_ON = ("scenario", "rate", "seconds", "arrivals", "slo", "results", "seed", "max_in_flight")


def main(argv: list[str] | None = None) -> int:
    wanted = parser().parse_args(argv)
    # A terminated run stops its service and database as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with target(wanted) as (url, variables):
            return max(drive(url, variables, wanted) for _ in range(wanted.repeat))
    except AccountsError as error:
        print(error, file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m load.run", description="Load a Pressroom with locust.")
    add = found.add_argument
    summaries = "; ".join(f"{each.name}: {each.summary}" for each in SCENARIOS.values())
    add("--scenario", default="smoke", choices=SCENARIOS, help=summaries)
    add("--rate", type=positive, help="visits a second at the scenario's beginning")
    add("--seconds", type=positive, help="length of the scenario")
    add("--arrivals", choices=["poisson", "constant"], help="how visits arrive")
    add("--max-in-flight", type=whole, help="visits at once at most; others are dropped")
    add("--seed", type=whole, help="of the arrivals and the choices")
    add("--slo", help="file of objectives (default: load/slo.toml)")
    add("--results", default="load-results", help="folder of the results (default: %(default)s)")
    add("--repeat", type=whole, default=1, help="how many runs, for a comparison")
    add("--processes", type=whole, default=1, help="processes of the load generator")
    add("--url", help=f"load this service; {SEEDED} names what `pressroom seed` printed for it")
    add("--workers", type=whole, default=1, help="workers of the service of its own")
    add("--users", type=whole, default=400, help="accounts in it, each with a token")
    add("--posts", type=whole, default=2000, help="posts in it")
    return found


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError("must be greater than 0")
    return value


def whole(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


@contextmanager
def target(wanted: argparse.Namespace) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the address of the service under load, and the variables with which locust finds its accounts."""
    if wanted.url:
        read_accounts()
        yield wanted.url, {}
        return
    with tempfile.TemporaryDirectory(prefix="pressroom-load-") as folder, stopped_database(Path(folder)):
        cost = SCENARIOS[wanted.scenario].bcrypt_cost
        environment = isolated_environment(Path(folder)) | {"PRESSROOM_BCRYPT_COST": str(cost)}
        print("starting a service with a database of its own", file=sys.stderr, flush=True)
        seeded = Path(folder) / "seeded.json"
        seeded.write_text(
            seed(folder, environment, users=wanted.users, posts=wanted.posts, tokens=wanted.users)
        )
        with service(folder, environment, "--workers", str(wanted.workers)) as url:
            yield url, {SEEDED: str(seeded), MAILBOX: str(Path(folder) / "mailbox")}


def drive(url: str, variables: Mapping[str, str], wanted: argparse.Namespace) -> int:
    """Run locust; return its exit status."""
    command = [sys.executable, "-m", "locust", "--locustfile", str(HERE / "locustfile.py"), "--host", url]
    # With a file to write its statistics to, locust does not print them: their percentiles are rounded.
    command += ["--headless", "--json-file", str(Path(wanted.results) / "locust")]
    command += ["--only-summary", "--loglevel", "WARNING"]
    for name in _PASSED_ON:
        if (value := getattr(wanted, name)) is not None:
            command += [f"--{name.replace('_', '-')}", str(value)]
    if wanted.processes > 1:
        command += ["--processes", str(wanted.processes)]
    return subprocess.run(command, env=os.environ | variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
