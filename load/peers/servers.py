"""The peers: how each is installed and started."""

import hashlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from load.service import PRESSROOM, free_port, stop

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_VENV = _HERE / ".venv"
_FASTIFY = _HERE / "apps" / "fastify"
_DEADLINE = 60.0


@dataclass(frozen=True)
class Peer:
    """A server that has the same four paths as the others."""

    name: str
    about: str
    command: tuple[str, ...]
    health: str = "/api/v1/health"
    #: Its folder has a package.json; the others are of Python.
    is_node: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def serving(
        self, folder: Path, variables: Mapping[str, str], cores: Sequence[str]
    ) -> Iterator[tuple[int, str]]:
        """Start it with one worker; yield its process id and address."""
        port = str(free_port())
        command = [*cores, *(part.replace("PORT", port) for part in self.command)]
        environment = {**os.environ, **variables, "PORT": port}
        with (folder / f"{self.name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            url = f"http://127.0.0.1:{port}"
            if not _answers(f"{url}{self.health}", process):
                sys.exit(f"{self.name} did not start:\n{(folder / f'{self.name}.log').read_text()[-2000:]}")
            yield process.pid, url
        finally:
            stop(process)


def _python(name: str) -> tuple[str, ...]:
    options = ("--no-access-log", "--log-level", "warning", "--port", "PORT")
    return (str(_VENV / "bin" / "python"), "-m", "uvicorn", *options, f"load.peers.apps.{name}:app")


PEERS = {
    peer.name: peer
    for peer in (
        Peer("idiomatic", "FastAPI, SQLModel", _python("idiomatic")),
        Peer("litestar", "Litestar, msgspec, asyncpg", _python("litestar_app")),
        Peer(
            "pressroom",
            "Pressroom",
            (*PRESSROOM, "serve", "--port", "PORT", "--workers", "1", "--no-mail-worker"),
            health="/livez",
        ),
        Peer(
            "fastify",
            "Fastify, openapi-glue, pg (Node.js)",
            ("node", str(_FASTIFY / "server.mjs")),
            is_node=True,
        ),
        Peer("floor", "bare ASGI function, asyncpg", _python("floor")),
    )
}


def install(names: Sequence[str]) -> None:
    """Install what these peers need from their lock files, each into a folder of its own, once."""
    if any(PEERS[name].is_node for name in names):
        lock = _FASTIFY / "package-lock.json"
        npm = ["npm", "--prefix", str(_FASTIFY), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        _once(_FASTIFY / "node_modules" / ".installed", lock, [npm])
    if {"floor", "idiomatic", "litestar"} & set(names):
        lock = _HERE / "requirements.lock"
        make = [sys.executable, "-m", "venv", "--clear", str(_VENV)]
        pip = [
            str(_VENV / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _once(_VENV / ".installed", lock, [make, [*pip, "--require-hashes", "--requirement", str(lock)]])


def _once(mark: Path, lock: Path, commands: Sequence[Sequence[str]]) -> None:
    """Run the commands unless they have run for the lock as it is."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text(encoding="utf-8") == digest:
        return
    print(f"installing what {lock.relative_to(_ROOT)} names", file=sys.stderr, flush=True)
    for command in commands:
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        except FileNotFoundError:
            sys.exit(
                f"{command[0]} is not on the PATH: install it, or name the peers to measure with --peers"
            )
        except subprocess.CalledProcessError as error:
            sys.exit(f"{command[0]} failed with {error.returncode}; see above")
    mark.write_text(digest, encoding="utf-8")


def _answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
            return True
        time.sleep(0.1)
    return False
