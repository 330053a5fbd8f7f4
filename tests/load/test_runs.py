"""Whole runs of locust against a server whose latencies are known."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from load.accounts import VARIABLE
from load.peers.wrk import Load, run_wrk
from load.service import free_port
from tests.house.project import ROOT
from tests.load.stub import accounts, stub
from tests.tiers import full_only, slow

pytestmark = slow

LOCUST = [
    sys.executable,
    "-m",
    "locust",
    "--locustfile",
    "load/locustfile.py",
    "--headless",
    "--only-summary",
]


def locust(folder: Path, url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run the scenario of log-ins against a stub."""
    command = [*LOCUST, "--host", url, "--scenario", "login", "--results", str(folder / "runs"), *options]
    environment = os.environ | {VARIABLE: str(accounts(folder)), "PYTHONPATH": python_path()}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def python_path() -> str:
    return os.pathsep.join([str(ROOT / "src"), str(ROOT / "generated"), str(ROOT)])


def result(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "runs").rglob("result.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def objectives(folder: Path, text: str) -> str:
    path = folder / "slo.toml"
    path.write_text(text)
    return f"--slo={path}"


def test_a_stall_of_two_seconds_is_measured_by_who_had_to_wait(tmp_path: Path) -> None:
    """A request due in a stall waits for its end: in 9 judged seconds p99 is 2 s less a hundredth of 9 s."""
    with stub(stall_at=4, stall=2) as url:
        slo = objectives(tmp_path, "[every]\np95 = 100\np99 = 20000\n")
        done = locust(tmp_path, url, "--rate=50", "--seconds=10", "--arrivals=constant", slo)
    found = result(tmp_path)
    login = found["operations"]["login"]
    assert login["count"] == pytest.approx(450, rel=0.05)
    assert login["p99"] == pytest.approx(2000 - 90, rel=0.1)
    assert login["p50"] < 200
    assert (done.returncode, found["exit_code"], found["dropped"]) == (3, 3, 0)
    assert "login: p95 is" in done.stderr


def test_visits_beyond_the_bound_are_dropped_and_counted(tmp_path: Path) -> None:
    with stub(delay=1.0) as url:
        slo = objectives(tmp_path, "[every]\ndropped = 0.0\np99 = 20000\n")
        done = locust(tmp_path, url, "--rate=50", "--seconds=4", "--max-in-flight=20", slo)
    found = result(tmp_path)
    # Of 50 a second 20 can be at work, each for a second.
    assert found["dropped"] == pytest.approx(3.6 * 30, rel=0.25)
    assert done.returncode == 3
    assert "all: dropped is" in done.stderr


def test_a_distributed_run_is_one_run_and_all_its_processes_exit_with_0(tmp_path: Path) -> None:
    port = free_port()  # the usual one may be that of a page of the documentation
    options = ["--processes=2", f"--master-bind-port={port}", f"--master-port={port}"]
    with stub() as url:
        slo = objectives(tmp_path, "[every]\np99 = 20000\nfailed = 0.0\n")
        done = locust(tmp_path, url, "--rate=60", "--seconds=6", "--arrivals=constant", *options, slo)
    found = result(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Bad response code from worker" not in done.stderr
    assert found["processes"] == 2
    # Of both: each sends half.
    assert found["operations"]["login"]["count"] == pytest.approx(60 * 5.4, rel=0.05)


LATE = """\
import gevent
from load.locustfile import *
from load.open_loop import OpenLoop

begin = OpenLoop.on_start


def on_start(self):
    gevent.sleep(3)
    begin(self)


OpenLoop.on_start = on_start
"""


def test_a_dispatcher_that_is_late_still_makes_every_visit(tmp_path: Path) -> None:
    """As on a busy machine: locust spawns it after the clock of the run has begun."""
    (tmp_path / "late.py").write_text(LATE)
    with stub() as url:
        slo = objectives(tmp_path, "[every]\np99 = 20000\nfailed = 0.0\n")
        options = ["--locustfile", str(tmp_path / "late.py"), "--rate=20", "--seconds=4", slo]
        locust(tmp_path, url, "--arrivals=constant", *options)
    assert result(tmp_path)["operations"]["login"]["count"] == pytest.approx(20 * 3.6, rel=0.05)


@full_only
def test_a_generator_that_cannot_keep_up_does_not_judge(tmp_path: Path) -> None:
    with stub() as url:
        # One process sent 4,000 on a quiet machine, and kept up.
        done = locust(tmp_path, url, "--rate=20000", "--seconds=2", "--max-in-flight=200")
    assert done.returncode == 4, done.stderr
    assert "not valid: the load generator" in done.stderr
    assert result(tmp_path)["invalid"]


def test_closed_users_are_judged_too(tmp_path: Path) -> None:
    """Without a scenario users are those of the mix, for whom this server is no Pressroom."""
    with stub() as url:
        command = [
            *LOCUST,
            "--host",
            url,
            "--users=3",
            "--run-time=3s",
            f"--results={tmp_path / 'runs'}",
            "Reader",
        ]
        command.append(objectives(tmp_path, "[every]\np99 = 20000\n"))
        environment = os.environ | {VARIABLE: str(accounts(tmp_path)), "PYTHONPATH": python_path()}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 3, done.stderr
    assert result(tmp_path)["scenario"] == "closed"
    assert "missed: Reader: KeyError: 'next_cursor'" in done.stderr


OWN = """\
from load.locustfile import *
from load.journeys import LogIn


class Eager(LogIn):
    wait_time = constant(0)
"""


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk, the other witness, is not here")
def test_the_rate_is_that_of_wrk(tmp_path: Path) -> None:
    """Ten connections to a server that takes 200 ms: at most 50 a second, also on a busy machine."""
    (tmp_path / "own.py").write_text(f"from locust import constant\n{OWN}")
    slo = objectives(tmp_path, "[every]\np99 = 20000\n")
    with stub(delay=0.2) as url:
        load = Load(f"{url}/api/v1/auth/login", ["token"], body={})
        by_wrk = run_wrk(load, tmp_path, seconds=5, connections=10)
        command = [*LOCUST, "--locustfile", str(tmp_path / "own.py"), "--host", url, slo, "Eager"]
        command += ["--users=10", "--spawn-rate=100", "--run-time=6s", f"--results={tmp_path / 'runs'}"]
        environment = os.environ | {VARIABLE: str(accounts(tmp_path)), "PYTHONPATH": python_path()}
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=True)
    found = result(tmp_path)["operations"]["login"]
    assert found["rate"] == pytest.approx(by_wrk.rate, rel=0.1)
    assert found["p50"] == pytest.approx(by_wrk.p50, rel=0.1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scenario", "sprint"], "invalid choice: 'sprint'"),
        (["--scenario", "smoke", "--rate", "-1"], "--rate: must be greater than 0"),
        (["--rate", "5", "--scenario", ""], "name one with --scenario"),
        (["--slo", "missing.toml"], "missing.toml: No such file or directory"),
        (["--scenario", "soak", "--seconds", "9000"], "the tokens expire before"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, options: list[str], said: str) -> None:
    done = locust(tmp_path, "http://127.0.0.1:9", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    done = subprocess.run(
        [*LOCUST, "--host", "http://127.0.0.1:9"],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"{VARIABLE} is not set: `pressroom seed")
