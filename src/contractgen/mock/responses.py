"""The responses of a mock: each declared response with its examples, as messages that can be sent."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.grammar import METHODS
from contractgen.mock.bodies import SEQUENCES, Bodies
from contractgen.mock.values import NoValueError, Values
from contractgen.plan.contract import Contract, Response
from contractgen_runtime.mocking.examples import ExampleResponse
from contractgen_runtime.pointers import child, tokens
from contractgen_runtime.responses import whole

# A client would decode a body that has no coding.
_ALLOW = "allow"
_CODING = "content-encoding"


@dataclass(frozen=True)
class MockResponse:
    """One declared response: its class, its headers, and its bodies by the names of their examples.

    `kind` is None if no value was found for the response.
    """

    response: Response
    kind: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, Any] = field(default_factory=dict)

    def examples(self) -> Iterator[ExampleResponse]:
        """Yield the messages of each example, one in each media type."""
        status, content = self.response.statuses[0], self.response.content
        media_types = content.media_types if content and content.is_choice else (None,)
        for name, body in (self.bodies or {"": None}).items() if self.kind else ():
            for media_type in media_types:
                _, pairs, encoded = whole(self.make(body, status, media_type))
                headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in pairs)
                sent = dict(headers).get("content-type", "")
                yield ExampleResponse(name, media_type or sent, headers, encoded)

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
        content = self.response.content
        if content is None or (accept in content.media_types and "*" not in str(accept)):
            return accept
        return None if content.chosen else content.media_types[0].replace("*", "example")


class MockResponses:
    """Makes the responses of a contract; `findings` has those for which there is no value."""

    def __init__(self, contract: Contract, package: Any) -> None:
        self.contract = contract
        self.document = contract.document
        self.package = package
        self.values = Values(contract.document, "response")
        self.bodies = Bodies(contract.document, self.values)
        self.findings: list[Finding] = []
        self._known: dict[str, MockResponse] = {}

    def examples(self) -> dict[str, tuple[ExampleResponse, ...]]:
        """Return the examples of every response by the name of its class."""
        found: dict[str, tuple[ExampleResponse, ...]] = {}
        for operation in self.contract.operations:
            for response in operation.responses:
                if response.class_name not in found:
                    found[response.class_name] = tuple(self.of(response).examples())
        return found

    def of(self, response: Response) -> MockResponse:
        """Return a response; one that operations share is made once."""
        if response.class_name not in self._known:
            self._known[response.class_name] = self._attempt(response)
        return self._known[response.class_name]

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
            if header.required or header.name.lower() != _CODING
        }
        bodies: dict[str, Any] = {}
        if content := response.content:
            place = child(response.pointer, "content", content.media_types[0])
            bodies = self.bodies.of(content, place, kind.model)
            if content.kind == "events":
                event = partial(self.package.responses.Event, **self.bodies.event_fields(place))
                bodies = {name: [event(item) for item in items] for name, items in bodies.items()}
        mocked = MockResponse(response, kind, headers, bodies)
        made = mocked.make(next(iter(bodies.values()), None), response.statuses[0], None)
        made.open() if hasattr(made, "open") else made.encode()
        return mocked

    def _header(self, place: str) -> Any:
        node, pointer = self.document.resolve(place)
        content = next(iter(node.get("content", {})), None)
        owner = pointer if content is None else child(pointer, "content", content)
        schema = child(owner, "schema")
        examples = [*self.bodies.examples(pointer).values(), *self.bodies.examples(owner).values()]
        if place.rpartition("/")[2].lower() == _CODING:
            examples.insert(0, "identity")
        if "schema" not in self.document.at(owner):
            return str(examples[0]) if examples else "text"
        if place.rpartition("/")[2].lower() == _ALLOW:
            methods = self._methods(place)
            examples += [", ".join(methods), methods] if methods else []
        valid = [each for each in examples if self.values.is_valid(schema, each)]
        return valid[0] if valid else self.values.make(schema)

    def _methods(self, place: str) -> list[str]:
        """Return the methods of the path within which a pointer is; none within components."""
        names = tokens(place)
        item = self.document.resolve(child("", *names[:2]))[0] if names[:1] == ["paths"] else {}
        return [each.upper() for each in METHODS if each in item]


async def _stream(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item
