"""The type of every problem is the address of a page that explains it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pressroom import problems
from tests.contract.document import DOCUMENT

SCHEMA = DOCUMENT["components"]["schemas"]["ProblemType"]
EXPLAINED = dict(zip(SCHEMA["enum"], SCHEMA["x-enum-descriptions"], strict=True))
PAGES = sorted(kind for kind in EXPLAINED if kind != "about:blank")


def types_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if {"type", "title", "status", "detail"} <= node.keys():
            yield node["type"]
        for value in node.values():
            yield from types_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from types_in(value)


@pytest.mark.parametrize("kind", PAGES)
async def test_a_type_leads_to_its_explanation(client: httpx.AsyncClient, kind: str) -> None:
    page = await client.get(kind)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert re.findall(r"<p>([^<]+)</p>", page.text) == [EXPLAINED[kind]]
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', page.text) == ["../docs/assets/pages.css"]
    data = await client.get(kind, headers={"accept": "application/json"})
    assert page.headers["vary"] == data.headers["vary"] == "Accept"
    assert (data.status_code, data.headers["content-type"]) == (200, "application/json")
    assert (data.json()["type"], data.json()["description"]) == (kind, EXPLAINED[kind])


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/html, application/json", "text/html"),
        ("application/problem+json, */*", "application/json"),
    ],
)
async def test_json_is_for_who_asks_for_it(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    page = await client.get(PAGES[0], headers={"accept": accept})
    assert page.headers["content-type"].partition(";")[0] == media_type


async def test_an_unknown_type_has_no_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/problems/no-such-thing")).status_code == 404


def test_the_service_and_the_examples_use_every_type_and_no_other() -> None:
    constants = [value for name, value in vars(problems).items() if name.isupper()]
    assert len(constants) > 10
    assert set(types_in(constants)) <= EXPLAINED.keys()
    assert set(types_in(DOCUMENT["components"]["responses"])) == EXPLAINED.keys()
