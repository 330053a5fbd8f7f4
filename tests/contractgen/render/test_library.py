"""A service of the golden contract `library` answers as the contract says."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.contractgen.service import Service

BOOK_ID = UUID("01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a")
ROW = {
    "id": BOOK_ID,
    "title": "Emma",
    "subtitle": None,
    "bought_at": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
}
BOOK = {"id": str(BOOK_ID), "title": "Emma", "subtitle": None, "bought_at": "2026-11-23T09:30:00Z"}
NEW = {"title": "Emma", "subtitle": None}
ONE = f"/books/{BOOK_ID}"


def violations(answer: Any) -> list[tuple[str, str]]:
    assert (answer.status, answer.header("content-type")) == (422, "application/problem+json")
    return [(error["in"], error["pointer"]) for error in answer.json["errors"]]


@pytest.fixture
def books(library: Service) -> Service:
    responses = library.package.responses
    library.answers = {
        "list_books": responses.ListBooks200({"items": [], "total": 0}),
        "add_book": responses.AddBook201(ROW, location=ONE),
        "get_latest_book": responses.GetLatestBook200(ROW),
        "get_book": responses.GetBook200(ROW),
        "update_book": responses.UpdateBook200(ROW),
        "delete_book": responses.DeleteBook204(),
        "get_page": responses.GetPage200({"title": "1", "sections": []}),
        "get_hours": responses.GetHours200({"from": "9", "until": "5"}),
    }
    return library


# Parameters -------------------------------------------------------------------------------------------


async def test_absent_parameters_are_their_default_or_none(books: Service) -> None:
    assert (await books.ask("GET", "/books?year=1815")).status == 200
    expected = {"page": 1, "order": "title", "shelf": None, "search": None, "author_id": None, "year": 1815}
    assert books.call == expected


async def test_parameters_arrive_converted(books: Service) -> None:
    query = f"page=100&order=author%27s&shelf=B7&search=a%20b%2Bc&author_id={BOOK_ID}&year=-500"
    assert (await books.ask("GET", f"/books?{query}")).status == 200
    assert books.call == {
        "page": 100,
        "order": "author's",
        "shelf": "B7",
        "search": "a b+c",
        "author_id": BOOK_ID,
        "year": -500,
    }


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("page=0", "/page"),
        ("page=101", "/page"),
        ("page=1.0", "/page"),
        ("page=", "/page"),
        ("page=%2B1", "/page"),
        ("page=1&page=1", "/page"),
        ("order=", "/order"),
        ("order=Title", "/order"),
        ("shelf=b7", "/shelf"),
        ("shelf=B7%0A", "/shelf"),
        ("shelf=B%D9%A3", "/shelf"),
        ("search=a", "/search"),
        ("search=abcdef", "/search"),
        ("author_id=1", "/author_id"),
        (f"author_id={{{BOOK_ID}}}", "/author_id"),
        ("pages=1", "/pages"),
        ("Page=1", "/Page"),
    ],
)
async def test_a_query_that_violates_the_contract_is_refused(
    books: Service, query: str, pointer: str
) -> None:
    assert violations(await books.ask("GET", f"/books?year=1&{query}")) == [("query", pointer)]
    assert books.calls == []


async def test_all_violations_come_in_one_answer(books: Service) -> None:
    answer = await books.ask("GET", "/books?page=0&x=1&shelf=7")
    assert violations(answer) == [
        ("query", "/x"),
        ("query", "/page"),
        ("query", "/shelf"),
        ("query", "/year"),
    ]


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        (f"/books/{BOOK_ID}/pages/1", []),
        (f"/books/{BOOK_ID}/pages/5000", []),
        (f"/books/{BOOK_ID}/pages/5001", ["/number"]),
        ("/books/1/pages/0", ["/book_id", "/number"]),
    ],
)
async def test_several_placeholders(books: Service, path: str, pointers: list[str]) -> None:
    answer = await books.ask("GET", path)
    if not pointers:
        assert books.call == {"book_id": BOOK_ID, "number": int(path.rsplit("/", 1)[1])}
    else:
        assert violations(answer) == [("path", pointer) for pointer in pointers]


@pytest.mark.parametrize(("day", "status"), [("sunday", 200), ("friday", 422)])
async def test_an_enum_in_the_path(books: Service, day: str, status: int) -> None:
    assert (await books.ask("GET", f"/hours/{day}")).status == status


# Security ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        ("librarian", 201),
        ("admin,auditor", 201),
        ("auditor,reader,admin", 201),
        ("admin", 403),
        ("auditor", 403),
        ("reader", 403),
        ("Librarian", 403),
        ("bad", 401),
    ],
)
async def test_one_alternative_of_roles_must_be_met(books: Service, roles: str, status: int) -> None:
    answer = await books.ask("POST", "/books", token=roles, json=NEW)
    assert (answer.status, len(books.calls)) == (status, int(status == 201))
    lacking = 'Bearer error="insufficient_scope", scope="librarian"'
    challenges = {201: None, 401: 'Bearer error="invalid_token"', 403: lacking}
    assert answer.header("www-authenticate") == challenges[status]


async def test_security_comes_before_everything_else(books: Service) -> None:
    answer = await books.ask("POST", "/books?x=1", body=b"{")
    assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer")


@pytest.mark.parametrize(("token", "status"), [(None, 200), ("reader", 200), ("bad", 401)])
async def test_optional_security_checks_what_is_sent(books: Service, token: str | None, status: int) -> None:
    how = {} if token is None else {"token": token}
    assert (await books.ask("GET", "/books?year=1", **how)).status == status
    if status == 200:
        ((_, (_, caller), _),) = books.calls
        assert (None if caller is None else caller.roles) == (token and {token})


async def test_a_public_operation_looks_at_no_token(books: Service) -> None:
    assert (await books.ask("GET", ONE, token="bad")).status == 200
    ((_, arguments, _),) = books.calls
    assert len(arguments) == 1, "a public operation has no caller"


async def test_the_document_wide_security_holds_where_none_is_said(books: Service) -> None:
    assert (await books.ask("GET", "/books/latest")).status == 401
    assert (await books.ask("GET", "/books/latest", token="anything")).status == 200


# Bodies -----------------------------------------------------------------------------------------------


async def test_absent_null_and_default_are_told_apart(books: Service) -> None:
    missing = books.package.models.NewBook.model_fields["blurb"].default
    for body, blurb in [(NEW, missing), ({**NEW, "blurb": None}, None), ({**NEW, "blurb": "x"}, "x")]:
        books.calls.clear()
        assert (await books.ask("POST", "/books", token="librarian", json=body)).status == 201
        assert (books.call["body"].blurb, books.call["body"].is_lent) == (blurb, False)


async def test_nested_models_and_named_strings(books: Service) -> None:
    body = {
        **NEW,
        "keywords": ["a", "b"],
        "section": {"title": "1", "sections": [{"title": "2", "sections": []}]},
    }
    assert (await books.ask("POST", "/books", token="librarian", json=body)).status == 201
    received = books.call["body"]
    assert received.section.sections[0].title == "2"
    assert received.keywords == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "x" * 21}, "/title"),
        ({"title": "a\n"}, "/title"),
        ({"title": None}, "/title"),
        ({"title": 1}, "/title"),
        ({"subtitle": "x" * 21}, "/subtitle"),
        ({"is_lent": None}, "/is_lent"),
        ({"is_lent": "true"}, "/is_lent"),
        ({"is_lent": 1}, "/is_lent"),
        ({"keywords": []}, "/keywords"),
        ({"keywords": ["a"] * 4}, "/keywords"),
        ({"keywords": ["a", "x" * 11]}, "/keywords/1"),
        ({"section": {"title": "1", "sections": [{"title": "2"}]}}, "/section/sections/0/sections"),
        ({"Title": "x"}, "/Title"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
async def test_a_body_that_violates_its_schema(books: Service, change: dict[str, Any], pointer: str) -> None:
    answer = await books.ask("POST", "/books", token="librarian", json={**NEW, **change})
    assert violations(answer) == [("body", pointer)]


async def test_required_is_not_nullable_and_nullable_not_optional(books: Service) -> None:
    answer = await books.ask("POST", "/books", token="librarian", json={})
    assert violations(answer) == [("body", "/title"), ("body", "/subtitle")]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"year": None},
        {"year": 2100},
        {"weight": 3},
        {"weight": 0.5},
        {"contact": "ada@example.com"},
        {"author_id": str(BOOK_ID)},
        {"bought_at": "2026-11-23T09:30:00.5+01:00"},
        {"shelf": "A1"},
        {"edition": 1},
        {"state": 3},
    ],
)
async def test_what_the_exact_check_lets_through(books: Service, body: dict[str, Any]) -> None:
    answer = await books.ask("PATCH", ONE, token="reader", json=body)
    assert answer.status == 200, answer.json


async def test_a_whole_number_with_a_fraction_of_zero_is_an_integer(books: Service) -> None:
    """JSON Schema's integers are numbers without a fraction, however they are written."""
    headers = [("Content-Type", "application/json")]
    answer = await books.ask("PATCH", ONE, token="reader", headers=headers, body=b'{"year": 5.0}')
    assert answer.status == 200, answer.json


@pytest.mark.parametrize(
    "body",
    [
        {"year": 2101},
        {"year": 5.5},
        {"year": True},
        {"weight": -0.1},
        {"weight": None},
        {"weight": "1"},
        {"contact": "ada"},
        {"contact": None},
        {"author_id": "01939f6e7b1c7c2a9f3e2f4b6c8d0e1a"},
        {"bought_at": "2026-11-23"},
        {"bought_at": "2026-11-23T09:30:00"},
        {"bought_at": "2026-11-23 09:30:00Z"},
        {"bought_at": 1700000000},
        {"shelf": "A٣"},
        {"edition": 2},
        {"edition": True},
        {"state": "lost"},
        {"other": 1},
    ],
)
async def test_what_the_exact_check_refuses(books: Service, body: dict[str, Any]) -> None:
    (name,) = body
    assert set(violations(await books.ask("PATCH", ONE, token="reader", json=body))) == {("body", f"/{name}")}
    assert books.calls == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"title": "\xff", "subtitle": null}', 400),
        (b'{"title": "a", "subtitle": null} x', 400),
        (b"null", 422),
        (b"[]", 422),
        (b'{"title": NaN, "subtitle": null}', 400),
        (b'{"title":"a","subtitle":null}' + b" " * (300 - 29), 201),
        (b'{"title":"a","subtitle":null}' + b" " * (301 - 29), 413),
    ],
)
async def test_raw_bodies(books: Service, body: bytes, status: int) -> None:
    headers = [("Content-Type", "application/json")]
    answer = await books.ask("POST", "/books", token="librarian", headers=headers, body=body)
    assert answer.status == status


# Answers ----------------------------------------------------------------------------------------------


async def test_headers_required_and_optional(books: Service) -> None:
    first = await books.ask("POST", "/books", token="librarian", json=NEW)
    assert (first.header("location"), first.header("x-books-left"), first.header("warning")) == (
        ONE,
        None,
        None,
    )
    books.answers["add_book"] = books.package.responses.AddBook201(ROW, ONE, x_books_left=0, warning="dust")
    second = await books.ask("POST", "/books", token="librarian", json=NEW)
    assert (second.header("location"), second.header("x-books-left"), second.header("warning")) == (
        ONE,
        "0",
        "dust",
    )
    assert second.json == BOOK


async def test_a_204_has_neither_body_nor_length(books: Service) -> None:
    answer = await books.ask("DELETE", ONE, token="admin")
    assert (answer.status, answer.headers, answer.body) == (204, [], b"")


async def test_a_response_component_under_two_statuses(books: Service) -> None:
    problem = {"type": "about:blank", "title": "No", "status": 409, "detail": "No."}
    books.answers["add_book"] = books.package.responses.Refused409(problem)
    answer = await books.ask("POST", "/books", token="librarian", json=NEW)
    assert (answer.status, answer.json) == (409, problem)
    assert books.host.contexts[-1].finished == [409]


async def test_members_named_like_keywords(books: Service) -> None:
    model = books.package.models.Book(**ROW, **{"in": "a", "class": "b", "call-number": "c"})
    assert (model.in_, model.class_, model.call_number) == ("a", "b", "c")
    for body in (model, {**ROW, "in": "a", "class": "b", "call-number": "c"}):
        books.answers["get_book"] = books.package.responses.GetBook200(body)
        assert (await books.ask("GET", ONE)).json == {**BOOK, "in": "a", "class": "b", "call-number": "c"}


async def test_an_exception_in_a_handler_is_the_hosts_to_answer(books: Service) -> None:
    books.answers["get_book"] = None
    answer = await books.ask("GET", ONE)
    assert (answer.status, answer.header("content-type")) == (500, "application/problem+json")
    assert books.host.contexts[-1].finished == [], "a failure must not finish the unit of work"


async def test_a_body_that_cannot_be_written_finishes_nothing(books: Service) -> None:
    books.answers["get_book"] = books.package.responses.GetBook200({**ROW, "password_hash": "x"})
    assert (await books.ask("GET", ONE)).status == 500
    assert books.host.contexts[-1].finished == []


# Methods ----------------------------------------------------------------------------------------------


async def test_head_is_get_without_the_body(books: Service) -> None:
    got, head = await books.ask("GET", ONE), await books.ask("HEAD", ONE)
    assert (head.status, head.headers, head.body) == (200, got.headers, b"")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/books", "GET, HEAD, OPTIONS, POST"),
        (ONE, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/books/latest", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_and_405_name_every_method(books: Service, path: str, allowed: str) -> None:
    options = await books.ask("OPTIONS", path)
    assert (options.status, options.header("allow"), options.body) == (204, allowed, b"")
    for method in ("PUT", "TRACE", "BREW"):
        refused = await books.ask(method, path)
        assert (refused.status, refused.header("allow")) == (405, allowed)
        assert refused.json["status"] == 405


async def test_a_literal_path_wins_over_a_template(books: Service) -> None:
    await books.ask("GET", "/books/latest", token="reader")
    assert [name for name, _, _ in books.calls] == ["get_latest_book"]


@pytest.mark.parametrize("path", ["/", "/book", "/books/", f"{ONE}/", f"{ONE}/pages", "//books", "/Books"])
async def test_other_paths_are_not_the_contracts(books: Service, path: str) -> None:
    assert (await books.ask("GET", path)).status == 404


async def test_the_contract_is_served_as_it_is(books: Service) -> None:
    served = await books.ask("GET", "/openapi.yaml")
    assert served.body == books.package._contract.SOURCE
    assert (await books.ask("GET", "/openapi.json")).json == books.package._contract.DOCUMENT
