"""Password storage: `v1$` + bcrypt over a keyed digest, off the event loop and with bounded admission."""

import asyncio
import base64
import hmac
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

import bcrypt

from pressroom.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

VERSION = "v1$"
_STORED = re.compile(r"v1\$\$2b\$(\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)


class Busy(Exception):
    """So many passwords wait to be hashed that one more had better come back later."""


def hash_password(password: str, *, pepper: bytes, cost: int) -> str:
    """Return the text to store for a password. Blocks: about 0.25 s at cost 12."""
    return VERSION + bcrypt.hashpw(_digest(password, pepper), bcrypt.gensalt(cost)).decode("ascii")


def verify_password(password: str, stored: str, *, pepper: bytes, cost: int = 4) -> bool:
    """Return whether the password is the stored one; False also for a stored text of an unknown kind. Blocks.

    It takes as long as a hash of this cost, also where the stored one is cheaper or there is none.
    """
    digest, known = _digest(password, pepper), cost_of(stored)
    if known is None:
        _spend(digest, cost)
        return False
    is_right = bcrypt.checkpw(digest, stored.removeprefix(VERSION).encode())
    for missing in range(known, cost):  # each doubles what was spent so far
        _spend(digest, missing)
    return is_right


def cost_of(stored: str) -> int | None:
    """The cost of a stored password; None if it is of an unknown kind."""
    known = _STORED.fullmatch(stored)
    return int(known[1]) if known else None


def _spend(digest: bytes, cost: int) -> None:
    bcrypt.hashpw(digest, b"$2b$%02d$" % cost + b"." * 22)


def _digest(password: str, pepper: bytes) -> bytes:
    # 64 characters, none of them NUL: bcrypt refuses more than 72 bytes, and a password may have 256.
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(pepper, text, "sha384"))


def _yield_to_the_event_loop() -> None:
    """Lower the priority of this thread where threads have one: hashing gets the CPU time that is left."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


class PasswordHasher:
    """Hashes and verifies in threads, leaving a core to the event loop; raises Busy beyond a short queue."""

    def __init__(self, settings: Settings) -> None:
        threads = max(1, (os.cpu_count() or 1) - 1)
        #: How many callers wait for a password, how many may, and how many were refused so far.
        self.waiting, self.limit, self.refusals = 0, threads + settings.password_queue, 0
        self._pepper = settings.password_pepper.get_secret_value().encode("utf-8", "surrogateescape")
        self._cost = settings.bcrypt_cost
        # Of all stored passwords: every log-in takes that long, so that its time tells nothing of an account.
        self._most_expensive = self._cost
        self._threads = ThreadPoolExecutor(
            threads, thread_name_prefix="password", initializer=_yield_to_the_event_loop
        )
        self._places = BoundedSemaphore(self.limit)

    def expect(self, cost: int | None) -> None:
        """Account for a stored password of this cost."""
        self._most_expensive = max(self._most_expensive, cost or 0)

    def is_outdated(self, stored: str) -> bool:
        """Return whether a stored password is of another kind or cost than new ones."""
        return cost_of(stored) != self._cost

    async def hash(self, password: str) -> str:
        return await self._run(hash_password, password, pepper=self._pepper, cost=self._cost)

    async def verify(self, password: str, stored: str | None) -> bool:
        """`None` stands for an unknown account: False, after the same work as for a known one."""
        self.expect(cost_of(stored or ""))
        cost = self._most_expensive
        return await self._run(verify_password, password, stored or "", pepper=self._pepper, cost=cost)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if not self._places.acquire(blocking=False):
            self.refusals += 1
            raise Busy("too many passwords are being hashed")
        future = self._threads.submit(work, *args, **kwargs)
        # Called when done or cancelled, so that a caller who leaves while queued gives the place back.
        future.add_done_callback(lambda _: self._places.release())
        self.waiting += 1
        try:
            return await asyncio.wrap_future(future)
        finally:
            self.waiting -= 1
