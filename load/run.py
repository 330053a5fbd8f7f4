"""Loads a Pressroom of its own for a short while: a fresh embedded database, seeded, on a free port.

usage: python load/run.py [--seconds 15] [--users 20]

Exits with locust's status: 0 only when the whole journey was driven without one error. Nothing stays
behind: the state folder is a temporary one, and the service and its database are stopped.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
PRESSROOM = [str(Path(sys.executable).with_name("pressroom"))]
START_DEADLINE = 60.0
STOP_DEADLINE = 20.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Load a Pressroom of its own with locust.")
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--users", type=int, default=20)
    wanted = parser.parse_args()
    # A terminated run stops its service and database as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="pressroom-load-") as folder, stopped_database(Path(folder)):
        environment = isolated_environment(Path(folder))
        account = seed(folder, environment)
        with service(folder, environment) as url:
            return drive(url, account, wanted.users, wanted.seconds)


def isolated_environment(folder: Path) -> dict[str, str]:
    """This environment without a word about another Pressroom."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith("PRESSROOM_")
    }
    return inherited | {
        "PRESSROOM_ENVIRONMENT": "development",
        "PRESSROOM_STATE_DIR": str(folder),
        # The journey is about the routes: at full cost it would measure the log-ins at its start.
        "PRESSROOM_BCRYPT_COST": "4",
        "PRESSROOM_RATE_LIMIT_SCALE": "1000",
    }


def seed(folder: str, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Migrates and fills the database; an account's email and password."""
    prepare(["migrate"], folder, environment)
    seeded = prepare(["seed", "--users", "20", "--posts", "500", "--tokens", "0"], folder, environment)
    account: dict[str, str] = json.loads(seeded)["user"]
    return account


def prepare(command: list[str], folder: str, environment: Mapping[str, str]) -> str:
    """What a `pressroom` command printed; ends the run with its complaint when it fails."""
    done = subprocess.run(
        [*PRESSROOM, *command],
        cwd=folder,
        env=environment,
        check=False,
        timeout=START_DEADLINE,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"pressroom {command[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def service(folder: str, environment: Mapping[str, str], *options: str) -> Iterator[str]:
    """`pressroom serve` on a free port, ready; its log is shown when it cannot start."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = Path(folder) / "service.log"
    # The folder is the working directory too, so that no .env of the checkout is read.
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*PRESSROOM, "serve", "--port", str(port), *options],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            if not becomes_ready(process, url):
                sys.exit(f"the service did not start:\n{log.read_text()[-2000:]}")
            yield url
        finally:
            stop(process)


def drive(url: str, account: Mapping[str, str], users: int, seconds: int) -> int:
    """Runs locust; its exit status."""
    command = [sys.executable, "-m", "locust", "--locustfile", str(HERE / "locustfile.py"), "--host", url]
    command += ["--headless", "--only-summary", "--stop-timeout", "5"]
    command += ["--users", str(users), "--spawn-rate", "10", "--run-time", f"{seconds}s"]
    credentials = {
        "PRESSROOM_LOAD_EMAIL": account["email"],
        "PRESSROOM_LOAD_PASSWORD": account["password"],
    }
    return subprocess.run(command, env=os.environ | credentials, timeout=seconds + 60, check=False).returncode


@contextmanager
def stopped_database(folder: Path) -> Iterator[None]:
    """Stops a PostgreSQL below the folder that outlived the commands which used it."""
    try:
        yield
    finally:
        for pid_file in folder.rglob("postmaster.pid"):
            with suppress(OSError, ValueError):
                os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
            wait_until(partial(is_gone, pid_file), STOP_DEADLINE)


def is_gone(path: Path) -> bool:
    return not path.exists()


def becomes_ready(process: "subprocess.Popen[bytes]", url: str) -> bool:
    def settled() -> bool:
        return process.poll() is not None or answers(f"{url}/readyz")

    return wait_until(settled, START_DEADLINE) and process.poll() is None


def answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 -- the address of our own service
        return bool(response.status == 200)
    return False


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
