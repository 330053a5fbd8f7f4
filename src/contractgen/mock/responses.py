"""The responses of a mock: each declared response, ready to be sent, and the choice between them."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from contractgen.document.findings import Finding
from contractgen.mock.bodies import SEQUENCES, Bodies
from contractgen.mock.values import NoValueError, Values
from contractgen.plan.contract import Contract, Operation, Response
from contractgen_runtime.pointers import child


@dataclass(frozen=True)
class MockResponse:
    """One declared response: its class, its headers, and its bodies by the names of their examples.

    `with_reason` fills in a body why a request is rejected. `kind` is None if no value was found for the
    response.
    """

    response: Response
    kind: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, Any] = field(default_factory=dict)
    with_reason: Callable[[Any, int, str], Any] = lambda body, _status, _detail: body

    @property
    def media_types(self) -> tuple[str, ...]:
        return self.response.content.media_types if self.response.content else ()

    def make(self, body: Any, status: int, accept: str | None) -> Any:
        """Return the response as a handler returns it."""
        fields: dict[str, Any] = dict(self.headers)
        content = self.response.content
        if content:
            fields["body"] = _stream(body) if content.kind in SEQUENCES else body
        if content and content.is_choice and (media_type := self._media_type(accept)):
            fields["media_type"] = media_type
        if not self.response.key.isdecimal():
            fields["status"] = status
        return self.kind(**fields)

    def _media_type(self, accept: str | None) -> str | None:
        """The one of several media types that a client accepts; None for the usual one."""
        if accept in self.media_types and "*" not in str(accept):
            return accept
        usual = self.response.content.chosen if self.response.content else None
        return None if usual else self.media_types[0].replace("*", "example")


class Choices:
    """The responses of one operation."""

    def __init__(self, operation: Operation, responses: list[MockResponse], refusal: Any) -> None:
        self.operation = operation
        self.responses = responses
        self.refusal = refusal
        self.negotiates = bool(operation.offers)
        self._whole: dict[tuple[str | None, str | None, str | None], Any] = {}
        exact = [int(each.response.key) for each in responses if each.response.key.isdecimal()]
        ranged = [status for each in responses for status in each.response.statuses]
        successes = [status for status in (*sorted(exact), *sorted(ranged)) if status < 300]
        self.first = next(iter([*successes, *sorted(exact), *sorted(ranged)]), 0)

    def choose(self, preferred: Mapping[str, str], accept: str | None) -> Any:
        """Return the response that a client prefers; one that is not streamed is made once."""
        key = preferred.get("code"), preferred.get("example"), accept
        known = self._whole.get(key)
        if known is not None:
            return known
        mocked, made = self._make(preferred, accept)
        if not (mocked.response.content and mocked.response.content.is_streamed):
            self._whole[key] = made
        return made

    def _make(self, preferred: Mapping[str, str], accept: str | None) -> tuple[MockResponse, Any]:
        """The response of the preferred status, and of the accepted media type if there are several."""
        code = preferred.get("code", str(self.first))
        status = int(code) if code.isdecimal() and len(code) == 3 else 0
        found = [mocked for mocked in self.responses if status in mocked.response.statuses]
        if not found:
            known = ", ".join(dict.fromkeys(mocked.response.key for mocked in self.responses))
            raise self.refusal(400, f"Prefer: this operation declares the statuses {known}.")
        mocked = next((each for each in found if accept in each.media_types), found[0])
        if mocked.kind is None:
            what = f"the response {mocked.response.key} of {self.operation.operation_id}"
            raise self.refusal(501, f"The mock found no value for {what}; give it a valid example.")
        return mocked, mocked.make(self._body(mocked, preferred.get("example")), status, accept)

    def not_found(self) -> Any:
        """Return the declared response to a request for what was deleted."""
        if any(404 in mocked.response.statuses for mocked in self.responses):
            return self.choose({"code": "404"}, None)
        raise self.refusal(404, "This was deleted.")

    def refused(self, status: int, detail: str) -> Any:
        """Return the declared response to a rejected request."""
        mocked = next(each for each in self.responses if status in each.response.statuses and each.kind)
        body = next(iter(mocked.bodies.values()), None)
        return mocked.make(
            mocked.with_reason(body, status, detail) if body is not None else None, status, None
        )

    def _body(self, mocked: MockResponse, name: str | None) -> Any:
        if name is None:
            return next(iter(mocked.bodies.values()), None)
        if not name or name not in mocked.bodies:
            known = ", ".join(filter(None, mocked.bodies)) or "none"
            raise self.refusal(400, f"Prefer: the valid examples of this response are: {known}"[:900] + ".")
        return mocked.bodies[name]


class MockResponses:
    """Makes the responses of a contract; `findings` has those for which there is no value."""

    def __init__(self, contract: Contract, package: Any) -> None:
        self.document = contract.document
        self.package = package
        self.values = Values(contract.document, "response")
        self.bodies = Bodies(contract.document, self.values)
        self.findings: list[Finding] = []
        self._known: dict[str, MockResponse] = {}

    def of(self, operation: Operation) -> Choices:
        """Return the responses of an operation; a class that operations share is made once."""
        found = []
        for response in operation.responses:
            if response.class_name not in self._known:
                self._known[response.class_name] = self._attempt(response)
            known = self._known[response.class_name]
            found.append(replace(known, response=response))
        return Choices(operation, found, self.package.operations.Refusal)

    def _attempt(self, response: Response) -> MockResponse:
        try:
            return self._mocked(response)
        except NoValueError:
            message = "no value was found for this response"
            self.findings.append(self.document.finding(response.pointer, message, "give it a valid example"))
            return MockResponse(response)

    def _mocked(self, response: Response) -> MockResponse:
        kind = getattr(self.package.responses, response.class_name)
        headers = {
            header.field: self._header(child(response.pointer, "headers", header.name))
            for header in response.headers
        }
        bodies: dict[str, Any] = {}
        if content := response.content:
            place = child(response.pointer, "content", content.media_types[0])
            bodies = self.bodies.of(content, place, kind.model)
            if content.kind == "events":
                event = self.package.responses.Event
                bodies = {name: [event(item) for item in items] for name, items in bodies.items()}
        mocked = MockResponse(
            response, kind, headers, bodies, partial(self.bodies.with_reason, response.schema)
        )
        made = mocked.make(next(iter(bodies.values()), None), response.statuses[0], None)
        made.open() if hasattr(made, "open") else made.encode()
        return mocked

    def _header(self, place: str) -> Any:
        node, pointer = self.document.resolve(place)
        content = next(iter(node.get("content", {})), None)
        owner = pointer if content is None else child(pointer, "content", content)
        schema = child(owner, "schema")
        examples = [*self.bodies.examples(pointer).values(), *self.bodies.examples(owner).values()]
        if "schema" not in self.document.at(owner):
            return str(examples[0]) if examples else "text"
        valid = [each for each in examples if self.values.is_valid(schema, each)]
        return valid[0] if valid else self.values.make(schema)


async def _stream(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item
