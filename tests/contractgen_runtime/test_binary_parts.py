"""Parts of bytes, wherever the schema of a multipart body says that there may be some."""

from typing import Any

import pytest

from tests.contractgen.parts import FILE, TYPE, of, part, whole
from tests.contractgen.putting import ServeBody
from tests.tiers import slow

pytestmark = slow  # A package is generated for each of the schemas.

BYTES = bytes([0, 255, 254, 128])
OCTETS = "Content-Type: application/octet-stream"
PNG = {"contentMediaType": "image/png"}


def body(**properties: Any) -> Any:
    return {"type": "object", "properties": properties}


# A schema of a body whose property `f_1` is a file.
SCHEMAS: dict[str, Any] = {
    "format binary": body(f_1=FILE),
    "contentEncoding binary": body(f_1={"type": "string", "contentEncoding": "binary"}),
    "contentMediaType": body(f_1={"type": "string", **PNG}),
    "contentMediaType without a type": body(f_1=PNG),
    "nothing said": body(f_1={}),
    "nothing but prose": body(f_1={"description": "A file."}),
    "true": body(f_1=True),
    "no properties": {"type": "object"},
    "null beside it": body(f_1={"type": ["string", "null"], "format": "binary"}),
    "anyOf": body(f_1={"anyOf": [FILE, {"type": "null"}]}),
    "oneOf": body(f_1={"oneOf": [FILE, {"type": "integer"}]}),
    "allOf": body(f_1={"allOf": [FILE, {"maxLength": 9}]}),
    "patternProperties": {"type": "object", "patternProperties": {"^f_": FILE}},
    "patternProperties, closed": {
        "type": "object",
        "patternProperties": {"^f_": FILE},
        "additionalProperties": False,
    },
    "patternProperties of anything": {"type": "object", "patternProperties": {"^f_": {}}},
    "patternProperties of another name beside": {
        "type": "object",
        "patternProperties": {"^n": {"type": "integer"}, "_1$": FILE},
    },
    "additionalProperties": {"type": "object", "additionalProperties": FILE},
    "unevaluatedProperties": {"type": "object", "unevaluatedProperties": FILE},
    "properties in allOf": {"allOf": [body(f_1=FILE), body(n={"type": "integer"})]},
    "properties in anyOf": {"anyOf": [body(f_1=FILE), body(g=FILE)]},
    "properties in oneOf": {
        "type": "object",
        "oneOf": [body(f_1=FILE) | {"required": ["f_1"]}, {"required": ["g"]}],
    },
    "patternProperties in allOf": {"allOf": [{"type": "object", "patternProperties": {"^f_": FILE}}]},
    "then": {"type": "object", "if": {}, "then": body(f_1=FILE)},
    "dependentSchemas": {"type": "object", "dependentSchemas": {"f_1": body(f_1=FILE)}},
}
LISTS: dict[str, Any] = {
    "items": body(f_1={"type": "array", "items": FILE}),
    "items of anything": body(f_1={"type": "array", "items": {}}),
    "no items": body(f_1={"type": "array"}),
    "items of a media type": body(f_1={"type": "array", "items": PNG}),
    "patternProperties of lists": {
        "type": "object",
        "patternProperties": {"^f_": {"type": "array", "items": FILE}},
    },
    "additionalProperties of lists": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": FILE},
    },
    "prefixItems": body(f_1={"type": "array", "prefixItems": [FILE, FILE]}),
}


def sent(received: Any) -> Any:
    value = getattr(received, "root", received)
    return value["f_1"] if isinstance(value, dict) else value.f_1


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_part_of_bytes(serve_body: ServeBody, name: str) -> None:
    put = serve_body(of(SCHEMAS[name]))
    file = sent(await put.received(whole(part("f_1", BYTES, OCTETS, filename="f")), TYPE))
    assert (file.filename, file.media_type, file.size) == ("f", "application/octet-stream", 4)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("count", [1, 2])
async def test_parts_of_bytes(serve_body: ServeBody, name: str, count: int) -> None:
    put = serve_body(of(LISTS[name]))
    raw = whole(*[part("f_1", BYTES, OCTETS, filename="f")] * count)
    assert [file.size for file in sent(await put.received(raw, TYPE))] == [4] * count


@pytest.mark.parametrize(
    ("headers", "data", "is_file"),
    [
        ([], b"text", False),
        ([], BYTES, True),
        (["Content-Type: text/plain"], b"text", False),
        (["Content-Type: image/png"], b"text", True),
        ([OCTETS], b"text", True),
        (["Content-Type: application/xml"], b"<a/>", False),
    ],
)
async def test_a_part_of_which_nothing_is_said_is_what_it_comes_as(
    serve_body: ServeBody, headers: list[str], data: bytes, is_file: bool
) -> None:
    put = serve_body(of(body(f_1={})))
    value = sent(await put.received(whole(part("f_1", data, *headers)), TYPE))
    assert getattr(value, "size", None) == (len(data) if is_file else None)
    assert is_file or value == data.decode()


@pytest.mark.parametrize("openapi", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("schema", [{}, {"type": "string"}, {"type": "string", "maxLength": 4}])
async def test_a_media_type_of_the_encoding_makes_a_file(
    serve_body: ServeBody, openapi: str, schema: Any
) -> None:
    encoding = {"f_1": {"contentType": "image/png, image/jpeg"}}
    reference = {"$ref": "#/components/schemas/Form"}
    for each in (body(f_1=schema), reference):
        put = serve_body(of(each, encoding=encoding), schemas={"Form": body(f_1=schema)}, openapi=openapi)
        file = sent(await put.received(whole(part("f_1", BYTES)), TYPE))
        assert (file.size, file.media_type) == (4, "image/png")
        assert await put.refused(whole(part("f_1", BYTES, "Content-Type: image/gif")), TYPE) == ["/f_1"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "format": "byte"},
        {"type": "string", "contentEncoding": "base64", **PNG},
        {"contentEncoding": "base64"},
        {"type": "string", "contentMediaType": "text/csv"},
        {"enum": ["a"]},
        {"type": "integer"},
        {"type": "array", "items": {"type": "string"}},
    ],
)
async def test_a_part_that_is_text_is_no_file(serve_body: ServeBody, schema: Any) -> None:
    put = serve_body(of(body(f_1=schema)))
    assert await put.refused(whole(part("f_1", BYTES, OCTETS, filename="f")), TYPE) == ["/f_1"]


@pytest.mark.parametrize("keyword", ["patternProperties", "additionalProperties"])
async def test_the_lengths_of_files_without_a_name(serve_body: ServeBody, keyword: str) -> None:
    file = {**FILE, "minLength": 2, "maxLength": 4}
    put = serve_body(of({"type": "object", keyword: {"^f": file} if keyword.startswith("pattern") else file}))
    assert sent(await put.received(whole(part("f_1", BYTES)), TYPE)).size == 4
    for wrong in (b"x", b"x" * 5):
        assert await put.refused(whole(part("f_1", wrong)), TYPE) == ["/f_1"]


async def test_binary_parts_of_openapi_30(serve_body: ServeBody) -> None:
    schema = {
        "type": "object",
        "properties": {"f_1": {**FILE, "nullable": True}},
        "additionalProperties": FILE,
    }
    put = serve_body(of(schema), openapi="3.0.3")
    received = await put.received(whole(part("f_1", BYTES), part("g", BYTES)), TYPE)
    assert (received.f_1.size, received.g.size) == (4, 4)


@pytest.mark.parametrize("schema", [body(f_1={}), body(f_1={"type": "array", "items": {}})])
async def test_a_part_that_may_be_a_file_may_be_as_large_as_one(serve_body: ServeBody, schema: Any) -> None:
    put = serve_body(of(schema))
    assert await put.status(whole(part("f_1", b"\xff" * 1_000_000, OCTETS, filename="f")), TYPE) == 204
