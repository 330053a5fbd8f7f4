"""Batch calls: what several callers ask for in one turn of the event loop is one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

SourceT = TypeVar("SourceT", bound=Hashable)
KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class DataLoader(Generic[SourceT, KeyT, ValueT]):
    """Read values by key: `read` is called once for all keys that are asked of a source in one turn, or once
    for each `max_batch_size` of them.

    A caller never receives a value that was read before its call. It does not wait for later callers, and its
    cancellation cancels no read that others wait for.
    """

    def __init__(
        self,
        read: Callable[[SourceT, Sequence[KeyT]], Awaitable[Mapping[KeyT, ValueT]]],
        *,
        max_batch_size: int,
    ) -> None:
        self._read_together = read
        self._max_batch_size = max_batch_size
        self._asked: dict[SourceT, dict[KeyT, list[asyncio.Future[ValueT | None]]]] = {}
        self._reading: set[asyncio.Task[None]] = set()  # an event loop keeps no task alive by itself

    async def get(self, source: SourceT, key: KeyT) -> ValueT | None:
        """Return the value of a key, None when there is none; raises what `read` does.

        Several callers may receive the same object: do not change it.
        """
        if (asked := self._asked.get(source)) is not None:
            return await _joined(asked, key)
        asked = self._asked[source] = {key: []}
        try:
            await asyncio.sleep(0)  # whoever else asks in this turn
        except asyncio.CancelledError:
            self._begin(source)
            raise
        if len(asked) == 1 and not asked[key]:
            # A task and a future take as long as sending a statement does.
            del self._asked[source]
            return (await self._read_together(source, [key])).get(key)
        answer = _joined(asked, key)
        self._begin(source)
        return await answer

    def _begin(self, source: SourceT) -> None:
        asked = [(key, answers) for key, answers in self._asked.pop(source).items() if answers]
        for start in range(0, len(asked), self._max_batch_size):
            batch = dict(asked[start : start + self._max_batch_size])
            task = asyncio.get_running_loop().create_task(self._answer(source, batch))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _answer(self, source: SourceT, asked: dict[KeyT, list[asyncio.Future[ValueT | None]]]) -> None:
        waiting = [(answer, key) for key, answers in asked.items() for answer in answers]
        try:
            found = await self._read_together(source, list(asked))
        except Exception as error:  # noqa: BLE001 - raised in the callers
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


def _joined(asked: dict[KeyT, list[asyncio.Future[ValueT]]], key: KeyT) -> asyncio.Future[ValueT]:
    answer: asyncio.Future[ValueT] = asyncio.get_running_loop().create_future()
    asked.setdefault(key, []).append(answer)
    return answer
