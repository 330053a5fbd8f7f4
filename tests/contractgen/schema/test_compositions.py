"""Schemas that refer to each other in compositions: every command ends soon, with a result or findings."""

import random
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.document.findings import ContractError
from contractgen.document.load import load
from contractgen.mock.values import NoValueError, Values
from contractgen.plan.planner import make_plan
from contractgen.schema.compositions import endless_compositions
from tests.contractgen.packages import read_document, write_document
from tests.tiers import amount, slow

pytestmark = slow  # Compositions that once took minutes.

SECONDS = 5
NAMED = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE = (
    "not",
    "items",
    "additionalProperties",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "if",
    "else",
)


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _chain(length: int, link: Callable[[dict[str, str]], Any]) -> dict[str, Any]:
    """A row of schemas, each of which uses the next one twice."""
    row = {f"N{number}": link(reference(f"N{number + 1}")) for number in range(length)}
    return row | {f"N{length}": {"type": "object", "properties": {"x": {"type": "string"}}}}


def _parent(union: str) -> dict[str, Any]:
    mapping = {"c": "#/components/schemas/Child", "d": "Other"}
    discriminator = {"propertyName": "kind", "mapping": mapping}
    parent = {"type": "object", "properties": {"kind": {"type": "string"}}, "discriminator": discriminator}
    return {
        "Parent": parent | {union: [reference("Child"), reference("Other")]},
        "Child": {"allOf": [reference("Parent"), {"properties": {"x": reference("Parent")}}]},
        "Other": {"allOf": [reference("Parent")], "properties": {"y": reference("Child")}},
    }


ENDLESS: dict[str, dict[str, Any]] = {
    "a parent and its children, oneOf": _parent("oneOf"),
    "a parent and its children, anyOf": _parent("anyOf"),
    "a schema that refers to itself": {"A": reference("A")},
    **{f"{keyword} of itself": {"A": {keyword: [reference("A"), reference("A")]}} for keyword in NAMED[:3]},
    "not of itself": {"A": {"not": reference("A")}},
    "two that exclude each other": {"A": {"not": reference("B")}, "B": {"not": reference("A")}},
    "six in a ring": {
        f"N{n}": {
            "allOf": [reference(f"N{(n + 1) % 6}"), reference(f"N{(n + 2) % 6}")],
            "oneOf": [reference(f"N{(n + 3) % 6}"), reference(f"N{(n + 4) % 6}")],
            "properties": {"p": reference(f"N{(n + 5) % 6}")},
        }
        for n in range(6)
    },
    "anyOf that doubles": _chain(25, lambda each: {"anyOf": [each, {"allOf": [each]}]}),
    "allOf that doubles": _chain(25, lambda each: {"allOf": [each, each]}),
    "oneOf that doubles, of objects": _chain(
        25, lambda each: {"type": "object", "oneOf": [each, {"not": each}]}
    ),
}
ENDING: dict[str, dict[str, Any]] = {
    "a list of itself": {"A": {"type": "array", "items": reference("A")}},
    "an object that needs itself": {
        "A": {"type": "object", "required": ["a"], "properties": {"a": reference("A")}}
    },
    "a parent in the properties of its children": {
        "Parent": {"type": "object", "oneOf": [reference("Child"), {"type": "object"}]},
        "Child": {
            "type": "object",
            "properties": {"parent": reference("Parent"), "x": {"not": reference("Child")}},
        },
    },
    "a chain that stays narrow": _chain(40, lambda each: {"allOf": [each]}),
    "a chain that doubles a little": _chain(9, lambda each: {"anyOf": [each, {"allOf": [each]}]}),
}


def _document(schemas: dict[str, Any], openapi: str = "3.1.0") -> dict[str, Any]:
    content = {"application/json": {"schema": reference(next(iter(schemas)))}}
    operation = {
        "operationId": "send",
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "Done.", "content": content}},
    }
    info = {"title": "Compositions", "version": "1"}
    components = {"schemas": schemas}
    return {"openapi": openapi, "info": info, "paths": {"/x": {"post": operation}}, "components": components}


def _random(seed: int) -> dict[str, Any]:
    """A document of a few schemas that refer to each other in any way."""
    source = random.Random(seed)
    names = [f"N{number}" for number in range(source.randint(2, 6))]
    is_30 = source.random() < 0.3

    def some() -> Any:
        return (
            reference(source.choice(names))
            if source.random() < 0.85
            else {"type": "object", "required": ["a"]}
        )

    schemas: dict[str, Any] = {}
    for name in names:
        schema: dict[str, Any] = {"type": "object"} if source.random() < 0.4 else {}
        listed, single = (NAMED[:3], ("not", "additionalProperties")) if is_30 else (NAMED, SINGLE)
        for keyword in source.sample(listed, source.randint(0, 2)):
            schema[keyword] = [some() for _ in range(source.randint(1, 4))]
        schema |= {keyword: some() for keyword in source.sample(single, source.randint(0, 2))}
        if source.random() < 0.6:
            schema["properties"] = {each: some() for each in source.sample("abc", 2)}
        if source.random() < 0.3:
            schema["discriminator"] = {"propertyName": "a", "mapping": {each: each for each in names}}
        if is_30 and source.random() < 0.3:
            schema |= {"type": "object", "nullable": True}
        schemas[name] = schema
    return _document(schemas, "3.0.3" if is_30 else "3.1.0")


def _mocked(spec: Path) -> None:
    try:
        plan = make_plan(load(spec))
    except ContractError:
        return
    values = Values(plan.document, "response")
    for name in plan.document.value["components"]["schemas"]:
        try:
            values.make(f"/components/schemas/{name}")
        except NoValueError:
            continue


def _run_all(folder: Path, document: dict[str, Any]) -> None:
    """Run each command that reads a document, but verify, which starts another process."""
    spec = write_document(folder, document)
    other = folder / "other"
    other.mkdir()
    schemas = document["components"]["schemas"]
    changed = write_document(other, document | {"components": {"schemas": dict(reversed(schemas.items()))}})
    out = folder / "package"
    commands = (
        ["generate", spec, "--out", out],
        ["check", spec, "--out", out],
        ["lint", spec],
        ["diff", spec, changed],
    )
    for command in commands:
        start = process_time()
        assert main([str(each) for each in command]) in (0, 1, 2)
        assert process_time() - start < SECONDS, command[0]
    start = process_time()
    _mocked(spec)
    assert process_time() - start < SECONDS


@pytest.mark.parametrize("openapi", ["3.1.0", "3.0.3"])
@pytest.mark.parametrize("name", [*ENDLESS, *ENDING])
def test_every_command_ends_soon(tmp_path: Path, name: str, openapi: str) -> None:
    _run_all(tmp_path, _document((ENDLESS | ENDING)[name], openapi))


@pytest.mark.parametrize("seed", range(amount(12, full=400)))
def test_every_command_ends_soon_for_random_compositions(tmp_path: Path, seed: int) -> None:
    _run_all(tmp_path, _random(seed))


def test_verify_ends_soon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = write_document(tmp_path, _document(ENDLESS["a parent and its children, oneOf"]))
    assert main(["verify", "--no-types", str(spec)]) == 1
    assert "with no property or item in between" in capsys.readouterr().out


@pytest.mark.parametrize("name", [*ENDLESS, *ENDING])
def test_a_composition_that_has_no_end_is_a_finding_at_its_place(tmp_path: Path, name: str) -> None:
    document = read_document(tmp_path, _document((ENDLESS | ENDING)[name]))
    found = endless_compositions(document)
    assert bool(found) == (name in ENDLESS)
    assert all(document.at(each.pointer) and each.line > 1 for each in found)
