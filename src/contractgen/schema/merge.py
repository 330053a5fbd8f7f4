"""Schemas outside of the document that they come from, and several of them as one."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from contractgen.document.grammar import DATA_MEMBERS, NAMED_MEMBERS
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema

# The name under which a schema finds the document that it comes from.
ROOT = "urn:contract"


def rooted(node: Any, *, named: bool = False) -> Any:
    """A copy in which every reference names the document, so that a schema can be used outside of it."""
    if isinstance(node, list):
        return [rooted(each) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {
        name: each
        if name in DATA_MEMBERS and not named
        else rooted(each, named=name in NAMED_MEMBERS and not named)
        for name, each in node.items()
    }
    if not named and isinstance(copy.get("$ref"), str) and copy["$ref"].startswith("#"):
        copy["$ref"] = ROOT + copy["$ref"]
    return copy


def merged(one: Schema, other: Schema) -> Schema:
    """One schema for two that hold together; of what cannot be joined, the first is kept."""
    both = one.keys() & other.keys()
    return other | one | {name: _join(name, one[name], other[name]) for name in both}


def _join(name: str, one: Any, other: Any) -> Any:
    if name in ("properties", "patternProperties"):
        return one | other | {each: {"allOf": [one[each], other[each]]} for each in one.keys() & other.keys()}
    join = _JOINS.get(name)
    return join(one, other) if join else one


def _common_types(one: Any, other: Any) -> list[str]:
    first, second = named_types({"type": one}), named_types({"type": other})
    common = [each for each in first if each in second or (each == "integer" and "number" in second)]
    return common + [
        each for each in second if each == "integer" and "number" in first and each not in common
    ]


def _common_multiple(one: float, other: float) -> int | float:
    first, second = Fraction(str(one)), Fraction(str(other))
    common = Fraction(
        math.lcm(first.numerator * second.denominator, second.numerator * first.denominator),
        first.denominator * second.denominator,
    )
    return common.numerator if common.denominator == 1 else float(common)


def _together(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


_JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "type": _common_types,
    "enum": lambda one, other: [each for each in one if each in other],
    "multipleOf": _common_multiple,
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "examples": lambda one, other: [*one, *other],
    "dependentRequired": lambda one, other: one | other,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "contains"), _together),
}
