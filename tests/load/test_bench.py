"""What `make bench` sends, reads and shows."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from load.peers.bench import Cost, main, pages
from load.peers.cpu import cpu_seconds
from load.peers.table import chart, markdown
from load.peers.wrk import Load, WrkError, run_wrk
from tests.load.stub import stub

PRINTED = """\
Running 1s test @ http://127.0.0.1:8700/
  Latency Distribution
     50%  830.00us
     75%    1.12ms
     99%    2.05s
  1234 requests in 1.00s, 5.00MB read
{more}Requests/sec:   1229.50
"""
COSTS = [
    Cost("pressroom", "me", 16, 80.4, 40.2, 9000, 1, 2),
    Cost("floor", "me", 16, 60, 50, 12000, 1, 2),
    Cost("pressroom", "me", 64, 70, 30, 9900, 4, 8),
]


def fake_wrk(folder: Path, monkeypatch: pytest.MonkeyPatch, printed: str, code: int = 0) -> None:
    """Put a wrk on the PATH that prints this."""
    (folder / "printed").write_text(printed)
    program = folder / "wrk"
    program.write_text(f"#!/bin/sh\ncat {folder / 'printed'}\nexit {code}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_what_wrk_prints_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_wrk(tmp_path, monkeypatch, PRINTED.format(more=""))
    done = run_wrk(Load("http://x/", ["t"]), tmp_path, seconds=1, connections=16)
    assert (done.requests, done.rate, done.p99) == (1234, 1229.5, 2050)
    assert done.p50 == pytest.approx(0.83)


@pytest.mark.parametrize("more", ["  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect 0, read 2\n"])
def test_a_response_that_is_no_success_is_no_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    fake_wrk(tmp_path, monkeypatch, PRINTED.format(more=more))
    with pytest.raises(WrkError, match=f"http://x/: {more.strip()}"):
        run_wrk(Load("http://x/", ["t"]), tmp_path, seconds=1, connections=16)


def test_tokens_and_addresses_rotate_and_a_body_is_posted() -> None:
    script = Load("http://x/", ["a", "b"], ["/1", "/2"], body={"title": "x"}).script()
    assert "{'Bearer a','Bearer b'}, {'/1','/2'}" in script
    assert 'wrk.body = [[{"title": "x"}]]' in script
    assert "POST" not in Load("http://x/", ["a"]).script()


def test_without_wrk_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["pressroom"]) == 2
    assert capsys.readouterr().err.startswith("make bench needs wrk on the PATH: `apt-get install wrk`")


def test_an_unknown_peer_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["flask"])
    assert ended.value.code == 2
    assert "unknown: flask; choose from idiomatic" in capsys.readouterr().err


def test_a_peer_without_cursors_serves_its_first_page() -> None:
    with stub() as url:
        assert pages(url, "/api/v1/posts?limit=20", "token") == ["/api/v1/posts?limit=20"]


def test_the_table_has_server_and_database_and_the_rates() -> None:
    assert markdown(COSTS, ["me"]).splitlines()[:9] == [
        "| 16 connections | me |",
        "|---|---|",
        "| **Pressroom** | 80 + 40 |",
        "| bare ASGI function, asyncpg | 60 + 50 |",
        "",
        "| requests a second | me |",
        "|---|---|",
        "| Pressroom | 9,000 |",
        "| bare ASGI function, asyncpg | 12,000 |",
    ]


def test_the_chart_is_of_the_fewest_connections() -> None:
    drawn = chart(COSTS, ["me"])
    assert drawn.count("<rect") == 2
    assert "Pressroom" in drawn


def test_the_cpu_of_a_process_and_of_its_children_is_counted() -> None:
    before = cpu_seconds(os.getpid())
    busy = "import time\nwhile time.process_time() < 0.5: pass\ninput()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while cpu_seconds(process.pid) < 0.3 and time.monotonic() < deadline:
            time.sleep(0.05)
        used = cpu_seconds(os.getpid()) - before
    assert used >= 0.3
    assert cpu_seconds(process.pid) == 0.0
