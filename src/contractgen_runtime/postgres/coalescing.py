"""Reads that many ask for at once: what is asked for in one turn of the event loop is read once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

SourceT = TypeVar("SourceT", bound=Hashable)
KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Coalescer(Generic[SourceT, KeyT, ValueT]):
    """Reads values by key: all keys that are asked of a source in one turn, by one call of `read`.

    Nobody is given what was read before they asked, nobody waits for others to ask, and whoever leaves early
    takes nothing from the others.
    """

    def __init__(self, read: Callable[[SourceT, Sequence[KeyT]], Awaitable[Mapping[KeyT, ValueT]]]) -> None:
        self._read_together = read
        self._asked: dict[SourceT, dict[KeyT, list[asyncio.Future[ValueT | None]]]] = {}
        self._reading: set[asyncio.Task[None]] = set()  # an event loop keeps no task alive by itself

    async def get(self, source: SourceT, key: KeyT) -> ValueT | None:
        """The value of a key, None when there is none; raises what `read` does.

        Others may be given the same value: it is not to be changed.
        """
        loop = asyncio.get_running_loop()
        asked = self._asked.get(source)
        if asked is None:
            asked = self._asked[source] = {}
            loop.call_soon(self._begin, loop, source)
        answer: asyncio.Future[ValueT | None] = loop.create_future()
        asked.setdefault(key, []).append(answer)
        return await answer

    def _begin(self, loop: asyncio.AbstractEventLoop, source: SourceT) -> None:
        task = loop.create_task(self._answer(source, self._asked.pop(source)))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _answer(self, source: SourceT, asked: dict[KeyT, list[asyncio.Future[ValueT | None]]]) -> None:
        waiting = [(answer, key) for key, answers in asked.items() for answer in answers]
        try:
            found = await self._read_together(source, list(asked))
        except Exception as error:  # noqa: BLE001 - theirs who asked
            for answer, _ in waiting:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for answer, key in waiting:
                if not answer.done():
                    answer.set_result(found.get(key))
        finally:
            for answer, _ in waiting:
                answer.cancel()  # nothing, unless the reading itself was cancelled
