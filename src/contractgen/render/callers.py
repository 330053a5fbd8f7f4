"""The statements that find the caller of an operation by the credentials of a request."""

from collections.abc import Iterator
from pprint import pformat

from contractgen.plan.contract import Operation
from contractgen.plan.names import constant_name
from contractgen.plan.schemes import Alternative, Scheme


def admission(operation: Operation) -> list[str]:
    """Return the statements that make `caller`; none where nobody needs credentials."""
    table = f"_{constant_name(operation.handler)}"
    if scheme := operation.only_scheme:
        return [_by_one_scheme(operation, scheme, table)]
    if not operation.has_caller:
        return []
    return [f"callers = await admit_any(request, context, {table}, checks)", *_caller(operation)]


def check(scheme: Scheme) -> str:
    """Return the expression that makes the check of one of several schemes."""
    challenge = f", host.{scheme.method}_challenge" if scheme.is_digest else ""
    return f"Check(shared.{scheme.method}_scheme, host.{scheme.method}{challenge})"


def _by_one_scheme(operation: Operation, scheme: Scheme, table: str) -> str:
    reader = f"shared.{scheme.method}_scheme"
    credential, challenge, attempted = f"{reader}.read(request)", f"{reader}.challenge", f"{reader}.attempted"
    if scheme.is_bearer:
        credential, challenge, attempted = "bearer_token(request)", 'b"Bearer"', "has_credentials"
    caller = f"admit(await host.{scheme.method}(context, {credential}), {table}, {challenge})"
    condition = f" if {attempted}(request) else None" if operation.anonymous else ""
    return f"caller = {caller}{condition}"


def _caller(operation: Operation) -> Iterator[str]:
    """Yield the statements that choose among the callers that the alternatives' schemes found."""
    alternatives = operation.alternatives
    if not any(each.class_name for each in alternatives):
        anonymous = "caller = next(iter(callers.values()), None)"
        yield anonymous if operation.anonymous else "(caller,) = callers.values()"
        return
    if len(alternatives) == 1 and not operation.anonymous:
        yield f"caller = {_made(alternatives[0])}"
        return
    yield f"caller: {operation.caller_type('CallerT', 'operations.')}"
    tested = alternatives if operation.anonymous else alternatives[:-1]
    for alternative in tested:
        names = ", ".join(pformat(scheme.name) for scheme in alternative.schemes)
        keyword = "if" if alternative is tested[0] else "elif"
        yield f"{keyword} callers.keys() == {{{names},}}:"
        yield f"    caller = {_made(alternative)}"
    yield "else:"
    yield f"    caller = {'None' if operation.anonymous else _made(alternatives[-1])}"


def _made(alternative: Alternative) -> str:
    """Return the expression of what a handler gets when the alternative's schemes have let a caller in."""
    found = [(each.method, f"callers[{pformat(each.name)}]") for each in alternative.schemes]
    if alternative.class_name is None:
        return found[0][1]
    arguments = ", ".join(f"{method}={caller}" for method, caller in found)
    return f"operations.{alternative.class_name}({arguments},)"
