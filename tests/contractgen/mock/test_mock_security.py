"""The mock takes credentials of every kind, and refuses those of nobody."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.mock.application import create_mock
from tests.contractgen.packages import read_document
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


@pytest.mark.parametrize("case", CREDENTIALS.values(), ids=CREDENTIALS)
async def test_credentials(tmp_path: Path, case: tuple[str, Headers, Headers]) -> None:
    name, good, bad = case
    app: Any = create_mock(read_document(tmp_path, secured({name: ["admin"]})), tmp_path).app
    assert (await ask(app, "GET", TARGET)).status == 401
    assert (await ask(app, "GET", TARGET, headers=bad)).status == 401
    assert (await ask(app, "GET", TARGET, headers=good)).status == 200


@pytest.mark.parametrize(
    ("name", "taken"), [("bearer", "x"), ("key", "role:admin"), ("basic", "ann:secret"), ("digest", "ann")]
)
async def test_the_credential_that_is_taken_alone(tmp_path: Path, name: str, taken: str) -> None:
    scheme, good, _ = CREDENTIALS[name]
    document = read_document(tmp_path, secured({scheme: ["admin"]}))
    for credentials, status in (([taken], 200), (["other", taken], 200), (["other", taken[:-1]], 401)):
        app: Any = create_mock(document, tmp_path, credentials).app
        assert (await ask(app, "GET", TARGET, headers=good)).status == status, credentials


async def test_a_role_that_is_missing(tmp_path: Path) -> None:
    app: Any = create_mock(read_document(tmp_path, secured({"basic": ["admin"]})), tmp_path).app
    assert (await ask(app, "GET", TARGET, headers=basic("role:user"))).status == 403
