"""The parts of a contract that the host of a service needs: its security schemes, roles and own errors."""

import json
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any

from pydantic import BaseModel

from contractgen.mock.responses import MockResponse, MockResponses
from contractgen.plan.contract import Contract, Response
from contractgen.plan.names import prose
from contractgen.plan.schemes import ApiKeyScheme, BasicScheme, BearerScheme, DigestScheme, HttpScheme, Scheme
from contractgen.render.source import credential_argument
from contractgen_runtime.pointers import child

_ISSUED = {"oauth2", "openIdConnect"}


@dataclass(frozen=True, slots=True)
class SchemeSource:
    """A security scheme: how the host finds the caller, and the credential that development accepts.

    `means` says what the service needs for it: `token` a secret of its own, `issuer` the keys of another
    party, `accounts` names with secrets, or nothing.
    """

    scheme: Scheme
    means: str
    statement: str
    explanation: str
    credential: str = ""

    @property
    def method(self) -> str:
        """Return the method of the host, as text."""
        scheme = self.scheme
        argument = credential_argument(scheme).replace(": ", ": operations.").replace("operations.str", "str")
        lines = [
            f"    async def {scheme.method}(self, context: Context, {argument}, /) -> Caller | None:",
            f'        """{prose(self.explanation)}"""',
            "        del context",
            f"        {self.statement}",
        ]
        if scheme.is_digest:
            signature = f"{scheme.method}_challenge(self, context: Context, /)"
            lines += [
                "",
                f"    async def {signature} -> operations.DigestChallenge:",
                '        """Return a challenge; remember its nonce until it expires."""',
                "        del context",
                f"        return operations.DigestChallenge(realm={scheme.name!r}, nonce=token_urlsafe())",
            ]
        return "\n".join(lines)


def scheme_sources(contract: Contract) -> list[SchemeSource]:
    """Return the source of the host's method for each security scheme."""
    sources = [_source(contract, scheme) for scheme in contract.schemes]
    if any(each.means == "token" for each in sources):
        sources = [_with_own_token(each) if each.means == "issuer" else each for each in sources]
    return sources


def _with_own_token(source: SchemeSource) -> SchemeSource:
    """Let development accept a token of the service: both schemes of a requirement share one header."""
    statement = "return await self._issued.find(token) if self._issued else self._tokens.find(token)"
    explanation = "Return who a token was issued for; in development a token of this service will do."
    return replace(source, statement=statement, explanation=explanation, credential="token")


def _source(contract: Contract, scheme: Scheme) -> SchemeSource:
    written = contract.document.resolve(child("/components/securitySchemes", scheme.name))[0]
    match scheme.type:
        case BearerScheme() if written.get("type") in _ISSUED:
            statement = (
                "return await self._issued.find(token) if self._issued else self._accounts.with_key(token)"
            )
            explanation = "Return who a token was issued for; in development the account `developer`."
            return SchemeSource(scheme, "issuer", statement, explanation, "_secret_of(roles)")
        case BearerScheme():
            explanation = "Return who a token of this service was made for."
            return SchemeSource(scheme, "token", "return self._tokens.find(token)", explanation, "token")
        case BasicScheme():
            statement = "return self._accounts.with_password(credentials.username, credentials.password)"
            explanation = "Return the account of a name and a password."
            return SchemeSource(scheme, "accounts", statement, explanation, "_login_of(roles)")
        case ApiKeyScheme() | HttpScheme():
            statement = "return self._accounts.with_key(token)"
            explanation = "Return the account of a key."
            return SchemeSource(scheme, "accounts", statement, explanation, "_secret_of(roles)")
        case DigestScheme():
            reason = "compute the response of RFC 7616 from the password of the account"
        case _:
            reason = "decide which certificates stand for which caller"
    statement = f"raise NotImplementedError({f'{scheme.name}: {reason}'!r})"
    return SchemeSource(scheme, "", statement, f"Return who calls; {reason}.")


def roles_of(contract: Contract) -> list[str]:
    """Return every role and scope that an operation demands."""
    named = {
        role
        for operation in contract.operations
        for requirement in operation.security
        for _, roles in requirement
        for role in roles
    }
    return sorted(named)


@dataclass(frozen=True, slots=True)
class OwnErrors:
    """The contract's own errors: a body of each of their models, and the headers that they must have.

    `texts` has the text or bytes of each response whose schema does not admit every text, by its class.
    """

    bodies: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str | bytes] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)


def own_errors(contract: Contract, package: Any) -> OwnErrors:
    """Return the bodies and headers for rejecting a request in the contract's own error schemas."""
    mocks = MockResponses(contract, package)
    found = OwnErrors()
    for operation in contract.operations:
        for mocked in map(mocks.of, operation.own_errors):
            if mocked.kind is not None:
                _add(found, mocked, mocks)
    return found


def _add(found: OwnErrors, mocked: MockResponse, mocks: MockResponses) -> None:
    body = next(iter(mocked.bodies.values()), None)
    if isinstance(body, list):  # the items of a sequence
        is_event = mocked.response.content is not None and mocked.response.content.kind == "events"
        body = body[0].data if is_event else body[0]
    if isinstance(body, BaseModel):
        found.bodies.setdefault(type(body).__name__, json.loads(body.model_dump_json(by_alias=True)))
    elif isinstance(body, str | bytes) and not _is_free(mocked.response, mocks):
        found.texts[mocked.response.class_name] = body
    demanded = {each.name for each in fields(mocked.kind) if each.default is MISSING}
    found.headers.update({name: each for name, each in mocked.headers.items() if name in demanded})


def _is_free(response: Response, mocks: MockResponses) -> bool:
    """Return whether a response of text may have the reason of a rejection as its text."""
    if response.content is None:
        return True
    media = child(response.pointer, "content", response.content.media_types[0])
    if "schema" not in mocks.document.at(media):
        return True
    return mocks.values.is_valid(child(media, "schema"), "The request violates the contract.")
