"""The service behind PgBouncer, as the example configures it; before 1.21 in the mode of sessions."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from load.service import free_port
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.house.project import read
from tests.service import Actor, serving
from tests.tiers import slow

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

pytestmark = [slow, pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not here")]


def version() -> tuple[int, int]:
    done = subprocess.run([str(PGBOUNCER), "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"PgBouncer (\d+)\.(\d+)", done.stdout)
    assert found is not None
    return int(found[1]), int(found[2])


@pytest.fixture
def pooled_url(database_url: str) -> Iterator[str]:
    """The address of the tests' database, by way of PgBouncer."""
    parts = urlsplit(database_url)
    name, host = parts.path[1:], parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    port, server = free_port(), parts.port or 5432
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as text:
        folder = Path(text)
        folder.chmod(0o755)
        (folder / "pgbouncer.ini").write_text(
            configured(
                read("docs/operations/examples/pgbouncer.ini"),
                {
                    "pressroom": f"host={host} port={server} user={parts.username} dbname={name}",
                    "listen_addr": "127.0.0.1",
                    "listen_port": str(port),
                    # The database of the tests trusts whoever may open its socket.
                    "auth_type": "any",
                    "auth_file": None,
                },
            )
        )
        command = [str(PGBOUNCER), "--quiet", str(folder / "pgbouncer.ini")]
        # It refuses to run as root: as the owner of the server it may open the socket.
        user = Path(host).stat().st_uid if os.geteuid() == 0 and Path(host).is_dir() else None
        process = subprocess.Popen(command, user=user, stderr=subprocess.PIPE)
        try:
            deadline = time.monotonic() + 30
            while not listens(port):
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"postgresql://{parts.username}@127.0.0.1:{port}/pressroom"
        finally:
            process.terminate()
            process.communicate(timeout=30)


def configured(example: str, values: dict[str, str | None]) -> str:
    """Return the example with other values, each of which it must have; None removes a line."""
    if version() < (1, 21):
        values = values | {"pool_mode": "session", "max_prepared_statements": None}
    for name, value in values.items():
        line = "" if value is None else f"{name} = {value}"
        example, changed = re.subn(rf"^{name} = .*$", line, example, flags=re.MULTILINE)
        assert changed == 1, name
    return example + "unix_socket_dir =\n"


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


async def test_reads_transactions_and_single_writes(
    settings: Settings, user: Actor, admin: Actor, pooled_url: str
) -> None:
    pooled = settings.model_copy(update={"database_url": pooled_url, "pool_size": 3})
    async with serving(create_app(pooled)) as client:
        for _ in range(20):  # more than connections, so that statements are prepared on each
            assert (await client.get("/api/v1/users/me", auth=user)).status_code == 200
        made = await client.post("/api/v1/posts", auth=user, json={"title": "Notes", "content": "Text."})
        assert made.status_code == 201
        post = f"/api/v1/posts/{made.json()['id']}"
        assert (await client.post(f"{post}/publish", auth=user)).status_code == 200
        queued = await client.post(
            f"/api/v1/users/{user.id}/notify", auth=admin, json={"subject": "Hello", "body": "Text."}
        )
        assert queued.status_code == 202
        credentials = {"email": user.email, "password": user.password}
        assert (await client.post("/api/v1/auth/login", json=credentials)).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get(post)).json()["title"] == "Notes"
