"""Unions whose classes have values of their own for a property are decided by it, within one another too."""

import json
from time import process_time
from typing import Any

import pytest

from contractgen.models.unions import with_tagged_unions
from contractgen.verify.foreign.judge import Judge
from contractgen.verify.foreign.raw import RawContract
from tests.contractgen.packages import package_of, read_document
from tests.contractgen.verify.judging import with_schemas

_WORDS = ("and", "or", "not", "maybe")
_FILTER: Any = {"$ref": "#/components/schemas/Filter"}


def _document() -> dict[str, Any]:
    """Return a contract of filters within filters; the property that decides comes after them."""
    schemas: dict[str, Any] = {
        word: {
            "type": "object",
            "required": ["subFilters", "filterKind"],
            "properties": {
                "subFilters": {"type": "array", "items": _FILTER},
                "filterKind": {"type": "string", "enum": [word]},
            },
        }
        for word in _WORDS
    }
    union = {"oneOf": [{"$ref": f"#/components/schemas/{word}"} for word in _WORDS]}
    search = {"type": "object", "properties": {"where": {"anyOf": [_FILTER, {"type": "null"}]}}}
    return with_schemas({"Search": search}, Filter=union, **schemas)


def _nested(depth: int, innermost: Any) -> dict[str, Any]:
    inner = _nested(depth - 1, innermost) if depth else innermost
    return {"filterKind": _WORDS[depth % len(_WORDS)], "subFilters": [inner]}


def test_the_model_of_unions_within_unions() -> None:
    """Without tags, each level takes four times as long."""
    model = package_of(_document()).models.Search
    text = json.dumps({"where": _nested(12, {"filterKind": "or", "subFilters": []})})
    begun = process_time()
    search = model.model_validate_json(text, strict=True)
    assert process_time() - begun < 5
    assert type(search.where).__name__ == "And"
    assert json.loads(search.model_dump_json(by_alias=True)) == json.loads(text)
    assert model.model_validate_json('{"where": null}').where is None
    with pytest.raises(ValueError, match="tag"):
        model.model_validate_json('{"where": {"filterKind": "none", "subFilters": []}}')


def test_the_model_of_unions_with_a_text_within_unions() -> None:
    document = _document()
    document["components"]["schemas"]["Filter"]["oneOf"] += [{"type": "string"}]
    model = package_of(document).models.Search
    text = json.dumps({"where": _nested(12, "last")})
    begun = process_time()
    search = model.model_validate_json(text, strict=True)
    assert process_time() - begun < 5
    assert json.loads(search.model_dump_json(by_alias=True)) == json.loads(text)
    assert model.model_validate_json('{"where": "all"}').where == "all"


def test_the_foreign_verdict_of_unions_within_unions(tmp_path: Any) -> None:
    """`new` judges the requests that it makes: 6 levels took 14 s."""
    raw = RawContract(read_document(tmp_path, _document()))
    judge = Judge(raw, "request")
    place = (raw.root.below("components", "schemas", "Search"),)
    begun = process_time()
    assert judge.admits(place, {"where": _nested(6, {"filterKind": "or", "subFilters": []})})
    assert not judge.admits(place, {"where": _nested(6, {"filterKind": "none", "subFilters": []})})
    assert process_time() - begun < 5


_CLASSES = """from __future__ import annotations
Kind: TypeAlias = Literal["c"]
class A(BaseModel):
    kind: Annotated[Literal["a"], Field(alias="kind")]
class B(BaseModel):
    kind: Literal["b", "bb"]
    note: Annotated[str, Field(description="A | B")]
class C(BaseModel):
    kind: Kind
class Inherits(B):
    more: str
class Other(BaseModel):
    kind: Literal["a"]
class Optional(BaseModel):
    kind: Literal["o"] | MISSING = MISSING
class Renamed(BaseModel):
    kind: Annotated[Literal["r"], Field(alias="Kind")]
class Number(BaseModel):
    kind: Literal[1]
class Yes(BaseModel):
    kind: Literal[True]
class Holder(BaseModel):
    field: {}
"""


@pytest.mark.parametrize(
    ("union", "tagged"),
    [
        ("A | B", "Annotated[A | B, TaggedUnion('kind', (('a',), ('b', 'bb')))]"),
        ("list[A | B | C]", "list[Annotated[A | B | C, TaggedUnion('kind', (('a',), ('b', 'bb'), ('c',)))]]"),
        ("A | None | B", "Annotated[A | B, TaggedUnion('kind', (('a',), ('b', 'bb')))] | None"),
        ("A | Inherits", "Annotated[A | Inherits, TaggedUnion('kind', (('a',), ('b', 'bb')))]"),
        ("A | Other", None),
        ("A | Optional", None),
        ("A | Renamed", None),
        ("A | Number", "Annotated[A | Number, TaggedUnion('kind', (('a',), (1,)))]"),
        ("Number | Yes", None),
        ("A | Yes", "Annotated[A | Yes, TaggedUnion('kind', (('a',), (True,)))]"),
        ("A | B | str", "Annotated[A | B, TaggedUnion('kind', (('a',), ('b', 'bb')))] | str"),
        (
            "str | A | list[A] | B",
            "Annotated[A | B, TaggedUnion('kind', (('a',), ('b', 'bb')))] | str | list[A]",
        ),
        ("A | Optional | B", "Annotated[A | B, TaggedUnion('kind', (('a',), ('b', 'bb')))] | Optional"),
        ("A | None", None),
    ],
)
def test_the_source_of_a_union(union: str, tagged: str | None) -> None:
    assert with_tagged_unions(_CLASSES.format(union)) == _CLASSES.format(tagged or union)
