"""The processes of `serve`: signals, workers that end or cannot start, and what a supervisor takes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from contractgen_runtime.service.wire import workers as processes
from tests.tiers import slow

pytestmark = slow

#: A service of one page, as a module of its own: a server starts it by name.
MODULE = """
import sys
from pydantic_settings import SettingsConfigDict
from contractgen_runtime.service.application import Service, wrap
from contractgen_runtime.service.command import ServiceCommand
from contractgen_runtime.service.settings import ServiceSettings, load


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")


def create_app(settings):
    app = Service()
    wrap(app, allowed_hosts=settings.allowed_hosts, origins=())
    return app


def from_environment():
    return create_app(load(Settings))


if __name__ == "__main__":
    command = ServiceCommand("shop", Settings, create_app=create_app, application="shop:from_environment")
    sys.exit(command.run(sys.argv[1:]))
"""
PRODUCTION = {"SHOP_ALLOWED_HOSTS": "127.0.0.1", "SHOP_PUBLIC_URL": "http://localhost"}
needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")


@contextmanager
def serving(
    folder: Path, *arguments: str, module: str = MODULE, **changed: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A process of `shop serve` in production, and its URL."""
    (folder / "shop.py").write_text(module)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    inherited = {name: each for name, each in os.environ.items() if not name.startswith("SHOP_")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "shop.py", "serve", "--port", str(port), *arguments],
        cwd=folder,
        env=inherited | PRODUCTION | {"PYTHONPATH": path} | changed,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.communicate(timeout=30)


def until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_server(tmp_path: Path, workers: int, environment: str, sent: signal.Signals) -> None:
    changed = {"SHOP_ENVIRONMENT": environment, "XDG_STATE_HOME": str(tmp_path / "state")}
    with serving(tmp_path, "--workers", str(workers), **changed) as (process, url):
        until_it_answers(url)
        process.send_signal(sent)
        _, log = process.communicate(timeout=30)
        # uvicorn raises the signal again when it has ended, as programs that are stopped by one do.
        assert process.returncode in (0, -sent)
        assert "Traceback" not in log


def test_code_that_is_saved_is_served(tmp_path: Path) -> None:
    code, changed = tmp_path / "shop_code", {"SHOP_ENVIRONMENT": "development"}
    code.mkdir()
    (code / "__init__.py").write_text('WORD = "old"')
    started = MODULE.replace('"shop:from_environment"', '"shop_code.page:from_environment"')
    page = "Service()\n    app.add_api_route('/word', lambda: WORD)\n"
    (code / "page.py").write_text("from shop_code import WORD\n" + MODULE.replace("Service()\n", page))
    with serving(tmp_path, "--reload", module=started, **changed) as (_, url):
        until_it_answers(url)
        assert word_at(url) == "old"
        (code / "__init__.py").write_text('WORD = "other"')
        deadline = time.monotonic() + 30
        while word_at(url) != "other":
            assert time.monotonic() < deadline
            time.sleep(0.1)


def word_at(url: str) -> str:
    with urllib.request.urlopen(f"{url}/word", timeout=10) as answer:
        return str(json.load(answer))


@needs_proc
def test_a_supervisor_of_production_is_small(tmp_path: Path) -> None:
    """It needs 14 MB; with all that has started the service it would have 98."""
    with serving(tmp_path, "--workers", "2") as (process, url):
        until_it_answers(url)
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        assert pages * os.sysconf("SC_PAGE_SIZE") < 40_000_000


@needs_proc
def test_a_worker_that_is_killed_has_a_successor(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (process, url):
        until_it_answers(url)
        before = until_there_are_workers(process.pid, without=set())
        for each in before:
            os.kill(each, signal.SIGKILL)
        assert until_there_are_workers(process.pid, without=before).isdisjoint(before)
        until_it_answers(url)


@needs_proc
def test_sighup_replaces_the_workers(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (process, url):
        until_it_answers(url)
        before = until_there_are_workers(process.pid, without=set())
        process.send_signal(signal.SIGHUP)
        assert until_there_are_workers(process.pid, without=before).isdisjoint(before)
        until_it_answers(url)


def until_there_are_workers(supervisor: int, *, without: set[int]) -> set[int]:
    """Return the two server processes when there are two and none of the others."""
    deadline = time.monotonic() + 60
    while True:
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        workers = {int(each) for each in children if b"spawn_main" in command_of(each)}
        if len(workers) == 2 and not workers & without:
            return workers
        assert time.monotonic() < deadline, (workers, without)
        time.sleep(0.05)


def command_of(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return b""


def test_the_exit_code_of_a_failed_start_is_that_of_uvicorn() -> None:
    """A supervisor does not import it."""
    assert processes.STARTUP_FAILURE == uvicorn.config.STARTUP_FAILURE


@pytest.mark.parametrize("end", ["raise RuntimeError('no way')", "sys.exit('no way')", "sys.exit(3)"])
def test_workers_that_cannot_start_end_the_service(tmp_path: Path, end: str) -> None:
    start = "def from_environment():\n"
    module = MODULE.replace(start, f"{start}    sys.stderr.write('no way\\n')\n    {end}\n")
    with serving(tmp_path, "--workers", "2", module=module) as (process, _):
        _, log = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "no way" in log
        assert log.splitlines()[-1] == "shop: the application did not start; the log says why"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_of_metrics_that_is_taken_is_one_line(tmp_path: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serving(tmp_path, "--workers", workers, SHOP_METRICS_PORT=port) as (process, _):
            _, log = process.communicate(timeout=60)
            assert process.returncode == 1
            assert (
                log == f"shop: SHOP_METRICS_PORT: cannot listen on 127.0.0.1:{port}: Address already in use\n"
            )
