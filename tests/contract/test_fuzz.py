"""`contractgen fuzz` against a running service: as two peers and an admin, and as the admin alone.

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
from load.service import isolated_environment, prepare, service
from tests.contract.document import OPERATIONS

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "10")
SPEC = Path(__file__).parents[2] / "openapi" / "openapi.yaml"
PASSWORD = "a password for fuzzing"


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


def test_as_two_peers_and_an_admin(target: Target) -> None:
    peers = [sign_up(target.url, f"{name}@example.com") for name in ("alice", "bob")]
    fuzz(target, *(option for each in peers for option in ("--peer", json.dumps(each))))


def test_as_admin(target: Target) -> None:
    fuzz(target)


def fuzz(target: Target, *options: str) -> None:
    command = [sys.executable, "-m", "contractgen", "fuzz", str(SPEC), "--url", target.url, "--json"]
    command += ["--examples", EXAMPLES, "--response-time", "2"]
    command += ["--login", "login", "--account", json.dumps(target.admin), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert done.stdout, done.stderr[-5_000:]
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"], report["explained"]) == (0, [], []), done.stderr[-20_000:]
    assert report["operations"] == len(OPERATIONS)


def sign_up(url: str, email: str) -> dict[str, str]:
    account = {"email": email, "password": PASSWORD}
    body = json.dumps(account | {"full_name": "A Peer"}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/auth/register", body, headers)
    with urllib.request.urlopen(request) as response:
        assert response.status == 201
    return account
