"""The answers of a mock: each declared response, ready to be given, and the choice between them."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from contractgen.document.findings import Finding
from contractgen.mock.bodies import SEQUENCES, Bodies
from contractgen.mock.values import NoValueError, Values
from contractgen.plan import Contract, Operation, Response
from contractgen.runtime.pointers import child


@dataclass(frozen=True)
class Answer:
    """One declared response: its class, its headers, and its bodies by the names of their examples, the best
    first; `tell` makes a body say why a request is refused. A response that no value could be made for has no
    class."""

    response: Response
    kind: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, Any] = field(default_factory=dict)
    tell: Callable[[Any, int, str], Any] = lambda body, _status, _detail: body

    @property
    def media_types(self) -> tuple[str, ...]:
        return self.response.content.media_types if self.response.content else ()

    def make(self, body: Any, status: int, accept: str | None) -> Any:
        """The answer as a handler gives it."""
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
        """The media type that a client wants of several; None leaves the usual one."""
        if accept in self.media_types and "*" not in str(accept):
            return accept
        usual = self.response.content.chosen if self.response.content else None
        return None if usual else self.media_types[0].replace("*", "example")


class Choices:
    """The answers of one operation."""

    def __init__(self, operation: Operation, answers: list[Answer], refusal: Any) -> None:
        self.operation = operation
        self.answers = answers
        self.refusal = refusal
        self.negotiates = bool(operation.offers)
        self._whole: dict[tuple[str | None, str | None, str | None], Any] = {}
        exact = [int(a.response.key) for a in answers if a.response.key.isdecimal()]
        ranged = [status for answer in answers for status in answer.response.statuses]
        successes = [status for status in (*sorted(exact), *sorted(ranged)) if status < 300]
        self.first = next(iter([*successes, *sorted(exact), *sorted(ranged)]), 0)

    def choose(self, preferred: Mapping[str, str], accept: str | None) -> Any:
        """The answer that a client prefers; one that is sent whole is made once."""
        key = preferred.get("code"), preferred.get("example"), accept
        known = self._whole.get(key)
        if known is not None:
            return known
        answer, made = self._make(preferred, accept)
        if not (answer.response.content and answer.response.content.is_streamed):
            self._whole[key] = made
        return made

    def _make(self, preferred: Mapping[str, str], accept: str | None) -> tuple[Answer, Any]:
        """Of the answers of one status that of the type that the client accepts."""
        code = preferred.get("code", str(self.first))
        status = int(code) if code.isdecimal() and len(code) == 3 else 0
        found = [answer for answer in self.answers if status in answer.response.statuses]
        if not found:
            known = ", ".join(dict.fromkeys(answer.response.key for answer in self.answers))
            raise self.refusal(400, f"Prefer: this operation declares the statuses {known}.")
        answer = next((each for each in found if accept in each.media_types), found[0])
        if answer.kind is None:
            what = f"the response {answer.response.key} of {self.operation.operation_id}"
            raise self.refusal(501, f"The mock found no value for {what}; give it a valid example.")
        return answer, answer.make(self._body(answer, preferred.get("example")), status, accept)

    def not_found(self) -> Any:
        """The declared answer to a request for what was deleted."""
        if any(404 in answer.response.statuses for answer in self.answers):
            return self.choose({"code": "404"}, None)
        raise self.refusal(404, "This was deleted.")

    def refused(self, status: int, detail: str) -> Any:
        """The declared answer that tells of a refusal."""
        answer = next(each for each in self.answers if status in each.response.statuses and each.kind)
        body = next(iter(answer.bodies.values()), None)
        return answer.make(answer.tell(body, status, detail) if body is not None else None, status, None)

    def _body(self, answer: Answer, name: str | None) -> Any:
        if name is None:
            return next(iter(answer.bodies.values()), None)
        if not name or name not in answer.bodies:
            known = ", ".join(filter(None, answer.bodies)) or "none"
            raise self.refusal(400, f"Prefer: the valid examples of this answer are: {known}"[:900] + ".")
        return answer.bodies[name]


class Answers:
    """Makes the answers of a contract; what none could be made for gathers in `findings`."""

    def __init__(self, contract: Contract, package: Any) -> None:
        self.document = contract.document
        self.package = package
        self.values = Values(contract.document, "response")
        self.bodies = Bodies(contract.document, self.values)
        self.findings: list[Finding] = []
        self._known: dict[str, Answer] = {}

    def of(self, operation: Operation) -> Choices:
        """The answers of an operation, each class made once however many operations share it."""
        answers = []
        for response in operation.responses:
            if response.class_name not in self._known:
                self._known[response.class_name] = self._attempt(response)
            known = self._known[response.class_name]
            answers.append(replace(known, response=response))
        return Choices(operation, answers, self.package.operations.Refusal)

    def _attempt(self, response: Response) -> Answer:
        try:
            return self._answer(response)
        except (NoValueError, TypeError, ValueError):
            message = "the mock found no value for this response"
            self.findings.append(self.document.finding(response.pointer, message, "give it a valid example"))
            return Answer(response)

    def _answer(self, response: Response) -> Answer:
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
        answer = Answer(response, kind, headers, bodies, partial(self.bodies.telling, response.schema))
        made = answer.make(next(iter(bodies.values()), None), response.statuses[0], None)
        made.open() if hasattr(made, "open") else made.encode()
        return answer

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
