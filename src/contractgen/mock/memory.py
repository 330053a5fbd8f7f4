"""Memory of a mock: the items that clients have sent, by their paths, within limits."""

import json
from dataclasses import dataclass
from typing import Any

from contractgen.mock.shapes import Item, encoded

_MOST_ITEMS = 1_000
_MOST_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class _Stored:
    resource: str
    body: bytes


class Memory:
    """Items by their paths, the newest last; past a limit the oldest are forgotten."""

    def __init__(self, most_items: int = _MOST_ITEMS, most_bytes: int = _MOST_BYTES) -> None:
        self._most_items = most_items
        self._most_bytes = most_bytes
        self._items: dict[str, _Stored] = {}
        self._bytes = 0

    def find(self, path: str) -> Item | None:
        stored = self._items.get(path)
        return json.loads(stored.body) if stored else None

    def of(self, resource: str) -> dict[str, Item]:
        """Return the items of a resource by their paths, the newest first."""
        found = [(path, each) for path, each in self._items.items() if each.resource == resource]
        return {path: json.loads(each.body) for path, each in reversed(found)}

    def keep(self, resource: str, path: str, item: Any) -> None:
        """Store an item; one that was stored keeps its place."""
        stored = _Stored(resource, encoded(item))
        before = self._items.get(path)
        self._items[path] = stored
        self._bytes += len(stored.body) - (len(before.body) if before else 0)
        while self._bytes > self._most_bytes or len(self._items) > self._most_items:
            self._drop(next(iter(self._items)))

    def forget(self, path: str) -> None:
        """Drop the item at a path, and those below it."""
        for each in [each for each in self._items if f"{each}/".startswith(f"{path}/")]:
            self._drop(each)

    def _drop(self, path: str) -> None:
        self._bytes -= len(self._items.pop(path).body)
