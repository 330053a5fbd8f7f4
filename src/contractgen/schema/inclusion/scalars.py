"""Implications between bounds, lengths, patterns, formats and enums."""

import math
from fractions import Fraction
from typing import Any

from contractgen.schema.inclusion.conjuncts import Conjunct
from contractgen.schema.inclusion.facts import FRACTION, INTEGER, Facts, exact
from contractgen.schema.types import types_of

_MOST_VALUES = 300
# Each of these formats accepts what the second one does, and more.
_WIDER = {
    ("idn-email", "email"),
    ("idn-hostname", "hostname"),
    ("iri", "uri"),
    ("uri-reference", "uri"),
    ("iri-reference", "uri"),
    ("iri-reference", "iri"),
    ("iri-reference", "uri-reference"),
}


def finite_values(type_: str, facts: Facts) -> list[Any] | None:
    """Return the values of a type that may be accepted, where they can be listed."""
    if facts.values is not None:
        return [value for value in facts.values.values() if type_of(value) == type_]
    if type_ == "null":
        return [None]
    if type_ == "boolean":
        return [False, True]
    if type_ == INTEGER and facts.low and facts.high:
        low, high = _whole_bounds(facts)
        if low is not None and high is not None and high - low < _MOST_VALUES:
            return list(range(low, high + 1))
    return None


def type_of(value: Any) -> str:
    """Return the JSON type of a value; a number is an integer or a fraction."""
    types = types_of(value)
    if INTEGER in types:
        return INTEGER
    (name,) = types
    return FRACTION if name == "number" else name


def _whole_bounds(facts: Facts) -> tuple[int | None, int | None]:
    """The least and the greatest integer within the bounds."""
    low = high = None
    if facts.low is not None:
        low = math.ceil(facts.low[0])
        low += facts.low[1] and low == facts.low[0]
    if facts.high is not None:
        high = math.floor(facts.high[0])
        high -= facts.high[1] and high == facts.high[0]
    return low, high


def follows(type_: str, facts: Facts, conjunct: Conjunct) -> bool:
    """Return whether an assertion about a number, a string or a count follows."""
    keyword, value = conjunct.keyword, conjunct.schema.get(conjunct.keyword)
    match keyword:
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return _is_within(type_, facts, keyword, exact(value))
        case "multipleOf":
            steps = facts.steps | ({Fraction(1)} if type_ == INTEGER else set())
            return any((step / exact(value)).denominator == 1 for step in steps)
        case "minLength" | "minItems" | "minProperties":
            return bool(facts.at_least(keyword) >= value)
        case "maxLength" | "maxItems" | "maxProperties":
            return bool(facts.most.get(keyword, math.inf) <= value)
        case "format":
            return any(("format", other) in facts.texts for wide, other in _WIDER if wide == value)
    return keyword == "uniqueItems" and facts.most.get("maxItems", math.inf) <= 1


def _is_within(type_: str, facts: Facts, keyword: str, bound: Fraction) -> bool:
    """Return whether all numbers of a type are on the right side of a bound."""
    is_low = keyword.endswith("inimum")
    known = facts.low if is_low else facts.high
    if known is None:
        return False
    number, is_excluded = known
    if type_ == INTEGER:
        number, is_excluded = Fraction(_whole_bounds(facts)[0 if is_low else 1] or 0), False
    for step in facts.steps:
        if number % step:
            number, is_excluded = (math.ceil if is_low else math.floor)(number / step) * step, False
    if number == bound:
        may_touch = not keyword.startswith("exclusive") or (type_ == FRACTION and bound.denominator == 1)
        return may_touch or is_excluded
    return number > bound if is_low else number < bound


def contradicts(type_: str, facts: Facts) -> bool:
    """Return whether assertions about a number, a string or a count exclude each other."""
    match type_:
        case "integer" | "fraction":
            return _no_number(type_, facts)
        case "string":
            denied = {
                (inner.keyword, inner.schema.get(inner.keyword))
                for _, inner in facts.denied
                if inner.keyword in ("pattern", "format")
            }
            return _is_crossed(facts, "Length") or bool(denied & facts.texts)
        case "array":
            return _is_crossed(facts, "Items")
    return type_ == "object" and _is_crossed(facts, "Properties")


def _is_crossed(facts: Facts, what: str) -> bool:
    return facts.at_least(f"min{what}") > facts.most.get(f"max{what}", math.inf)


def _no_number(type_: str, facts: Facts) -> bool:
    if type_ == INTEGER:
        first, last = _whole_bounds(facts)
        if first is None or last is None:
            return False
        return first > last or any(math.ceil(first / step) * step > last for step in facts.steps)
    if any(step.denominator == 1 for step in facts.steps):
        return True
    if facts.low is None or facts.high is None:
        return False
    (low, no_low), (high, no_high) = facts.low, facts.high
    if low > high or (low == high and (no_low or no_high or low.denominator == 1)):
        return True
    return any(math.ceil(low / step) * step > high for step in facts.steps)
