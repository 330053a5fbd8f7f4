"""A PostgreSQL of a test's own, which can be killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]  # it has no annotations

from contractgen_runtime.postgres import embedded
from load.service import wait_until

#: PostgreSQL refuses to run as root.
USER = "nobody" if os.geteuid() == 0 else None
_OPTIONS = (
    *("listen_addresses=", "max_connections=100", "shared_buffers=32MB"),
    # Without recycled files, and checkpoints that remove some, each megabyte of the log needs room.
    *("min_wal_size=2MB", "max_wal_size=64MB", "wal_recycle=off"),
)


class Cluster:
    """A server on a socket in a folder, and its data."""

    def __init__(self, folder: Path) -> None:
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._data = folder / "data"
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        owned(folder)

    def create(self, *, log: Path | None = None) -> None:
        """Make the data, with the write-ahead log in another folder if one is given."""
        options = ["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--wal-segsize=1"]
        if log:
            options.append(f"--waldir={log / 'wal'}")
        self._run("initdb", *options, f"--pgdata={self._data}")

    def follow(self, primary: "Cluster") -> None:
        """Make the data of a standby."""
        options = ["--write-recovery-conf", "--checkpoint=fast", "--username=postgres", "--no-sync"]
        self._run("pg_basebackup", *options, f"--host={primary.folder}", f"--pgdata={self._data}")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(embedded.program(program)), *arguments]
        done = subprocess.run(
            command, user=USER, cwd=self.folder, check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start the server, and wait until it has recovered."""
        settings = [word for option in _OPTIONS for word in ("-c", option)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [embedded.program("postgres"), "-D", self._data, "-k", self.folder, *settings],
                user=USER,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        assert wait_until(self._accepts, 60), (self.folder / "log").read_text()[-2000:]

    def _accepts(self) -> bool:
        command = [str(embedded.program("pg_isready")), "--quiet", f"--host={self.folder}"]
        return subprocess.run(command, check=False).returncode == 0

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End every process of the server with SIGKILL."""
        assert self._process is not None
        kill_tree(self._process.pid)
        self._process.wait()

    def stop(self) -> None:
        """Stop the server at once: its data are not needed any more."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)


def owned(folder: Path) -> Path:
    """Give a new folder to the user of the server."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    if USER:
        shutil.chown(folder, USER)
    return folder


def kill_tree(pid: int) -> None:
    """End a process and all that it has started with SIGKILL, the process first."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a small file system in memory at a new folder; OSError where that is not allowed."""
    owned(folder)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        raise OSError("no file system can be mounted here")
    try:
        yield owned(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def can_mount() -> bool:
    """Return whether this user may make a small disk."""
    with tempfile.TemporaryDirectory() as folder, suppress(OSError), small_disk(Path(folder) / "disk", 1):
        return True
    return False


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Fill a file system to its last byte while the context lasts."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file, suppress(OSError):
        while True:
            file.write(b"x" * 65_536)
            file.flush()
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")
    try:
        yield
    finally:
        ballast.unlink()


async def execute(url: str, *statements: str) -> None:
    """Execute statements, each by itself, also where transactions are read-only."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("SET default_transaction_read_only = off")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
