"""What a rejected request is told: JSON Pointers into what was sent, and nothing of what was sent.

The oracles are the value itself, in which each pointer must lead somewhere, and a text that stands in every
value and must stand in no detail.
"""

from typing import Annotated, Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError
from pydantic_core._pydantic_core import list_all_errors

from contractgen_runtime.pointers import value_at
from contractgen_runtime.schemas import Schemas
from contractgen_runtime.violations import of_model

SENT = "Zq9Zq9"
CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
}
DOG = {
    "type": "object",
    "required": ["kind", "age"],
    "properties": {"kind": {"const": "dog"}, "age": {"type": "integer"}},
}
PET = {"oneOf": [CAT, DOG]}
A = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer"}},
    "additionalProperties": False,
}
B = {
    "type": "object",
    "required": ["b"],
    "properties": {"b": {"type": "string"}},
    "additionalProperties": False,
}


def violations(schema: Any, value: Any) -> list[tuple[str, str]]:
    found = Schemas({"S": schema}).violations("/S", value, "body")
    return [(each["pointer"], each["detail"]) for each in found]


def pointers(schema: Any, value: Any) -> list[str]:
    return [pointer for pointer, _ in violations(schema, value)]


UNIONS: dict[str, tuple[Any, Any, list[str]]] = {
    "the kind that a constant tells": (PET, {"kind": "cat", "lives": "x"}, ["/lives"]),
    "the other kind": (PET, {"kind": "dog", "age": "x", "lives": "x"}, ["/age"]),
    "no kind that there is": (PET, {"kind": "cow", "lives": 1}, ["/kind"]),
    "a kind of another type": (PET, {"kind": 5}, ["/kind"]),
    "no kind": (PET, {"lives": 1}, ["/kind"]),
    "what a kind needs": (PET, {"kind": "dog"}, ["/age"]),
    "no object": (PET, "cat", [""]),
    "by enums": (
        {"anyOf": [{"properties": {"k": {"enum": [n]}, f"p{n}": {"type": "null"}}} for n in range(3)]},
        {"k": 2, "p2": 1},
        ["/p2"],
    ),
    "the type that is right": (
        {"anyOf": [A, {"type": "array", "items": A}]},
        [{"a": 1}, {"a": "x"}],
        ["/1/a"],
    ),
    "null and another": ({"anyOf": [{"type": "null"}, A]}, {"a": "x"}, ["/a"]),
    "no type that is right": ({"anyOf": [{"type": "null"}, A, {"type": "integer"}]}, "x", [""]),
    "the one that has the property": ({"anyOf": [A, B]}, {"b": 5}, ["/b"]),
    "none more than another": ({"anyOf": [A, A | {"required": ["a", "c"]}, B]}, {}, [""]),
    "several that are alike": ({"anyOf": [A, A]}, {"a": "x"}, ["/a"]),
    "more than one": ({"oneOf": [{"type": "object"}, {"required": ["x"]}]}, {"x": 1}, [""]),
    "a union in a union": (
        {"anyOf": [{"type": "null"}, {"anyOf": [{"type": "array"}, PET]}]},
        {"kind": "cat", "lives": "x"},
        ["/lives"],
    ),
    "unions in a list": (
        {"items": PET},
        [{"kind": "cat", "lives": 1}, {"kind": "dog", "age": "x"}],
        ["/1/age"],
    ),
    "a union below a union": (
        {"oneOf": [{"required": ["pet"], "properties": {"pet": PET}, "type": "object"}, {"type": "string"}]},
        {"pet": {"kind": "cat", "lives": None}},
        ["/pet/lives"],
    ),
    "an enum beside a bound": ({"anyOf": [{"enum": ["auto"]}, {"type": "integer", "minimum": 1}]}, 0, [""]),
    "several types": ({"type": ["string", "integer"], "maxLength": 3}, True, [""]),
    "names with / and ~": (
        {"properties": {"a/b~c": PET}},
        {"a/b~c": {"kind": "cat", "lives": "x"}},
        ["/a~1b~0c/lives"],
    ),
    "names like indexes": ({"properties": {"0": A}}, {"0": {"a": "x"}}, ["/0/a"]),
    "a name like a class": (
        {"additionalProperties": PET},
        {"Cat": {"kind": "cat", "lives": "x"}},
        ["/Cat/lives"],
    ),
}


@pytest.mark.parametrize("name", UNIONS)
def test_of_a_union_one_subschema_is_reported(name: str) -> None:
    schema, value, expected = UNIONS[name]
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid(value)
    assert pointers(schema, value) == expected


def test_what_subschemas_have_in_common_is_said_together() -> None:
    assert violations(PET, {"kind": "cow", "lives": 1}) == [("/kind", 'Value should be one of "cat", "dog"')]
    types = {"anyOf": [{"type": "null"}, A, {"type": ["integer", "null"]}]}
    assert violations(types, "x") == [("", "Value should be of type null or object or integer")]


# Every keyword: a schema, and a value that violates it, with SENT wherever the value can have a text.
KEYWORDS: dict[str, tuple[Any, Any, str]] = {
    "type": ({"type": "integer"}, SENT, ""),
    "types": ({"type": ["integer", "null"]}, SENT, ""),
    "enum": ({"enum": ["a", 1, None]}, SENT, ""),
    "const": ({"const": {"a": 1}}, {"a": SENT}, ""),
    "format": ({"format": "uuid"}, SENT, ""),
    "format date": ({"format": "date"}, SENT, ""),
    "pattern": ({"pattern": "^a"}, SENT, ""),
    "minLength": ({"minLength": 90}, SENT, ""),
    "maxLength": ({"maxLength": 1}, SENT, ""),
    "minimum": ({"minimum": 5}, 3.75, ""),
    "maximum": ({"maximum": 5}, 1234567, ""),
    "exclusiveMinimum": ({"exclusiveMinimum": 5}, 3.75, ""),
    "exclusiveMaximum": ({"exclusiveMaximum": 5}, 1234567, ""),
    "multipleOf": ({"multipleOf": 2}, 1234567, ""),
    "minItems": ({"minItems": 2}, [SENT], ""),
    "maxItems": ({"maxItems": 0}, [SENT], ""),
    "uniqueItems": ({"uniqueItems": True}, [SENT, SENT], ""),
    "items": ({"items": {"type": "integer"}}, [1, SENT], "/1"),
    "prefixItems": ({"prefixItems": [{}, {"type": "integer"}]}, [1, SENT], "/1"),
    "items: false": ({"prefixItems": [{}], "items": False}, [1, SENT], "/1"),
    "contains": ({"contains": {"type": "integer"}}, [SENT], ""),
    "maxContains": ({"contains": {"type": "string"}, "maxContains": 1}, [SENT, SENT], ""),
    "unevaluatedItems": ({"unevaluatedItems": False}, [SENT], ""),
    "required": ({"required": ["name"]}, {SENT: 1}, "/name"),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": SENT}, "/b"),
    "minProperties": ({"minProperties": 2}, {SENT: SENT}, ""),
    "maxProperties": ({"maxProperties": 0}, {SENT: SENT}, ""),
    "properties": ({"properties": {"a": {"type": "integer"}}}, {"a": SENT}, "/a"),
    "properties: false": ({"properties": {"a": False}}, {"a": SENT}, "/a"),
    "patternProperties": ({"patternProperties": {"^Z": {"type": "integer"}}}, {SENT: SENT}, f"/{SENT}"),
    "additionalProperties": ({"additionalProperties": {"type": "integer"}}, {SENT: SENT}, f"/{SENT}"),
    "additionalProperties: false": (
        {"properties": {"a": {}}, "additionalProperties": False},
        {SENT: SENT, "a": 1},
        f"/{SENT}",
    ),
    "additionalProperties: false alone": ({"additionalProperties": False}, {SENT: SENT}, ""),
    "unevaluatedProperties": ({"unevaluatedProperties": False}, {SENT: SENT}, f"/{SENT}"),
    "propertyNames": ({"propertyNames": {"maxLength": 2}}, {SENT: SENT}, f"/{SENT}"),
    "propertyNames enum": ({"propertyNames": {"enum": ["a"]}}, {SENT: SENT}, f"/{SENT}"),
    "not": ({"not": {"type": "string"}}, SENT, ""),
    "if, then": ({"if": {"type": "string"}, "then": {"maxLength": 1}}, SENT, ""),
    "else": ({"if": {"type": "integer"}, "else": {"maxLength": 1}}, SENT, ""),
    "allOf": ({"allOf": [{"type": "string"}, {"maxLength": 1}]}, SENT, ""),
    "anyOf": ({"anyOf": [{"maxLength": 1}, {"pattern": "^a"}]}, SENT, ""),
    "oneOf": ({"oneOf": [{"maxLength": 1}, {"pattern": "^a"}]}, SENT, ""),
    "oneOf twice": ({"oneOf": [{"type": "string"}, {}]}, SENT, ""),
    "dependentSchemas": ({"dependentSchemas": {"a": {"maxProperties": 0}}}, {"a": SENT}, ""),
    "false": ({"allOf": [False]}, SENT, ""),
}


@pytest.mark.parametrize("name", KEYWORDS)
def test_no_detail_repeats_what_was_sent(name: str) -> None:
    schema, value, expected = KEYWORDS[name]
    found = violations(schema, value)
    assert {pointer for pointer, _ in found} == {expected}
    for _, detail in found:
        assert detail.startswith(("Value ", "Item", "Property"))
        assert not any(sent in detail for sent in (SENT, "3.75", "1234567"))


def test_every_kind_of_error_is_among_the_keywords() -> None:
    """So that a new one of the validator's is noticed."""
    seen = set()
    assert [schema for schema, value, _ in KEYWORDS.values() if not violations(schema, value)] == []
    for schema, value, _ in KEYWORDS.values():
        for error in jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(value):
            seen.add(type(error.kind).__name__)
    known = {name for name in dir(jsonschema_rs.ValidationErrorKind) if name[0].isupper()}
    # Of older drafts, of options that are not used, of regular expressions that are rejected, of references
    # that lead nowhere.
    others = {"AdditionalItems", "Custom", "ContentEncoding", "ContentMediaType", "FromUtf8", "Referencing"}
    assert known - seen == others | {"BacktrackLimitExceeded", "RegexEngineFailure"}


@pytest.mark.parametrize("value", [value for _, value, _ in UNIONS.values()])
def test_pointers_lead_into_what_was_sent(value: Any) -> None:
    """All but that of a property that is missing, whose object was sent."""
    found = [each for schema, _, _ in UNIONS.values() for each in violations(schema, value)]
    assert found != []
    for pointer, detail in found:
        value_at(value, pointer.rpartition("/")[0] if detail == "Property is required" else pointer)


def test_a_thousand_errors_cost_no_more_than_a_hundred() -> None:
    assert len(violations({"items": {"type": "integer"}}, [SENT] * 1000)) == 100


def test_of_one_value_one_violation_is_reported_its_type_first() -> None:
    schema = {"properties": {"a": {"minLength": 2, "pattern": "^b", "enum": ["bc"], "type": "string"}}}
    assert pointers(schema, {"a": ""}) == ["/a"]
    assert violations(schema, {"a": None}) == [("/a", "Value should be of type string")]


def test_unions_as_deep_as_json_may_be() -> None:
    schema = {"anyOf": [{"type": "null"}, {"type": "object", "additionalProperties": {"$ref": "#/S"}}]}
    value: Any = SENT
    for _ in range(190):
        value = {"a": value}
    assert pointers(schema, value) == ["/a" * 190]


# What the model alone rejects -----------------------------------------------------------------------------


@pytest.mark.parametrize("error", list_all_errors(), ids=lambda error: error["type"])
def test_no_error_of_pydantic_repeats_what_was_sent(error: Any) -> None:
    context = {
        name: SENT if value == "" else value for name, value in (error["example_context"] or {}).items()
    }
    of_contract = {"expected": "'a'", "pattern": "^a$", "field_type": "List"}
    context |= {name: text for name, text in of_contract.items() if name in context}

    def fail(value: Any) -> Any:
        raise PydanticKnownError(error["type"], context)

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, Annotated[int, BeforeValidator(fail)]]).validate_python({"a": SENT})
    (found,) = of_model(caught.value, {"a": SENT}, "body")
    assert found["pointer"] == "/a"
    assert SENT not in found["detail"]


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lives: int


class Dog(BaseModel):
    age: int


class Owner(BaseModel):
    pets: list[Cat | Dog]


def test_names_of_classes_are_no_part_of_a_pointer() -> None:
    value = {"pets": [{"lives": 1}, {"lives": SENT, "x/y": 1}]}
    with pytest.raises(ValidationError) as caught:
        Owner.model_validate(value)
    found = of_model(caught.value, value, "body", ["a"])
    assert [each["pointer"] for each in found] == ["/a/pets/1"]
    assert all(name not in found[0]["detail"] for name in (SENT, "Cat", "Dog", "int"))
