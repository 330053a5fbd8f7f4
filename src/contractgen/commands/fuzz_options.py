"""The options of the command `fuzz`."""

import argparse
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from contractgen.commands.output import add_json_option
from contractgen.commands.selection import add_skip_option, add_spec_argument
from contractgen.document.findings import SettingError
from contractgen.fuzz.configuration import Effort
from contractgen.fuzz.identities import Given
from contractgen.fuzz.schemathesis import is_report

_USUAL = Effort()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `contractgen fuzz`."""
    add_spec_argument(parser)
    text = "the base URL of a service, to which the paths of the document are appended (default: a mock)"
    parser.add_argument("--url", type=_url, help=text)
    text = "fuzz only this operation, an operationId or 'GET /path'; can be repeated"
    parser.add_argument("--operation", action="append", default=[], metavar="ID", help=text)
    text = "examples for each operation in each phase (%(default)s)"
    parser.add_argument("--examples", type=_count, default=_USUAL.examples, metavar="N", help=text)
    text = "the same seed gives the same requests (%(default)s)"
    parser.add_argument("--seed", type=int, default=_USUAL.seed, metavar="N", help=text)
    text = "a response that takes longer is a failure (%(default)g)"
    parser.add_argument(
        "--response-time", type=_seconds, default=_USUAL.response_time, metavar="SECONDS", help=text
    )
    text = "fuzz on, with other examples, until this time is over"
    parser.add_argument("--max-time", type=_count, metavar="SECONDS", help=text)
    text = "a Python file with checks and hooks of schemathesis, which are used too"
    parser.add_argument("--hooks", type=Path, metavar="FILE", help=text)
    text = "write a report: FILE.xml in JUnit's format, FILE.har, or a folder in HTML; can be repeated"
    parser.add_argument("--report", type=_report, action="append", default=[], metavar="FILE", help=text)
    text = "write the configuration of schemathesis to this file, and do not fuzz"
    parser.add_argument("--write", type=Path, metavar="FILE", help=text)
    _add_identity_arguments(parser.add_argument_group("identities"))
    add_skip_option(parser)
    add_json_option(parser)


def _add_identity_arguments(group: argparse._ArgumentGroup) -> None:
    text = "a token, a key, or user:password for a security scheme of the document; can be repeated"
    group.add_argument("--credential", action="append", default=[], metavar="SCHEME=VALUE", help=text)
    text = "the credentials of several schemes in one word: form-encoded, SCHEME=VALUE&SCHEME=VALUE"
    group.add_argument("--credentials", type=_credentials, default=[], metavar="FORM", help=text)
    text = "log in by this operation, which takes an account and returns a token"
    group.add_argument("--login", metavar="ID", help=text)
    text = 'the account to log in with, a JSON object such as {"email": "…", "password": "…"}'
    group.add_argument("--account", metavar="JSON", help=text)
    text = "where the token is in the response, if no property of it is named as a token"
    group.add_argument("--token", metavar="POINTER", help=text)
    text = "the security scheme that the token is for, if several are possible"
    group.add_argument("--scheme", metavar="SCHEME", help=text)
    text = "an account, or SCHEME=VALUE, that must not see what another peer has made; at least twice"
    group.add_argument("--peer", action="append", default=[], metavar="JSON", help=text)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError("must be the URL of a service, such as http://127.0.0.1:8000")
    return text.rstrip("/")


def _report(text: str) -> Path:
    if not is_report(Path(text)):
        raise argparse.ArgumentTypeError("must be FILE.xml, FILE.har, or a folder")
    return Path(text)


def _credentials(text: str) -> list[str]:
    try:
        return [f"{name}={value}" for name, value in parse_qsl(text, strict_parsing=True, errors="strict")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            "must be form-encoded, such as key=SECRET&login=USER%3APASSWORD"
        ) from None


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return seconds


def effort(options: argparse.Namespace) -> Effort:
    """Return how much is sent; SettingError if the file of hooks is not there."""
    if options.hooks and not options.hooks.is_file():
        raise SettingError(f"--hooks: {options.hooks} is no file")
    hooks = str(options.hooks if options.write else options.hooks.absolute()) if options.hooks else ""
    return Effort(options.seed, options.examples, options.response_time, hooks)


def given(options: argparse.Namespace) -> Given:
    """Return the options about identities."""
    return Given(
        credentials=[*options.credentials, *options.credential],
        login=options.login,
        account=options.account,
        token=options.token,
        scheme=options.scheme,
        peers=options.peer,
    )
