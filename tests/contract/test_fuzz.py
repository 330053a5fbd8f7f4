"""schemathesis against a running service, every check on: as two peers and an admin, and as the admin alone.

FUZZ_EXAMPLES sets the examples for each operation (10); a failure prints the request that caused it.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contractgen_runtime.postgres.db import Database
from load.run import isolated_environment, prepare, service
from tests.contract.document import OPERATIONS

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "10")
PASSWORD = "a password for fuzzing"

CONFIGURATION = """
seed = 42
continue-on-failure = true

[cache]
enabled = false

[generation]
database = "none"
max-examples = {examples}

[phases.examples]
fill-missing = true

[checks]
max_response_time = 2.0

{conditional}

{identities}
"""

# A request may be valid by the contract and yet name no version (428) or an old one (412): no schema can say
# which one is current.
CONDITIONAL = """
[[operations]]
include-operation-id = "{operation}"
checks.positive_data_acceptance.expected-statuses = [
  "2xx", "3xx", "401", "403", "404", "409", "412", "428", "429", "5xx"
]
"""

AS_PEERS = """
[auth.wfc]
path = "identities.json"
peers = ["alice", "bob"]
"""

# A session that the fuzzer has ended is opened anew.
AS_ADMIN = """
[auth.dynamic.openapi.bearerAuth]
path = "/api/v1/auth/login"
payload = {{ email = "{email}", password = "{password}" }}
extract_selector = "/access_token"
"""

LOGIN = {
    "endpoint": "/api/v1/auth/login",
    "verb": "POST",
    "contentType": "application/json",
    "token": {
        "extractFrom": "body",
        "extractSelector": "/access_token",
        "sendIn": "header",
        "sendName": "Authorization",
        "sendTemplate": "Bearer {token}",
    },
}


@dataclass(frozen=True)
class Target:
    """A running service, and address and password of its administrator."""

    url: str
    admin: dict[str, str]


@pytest.fixture
def target(database: Database, database_url: str, tmp_path: Path) -> Iterator[Target]:
    """A service of its own on an empty database, seeded; its tokens outlive the run."""
    environment = isolated_environment(tmp_path)
    environment |= {"DATABASE_URL": database_url, "PRESSROOM_TOKEN_LIFETIME": "86400"}
    seeded = prepare(["seed", "--users", "5", "--posts", "30", "--tokens", "1"], str(tmp_path), environment)
    with service(str(tmp_path), environment) as url:
        yield Target(url, json.loads(seeded)["admin"])


def test_as_two_peers_and_an_admin(target: Target, tmp_path: Path) -> None:
    accounts = {name: sign_up(target.url, f"{name}@example.com") for name in ("alice", "bob")}
    accounts["admin"] = target.admin
    entries = [
        {"name": name, "loginEndpointAuth": LOGIN | {"payloadRaw": json.dumps(account)}}
        for name, account in accounts.items()
    ]
    (tmp_path / "identities.json").write_text(json.dumps({"auth": entries}))
    fuzz(target.url, tmp_path, AS_PEERS)


def test_as_admin(target: Target, tmp_path: Path) -> None:
    fuzz(target.url, tmp_path, AS_ADMIN.format(**target.admin))


def fuzz(url: str, folder: Path, identities: str) -> None:
    conditional = "".join(
        CONDITIONAL.format(operation=operation.id)
        for operation in OPERATIONS.values()
        if 428 in operation.responses
    )
    configuration = CONFIGURATION.format(examples=EXAMPLES, conditional=conditional, identities=identities)
    (folder / "schemathesis.toml").write_text(configuration)
    schemathesis = str(Path(sys.executable).with_name("schemathesis"))
    command = [schemathesis, "--config-file", "schemathesis.toml"]
    command += ["run", f"{url}/openapi.yaml", "--url", url]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, f"\n{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"


def sign_up(url: str, email: str) -> dict[str, str]:
    account = {"email": email, "password": PASSWORD}
    body = json.dumps(account | {"full_name": "A Peer"}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/auth/register", body, headers)
    with urllib.request.urlopen(request) as response:
        assert response.status == 201
    return account
