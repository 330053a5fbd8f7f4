"""A rule for unions that contain themselves: what decides between their subschemas."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.lint.rule import Subject, rule
from contractgen.schema.discriminators import UNIONS
from contractgen.schema.types import named_types
from contractgen.schema.walk import reached
from contractgen_runtime.pointers import child
from contractgen_runtime.unions import tags_of


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
            alike = {
                each for pair in combinations(within, 2) if _share_a_type(document, *pair) for each in pair
            }
            if alike and not _is_decided(document, alike):
                message = f"the union is within {len(within)} of its own subschemas, and nothing decides"
                hint = "give a required property other texts or integers in each subschema, by const or enum"
                yield document.finding(child(pointer, union), message, hint)


def _share_a_type(document: Document, one: str, other: str) -> bool:
    """Return whether a value can be of both schemas by its type."""
    types, others = (set(named_types(document.resolve(each)[0])) for each in (one, other))
    return not types or not others or not types.isdisjoint(others)


def _is_decided(document: Document, places: Iterable[str]) -> bool:
    """Return whether one required property has other texts or integers in each schema, which models use."""
    found = [tags_of(document.value, document.at(each)) for each in places]
    for name in set.intersection(*(set(each) for each in found)):
        values = [value for each in found for value in each[name]]
        if len(values) == len(set(values)) and not any(isinstance(each, bool) for each in values):
            return True
    return False
