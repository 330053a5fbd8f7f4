"""Several server processes on one socket; what only these need, only these import."""

import os
import signal
import socket
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from time import monotonic

from .limits import Limits

_SPAWN = get_context("spawn")
# Seconds: between looks for signals; for a new process to start; for all of them to end.
_PAUSE = 0.5
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 9.5
#: The exit code of a process of uvicorn's that could not start its application.
STARTUP_FAILURE = 3


class Workers:
    """Keeps `count` server processes running until SIGTERM or SIGINT; SIGHUP replaces them one after another.

    The signal closes this process's own copy of the socket and goes on to the others at once: only when every
    copy is closed does the kernel refuse connections.
    """

    def __init__(self, application: str, limits: Limits, listener: socket.socket, count: int) -> None:
        self._application = application
        self._limits = limits
        self._listener = listener
        self._processes: list[tuple[SpawnProcess, Event]] = []
        self._count = count
        self._has_started = False
        self._stopping = False
        self._replacing = False

    def run(self) -> bool:
        """Serve until a signal; return False if the application could not start."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._replace)
        self._processes = [self._start() for _ in range(self._count)]
        could_start = True
        while could_start and not self._stopping:
            connection.wait([process.sentinel for process, _ in self._processes], _PAUSE)
            could_start = self._restart_dead()
            if self._replacing:
                self._replacing = False
                self._replace_all()
        self._end()
        return could_start

    def _stop(self, *_: object) -> None:
        self._stopping = True
        self._listener.close()
        self._terminate()

    def _replace(self, *_: object) -> None:
        self._replacing = True

    def _start(self) -> tuple[SpawnProcess, Event]:
        started = _SPAWN.Event()
        given = (self._application, self._limits, self._listener, started)
        process = _SPAWN.Process(target=_serve, args=given)
        process.start()
        return process, started

    def _restart_dead(self) -> bool:
        """Start a process for each that has ended; return False if one could not start the application.

        Before the first of them has started, the end of any process means that.
        """
        self._has_started = self._has_started or any(started.is_set() for _, started in self._processes)
        for index, (process, _) in enumerate(self._processes):
            if process.exitcode is None or self._stopping:
                continue
            if process.exitcode == STARTUP_FAILURE or not self._has_started:
                return False
            self._processes[index] = self._start()
        return True

    def _replace_all(self) -> None:
        """Start a new process for each, and end the old one when the new one serves."""
        for old in list(self._processes):
            new = process, started = self._start()
            self._processes.append(new)
            deadline = monotonic() + _START_TIMEOUT
            while not (started.wait(_PAUSE) or self._stopping) and process.is_alive():
                if monotonic() > deadline:
                    process.kill()
            if not started.is_set():
                self._processes.remove(new)
                process.kill()
                return
            self._processes.remove(old)
            old[0].terminate()

    def _terminate(self) -> None:
        for process, _ in self._processes:
            if process.pid is not None and process.exitcode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGTERM)

    def _end(self) -> None:
        self._terminate()
        deadline = monotonic() + _STOP_TIMEOUT
        for process, _ in self._processes:
            process.join(max(0.0, deadline - monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()


def _serve(application: str, limits: Limits, listener: socket.socket, started: Event) -> None:
    from .server import serve  # noqa: PLC0415 - see the module

    serve(application, limits, listener, started.set)
