"""The commands of development, on a database of their own."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import pressroom
from contractgen_runtime.postgres.testing import temporary_database
from load.service import free_port, isolated_environment
from pressroom.cli import main
from pressroom.migrations import MIGRATIONS
from tests.cli.refusals import PRODUCTION, refusal
from tests.docs.session import environment_of_pages
from tests.docs.worlds import checkout
from tests.tiers import full_only, slow

COMMAND = [sys.executable, "-m", "pressroom.cli"]


@pytest.fixture
def development(tmp_path: Path, testrun_uid: str, worker_id: str) -> Iterator[dict[str, str]]:
    """The environment of a developer whose database is not that of the other tests."""
    with temporary_database("development", MIGRATIONS.migrate, run=testrun_uid, worker=worker_id) as dsn:
        yield isolated_environment(tmp_path) | {
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "DATABASE_URL": dsn,
        }


def run(environment: dict[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        cwd=environment["PRESSROOM_STATE_DIR"],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_database_is_seeded_beside_its_administrator_and_emptied(development: dict[str, str]) -> None:
    mailbox = Path(development["PRESSROOM_STATE_DIR"]) / "mailbox"
    mailbox.mkdir()
    (mailbox / "1.eml").touch()
    assert run(development, "reset").stdout == "the database is empty but for the administrator\n"
    assert not mailbox.exists()
    seeded = run(development, "seed", "--users", "5", "--posts", "3", "--tokens", "1")
    assert seeded.returncode == 0, seeded.stderr
    counted = run(development, "psql", stdin="\\t\nSELECT count(*), 'posts', count(*) - 2 FROM users")
    assert re.search(r"6 \| posts +\| +4", counted.stdout), counted.stderr
    assert "has users already" in run(development, "seed").stderr


@pytest.mark.parametrize("arguments", [["psql"], ["reset"], ["serve", "--reload", "--port", "0"]])
def test_production_has_none_of_it(arguments: list[str]) -> None:
    code, reason = refusal(PRODUCTION | {"DATABASE_URL": "postgresql:///pressroom"}, *arguments)
    assert code == 1
    assert re.fullmatch(r"\S+ is for development only \(PRESSROOM_ENVIRONMENT\)", reason)


@pytest.mark.parametrize(
    "address", ["postgresql://ada@db.example.com/pressroom", "postgresql:///pressroom?host=db.example.com"]
)
def test_a_database_of_another_machine_is_not_emptied(address: str, tmp_path: Path) -> None:
    code, reason = refusal(isolated_environment(tmp_path) | {"DATABASE_URL": address}, "reset")
    assert (code, reason) == (1, "reset drops everything: DATABASE_URL must be of this machine")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"pressroom {pressroom.__version__}\n"


@contextmanager
def making(target: str, folder: Path, environment: dict[str, str]) -> Iterator[Path]:
    """Run a target of the Makefile in a copy of the checkout; yield the file of what it prints."""
    output = folder.with_name("output")
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["make", target, f"PORT={environment['PORT']}"],
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield output
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert not re.search("Traceback", output.read_text())


def until(path: Path, *texts: str) -> str:
    """Wait until all texts are in a file, and return its content."""
    deadline = time.monotonic() + 120
    while not all(text in (content := path.read_text()) for text in texts):
        assert time.monotonic() < deadline, content
        time.sleep(0.1)
    return content


@full_only
@slow
def test_make_dev_follows_the_contract_and_the_code(tmp_path: Path, development: dict[str, str]) -> None:
    folder, notes = tmp_path / "checkout", tmp_path / "notes"
    notes.mkdir()
    with checkout(folder, "") as variables:
        environment = environment_of_pages(notes) | development | {**variables} | {"PORT": str(free_port())}
        environment |= {"PATH": environment_of_pages(notes)["PATH"]}
        with making("dev", folder, environment) as output:
            printed = until(output, "log in", "Application startup complete", "watching")
            exported = dict(re.findall(r"export (\w+)=(.*)", printed))
            assert shlex.split(exported["DATABASE_URL"]) == [development["DATABASE_URL"]]
            assert exported.keys() == {"ADMIN_PASSWORD", "DATABASE_URL", "MAILBOX"}
            contract = folder / "openapi/openapi.yaml"
            contract.write_text(contract.read_text().replace("title: Pressroom", "title: Newsroom", 1))
            until_served(environment["PORT"], "/openapi.json", "Newsroom")
            handlers = folder / "src/pressroom/health/handlers.py"
            code = handlers.read_text()
            handlers.write_text(code.replace("async def livez(", "async def alive("))
            # As text that can be pasted, not as one line of escapes.
            until(output, "\nasync def livez(context: Context, /) -> (\n    responses.Livez200\n    | ")
            handlers.write_text(code)
            until_served(environment["PORT"], "/livez", "ok")


def until_served(port: str, path: str, text: str) -> None:
    """Wait until a response has the text."""
    deadline = time.monotonic() + 120
    content = ""
    while text not in content:
        assert time.monotonic() < deadline, content
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            content = answer.read().decode()
        time.sleep(0.2)
