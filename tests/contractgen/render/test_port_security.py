"""A handler or host that takes another caller or credential than the contract gives is refused by mypy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.packages import read_document, write_package

OK = {"responses": {"204": {"description": "Done."}}, "tags": ["things"]}
CONTRACT: Any = {
    "openapi": "3.1.0",
    "info": {"title": "Port", "version": "1"},
    "paths": {
        "/both": {"get": OK | {"operationId": "both", "security": [{"token": [], "key": []}]}},
        "/either": {"get": OK | {"operationId": "either", "security": [{"token": []}, {"key": []}]}},
        "/mixed": {
            "get": OK | {"operationId": "mixed", "security": [{"basic": []}, {"token": [], "key": []}]}
        },
        "/maybe": {"get": OK | {"operationId": "maybe", "security": [{}, {"digest": [], "key": []}]}},
        "/shown": {"get": OK | {"operationId": "shown", "security": [{"certificate": []}]}},
    },
    "components": {
        "securitySchemes": {
            "token": {"type": "oauth2", "flows": {}},
            "key": {"type": "apiKey", "in": "query", "name": "key"},
            "basic": {"type": "http", "scheme": "basic"},
            "digest": {"type": "http", "scheme": "digest"},
            "certificate": {"type": "mutualTLS"},
        }
    },
}
SERVICE = """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Scope

from port import Api, operations, responses


class Context:
    async def finish(self, status: int) -> None: ...


class User:
    roles = frozenset({"admin"})


class Machine:
    roles = ("reader",)


Caller = User | Machine


class Host:
    @asynccontextmanager
    async def unit_of_work(self, operation: operations.Operation, scope: Scope, /) -> AsyncIterator[Context]:
        yield Context()

    async def token(self, context: Context, token: str, /) -> User | None:
        return User()

    async def key(self, context: Context, token: str, /) -> Machine | None:
        return Machine()

    async def basic(self, context: Context, credentials: operations.BasicCredentials, /) -> User | None:
        return User() if credentials.password else None

    async def digest(self, context: Context, credentials: operations.DigestCredentials, /) -> User | None:
        return User() if credentials.nonce_count else None

    async def digest_challenge(self, context: Context, /) -> operations.DigestChallenge:
        return operations.DigestChallenge(realm="port", nonce="once")

    async def certificate(self, context: Context, shown: operations.ClientCertificate, /) -> User | None:
        return User() if shown.chain else None

    def error(self, error: Exception, operation: operations.Operation, scope: Scope, /) -> operations.Refusal:
        return operations.Refusal(500, "Failed.")


class Things:
    async def both(self, context: Context, caller: operations.TokenAndKey[Caller], /) -> responses.Both204:
        print(caller.token.roles, caller.key.roles)
        return responses.Both204()

    async def either(self, context: Context, caller: Caller, /) -> responses.Either204:
        return responses.Either204()

    async def mixed(
        self, context: Context, caller: Caller | operations.TokenAndKey[Caller], /
    ) -> responses.Mixed204:
        return responses.Mixed204()

    async def maybe(
        self, context: Context, caller: operations.KeyAndDigest[Caller] | None, /
    ) -> responses.Maybe204:
        return responses.Maybe204()

    async def shown(self, context: Context, caller: Caller, /) -> responses.Shown204:
        return responses.Shown204()


Api[Context, Caller](host=Host(), things=Things())
"""
# What stands in the right service, what takes its place, and what mypy says.
MISUSES: dict[str, tuple[str, str, str]] = {
    "one caller where two are demanded": (
        "async def both(self, context: Context, caller: operations.TokenAndKey[Caller], /)",
        "async def both(self, context: Context, caller: User, /)",
        "both",
    ),
    "the callers of other schemes": (
        "async def both(self, context: Context, caller: operations.TokenAndKey[Caller], /)",
        "async def both(self, context: Context, caller: operations.KeyAndDigest[Caller], /)",
        "both",
    ),
    "a scheme that is not demanded": ("caller.key.roles", "caller.basic.roles", '"basic"'),
    "one kind of caller where either may come": (
        "async def either(self, context: Context, caller: Caller, /)",
        "async def either(self, context: Context, caller: User, /)",
        "either",
    ),
    "a part of what may come": (
        "caller: Caller | operations.TokenAndKey[Caller], /",
        "caller: operations.TokenAndKey[Caller], /",
        "mixed",
    ),
    "callers that may be absent": (
        "caller: operations.KeyAndDigest[Caller] | None, /",
        "caller: operations.KeyAndDigest[Caller], /",
        "maybe",
    ),
    "a token for a name and a password": (
        "credentials: operations.BasicCredentials, /",
        "credentials: str, /",
        "basic",
    ),
    "a token for a certificate": (
        "shown: operations.ClientCertificate, /",
        "shown: str, /",
        "certificate",
    ),
    "no challenge": ("async def digest_challenge(", "async def challenge(", "digest_challenge"),
    "no method for a scheme": ("async def key(", "async def api_key(", "note:     key"),
    "a caller without roles": (
        'class Machine:\n    roles = ("reader",)',
        "class Machine:\n    pass",
        "roles",
    ),
}


def _slug(name: str) -> str:
    return name.replace(" ", "_")


@pytest.fixture(scope="module")
def errors(
    tmp_path_factory: pytest.TempPathFactory, mypy: Callable[[Path], list[str]]
) -> dict[str, list[str]]:
    """What mypy says of each misuse, in one run."""
    folder = tmp_path_factory.mktemp("port_security")
    write_package(read_document(tmp_path_factory.mktemp("contract"), CONTRACT), folder / "port")
    (folder / "right.py").write_text(SERVICE)
    for name, (old, new, _) in MISUSES.items():
        assert SERVICE.count(old) == 1, f"{name}: the text to replace stands {SERVICE.count(old)} times"
        (folder / f"{_slug(name)}.py").write_text(SERVICE.replace(old, new))
    lines = mypy(folder)
    assert not [line for line in lines if line.startswith("port/")], lines
    return {
        name: [line for line in lines if line.startswith(f"{name}.py")]
        for name in ("right", *map(_slug, MISUSES))
    }


def test_right_callers_are_taken(errors: dict[str, list[str]]) -> None:
    assert errors["right"] == []


@pytest.mark.parametrize("name", MISUSES)
def test_a_wrong_caller_is_refused_by_mypy(errors: dict[str, list[str]], name: str) -> None:
    assert any(MISUSES[name][2] in line for line in errors[_slug(name)]), errors[_slug(name)]
