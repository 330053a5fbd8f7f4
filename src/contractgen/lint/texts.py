"""A rule for strings: that some text is valid."""

import math
from collections.abc import Iterator
from itertools import permutations
from typing import TypeAlias

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.lint.rule import Subject, rule
from contractgen.schema.pattern_texts import is_unmatchable, match_lengths
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import child

_Lengths: TypeAlias = tuple[float, float]
# How many characters the texts of a format have.
_OF_FORMATS: dict[str, _Lengths] = {
    "date": (10, 10),
    "time": (9, math.inf),
    "date-time": (20, math.inf),
    "uuid": (36, 36),
    "ipv4": (7, 15),
    "duration": (3, math.inf),
    "email": (3, math.inf),
}


@rule("string-never-valid", "error")
def string_never_valid(subject: Subject) -> Iterator[Finding]:
    """No text is valid: none matches the pattern, or the matches are all longer or shorter than the format or
    the bounds of the length admit: correct one of them."""
    for pointer, schema in objects_of(subject.written.value, "schema"):
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and is_unmatchable(pattern):
            message = "no text matches: characters must come before a ^ or after a $"
            yield subject.document.finding(child(pointer, "pattern"), message, "correct the pattern")
        elif (named_types(schema) or ["string"]) == ["string"] and not {"enum", "const"} & schema.keys():
            yield from _of_lengths(subject, pointer, _lengths(schema))


def _lengths(schema: Schema) -> dict[str, _Lengths]:
    """Return the lengths that each keyword admits, those of `minLength` and `maxLength` as one."""
    found: dict[str, _Lengths] = {}
    if isinstance(schema.get("pattern"), str):
        found["pattern"] = match_lengths(schema["pattern"])
    if schema.get("format") in _OF_FORMATS:
        found["format"] = _OF_FORMATS[schema["format"]]
    if "minLength" in schema:
        found["minLength"] = schema["minLength"], math.inf
    if "maxLength" in schema:
        found["maxLength"] = 0, schema["maxLength"]
    return found


def _of_lengths(subject: Subject, pointer: str, lengths: dict[str, _Lengths]) -> Iterator[Finding]:
    """Yield a finding for two keywords whose lengths have none in common."""
    for short, long in permutations(lengths, 2):
        most, least = lengths[short][1], lengths[long][0]
        if most < least and {short, long} != {"minLength", "maxLength"}:
            message = f"the {short} admits {most:.0f} characters at most, the {long} {least:.0f} at least"
            yield subject.document.finding(child(pointer, short), message, "correct one of them")
