"""A bar on standard error for what takes long: only on a terminal, and not before two seconds are over."""

import sys
import time
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self

_PATIENCE = 2.0
_INTERVAL = 0.2
_CLEAR = "\r\x1b[K"


class Progress:
    """The stages of one piece of work; `begin` says which of them starts."""

    def __init__(self, stages: Sequence[str]) -> None:
        self._stages = stages
        self._stage = stages[0]
        self._started = time.monotonic()
        self._done = Event()
        self._painter = Thread(target=self._paint, daemon=True) if sys.stderr.isatty() else None

    def begin(self, stage: str) -> None:
        """From here on this stage is at work."""
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
        if self._done.wait(_PATIENCE):
            return
        while not self._done.wait(_INTERVAL):
            sys.stderr.write(_CLEAR + self.line())
            sys.stderr.flush()
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()

    def line(self) -> str:
        """The bar: what is done, what is being done, and for how long already."""
        done = self._stages.index(self._stage)
        bar = "#" * done + ">" + "." * (len(self._stages) - done - 1)
        return f"[{bar}] {self._stage}, {time.monotonic() - self._started:.0f} s"
