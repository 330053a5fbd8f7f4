"""schemathesis makes the example of a schema once."""

from typing import Any

import pytest
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi import examples

from contractgen.fuzz import program


@pytest.fixture
def made() -> list[Any]:
    """The schemas that an example was made of."""
    return []


def test_an_example_of_a_schema_is_made_once(made: list[Any]) -> None:
    def make(schema: Any, _: str) -> Any:
        made.append(schema)
        return {"ids": [len(made)]}

    make_once = program.once(make)
    schema = {"$ref": "#/x-bundled/schema1"}
    bundled: dict[str, Any] = {"schema1": {}}
    other = {**bundled}
    first = make_once({**schema, "x-bundled": bundled}, "draft")
    first["ids"].append(0)
    assert make_once({**schema, "x-bundled": bundled}, "draft") == {"ids": [1]}
    assert make_once({**schema, "x-bundled": other}, "draft") == {"ids": [2]}
    assert make_once(True, "draft") == make_once(True, "draft") == {"ids": [3]}
    assert len(made) == 3


def test_no_example_is_none_of_its_own() -> None:
    """schemathesis compares it by identity."""
    assert program.once(lambda _: NOT_SET)({}) is NOT_SET


def test_schemathesis_makes_examples_by_a_function_of_this_name() -> None:
    assert callable(getattr(examples, program.MAKE))
