"""The assertions of a conjunction of schemas, merged for each JSON type."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from contractgen.schema.inclusion.conjuncts import Conjunct
from contractgen.schema.inclusion.sources import Schema
from contractgen.schema.vocabulary import UNSUPPORTED

# The types of JSON that have no value in common: a number is an integer or a fraction.
INTEGER, FRACTION = "integer", "fraction"
TYPES = ("null", "boolean", INTEGER, FRACTION, "string", "array", "object")
_NUMBERS = frozenset({INTEGER, FRACTION})
SPEAKS_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBERS),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), frozenset({"string"})),
    **dict.fromkeys(
        ("minItems", "maxItems", "uniqueItems", "items", "prefixItems", "contains", "unevaluatedItems"),
        frozenset({"array"}),
    ),
    **dict.fromkeys(
        ("minProperties", "maxProperties", "required", "properties", "patternProperties"),
        frozenset({"object"}),
    ),
    **dict.fromkeys(
        ("additionalProperties", "propertyNames", "unevaluatedProperties"), frozenset({"object"})
    ),
}
# Keywords whose schema stays whole.
UNDIVIDED = UNSUPPORTED | {"unevaluatedItems", "unevaluatedProperties"}


def atoms(types: Iterable[str]) -> frozenset[str]:
    """Return the types without common values that the value of `type` stands for."""
    return frozenset(atom for name in types for atom in (_NUMBERS if name == "number" else {name}))


@dataclass(frozen=True, slots=True)
class Rule:
    """An `additionalProperties` or `items`, with what it leaves out: names and patterns, or a count."""

    schema: Schema
    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    count: int = 0


@dataclass(slots=True)
class Facts:
    """The merged assertions of a conjunction; `conjuncts` are all of them, one by one."""

    conjuncts: list[Conjunct]
    keys: set[str]
    types: set[str] = field(default_factory=lambda: set(TYPES))
    values: dict[str, Any] | None = None
    # Bounds of numbers: the bound and whether it is excluded, greatest lower and least upper.
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    steps: set[Fraction] = field(default_factory=set)
    least: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    texts: set[tuple[str, str]] = field(default_factory=set)
    properties: dict[str, list[Schema]] = field(default_factory=dict)
    patterns: dict[str, list[Schema]] = field(default_factory=dict)
    additional: list[Rule] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    names: list[Schema] = field(default_factory=list)
    prefix: dict[int, list[Schema]] = field(default_factory=dict)
    items: list[Rule] = field(default_factory=list)
    contains: list[dict[str, Any]] = field(default_factory=list)
    # Unions, each with the conjunct that it is; `denied` are conjuncts that do not hold.
    unions: list[Conjunct] = field(default_factory=list)
    denied: list[tuple[Conjunct, Conjunct]] = field(default_factory=list)

    def child(self, name: str) -> list[Schema]:
        """Return the schemas that hold for the property of a name."""
        matched = frozenset(pattern for pattern in self.known_patterns() if finds(pattern, name))
        return [*self.properties.get(name, []), *self.rest(matched, name)]

    def rest(self, matched: frozenset[str], name: str | None = None) -> list[Schema]:
        """Return the schemas of a property that no list has, or one as `name`, and these patterns match."""
        left = (
            rule.schema
            for rule in self.additional
            if name not in rule.names and not matched.intersection(rule.patterns)
        )
        return [*(each for pattern in matched for each in self.patterns.get(pattern, [])), *left]

    def listed(self) -> list[str]:
        """Return the names that are listed anywhere."""
        return sorted({*self.properties, *(name for rule in self.additional for name in rule.names)})

    def known_patterns(self) -> set[str]:
        return {*self.patterns, *(pattern for rule in self.additional for pattern in rule.patterns)}

    def at_least(self, keyword: str) -> int:
        """Return a least count, which other keywords may imply."""
        least = self.least.get(keyword, 0)
        if keyword == "minProperties":
            return max(least, len(self.required))
        if keyword == "minItems":
            return max([least, *(int(each.get("minContains", 1)) for each in self.contains)])
        return least

    def item(self, index: int) -> list[Schema]:
        """Return the schemas that hold for the item at an index."""
        beyond = [rule.schema for rule in self.items if index >= rule.count]
        return [*self.prefix.get(index, []), *beyond]

    @property
    def prefix_length(self) -> int:
        """The index from which all items have the same schemas."""
        return max([0, *(index + 1 for index in self.prefix), *(rule.count for rule in self.items)])


@cache
def finds(pattern: str, name: str) -> bool:
    """Return whether a regular expression matches somewhere in a name; an invalid one never does."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def exact(number: float) -> Fraction:
    """Return a JSON number as the number that it is written as."""
    return Fraction(str(number))
