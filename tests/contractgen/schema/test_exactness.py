"""A body is validated by its model alone exactly where the model decides as a foreign validator does."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from contractgen.document.load import load
from contractgen.plan.planner import make_plan
from contractgen.schema.exactness import is_exact, omitted
from contractgen.schema.normal import normal_form
from contractgen_runtime.json_bodies import JsonBody
from contractgen_runtime.problems import Refusal
from contractgen_runtime.schemas import Schemas
from tests.contractgen.packages import contract, import_package, read_document, write_package

OPENAPI = Path(__file__).parents[3] / "openapi" / "openapi.yaml"
# The other bodies of our contract have an e-mail address, whose format no model checks.
VALIDATED_ONCE = {
    *("refreshSession", "changePassword", "resetPassword", "verifyEmail", "deleteMe"),
    *("confirmEmailChange", "undoEmailChange"),
    *("updateUser", "createPost", "updatePost", "hidePost", "notifyUser"),
}
VALIDATED_TWICE = {
    *("registerUser", "login", "requestPasswordReset", "requestEmailVerification", "createUser"),
    "requestEmailChange",
}

TEXT = {"type": "string"}
# Each with the keywords that the model does not enforce.
INEXACT: dict[str, tuple[Any, set[str]]] = {
    "a pattern beside an enum": (TEXT | {"enum": ["a", "bb"], "pattern": "^a"}, {"/pattern"}),
    "a length beside a const": (TEXT | {"const": "a", "maxLength": 0}, {"/maxLength"}),
    "an enum of numbers": ({"type": "integer", "enum": [1, 2]}, {"/enum"}),
    "an enum without a type": ({"enum": ["a"]}, {"/enum"}),
    "an enum that admits null beside a type that does not": (TEXT | {"enum": ["a", None]}, {"/enum"}),
    "several types": ({"type": ["string", "integer"], "maxLength": 1}, {"/type", "/maxLength"}),
    "a format": (TEXT | {"format": "email"}, {"/format"}),
    "a bound beside a format that is a type": (TEXT | {"format": "date", "minLength": 1}, {"/format"}),
    "a pattern that looks ahead": (TEXT | {"pattern": "^(?!a)"}, {"/pattern"}),
    "a bound that is no float": ({"type": "number", "maximum": 2**53 + 1}, {"/maximum"}),
    "a half as the bound of an integer": ({"type": "integer", "minimum": 0.5}, {"/minimum"}),
    "a demand of what is not described": ({"type": "object", "required": ["a"]}, {"/required"}),
    "described additional properties": (
        {"type": "object", "additionalProperties": TEXT},
        {"/additionalProperties"},
    ),
    "a property that nothing can be": (
        {"type": "object", "properties": {"a": False}},
        {"/properties/a"},
    ),
    "items that nothing can be": ({"type": "array", "items": False}, {"/items"}),
    "unique items": ({"type": "array", "uniqueItems": True}, {"/uniqueItems"}),
    "a property of responses": (
        {"type": "object", "properties": {"a": TEXT | {"readOnly": True}}},
        {"/properties/a/readOnly"},
    ),
    "a composition": ({"type": "object", "allOf": [{"required": ["a"]}]}, {"/allOf"}),
    "a step": ({"type": "number", "multipleOf": 2}, {"/multipleOf"}),
}


def test_which_bodies_of_our_contract_are_validated_once() -> None:
    plan = make_plan(load(OPENAPI))
    operations = [operation for tag in plan.tags for operation in tag.operations if operation.body]
    once = {
        each.operation_id: {content.exact for content in each.body.contents}
        for each in operations
        if each.body
    }
    assert {name for name, exact in once.items() if exact == {True}} == VALIDATED_ONCE
    twice = {name for name, exact in once.items() if exact == {False}}
    assert twice == VALIDATED_TWICE
    contents = [content for each in operations if each.body for content in each.body.contents]
    reasons = {place for each in contents if each.schema for place in omitted(plan.document, each.schema)}
    assert reasons == {"/components/schemas/Email/format"}


@pytest.mark.parametrize("name", INEXACT)
def test_what_a_model_does_not_enforce(tmp_path: Path, name: str) -> None:
    schema, expected = INEXACT[name]
    document = contract()
    document["components"]["schemas"]["Extra"] = schema
    place = "/components/schemas/Extra"
    found = {
        each.removeprefix(place) for each in omitted(normal_form(read_document(tmp_path, document)), place)
    }
    assert found == expected


class RandomSchemas:
    """Random schemas that models enforce, and values at and beyond each of their bounds."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)

    def schema(self, depth: int) -> Any:
        makers: list[Callable[[int], dict[str, Any]]] = [self._string, self._number, self._boolean]
        makers += [self._enum, self._anything]
        makers += [self._array, self._object, self._object] if depth else []
        made = self.source.choice(makers)(depth)
        if "type" in made and "enum" not in made and "const" not in made and self.source.random() < 0.2:
            made["type"] = [made["type"], "null"]
        return made

    def _some(self, **keywords: Any) -> dict[str, Any]:
        return {name: value for name, value in keywords.items() if self.source.random() < 0.5}

    def _string(self, _: int) -> dict[str, Any]:
        least = self.source.randint(0, 3)
        pattern = self.source.choice(["^[ab]", "b|c", r"\d"])
        return TEXT | self._some(
            minLength=least, maxLength=least + self.source.randint(0, 2), pattern=pattern, format="password"
        )

    def _number(self, _: int) -> dict[str, Any]:
        kind = self.source.choice(["integer", "number"])
        low = self.source.randint(-3, 3) + (0.5 if kind == "number" else 0)
        return {"type": kind} | self._some(
            minimum=low, exclusiveMinimum=low - 1, maximum=low + 2, exclusiveMaximum=low + 2
        )

    def _boolean(self, _: int) -> dict[str, Any]:
        return {"type": "boolean"}

    def _enum(self, _: int) -> dict[str, Any]:
        return TEXT | ({"enum": ["a", "b", "a"]} if self.source.random() < 0.5 else {"const": "a"})

    def _anything(self, _: int) -> dict[str, Any]:
        return {}

    def _array(self, depth: int) -> dict[str, Any]:
        return {"type": "array"} | self._some(items=self.schema(depth - 1), minItems=1, maxItems=2)

    def _object(self, depth: int) -> dict[str, Any]:
        names = self.source.sample(["a", "b", "in", "model_config", "x-y"], 3)
        properties = {name: self.schema(depth - 1) for name in names}
        closed = self._some(additionalProperties=self.source.choice([True, False]))
        return {"type": "object", "properties": properties, "required": names[:1]} | closed

    def values(self, schema: Any) -> list[Any]:
        """Values of every type, and those near the bounds; some are valid and some are not."""
        found: list[Any] = [None, True, 0, 1.5, "a", "", [], {}]
        for keyword in ("minLength", "maxLength"):
            if keyword in schema:
                found += [(letter * 9)[: schema[keyword] + step] for step in (-1, 0, 1) for letter in "b1é"]
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if keyword in schema:
                found += [schema[keyword] + step for step in (-1, -0.5, 0, 0.5, 1.0)]
        found += [*schema.get("enum", []), "b", "c", "5"]
        if "items" in schema:
            items = self.source.choices(self.values(schema["items"]), k=6)
            found += [[each] for each in items] + [items[:2], items[:3]]
        found += self._objects(schema) if "properties" in schema else []
        return found

    def _objects(self, schema: Any) -> list[Any]:
        candidates = {name: self.values(each) for name, each in schema["properties"].items()}
        found: list[Any] = []
        for _ in range(12):
            whole = {name: self._valid(schema["properties"][name], each) for name, each in candidates.items()}
            name = self.source.choice(list(candidates))
            found += [whole, whole | {name: self.source.choice(candidates[name])}, whole | {"more": 1}]
            found.append({each: whole[each] for each in whole if each != name})
        return found

    def _valid(self, schema: Any, candidates: list[Any]) -> Any:
        validator = jsonschema.Draft202012Validator(schema)
        return self.source.choice([each for each in candidates if validator.is_valid(each)] or [None])


@pytest.mark.parametrize("seed", range(2))
def test_a_model_that_is_exact_decides_as_a_foreign_validator_does(tmp_path: Path, seed: int) -> None:
    made = RandomSchemas(seed)
    schemas = {f"Body{number}": made.schema(3) for number in range(60)}
    document = contract()
    document["components"]["schemas"] |= schemas
    for name in schemas:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        responses = {"204": {"description": "Valid."}}
        operation = {
            "operationId": f"check_{name}",
            "requestBody": {"content": content},
            "responses": responses,
        }
        document["paths"][f"/{name}"] = {"post": operation}
    read = read_document(tmp_path, document)
    normal = normal_form(read)
    package = import_package(f"exact_{seed}", write_package(read, tmp_path / f"exact_{seed}"))
    known = Schemas(normal.value)
    wrong: list[Any] = []
    decided = {True: 0, False: 0}
    for name, schema in schemas.items():
        assert is_exact(normal, f"/components/schemas/{name}"), schema
        model = getattr(package.models, f"{name}Root", None) or getattr(package.models, name, None)
        if model is None:
            assert schema == {}, schema
            continue
        pointer = f"/components/schemas/{name}"
        body = JsonBody("application/json", model, known, schema=pointer, max_bytes=1, model_is_exact=True)
        validator = jsonschema.Draft202012Validator(schema)
        for value in made.values(schema):
            valid = validator.is_valid(value)
            decided[valid] += 1
            if _admits(body, value) != valid:
                wrong.append((schema, value))
    assert wrong == []
    assert min(decided.values()) > 300


def _admits(body: JsonBody[Any], value: Any) -> bool:
    try:
        body.parse(json.dumps(value).encode())
    except Refusal:
        return False
    return True
