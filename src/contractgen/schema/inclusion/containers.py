"""Implications between assertions about objects and arrays, by their properties and items."""

import math
from collections.abc import Callable, Iterator
from itertools import chain, combinations
from typing import TYPE_CHECKING

from contractgen.schema.inclusion.conjuncts import Conjunct
from contractgen.schema.inclusion.facts import Facts, finds
from contractgen.schema.inclusion.scalars import finite_values
from contractgen.schema.inclusion.sources import Schema

if TYPE_CHECKING:
    from contractgen.schema.inclusion.prover import Inclusion

# More patterns than this make too many classes of names.
_MOST_PATTERNS = 5


class Containers:
    """The part of the prover that knows properties and items."""

    def __init__(self, inclusion: "Inclusion") -> None:
        self.inclusion = inclusion
        self._rules: dict[str, Callable[[Facts, Conjunct], bool]] = {
            "required": self._required,
            "properties": self._property,
            "patternProperties": self._matching,
            "additionalProperties": self._additional,
            "propertyNames": self._names,
            "maxProperties": self._most_properties,
            "maxItems": self._most_items,
            "prefixItems": self._prefix,
            "items": self._items,
            "contains": self._contains,
        }

    def follow(self, facts: Facts, conjunct: Conjunct) -> bool:
        """Return whether an assertion about an object or an array follows."""
        rule = self._rules.get(conjunct.keyword)
        return rule is not None and rule(facts, conjunct)

    def contradict(self, type_: str, facts: Facts) -> bool:
        """Return whether an object or array of these assertions cannot exist."""
        match type_:
            case "object":
                if any(self._empty(facts.child(name)) for name in sorted(facts.required)):
                    return True
                least = facts.least.get("minProperties", 0)
                return least > 0 and self._is_closed(facts) and self._possible(facts) < least
            case "array":
                return self._no_array(facts)
        return False

    def _included(self, schemas: list[Schema], other: Schema) -> bool:
        with self.inclusion.below():
            return self.inclusion.included(schemas, other)

    def _empty(self, schemas: list[Schema]) -> bool:
        with self.inclusion.below():
            return self.inclusion.empty(schemas)

    # Objects ------------------------------------------------------------------------------------------

    def _required(self, facts: Facts, conjunct: Conjunct) -> bool:
        return conjunct.name in facts.required

    def _property(self, facts: Facts, conjunct: Conjunct) -> bool:
        name = str(conjunct.name)
        return self._has(facts, name, conjunct.value[name])

    def _has(self, facts: Facts, name: str, schema: Schema) -> bool:
        """Return whether the property of a name has a schema, where it is there at all."""
        is_possible = name in facts.required or self._has_room(facts)
        return not is_possible or self._included(facts.child(name), schema)

    def _has_room(self, facts: Facts) -> bool:
        """Return whether there may be other properties than the required ones."""
        return len(facts.required) < facts.most.get("maxProperties", math.inf)

    def _has_others(self, facts: Facts, listed: set[str]) -> bool:
        """Return whether there may be properties that are not listed."""
        others = [*facts.names, {"type": ["string"], "not": {"enum": sorted(listed)}}]
        return self._has_room(facts) and not (facts.names and self._empty(others))

    def _most_properties(self, facts: Facts, conjunct: Conjunct) -> bool:
        return self._is_closed(facts) and self._possible(facts) <= conjunct.value

    def _classes(self, facts: Facts, patterns: set[str]) -> Iterator[frozenset[str]] | None:
        """Every set of patterns that a name may match; None when there are too many."""
        known = sorted(facts.known_patterns() | patterns)
        if len(known) > _MOST_PATTERNS:
            return None
        return map(frozenset, chain.from_iterable(combinations(known, n) for n in range(len(known) + 1)))

    def _matching(self, facts: Facts, conjunct: Conjunct) -> bool:
        """Return whether all properties whose names match a pattern have a schema."""
        pattern = str(conjunct.name)
        schema = conjunct.value[pattern]
        classes = self._classes(facts, {pattern})
        return (
            classes is not None
            and all(self._has(facts, name, schema) for name in facts.listed() if finds(pattern, name))
            and all(self._included(facts.rest(each), schema) for each in classes if pattern in each)
        )

    def _additional(self, facts: Facts, conjunct: Conjunct) -> bool:
        """Return whether all properties that are neither listed nor matched have a schema."""
        schema = conjunct.schema
        named, patterns = schema.get("properties", {}), set(schema.get("patternProperties", ()))
        rest = schema["additionalProperties"]
        classes = self._classes(facts, patterns)
        if classes is None:
            return False
        beside = [
            name
            for name in facts.listed()
            if name not in named and not any(finds(each, name) for each in patterns)
        ]
        return all(self._has(facts, name, rest) for name in beside) and (
            not self._has_others(facts, {*facts.listed(), *named})
            or all(self._included(facts.rest(each), rest) for each in classes if not each & patterns)
        )

    def _is_closed(self, facts: Facts) -> bool:
        """Return whether an object has no properties but the listed ones."""
        if not self._has_others(facts, set(facts.listed())):
            return True
        classes = self._classes(facts, set())
        return classes is not None and all(self._empty(facts.rest(each)) for each in classes)

    def _listed(self, facts: Facts) -> list[str]:
        return [name for name in facts.listed() if not self._empty(facts.child(name))]

    def _possible(self, facts: Facts) -> int:
        return len(self._listed(facts))

    def _names(self, facts: Facts, conjunct: Conjunct) -> bool:
        schema = conjunct.value
        if facts.names and self._included([*facts.names, {"type": ["string"]}], schema):
            return True
        return self._is_closed(facts) and all(
            self.inclusion.sources.admits(schema, name) for name in self._listed(facts)
        )

    # Arrays -------------------------------------------------------------------------------------------

    def _item(self, facts: Facts, index: int, schema: Schema) -> bool:
        if facts.most.get("maxItems", math.inf) <= index:
            return True
        return self._included(facts.item(index), schema)

    def _most_items(self, facts: Facts, conjunct: Conjunct) -> bool:
        """Return whether there can be no item beyond so many."""
        most = min(conjunct.value, facts.prefix_length)
        if any(self._empty(facts.item(index)) for index in range(most + 1)):
            return True
        is_unique = any(each.keyword == "uniqueItems" for each in facts.conjuncts)
        return is_unique and not facts.prefix and self._count(facts.item(0)) <= conjunct.value

    def _count(self, schemas: list[Schema]) -> float:
        """Return the maximum number of values that schemas accept."""
        facts = self.inclusion.facts(schemas)
        values = [finite_values(type_, facts) for type_ in facts.types]
        return sum(math.inf if each is None else len(each) for each in values)

    def _prefix(self, facts: Facts, conjunct: Conjunct) -> bool:
        return self._item(facts, len(conjunct.value) - 1, conjunct.value[-1])

    def _items(self, facts: Facts, conjunct: Conjunct) -> bool:
        schema = conjunct.schema
        begin = len(schema.get("prefixItems", ()))
        end = max(begin, facts.prefix_length)
        return all(self._item(facts, index, schema["items"]) for index in range(begin, end + 1))

    def _contains(self, facts: Facts, conjunct: Conjunct) -> bool:
        schema = conjunct.schema
        least, most = schema.get("minContains", 1), schema.get("maxContains", math.inf)
        return self._contains_least(facts, schema["contains"], least) and self._contains_most(
            facts, schema["contains"], most
        )

    def _contains_least(self, facts: Facts, schema: Schema, least: int) -> bool:
        if least == 0:
            return True
        for known in facts.contains:
            every = (
                [known["contains"], *facts.item(facts.prefix_length)]
                if not facts.prefix
                else [known["contains"]]
            )
            if known.get("minContains", 1) >= least and self._included(every, schema):
                return True
        sure = range(min(facts.least.get("minItems", 0), facts.prefix_length + least))
        return len(sure) >= least and sum(self._item(facts, index, schema) for index in sure) >= least

    def _contains_most(self, facts: Facts, schema: Schema, most: float) -> bool:
        if facts.most.get("maxItems", math.inf) <= most:
            return True
        return any(
            known.get("maxContains", math.inf) <= most and self._included([schema], known["contains"])
            for known in facts.contains
        )

    def _no_array(self, facts: Facts) -> bool:
        least = facts.least.get("minItems", 0)
        if any(self._empty(facts.item(index)) for index in range(min(least, facts.prefix_length + 1))):
            return True
        indexes = range(facts.prefix_length + 1)
        return any(
            known.get("minContains", 1) > 0
            and all(self._empty([*facts.item(index), known["contains"]]) for index in indexes)
            for known in facts.contains
        )
