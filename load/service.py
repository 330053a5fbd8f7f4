"""A Pressroom of its own: a fresh embedded database, seeded, on a free port; nothing stays behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

PRESSROOM = [str(Path(sys.executable).with_name("pressroom"))]
START_DEADLINE = 120.0
STOP_DEADLINE = 20.0


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


def seed(folder: str, environment: Mapping[str, str], *, users: int, posts: int, tokens: int) -> str:
    """Migrate and fill the database; return what `pressroom seed` prints, as JSON."""
    prepare(["migrate"], folder, environment)
    amounts = [f"--users={users}", f"--posts={posts}", f"--tokens={tokens}"]
    return prepare(["seed", *amounts], folder, environment)


def prepare(command: list[str], folder: str, environment: Mapping[str, str]) -> str:
    """What a `pressroom` command printed; ends the run with its complaint when it fails."""
    try:
        done = subprocess.run(
            [*PRESSROOM, *command],
            cwd=folder,
            env=environment,
            check=False,
            timeout=START_DEADLINE,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"pressroom {command[0]} did not end within {START_DEADLINE:g} s")
    if done.returncode != 0:
        sys.exit(f"pressroom {command[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def service(folder: str, environment: Mapping[str, str], *options: str) -> Iterator[str]:
    """`pressroom serve` on a free port, ready; its log is shown when it cannot start."""
    with serving(folder, environment, *options) as (url, _):
        yield url


@contextmanager
def serving(
    folder: str, environment: Mapping[str, str], *options: str, command: Sequence[str] = PRESSROOM
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The same, with its process, and perhaps by another command than this environment's."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = Path(folder) / "service.log"
    # The folder is the working directory too, so that no .env of the checkout is read.
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "serve", "--port", str(port), *options],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            if not becomes_ready(process, url):
                sys.exit(f"the service did not start:\n{log.read_text()[-2000:]}")
            yield url, process
        finally:
            stop(process)


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
