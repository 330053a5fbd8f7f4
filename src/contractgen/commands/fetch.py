"""The command `fetch`: save the files of other hosts that documents refer to."""

import argparse

from contractgen.commands.output import add_json_option, as_json
from contractgen.commands.selection import add_spec_argument, contracts_for, for_each
from contractgen.document.fetching import Fetched, Fetcher
from contractgen.document.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen fetch`."""
    add_spec_argument(parser)
    parser.add_argument("--again", action="store_true", help="fetch the files that are there, too")
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Print each file with its address and SHA-256; return 0 if all of them are there."""
    files: list[Fetched] = []

    def report(fetched: Fetched) -> None:
        files.append(fetched)
        if not options.json:
            print(f"{fetched.state} {fetched.path}: {fetched.address}, SHA-256 {fetched.sha256}", flush=True)

    fetcher = Fetcher(report, again=options.again)
    contracts = contracts_for(options.spec, options)
    for_each(contracts, lambda contract: load(contract.spec, fetcher))
    if options.json:
        print(as_json(files=[each.as_json() for each in files]))
    elif not files:
        print(f"{', '.join(str(each.spec) for each in contracts)}: no references to other hosts")
    return 0
