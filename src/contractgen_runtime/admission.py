"""Authorize a request: 401 without valid credentials, 403 without the required roles."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from .credentials import BEARER, Reader, unauthorized
from .digest import DigestChallenge
from .operations import Operation, Principal
from .problems import Refusal
from .requests import Request

Requirement = Mapping[str, tuple[str, ...]]
ContextT = TypeVar("ContextT")
CallerT = TypeVar("CallerT", bound=Principal)
CredentialT = TypeVar("CredentialT")

_INVALID_TOKEN = BEARER + b' error="invalid_token"'
# RFC 6750: no space, quotation mark or backslash in a scope.
_SCOPE = re.compile(r"[!#-\[\]-~]+")


def admit(caller: CallerT | None, operation: Operation, challenge: bytes) -> CallerT:
    """Return the caller if its roles satisfy a security requirement; raise 401 without a caller, else 403."""
    if caller is None:
        raise unauthorized(_INVALID_TOKEN if challenge == BEARER else challenge)
    for requirement in operation.security:
        for required in requirement.values():
            if all(role in caller.roles for role in required):
                return caller
    demanded = [roles for requirement in operation.security for roles in requirement.values()]
    missing = [[role for role in roles if role not in caller.roles] for roles in demanded]
    raise _forbidden(missing, demanded[0] if challenge == BEARER else ())


class Check(Generic[ContextT, CallerT]):
    """One security scheme: reads its credential and calls the method of the host that finds the caller."""

    def __init__(
        self,
        reader: Reader[CredentialT],
        method: Callable[[ContextT, CredentialT], Awaitable[CallerT | None]],
        digest: Callable[[ContextT], Awaitable[DigestChallenge]] | None = None,
    ) -> None:
        self.attempted = reader.attempted
        self.sent = reader.sent
        self.is_bearer = reader.challenge == BEARER
        self._challenge = reader.challenge
        self._digest = digest

        async def caller(request: Request, context: ContextT) -> CallerT | None:
            try:
                credential = reader.read(request)
            except Refusal:
                return None
            return await method(context, credential)

        self.caller = caller
        """The caller of a request's credential; None if it is malformed or the host does not accept it."""

    async def challenge(self, context: ContextT, *, refused: bool) -> bytes:
        if self._digest is not None:
            return (await self._digest(context)).encode()
        return _INVALID_TOKEN if self.is_bearer and refused else self._challenge


async def admit_any(
    request: Request, context: ContextT, operation: Operation, checks: Mapping[str, Check[ContextT, CallerT]]
) -> dict[str, CallerT]:
    """Return the callers by scheme of the first requirement that is satisfied; none if it is anonymous.

    Raise 401 if credentials are invalid, missing or incomplete, even if the operation permits anonymous
    requests. Raise 403 if only roles are missing.
    """
    names = dict.fromkeys(name for requirement in operation.security for name in requirement)
    security_context = _SecurityContext(request, context, {name: checks[name] for name in names})
    lacking: list[tuple[Requirement, list[str]]] = []
    for requirement in operation.security:
        callers = await security_context.callers(requirement)
        if callers:
            missing = _missing(requirement, callers)
            if not missing:
                return callers
            lacking.append((requirement, missing))
    if lacking and not security_context.refused:
        first = lacking[0][0]
        raise _forbidden([missing for _, missing in lacking], security_context.scope(first))
    if {} in operation.security and not security_context.attempted:
        return {}
    raise unauthorized(*await security_context.challenges())


class _SecurityContext(Generic[ContextT, CallerT]):
    """The security context of one request.

    Each scheme is checked at most once, and only if the request has all credentials of a requirement.
    """

    def __init__(
        self, request: Request, context: ContextT, checks: Mapping[str, Check[ContextT, CallerT]]
    ) -> None:
        self.request = request
        self.context = context
        self.checks = checks
        self.sent = {name for name, check in checks.items() if check.sent(request)}
        self.known: dict[str, CallerT] = {}
        self.refused: set[str] = set()

    @property
    def attempted(self) -> bool:
        return any(check.attempted(self.request) for check in self.checks.values())

    async def callers(self, requirement: Requirement) -> dict[str, CallerT]:
        """Return the callers of a requirement by scheme; none unless all its credentials are valid."""
        if not requirement.keys() <= self.sent:
            return {}
        for name in requirement:
            if not await self._is_good(name):
                return {}
        return {name: self.known[name] for name in requirement}

    async def _is_good(self, name: str) -> bool:
        if name not in self.known and name not in self.refused:
            caller = await self.checks[name].caller(self.request, self.context)
            if caller is None:
                self.refused.add(name)
            else:
                self.known[name] = caller
        return name in self.known

    def scope(self, requirement: Requirement) -> Sequence[str]:
        """Return the scopes that the bearer token of a requirement needs; none if it has no bearer token."""
        return next((roles for name, roles in requirement.items() if self.checks[name].is_bearer), ())

    async def challenges(self) -> list[bytes]:
        every = [
            await check.challenge(self.context, refused=name in self.refused)
            for name, check in self.checks.items()
        ]
        return list(dict.fromkeys(every))


def _missing(requirement: Requirement, callers: Mapping[str, Principal]) -> list[str]:
    return [role for name, roles in requirement.items() for role in roles if role not in callers[name].roles]


def _forbidden(missing: Sequence[Sequence[str]], scope: Sequence[str]) -> Refusal:
    """Return a 403 with the missing roles of each requirement and, for bearer tokens, the scope."""
    lacks = ", or ".join(" and ".join(roles) for roles in missing)
    scopes = " ".join(role for role in scope if _SCOPE.fullmatch(role))
    challenge = BEARER + f' error="insufficient_scope", scope="{scopes}"'.encode()
    headers = [(b"www-authenticate", challenge)] if scopes else []
    return Refusal(403, f"The caller may not do this; missing: {lacks}.", headers)
