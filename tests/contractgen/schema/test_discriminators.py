"""A discriminator changes no decision: a foreign validator, which does not know it, decides the same."""

import itertools
from typing import Any

import jsonschema
import pytest

from tests.contractgen.putting import serve_put


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(kind: Any, *required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"kind": kind, **properties}, "required": ["kind", *required]}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
BY_NAME = {"propertyName": "kind"}
COMPONENTS: dict[str, Any] = {
    "One": _object(TEXT, "x", x=NUMBER),
    "Two": _object(TEXT, "y", y=NUMBER),
    "Same": _object(TEXT, x=NUMBER),
    "Listed": _object({"enum": ["one", "uno"]}, x=NUMBER),
    "Constant": _object({"const": "two"}, y=NUMBER),
    "Parent": _object(TEXT) | {"discriminator": BY_NAME | {"mapping": {"one": "Child", "two": "Parent"}}},
    "Child": {
        "allOf": [reference("Parent"), {"type": "object", "required": ["x"], "properties": {"x": NUMBER}}]
    },
    "Inner": {
        "oneOf": [reference("One"), reference("Two")],
        "discriminator": BY_NAME | {"mapping": {"one": "One"}},
    },
    "List": {"type": "array", "items": reference("Inner")},
}


def _union(keyword: str, *names: str, **mapping: str) -> dict[str, Any]:
    discriminator = BY_NAME | ({"mapping": mapping} if mapping else {})
    return {keyword: [reference(name) for name in names], "discriminator": discriminator}


UNIONS = {
    "oneOf, mapped": _union("oneOf", "One", "Two", one="One", two="#/components/schemas/Two"),
    "oneOf, by name": _union("oneOf", "One", "Two"),
    "anyOf, mapped": _union("anyOf", "One", "Two", one="One", two="Two"),
    "oneOf of alike": _union("oneOf", "One", "Same", one="One", two="Same"),
    "two values of one subschema": _union("oneOf", "Listed", "Two", one="Listed", uno="Listed", two="Two"),
    "subschemas that list their values": _union("oneOf", "Listed", "Constant"),
    "a mapping to another": _union("oneOf", "Listed", "Constant", one="Constant", two="Listed"),
    "nested": _union("oneOf", "Inner", "Constant", one="Inner", two="Constant"),
    "nested in anyOf": _union("anyOf", "Inner", "Child", one="Inner"),
    "a parent": reference("Parent"),
    "a child": reference("Child"),
    "a parent and its child": _union("oneOf", "Parent", "Child", one="Child", two="Parent"),
    "no object": _union("oneOf", "List", "One", one="One"),
    "beside properties": _union("oneOf", "One", "Two", one="One") | {"properties": {"x": {"maximum": 1}}},
}
KINDS = [
    {},
    {"kind": "one"},
    {"kind": "two"},
    {"kind": "uno"},
    {"kind": "One"},
    {"kind": "none"},
    {"kind": 1},
]
MORE: list[dict[str, Any]] = [{}, {"x": 1}, {"y": 1}, {"x": 1, "y": 1}, {"x": "a"}, {"x": 2, "y": "a"}]
BODIES = [
    *({**kind, **more} for kind, more in itertools.product(KINDS, MORE)),
    [],
    [{"kind": "one", "x": 1}],
    "a",
]


@pytest.mark.parametrize("name", UNIONS)
async def test_a_discriminator_changes_no_decision(name: str) -> None:
    content = {"application/json": {"schema": UNIONS[name]}}
    put = serve_put(content, schemas=COMPONENTS)
    raw = {"allOf": [UNIONS[name]], "components": {"schemas": COMPONENTS}}
    validator = jsonschema.Draft202012Validator(raw)
    expected = {str(body): validator.is_valid(body) for body in BODIES}
    found = {str(body): (await put.send(b"", json=body)).status == 204 for body in BODIES}
    assert found == expected
    assert len({*expected.values()}) == 2


@pytest.mark.parametrize(
    ("body", "name"), [({"kind": "one", "x": 1}, "One"), ({"kind": "one", "y": 1}, "Two")]
)
async def test_a_handler_gets_the_class_of_the_subschema_that_matches(body: Any, name: str) -> None:
    put = serve_put({"application/json": {"schema": UNIONS["oneOf, mapped"]}}, schemas=COMPONENTS)
    assert (await put.send(b"", json=body)).status == 204
    assert type(put.service.call["body"].root).__name__ == name
