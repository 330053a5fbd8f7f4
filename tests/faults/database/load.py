"""Clients of a running service that keep a journal: what was sent, what came, and what it promised."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from time import monotonic
from typing import Any

import asyncpg
import httpx

from contractgen_runtime.testing.witness import Witness
from tests.contract.witness import CHECKER

_STORED = (
    "SELECT title AS key, content = 'changed' AS changed FROM posts WHERE title LIKE 'key%' "
    "UNION ALL SELECT subject, true FROM notifications WHERE subject LIKE 'key%'"
)


@dataclass(frozen=True)
class Answer:
    """A response, when it came and how long it took."""

    operation: str
    status: int
    came: float
    seconds: float
    retry_after: str | None


@dataclass
class Load:
    """Writers and readers of a service; every response is checked against the contract.

    Writers send a request with its key again until it is acknowledged. `cuts` counts requests without any
    response, which only `may_cut` admits.
    """

    url: str
    tokens: list[str]
    admin: str
    may_cut: bool = False
    answers: list[Answer] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    cuts: int = 0
    _stops: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send requests while the context lasts; then every writer ends what it has begun."""
        async with client() as sender, asyncio.TaskGroup() as group:
            me = await self._ask(sender, "get_me", "GET", "/api/v1/users/me", self.tokens[0])
            assert me is not None
            user_id = me.json()["id"]
            for token in self.tokens:
                group.create_task(self._write(sender, token))
                group.create_task(self._read(sender, token))
            group.create_task(self._notify(sender, user_id))
            group.create_task(self._look(sender))
            try:
                await self.progress()
                yield
            finally:
                self._stops = True

    async def progress(self, writes: int = 20, *, within: float = 30) -> None:
        """Wait until some more writes are acknowledged."""
        goal = len(self.acknowledged) + writes
        async with asyncio.timeout(within):
            while len(self.acknowledged) < goal:
                await asyncio.sleep(0.02)

    async def meets(self, status: int, *operations: str, within: float) -> None:
        """Wait until one of the operations has a response of this status."""
        began = monotonic()
        async with asyncio.timeout(within):
            while status not in self.statuses(operations, (began, monotonic())):
                await asyncio.sleep(0.02)

    def longest(self, *operations: str) -> float:
        """Return the seconds of the slowest response."""
        return max(each.seconds for each in self.answers if each.operation in operations)

    def statuses(self, operations: Sequence[str], during: tuple[float, float] | None = None) -> set[int]:
        """Return the statuses that came, in a span of time if it is given."""
        begin, end = during or (0, monotonic())
        came = (each for each in self.answers if each.operation in operations)
        return {each.status for each in came if begin <= each.came <= end}

    async def _write(self, sender: httpx.AsyncClient, token: str) -> None:
        for key in self._keys():
            body = {"title": key, "content": token_hex(1500)}
            post = await self._until_done(sender, "create_post", "POST", "/api/v1/posts", token, key, body)
            self.acknowledged.add(key)
            path, change = f"/api/v1/posts/{post.json()['id']}", {"content": "changed"}
            await self._until_done(sender, "update_post", "PATCH", path, token, None, change)
            self.changed.add(key)

    async def _notify(self, sender: httpx.AsyncClient, user_id: str) -> None:
        path = f"/api/v1/users/{user_id}/notify"
        for key in self._keys():
            body = {"subject": key, "body": "Text."}
            await self._until_done(sender, "notify_user", "POST", path, self.admin, key, body)
            self.acknowledged.add(key)
            await asyncio.sleep(0.05)

    def _keys(self) -> Any:
        name = token_hex(4)
        for number in count():
            if self._stops:
                return
            yield f"key-{name}-{number}"

    async def _read(self, sender: httpx.AsyncClient, token: str) -> None:
        while not self._stops:
            await self._ask(sender, "get_me", "GET", "/api/v1/users/me", token)
            await self._ask(sender, "list_posts", "GET", "/api/v1/posts?limit=5", token)
            await asyncio.sleep(0.02)

    async def _look(self, sender: httpx.AsyncClient) -> None:
        while not self._stops:
            await self._ask(sender, "livez", "GET", "/livez", None)
            await self._ask(sender, "readyz", "GET", "/readyz", None)
            await asyncio.sleep(0.02)

    async def _until_done(
        self,
        sender: httpx.AsyncClient,
        operation: str,
        method: str,
        path: str,
        token: str,
        key: str | None,
        body: dict[str, str],
    ) -> httpx.Response:
        while True:
            answer = await self._ask(sender, operation, method, path, token, key=key, json=body)
            if answer is not None and answer.status_code < 300:
                return answer
            await asyncio.sleep(0.1)

    async def _ask(
        self,
        sender: httpx.AsyncClient,
        operation: str,
        method: str,
        path: str,
        token: str | None,
        *,
        key: str | None = None,
        json: dict[str, str] | None = None,
    ) -> httpx.Response | None:
        headers = {"if-match": "*"} if method == "PATCH" else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if key:
            headers["idempotency-key"] = key
        began = monotonic()
        try:
            answer = await sender.request(method, self.url + path, headers=headers, json=json)
        except httpx.TransportError:
            if not self.may_cut:
                raise
            self.cuts += 1
            await asyncio.sleep(0.05)
            return None
        now = monotonic()
        retry_after = answer.headers.get("retry-after")
        self.answers.append(Answer(operation, answer.status_code, now, now - began, retry_after))
        assert answer.status_code in {200, 201, 202, 503}, answer.text
        assert answer.status_code != 503 or retry_after, answer.text
        return answer

    async def assert_nothing_is_lost(self, database_url: str) -> None:
        """Everything acknowledged is in the database, and nothing twice."""
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(_STORED)
        finally:
            await connection.close()
        stored = [row["key"] for row in rows]
        assert len(set(stored)) == len(stored)
        assert self.acknowledged - set(stored) == set()
        assert self.changed - {row["key"] for row in rows if row["changed"]} == set()


def client() -> httpx.AsyncClient:
    """A client of a running service that checks every response against the contract."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    transport = Witness(httpx.AsyncHTTPTransport(limits=limits), CHECKER)
    return httpx.AsyncClient(transport=transport, timeout=20)
