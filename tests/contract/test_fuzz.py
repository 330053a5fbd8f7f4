"""`contractgen fuzz` against a running service: as two peers and an admin.

The full tier, and `make fuzz`, do it as the admin alone too.

FUZZ_EXAMPLES sets the examples for each operation (10), FUZZ_SEEDS the seeds ("42"), FUZZ_MAX_TIME the
seconds for which each run goes on, FUZZ_REPORTS a folder for reports. A failure prints its request.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contractgen_runtime.postgres.db import Database
from load.service import isolated_environment, prepare, service
from tests.contract.document import OPERATIONS
from tests.contract.mails import mails_in
from tests.tiers import full_only

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "10")
SEEDS = os.environ.get("FUZZ_SEEDS", "42").split()
MAX_TIME = os.environ.get("FUZZ_MAX_TIME", "")
REPORTS = os.environ.get("FUZZ_REPORTS", "")
ROOT = Path(__file__).parents[2]
PASSWORD = "a password for fuzzing"


@dataclass(frozen=True)
class Target:
    """A running service, address and password of its administrator, and what the hooks need to know."""

    url: str
    admin: dict[str, str]
    environment: dict[str, str]


@pytest.fixture
def target(database: Database, database_url: str, tmp_path: Path) -> Iterator[Target]:
    """A service of its own on an empty database, seeded; its tokens outlive the run."""
    mails = tmp_path / "mails"
    settings = {"DATABASE_URL": database_url, "PRESSROOM_TOKEN_LIFETIME": "86400"}
    environment = isolated_environment(tmp_path) | settings
    seeded = prepare(["seed", "--users", "5", "--posts", "30", "--tokens", "1"], str(tmp_path), environment)
    hooks = {"DATABASE_URL": database_url, "FUZZ_MAILS": str(mails), "PYTHONPATH": os.pathsep.join(sys.path)}
    with (
        mails_in(mails) as smtp,
        service(str(tmp_path), environment | {"PRESSROOM_SMTP_URL": smtp}) as url,
    ):
        yield Target(url, json.loads(seeded)["admin"], {**os.environ, **hooks})


@pytest.mark.parametrize("seed", SEEDS)
def test_as_two_peers_and_an_admin(
    target: Target, seed: str, record_property: Callable[[str, object], None]
) -> None:
    peers = [sign_up(target.url, f"{name}@example.com") for name in ("alice", "bob")]
    options = [option for each in peers for option in ("--peer", json.dumps(each))]
    record_property("fuzz", fuzz(target, f"peers-{seed}", "--seed", seed, *options))


@full_only
@pytest.mark.parametrize("seed", SEEDS)
def test_as_admin(target: Target, seed: str, record_property: Callable[[str, object], None]) -> None:
    record_property("fuzz", fuzz(target, f"admin-{seed}", "--seed", seed))


def fuzz(target: Target, name: str, *options: str) -> Any:
    """Fuzz without a finding; return the report."""
    command = [sys.executable, "-m", "contractgen", "fuzz", "openapi/openapi.yaml", "--url", target.url]
    command += ["--json", "--hooks", "tests/contract/hooks.py", "--examples", EXAMPLES]
    command += ["--response-time", "2"]
    command += ["--login", "login", "--account", json.dumps(target.admin), *options]
    command += ["--max-time", MAX_TIME] if MAX_TIME else []
    for path in (f"{name}.xml", f"{name}.har", name) if REPORTS else ():
        command += ["--report", str(ROOT / REPORTS / path)]
    environment = target.environment
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1200 + float(MAX_TIME or 0),
        check=False,
    )
    assert done.stdout, done.stderr[-5_000:]
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"], report["explained"]) == (0, [], []), done.stderr[-20_000:]
    assert report["operations"] == len(OPERATIONS)
    return {"name": name, "requests": report["requests"], **report["coverage"]}


def sign_up(url: str, email: str) -> dict[str, str]:
    account = {"email": email, "password": PASSWORD}
    body = json.dumps(account | {"full_name": "A Peer"}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/auth/register", body, headers)
    with urllib.request.urlopen(request) as response:
        assert response.status == 201
    return account
