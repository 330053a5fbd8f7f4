"""The keywords of JSON Schema and OpenAPI, each once: its role, the types it constrains, what it holds.

Everything else that needs a set of keywords derives it from `KEYWORDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

# A note only describes; an annotation is read by this tool, but no value is invalid by it.
Role: TypeAlias = Literal["note", "annotation", "assertion", "applicator", "core", "unsupported"]
# How an applicator holds its subschemas: one, a list, or a mapping by names that are no keywords.
Holds: TypeAlias = Literal["map", "list", "schema"]

OBJECT, ARRAY, STRING = frozenset({"object"}), frozenset({"array"}), frozenset({"string"})
NUMBER = frozenset({"number", "integer"})
ANY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword: `types` is empty if it constrains values of every type.

    `tightens` is the sign of the change that makes a bound admit less, 0 for what is no bound. `is_data` says
    that its value is data, in which `$ref` is a name like any other. `vacuous` are the values with which it
    admits everything.
    """

    role: Role
    types: frozenset[str] = ANY
    holds: Holds | None = None
    tightens: int = 0
    is_data: bool = False
    vacuous: tuple[object, ...] = ()


def _bounds(types: frozenset[str], least: str, most: str, *vacuous: object) -> dict[str, Keyword]:
    return {
        least: Keyword("assertion", types, tightens=1, vacuous=vacuous),
        most: Keyword("assertion", types, tightens=-1),
    }


_NOTE = Keyword("note")
_READ = Keyword("annotation")
_EVERYTHING: tuple[object, ...] = (True, {})

KEYWORDS: dict[str, Keyword] = {
    # Core: names and references.
    **dict.fromkeys(("$ref", "$schema", "$recursiveAnchor"), Keyword("core")),
    **dict.fromkeys(("$id", "$anchor", "$dynamicRef", "$dynamicAnchor"), Keyword("unsupported")),
    **dict.fromkeys(("$vocabulary", "$recursiveRef"), Keyword("unsupported")),
    "$defs": Keyword("core", holds="map", vacuous=({},)),
    # Notes and annotations.
    **dict.fromkeys(("title", "description", "summary", "$comment", "deprecated", "externalDocs"), _NOTE),
    **dict.fromkeys(("example", "examples"), Keyword("note", is_data=True)),
    **dict.fromkeys(("readOnly", "writeOnly", "discriminator", "xml"), _READ),
    **dict.fromkeys(("contentEncoding", "contentMediaType", "contentSchema"), _READ),
    "default": Keyword("annotation", is_data=True),
    # Any type.
    "type": Keyword("assertion"),
    "enum": Keyword("assertion", is_data=True),
    "const": Keyword("assertion", is_data=True),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), Keyword("applicator", holds="list", vacuous=([],))),
    **dict.fromkeys(("not", "if", "then", "else"), Keyword("applicator", holds="schema")),
    # Strings.
    **_bounds(STRING, "minLength", "maxLength", 0),
    "pattern": Keyword("assertion", STRING),
    "format": Keyword("assertion", STRING),
    # Numbers.
    **_bounds(NUMBER, "minimum", "maximum"),
    **_bounds(NUMBER, "exclusiveMinimum", "exclusiveMaximum"),
    "multipleOf": Keyword("assertion", NUMBER),
    # Arrays.
    **_bounds(ARRAY, "minItems", "maxItems", 0),
    **_bounds(ARRAY, "minContains", "maxContains"),
    "uniqueItems": Keyword("assertion", ARRAY, vacuous=(False,)),
    "prefixItems": Keyword("applicator", ARRAY, holds="list", vacuous=([],)),
    "items": Keyword("applicator", ARRAY, holds="schema", vacuous=_EVERYTHING),
    "contains": Keyword("applicator", ARRAY, holds="schema"),
    "unevaluatedItems": Keyword("applicator", ARRAY, holds="schema", vacuous=_EVERYTHING),
    # Objects.
    **_bounds(OBJECT, "minProperties", "maxProperties", 0),
    "required": Keyword("assertion", OBJECT, vacuous=([],)),
    "dependentRequired": Keyword("assertion", OBJECT, vacuous=({},)),
    **dict.fromkeys(
        ("properties", "patternProperties", "dependentSchemas"),
        Keyword("applicator", OBJECT, holds="map", vacuous=({},)),
    ),
    **dict.fromkeys(
        ("additionalProperties", "unevaluatedProperties", "propertyNames"),
        Keyword("applicator", OBJECT, holds="schema", vacuous=_EVERYTHING),
    ),
}


def _where(condition: Callable[[Keyword], bool]) -> frozenset[str]:
    return frozenset(name for name, keyword in KEYWORDS.items() if condition(keyword))


# Keywords by how they hold subschemas.
MAPS = _where(lambda each: each.holds == "map")
LISTS = _where(lambda each: each.holds == "list")
SINGLES = _where(lambda each: each.holds == "schema")
# Keywords whose subschemas apply to the same value.
IN_PLACE = _where(lambda each: each.role == "applicator" and each.types == ANY) | {"dependentSchemas"}
# Keywords below which stands data.
DATA = _where(lambda each: each.is_data)
NOTES = _where(lambda each: each.role == "note")
ANNOTATIONS = NOTES | _where(lambda each: each.role == "annotation")
ASSERTIONS = _where(lambda each: each.role in ("assertion", "applicator"))
UNSUPPORTED = _where(lambda each: each.role == "unsupported")
# Bounds that admit less when they grow, and those that admit less when they fall.
LOWER, UPPER = _where(lambda each: each.tightens > 0), _where(lambda each: each.tightens < 0)
# Bounds of a count, which is a whole number: 2.0 is 2.
COUNTS = _where(lambda each: each.tightens != 0 and each.types != NUMBER)
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def keywords_of(json_type: str) -> frozenset[str]:
    """Return the keywords that constrain values of one type, and no others."""
    return _OF_TYPE[json_type]


_OF_TYPE = {
    json_type: frozenset(name for name, keyword in KEYWORDS.items() if json_type in keyword.types)
    for json_type in TYPES
}
