"""The application of a mock: the generated routes of a contract, with a host that accepts any caller."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Self

from fastapi import FastAPI
from starlette.types import Scope

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.mock.certificates import ClientCertHeader
from contractgen.mock.packages import import_package
from contractgen.mock.responses import Choices, MockResponses
from contractgen.plan.contract import Contract
from contractgen.plan.skipping import Skip, Skipped, plan_supported
from contractgen.render.folder import write
from contractgen.render.package import render_plan
from contractgen_runtime.mocking.deletions import Deletions
from contractgen_runtime.mocking.preferences import preferences_of

_NOTHING = Skip()


@dataclass(frozen=True)
class Mock:
    """A contract served without a service.

    `findings` name the responses for which it has no value: they become a 501. `skipped` operations are not
    served.
    """

    app: FastAPI
    contract: Contract
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]


def create_mock(
    document: Document, folder: Path, credentials: Collection[str] = (), skip: Skip = _NOTHING
) -> Mock:
    """Return the mock of a document; its generated package is written below the folder.

    It accepts only these `credentials` (a token, a key, `user:password`), or without any nearly every one.
    """
    planned = plan_supported(document, skip)
    contract = planned.contract
    write(render_plan(document, contract), folder / "contract")
    package = import_package(folder / "contract")
    responses = MockResponses(contract, package)
    choices = {operation.operation_id: responses.of(operation) for operation in contract.operations}
    deletions = Deletions()
    handlers = {}
    for tag in contract.tags:
        protocol = getattr(package.operations, tag.class_name)
        members = {
            operation.handler: _handler(
                getattr(protocol, operation.handler), choices[operation.operation_id], deletions
            )
            for operation in tag.operations
        }
        handlers[tag.module] = type(tag.class_name, (), members)()
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
    package.Api(host=_host(package, contract, choices, credentials), **handlers).mount(app)
    if any(scheme.is_mutual_tls for scheme in contract.schemes):
        app.add_middleware(ClientCertHeader)
    return Mock(app, contract, tuple(sorted(responses.findings)), planned.skipped)


class _EveryRole(frozenset[str]):
    def __contains__(self, role: object) -> bool:
        return True


@dataclass(frozen=True)
class _Caller:
    roles: frozenset[str]


class _Context:
    """The path of a request and the preferences of its client, by name; also the unit of work."""

    __slots__ = ("path", "preferences")

    def __init__(self, path: str, preferences: Mapping[str, str]) -> None:
        self.path = path
        self.preferences = preferences

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Do nothing: there is nothing to roll back."""

    async def finish(self, status: int) -> None:
        """Do nothing: there is nothing to commit."""


class _Host:
    """Accepts the given credentials, or without any every one that does not contain `invalid`.

    The caller of `role:a,b` has these roles, every other caller has all.
    """

    def __init__(self, package: Any, choices: Mapping[str, Choices], credentials: Collection[str]) -> None:
        self.package = package
        self.choices = choices
        self.credentials = credentials

    def unit_of_work(self, operation: Any, scope: Scope, /) -> _Context:
        del operation
        return _Context(scope["path"], preferences_of(scope))

    async def caller(self, context: _Context, credential: Any, /) -> _Caller | None:
        del context
        text = _text(credential)
        kind, _, roles = text.partition(":")
        if text not in self.credentials if self.credentials else "invalid" in kind.lower():
            return None
        return _Caller(frozenset(filter(None, roles.split(","))) if kind == "role" else _EveryRole())

    async def digest_challenge(self, context: _Context, /) -> Any:
        del context
        return self.package.operations.DigestChallenge(realm="mock", nonce="mock")

    def refused(self, refusal: Any, operation: Any, scope: Scope, /) -> Any:
        del scope
        return self.choices[operation.operation_id].refused(refusal.status, refusal.detail)

    def error(self, error: Exception, operation: Any, scope: Scope, /) -> Any:
        del operation, scope
        return self.package.operations.Refusal(500, f"The mock failed: {type(error).__name__}: {error}")


def _host(
    package: Any, contract: Contract, choices: Mapping[str, Choices], credentials: Collection[str]
) -> _Host:
    host = _Host(package, choices, credentials)
    for scheme in contract.schemes:
        setattr(host, scheme.method, host.caller)
        if scheme.is_digest:
            setattr(host, f"{scheme.method}_challenge", host.digest_challenge)
    return host


def _text(credential: Any) -> str:
    """A credential of any scheme as text: a token, or a user name, with `:password` if it has one."""
    if isinstance(credential, str):
        return credential
    name = str(getattr(credential, "username", None) or getattr(credential, "subject", ""))
    return f"{name}:{credential.password}" if hasattr(credential, "password") else name


def _handler(member: Any, choices: Choices, deletions: Deletions) -> Any:
    """A handler of the Protocol's own signature."""
    method = choices.operation.method
    makes = method in ("POST", "PUT")

    @wraps(member)
    async def handle(_self: object, context: _Context, *_arguments: object, **named: object) -> Any:
        accept = str(named["accept"]) if choices.negotiates else None
        preferred = context.preferences
        if not makes and "code" not in preferred and deletions.covers(context.path):
            return choices.not_found()
        response = choices.choose(preferred, accept)
        if response.status < 300:
            deletions.note(method, context.path)
        return response

    return handle
