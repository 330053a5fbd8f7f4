"""The application of a mock: the generated routes of a contract, with a host that accepts any caller."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import FastAPI
from starlette.types import Scope

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.mock.certificates import ClientCertHeader
from contractgen.mock.packages import import_package
from contractgen.mock.recollection import Recollection
from contractgen.mock.resources import Resources
from contractgen.mock.responses import MockResponses
from contractgen.mock.server_headers import ServerHeaders, server_headers
from contractgen.mock.values import Values
from contractgen.plan.contract import Contract
from contractgen.plan.skipping import plan_supported
from contractgen.plan.skips import Skip, Skipped
from contractgen.render.folder import write
from contractgen.render.package import render_plan
from contractgen_runtime.mocking.examples import ExampleOperation, ExampleResponse, Examples
from contractgen_runtime.mocking.mocks import MockedResponse, Mocks
from contractgen_runtime.plain import PlainContext, PlainHost
from contractgen_runtime.problems import Refusal
from contractgen_runtime.reasons import with_reason

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
    document: Document,
    folder: Path,
    credentials: Collection[str] = (),
    skip: Skip = _NOTHING,
    *,
    stateless: bool = False,
) -> Mock:
    """Return the mock of a document; its generated package is written below the folder.

    It accepts only these `credentials` (a token, a key, `user:password`), or without any nearly every one.
    Unless it is `stateless`, it remembers what clients create and change.
    """
    planned = plan_supported(document, skip)
    contract = planned.contract
    write(render_plan(document, contract), folder / "contract")
    package = import_package(folder / "contract")
    responses = MockResponses(contract, package)
    examples = _examples(contract, responses)
    mocks = Mocks(package, examples, allowed=True)
    if not stateless:
        resources = Resources(contract, responses.values, examples.responses)
        mocks.recall = Recollection(resources, Values(contract.document, "request"), mocks.deletions)
    handlers = {tag.module: mocks.fill(ModuleType(tag.module)) for tag in contract.tags}
    host = _host(package, contract, _Host(mocks, contract, responses.values, credentials))
    app = FastAPI(
        docs_url=None, redoc_url=None, telemetry={"tracing": False, "metrics": False, "logs": False}
    )
    package.Api(host=host, **handlers).mount(app)
    mocks.install(app)
    if any(scheme.is_mutual_tls for scheme in contract.schemes):
        app.add_middleware(ClientCertHeader)
    if headers := server_headers(contract):
        app.add_middleware(ServerHeaders, headers=headers, values=responses.values)
    return Mock(app, contract, tuple(sorted(responses.findings)), planned.skipped)


class _EveryRole(frozenset[str]):
    def __contains__(self, role: object) -> bool:
        return True


@dataclass(frozen=True)
class _Caller:
    roles: frozenset[str]


class _Host(PlainHost):
    """Accepts the given credentials, or without any every one that does not contain `invalid`.

    The caller of `role:a,b` has these roles, every other caller has all.
    """

    def __init__(
        self, mocks: Mocks, contract: Contract, values: Values, credentials: Collection[str]
    ) -> None:
        self.mocks = mocks
        self.operations = {operation.operation_id: operation for operation in contract.operations}
        self.values = values
        self.credentials = credentials

    async def caller(self, context: PlainContext, credential: Any, /) -> _Caller | None:
        del context
        text = _text(credential)
        kind, _, roles = text.partition(":")
        if text not in self.credentials if self.credentials else "invalid" in kind.lower():
            return None
        return _Caller(frozenset(filter(None, roles.split(","))) if kind == "role" else _EveryRole())

    def refused(self, refusal: Refusal, operation: Any, scope: Scope, /) -> MockedResponse:
        """Return the declared response, with the status and the reason in it where its schema admits them."""
        del scope
        status = refusal.status
        example = self.mocks.refused(operation.operation_id, status)
        responses = self.operations[operation.operation_id].responses
        content = next(each.content for each in responses if status in each.statuses)
        schema = content.schema if content and content.kind == "json" else None
        return MockedResponse(status, self._explained(example, schema, refusal) if schema else example)

    def _explained(self, example: ExampleResponse, schema: str, refusal: Refusal) -> ExampleResponse:
        value = with_reason(json.loads(example.body), refusal.status, refusal.detail)
        if not self.values.is_valid(schema, value):
            return example
        return replace(example, body=json.dumps(value).encode())

    def error(self, error: Exception, operation: Any, scope: Scope, /) -> Refusal:
        del operation, scope
        return Refusal(500, f"The mock failed: {type(error).__name__}: {error}")


def _host(package: Any, contract: Contract, host: _Host) -> _Host:
    """Give the host a method for each security scheme."""

    async def challenge(context: PlainContext, /) -> Any:
        del context
        return package.operations.DigestChallenge(realm="mock", nonce="mock")

    for scheme in contract.schemes:
        setattr(host, scheme.method, host.caller)
        if scheme.is_digest:
            setattr(host, f"{scheme.method}_challenge", challenge)
    return host


def _examples(contract: Contract, responses: MockResponses) -> Examples:
    operations = {
        operation.operation_id: ExampleOperation(tag.module, operation.handler, request=None)
        for tag in contract.tags
        for operation in tag.operations
    }
    return Examples(operations, responses.examples())


def _text(credential: Any) -> str:
    """A credential of any scheme as text: a token, or a user name, with `:password` if it has one."""
    if isinstance(credential, str):
        return credential
    name = str(getattr(credential, "username", None) or getattr(credential, "subject", ""))
    return f"{name}:{credential.password}" if hasattr(credential, "password") else name
