"""The keywords of a schema that its model does not enforce: a body without any is validated once."""

from collections.abc import Callable, Iterator
from typing import Any

from contractgen.document.load import Document
from contractgen.schema.patterns import is_plain_pattern
from contractgen.schema.schemas import KNOWN_FORMATS, UNCHECKED_FORMATS
from contractgen.schema.types import named_types
from contractgen.schema.vocabulary import ASSERTIONS, KEYWORDS, LOWER, NUMBER, UPPER
from contractgen.schema.walk import below
from contractgen_runtime.pointers import child

_VALUES = frozenset({"enum", "const"})
_BOUNDS = frozenset(each for each in LOWER | UPPER if KEYWORDS[each].types == NUMBER)
# The model enforces these whatever their value is.
_ALWAYS = frozenset({"type", "properties", "items", "minLength", "maxLength", "minItems", "maxItems"})
# The model enforces these of some schemas.
_CHECKS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "format": lambda schema: schema["format"] in UNCHECKED_FORMATS or schema["format"] not in KNOWN_FORMATS,
    "pattern": lambda schema: is_plain_pattern(schema["pattern"]),
    "required": lambda schema: {*schema["required"]} <= schema.get("properties", {}).keys(),
    "additionalProperties": lambda schema: isinstance(schema["additionalProperties"], bool),
}
# Up to here each whole number has a float of its own.
_LARGEST_EXACT = 2**53


def is_exact(document: Document, pointer: str) -> bool:
    """Return whether strict validation by the generated model enforces everything below a schema."""
    return next(omitted(document, pointer), None) is None


def omitted(document: Document, pointer: str) -> Iterator[str]:
    """Yield the pointers of the keywords that the model of a schema does not enforce, references followed."""
    seen: set[str] = set()
    waiting = [pointer]
    while waiting:
        schema, pointer = document.resolve(waiting.pop())
        if pointer in seen or schema is True:
            continue
        seen.add(pointer)
        if schema is False:
            yield pointer
            continue
        yield from (child(pointer, keyword) for keyword in _omitted_here(schema))
        waiting += [child(pointer, *path) for path in below(schema) if path[0] in ("properties", "items")]


def _omitted_here(schema: dict[str, Any]) -> Iterator[str]:
    types = frozenset(named_types(schema))
    is_union = len(types - {"null"}) != 1  # of several types, a model has none of the bounds
    if len(types - {"null"}) > 1:
        yield "type"
    if "readOnly" in schema:
        yield "readOnly"
    for keyword in sorted(ASSERTIONS & schema.keys() - {"type"}):
        constrained = KEYWORDS[keyword].types
        is_vacuous = constrained and types and not constrained & types
        if not is_vacuous and (is_union or not _is_enforced(keyword, schema)):
            yield keyword


def _is_enforced(keyword: str, schema: dict[str, Any]) -> bool:
    """Return whether the model of a schema of one type, or of that and null, enforces a keyword."""
    value = schema[keyword]
    if _VALUES & schema.keys():  # a model enforces an enum of strings, and nothing beside it
        return len(_VALUES & schema.keys()) == 1 and _is_enum(schema) if keyword in _VALUES else False
    if keyword in _BOUNDS:
        return abs(value) <= _LARGEST_EXACT and (value == int(value) or "number" in named_types(schema))
    check = _CHECKS.get(keyword)
    return keyword in _ALWAYS or (check is not None and check(schema))


def _is_enum(schema: dict[str, Any]) -> bool:
    """Return whether an enum is of strings, and of null if the type has null."""
    values = [schema["const"]] if "const" in schema else schema["enum"]
    found = {"string" if isinstance(each, str) else "null" if each is None else "other" for each in values}
    return "string" in found and found == {*named_types(schema)}
