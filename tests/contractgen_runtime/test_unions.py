"""A property that tells subschemas apart decides a union, and no value is judged otherwise by that."""

from time import process_time
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, TypeAdapter

from contractgen_runtime.schemas import Schemas
from contractgen_runtime.unions import TaggedUnion, with_tags

_REFERENCE = "#/components/schemas/"
_WORDS = ("and", "or", "not", "maybe")


def _filter(kind: Any, **more: Any) -> dict[str, Any]:
    """Return an object with filters within it."""
    return {
        "type": "object",
        "required": ["filters", "kind"],
        "properties": {"filters": {"type": "array", "items": {"$ref": f"{_REFERENCE}Filter"}}, "kind": kind},
        **more,
    }


def _contract(union: str = "oneOf", **changed: Any) -> dict[str, Any]:
    filters = {word: _filter({"type": "string", "enum": [word]}) for word in _WORDS} | changed
    branches = [{"$ref": f"{_REFERENCE}{word}"} for word in filters if word not in ("Kind", "Other")]
    return {"components": {"schemas": {"Filter": {union: branches}, **filters}}}


def _nested(depth: int, innermost: Any) -> dict[str, Any]:
    inner = _nested(depth - 1, innermost) if depth else innermost
    return {"kind": _WORDS[depth % len(_WORDS)], "filters": [inner]}


CHANGES: dict[str, tuple[dict[str, Any], bool]] = {
    "as it is": ({}, True),
    "a constant": ({"and": _filter({"const": "and"})}, True),
    "two values": ({"and": _filter({"enum": ["and", "both"]})}, True),
    "a reference": (
        {"and": _filter({"$ref": f"{_REFERENCE}Kind"}), "Kind": {"type": "string", "enum": ["and"]}},
        True,
    ),
    "integers": ({word: _filter({"const": number}) for number, word in enumerate(_WORDS)}, True),
    "booleans": ({word: _filter({"const": word == "and"}) for word in _WORDS[:2]}, True),
    "true and 1": (
        {"and": _filter({"const": True}), "or": _filter({"const": 1}), "not": _filter(True)},
        False,
    ),
    "beside a text": ({"text": {"type": "string"}}, True),
    "beside an array": ({"list": {"type": "array", "items": {"$ref": f"{_REFERENCE}Filter"}}}, True),
    "beside another object": ({"open": {"type": "object", "required": ["filters"]}}, True),
    "composed": ({"and": {"allOf": [_filter({"type": "string"}), _filter({"const": "and"})]}}, True),
    "described": (
        {"and": {"$ref": f"{_REFERENCE}Other", "title": "a"}, "Other": _filter({"const": "and"})},
        True,
    ),
    "a value of another": ({"and": _filter({"enum": ["and", "or"]})}, False),
    "no enum": ({"and": _filter({"type": "string"})}, True),
    "null": ({"and": _filter({"enum": ["and", None]})}, True),
    "not required": ({"and": _filter({"const": "and"}, required=["filters"])}, True),
    "any type": ({"and": {k: v for k, v in _filter({"const": "and"}).items() if k != "type"}}, True),
    "a subschema by its place": (
        {"Other": {"properties": {"a": {"$ref": f"{_REFERENCE}Filter/oneOf/0"}}}},
        False,
    ),
}
VALUES: list[Any] = [
    {"kind": "and", "filters": []},
    {"kind": "both", "filters": [{"kind": "or", "filters": []}]},
    {"kind": "or", "filters": []},
    {"kind": "or", "filters": [{"kind": "none", "filters": []}]},
    {"kind": None, "filters": []},
    {"filters": []},
    {"kind": "not"},
    {"kind": 0, "filters": [{"kind": 1.0, "filters": []}]},
    {"kind": True, "filters": [{"kind": False, "filters": []}]},
    {"kind": "or", "filters": ["maybe", ["not"], [{"kind": "or", "filters": []}]]},
    {"kind": "none", "filters": []},
    {},
    None,
    "and",
    [{"kind": "and", "filters": []}],
]


@pytest.mark.parametrize("union", ["oneOf", "anyOf"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_tag_changes_no_verdict(change: str, union: str) -> None:
    changed, is_tagged = CHANGES[change]
    document = _contract(union, **changed)
    if union == "anyOf" and change == "a subschema by its place":
        document["components"]["schemas"]["Other"]["properties"]["a"]["$ref"] = f"{_REFERENCE}Filter/anyOf/0"
    assert (with_tags(document) is not document) is is_tagged
    foreign = Draft202012Validator({**document, "$ref": f"{_REFERENCE}Filter"})
    schemas = Schemas(document)
    for value in VALUES:
        assert bool(schemas.violations("/components/schemas/Filter", value, "body")) is not foreign.is_valid(
            value
        ), value


def test_a_schema_within_itself_says_nothing_more() -> None:
    itself: dict[str, Any] = {"and": {"allOf": [{"$ref": f"{_REFERENCE}and"}]}}
    document = _contract(**itself)
    union = with_tags(document)["components"]["schemas"]["Filter"]["oneOf"]
    assert [{"$ref": f"{_REFERENCE}and"}] == union[1:]


def test_unions_within_unions_are_rejected_at_their_place() -> None:
    """Without tags, each level takes four times as long, 7 levels 14 s."""
    depth = 7
    schemas = Schemas(_contract())
    begun = process_time()
    found = schemas.violations("/components/schemas/Filter", _nested(depth, {"kind": "?"}), "body")
    assert process_time() - begun < 5
    place = "/filters/0" * (depth + 1)
    assert {each["pointer"]: each["detail"] for each in map(dict, found)} == {
        f"{place}/kind": 'Value should be one of "and", "or", "not", "maybe"',
    }


def test_a_subschema_of_a_tagged_union_can_be_asked_for() -> None:
    schemas = Schemas(_contract())
    validator = schemas.validator("/components/schemas/Filter/oneOf/1")
    assert validator.is_valid({"kind": "or", "filters": []})
    assert not validator.is_valid({"kind": "and", "filters": []})


class _And(BaseModel):
    kind_: Annotated[Literal["and"], Field(alias="kind")]


class _Or(BaseModel):
    kind_: Annotated[Literal["or", "either"], Field(alias="kind")]


_UNION: TypeAdapter[_And | _Or] = TypeAdapter(
    Annotated[_And | _Or, TaggedUnion("kind", (("and",), ("or", "either")), name="kind_")]
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"kind": "and"}', _And),
        ('{"kind": "either"}', _Or),
        ('{"kind_": "and", "kind": "or"}', _Or),
        ('{"kind": "or", "kind_": "and"}', _Or),
    ],
)
def test_the_class_of_a_tag(text: str, kind: type[BaseModel]) -> None:
    value = _UNION.validate_json(text, strict=True)
    assert type(value) is kind
    assert _UNION.validate_python(value) is value
    assert _UNION.validate_json(_UNION.dump_json(value, by_alias=True)) == value


@pytest.mark.parametrize("text", ['{"kind": "not"}', "{}", "null", '{"kind_": "and"}'])
def test_a_value_without_a_class(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        _UNION.validate_json(text, strict=True)
