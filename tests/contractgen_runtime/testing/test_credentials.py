"""Where the credentials of security schemes stand in a request."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from contractgen_runtime.mocking.examples import ExampleRequest
from contractgen_runtime.testing.credentials import Credentials, with_credentials
from tests.contractgen.new.scaffolds import SCHEMES

SENT = ExampleRequest("GET", "/pets", "limit=1", (("x-a", "1"),), (("theme", "dark"),), b"")
VALUES = {name: "developer:it's secret" if name == "basic" else "a b&c" for name in SCHEMES}
CREDENTIALS = Credentials(SCHEMES, VALUES)
LOGIN = b64encode(b"developer:it's secret").decode()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("bearer", {"headers": (("x-a", "1"), ("authorization", "Bearer a b&c"))}),
        ("oauth2", {"headers": (("x-a", "1"), ("authorization", "Bearer a b&c"))}),
        ("openid", {"headers": (("x-a", "1"), ("authorization", "Bearer a b&c"))}),
        ("custom", {"headers": (("x-a", "1"), ("authorization", "Hawk a b&c"))}),
        ("basic", {"headers": (("x-a", "1"), ("authorization", f"Basic {LOGIN}"))}),
        ("header", {"headers": (("x-a", "1"), ("X-Key", "a b&c"))}),
        ("query", {"query": "limit=1&key=a%20b%26c"}),
        ("cookie", {"cookies": (("theme", "dark"), ("session", "a b&c"))}),
    ],
)
def test_a_credential_stands_where_its_scheme_has_it(name: str, changed: dict[str, Any]) -> None:
    put = CREDENTIALS.put(SENT, name)
    unchanged = {"method": "GET", "path": "/pets", "query": "limit=1", "headers": SENT.headers, "body": b""}
    expected = {**unchanged, "cookies": SENT.cookies, **changed}
    assert {field: getattr(put, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("name", "sent", "changed"),
    [
        (
            "header",
            {"headers": (("x-KEY", "1"), ("x-a", "1"))},
            {"headers": (("x-a", "1"), ("X-Key", "a b&c"))},
        ),
        ("query", {"query": "k%65y=1&a=1&key=2"}, {"query": "a=1&key=a%20b%26c"}),
        ("query", {"query": ""}, {"query": "key=a%20b%26c"}),
        ("cookie", {"cookies": (("session", "1"),)}, {"cookies": (("session", "a b&c"),)}),
    ],
)
def test_a_credential_replaces_a_parameter_of_its_name(
    name: str, sent: dict[str, Any], changed: dict[str, Any]
) -> None:
    """Contracts declare a key as a parameter, too: one of both is sent."""
    put = CREDENTIALS.put(replace(SENT, **sent), name)
    assert {field: getattr(put, field) for field in changed} == changed


@pytest.mark.parametrize(
    ("security", "used"),
    [
        ([], set()),
        ([{}], set()),
        ([{"header": []}], {"X-Key"}),
        ([{"unknown": []}, {"header": []}], {"X-Key"}),
        ([{"header": [], "bearer": ["all"]}], {"X-Key", "authorization"}),
        ([{}, {"header": []}], {"X-Key"}),
        ([{"unknown": [], "header": []}], None),
        ([{"unknown": []}, {}], set()),
        ([{"basic": [], "bearer": []}, {"header": []}], {"X-Key"}),
        ([{"basic": [], "bearer": []}], None),
        ([{"bearer": [], "oauth2": []}], {"authorization"}),
    ],
)
def test_a_request_meets_a_requirement_that_it_can(security: Any, used: set[str] | None) -> None:
    put = with_credentials(SENT, CREDENTIALS, security)
    assert (None if put is None else {name for name, _ in put.headers} - {"x-a"}) == used
