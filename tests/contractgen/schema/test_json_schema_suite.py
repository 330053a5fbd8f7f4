"""Whole bodies sent to `contractgen mock`: what the JSON-Schema project's own tests once found wrong.

`json_schema_suite.py` runs all of those tests from a checkout of them.
"""

from typing import Any

from tests.contractgen.json_schema_suite import Group, wrong_decisions
from tests.tiers import slow


def group(name: str, schema: Any, *, valid: list[Any], invalid: list[Any]) -> Group:
    tests = [*((value, True) for value in valid), *((value, False) for value in invalid)]
    return Group(name, schema, tuple((repr(value), value, admitted) for value, admitted in tests))


FOUND = [
    group("true", True, valid=[None, 1, "a", [], {}], invalid=[]),
    group("false", False, valid=[], invalid=[None, 1, "a", [], {}]),
    group(
        "percent-encoded references",
        {
            "$defs": {"per%cent": {"type": "integer"}, 'qu"ote': {"type": "string"}},
            "properties": {"a": {"$ref": "#/$defs/per%25cent"}, "b": {"$ref": "#/$defs/qu%22ote"}},
        },
        valid=[{"a": 1, "b": "x"}],
        invalid=[{"a": "x"}, {"b": 1}],
    ),
    group(
        "a recursion through a union",
        {"properties": {"a": {"$ref": "#"}}, "additionalProperties": False},
        valid=[{}, {"a": {"a": 1}}, 1, None],
        invalid=[{"b": 1}, {"a": {"b": 1}}],
    ),
    group(
        "data whose members are named as keywords",
        {"enum": [{"title": "a", "description": "b"}, {"properties": {"c": 1}, "required": ["c"]}]},
        valid=[{"title": "a", "description": "b"}, {"properties": {"c": 1}, "required": ["c"]}],
        invalid=[{}, {"title": "b"}, {"properties": {}, "required": []}],
    ),
]


@slow
def test_what_the_suite_found() -> None:
    assert wrong_decisions(FOUND) == []
