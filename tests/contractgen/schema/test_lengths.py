"""Expressions that repeat one character more often than engines permit: a smaller one, and a length."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from contractgen.mock.values import Values
from contractgen.schema.lengths import with_lengths
from contractgen.schema.normal import normal_form
from tests.contractgen.packages import contract, read_document

LONG = 1_000_000


@pytest.mark.parametrize(
    ("pattern", "beside", "expected"),
    [
        ("^a{3}$", {}, {"pattern": "^a*$", "minLength": 3, "maxLength": 3}),
        ("^a{0,2147483648}$", {}, {"pattern": "^a*$", "minLength": 0, "maxLength": 2**31}),
        (r"^0x[a-f\]]{2,}$", {}, {"pattern": r"^0x[a-f\]]*$", "minLength": 4}),
        (r"^\$.{0,7}\.$", {}, {"pattern": r"^\$.*\.$", "minLength": 2, "maxLength": 9}),
        (r"^[\s\S]{1,9}$", {"maxLength": 5}, {"pattern": r"^[\s\S]*$", "minLength": 1, "maxLength": 5}),
        (r"^\p{L}{2,9}$", {"minLength": 4}, {"pattern": r"^\p{L}*$", "minLength": 4, "maxLength": 9}),
        (
            r"^\u0041\u{1f600}\x41a{1,2}$",
            {},
            {"pattern": r"^\u0041\u{1f600}\x41a*$", "minLength": 4, "maxLength": 5},
        ),
    ],
)
def test_a_repeated_character_is_a_length(
    pattern: str, beside: dict[str, int], expected: dict[str, Any]
) -> None:
    schema = dict(beside)
    assert {"pattern": with_lengths(schema, pattern), **schema} == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "a{3}",
        "^a{3}",
        "a{3}$",
        "^(ab){3}$",
        "^a+b{3}$",
        "^a{3}b{3}$",
        "^a|b{3}$",
        "^a{4,3}$",
        r"^\ud83d\ude00a{3}$",
        r"^\ba{3}$",
    ],
)
def test_other_expressions_say_more_than_a_length(pattern: str) -> None:
    schema: dict[str, Any] = {}
    assert (with_lengths(schema, pattern), schema) == (None, {})


@pytest.mark.parametrize("pattern", ["^0x[a-f0-9]{%d}$", r"^\w{5,%d}$", "^[^<>]{0,%d}$"])
def test_the_schema_of_a_large_expression_says_the_same(tmp_path: Path, pattern: str) -> None:
    """Python's `re` has no bound of that kind, and reads these expressions as ECMA-262 does."""
    schema = {"type": "string", "pattern": pattern % LONG}
    document = contract()
    document["components"]["schemas"]["Long"] = schema
    found = normal_form(read_document(tmp_path, document)).value["components"]["schemas"]["Long"]
    for text in (
        "",
        "a",
        "0x",
        "0x" + LONG * "a",
        "0x" + (LONG - 2) * "b",
        "0x" + (LONG + 1) * "a",
        5 * "a",
        LONG * "<",
    ):
        expected = re.search(schema["pattern"], text, re.ASCII) is not None
        assert jsonschema.Draft202012Validator(found).is_valid(text) is expected, text[:10]


def test_a_mock_makes_a_value_of_a_large_expression(tmp_path: Path) -> None:
    document = contract()
    document["components"]["schemas"]["Long"] = {"type": "string", "pattern": "^[a-z]{90000}$"}
    values = Values(normal_form(read_document(tmp_path, document)), "response")
    assert len(values.make("/components/schemas/Long")) == 90_000
