"""Gather the facts of a conjunction from its conjuncts, and turn what is denied into what is asserted."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from contractgen.schema.inclusion.conjuncts import Conjunct, Splitter
from contractgen.schema.inclusion.facts import SPEAKS_OF, TYPES, UNDIVIDED, Facts, Rule, atoms, exact
from contractgen.schema.inclusion.sources import Schema, spelled
from contractgen.schema.vocabulary import COUNTS, LOWER, UPPER

_MOST_DENIED_OF_ONE_OF = 4
# How long the texts of a format are.
_LENGTHS: dict[str, tuple[Schema, ...]] = {
    "date": ({"minLength": 10, "maxLength": 10},),
    "date-time": ({"minLength": 20},),
    "uuid": ({"minLength": 36, "maxLength": 36},),
    "ipv4": ({"minLength": 7, "maxLength": 15},),
    "email": ({"minLength": 3},),
}
_OPPOSITES = {
    "minimum": "exclusiveMaximum",
    "exclusiveMinimum": "maximum",
    "maximum": "exclusiveMinimum",
    "exclusiveMaximum": "minimum",
    **{f"min{what}": f"max{what}" for what in ("Length", "Items", "Properties")},
    **{f"max{what}": f"min{what}" for what in ("Length", "Items", "Properties")},
}


def facts_of(splitter: Splitter, schemas: Iterable[Schema]) -> Facts:
    """Return what schemas say together."""
    facts = Facts([], set())
    waiting = [each for schema in schemas for each in splitter.split(schema)]
    while waiting:
        conjunct = waiting.pop(0)
        key = splitter.sources.key(conjunct.schema)
        if key not in facts.keys:
            facts.keys.add(key)
            more = list(_take(facts, conjunct, splitter))
            if conjunct.keyword != "not" or (facts.denied and facts.denied[-1][0] is conjunct):
                facts.conjuncts.append(conjunct)
            waiting += [each for schema in more for each in splitter.split(schema)]
    return facts


def _take(facts: Facts, conjunct: Conjunct, splitter: Splitter) -> Iterator[Schema]:
    """Note what a conjunct says; yield what it says beside in other words."""
    keyword, schema = conjunct.keyword, conjunct.schema
    match keyword:
        case "type":
            facts.types &= atoms(conjunct.value)
        case "enum":
            _keep_values(facts, conjunct.value)
        case "pattern":
            facts.texts.add((keyword, conjunct.value))
        case "format":
            facts.texts.add((keyword, conjunct.value))
            yield from _LENGTHS.get(conjunct.value, ())
        case "not":
            yield from _deny(facts, conjunct, splitter)
        case "anyOf" | "oneOf":
            facts.unions.append(conjunct)
        case _ if keyword in LOWER | UPPER | {"multipleOf"}:
            _take_bound(facts, keyword, conjunct.value)
        case _:
            _take_children(facts, keyword, schema)


def _take_bound(facts: Facts, keyword: str, value: Any) -> None:
    match keyword:
        case "minimum" | "exclusiveMinimum":
            facts.low = _tighter(facts.low, value, keyword == "exclusiveMinimum", 1)
        case "maximum" | "exclusiveMaximum":
            facts.high = _tighter(facts.high, value, keyword == "exclusiveMaximum", -1)
        case "multipleOf":
            facts.steps.add(exact(value))
        case _ if keyword in LOWER:
            facts.least[keyword] = max(facts.least.get(keyword, 0), value)
        case _:
            facts.most[keyword] = min(facts.most.get(keyword, value), value)


def _take_children(facts: Facts, keyword: str, schema: Schema) -> None:
    match keyword:
        case "required":
            facts.required |= set(schema["required"])
        case "properties" | "patternProperties":
            into = facts.properties if keyword == "properties" else facts.patterns
            for name, each in schema[keyword].items():
                into.setdefault(name, []).append(each)
        case "additionalProperties":
            names = frozenset(schema.get("properties", ()))
            facts.additional.append(Rule(schema[keyword], names, tuple(schema.get("patternProperties", ()))))
        case "propertyNames":
            facts.names.append(schema[keyword])
        case "prefixItems":
            facts.prefix.setdefault(len(schema[keyword]) - 1, []).append(schema[keyword][-1])
        case "items":
            facts.items.append(Rule(schema[keyword], count=len(schema.get("prefixItems", ()))))
        case "contains":
            facts.contains.append(schema)


def _keep_values(facts: Facts, values: list[Any]) -> None:
    listed = {spelled(value): value for value in values}
    known = listed if facts.values is None else facts.values
    facts.values = {text: value for text, value in known.items() if text in listed}


def _tighter(
    known: tuple[Fraction, bool] | None, bound: float, is_excluded: bool, sign: int
) -> tuple[Fraction, bool]:
    new = exact(bound), is_excluded
    if known is None or (sign * new[0], new[1]) > (sign * known[0], known[1]):
        return new
    return known


def _deny(facts: Facts, conjunct: Conjunct, splitter: Splitter) -> Iterator[Schema]:
    """Note what does not hold: the opposite where JSON Schema can say it, otherwise the assertion itself."""
    inner = splitter.split(conjunct.schema["not"])
    if not inner:
        facts.types.clear()
    elif len(inner) == 1:
        yield from _opposite(facts, conjunct, inner[0])
    elif any(each.keyword in UNDIVIDED for each in inner):
        facts.denied.append((conjunct, Conjunct("$ref", conjunct.schema["not"])))
    else:
        yield {"anyOf": [{"not": each.schema} for each in inner]}


def _opposite_bound(keyword: str, value: Any) -> Schema:
    """The bound on the other side of one."""
    other = _OPPOSITES[keyword]
    if keyword not in COUNTS:
        return {other: value}
    if keyword in UPPER:
        return {other: value + 1}
    return {other: value - 1} if value else False


def _opposite(facts: Facts, conjunct: Conjunct, inner: Conjunct) -> Iterator[Schema]:
    keyword, value = inner.keyword, inner.schema.get(inner.keyword)
    facts.types &= SPEAKS_OF.get(keyword, set(TYPES))
    match keyword:
        case "type":
            facts.types -= atoms(value)
        case "not":
            yield value
        case _ if keyword in LOWER | UPPER:
            yield _opposite_bound(keyword, value)
        case "required":
            yield {"properties": {inner.name: False}}
        case "properties":
            yield {"required": [inner.name], "properties": {inner.name: {"not": value[inner.name]}}}
        case "items" if "prefixItems" not in inner.schema:
            yield {"contains": {"not": value}}
        case "contains" if inner.schema.keys() == {"contains"}:
            yield {"items": {"not": value}}
        case "anyOf":
            yield from ({"not": each} for each in value)
        case "oneOf" if len(value) <= _MOST_DENIED_OF_ONE_OF:
            pairs = [{"allOf": [one, two]} for at, one in enumerate(value) for two in value[:at]]
            yield {"anyOf": [{"not": {"anyOf": value}}, *pairs]}
        case _:
            facts.denied.append((conjunct, inner))
