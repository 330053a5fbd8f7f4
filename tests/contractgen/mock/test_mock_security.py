"""The mock accepts credentials of every scheme, and rejects requests without any."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from contractgen.mock.application import create_mock
from tests.contractgen.packages import THING, read_document
from tests.contractgen.securing import DIGEST, TARGET, Headers, basic, secured
from tests.contractgen.service import ask

CREDENTIALS: dict[str, tuple[str, Headers, Headers]] = {
    "bearer": ("bearerAuth", [("authorization", "Bearer x")], [("authorization", "Bearer invalid")]),
    "key": ("key", [("x-key", "role:admin")], [("x-key", "invalid")]),
    "basic": ("basic", basic("ann:secret"), basic("invalid:secret")),
    "basic with a role": ("basic", basic("role:admin"), basic("invalid:")),
    "digest": (
        "digest",
        [("authorization", f"Digest {DIGEST}")],
        [("authorization", f"Digest {DIGEST.replace('ann', 'invalid')}")],
    ),
    "certificate": ("certificate", [("client-cert", "CN=ann")], [("client-cert", "invalid")]),
}


# What `--credential` names them by.
ACCEPTED = {"bearer": "x", "key": "role:admin", "basic": "ann:secret", "digest": "ann"}
SCHEMES = dict.fromkeys(scheme for scheme, *_ in CREDENTIALS.values())


def path_of(scheme: str) -> str:
    return TARGET.replace("/things/", f"/{scheme}/")


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """A mock with an operation for each scheme, which accepts some credentials alone; once for the same."""
    document = secured()
    get = document["paths"][THING]["get"]
    document["paths"] = {
        THING.replace("/things/", f"/{scheme}/"): {
            "get": {**get, "operationId": scheme, "security": [{scheme: ["admin"]}]}
        }
        for scheme in SCHEMES
    }
    folder = tmp_path_factory.mktemp("mocks")
    read = read_document(folder, document)
    return cache(lambda *credentials: create_mock(read, folder, credentials).app)


@pytest.mark.parametrize("case", CREDENTIALS.values(), ids=CREDENTIALS)
async def test_credentials(serve: Callable[..., Any], case: tuple[str, Headers, Headers]) -> None:
    scheme, good, bad = case
    path = path_of(scheme)
    assert (await ask(serve(), "GET", path)).status == 401
    assert (await ask(serve(), "GET", path, headers=bad)).status == 401
    assert (await ask(serve(), "GET", path, headers=good)).status == 200


@pytest.mark.parametrize("name", ACCEPTED)
async def test_the_given_credentials_are_accepted_alone(serve: Callable[..., Any], name: str) -> None:
    scheme, good, _ = CREDENTIALS[name]
    app, others = serve(*ACCEPTED.values()), serve(*(f"{each}-other" for each in ACCEPTED.values()))
    assert (await ask(app, "GET", path_of(scheme), headers=good)).status == 200
    assert (await ask(others, "GET", path_of(scheme), headers=good)).status == 401


async def test_a_role_that_is_missing(serve: Callable[..., Any]) -> None:
    assert (await ask(serve(), "GET", path_of("basic"), headers=basic("role:user"))).status == 403
