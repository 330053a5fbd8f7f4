"""The schemas that hold together with one, and which of their properties a direction hides."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from contractgen.verify.foreign.raw import At, RawContract

Schema: TypeAlias = dict[str, Any]
Direction: TypeAlias = Literal["request", "response"]
_FLAGS: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}


class Conjuncts:
    """The schemas of one contract as one direction sees them."""

    def __init__(self, raw: RawContract, direction: Direction) -> None:
        self.raw = raw
        self.flag = _FLAGS[direction]
        self._hidden: dict[int, frozenset[str]] = {}

    def of(self, at: At, seen: set[At] | None = None) -> Iterator[tuple[At, Schema]]:
        """Yield a schema, the target of its `$ref`, and the branches of its `allOf`, each once.

        Beside a `$ref` OpenAPI 3.0 ignores every keyword.
        """
        seen = set() if seen is None else seen
        schema = self.raw.value(at)
        if at in seen or not isinstance(schema, dict):
            return
        seen.add(at)
        is_reference = isinstance(schema.get("$ref"), str)
        if is_reference:
            yield from self.of(self.raw.target(at, schema["$ref"]), seen)
        if is_reference and self.raw.is_30:
            return
        yield at, schema
        for index in range(len(schema.get("allOf", ()))):
            yield from self.of(at.below("allOf", index), seen)

    def hidden(self, schema: Schema) -> frozenset[str]:
        """Return the names of the properties of an object that this direction does not have."""
        known = self._hidden.get(id(schema))
        if known is None:
            names = {
                name
                for at, part in self.of(self.raw.position(schema))
                for name in part.get("properties", {})
                if self.is_hidden(at.below("properties", name))
            }
            known = self._hidden[id(schema)] = frozenset(names)
        return known

    def is_hidden(self, at: At) -> bool:
        """Return whether the flag that hides a property in this direction is on all its values but null."""
        waiting, seen = [at], set[At]()
        while waiting:
            for place, part in self.of(waiting.pop(), seen):
                if part.get(self.flag) is True:
                    return True
                for union in ("anyOf", "oneOf"):
                    branches = enumerate(part.get(union, ()))
                    others = [index for index, each in branches if each != {"type": "null"}]
                    waiting += [place.below(union, *others)] if len(others) == 1 else []
        return False
