"""A contradiction of a contract with itself is found where it stands; what only looks like one is none."""

import time
from pathlib import Path
from typing import Any

import pytest

from contractgen.lint import lint
from tests.contractgen.packages import THING, contract, read_document

EXTRA = "/components/schemas/Extra"
GET = "/paths/~1things~1{thing_id}/get"
BOTH = "nothing is both"
LISTED = "the value can never stand here"
NEEDED = "is required and not allowed"


def found(folder: Path, document: Any, message: str) -> list[str]:
    return [each.pointer for each in lint(read_document(folder, document)) if message in each.message]


@pytest.mark.parametrize(
    ("schema", "message", "places"),
    [
        ({"type": "integer", "minimum": 2, "maximum": 1}, BOTH, ["/maximum"]),
        ({"type": "number", "minimum": 1, "maximum": 1}, BOTH, []),
        ({"type": "number", "exclusiveMinimum": 1, "maximum": 1}, BOTH, ["/maximum"]),
        ({"type": "number", "minimum": 1, "exclusiveMaximum": 1}, BOTH, ["/exclusiveMaximum"]),
        ({"type": "integer", "format": "int32", "minimum": 2**31}, BOTH, ["/maximum"]),
        ({"type": "string", "minLength": 3, "maxLength": 2}, BOTH, ["/maxLength"]),
        ({"type": "array", "minItems": 3, "maxItems": 2}, BOTH, ["/maxItems"]),
        ({"type": "object", "minProperties": 3, "maxProperties": 2}, BOTH, ["/maxProperties"]),
        ({"contains": {}, "minContains": 3, "maxContains": 2}, BOTH, ["/maxContains"]),
        ({"type": "string", "enum": ["1", 1, True]}, LISTED, ["/enum/1", "/enum/2"]),
        ({"type": ["integer", "null"], "enum": [1, 1.0, 1.5, None, False]}, LISTED, ["/enum/2", "/enum/4"]),
        ({"type": "number", "enum": [1, 1.5, "1"]}, LISTED, ["/enum/2"]),
        ({"enum": [1, "a", None, [], {}, True]}, LISTED, []),
        ({"type": "object", "const": []}, LISTED, ["/const"]),
        ({"required": ["a"], "additionalProperties": False}, NEEDED, ["/required/0"]),
        ({"required": ["a", "b"], "properties": {"a": {}, "b": False}}, NEEDED, ["/required/1"]),
        ({"required": ["a"], "properties": {"b": {}}}, NEEDED, []),
        ({"required": ["a"], "additionalProperties": False, "patternProperties": {"a": {}}}, NEEDED, []),
        ({"properties": {"x": {"minItems": 1, "maxItems": 0}}}, BOTH, ["/properties/x/maxItems"]),
        ({"properties": {"minItems": {"type": "integer"}, "maxItems": {"type": "integer"}}}, BOTH, []),
    ],
)
def test_a_schema_admits_what_it_demands(
    tmp_path: Path, schema: Any, message: str, places: list[str]
) -> None:
    document = contract()
    document["components"]["schemas"]["Extra"] = schema
    assert found(tmp_path, document, message) == [EXTRA + place for place in places]


def test_a_body_is_where_http_has_one(tmp_path: Path) -> None:
    document = contract()
    get, put = document["paths"][THING]["get"], document["paths"][THING]["put"]
    get["requestBody"] = put["requestBody"]
    put["responses"]["204"]["content"] = {"text/plain": {}}
    places = [f"{GET}/requestBody", f"{GET[:-3]}put/responses/204/content"]
    assert sorted(found(tmp_path, document, "no body by HTTP")) == places


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ({"operationId": "get_thing", "parameters": {"thing_id": "1", "query.word": "a"}}, None),
        ({"operationRef": "#/paths/~1things~1{thing_id}/get", "parameters": {"word": "a"}}, None),
        ({"operationRef": "https://other.example/openapi.yaml#/paths/~1/get"}, None),
        ({"operationId": "get_things"}, "/operationId"),
        ({"operationRef": "#/paths/~1things/get"}, "/operationRef"),
        ({"operationId": "get_thing", "parameters": {"id": "1"}}, "/parameters/id"),
        ({"operationId": "get_thing", "parameters": {"path.word": "1"}}, "/parameters/path.word"),
    ],
)
def test_a_link_leads_somewhere(tmp_path: Path, link: Any, place: str | None) -> None:
    document = contract()
    document["components"]["responses"]["Thing"]["links"] = {"next": link}
    assert found(tmp_path, document, "operation") == (
        [f"/components/responses/Thing/links/next{place}"] if place else []
    )


def test_the_cost_is_linear(tmp_path: Path) -> None:
    """40 times as many schemas do not take more than 160 times as long."""

    def seconds(count: int) -> float:
        document = contract()
        schema = {"type": "object", "additionalProperties": False, "required": ["a"], "minProperties": 1}
        document["components"]["schemas"] |= {f"S{n}": schema for n in range(count)}
        read = read_document(tmp_path, document)
        begin = time.process_time()
        lint(read)
        return time.process_time() - begin

    assert seconds(2000) < 160 * seconds(50)
