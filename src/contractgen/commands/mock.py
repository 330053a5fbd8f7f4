"""The command `mock`: serve a contract without its service, from its examples and schemas."""

import argparse
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from contractgen.commands.output import add_json_option, as_json, print_skipped
from contractgen.commands.selection import add_skip_option, add_spec_argument, contract_for
from contractgen.commands.serving import listen, server_of
from contractgen.commands.tables import naming
from contractgen.document.load import load
from contractgen.mock.application import create_mock
from contractgen.mock.browsers import admit_browsers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen mock`."""
    add_spec_argument(parser)
    text = "the port to listen on; 0 for any free one (default: %(default)s)"
    parser.add_argument("--port", type=int, default=8001, metavar="P", help=text)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument(
        "--credential",
        action="append",
        default=[],
        metavar="TEXT",
        help="accept only this token, key or user:password; can be repeated",
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages of this origin alone read responses (default: of any); can be repeated",
    )
    text = "send the same response to every request: remember nothing that was created or changed"
    parser.add_argument("--stateless", action="store_true", help=text)
    parser.add_argument("--log", action="store_true", help="print a line for every request")
    add_skip_option(parser)
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit code."""
    contract = contract_for(options.spec, options)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)  # uvicorn raises it again once it has shut down
    with (
        listen(options.host, options.port) as listener,
        tempfile.TemporaryDirectory(prefix="contractgen-mock-") as folder,
    ):
        with naming(contract.place):
            mock = create_mock(
                load(contract.spec),
                Path(folder),
                frozenset(options.credential),
                contract.skip,
                stateless=options.stateless,
            )
        admit_browsers(mock.app, mock.contract, frozenset(options.origin))
        host = f"[{options.host}]" if ":" in options.host else options.host
        address = f"http://{host}:{listener.getsockname()[1]}"
        url = address + mock.contract.base_path
        count = len(mock.contract.operations)
        if options.json:
            skipped = [asdict(each) for each in mock.skipped]
            print(as_json(mock.findings, url=url, operations=count, skipped=skipped), flush=True)
        else:
            print_skipped(mock.skipped)
            for finding in mock.findings:
                print(finding, file=sys.stderr)
            print(f"{url} serves {count} operations; docs: {address}/docs", flush=True)
        server_of(mock.app, log=options.log).run(sockets=[listener])
    return 0


def _stop(number: int, frame: object) -> NoReturn:
    del number, frame
    raise SystemExit(0)
