"""Security schemes together, beside the rest of a request, and with names of all kinds."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.render.package import render
from tests.contractgen.packages import THING, read_document
from tests.contractgen.securing import (
    DIGEST,
    SCHEMES,
    TARGET,
    Headers,
    Serve,
    ask,
    basic,
    challenges,
    secured,
    start,
)


@pytest.fixture
def serve() -> Serve:
    return start


async def test_either_of_two(serve: Serve) -> None:
    service = serve({"bearerAuth": []}, {"key": ["admin"]})
    answer = await ask(service)
    assert (answer.status, challenges(answer)) == (401, ["Bearer", 'ApiKey in="header", name="X-Key"'])
    assert (await ask(service, token="a")).status == 200
    assert service.host.credentials == [], "the key is not asked for"
    assert (await ask(service, [("x-key", "admin")])).status == 200
    assert (await ask(service, [("x-key", "admin")], token="bad")).status == 200, (
        "the next alternative is good"
    )
    bad = await ask(service, [("x-key", "bad")], token="bad")
    assert bad.status == 401
    assert challenges(bad)[0] == 'Bearer error="invalid_token"'
    assert [arguments[1].roles for _, arguments, _ in service.calls] == [{"a"}, {"admin"}, {"admin"}]
    lacking = await ask(service, [("x-key", "user")])
    assert (lacking.status, challenges(lacking)) == (403, [])
    assert lacking.json["detail"].endswith("missing: admin.")


async def test_two_schemes_of_one_header(serve: Serve) -> None:
    service = serve({"bearerAuth": ["admin"]}, {"basic": []})
    assert (await ask(service, basic("ann:x"))).status == 200
    assert (await ask(service, token="admin")).status == 200
    lacking = await ask(service, token="user")
    assert (lacking.status, challenges(lacking)) == (
        403,
        ['Bearer error="insufficient_scope", scope="admin"'],
    )
    bad = await ask(service, basic("bad:x"))
    assert (bad.status, challenges(bad)[0]) == (401, "Bearer")
    assert (await ask(service, [("authorization", "Other x")])).status == 401


async def test_both_of_two(serve: Serve) -> None:
    service = serve({"key": ["b"], "bearerAuth": ["a"]})
    assert (await ask(service, token="a")).status == 401
    assert (await ask(service, [("x-key", "b")])).status == 401
    assert service.host.credentials == [], "incomplete credentials ask nobody"
    assert (await ask(service, [("x-key", "bad")], token="a")).status == 401
    lacking = await ask(service, [("x-key", "x")], token="y")
    assert (lacking.status, challenges(lacking)) == (403, ['Bearer error="insufficient_scope", scope="a"'])
    assert lacking.json["detail"].endswith("missing: b and a.")
    assert (await ask(service, [("x-key", "b")], token="a")).status == 200
    ((_, (_, caller), _),) = service.calls
    assert type(caller) is service.package.operations.BearerAuthAndKey
    assert (caller.bearer_auth.roles, caller.key.roles) == ({"a"}, {"b"})


async def test_the_first_alternative_that_is_good_wins(serve: Serve) -> None:
    service = serve({"bearerAuth": ["admin"]}, {"bearerAuth": [], "key": []}, {"cookieKey": []}, {})
    assert (await ask(service)).status == 200
    assert (await ask(service, [("x-key", "k")], token="user")).status == 200
    assert (await ask(service, [("x-key", "k")], token="admin")).status == 200
    assert (await ask(service, [("cookie", "session=s")], token="bad")).status == 200
    callers = [arguments[1] for _, arguments, _ in service.calls]
    assert callers[0] is None
    assert callers[1].key.roles == {"k"}
    assert [caller.roles for caller in callers[2:]] == [{"admin"}, {"s"}]
    assert (await ask(service, token="bad")).status == 401, "bad credentials are not taken for none"
    assert (await ask(service, [("x-key", "k")])).status == 401, "nor are incomplete ones"
    assert (await ask(service, token="user")).status == 403


@pytest.mark.parametrize(
    ("requirement", "sent", "bad"),
    [
        ("key", [("x-key", "a")], [("x-key", "bad")]),
        ("basic", basic("a:b"), [("authorization", "Bearer a")]),
        ("cookieKey", [("cookie", "session=a")], [("cookie", "session=")]),
        ("digest", [("authorization", f"Digest {DIGEST}")], [("authorization", "Bearer a")]),
    ],
)
async def test_anonymous_or_not(serve: Serve, requirement: str, sent: Headers, bad: Headers) -> None:
    service = serve({}, {requirement: []})
    assert (await ask(service)).status == 200
    assert (await ask(service, sent)).status == 200
    assert [arguments[1] is None for _, arguments, _ in service.calls] == [True, False]
    assert (await ask(service, bad)).status == 401


@pytest.mark.parametrize("requirements", [[], [{}]])
async def test_nobody_is_asked(serve: Serve, requirements: list[Any]) -> None:
    service = serve(*requirements)
    assert (await ask(service, token="bad")).status == 200
    ((_, arguments, _),) = service.calls
    assert len(arguments) == 1, "there is no caller"


async def test_the_documents_security_holds_where_an_operation_says_none(serve: Serve) -> None:
    def change(document: Any) -> None:
        document["security"] = [{"key": []}]
        del document["paths"][THING]["get"]["security"]

    assert (await ask(serve(change=change))).status == 401


# Beside the rest of a request ---------------------------------------------------------------------------


async def test_credentials_are_checked_before_parameters_and_bodies(serve: Serve) -> None:
    def change(document: Any) -> None:
        document["paths"][THING]["put"]["security"] = [{"bearerAuth": ["admin"], "queryKey": []}]

    service = serve({"queryKey": []}, change=change)
    assert (await ask(service, query="?nonsense=1")).status == 401
    assert (await ask(service, query="?the+key=a&nonsense=1")).status == 422
    assert (await service.ask("PUT", f"{TARGET}?the+key=a", body=b"{")).status == 401
    assert (await service.ask("PUT", f"{TARGET}?the+key=a", token="user", body=b"{")).status == 403
    assert (await service.ask("PUT", f"{TARGET}?the+key=a", token="admin", body=b"{")).status == 415


async def test_a_parameter_of_the_same_name_as_a_key(serve: Serve) -> None:
    def change(document: Any) -> None:
        schema = {"schema": {"type": "string", "maxLength": 3}, "required": True}
        places = (("query", "the key"), ("header", "x-key"), ("cookie", "session"))
        document["paths"][THING]["get"]["parameters"] += [
            {"in": location, "name": name, **schema} for location, name in places
        ]

    service = serve({"queryKey": [], "key": [], "cookieKey": []}, change=change)
    headers = [("X-Key", "b"), ("Cookie", "session=c")]
    assert (await ask(service, headers, "?the+key=a")).status == 200
    assert {name: service.call[name] for name in ("the_key", "x_key", "session")} == {
        "the_key": "a",
        "x_key": "b",
        "session": "c",
    }


# Names --------------------------------------------------------------------------------------------------


async def test_names_that_are_none_or_collide(serve: Serve) -> None:
    def change(document: Any) -> None:
        key = {"type": "apiKey", "in": "header"}
        names = ["2fa", "api-key", "apiKey", "error", "class", "..."]
        schemes = {name: {**key, "name": f"X-{index}"} for index, name in enumerate(names)}
        document["components"]["securitySchemes"] = SCHEMES | schemes
        document["paths"][THING]["get"]["security"] = [{name: [] for name in names}]

    service = serve(change=change)
    headers = [(f"X-{index}", str(index)) for index in range(6)]
    assert (await ask(service, headers)).status == 200
    methods = ["scheme_2fa", "api_key", "api_key_2", "error_", "class_", "scheme"]
    assert service.host.credentials == [(name, str(index)) for index, name in enumerate(methods)]
    ((_, (_, caller), _),) = service.calls
    assert caller.class_.roles == {"4"}


def test_unused_schemes_ask_nothing_of_the_host(serve: Serve) -> None:
    host = serve({"key": []}).package.operations.Host
    assert "key" in vars(host)
    assert "basic" not in vars(host)


def test_a_tag_may_have_the_name_of_two_schemes(serve: Serve) -> None:
    def change(document: Any) -> None:
        document["paths"][THING]["get"]["tags"] = ["key and basic"]

    operations = serve({"basic": [], "key": []}, change=change).package.operations
    assert hasattr(operations.KeyAndBasic, "get_thing")
    assert hasattr(operations, "KeyAndBasic_2")


REFUSED: dict[str, tuple[Any, str, str]] = {
    "not declared": ([{"nope": []}], f"/paths/{THING.replace('/', '~1')}/get/security", "nope"),
    "a header that is none": (
        {"type": "apiKey", "in": "header", "name": "X Key"},
        "/components/securitySchemes/odd/name",
        "X Key",
    ),
    "an HTTP scheme that is none": (
        {"type": "http", "scheme": "my scheme"},
        "/components/securitySchemes/odd/scheme",
        "my scheme",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_no_client_could_send_is_refused(tmp_path: Path, case: tuple[Any, str, str]) -> None:
    what, pointer, word = case
    document = secured(*(what if isinstance(what, list) else [{"odd": []}]))
    if isinstance(what, dict):
        document["components"]["securitySchemes"] = SCHEMES | {"odd": what}
    with pytest.raises(ContractError) as caught:
        render(read_document(tmp_path, document))
    (finding,) = caught.value.findings
    assert finding.pointer == pointer
    assert word in finding.message
