"""Errors change nothing: no request that was answered with one makes, changes or deletes posts or accounts.

The database is read right before a request and right after it, at DATABASE_URL.
"""

import asyncio
import os
from functools import cache
from threading import Thread
from typing import Any

import asyncpg
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

_SECONDS = 20
_STATE = " UNION ALL ".join(
    f"SELECT '{table}', count(*), max(updated_at) FROM {table}" for table in ("posts", "users")
)
# Checks send requests of their own: the states before and after a request are kept by the id of its case.
_connection: list[Any] = []
_before: dict[str, Any] = {}
_changed: dict[str, str] = {}


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop of its own: schemathesis calls from threads that come and go."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, daemon=True).start()
    return loop


def state() -> list[tuple[Any, ...]]:
    return asyncio.run_coroutine_threadsafe(_state(), _loop()).result(_SECONDS)


async def _state() -> list[tuple[Any, ...]]:
    if not _connection:
        _connection.append(await asyncpg.connect(os.environ["DATABASE_URL"]))
    return [tuple(row) for row in await _connection[0].fetch(_STATE)]


def close() -> None:
    """Close the connection that was kept."""
    asyncio.run_coroutine_threadsafe(_connection.pop().close(), _loop()).result(_SECONDS)


def read_before(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    _before[case.id] = state()


def compare_after(context: HookContext, case: Case[Any], response: Response) -> None:
    before, after = _before.pop(case.id), state()
    if response.status_code >= 400 and before != after:
        _changed[case.id] = f"{before} became {after}"


@schemathesis.check
def an_error_changes_nothing(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    assert case.id not in _changed, _changed[case.id]
