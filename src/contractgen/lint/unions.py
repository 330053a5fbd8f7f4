"""A rule for unions that contain themselves: what decides between their subschemas."""

import json
from collections.abc import Iterator
from itertools import combinations

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.lint.rule import Subject, rule
from contractgen.schema.discriminators import UNIONS
from contractgen.schema.types import named_types
from contractgen.schema.walk import reached
from contractgen_runtime.pointers import child


@rule("recursive-union", "warning")
def recursive_union(subject: Subject) -> Iterator[Finding]:
    """A union within several of its own subschemas, between which no property decides, takes twice the time
    with each level of a body: give a required property a const or an enum of its own in each."""
    document = subject.document
    for pointer in subject.requested.every:
        schema = document.at(pointer)
        for union in UNIONS:
            places = [child(pointer, union, index) for index in range(len(schema.get(union) or ()))]
            within = [each for each in places if any(node is schema for node in reached(document, each))]
            if any(not _are_apart(document, *pair) for pair in combinations(within, 2)):
                message = f"the union is within {len(within)} of its own subschemas, and nothing decides"
                hint = "give a required property a const or an enum of its own in each subschema"
                yield document.finding(child(pointer, union), message, hint)


def _are_apart(document: Document, one: str, other: str) -> bool:
    """Return whether no value can be of both schemas, by its type or by the value of a property."""
    types, others = (set(named_types(document.resolve(each)[0])) for each in (one, other))
    if types and others and types.isdisjoint(others):
        return True
    values, other_values = _deciding(document, one), _deciding(document, other)
    return any(values[name].isdisjoint(other_values[name]) for name in values.keys() & other_values.keys())


def _deciding(document: Document, place: str) -> dict[str, set[str]]:
    """Return the values of each required property that has a const or an enum."""
    schema, pointer = document.resolve(place)
    found: dict[str, set[str]] = {}
    if not isinstance(schema, dict):  # true or false
        return found
    for index in range(len(schema.get("allOf") or ())):
        found |= _deciding(document, child(pointer, "allOf", index))
    for name in {*schema.get("required", ())} & schema.get("properties", {}).keys():
        node = document.resolve(child(pointer, "properties", name))[0]
        if isinstance(node, dict) and {"const", "enum"} & node.keys():
            values = [node["const"]] if "const" in node else node["enum"]
            found[name] = {json.dumps(each, sort_keys=True) for each in values}
    return found
