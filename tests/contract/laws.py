"""What holds for every response of Pressroom, as checks of schemathesis: no schema can say it.

The checks ask the service again, as the caller of the request. Nothing else changes it meanwhile.
"""

import math
from collections.abc import Iterator
from typing import Any

import httpx
import schemathesis
from schemathesis import Case, CheckContext, Response

# How many pages are read after that of the response.
_FOLLOWING = 2
# The most accounts of which all pages are read.
_FEW = 400
_CLIENT = httpx.Client(timeout=10)
#: The representation of each version that was seen, by the id of the post or account.
_seen: dict[tuple[str, str], Any] = {}


def body_of(response: Response) -> dict[str, Any]:
    """The body, if it is an object of JSON and the request was successful."""
    is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
    body = response.json() if 200 <= response.status_code < 300 and is_json else {}
    return body if isinstance(body, dict) else {}


def ask(response: Response, path: str = "", *, token: str = "", **query: Any) -> httpx.Response:
    """GET a path, or the same URL with other parameters, as the caller of the request."""
    url = httpx.URL(str(response.request.url))
    url = url.join(path) if path else url.copy_merge_params(query)
    caller = f"Bearer {token}" if token else str(response.request.headers.get("Authorization", ""))
    return _CLIENT.get(url, headers={"Authorization": caller} if caller else {})


@schemathesis.check
def location_is_that_of_what_was_made(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`Location` leads to what the response shows; a new account reads itself."""
    if "location" not in response.headers or "Idempotency-Key" in response.request.headers:
        return  # what is repeated may be gone by now
    made, token = body_of(response), ""
    if case.operation.label == "POST /api/v1/auth/register" and isinstance(case.body, dict):
        account = {name: case.body[name] for name in ("email", "password")}
        token = _CLIENT.post(
            str(httpx.URL(str(response.request.url)).join("/api/v1/auth/login")), json=account
        ).json()["access_token"]
    found = ask(response, response.headers["location"][0], token=token)
    assert found.status_code == 200, f"Location is answered with {found.status_code}"
    if response.status_code == 201:
        assert found.json() == made, "Location leads to something else"
        assert found.headers["etag"] == response.headers["etag"][0], "Location leads to another version"
    assert found.json()["id"] == made["id"], "Location leads to something else"


@schemathesis.check
def pages_by_cursor_are_one_list(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A page is no longer than its limit; it and those that follow are what a long page has."""
    body = body_of(response)
    if "next_cursor" not in body:
        return
    limit = int(httpx.URL(str(response.request.url)).params.get("limit", 20))
    assert len(body["items"]) <= limit, f"{len(body['items'])} items, the limit is {limit}"
    joined, cursor = list(body["items"]), body["next_cursor"]
    for _ in range(_FOLLOWING):
        if cursor is not None:
            page = ask(response, cursor=cursor).json()
            assert len(page["items"]) <= limit
            joined, cursor = joined + page["items"], page["next_cursor"]
    ids = [each["id"] for each in joined]
    assert len(set(ids)) == len(ids), "an item is on two pages"
    long = ask(response, limit=100).json()
    length = min(len(joined), len(long["items"]))
    assert joined[:length] == long["items"][:length], "the pages differ from the whole list"
    if cursor is None and len(joined) <= 100:
        assert (len(long["items"]), long["next_cursor"]) == (length, None), "the pages end before the list"


@schemathesis.check
def numbered_pages_are_one_list(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Totals agree with the items; if there are few, all pages joined have each item once."""
    body = body_of(response)
    if "total" not in body:
        return
    total, page, size = body["total"], body["page"], body["size"]
    expected = max(0, min(size, total - (page - 1) * size))
    assert len(body["items"]) == expected, f"{len(body['items'])} items instead of {expected}"
    assert body["pages"] == math.ceil(total / size), f"{body['pages']} pages of {size} for {total}"
    neighbors = page * size < total, page > 1 and total > 0
    assert (body["has_next"], body["has_prev"]) == neighbors, "has_next or has_prev is wrong"
    if total <= _FEW:
        pages = [ask(response, page=number, size=100).json() for number in range(1, total // 100 + 2)]
        ids = [each["id"] for every in pages for each in every["items"]]
        assert len(set(ids)) == len(ids) == total, "all pages joined are not the whole list"
        here = [each["id"] for each in body["items"]]
        assert here == ids[(page - 1) * size : page * size], "the page is no part of the whole list"


@schemathesis.check
def filters_hold(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Each item is one that was asked for; those with a property and those without it are all there are."""
    body = body_of(response)
    if "items" not in body or case.method != "GET":
        return
    query = httpx.URL(str(response.request.url)).params
    for name in ("author_id", "actor_id", "subject_id", "role", "action"):
        for each in body["items"] if name in query else ():
            assert str(each[name]).lower() == query[name].lower(), f"an item has another {name}"
    if "is_active" in query:
        there = {str(each["is_active"]).lower() for each in body["items"]}
        assert there <= {query["is_active"]}, "an item has another is_active"
        other = "false" if query["is_active"] == "true" else "true"
        rest = ask(response, is_active=other, page=1).json()["total"]
        url = httpx.URL(str(response.request.url))
        everything = ask(response, str(url.copy_remove_param("is_active").copy_set_param("page", 1))).json()
        assert everything["total"] == body["total"] + rest, "is_active leaves accounts out"
    if "q" in query and "total" in body:
        words = query["q"].lower()
        for each in body["items"]:
            assert words in each["full_name"].lower() or words in each["email"].lower(), "q is not in an item"


@schemathesis.check
def a_change_is_read_back(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """After a PATCH the response, and the resource, have what was sent."""
    body = body_of(response)
    if case.method != "PATCH" or not body or not isinstance(case.body, dict):
        return
    for name, value in case.body.items():
        assert body[name] == value, f"{name} is not what was sent"
    found = ask(response, str(response.request.url))
    if found.status_code != 401:  # an admin has deactivated the own account
        assert found.json() == body, "the change is not there"


@schemathesis.check
def an_etag_is_that_of_one_representation(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The entity tag is the version; what has one version has one representation, also as item of a list."""
    body = body_of(response)
    if "etag" in response.headers and body:
        assert response.headers["etag"] == [f'"{body["version"]}"'], "the ETag is not the version"
    for each in versioned(body):
        known = _seen.setdefault((each["id"], each["version"]), each)
        assert each == known, "the same version has another representation"


def versioned(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a body shows that has a version."""
    yield from (each for each in (body, *body.get("items", ())) if "version" in each)
