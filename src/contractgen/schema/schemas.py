"""Constructs of schemas that are not supported or have no effect, and two simple kinds of objects."""

from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.schema.patterns import PatternError, portable
from contractgen.schema.types import named_types
from contractgen.schema.vocabulary import KEYWORDS, LISTS, UNSUPPORTED
from contractgen.schema.walk import below
from contractgen_runtime.pointers import child, find_at, pointer_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPENAPI_DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"
KNOWN_FORMATS = {
    *("date", "date-time", "time", "uuid", "password", "int32", "int64", "float", "double"),
    *("email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "idn-email", "idn-hostname", "iri"),
    *("iri-reference", "uri-template", "json-pointer", "relative-json-pointer", "regex"),
    *("duration", "byte", "binary", "decimal"),
}
# Of these there is nothing that a validator checks; whole numbers are bounded by theirs in the normal form.
BOUNDING_FORMATS = {"int32", "int64"}
UNCHECKED_FORMATS = {None, "password", "binary", "float", "double", *BOUNDING_FORMATS}
# Keywords that make the members of an object something else than a list of names.
_SHAPING = {*LISTS, "patternProperties"}


def refused_constructs(document: Document, pointer: str, seen: dict[str, None]) -> Iterator[Finding]:
    """Yield unsupported constructs below a schema that change what it admits; `seen` collects pointers."""
    waiting = [pointer]
    while waiting:
        pointer = waiting.pop()
        schema = find_at(document.value, pointer)
        if pointer not in seen and isinstance(schema, dict):
            seen[pointer] = None
            yield from _refused_here(document, pointer, schema)
            waiting += [child(pointer, *path) for path in below(schema)]
            waiting += [pointer_of(schema["$ref"])] if isinstance(schema.get("$ref"), str) else []


def _refused_here(document: Document, pointer: str, schema: dict[str, Any]) -> Iterator[Finding]:
    for keyword in sorted(UNSUPPORTED & schema.keys()):
        hint = "name the schema under components/schemas and refer to it there"
        yield document.finding(child(pointer, keyword), f"the keyword {keyword!r} is not supported", hint)
    if schema.get("$schema", DIALECT) not in (DIALECT, OPENAPI_DIALECT):
        yield document.finding(child(pointer, "$schema"), "only schemas of JSON Schema 2020-12 are supported")
    patterns = [("pattern", schema["pattern"])] if isinstance(schema.get("pattern"), str) else []
    patterns += [("patternProperties", each) for each in schema.get("patternProperties", {})]
    for keyword, pattern in patterns:
        try:
            portable(pattern)
        except PatternError as error:
            place = child(pointer, *([keyword] if keyword == "pattern" else [keyword, pattern]))
            yield document.finding(place, f"the regular expression is not supported: {error}")


def ignored_constructs(document: Document, pointer: str) -> Iterator[Finding]:
    """Yield the constructs in a schema that have no effect: unknown keywords and formats, an empty enum."""
    schema = document.at(pointer)
    for keyword in schema:
        if keyword not in KEYWORDS and not keyword.startswith("x-"):
            yield document.finding(child(pointer, keyword), f"the keyword {keyword!r} has no effect")
    if schema.get("enum") == []:
        yield document.finding(child(pointer, "enum"), "an enum without values admits nothing")
    if schema.get("format") not in {None, *KNOWN_FORMATS}:
        yield document.finding(child(pointer, "format"), f"the format {schema['format']!r} has no effect")


class Plain:
    """The schemas that have only the properties that they list, at every depth: a TypedDict can be one."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, bool] = {}

    def __call__(self, pointer: str) -> bool:
        """Return whether the schema at a pointer is plain; results for other schemas are reused."""
        seen: set[str] = set()
        waiting, here, is_plain = [pointer], pointer, True
        while waiting and is_plain:
            schema, here = self._document.resolve(waiting.pop())
            if here not in seen:
                seen.add(here)
                is_plain = self._known.get(here) or (here not in self._known and _is_plain_here(schema))
                if here not in self._known:
                    waiting += [child(here, *path) for path in _below_values(schema)]
        self._known |= dict.fromkeys(seen, True) if is_plain else {pointer: False, here: False}
        return is_plain


def _is_plain_here(schema: Any) -> bool:
    if not isinstance(schema, dict) or _SHAPING & schema.keys() or len({*named_types(schema)} - {"null"}) > 1:
        return False
    more = ("additionalProperties", "unevaluatedProperties")
    return all(isinstance(schema.get(each, False), bool) for each in more)


def _below_values(schema: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of the schemas of properties and items."""
    for path in below(schema):
        if path[0] == "properties" or (path == ("items",) and isinstance(schema["items"], dict)):
            yield path


def is_open(document: Document, pointer: str) -> bool:
    """Return whether a schema admits every object and says nothing of its properties."""
    schema = document.resolve(pointer)[0]
    if not isinstance(schema, dict) or _SHAPING & schema.keys() or schema.get("properties"):
        return False
    more = ("additionalProperties", "unevaluatedProperties")
    return named_types(schema) == ["object"] and all(schema.get(each, True) is True for each in more)
