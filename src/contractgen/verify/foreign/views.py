"""The ways through a schema: in each, one subschema of every union is chosen."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contractgen.verify.foreign.conjuncts import Conjuncts, Schema
from contractgen.verify.foreign.raw import At

JSON_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_UNIONS = ("oneOf", "anyOf")
# How many ways through one schema are tried at most.
_MOST = 40
_IMPLIED = {
    "object": {"properties", "required", "additionalProperties", "patternProperties", "propertyNames"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
Choice = Mapping[At, int]


@dataclass(frozen=True, slots=True)
class View:
    """Schemas that hold together, each with its position."""

    parts: tuple[tuple[At, Schema], ...]
    is_30: bool

    def all(self, keyword: str) -> list[tuple[At, Any]]:
        """The values of a keyword, each with its position."""
        return [(at.below(keyword), part[keyword]) for at, part in self.parts if keyword in part]

    def values(self, keyword: str) -> list[Any]:
        return [value for _, value in self.all(keyword)]

    @property
    def types(self) -> list[str]:
        """The JSON types that `type` admits, the likeliest first where there is no `type`."""
        admitted = set(JSON_TYPES)
        for _, part in self.parts:
            if "type" in part:
                own = {part["type"]} if isinstance(part["type"], str) else set(part["type"])
                own |= {"integer"} if "number" in own else set()
                admitted &= own | ({"null"} if part.get("nullable") is True and self.is_30 else set())
        implied = [
            kind for kind in JSON_TYPES if any(_IMPLIED.get(kind, set()) & p.keys() for _, p in self.parts)
        ]
        order = implied + [kind for kind in JSON_TYPES if kind not in implied]
        is_typed = any("type" in part for _, part in self.parts)
        first = JSON_TYPES if is_typed else order if implied else ("string", *order)
        return [kind for kind in dict.fromkeys(first) if kind in admitted]

    def properties(self) -> dict[str, tuple[At, ...]]:
        """The positions of the schemas of each property."""
        found: dict[str, tuple[At, ...]] = {}
        for at, value in self.all("properties"):
            for name in value:
                found[name] = (*found.get(name, ()), at.below(name))
        return found


def views(conjuncts: Conjuncts, place: tuple[At, ...]) -> Iterator[View]:
    """The first subschema of every union, then each other one beside the first of the rest."""
    waiting: deque[dict[At, int]] = deque([{}])
    tried: set[At] = set()
    for _ in range(_MOST):
        if not waiting:
            return
        choice = waiting.popleft()
        parts, unions = _expanded(conjuncts, place, choice)
        yield View(tuple(parts), conjuncts.raw.is_30)
        for at, count in unions.items():
            if at not in tried:
                tried.add(at)
                waiting += [{**choice, at: index} for index in range(1, count)]


def _expanded(
    conjuncts: Conjuncts, place: tuple[At, ...], choice: Choice
) -> tuple[list[tuple[At, Schema]], dict[At, int]]:
    """The schemas that hold with a choice, and the unions on the way with the count of their subschemas."""
    parts: dict[At, Schema] = {}
    unions: dict[At, int] = {}
    waiting = deque(place)
    while waiting:
        for at, schema in list(conjuncts.of(waiting.popleft())):
            if at in parts:
                continue
            parts[at] = schema
            for union in _UNIONS:
                if schema.get(union):
                    unions[at.below(union)] = len(schema[union])
                    waiting.append(at.below(union, choice.get(at.below(union), 0)))
            if "if" in schema:
                unions[at.below("if")] = 2
                chosen = ("if", "then") if choice.get(at.below("if"), 0) == 0 else ("else",)
                waiting += [at.below(name) for name in chosen if name in schema]
            for name in schema.get("dependentSchemas", ()):
                dependent = at.below("dependentSchemas", name)
                unions[dependent] = 2
                waiting += [dependent] if choice.get(dependent, 0) else []
    return list(parts.items()), unions
