"""Pairs of documents: a random one and a copy with one to three edits."""

import copy
from dataclasses import dataclass
from itertools import chain
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from openapi_schema_validator import OAS30Validator

from tests.contractgen.diff.random_edits import CHANGES, SPELLINGS, Edit, sites
from tests.contractgen.diff.random_schemas import Random
from tests.contractgen.diff.random_values import Values


@dataclass(frozen=True)
class Sample:
    """Two documents, the names of the edits between them, and whether these keep the meaning."""

    seed: int
    old: dict[str, Any]
    new: dict[str, Any]
    edits: tuple[str, ...]
    is_equal: bool


def pair(seed: int) -> Sample:
    """Return the pair of a seed; every other one keeps its meaning."""
    r = Random(seed, is_30=seed % 4 < 2)
    old = r.document()
    is_equal = seed % 2 == 0
    new = copy.deepcopy(old)
    done: list[str] = []
    wanted = r.random.randint(1, 3)
    for _ in range(40):
        if len(done) == wanted:
            break
        edit = r.random.choice(SPELLINGS if is_equal else CHANGES)
        done += [edit.__name__] if _apply(r, new, edit) else []
    if is_equal and r.is_30 and r.chance(0.3):
        new = as_31(new)
        done.append("as_31")
    if is_equal and r.chance(0.1):
        old, new = new, old
    return Sample(seed, old, new, tuple(done), is_equal)


def _apply(r: Random, document: dict[str, Any], edit: Edit) -> bool:
    """Edit one schema of a document, in the body or in a component."""
    components = document["components"]["schemas"]
    content = document["paths"]["/x"]["put"]["requestBody"]["content"]["application/json"]
    used = [content, *({"schema": components[n]} for n in ("Alpha", "Beta"))]
    holder = r.random.choice(used)
    path = r.random.choice(list(sites(holder["schema"])))
    schema = at(holder["schema"], path)
    edited = edit(r, copy.deepcopy(schema), components)
    if edited is None or edited == schema:
        return False
    if path:
        at(holder["schema"], path[:-1])[path[-1]] = edited
    elif holder is content:
        response = document["paths"]["/x"]["put"]["responses"]["200"]["content"]["application/json"]
        content["schema"] = edited
        response["schema"] = edited
    else:
        name = next(n for n in components if components[n] is holder["schema"])
        components[name] = edited
    return True


def at(schema: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        schema = schema[step]
    return schema


def as_31(value: Any, name: str = "") -> Any:
    """A document of OpenAPI 3.0 as one of 3.1."""
    if isinstance(value, list):
        return [as_31(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {k: as_31(v, k) if k not in ("enum", "example") else v for k, v in value.items()}
    if name in ("properties", "schemas"):
        return found
    if "openapi" in found:
        found["openapi"] = "3.1.0"
    if found.pop("nullable", False) and "type" in found:
        found["type"] = [found["type"], "null"]
    for bound in ("minimum", "maximum"):
        exclusive = "exclusive" + bound.capitalize()
        if isinstance(found.get(exclusive), bool) and found.pop(exclusive):
            found[exclusive] = found.pop(bound)
    return found


def validator(document: dict[str, Any]) -> Any:
    """Compile the schema of a document as it is written."""
    schema = document["paths"]["/x"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    whole = without_discriminators({"allOf": [schema], "components": document["components"]})
    kind = OAS30Validator if document["openapi"].startswith("3.0") else Draft202012Validator
    return kind(whole, format_checker=_FORMATS)


_FORMATS = FormatChecker()


@_FORMATS.checks("int32")  # type: ignore[untyped-decorator]  # it has no types
def _is_int32(value: object) -> bool:
    """OpenAPI's own format, which `jsonschema` does not know."""
    return not isinstance(value, int | float) or -(2**31) <= value < 2**31


def without_discriminators(node: Any) -> Any:
    """A copy without discriminators: every subschema lists its value, and OAS30Validator fails on others."""
    if isinstance(node, list):
        return [without_discriminators(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {name: without_discriminators(each) for name, each in node.items() if name != "discriminator"}


@dataclass(frozen=True)
class Witnesses:
    """Values that only one of two documents accepts: at most one each, in a list."""

    lost: list[Any]
    gained: list[Any]


def witnesses(sample: Sample, count: int) -> Witnesses:
    """Look for values that are no longer accepted, and for new ones, among so many of both documents."""
    old, new = validator(sample.old), validator(sample.new)
    found = Witnesses([], [])
    makers = [Values(document, sample.seed).make(count // 2) for document in (sample.old, sample.new)]
    for value in chain.from_iterable(zip(*makers, strict=True)):
        before, after = old.is_valid(value), new.is_valid(value)
        if before and not after and not found.lost:
            found.lost.append(value)
        if after and not before and not found.gained:
            found.gained.append(value)
        if found.lost and found.gained:
            break
    return found
