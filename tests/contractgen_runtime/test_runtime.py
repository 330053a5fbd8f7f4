"""The modules that every generated package runs on."""

import asyncio
import json
from typing import Any, TypedDict
from urllib.parse import quote

import pytest
from asyncpg.pgproto import pgproto
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel

from contractgen_runtime.admission import admit
from contractgen_runtime.bodies import Body, accept_body
from contractgen_runtime.converters import Text
from contractgen_runtime.credentials import bearer_token
from contractgen_runtime.encoding import _fields, encoder, root_encoder
from contractgen_runtime.json_bodies import JsonBody
from contractgen_runtime.operations import Operation
from contractgen_runtime.parameters import Parameter
from contractgen_runtime.problems import Refusal
from contractgen_runtime.requests import QueryNames, Request
from contractgen_runtime.schemas import Schemas
from tests.contractgen.packages import golden_package
from tests.contractgen.render.test_library import BOOK_ID, ROW
from tests.contractgen.service import Caller, http_scope

# Credentials --------------------------------------------------------------------------------------------


async def _nothing(*arguments: Any) -> Any:
    raise AssertionError("nothing should be received")


def request(*headers: tuple[str, str], query: str = "", receive: Any = _nothing) -> Request:
    return Request(http_scope("POST", "/", query, headers), receive)


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER abc", "abc"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic abc", None),
        ("abc", None),
        ("", None),
        ("Bearerabc", None),
        ("Bearer\tabc", None),
    ],
)
def test_bearer_tokens(value: str, token: str | None) -> None:
    if token is not None:
        assert bearer_token(request(("Authorization", value))) == token
        return
    with pytest.raises(Refusal) as caught:
        bearer_token(request(("Authorization", value)))
    assert caught.value.status == 401
    assert (b"www-authenticate", b"Bearer") in caught.value.headers


@pytest.mark.parametrize("other", ["Bearer a", "Bearer b", "Basic a"])
def test_a_repeated_authorization_is_refused(other: str) -> None:
    for headers in ([("Authorization", "Bearer a"), ("Authorization", other)], []):
        with pytest.raises(Refusal) as caught:
            bearer_token(request(*headers))
        assert caught.value.status == 401


def test_other_repeated_headers_are_no_concern_of_the_token() -> None:
    assert bearer_token(request(("Via", "a"), ("Via", "b"), ("Authorization", "Bearer a"))) == "a"


def operation(path: str = "/", method: str = "GET", **how: Any) -> Operation:
    defaults: dict[str, Any] = {"security": (), "parameters": (), "body": None, "responses": ()}
    return Operation("op", "tag", method, path, **{**defaults, **how})


@pytest.mark.parametrize(
    ("security", "roles", "status"),
    [
        (({"b": ()},), set(), None),
        (({"b": ("a",)},), {"a"}, None),
        (({"b": ("a",)},), {"A"}, 403),
        (({"b": ("a", "b")},), {"a"}, 403),
        (({"b": ("a", "b")},), {"a", "b", "c"}, None),
        (({"b": ("a",)}, {"b": ("b",)}), {"b"}, None),
        (({}, {"b": ("a",)}), set(), 403),
    ],
)
def test_roles(security: Any, roles: set[str], status: int | None) -> None:
    caller = Caller(frozenset(roles))
    if status is None:
        assert admit(caller, operation(security=security), b"Bearer") is caller
        return
    with pytest.raises(Refusal) as caught:
        admit(caller, operation(security=security), b"Bearer")
    assert caught.value.status == status


# Queries ------------------------------------------------------------------------------------------------

WORD: Parameter[str] = Parameter("query", "word", Text())


@given(st.text())
def test_a_query_value_arrives_as_it_was_sent(value: str) -> None:
    assume(not any(0xD800 <= ord(c) < 0xE000 for c in value))
    made = request(query=f"word={quote(value, safe='')}")
    made.parse_query(QueryNames(frozenset({"word"})))
    made.raise_for_violations()
    assert made.optional(WORD) == value


@pytest.mark.parametrize(
    ("query", "value"),
    [("word=a+b", "a b"), ("word", ""), ("&&word=a&", "a"), ("word=a=b", "a=b"), ("%77ord=a", "a")],
)
def test_odd_queries(query: str, value: str) -> None:
    made = request(query=query)
    made.parse_query(QueryNames(frozenset({"word"})))
    made.raise_for_violations()
    assert made.optional(WORD) == value


@pytest.mark.parametrize(
    "query", ["word=%ff", "word=a&word=a", "Word=a", "=a", "word[]=a", "word;a", "word=%ed%a0%80"]
)
def test_refused_queries(query: str) -> None:
    made = request(query=query)
    made.parse_query(QueryNames(frozenset({"word"})))
    made.optional(WORD)
    with pytest.raises(Refusal) as caught:
        made.raise_for_violations()
    assert caught.value.status == 422


# Bodies -------------------------------------------------------------------------------------------------


class Note(BaseModel):
    text: str


SCHEMAS = Schemas(
    {"Note": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}}
)
NOTE = JsonBody("application/json", Note, SCHEMAS, schema="/Note", max_bytes=20, model_is_exact=True)
BODY = Body(NOTE)


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        ([b'{"text":"a"}'], None),
        ([b'{"te', b'xt":', b'"a"}', b""], None),
        ([b'{"text":"a"}' + b" " * 8], None),
        ([b'{"text":"a"}' + b" " * 9], 413),
        ([b'{"text":"a"}', b" " * 8], None),
        ([b'{"text":"a"}', b" " * 8, b" "], 413),
        ([b" "] * 20 + [b"{"], 413),
        ([b""], 400),
        ([b"", b""], 400),
        ([b'{"text":', b"1}"], 422),
    ],
)
async def test_a_body_is_bounded_however_it_is_cut(chunks: list[bytes], status: int | None) -> None:
    messages = [
        {"type": "http.request", "body": c, "more_body": i < len(chunks) - 1} for i, c in enumerate(chunks)
    ]

    async def receive() -> Any:
        return messages.pop(0)

    made = request(receive=receive)
    if status is None:
        assert (await NOTE.read(made)).text == "a"
        return
    with pytest.raises(Refusal) as caught:
        await NOTE.read(made)
    assert caught.value.status == status


async def test_an_endless_body_is_not_read_to_its_end() -> None:
    received = 0

    async def receive() -> Any:
        nonlocal received
        received += 1
        return {"type": "http.request", "body": b"x" * 10, "more_body": True}

    with pytest.raises(Refusal):
        await NOTE.read(request(receive=receive))
    assert received == 3


async def test_a_client_that_leaves_is_not_taken_for_a_body() -> None:
    messages = [
        {"type": "http.request", "body": b'{"text":"a"}', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    with pytest.raises(Refusal) as caught:
        await NOTE.read(request(receive=receive))
    assert caught.value.status == 400


JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([JSON], None),
        ([("Content-Type", "Application/JSON; charset=UTF-8")], None),
        ([("Content-Type", 'application/json;charset="utf-8"')], None),
        ([("Content-Type", "application/json; charset=latin-1")], 415),
        ([("Content-Type", "application/jsonx")], 415),
        ([("Content-Type", "text/plain")], 415),
        ([], 415),
        ([JSON, ("Content-Encoding", "gzip")], 415),
        ([JSON, ("Content-Encoding", "identity")], None),
        ([JSON, ("Content-Length", "20")], None),
        ([JSON, ("Content-Length", "21")], 413),
        ([JSON, ("Content-Length", "-1")], 413),
        ([("Content-Type", "text/plain"), ("Content-Length", "21")], 415),
    ],
)
def test_what_a_body_is_announced_as(headers: list[tuple[str, str]], status: int | None) -> None:
    if status is None:
        accept_body(request(*headers), BODY)
        return
    with pytest.raises(Refusal) as caught:
        accept_body(request(*headers), BODY)
    assert caught.value.status == status


async def test_a_body_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contractgen_runtime.bodies._BODY_DEADLINE", 0.01)
    first = {"type": "http.request", "body": b"{", "more_body": True}
    messages = [first]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Future()

    with pytest.raises(Refusal) as refused:
        await NOTE.read(request(receive=receive))
    assert refused.value.status == 408


# Encoding -----------------------------------------------------------------------------------------------


@pytest.fixture
def models() -> Any:
    return golden_package("library").models


SECTION = {"title": "é", "sections": [{"title": "2", "sections": []}]}


@pytest.mark.parametrize(
    "more", [{}, {"blurb": 'a\u2028\x7f"\\'}, {"section": SECTION}, {"in": "a", "class": "b"}]
)
def test_a_model_and_a_dict_give_the_same_bytes(models: Any, more: dict[str, Any]) -> None:
    row = {**ROW, **more}
    encode = encoder(models.Book, models.BookDict)
    assert encode(row) == encode(models.Book.model_validate(row))


def test_a_nested_list_gives_the_same_bytes(models: Any) -> None:
    encode = encoder(models.BookPage, models.BookPageDict)
    page = {"items": [ROW, {**ROW, "section": SECTION}], "total": 2}
    assert encode(page) == encode(models.BookPage.model_validate(page))


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "password_hash": "x"},
        {name: value for name, value in ROW.items() if name != "title"},
        {**ROW, "section": {**SECTION, "more": 1}},
        {**ROW, "section": {"title": "1", "sections": [{"title": "2"}]}},
        {},
    ],
)
def test_a_dict_of_other_members_is_an_error_at_any_depth(models: Any, row: dict[str, Any]) -> None:
    _fields.cache_clear()  # it remembers the members of the last dict
    for _ in range(2):
        with pytest.raises(TypeError, match="has the fields"):
            encoder(models.Book, models.BookDict)(row)
    with pytest.raises(TypeError, match="has the fields"):
        encoder(models.BookPage, models.BookPageDict)({"items": [ROW, row], "total": 2})


class Point(TypedDict):
    x: int
    y: int


class Line(TypedDict):
    points: list[Point]


class LineModel(BaseModel):
    points: list[dict[str, int]]


class PointsModel(RootModel[list[dict[str, int]]]):
    pass


@pytest.mark.parametrize("wrong", [{"x": 1, "y": 2, "secret": 3}, {"x": 1}, {"x": 1, "secret": 2}, {}])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_item_of_other_members_is_an_error_wherever_it_is(wrong: Any, place: int) -> None:
    _fields.cache_clear()
    points: list[Any] = [{"x": 1, "y": 2}, {"y": 3, "x": 4}]
    encode_line, encode_points = encoder(LineModel, Line), root_encoder(PointsModel, Point)
    assert encode_line({"points": points}) == b'{"points":[{"x":1,"y":2},{"y":3,"x":4}]}'
    assert encode_points(points) == b'[{"x":1,"y":2},{"y":3,"x":4}]'
    points.insert(place, wrong)
    for _ in range(2):
        with pytest.raises(TypeError, match="Point has the fields"):
            encode_line({"points": points})
        with pytest.raises(TypeError, match="Point has the fields"):
            encode_points(points)


def test_a_dict_may_have_its_members_in_any_order(models: Any) -> None:
    encode = encoder(models.Book, models.BookDict)
    turned = dict(reversed(ROW.items()))
    for row in (ROW, turned, ROW):
        assert json.loads(encode(row)) == json.loads(encode(ROW))


def test_the_drivers_own_uuid_is_written(models: Any) -> None:
    encode = encoder(models.Book, models.BookDict)
    assert encode({**ROW, "id": pgproto.UUID(str(BOOK_ID))}) == encode(ROW)


def test_null_is_written_and_absent_is_not(models: Any) -> None:
    for body in (ROW, models.Book.model_validate(ROW)):
        encoded = encoder(models.Book, models.BookDict)(body)
        assert b'"subtitle":null' in encoded
        assert b"blurb" not in encoded


def test_what_json_cannot_hold_is_an_error(models: Any) -> None:
    with pytest.raises(TypeError):
        encoder(models.Book, models.BookDict)({**ROW, "title": object()})
