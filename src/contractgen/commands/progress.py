"""A progress bar on standard error, only on a terminal and after two seconds."""

import sys
import time
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self

_DELAY = 2.0
_INTERVAL = 0.2
_CLEAR = "\r\x1b[K"


class Progress:
    """The stages of a long task; `begin` starts the next one."""

    def __init__(self, stages: Sequence[str]) -> None:
        self._stages = stages
        self._stage = stages[0]
        self._started = time.monotonic()
        self._done = Event()
        self._painter = Thread(target=self._paint, daemon=True) if sys.stderr.isatty() else None

    def begin(self, stage: str) -> None:
        """Start a stage."""
        self._stage = stage

    def __enter__(self) -> Self:
        if self._painter:
            self._painter.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._painter:
            self._painter.join()

    def _paint(self) -> None:
        if self._done.wait(_DELAY):
            return
        while not self._done.wait(_INTERVAL):
            sys.stderr.write(_CLEAR + self.line())
            sys.stderr.flush()
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()

    def line(self) -> str:
        """Return the bar: the stages done, the current one, and the seconds since the start."""
        done = self._stages.index(self._stage)
        bar = "#" * done + ">" + "." * (len(self._stages) - done - 1)
        return f"[{bar}] {self._stage}, {time.monotonic() - self._started:.0f} s"
