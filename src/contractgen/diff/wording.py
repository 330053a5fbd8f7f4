"""Messages about changes of a schema: the keyword, its values before and after, and the effect."""

from collections.abc import Iterable
from typing import Any

from contractgen.diff.changes import Effect, Way
from contractgen.schema.inclusion.conjuncts import Conjunct
from contractgen.schema.inclusion.facts import FRACTION, INTEGER, TYPES
from contractgen.schema.inclusion.sources import spelled

_LONGEST = 60
# What a keyword keeps out, by which way its bound moves.
_BEYOND = {
    "minimum": "smaller numbers",
    "exclusiveMinimum": "smaller numbers",
    "maximum": "greater numbers",
    "exclusiveMaximum": "greater numbers",
    "minLength": "shorter strings",
    "maxLength": "longer strings",
    "minItems": "shorter arrays",
    "maxItems": "longer arrays",
    "minProperties": "objects with fewer properties",
    "maxProperties": "objects with more properties",
    "multipleOf": "other numbers",
    "pattern": "other strings",
    "format": "other strings",
    "uniqueItems": "arrays with repeated items",
    "contains": "arrays without such items",
    "propertyNames": "objects with other names",
    "anyOf": "values of no subschema",
    "oneOf": "values that do not match exactly one subschema",
    "not": "values that match it",
}
_CONSEQUENCES = {
    (Way.REQUEST, Effect.NARROWED): "are rejected",
    (Way.REQUEST, Effect.WIDENED): "are accepted",
    (Way.RESPONSE, Effect.NARROWED): "are no longer sent",
    (Way.RESPONSE, Effect.WIDENED): "may be sent",
}


def consequence(way: Way, effect: Effect) -> str:
    """Return what happens to the values in question: `are rejected`."""
    return _CONSEQUENCES.get((way, effect), "are treated otherwise")


def short(value: Any) -> str:
    """Return a JSON value as text, cut when it is long."""
    text = spelled(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def message(keyword: str, before: list[Conjunct], after: list[Conjunct], way: Way, effect: Effect) -> str:
    """Return what changed at a keyword, and what it does to values."""
    match keyword:
        case "enum":
            return _enum(before, after, way)
        case "required":
            name = (after or before)[0].name
            return (
                f"the property {name!r} is {'required now' if after and not before else 'no longer required'}"
            )
        case "unevaluatedItems" | "unevaluatedProperties":
            return f"{keyword} changed: other values {consequence(way, effect)}"
    values = f"{keyword} {_values(keyword, before)} -> {_values(keyword, after)}"
    if keyword in ("anyOf", "oneOf", "not", "contains", "propertyNames"):
        values = f"{keyword} {'is new' if not before else 'is gone' if not after else 'changed'}"
    subject = _BEYOND.get(keyword, "other values")
    return f"{values}: {subject} {consequence(way, effect)}"


def union_message(union: Conjunct, way: Way, effect: Effect) -> str:
    """Return the message about a union that is new, gone or changed."""
    match union.written:
        case "then" | "else":
            which = "match" if union.written == "then" else "do not match"
            return f"{union.written} changed: some values that {which} `if` {consequence(way, effect)}"
        case "dependentRequired" | "dependentSchemas":
            return f"{union.written} changed: some values with {union.name!r} {consequence(way, effect)}"
    state = "new" if effect is Effect.NARROWED else "gone"
    return f"{union.keyword} is {state}: {_BEYOND[union.keyword]} {consequence(way, effect)}"


def type_names(atoms: Iterable[str]) -> str:
    """Return types as JSON Schema names them: `string or null`."""
    found = set(atoms)
    if found == set(TYPES):
        return "any"
    if FRACTION in found:
        found = found - {INTEGER, FRACTION} | {"number"}
    return " or ".join(sorted(found, key=lambda name: (name == "null", name))) or "none"


def _values(keyword: str, conjuncts: list[Conjunct]) -> str:
    texts = (short(each.value) + (" (exclusive)" if each.keyword != keyword else "") for each in conjuncts)
    return " and ".join(dict.fromkeys(texts)) or "none"


def _enum(before: list[Conjunct], after: list[Conjunct], way: Way) -> str:
    old, new = _listed(before), _listed(after)
    if old is None or new is None:
        effect = Effect.WIDENED if new is None else Effect.NARROWED
        values = ", ".join(map(short, (old if new is None else new) or [])) or "nothing"
        what = "no longer limited to" if new is None else "limited to"
        return f"enum: {what} {values}: other values {consequence(way, effect)}"
    texts = {spelled(value) for value in old}, {spelled(value) for value in new}
    gone = [short(value) for value in old if spelled(value) not in texts[1]]
    added = [short(value) for value in new if spelled(value) not in texts[0]]
    parts = [f"{', '.join(gone)} removed"] if gone else []
    parts += [f"{', '.join(added)} added"] if added else []
    return f"enum: {' and '.join(parts) or 'changed'}"


def _listed(conjuncts: list[Conjunct]) -> list[Any] | None:
    if not conjuncts:
        return None
    first, *others = ([*each.value] for each in conjuncts)
    texts = [{spelled(value) for value in other} for other in others]
    return [value for value in first if all(spelled(value) in each for each in texts)]
