"""The README's tour, run as it is written against a service in development."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from load.run import isolated_environment, service

README = Path(__file__).parents[2] / "README.md"
TOUR = re.compile(r"^```sh tour\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour is written with curl, which is not here")
@pytest.mark.usefixtures("database")
def test_the_tour_does_what_it_says(database_url: str, tmp_path: Path) -> None:
    environment = isolated_environment(tmp_path) | {"DATABASE_URL": database_url}
    with service(str(tmp_path), environment) as url:
        password = json.loads((tmp_path / "secrets.json").read_text())["admin_password"]
        output = walk({"BASE": url, "ADMIN_PASSWORD": password})
        mail = mail_about("Welcome", tmp_path / "mailbox")
    assert '"display_name":"Ada Lovelace (ada@example.com)"' in output
    assert "HTTP/1.1 404" in output
    assert re.search(r'\{"items":\[\{[^]]*"is_published":true[^]]*\],"next_cursor":null\}', output)
    assert '"pointer":"/limit","detail":"Value should be at most 100"' in output
    assert '"total":2,' in output
    assert '"state":"queued"' in output
    assert "To: Ada Lovelace <ada@example.com>" in mail
    assert "Good to have you here." in mail


def walk(variables: dict[str, str]) -> str:
    """What the tour prints; every command in it must succeed."""
    blocks = TOUR.findall(README.read_text())
    assert len(blocks) == 2
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)]
    environment = os.environ | variables | {"PATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def mail_about(subject: str, mailbox: Path) -> str:
    """The mail of this subject, which arrives within a few seconds."""
    deadline = time.monotonic() + 10
    while True:
        for path in mailbox.glob("*.eml"):
            if f"Subject: {subject}" in (mail := path.read_text()):
                return mail
        assert time.monotonic() < deadline, "the mail has not arrived"
        time.sleep(0.05)
