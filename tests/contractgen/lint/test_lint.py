"""Each rule finds exactly its own fault, and the project's contract has none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.document.load import load
from contractgen.lint.linter import lint
from tests.contractgen.packages import THING, contract, read_document

GET = "/paths/~1things~1{thing_id}/get"
PUT = "/paths/~1things~1{thing_id}/put"
OWN = Path(__file__).parents[3] / "openapi" / "openapi.yaml"


@pytest.fixture
def flawless() -> Any:
    """The small contract, with all that the rules ask for."""
    document = contract()
    reference = {"$ref": "#/components/schemas/Thing"}
    for name in (
        "NotJson",
        "Unauthorized",
        "Forbidden",
        "TooSlow",
        "TooLarge",
        "WrongType",
        "Invalid",
        "Failed",
        "Unavailable",
    ):
        document["components"]["responses"][name] = {
            "description": name,
            "content": {"application/problem+json": {"schema": reference, "example": {"name": "a"}}},
        }
    document["components"]["responses"]["Thing"]["content"]["application/json"]["example"] = {"name": "a"}
    get, put = document["paths"][THING]["get"], document["paths"][THING]["put"]
    put["security"] = [{"bearerAuth": ["admin"]}]
    put["requestBody"]["content"]["application/json"]["examples"] = {"a": {"value": {"name": "a"}}}
    names = {
        "400": "NotJson",
        "401": "Unauthorized",
        "403": "Forbidden",
        "408": "TooSlow",
        "413": "TooLarge",
        "415": "WrongType",
    }
    for_all = {"422": "Invalid", "500": "Failed", "503": "Unavailable"}
    get["responses"] |= {s: {"$ref": f"#/components/responses/{n}"} for s, n in for_all.items()}
    put["responses"] |= {s: {"$ref": f"#/components/responses/{n}"} for s, n in (names | for_all).items()}
    return document


def findings(folder: Path, document: Any) -> list[tuple[str, str]]:
    return [(finding.pointer, finding.message) for finding in lint(read_document(folder, document))]


def test_a_flawless_contract_has_no_finding(tmp_path: Path, flawless: Any) -> None:
    assert findings(tmp_path, flawless) == []


def test_the_projects_contract_has_no_finding() -> None:
    assert lint(load(OWN)) == []
    assert main(["lint", str(OWN), "--strict"]) == 0


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (GET, "422"),
        (GET, "500"),
        (GET, "503"),
        *((PUT, s) for s in ("400", "401", "403", "408", "413", "415", "422", "500", "503")),
    ],
)
def test_an_error_that_generated_code_sends_must_be_declared(
    tmp_path: Path, flawless: Any, place: str, status: str
) -> None:
    del flawless["paths"][THING][place[-3:]]["responses"][status]
    ((pointer, message),) = findings(tmp_path, flawless)
    assert pointer == f"{place}/responses"
    assert message == f"response {status} is not declared"


def test_a_range_or_default_declares_an_error_too(tmp_path: Path, flawless: Any) -> None:
    responses = flawless["paths"][THING]["put"]["responses"]
    for status in ("400", "401", "403", "408", "413", "415", "422"):
        responses["4XX"] = responses.pop(status)
    responses["default"] = responses.pop("500")
    del responses["503"]
    found = findings(tmp_path, flawless)
    assert [message for _, message in found if "is not declared" in message] == []


@pytest.mark.parametrize("at", [THING, "/things", "/things/{id}"])
def test_what_can_be_deleted_may_not_be_found(tmp_path: Path, flawless: Any, at: str) -> None:
    get = flawless["paths"][THING]["get"]
    missing = {"404": {"description": "It is gone."}}
    deleting = {**get, "operationId": "delete_things", "responses": get["responses"] | missing}
    deleting["parameters"] = [{**each, "name": at[9:-1]} for each in get["parameters"] if at != "/things"]
    flawless["paths"].setdefault(at, {})["delete"] = deleting
    found = [each for each in findings(tmp_path, flawless) if "404" in each[1]]
    assert found == [(f"{GET}/responses", "response 404 is not declared")]


def test_a_path_is_not_deleted_by_one_that_happens_to_match_it(tmp_path: Path, flawless: Any) -> None:
    get = flawless["paths"][THING]["get"]
    responses = get["responses"] | {"404": {"description": "It is gone."}}
    deleting = {**get, "operationId": "delete_anything", "responses": responses}
    flawless["paths"]["/{thing_id}/{id}"] = {"delete": deleting}
    deleting["parameters"] = [
        {**each, "name": name} for each in get["parameters"] for name in ("thing_id", "id")
    ]
    assert [each for each in findings(tmp_path, flawless) if "404" in each[1]] == []


def test_a_list_that_a_form_must_have_cannot_be_empty_there(tmp_path: Path, flawless: Any) -> None:
    properties = {"a": {"type": "array", "maxItems": 1, "items": {"type": "boolean"}}}
    schema = {"type": "object", "required": ["a"], "properties": properties}
    content = flawless["paths"][THING]["put"]["requestBody"]["content"]
    content["application/x-www-form-urlencoded"] = {"schema": schema, "example": {"a": [True]}}
    place = f"{PUT}/requestBody/content/application~1x-www-form-urlencoded"
    message = "a form cannot carry the required array 'a' if it is empty"
    assert findings(tmp_path, flawless) == [(place, message)]
    properties["a"]["minItems"] = 1
    assert findings(tmp_path, flawless) == []


def test_document_wide_security_needs_a_401(tmp_path: Path, flawless: Any) -> None:
    flawless["security"] = [{"bearerAuth": []}]
    ((pointer, message),) = findings(tmp_path, flawless)
    assert (pointer, "401" in message) == (f"{GET}/responses", True)


def test_a_public_operation_needs_none(tmp_path: Path, flawless: Any) -> None:
    flawless["security"] = [{"bearerAuth": []}]
    flawless["paths"][THING]["get"]["security"] = []
    assert findings(tmp_path, flawless) == []


@pytest.mark.parametrize("name", ["GetThing", "get_Thing", "get-thing", "get__thing", "get_thing_"])
def test_an_operation_id_is_in_camel_case_or_snake_case(tmp_path: Path, flawless: Any, name: str) -> None:
    flawless["paths"][THING]["get"]["operationId"] = name
    assert findings(tmp_path, flawless) == [
        (f"{GET}/operationId", f"operationId {name!r} is neither in camelCase nor in snake_case")
    ]


@pytest.mark.parametrize("name", ["v2_get_thing", "getThing", "getURL", "get2ndThing"])
def test_usual_spellings_of_an_operation_id(tmp_path: Path, flawless: Any, name: str) -> None:
    flawless["paths"][THING]["get"]["operationId"] = name
    assert findings(tmp_path, flawless) == []


def test_an_operation_id_stands_once(tmp_path: Path, flawless: Any) -> None:
    flawless["paths"][THING]["get"]["operationId"] = "put_thing"
    found = findings(tmp_path, flawless)
    assert found
    assert all("put_thing" in message for _, message in found)


@pytest.mark.parametrize("success", ["202", "2XX", "302", "default"])
def test_an_operation_declares_more_than_errors(tmp_path: Path, flawless: Any, success: str) -> None:
    responses = flawless["paths"][THING]["get"]["responses"]
    del responses["200"]
    message = "operation without a success response"
    responses["101"] = {"description": "A WebSocket is no response."}
    assert findings(tmp_path, flawless) == [(f"{GET}/responses", message)]
    responses[success] = {"description": "Done."}
    assert message not in [each for _, each in findings(tmp_path, flawless)]


def _drop_body_example(document: Any) -> None:
    del document["paths"][THING]["put"]["requestBody"]["content"]["application/json"]["examples"]


def _drop_response_example(document: Any) -> None:
    del document["components"]["responses"]["Thing"]["content"]["application/json"]["example"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (_drop_body_example, f"{PUT}/requestBody/content/application~1json"),
        (_drop_response_example, "/components/responses/Thing/content/application~1json"),
    ],
)
def test_bodies_and_successes_show_an_example(
    tmp_path: Path, flawless: Any, change: Callable[[Any], None], pointer: str
) -> None:
    change(flawless)
    assert findings(tmp_path, flawless) == [(pointer, "body without example")]


@pytest.mark.parametrize(
    ("schema", "missing"),
    [
        ({"type": "string"}, ["string without maxLength"]),
        ({"type": ["string", "null"]}, ["string without maxLength"]),
        ({"type": "string", "format": "email"}, ["string without maxLength"]),
        ({"type": "string", "format": "uuid"}, []),
        ({"type": "string", "format": "date-time"}, []),
        ({"type": "string", "enum": ["a"]}, []),
        ({"type": "string", "const": "a"}, []),
        ({"type": "integer", "minimum": 0}, ["integer without maximum"]),
        ({"type": "number"}, ["number without minimum and maximum"]),
        ({"type": "array", "items": {"type": "boolean"}}, ["array without maxItems"]),
        ({"type": "boolean"}, []),
    ],
)
def test_everything_is_bounded(tmp_path: Path, flawless: Any, schema: Any, missing: list[str]) -> None:
    flawless["components"]["schemas"]["Thing"]["properties"]["extra"] = schema
    place = "/components/schemas/Thing/properties/extra"
    assert sorted(findings(tmp_path, flawless)) == [(place, message) for message in missing]


def test_bounds_are_wanted_at_any_depth(tmp_path: Path, flawless: Any) -> None:
    inner = {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}}
    flawless["components"]["schemas"]["Inner"] = inner
    flawless["components"]["schemas"]["Words"] = {"type": "array", "maxItems": 1, "items": {"type": "string"}}
    assert [pointer for pointer, _ in findings(tmp_path, flawless)] == [
        "/components/schemas/Inner/properties/a",
        "/components/schemas/Words/items",
    ]


def test_what_only_responses_have_needs_no_limit(tmp_path: Path, flawless: Any) -> None:
    text = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    flawless["components"]["schemas"]["Sent"] = text
    content = flawless["components"]["responses"]["Thing"]["content"]["application/json"]
    content |= {"schema": {"$ref": "#/components/schemas/Sent"}, "example": {}}
    assert findings(tmp_path, flawless) == []


def test_a_body_of_limited_size_needs_no_limit_of_its_strings(tmp_path: Path, flawless: Any) -> None:
    properties = {"a": {"type": "string"}, "b": {"type": "array"}, "c": {"type": "integer"}}
    flawless["components"]["schemas"]["Thing"]["properties"] |= properties
    body = flawless["paths"][THING]["put"]["requestBody"]
    assert [message.partition(" ")[0] for _, message in findings(tmp_path, flawless)] == [
        "string",
        "array",
        "integer",
    ]
    body["x-max-body-bytes"] = 1000
    ((_, message),) = findings(tmp_path, flawless)
    assert message == "integer without minimum and maximum"
    reference = {"$ref": "#/components/schemas/Thing"}
    flawless["paths"][THING]["get"]["parameters"][1] = {
        "name": "thing",
        "in": "query",
        "content": {"application/json": {"schema": reference}},
    }
    hints = [each.hint for each in lint(read_document(tmp_path, flawless)) if "integer" not in each.message]
    assert hints == ["add one", "add one"]


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"type": "string"}], "maxLength": 5},
        {"allOf": [{"type": "string"}, {"maxLength": 5}]},
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
        {"type": "integer", "format": "int64"},
        {"not": {"type": "string"}},
        {"type": "string", "readOnly": True},
    ],
)
def test_a_limit_may_stand_beside_a_schema(tmp_path: Path, flawless: Any, schema: Any) -> None:
    flawless["components"]["schemas"]["Thing"]["properties"]["extra"] = schema
    assert findings(tmp_path, flawless) == []


def test_parameters_are_bounded_too(tmp_path: Path, flawless: Any) -> None:
    del flawless["paths"][THING]["get"]["parameters"][1]["schema"]["maxLength"]
    ((pointer, message),) = findings(tmp_path, flawless)
    assert pointer.startswith(f"{GET}/parameters/1")
    assert message == "string without maxLength"


def test_a_response_component_keeps_to_one_status(tmp_path: Path, flawless: Any) -> None:
    flawless["paths"][THING]["put"]["responses"]["409"] = {"$ref": "#/components/responses/Forbidden"}
    assert findings(tmp_path, flawless) == [
        ("/components/responses/Forbidden", "response is used for the statuses 403, 409")
    ]


def test_what_generate_refuses_is_a_finding(tmp_path: Path, flawless: Any) -> None:
    flawless["components"]["schemas"]["Thing"]["properties"]["name"]["$anchor"] = "a"
    place = "/components/schemas/Thing/properties/name/$anchor"
    assert findings(tmp_path, flawless) == [(place, "the keyword '$anchor' is not supported")]


def test_a_media_type_that_no_reader_can_follow_is_named(tmp_path: Path, flawless: Any) -> None:
    content = flawless["paths"][THING]["put"]["requestBody"]["content"]
    content["application/xml"] = {**content["application/json"]}
    ((pointer, message),) = findings(tmp_path, flawless)
    assert pointer == f"{PUT}/requestBody/content/application~1xml"
    assert "a body of application/xml is rejected with 415" in message


def test_a_body_of_xml_alone_is_not_validated(tmp_path: Path, flawless: Any) -> None:
    content = flawless["paths"][THING]["put"]["requestBody"]["content"]
    content["application/xml"] = content.pop("application/json")
    assert findings(tmp_path, flawless) == [
        (
            f"{PUT}/requestBody/content/application~1xml/schema",
            "a body of application/xml is not validated: its schema has no effect",
        )
    ]


@pytest.mark.parametrize(
    "media_type", ["application/octet-stream", "image/png", "application/jwt", "application/vc+jwt"]
)
@pytest.mark.parametrize(
    ("schema", "is_told"),
    [
        ({"type": "string", "format": "binary"}, False),
        ({"type": "string", "contentMediaType": "image/png"}, False),
        ({"description": "Any bytes."}, False),
        ({"type": "string", "format": "binary", "maxLength": 9}, True),
        ({"type": "object", "required": ["name"]}, True),
    ],
)
def test_bytes_are_taken_whatever_their_schema_says(
    tmp_path: Path, flawless: Any, media_type: str, schema: Any, is_told: bool
) -> None:
    flawless["paths"][THING]["put"]["requestBody"]["content"][media_type] = {"schema": schema, "example": "a"}
    place = f"{PUT}/requestBody/content/{media_type.replace('/', '~1')}/schema"
    message = f"a body of {media_type} is not validated: its schema has no effect"
    assert findings(tmp_path, flawless) == ([(place, message)] if is_told else [])


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("*", True), ("", True), ("a", True), ("a/b c", True), ("*/*", False), ("a/b; c=d", False)],
)
def test_a_name_that_is_no_media_type(tmp_path: Path, flawless: Any, name: str, is_told: bool) -> None:
    content = flawless["components"]["responses"]["Thing"]["content"]
    content[name] = content["application/json"]
    place = f"/components/responses/Thing/content/{name.replace('/', '~1')}"
    assert findings(tmp_path, flawless) == ([(place, f"{name!r} is no media type")] if is_told else [])


RESPONSE_JSON = "/components/responses/Thing/content/application~1json"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"example": {"name": "too long"}}, f"{RESPONSE_JSON}/example"),
        (
            {"examples": {"a": {"value": {"name": "a"}}, "b": {"value": {}}}},
            f"{RESPONSE_JSON}/examples/b/value",
        ),
    ],
)
def test_an_example_keeps_to_its_schema(tmp_path: Path, flawless: Any, change: Any, pointer: str) -> None:
    content = flawless["components"]["responses"]["Thing"]["content"]["application/json"]
    content.pop("example")
    content |= change
    assert findings(tmp_path, flawless) == [(pointer, "example violates its schema")]


def test_an_example_of_a_parameter_keeps_to_its_schema(tmp_path: Path, flawless: Any) -> None:
    flawless["paths"][THING]["get"]["parameters"][1]["example"] = "too long"
    assert findings(tmp_path, flawless) == [(f"{GET}/parameters/1/example", "example violates its schema")]


def test_an_example_may_be_of_a_request_or_of_a_response(tmp_path: Path, flawless: Any) -> None:
    flawless["components"]["schemas"]["Thing"]["properties"]["id"] = {"type": "boolean", "readOnly": True}
    flawless["components"]["schemas"]["Thing"]["required"].append("id")
    assert not any("example" in message for _, message in findings(tmp_path, flawless))
