"""Bodies of application/x-www-form-urlencoded, by the schema and by what the contract's encoding says."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from contractgen.document.findings import ContractError
from tests.contractgen.putting import ServeBody
from tests.tiers import slow

pytestmark = slow  # A package is generated for each form.

TYPE = "application/x-www-form-urlencoded"
INTEGER: Any = {"type": "integer"}
ADDRESS: Any = {
    "type": "object",
    "required": ["street"],
    "properties": {
        "street": {"type": "string"},
        "number": INTEGER,
        "lines": {"type": "array", "items": INTEGER},
    },
}
THING: Any = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 1, "default": 7},
        "ratio": {"type": ["number", "null"]},
        "on": {"type": "boolean"},
        "at": {"type": "string", "format": "date-time"},
        "either": {"anyOf": [INTEGER, {"type": "string", "maxLength": 3}]},
        "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "address": ADDRESS,
        "people": {"type": "array", "items": {"type": "object", "properties": {"age": INTEGER}}},
    },
}


def of(schema: Any, **more: Any) -> Any:
    return {TYPE: {"schema": schema, **more}}


async def dumped(serve_body: ServeBody, content: Any, raw: bytes | str) -> Any:
    body = raw if isinstance(raw, bytes) else raw.encode()
    return (await serve_body(content).received(body, TYPE)).model_dump(mode="json", exclude_unset=True)


async def test_what_httpx_and_browsers_send(serve_body: ServeBody) -> None:
    request = httpx.Request("PUT", "http://x/", data={"name": "é & +", "tags": ["a b", "c=d"], "on": "true"})
    put = serve_body(of(THING))
    for content_type in (request.headers["content-type"], f"{TYPE}; charset=UTF-8"):
        body = await put.received(request.read(), content_type)
        assert (type(body), body.name, body.tags, body.on) == (
            put.models.PutThingBody,
            "é & +",
            ["a b", "c=d"],
            True,
        )
        assert (body.count, body.model_fields_set) == (7, {"name", "tags", "on"})


@pytest.mark.parametrize(
    ("sent", "member", "value"),
    [
        ("count=3", "count", 3),
        ("ratio=1.5", "ratio", 1.5),
        ("ratio=", "ratio", None),
        ("at=2026-01-02T03:04:05Z", "at", "2026-01-02T03:04:05Z"),
        ("at=2026-01-02T03%3A04%3A05%2B01:00", "at", "2026-01-02T03:04:05+01:00"),
        ("either=12", "either", 12),
        ("either=1x", "either", "1x"),
        ("tags=a", "tags", ["a"]),
        ("tags=a%2Cb", "tags", ["a,b"]),
        ("tags=", "tags", [""]),
        ("tags=a&tags=b", "tags", ["a", "b"]),
        ("tags[]=a&tags%5B%5D=b", "tags", ["a", "b"]),
        ("tags[0]=a&tags[1]=b", "tags", ["a", "b"]),
        ('tags=["a","b"]', "tags", ["a", "b"]),
        ("street=x&number=2", "address", {"street": "x", "number": 2}),
        (
            "address[street]=x&address[lines][]=1&address[lines][]=2",
            "address",
            {"street": "x", "lines": [1, 2]},
        ),
        ("address%5Bstreet%5D=x&address[lines][0]=1", "address", {"street": "x", "lines": [1]}),
        ('address={"street":"x","number":2}', "address", {"street": "x", "number": 2}),
        ("people[0][age]=1&people[1][age]=2", "people", [{"age": 1}, {"age": 2}]),
        ('people={"age":1}&people={"age":2}', "people", [{"age": 1}, {"age": 2}]),
    ],
)
async def test_ways_to_write_a_member(serve_body: ServeBody, sent: str, member: str, value: object) -> None:
    assert await dumped(serve_body, of(THING), f"name=a&{sent}") == {"name": "a", member: value}


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ("", ["/name"]),
        ("name", []),
        ("name=abcdef", ["/name"]),
        ("name=a&name=b", ["/name"]),
        ("name=a&count=0", ["/count"]),
        ("name=a&count=1.0", ["/count"]),
        ("name=a&count=1&count=2", ["/count"]),
        ("name=a&on=True&ratio=x", ["/on", "/ratio"]),
        ("name=a&at=yesterday", ["/at"]),
        ("name=a&either=abcd", ["/either"]),
        ("name=a&tags=a&tags=b&tags=c", ["/tags"]),
        ("name=a&tags=a&tags[0]=b", ["/tags"]),
        ("name=a&number=2", ["/address/street"]),
        ("name=a&address[number]=2", ["/address/street"]),
        ("name=a&address[street]=x&street=y", ["/address"]),
        ("name=a&address[street]=x&address[street][y]=z", ["/address"]),
        ("name=a&address={", ["/address"]),
        ("name=a&address[lines][]=x&street=y", ["/address"]),
        ("name=%ff", ["/name"]),
        ("%ff=a", [""]),
    ],
)
async def test_what_violates_the_schema(serve_body: ServeBody, sent: str, pointers: list[str]) -> None:
    put = serve_body(of(THING))
    if pointers:
        assert sorted(await put.refused(sent.encode(), TYPE)) == pointers
    else:
        assert (await put.received(sent.encode(), TYPE)).name == ""


async def test_bytes_that_are_no_text(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    assert await put.status(b"name=\xff", TYPE) == 400
    assert await put.status(b"name=a", f"{TYPE}; charset=iso-8859-1") == 415
    assert (await put.received("name=é".encode(), TYPE)).name == "é"


async def test_names_that_the_schema_does_not_have(serve_body: ServeBody) -> None:
    """They are for the schema to admit, as they are in JSON."""
    put = serve_body(of({**THING, "additionalProperties": False}))
    assert await put.refused(b"name=a&other=1", TYPE) == ["/other"]
    assert await put.refused(b"name=a&name[x]=1", TYPE) == ["/name[x]"]


async def test_members_of_any_name(serve_body: ServeBody) -> None:
    schema = {
        "type": "object",
        "additionalProperties": {"anyOf": [INTEGER, {"type": "array", "items": INTEGER}]},
    }
    assert await dumped(serve_body, of(schema), "a=1&b=2&b=3") == {"a": 1, "b": [2, 3]}


async def test_names_with_brackets_in_the_contract(serve_body: ServeBody) -> None:
    schema = {"type": "object", "properties": {"a[0]": INTEGER, "a": {"type": "array", "items": INTEGER}}}
    put = serve_body(of(schema))
    body = await put.received(b"a[0]=1&a=2", TYPE)
    assert body.model_dump(by_alias=True) == {"a[0]": 1, "a": [2]}


async def test_members_of_two_objects_of_one_name_need_the_objects_name(serve_body: ServeBody) -> None:
    schema = {"type": "object", "properties": {"home": ADDRESS, "work": ADDRESS, "number": INTEGER}}
    put = serve_body(of({**schema, "additionalProperties": False}))
    body = await put.received(b"home[street]=a&work[street]=b&number=1", TYPE)
    assert (body.home.street, body.work.street, body.number) == ("a", "b", 1)
    assert await put.refused(b"street=a", TYPE) == ["/street"]


async def test_a_union_of_forms(serve_body: ServeBody) -> None:
    one = {"type": "object", "required": ["code"], "properties": {"code": INTEGER}}
    other = {"type": "object", "required": ["code", "text"], "properties": {"code": {"type": "string"}}}
    put = serve_body(of({"oneOf": [one | {"additionalProperties": False}, other]}))
    assert (await put.received(b"code=5", TYPE)).root.code == 5
    assert (await put.received(b"code=5&text=x", TYPE)).root.code == "5"


@pytest.mark.parametrize(
    ("encoding", "sent", "value"),
    [
        ({"style": "form", "explode": False}, "a=1,2&o=p,3,q,x", {"a": [1, 2], "o": {"p": 3, "q": "x"}}),
        ({"style": "form", "explode": False}, "a=1%2C2", {"a": [1, 2]}),
        ({"explode": False}, "a=1,2", {"a": [1, 2]}),
        ({"style": "form"}, "a=1&a=2&p=3", {"a": [1, 2], "o": {"p": 3}}),
        ({"style": "spaceDelimited"}, "a=1+2", {"a": [1, 2]}),
        ({"style": "spaceDelimited"}, "a=1%202", {"a": [1, 2]}),
        ({"style": "pipeDelimited"}, "a=1|2", {"a": [1, 2]}),
        ({"style": "deepObject"}, "o[p]=3&o[q]=x&a[0]=1", {"a": [1], "o": {"p": 3, "q": "x"}}),
        ({"contentType": "application/json"}, 'a=[1]&o={"p":3}', {"a": [1], "o": {"p": 3}}),
        ({"allowReserved": True}, "q=a+b", {"q": "a+b"}),
    ],
)
async def test_styles(serve_body: ServeBody, encoding: Any, sent: str, value: Any) -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": INTEGER},
            "o": {"type": "object", "properties": {"p": INTEGER, "q": {"type": "string"}}},
            "q": {"type": "string"},
        },
    }
    of_each = {name: encoding for name in schema["properties"] if name != "q" or "allowReserved" in encoding}
    content = of(schema, encoding=of_each)
    assert await dumped(serve_body, content, sent.replace("{", "%7B")) == value


async def test_a_member_of_json_is_json(serve_body: ServeBody) -> None:
    schema = {"type": "object", "properties": {"s": {"type": "string"}}}
    put = serve_body(of(schema, encoding={"s": {"contentType": "application/json"}}))
    assert (await put.received(b's="a"', TYPE)).s == "a"
    for wrong in (b"s=a", b"s=1", b"s=", b"s=NaN"):
        assert await put.refused(wrong, TYPE) == ["/s"]


async def test_a_form_and_json_of_one_schema_have_one_type(serve_body: ServeBody) -> None:
    put = serve_body(of(THING) | {"application/json": {"schema": THING}})
    for raw, content_type in ((b"name=a", TYPE), (b'{"name":"a"}', "application/json")):
        assert type(await put.received(raw, content_type)) is put.models.PutThingBody


async def test_read_only_members_are_not_sent(serve_body: ServeBody) -> None:
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {**INTEGER, "readOnly": True},
            "name": {"type": "string", "writeOnly": True},
        },
    }
    put = serve_body(of(schema))
    assert (await put.received(b"name=a", TYPE)).name == "a"
    assert await put.refused(b"name=a&id=1", TYPE) == ["/id"]


async def test_nullable_members_of_openapi_30(serve_body: ServeBody) -> None:
    schema = {"type": "object", "properties": {"a": {**INTEGER, "nullable": True}}}
    put = serve_body(of(schema), openapi="3.0.3")
    assert (await put.received(b"a=", TYPE)).a is None
    assert (await put.received(b"", TYPE)).model_fields_set == set()


async def test_sizes(serve_body: ServeBody) -> None:
    put = serve_body(of(THING), **{"x-max-body-bytes": 10})
    assert await put.status(b"name=abcde", TYPE) == 204
    assert await put.status(b"name=abcdef", TYPE) == 413
    assert await put.status(b"", TYPE, headers=[("Content-Length", "11")]) == 413


async def test_more_names_than_anybody_needs(serve_body: ServeBody) -> None:
    put = serve_body(of(THING))
    assert await put.status(urlencode([("a", "")] * 5_000).encode(), TYPE) == 422
    assert await put.status(urlencode([("a", "")] * 5_001).encode(), TYPE) == 413
    assert await put.status(b"name=a&address" + b"[a]" * 1_000 + b"=1", TYPE) in (204, 422)


async def test_an_optional_form(serve_body: ServeBody) -> None:
    put = serve_body(of(THING), required=False)
    assert await put.received(b"", TYPE) is None
    assert (await put.received(b"name=a", TYPE, headers=[("Content-Length", "6")])).name == "a"


@pytest.mark.parametrize("schema", [{"type": "array", "items": INTEGER}, {"type": "integer"}])
def test_a_form_that_is_no_object_is_refused(serve_body: ServeBody, schema: Any) -> None:
    with pytest.raises(ContractError, match=f"a body of {TYPE} with this schema is not supported"):
        serve_body(of(schema))


def test_an_encoding_of_no_member_is_told(serve_body: ServeBody) -> None:
    put = serve_body(of(THING, encoding={"nobody": {"style": "form"}}))
    assert put.service.operation("put_thing").body.contents[0].encoding == {}


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
async def test_a_field_that_one_subschema_alone_has(serve_body: ServeBody, union: str) -> None:
    with_flag = {
        "required": ["a"],
        "properties": {"a": {"type": "string"}, "flag": {"type": ["boolean", "null"]}},
    }
    with_list = {"required": ["b"], "properties": {"b": {"type": "array", "items": {"type": "integer"}}}}
    schema = {union: [{"type": "object"} | each for each in (with_list, with_flag)]}
    put = serve_body({TYPE: {"schema": schema}})
    assert await put.status(b"a=x&flag=true", TYPE) == 204
    assert await put.status(b"b=1&b=2", TYPE) == 204
    assert await put.status(b"a=x&flag=2", TYPE) == 422
