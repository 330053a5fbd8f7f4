"""A process that does nothing but keep server processes running.

What starts a service has imported all of it by then, 100 MB. In production it replaces itself by a process
that imports what a supervisor needs, 14 MB, and what exports metrics if they are to be served.
"""

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import NoReturn

from .wire.limits import Limits
from .wire.workers import Workers


def replace_process(
    name: str,
    application: str,
    listener: socket.socket,
    *,
    workers: int,
    environment: Mapping[str, str],
    limits: Limits,
    metrics: tuple[str, int] | None,
) -> NoReturn:
    """Replace this process by a supervisor that serves until a signal, with metrics at a host and a port.

    `name` is the program's, for an error; the others are those of `serving.run_server`. Contexts of this
    process are not closed, and what is registered for its end does not run.
    """
    listener.set_inheritable(True)
    given = json.dumps([name, application, listener.fileno(), workers, asdict(limits), metrics])
    code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main({given!r})"
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-c", code], {**os.environ, **environment})  # noqa: S606 - no shell is needed


def main(given: str) -> NoReturn:
    name, application, descriptor, workers, limits, metrics = json.loads(given)
    with ExitStack() as stack:
        if metrics:
            from contractgen_runtime.metrics.exporter import exporting  # noqa: PLC0415 - an optional package

            os.environ.update(stack.enter_context(exporting(*metrics)))
        listener = socket.socket(fileno=descriptor)
        served = Workers(application, Limits(**limits), listener, workers).run()
    sys.exit(None if served else f"{name}: the application did not start; the log says why")
