"""Pair the subschemas of two unions that belong together."""

from dataclasses import dataclass

from contractgen.schema.inclusion.prover import Inclusion
from contractgen.schema.inclusion.sources import Schema
from contractgen_runtime.pointers import pointer_of


@dataclass(frozen=True, slots=True)
class Twins:
    """The pairs of two unions, and the subschemas that only one of them has."""

    pairs: list[tuple[Schema, Schema]]
    gone: list[Schema]
    added: list[Schema]


def twins(inclusion: Inclusion, old: list[Schema], new: list[Schema]) -> Twins:
    """Pair subschemas: of equal text first, then of one component, of equal meaning, of like properties."""
    found = Twins([], list(old), list(new))
    for is_twin in (_is_written_alike, _is_of_one_component, _is_equal, _is_alike):
        for one in list(found.gone):
            other = next((each for each in found.added if is_twin(inclusion, one, each)), None)
            if other is not None:
                found.pairs.append((one, other))
                found.gone.remove(one)
                found.added.remove(other)
    if len(found.gone) == len(found.added) == 1:
        found.pairs.append((found.gone.pop(), found.added.pop()))
    return found


def _is_alike(inclusion: Inclusion, one: Schema, other: Schema) -> bool:
    first, second = (inclusion.facts([each]) for each in (one, other))
    return first.types == second.types and first.listed() == second.listed()


def _is_written_alike(inclusion: Inclusion, one: Schema, other: Schema) -> bool:
    return inclusion.sources.key(one) == inclusion.sources.key(other)


def _is_of_one_component(inclusion: Inclusion, one: Schema, other: Schema) -> bool:
    names = _component(inclusion, one), _component(inclusion, other)
    return names[0] is not None and names[0] == names[1]


def _is_equal(inclusion: Inclusion, one: Schema, other: Schema) -> bool:
    return inclusion.holds(one, other) and inclusion.holds(other, one)


def _component(inclusion: Inclusion, schema: Schema) -> str | None:
    """The pointer of the component that a subschema is, with or without the values of a discriminator."""
    if not isinstance(schema, dict):
        return None
    written = inclusion.sources.at(schema["$ref"]) if schema.keys() == {"$ref"} else schema
    if not isinstance(written, dict):
        return None
    inner = written["allOf"][0] if written.keys() == {"allOf"} else written
    is_reference = isinstance(inner, dict) and inner.keys() == {"$ref"}
    return pointer_of(inner["$ref"]) if is_reference else None
