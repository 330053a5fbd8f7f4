"""The verdict on what schemathesis could not test."""

from pathlib import Path

import pytest

from contractgen.fuzz.events import Events
from contractgen.fuzz.explained import Explanations
from contractgen.fuzz.verdict import verdict
from tests.contractgen.fuzz.failures import explanations
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

UNSENDABLE = "from examples for this API operation because of some header examples are invalid: "


@pytest.mark.parametrize(
    ("text", "tested", "explained"),
    [
        ("Too many generated examples are filtered out for this operation", True, True),
        ("Too many generated examples are filtered out for this operation", False, False),
        ("Unsupported type: 'Binary'", True, True),
        ("Unsupported type: 'Binary'", False, False),
        ("It can never generate a value, because min_size is larger than Hypothesis supports.", True, True),
        ("It can never generate a value, because min_size is larger than Hypothesis supports.", False, False),
        ("Schema error", True, False),
    ],
)
def test_values_that_schemathesis_cannot_make(
    text: str, tested: bool, explained: bool, tmp_path: Path
) -> None:
    events = Events(errors={"POST /notes": text}, statuses={"POST /notes": {201}} if tested else {})
    document = read_document(tmp_path, contract())
    result = verdict(document, events, Explanations(document, []), [])
    assert (len(result.findings), len(result.explained)) == (int(not explained), int(explained))
    assert result.erring == (frozenset() if explained else {"POST /notes"})


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("invalid link definitions: POST /notes -> [201] a -> b - Operation 'gone' not found", True),
        ("Operation 'gone' not found Operation 'lost' not found", False),
        ("a -> b - Expression `$request.path.x` references non-existent path parameter `x` in `P`", True),
        ("a -> b - Expression `$request.path.y` references non-existent path parameter `y` in `P`", False),
        ("a -> b - Parameter `z` is not defined in API operation `GET /notes/{note_id}`", True),
        ("a -> b - Parameter `z` is not defined in API operation `GET /` - something else", False),
        ("conflicts with `additionalProperties: false` at /components/schemas/Closed", True),
        ("conflicts with `additionalProperties: false` at /components/schemas/Note", False),
        ("the schema at /components/schemas/Split/allOf/0 conflicts with the schema at /a", True),
        ("the schema at /a conflicts with the schema at /components/schemas/Split/allOf/0", True),
        ("the schema at /a conflicts with the schema at /components/schemas/Split/allOf/1", False),
        (UNSENDABLE + "- 'X-Lines'='a\\nb' Ensure the header examples comply with RFC 7230", True),
        (UNSENDABLE + "- 'X-Lines'='a\\n' - 'X-Named'=\"it's \\u4e00\" Ensure", True),
        (UNSENDABLE + "- 'X-Lines'='a\\n' - 'X-Fine'='b' Ensure the header", False),
        ("something else", False),
    ],
)
def test_what_keeps_schemathesis_from_testing(text: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    parameters = {"note_id": "$request.path.x", "z": "1"}
    links = {"a": {"operationId": "gone"}, "b": {"operationId": "get_note", "parameters": parameters}}
    document["components"]["links"] = links
    document["paths"]["/notes"]["post"]["responses"]["201"]["links"] = links
    parameter = {"in": "header", "schema": {"type": "string"}}
    document["components"]["parameters"] = {
        "Lines": {**parameter, "name": "X-Lines", "schema": {"type": "string", "example": "a\nb"}},
        "Named": {**parameter, "name": "X-Named", "examples": {"it": {"value": "it's \u4e00"}}},
        "Fine": {**parameter, "name": "X-Fine", "example": "b "},
    }
    part = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    closed = {"type": "object", "additionalProperties": False, "allOf": [part]}
    document["components"]["schemas"]["Closed"] = closed
    parts = [{"type": "object", "additionalProperties": False}, {"type": "object", "required": ["a"]}]
    document["components"]["schemas"]["Split"] = {"allOf": parts}
    found = explanations(tmp_path, document)
    result = verdict(read_document(tmp_path, document), Events(errors={"POST /notes": text}), found, [])
    assert (len(result.findings), len(result.explained)) == (int(not explained), int(explained))
