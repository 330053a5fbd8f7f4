import asyncio
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom import outbox
from pressroom.mail import enqueue_notification_mail
from pressroom.notifications.queries import insert_notification
from pressroom.passwords import verify_password
from tests.cli.refusals import PEPPER, PRODUCTION, refusal, without_settings
from tests.service import Actor

NOWHERE = "postgresql://app:canary@127.0.0.1:1/pressroom"
COMMAND = [sys.executable, "-m", "pressroom.cli"]


def environment(changed: dict[str, str]) -> dict[str, str]:
    return without_settings() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | changed


@pytest.fixture(autouse=True)
def without_dotenv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, stdin: str = "", **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(PRODUCTION | changed),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_refused(result: subprocess.CompletedProcess[str], code: int, message: str) -> None:
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("pressroom: ")
    assert message in result.stderr
    assert "canary" not in result.stderr
    assert result.returncode == code


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.returncode == 0
    for command in ("serve", "worker", "dead-letters", "redrive", "migrate", "seed", "create-admin"):
        assert command in result.stdout


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("pressroom.cli", {"asyncio", "orjson", "pydantic", "pydantic_settings", "fastapi", "sqlalchemy"}),
        ("pressroom.commands.running", {"alembic", "asyncpg", "fastapi", "sqlalchemy", "uvicorn"}),
    ],
)
def test_what_a_command_does_not_need_is_not_imported(module: str, heavy: set[str]) -> None:
    """Settings take five times as long as all that help needs, frameworks seven times as long as both."""
    script = f"import sys, {module}; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment({}), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_wrong_usage() -> None:
    result = run("serve", "--workers", "0")
    assert result.returncode == 2
    assert "argument --workers: must be 1 to 256" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_missing_settings_are_one_line(command: str) -> None:
    missing = dict.fromkeys(PRODUCTION, "")
    assert_refused(
        run(command, **missing), 2, "PRESSROOM_TOKEN_SECRET: is not set; PRESSROOM_PASSWORD_PEPPER: "
    )


def test_production_without_a_database_address() -> None:
    assert_refused(run("migrate"), 2, "DATABASE_URL: is not set")


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "0"],
        ["worker"],
        ["dead-letters"],
        ["redrive", "--all"],
        ["migrate"],
        ["seed"],
        ["create-admin", "--email", "ada@example.com", "--full-name", "Ada"],
    ],
)
def test_an_unreachable_database_is_named(arguments: list[str]) -> None:
    code, reason = refusal(PRODUCTION | {"DATABASE_URL": NOWHERE}, *arguments)
    assert (code, reason.startswith("DATABASE_URL: the database cannot be used: ")) == (3, True)


def test_unreachable_database_is_one_line() -> None:
    assert_refused(run("migrate", DATABASE_URL=NOWHERE), 3, "DATABASE_URL: the database cannot be used: ")


def test_stale_schema_is_one_line(database_url: str) -> None:
    never_migrated = urlunsplit(urlsplit(database_url)._replace(path="/postgres"))
    result = run("serve", "--port", "0", DATABASE_URL=never_migrated)
    assert_refused(result, 3, "DATABASE_URL: the schema was never migrated but must be at ")


def test_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", PORT=str(port), DATABASE_URL=NOWHERE)
    assert_refused(result, 1, f"cannot listen on 127.0.0.1:{port}: Address already in use")


def test_port_of_the_environment_is_checked() -> None:
    assert_refused(run("serve", PORT="eighty", DATABASE_URL=NOWHERE), 2, "PORT: must be a port")


def test_migrate_says_where_the_schema_is(database_url: str) -> None:
    result = run("migrate", DATABASE_URL=database_url)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(r"the schema is at \w+\n", result.stdout)


def stored_admin(database_url: str, email: str) -> str:
    async def select() -> str:
        connection = await asyncpg.connect(database_url)
        try:
            row = await connection.fetchrow(
                "SELECT role, is_active, password_hash FROM users WHERE email = $1", email
            )
        finally:
            await connection.close()
        assert row is not None
        assert (row["role"], row["is_active"]) == ("admin", True)
        return str(row["password_hash"])

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(select())


def test_create_admin_prints_a_password_once_and_takes_an_address_once(database_url: str) -> None:
    email = f"ada-{uuid4().hex}@example.com"
    arguments = ["create-admin", "--email", email, "--full-name", "Ada Lovelace"]
    made = run(*arguments, DATABASE_URL=database_url)
    assert (made.returncode, made.stderr) == (0, "")
    printed = re.fullmatch(rf"{email} is an administrator; the password is (\S{{12,64}})\n", made.stdout)
    assert printed is not None
    assert verify_password(printed[1], stored_admin(database_url, email), pepper=PEPPER.encode())
    assert_refused(run(*arguments, DATABASE_URL=database_url), 1, f"{email} has an account already")
    assert audited(database_url, email) == [("user_created", None, None)]


def audited(database_url: str, email: str) -> list[tuple[str, object, object]]:
    """Action, actor and address of the events about an account."""

    async def select() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database_url)
        try:
            query = "SELECT e.* FROM audit_events e JOIN users u ON u.id = e.subject_id WHERE u.email = $1"
            return list(await connection.fetch(query, email))
        finally:
            await connection.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return [(row["action"], row["actor_id"], row["address"]) for row in runner.run(select())]


def test_create_admin_refuses_a_common_password(database_url: str) -> None:
    arguments = ["create-admin", "--email", "ada@example.com", "--full-name", "Ada", "--password-stdin"]
    code, reason = refusal(PRODUCTION | {"DATABASE_URL": database_url}, *arguments, stdin="password1234\n")
    assert (code, reason.startswith("password: Many people have this password")) == (1, True)


def test_create_admin_reads_a_password_and_does_not_print_it(database_url: str) -> None:
    email, password = f"grace-{uuid4().hex}@example.com", "pässword of Grace "
    arguments = ["create-admin", "--email", email, "--full-name", "Grace", "--password-stdin"]
    made = run(*arguments, stdin=password + "\n", DATABASE_URL=database_url)
    assert (made.returncode, made.stdout) == (0, f"{email} is an administrator\n")
    assert verify_password(password, stored_admin(database_url, email), pepper=PEPPER.encode())


@pytest.mark.parametrize(
    ("email", "full_name", "password", "named"),
    [
        ("not an address", "Ada", "analytical engine", "email"),
        ("ada@example.com", "A", "analytical engine", "full_name"),
        ("ada@example.com", "A" * 101, "analytical engine", "full_name"),
        ("ada@example.com", "Ada", "canary", "password"),
        ("ada@example.com", "Ada", "canary" * 11, "password"),
    ],
)
def test_create_admin_has_the_bounds_of_the_contract(
    database_url: str, email: str, full_name: str, password: str, named: str
) -> None:
    arguments = ["create-admin", "--email", email, "--full-name", full_name, "--password-stdin"]
    code, reason = refusal(PRODUCTION | {"DATABASE_URL": database_url}, *arguments, stdin=password)
    assert (code, reason.startswith(f"{named}: ")) == (1, True)


@contextmanager
def serving(*arguments: str, **changed: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A development server that has printed its banner; ended, and awaited, in any case."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        env=environment({"PRESSROOM_ENVIRONMENT": "development", "PRESSROOM_BCRYPT_COST": "4"} | changed),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        banner = ""
        for line in process.stdout:
            banner += line
            if "log in" in line:
                break
        yield process, banner
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_in_development(database_url: str, tmp_path: Path, workers: str) -> None:
    state_dir = tmp_path / "state"
    changed = {"DATABASE_URL": database_url, "PRESSROOM_STATE_DIR": str(state_dir)}
    with serving("--workers", workers, "--no-mail-worker", **changed) as (process, banner):
        assert str(state_dir / "mailbox") in banner
        command = shlex.split(next(line for line in banner.splitlines() if "log in" in line))
        url, body = command[command.index("-s") + 1], command[-1]
        assert url.startswith("http://127.0.0.1:")
        request = urllib.request.Request(url, body.encode(), {"content-type": "application/json"})
        # The socket listens before the application starts: the request waits in it.
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["user"]["role"] == "admin"
            assert answer.headers["server"] is None
            assert answer.headers["x-content-type-options"] == "nosniff"
        with urllib.request.urlopen(url.replace("/api/v1/auth/login", "/docs"), timeout=30) as page:
            assert page.status == 200
        process.terminate()
        assert process.wait(timeout=30) == 0


async def add_jobs(database: Database, kind: str, count: int, *, dead: bool = False) -> list[UUID]:
    async with database.transaction() as unit:
        ids = [await outbox.enqueue(unit, kind, {}) for _ in range(count)]
    if dead:
        connection = await database.connect()
        await connection.execute("UPDATE jobs SET dead_at = now(), attempts = 10, last_error = 'Gone: 1'")
        await connection.close()
    return ids


async def test_dead_letters_are_listed_and_redriven(database: Database, database_url: str) -> None:
    first, second, third = await add_jobs(database, "some_mail", 3, dead=True)
    listed = run("dead-letters", DATABASE_URL=database_url)
    assert (listed.returncode, listed.stderr) == (0, "")
    lines = [line.split(" ", 4) for line in listed.stdout.splitlines()]
    assert {line[0] for line in lines} == {str(first), str(second), str(third)}
    assert [(line[1], line[2], line[4]) for line in lines] == [("some_mail", "10", "Gone: 1")] * 3
    unknown = uuid4()
    refused = run("redrive", str(first), str(unknown), DATABASE_URL=database_url)
    assert_refused(refused, 1, f"no dead letter: {unknown}")
    assert await still_dead(database) == {second, third}
    done = run("redrive", "--all", DATABASE_URL=database_url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert await still_dead(database) == set()
    assert run("dead-letters", DATABASE_URL=database_url).stdout == ""


async def still_dead(database: Database) -> set[UUID]:
    return {job["id"] for job in await outbox.select_dead(UnitOfWork(database))}


@pytest.mark.parametrize("arguments", [[], ["x"], ["--all", str(UUID(int=0))]])
def test_redrive_wants_ids_or_all(arguments: list[str]) -> None:
    result = run("redrive", *arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def start_worker(changed: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "worker"], env=environment(PRODUCTION | changed), stderr=subprocess.PIPE, text=True
    )


async def listening(database: Database, count: int) -> None:
    """Until so many workers wait for jobs; from then on each knows what SIGTERM means."""
    connection = await database.connect()
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query SIMILAR TO '(LISTEN %|SELECT 1)'
    """
    while await connection.fetchval(waiting) < count:
        await asyncio.sleep(0.05)
    await connection.close()


async def test_worker_processes_share_the_mail(
    database: Database, database_url: str, tmp_path: Path, user: Actor
) -> None:
    """Two processes of their own send each of 40 mails once, and end when they are told to."""
    changed = {"DATABASE_URL": database_url, "PRESSROOM_STATE_DIR": str(tmp_path)}
    workers = [start_worker(changed) for _ in range(2)]
    try:
        async with asyncio.timeout(40):
            await listening(database, len(workers))
            async with database.transaction() as unit:
                for number in range(40):
                    subject = f"No. {number}"
                    row = await insert_notification(unit, user_id=user.id, subject=subject, body="Text.")
                    await enqueue_notification_mail(unit, row["id"])
            while await UnitOfWork(database).fetch_one(outbox.NEXT_DUE) != {"seconds": None}:
                await asyncio.sleep(0.05)
    finally:
        for worker in workers:
            worker.terminate()
        logs = [worker.communicate(timeout=30)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    mails = [path.read_text() for path in (tmp_path / "mailbox").glob("*.eml")]
    assert len(mails) == 40
    assert sum(log.count("mail written to") for log in logs) == 40
