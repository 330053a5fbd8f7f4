"""Serve a contract without a service: its own generated routes, and answers from its examples and schemas."""

import argparse
import importlib.util
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI
from starlette.types import Scope

from contractgen.check import write
from contractgen.findings import ContractError
from contractgen.load import Document, load
from contractgen.mock.answers import Answers, Choices
from contractgen.mock.certificates import ClientCertHeader
from contractgen.output import add_json_option, as_json
from contractgen.plan.planner import make_plan
from contractgen.render import render

_MEMBER = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_PREFERENCE = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)')
_packages = count(1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `contractgen mock`."""
    parser.add_argument(
        "spec", type=Path, metavar="SPEC", help="an OpenAPI 3.0 or 3.1 document, YAML or JSON"
    )
    parser.add_argument("--port", type=int, required=True, metavar="P", help="0 takes any free port")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add_json_option(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)  # uvicorn raises it again once it has shut down
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listener = socket.create_server((options.host, options.port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot listen on {options.host}:{options.port}: {reason}") from None
    with listener, tempfile.TemporaryDirectory(prefix="contractgen-mock-") as folder:
        document = load(options.spec)
        app = create_mock_app(document, Path(folder))
        contract = make_plan(document)
        host = f"[{options.host}]" if ":" in options.host else options.host
        url = f"http://{host}:{listener.getsockname()[1]}"
        count = len(contract.operations)
        line = f"{url}{contract.base_path} serves {count} operations; docs: {url}/docs"
        told = as_json(url=f"{url}{contract.base_path}", operations=count)
        print(told if options.json else line, flush=True)
        config = uvicorn.Config(app, http="httptools", ws="none", access_log=False, log_level="warning")
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _stop(number: int, frame: object) -> NoReturn:
    del number, frame
    raise SystemExit(0)


def create_mock_app(document: Document, folder: Path) -> FastAPI:
    """An application that answers from the contract; its package is written below the folder.

    ContractError names every response that no value can be made for.
    """
    contract = make_plan(document)
    write(render(document), folder / "contract")
    package = _import(folder / "contract")
    host = _Host(package)
    for scheme in contract.schemes:
        setattr(host, scheme.method, host.caller)
        if scheme.is_digest:
            setattr(host, f"{scheme.method}_challenge", host.digest_challenge)
    answers = Answers(document, package)
    handlers = {}
    for tag in contract.tags:
        protocol = getattr(package.operations, tag.class_name)
        members = {o.handler: _handler(getattr(protocol, o.handler), answers.of(o)) for o in tag.operations}
        handlers[tag.module] = type(tag.class_name, (), members)()
    if answers.findings:
        raise ContractError(answers.findings)
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
    package.Api(host=host, **handlers).mount(app)
    if any(scheme.credential == "ClientCertificate" for scheme in contract.schemes):
        app.add_middleware(ClientCertHeader)
    return app


def _import(folder: Path) -> Any:
    """A generated package under a name of its own: two may be served in one process."""
    name = f"contractgen_mock_{next(_packages)}"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} holds no package")
    package: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    return package


class _EveryRole(frozenset[str]):
    def __contains__(self, role: object) -> bool:
        return True


@dataclass(frozen=True)
class _Caller:
    roles: frozenset[str]


@dataclass(frozen=True)
class _Context:
    """What a client prefers, by name."""

    preferences: dict[str, str]

    async def finish(self, status: int) -> None:
        """Nothing was done that could be kept or undone."""


def _text(credential: Any) -> str:
    """A credential of any scheme as one text: a token, or whose it is, and a password behind a colon."""
    if isinstance(credential, str):
        return credential
    name = str(getattr(credential, "username", None) or getattr(credential, "subject", ""))
    return f"{name}:{credential.password}" if hasattr(credential, "password") else name


class _Host:
    """Takes any token or user but `invalid`; `role:admin,moderator` has these roles, every other all."""

    def __init__(self, package: Any) -> None:
        self.package = package

    @asynccontextmanager
    async def unit_of_work(self, operation: Any, scope: Scope, /) -> AsyncIterator[_Context]:
        del operation
        fields = [value.decode("latin-1") for name, value in scope["headers"] if name == b"prefer"]
        yield _Context(preferences(",".join(fields)))

    async def caller(self, context: _Context, credential: Any, /) -> _Caller | None:
        del context
        kind, _, roles = _text(credential).partition(":")
        if kind == "invalid":
            return None
        return _Caller(frozenset(filter(None, roles.split(","))) if kind == "role" else _EveryRole())

    async def digest_challenge(self, context: _Context, /) -> Any:
        del context
        return self.package.operations.DigestChallenge(realm="mock", nonce="mock")

    def error(self, error: Exception, operation: Any, scope: Scope, /) -> Any:
        del operation, scope
        return self.package.operations.Refusal(500, f"The mock failed: {type(error).__name__}: {error}")


def preferences(text: str) -> dict[str, str]:
    """The header `Prefer` (RFC 7240): of a repeated name the first counts, what is none is ignored."""
    found: dict[str, str] = {}
    for member in _MEMBER.findall(text):
        if match := _PREFERENCE.match(member):
            value = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
            found.setdefault(match[1].lower(), value)
    return found


def _handler(member: Any, choices: Choices) -> Any:
    """A handler of the Protocol's own signature."""

    @wraps(member)
    async def handle(_self: object, context: _Context, *_arguments: object, **named: object) -> Any:
        accept = str(named["accept"]) if choices.negotiates else None
        return choices.choose(context.preferences, accept)

    return handle
