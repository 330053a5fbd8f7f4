"""Compare the values by which discriminators name the subschemas of a union.

A discriminator accepts and rejects nothing, but readers choose a subschema by it: a value more may be sent
then, a value less may not, and one that leads elsewhere is read as something else.
"""

from typing import Any

from contractgen.diff.changes import Effect, Report, Way
from contractgen.schema.discriminators import UNIONS, mapping_of
from contractgen.schema.inclusion.conjuncts import Splitter
from contractgen.schema.inclusion.sources import Schema, at


def compare_discriminators(
    report: Report, written: Splitter, pair: tuple[list[Schema], list[Schema]], way: Way
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
    (_, old), (place, new) = before[0], after[0]
    names = [schema["discriminator"].get("propertyName") for schema in (old, new)]
    if names[0] != names[1]:
        report.add_at("breaking", f"in {way.value}: discriminator {names[0]!r} -> {names[1]!r}", place)
    known, now = _targets(old), _targets(new)
    for value in sorted(known.keys() | now.keys()):
        if known.get(value) == now.get(value):
            continue
        if value in known and value in now:
            effect, text = Effect.UNSURE, f"leads to {now[value]}, no longer to {known[value]}"
        else:
            effect, text = (Effect.WIDENED, "is new") if value in now else (Effect.NARROWED, "is gone")
        report.add_at(way.level(effect), f"in {way.value}: the discriminator's value {value!r} {text}", place)


def _discriminators(written: Splitter, schemas: list[Schema]) -> list[tuple[str, dict[str, Any]]]:
    """The schemas that have a discriminator beside a union, each with its place."""
    return [
        (at(place, "discriminator"), schema)
        for place, schema in written.layers(schemas)
        if isinstance(schema.get("discriminator"), dict) and any(union in schema for union in UNIONS)
    ]


def _targets(schema: dict[str, Any]) -> dict[str, str]:
    """The name of the component that each value leads to; one without a mapping has its own name as value."""
    branches = [branch for union in UNIONS for branch in schema.get(union, [])]
    names = [_name(branch["$ref"]) for branch in branches if isinstance(branch, dict) and "$ref" in branch]
    mapped = {value: _name(target) for value, target in mapping_of(schema).items()}
    return {name: name for name in names if name not in mapped.values()} | mapped


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
