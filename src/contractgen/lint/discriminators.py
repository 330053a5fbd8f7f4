"""Semantic rules for discriminators: their values lead to subschemas of the union that accept them."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Edit, Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.lint.autofix import reference_from
from contractgen.lint.rule import Subject, rule
from contractgen.schema.discriminators import UNIONS, Variant, Variants, leads, mapping_of
from contractgen_runtime.pointers import child, pointer_of

# How many subschemas a message names, and how long a hint can be.
_MOST_NAMED = 4
_LONGEST_HINT = 300


@rule("discriminator-mapping", "error")
def discriminator_mapping(subject: Subject) -> Iterator[Finding]:
    """The mapping leads to a schema that is not in the union, or that rejects the value: correct its
    target."""
    document = subject.written
    for place, schema, variants in _unions(subject):
        reached = _references(document, [each for union in UNIONS for each in schema.get(union) or ()])
        for value, target in mapping_of(schema).items():
            where = child(place, "mapping", value)
            if not any(leads(target, reference) for reference in reached):
                message = f"the mapping leads to {target}, which is not in the union"
                yield document.finding(where, message, "correct the target, or add it to the union")
            for variant in variants:
                if value in variant.mapped and variant.listed is not None and value not in variant.listed:
                    message = f"value is never valid: {_accepted(variant)}"
                    yield document.finding(where, message, "correct the value or the target")


@rule("discriminator-value", "warning")
def discriminator_value(subject: Subject) -> Iterator[Finding]:
    """Without a mapping a discriminator's value is the name of the schema, which this schema rejects: add
    the mapping, which --fix does."""
    for place, schema, variants in _unions(subject):
        mapping = mapping_of(schema)
        unnamed = [each for each in variants if not (each.mapped or each.takes_its_name)]
        lacking = [each for each in unnamed if any(value not in mapping for value in each.listed or ())]
        if lacking:
            yield _lacking_mapping(subject.written, place, schema, variants, lacking)


@rule("discriminator-const", "warning")
def discriminator_const(subject: Subject) -> Iterator[Finding]:
    """A discriminator asserts nothing, and oneOf rejects what several subschemas admit: give its property a
    const or an enum in each of them."""
    for place, schema, _ in _unions(subject):
        variants = [each for _, each in Variants(subject.written.value).of(schema, "oneOf")]
        name = schema["discriminator"]["propertyName"]
        undecided = [each for each in variants if each.listed is None]
        counts = Counter(json.dumps(value) for each in variants for value in each.listed or ())
        shared = [each for each in variants if any(counts[json.dumps(n)] > 1 for n in each.listed or ())]
        for some, what in ((undecided, f"any {name!r}"), (shared, f"the same values of {name!r}")):
            if some and len(variants) > 1:
                several = ", ".join(each.component for each in some[:_MOST_NAMED])
                more = ", ..." if some[_MOST_NAMED:] else ""
                message = f"{several}{more} admit {what}, so oneOf may reject what several of them admit"
                hint = f"give {name!r} a const or an enum of its own in each subschema"
                yield subject.written.finding(place, message, hint)


def _unions(subject: Subject) -> Iterator[tuple[str, dict[str, Any], list[Variant]]]:
    """Yield the place of each discriminator, its schema, and the subschemas of the union by reference."""
    known = Variants(subject.written.value)
    for pointer, schema in objects_of(subject.written.value, "schema"):
        if isinstance(schema.get("discriminator"), dict) and any(schema.get(union) for union in UNIONS):
            variants = [variant for union in UNIONS for _, variant in known.of(schema, union)]
            yield child(pointer, "discriminator"), schema, variants


def _references(document: Document, schemas: list[Any]) -> list[str]:
    """The references of the subschemas of a union, and those of their own allOf, oneOf and anyOf."""
    found: dict[str, None] = {}
    waiting = schemas
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        waiting += [each for keyword in ("allOf", *UNIONS) for each in schema.get(keyword) or ()]
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in found:
            found[reference] = None
            waiting.append(document.at(pointer_of(reference)))
    return list(found)


def _lacking_mapping(
    document: Document, place: str, schema: dict[str, Any], variants: list[Variant], lacking: list[Variant]
) -> Finding:
    mapping, name = mapping_of(schema), schema["discriminator"]["propertyName"]
    accepted = ", ".join(map(_accepted, lacking[:_MOST_NAMED])) + (", ..." if lacking[_MOST_NAMED:] else "")
    message = f"without a mapping, the value of {name!r} is the name of the schema, but {accepted}"
    taken = [*mapping, *(each.component for each in variants if each.takes_its_name and not each.mapped)]
    missing = _missing_mapping(document, place, lacking, taken)
    lines = f"add to the mapping {json.dumps(missing, ensure_ascii=False)}"
    hint = lines if missing and len(lines) < _LONGEST_HINT else "map each value to its own schema"
    where = child(place, "mapping")
    edits = [Edit("add", child(where, value), target) for value, target in missing.items()]
    return document.finding(
        place, message, hint, edits if mapping or not missing else [Edit("add", where, missing)]
    )


def _missing_mapping(
    document: Document, place: str, lacking: list[Variant], taken: list[Any]
) -> dict[str, str]:
    """The one schema that accepts each value; empty if a value has several, or none in this file."""
    found: dict[str, str] = {}
    for variant in lacking:
        target = reference_from(document, place, pointer_of(variant.reference))
        for value in variant.listed or ():
            if target is None or not isinstance(value, str) or value in found or value in taken:
                return {}
            found[value] = target
    return found


def _accepted(variant: Variant) -> str:
    values = ", ".join(map(repr, variant.listed or ()))
    return f"{variant.component} accepts only {values}" if values else f"{variant.component} is not an object"
