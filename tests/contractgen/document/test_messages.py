"""What is wrong with the structure of a document, in sentences that its author understands.

The mistakes are those that redocly and spectral name; each sentence says what stands there, what should, and
in the hint what to write.
"""

from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.document.load import load
from contractgen.plan.planner import make_plan
from tests.contractgen.diff.test_diff import GONE, edited
from tests.contractgen.document.test_violations import of
from tests.contractgen.packages import THING, read_document

GET, PUT = ("paths", THING, "get"), ("paths", THING, "put")
THINGS = ("components", "schemas", "Thing")
NOTE = (*THINGS, "properties", "note")
RESPONSES = (*PUT, "responses")
SCHEME = ("components", "securitySchemes", "bearerAuth")

# The place, what is put there, the message, the hint.
MISTAKES: list[tuple[tuple[Any, ...], Any, str, str]] = [
    (("info", "version"), GONE, "info has no 'version', which OpenAPI requires", ""),
    (("info", "title"), GONE, "info has no 'title', which OpenAPI requires", ""),
    (("info", "version"), 1.0, "version should be a string, not 1.0", "quote it: '1.0'"),
    (("info",), GONE, "the document has no 'info'", ""),
    (("info",), "t", "info should be an object, not 't'", ""),
    (("paths",), [], "paths should be an object, not an empty list", ""),
    (("paths", "things"), {}, "'things' is not a path", "a path begins with a slash"),
    (("paths", "/y"), None, "the path item should be an object, not null", "remove it"),
    (("path",), {}, "unknown field: 'path'", "did you mean 'paths'?"),
    (
        ("definitions",),
        {},
        "unknown field: 'definitions'",
        "OpenAPI 3 has components/schemas instead",
    ),
    (("host",), "a.b", "unknown field: 'host'", "Swagger 2.0; OpenAPI 3 has servers instead"),
    (RESPONSES, {"2xx": {"description": "x"}}, "'2xx' should be 2XX", "write 2XX"),
    (RESPONSES, {"ok": {"description": "x"}}, "'ok' is not a status", "such as '200', 2XX or default"),
    ((*RESPONSES, "204", "schema"), {}, "unknown field: 'schema'", "content, below a media type"),
    ((*RESPONSES, "204", "desciption"), "x", "'desciption'", "did you mean 'description'?"),
    ((*RESPONSES, "204"), "ok", "the response should be an object, not 'ok'", ""),
    ((*GET, "operationid"), "x", "'operationid'", "did you mean 'operationId'?"),
    ((*GET, "operationId"), 5, "operationId should be a string, not 5", "quote it: '5'"),
    ((*GET, "tags"), "a", "tags should be a list, not 'a'", "begin each item with a dash"),
    ((*GET, "parameters"), {}, "parameters should be a list, not an object", "begin each item with a dash"),
    ((*GET, "parameters", 0, "in"), "body", "in should be one of", "requestBody/content"),
    ((*GET, "parameters", 0, "in"), "formData", "not 'formData'", "requestBody/content"),
    ((*GET, "parameters", 0, "in"), "Path", "not 'Path'", "did you mean 'path'?"),
    ((*GET, "parameters", 0, "name"), GONE, "the parameter has no 'name', which OpenAPI requires", ""),
    ((*GET, "parameters", 0, "schema"), GONE, "neither 'schema' nor 'content'", "the empty schema {}"),
    ((*GET, "parameters", 0, "content"), {"a/b": {}}, "has both 'schema' and 'content'", "keep one of them"),
    ((*GET, "parameters", 0, "type"), "string", "'type'", "put 'type' into `schema`"),
    ((*GET, "parameters", 0, "required"), "true", "true or false, not 'true'", "without quotation marks"),
    ((*GET, "consumes"), ["a/b"], "'consumes'", "the media types of requestBody/content"),
    (
        (*PUT[:2], "PUT"),
        {},
        "the path item has an unknown field: 'PUT'",
        "did you mean 'put'?",
    ),
    ((*PUT, "requestBody", "content"), GONE, "the request body has no 'content'", ""),
    ((*PUT, "requestBody", "content", "a/b"), {"type": "object"}, "'type'", "put the schema into `schema`"),
    ((*NOTE, "type"), "String", "'String' is not a type", "did you mean 'string'?"),
    ((*NOTE, "type"), "date", "'date' is not a type", "type: string, format: date"),
    ((*NOTE, "type"), "file", "'file' is not a type", "type: string, format: binary"),
    ((*NOTE, "type"), "int", "'int' is not a type", "type: integer"),
    ((*NOTE, "type"), ["string", None], "null without quotation marks", "quote it: type: [string, 'null']"),
    ((*NOTE, "type"), None, "type has no value", "write a type, or remove the keyword; null itself"),
    ((*NOTE, "required"), True, "required should be a list, not true", "beside `properties`"),
    ((*THINGS, "properties"), ["a"], "properties should be an object, not a list", ""),
    (NOTE, "string", "note should be a schema, not 'string'", ""),
    ((*NOTE, "maxLength"), "5", "maxLength should be an integer, not '5'", "without quotation marks"),
    ((*NOTE, "maxLength"), -1, "maxLength should be at least 0, not -1", ""),
    ((*NOTE, "multipleOf"), 0, "multipleOf should be greater than 0, not 0", ""),
    ((*NOTE, "items"), [], "items should be a schema, not an empty list", ""),
    ((*NOTE, "oneOf"), [], "oneOf is empty", ""),
    ((*NOTE, "enum"), "a", "enum should be a list, not 'a'", ""),
    ((*NOTE, "discriminator"), "kind", "discriminator should be an object", "{propertyName: kind}"),
    ((*NOTE, "discriminator"), {}, "discriminator has no 'propertyName', which OpenAPI requires", ""),
    ((*THINGS, "required"), ["name", "name"], "required has a value twice", ""),
    (
        ("components", "schema"),
        {},
        "components has an unknown field: 'schema'",
        "'schemas'?",
    ),
    ((*SCHEME, "type"), "bearer", "not 'bearer'", "type: http, scheme: bearer"),
    ((*SCHEME, "type"), "basic", "not 'basic'", "type: http, scheme: basic"),
    ((*SCHEME, "scheme"), GONE, "the security scheme has no 'scheme', which OpenAPI requires", ""),
    ((*GET, "security"), {"bearerAuth": []}, "security should be a list, not an object", "with a dash"),
    (("servers",), "/v1", "servers should be a list, not '/v1'", "with a dash"),
    (("servers",), [{}], "servers[0] has no 'url', which OpenAPI requires", ""),
    (("tags",), ["a"], "tags[0] should be an object, not 'a'", ""),
]


def told(tmp_path: Path, document: Any) -> list[tuple[str, str]]:
    try:
        found = [*make_plan(read_document(tmp_path, document)).warnings]
    except ContractError as error:
        found = error.findings
    return [(each.message, each.hint) for each in found]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    ("place", "value", "message", "hint"), MISTAKES, ids=[f"{each[0][-1]} {each[2]}" for each in MISTAKES]
)
def test_a_mistake_is_named_with_its_remedy(
    tmp_path: Path, version: str, place: tuple[Any, ...], value: Any, message: str, hint: str
) -> None:
    found = told(tmp_path, edited(place, value, of(version)))
    assert any(message in said and hint in remedy for said, remedy in found), found
    for said, _ in found:
        assert not any(
            word in said for word in ("unexpected", "valid under", "required property", "is not of")
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swagger: '2.0'\n", "is a document of Swagger 2.0, not of OpenAPI 3: convert it first"),
        (
            "openapi: 3.1\n",
            "only OpenAPI 3.0, 3.1 and 3.2 are supported: write all three numbers, such as 3.1.0",
        ),
        ("info: {}\n", "it has no field `openapi`"),
    ],
)
def test_a_document_of_another_version(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    with pytest.raises(ContractError, match=message):
        make_plan(load(path))
