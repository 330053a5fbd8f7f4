"""Batch calls: what several callers ask for in one turn of the event loop is one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar

SourceT = TypeVar("SourceT", bound=Hashable)
KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")
# A key, and those who wait for its value.
_Asked: TypeAlias = tuple[KeyT, list[asyncio.Future[ValueT]]]


class DataLoader(Generic[SourceT, KeyT, ValueT]):
    """Read values by key: `read` is called once for all keys that are asked of a source in one turn, or once
    for each `max_batch_size` of them, and returns their values in the order of the keys.

    A caller never receives a value that was read before its call. It does not wait for later callers, and its
    cancellation cancels no read that others wait for. Of several callers for one key all but the first
    receive what `copy` makes of a value that is not None.
    """

    def __init__(
        self,
        read: Callable[[SourceT, Sequence[KeyT]], Awaitable[Sequence[ValueT]]],
        *,
        copy: Callable[[ValueT], ValueT],
        max_batch_size: int,
    ) -> None:
        self._read_together = read
        self._copy = copy
        self._max_batch_size = max_batch_size
        self._asked: dict[SourceT, dict[KeyT, list[asyncio.Future[ValueT]]]] = {}
        self._reading: set[asyncio.Task[None]] = set()  # an event loop keeps no task alive by itself

    async def get(self, source: SourceT, key: KeyT) -> ValueT:
        """Return the value of a key; raises what `read` does."""
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
            return (await self._read_together(source, [key]))[0]
        answer = _joined(asked, key)
        self._begin(source)
        return await answer

    def _begin(self, source: SourceT) -> None:
        asked = [each for each in self._asked.pop(source).items() if each[1]]
        for start in range(0, len(asked), self._max_batch_size):
            batch = asked[start : start + self._max_batch_size]
            task = asyncio.get_running_loop().create_task(self._answer(source, batch))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _answer(self, source: SourceT, asked: "list[_Asked[KeyT, ValueT]]") -> None:
        waiting = [answer for _, answers in asked for answer in answers]
        try:
            values = await self._read_together(source, [key for key, _ in asked])
            for (_, answers), value in zip(asked, values, strict=True):
                self._give(answers, value)
        except Exception as error:  # noqa: BLE001 - raised in the callers
            for answer in waiting:
                if not answer.done():
                    answer.set_exception(error)
        finally:
            for answer in waiting:
                answer.cancel()  # nothing, unless the reading itself was cancelled

    def _give(self, answers: list[asyncio.Future[ValueT]], value: ValueT) -> None:
        for place, answer in enumerate(answers):
            if not answer.done():
                answer.set_result(self._copy(value) if place and value is not None else value)


def _joined(asked: dict[KeyT, list[asyncio.Future[ValueT]]], key: KeyT) -> asyncio.Future[ValueT]:
    answer: asyncio.Future[ValueT] = asyncio.get_running_loop().create_future()
    asked.setdefault(key, []).append(answer)
    return answer
