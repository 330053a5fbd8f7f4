"""Compare the values by which discriminators name the subschemas of a union.

A discriminator accepts and rejects nothing, but readers choose a subschema by it: a value more may be sent
then, a value less may not, and one that leads elsewhere is read as something else.
"""

from typing import Any

from contractgen.diff.changes import Effect, Report, Way
from contractgen.schema.discriminators import UNIONS, mapping_of
from contractgen.schema.inclusion.conjuncts import Splitter
from contractgen.schema.inclusion.prover import Inclusion
from contractgen.schema.inclusion.sources import Schema, at

_SCHEMAS = "#/components/schemas/"


def compare_discriminators(
    report: Report, written: Splitter, inclusion: Inclusion, pair: tuple[list[Schema], list[Schema]], way: Way
) -> None:
    """Report how the discriminator of two conjunctions changed, if each has one."""
    before, after = ([*_discriminators(written, schemas)] for schemas in pair)
    if len(before) != 1 or len(after) != 1:
        if bool(before) != bool(after):
            place = (after or before)[0][0]
            report.add_at(
                "patch", f"in {way.value}: the discriminator is {'new' if after else 'gone'}", place
            )
        return
    (old_place, old), (place, new) = before[0], after[0]
    names = [schema["discriminator"].get("propertyName") for schema in (old, new)]
    if names[0] != names[1]:
        report.add_at("breaking", f"in {way.value}: discriminator {names[0]!r} -> {names[1]!r}", place)
    known, now = _targets(written, old, old_place), _targets(written, new, place)
    for value in sorted(known.keys() | now.keys()):
        one, other = known.get(value), now.get(value)
        if one is not None and other is not None:
            if _is_same(inclusion, one, other):
                continue
            effect, text = Effect.UNSURE, f"leads to {_name(other)}, no longer to {_name(one)}"
        else:
            effect, text = (Effect.WIDENED, "is new") if one is None else (Effect.NARROWED, "is gone")
        report.add_at(way.level(effect), f"in {way.value}: the discriminator's value {value!r} {text}", place)


def _discriminators(written: Splitter, schemas: list[Schema]) -> list[tuple[str, dict[str, Any]]]:
    """Return the schemas with a discriminator beside a union, each with a reference to the discriminator."""
    return [
        (at(place, "discriminator"), schema)
        for place, schema in written.layers(schemas)
        if isinstance(schema.get("discriminator"), dict) and any(union in schema for union in UNIONS)
    ]


def _targets(written: Splitter, schema: dict[str, Any], place: str) -> dict[str, str]:
    """The component that each value leads to, as a reference; one without a mapping has its name as value."""
    document = place.partition("#")[0]
    branches = [branch for union in UNIONS for branch in schema.get(union, [])]
    named = [branch["$ref"] for branch in branches if isinstance(branch, dict) and "$ref" in branch]
    mapped = {
        value: _end(written, document, target if "#" in target else _SCHEMAS + target)
        for value, target in mapping_of(schema).items()
    }
    own = {_name(reference): _end(written, document, reference) for reference in named}
    return {name: end for name, end in own.items() if end not in mapped.values()} | mapped


def _end(written: Splitter, document: str, reference: str) -> str:
    """Return the final target of a reference, through schemas that are references themselves."""
    reference, seen = document + "#" + reference.partition("#")[2], set[str]()
    while reference not in seen and written.sources.has(reference):
        seen.add(reference)
        target = written.sources.at(reference)
        if not isinstance(target, dict) or target.keys() != {"$ref"}:
            break
        reference = target["$ref"]
    return reference


def _is_same(inclusion: Inclusion, one: str, other: str) -> bool:
    """Return whether two references lead to components of one name, or of one meaning."""
    if _name(one) == _name(other):
        return True
    if not (inclusion.sources.has(one) and inclusion.sources.has(other)):
        return False
    old, new = {"$ref": one}, {"$ref": other}
    return inclusion.holds(old, new) and inclusion.holds(new, old)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
