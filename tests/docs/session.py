"""Run the blocks of a page as a reader would: one shell in one folder, from the first block to the last."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.docs.blocks import Block
from tests.house.project import ROOT

_PORT = re.compile(r"(?<=[:= ])80\d\d\b")
_SECONDS = 60


class Session:
    """A shell, the files around it, and the servers that it has started."""

    def __init__(self, folder: Path, notes: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self._notes = notes
        self._ports: dict[str, str] = {}
        self._servers: dict[str, int] = {}
        self._output = ""
        environment = {**environment_of_pages(notes), "PORT": self._port("8000"), **variables}
        self._shell = subprocess.Popen(
            ["bash", "-euo", "pipefail"],
            cwd=folder,
            env=environment | {"UVICORN_PORT": environment["PORT"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pid in self._servers.values():
            _stop(pid)
        self._shell.kill()
        self._shell.communicate()

    def do(self, block: Block) -> None:
        """Do what a reader does with a block; AssertionError where it is not as the page says."""
        text = _PORT.sub(lambda found: self._port(found[0]), block.text)
        match block.kind:
            case "file":
                self._write(block, text)
            case "change":
                path = self.folder / block.title
                path.write_text(changed(path.read_text(), text, str(block)))
            case "run":
                self._run(block, text)
            case "serve":
                self._serve(block, text)
            case "script":
                (self._notes / "script.py").write_text(text)
                self._run(block, f"PYTHONPATH=.:$PYTHONPATH python {self._notes / 'script.py'}")
            case "output":
                assert is_expected(self._output, block), f"{block}: the output is\n{self._output}"
            case "not run":
                pass

    def _write(self, block: Block, text: str) -> None:
        path = self.folder / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _run(self, block: Block, text: str) -> None:
        script, output = self._notes / "block.sh", self._notes / "output"
        script.write_text(text)
        command = f"source {script}; code=0"
        if block.exit_code:
            command = f"bash -euo pipefail {script} && code=0 || code=$?"
        code = self._tell(f"{{ {command}; }} >{output} 2>&1 </dev/null; printf '%s %s\\n' $code \"$PWD\"")
        self._output = self._as_written(output.read_text())
        assert code, f"{block}: failed\n{self._output}"
        found, _, folder = code.partition(" ")
        assert int(found) == block.exit_code, f"{block}: exit code {found}\n{self._output}"
        self.folder = Path(folder)

    def _serve(self, block: Block, text: str) -> None:
        port = next(iter(_PORT.findall(block.text)), "8000")
        if (running := self._servers.pop(port, None)) is not None:
            _stop(running)
        script, log = self._notes / f"server-{port}.sh", self._notes / f"server-{port}.log"
        script.write_text(text)
        log.touch()
        # Its own session, so that it is stopped with whatever it has started.
        self._servers[port] = int(self._tell(f"setsid bash {script} >{log} 2>&1 </dev/null & echo $!"))
        deadline = time.monotonic() + _SECONDS
        while not _is_open(int(self._port(port))):
            assert time.monotonic() < deadline, f"{block}: nothing listens\n{log.read_text()}"
            assert _is_alive(self._servers[port]), f"{block}: ended\n{log.read_text()}"
            time.sleep(0.05)

    def _tell(self, command: str) -> str:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{command}\n")
        self._shell.stdin.flush()
        return self._shell.stdout.readline().strip()

    def _as_written(self, output: str) -> str:
        """Return an output with the ports that the page names."""
        for written, port in self._ports.items():
            output = output.replace(port, written)
        return output.replace("\r\n", "\n")

    def _port(self, written: str) -> str:
        """Return a free port in place of one that a page names."""
        if written not in self._ports:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                self._ports[written] = str(listener.getsockname()[1])
        return self._ports[written]


def environment_of_pages(notes: Path) -> dict[str, str]:
    """Return this environment with the checkout's own packages and programs, and nobody's settings."""
    foreign = ("PRESSROOM_", "LOAD_", "PYTEST_", "MAKE")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    own.pop("DATABASE_URL", None)
    programs = Path(sys.executable).parent
    # What a Makefile would install is here already.
    installed = "-o .venv/.installed -o .venv/.fuzz -o .venv/.load"
    make = notes / "make"
    make.write_text(f'#!/bin/sh\nexec {shutil.which("make")} {installed} BIN={programs} "$@"\n')
    make.chmod(0o755)
    return own | {
        "PATH": os.pathsep.join([str(notes), str(programs), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT / "src"),
        # Standard output and standard error stand in the order in which they were written.
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        # Not in every run, and about npm itself.
        "npm_config_update_notifier": "false",
    }


def changed(text: str, change: str, where: str) -> str:
    """Replace the lines that begin with ' ' or '-' by those that begin with ' ' or '+'."""
    lines = [line or " " for line in change.splitlines()]
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in signs) for signs in (" -", " +"))
    assert text.count(old) == 1, f"{where}: the lines to change are not there once\n{text}"
    return text.replace(old, new)


def is_expected(output: str, block: Block) -> bool:
    """Return whether an output is that of a block; of JSON, whatever its layout."""
    if matches(output, block.text):
        return True
    with suppress(ValueError):
        return block.language == "json" and json.loads(output) == json.loads(block.text)
    return False


def matches(output: str, expected: str) -> bool:
    """Return whether an output is the expected one, in which `...` stands for any text or lines."""
    parts = []
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r"[^\n]*?".join(map(re.escape, line.rstrip().split("..."))) + r"[ \t]*\n")
    return re.fullmatch("".join(parts) + r"\s*", output.rstrip() + "\n") is not None


def _is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _is_alive(pid: int, signal_to: Callable[[int, int], None] = os.kill) -> bool:
    try:
        signal_to(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _stop(group: int) -> None:
    """Stop a server and whatever it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(group, number)
        deadline = time.monotonic() + _SECONDS / 6
        while _is_alive(group, os.killpg) and time.monotonic() < deadline:
            time.sleep(0.05)


@contextmanager
def session(folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[Session]:
    """Open a session in a folder; its notes stand beside it."""
    notes = folder.with_name(f"{folder.name}-notes")
    notes.mkdir()
    with Session(folder, notes, variables or {}) as opened:
        yield opened
