"""Requests to every operation of a service: a valid one, and those that generated code must reject.

The rejections are those that generated code sends before a handler is called. Which of them an operation has
is read from its tables, which `contractgen verify` compares with the contract; a `Checker` judges responses.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
from fastapi import FastAPI

from contractgen_runtime.json_bodies import AnyJsonBody, JsonBody
from contractgen_runtime.mocking.examples import ExampleRequest, Examples
from contractgen_runtime.operations import Operation
from contractgen_runtime.responses import key_of, permitted_statuses
from contractgen_runtime.routing import ContractRoute

from .credentials import Credentials, with_credentials

_SUCCESS = frozenset(range(200, 400))
_JSON = (JsonBody, AnyJsonBody)
_NO_VALUE = frozenset({501})
# What a client sends by itself, and a contract may declare as parameters.
_OF_CLIENT = frozenset({"accept", "accept-encoding", "connection", "user-agent"})
_UNKNOWN = "no-such-parameter"
# Larger bodies are not made: they cost more than the check is worth.
_LARGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Scenario:
    """A request to an operation, and the statuses that its response may have."""

    operation_id: str
    name: str
    sent: ExampleRequest
    statuses: frozenset[int]

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.name}"

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """Return the request as a client sends it, without headers of the client's own."""
        url = f"{self.sent.path}?{self.sent.query}" if self.sent.query else self.sent.path
        cookies = "; ".join("=".join(pair) for pair in self.sent.cookies)
        headers = [*self.sent.headers, *([("cookie", cookies)] if cookies else [])]
        request = client.build_request(self.sent.method, url, headers=headers, content=self.sent.body)
        for name in _OF_CLIENT - {name.lower() for name, _ in headers}:
            request.headers.pop(name, None)
        return request


def scenarios(
    app: FastAPI,
    examples: Examples,
    *,
    credentials: Mapping[str, str] | None = None,
    without_roles: Mapping[str, str] | None = None,
) -> list[Scenario]:
    """Return the scenarios of every operation that has an example of a request.

    `credentials` are those of a caller with all roles, by security scheme, `without_roles` those of one with
    none. Schemes without a credential get the rejections that need none.
    """
    schemes = app.openapi().get("components", {}).get("securitySchemes", {})
    able = Credentials(schemes, credentials or {})
    unable = Credentials(schemes, without_roles or {})
    found = []
    for route in app.router.routes:
        if isinstance(route, ContractRoute):
            operation = route.operation
            sent = examples.operations[operation.operation_id].request
            if sent is not None:
                is_mocked = operation.operation_id in app.state.mocked
                valid = _of_valid(operation, examples, is_mocked=is_mocked)
                valueless = _valueless(operation, examples)
                every = _of(operation, sent, able, unable, valid)
                found += [each for each in every if not each.statuses <= valueless]
                found += [*_of_mock(operation, sent, able, examples)] if is_mocked else []
    # What is deleted, or below it, or acts on it (`/things/1:purge`), is gone for the requests that follow.
    return sorted(
        found,
        key=lambda each: (each.sent.method == "DELETE", -each.sent.path.count("/"), -len(each.sent.path)),
    )


def _of(
    operation: Operation,
    sent: ExampleRequest,
    able: Credentials,
    unable: Credentials,
    valid: frozenset[int],
) -> Iterator[Scenario]:
    name = operation.operation_id
    allowed = with_credentials(sent, able, operation.security)
    if operation.security and {} not in operation.security:
        yield Scenario(name, "401 without credentials", sent, frozenset({401}))
        if allowed is not None and _needs_roles(operation):
            known = with_credentials(sent, unable, operation.security)
            if known is not None:
                yield Scenario(name, "403 without the roles", known, frozenset({403}))
    if allowed is None:
        return
    yield Scenario(name, "a valid request", allowed, valid)
    if not operation.query_names.admits(_UNKNOWN):
        query = "&".join(filter(None, (allowed.query, f"{_UNKNOWN}=1")))
        unknown = replace(allowed, query=query)
        yield Scenario(name, "422 for an unknown parameter", unknown, frozenset({422}))
    if operation.body is not None and allowed.body:
        yield from _of_body(operation.body, name, allowed)


def _of_valid(operation: Operation, examples: Examples, *, is_mocked: bool) -> frozenset[int]:
    """Return the declared successes, or else all that is declared; 501, too, where a mock lacks a value."""
    statuses = permitted_statuses(operation.responses)
    declared = frozenset().union(*statuses.values())
    expected = declared & _SUCCESS or declared
    classes = [each.__name__ for each, of_class in statuses.items() if of_class & expected]
    lacks_value = is_mocked and not all(examples.responses.get(name) for name in classes)
    return expected | (_NO_VALUE if lacks_value else frozenset())


def _valueless(operation: Operation, examples: Examples) -> frozenset[int]:
    """Return the statuses of rejections whose own schema has no example: it may admit no value."""
    permitted = permitted_statuses(operation.responses)
    own = [each for each in operation.own_errors if not examples.responses.get(each.__name__)]
    return frozenset().union(*(permitted[each] for each in own))


def _of_mock(
    operation: Operation, sent: ExampleRequest, able: Credentials, examples: Examples
) -> Iterator[Scenario]:
    """Yield a request for each response that the mock of an operation has."""
    allowed = with_credentials(sent, able, operation.security)
    if allowed is None:
        return
    for response, statuses in permitted_statuses(operation.responses).items():
        if examples.responses.get(response.__name__) and statuses:
            status = min(statuses)
            preferring = replace(allowed, headers=(*allowed.headers, ("prefer", f"code={status}")))
            name = f"the mocked {key_of(response)}"
            yield Scenario(operation.operation_id, name, preferring, frozenset({status}))


def _of_body(body: Any, name: str, allowed: ExampleRequest) -> Iterator[Scenario]:
    media_type = next(value for key, value in allowed.headers if key == "content-type")
    accepted = {content.media_type for content in body.contents}
    if not any("*" in each for each in accepted):
        unsupported = _with_type(allowed, "application/x-no-such-type")
        yield Scenario(name, "415 for another media type", unsupported, frozenset({415}))
    if any(isinstance(each, _JSON) and each.media_type == media_type for each in body.contents):
        broken = replace(allowed, body=b'{"')
        yield Scenario(name, "400 for a body that is not JSON", broken, frozenset({400}))
    largest = max(content.max_bytes for content in body.contents)
    if largest <= _LARGEST_BODY:
        large = replace(allowed, body=b" " * (largest + 1))
        yield Scenario(name, "413 for a large body", large, frozenset({413}))


def _needs_roles(operation: Operation) -> bool:
    return all(any(roles for roles in requirement.values()) for requirement in operation.security)


def _with_type(sent: ExampleRequest, media_type: str) -> ExampleRequest:
    others = tuple(pair for pair in sent.headers if pair[0] != "content-type")
    return replace(sent, headers=(*others, ("content-type", media_type)))
