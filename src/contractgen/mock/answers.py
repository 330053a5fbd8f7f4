"""The answers of a mock: each declared response, from its examples or from values made for its schema."""

import json
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from pydantic import BaseModel, ValidationError

from contractgen.load import Document, child
from contractgen.mock.examples import NoValueError, Values
from contractgen.plan import Operation, Response, ResponseContent

_ITEMS = 3


@dataclass(frozen=True)
class Answer:
    """One declared response: `make` builds it with a body, `named` holds the bodies of its examples."""

    response: Response
    make: Callable[[Any, int], Any]
    default: Any
    named: Mapping[str, Any]


class Choices:
    """The answers of one operation."""

    def __init__(self, answers: list[Answer], refusal: Any) -> None:
        self.answers = answers
        self.refusal = refusal
        self.negotiates = any(answer.response.negotiated for answer in answers)
        exact = [int(a.response.key) for a in answers if a.response.key.isdecimal()]
        ranged = [status for answer in answers for status in answer.response.statuses]
        successes = [status for status in (*sorted(exact), *sorted(ranged)) if status < 300]
        self.first = next(iter([*successes, *sorted(exact), *sorted(ranged)]), 0)

    def choose(self, preferred: Mapping[str, str], accept: str | None) -> Any:
        """The answer that a client prefers, of those of one status the one of the type that it accepts."""
        code = preferred.get("code", str(self.first))
        status = int(code) if code.isdecimal() and len(code) == 3 else 0
        found = [answer for answer in self.answers if status in answer.response.statuses]
        if not found:
            known = ", ".join(dict.fromkeys(answer.response.key for answer in self.answers))
            raise self.refusal(400, f"Prefer: this operation declares the statuses {known}.")
        answer = next((each for each in found if accept in _media_types(each.response)), found[0])
        name = preferred.get("example")
        if name is None:
            return self._made(answer, answer.default, status, accept)
        if name not in answer.named:
            known = ", ".join(answer.named) or "none"
            raise self.refusal(400, f"Prefer: the valid examples of this answer are: {known}"[:900] + ".")
        return self._made(answer, answer.named[name], status, accept)

    @staticmethod
    def _made(answer: Answer, body: Any, status: int, accept: str | None) -> Any:
        made = answer.make(body, status)
        if accept in _media_types(answer.response) and hasattr(made, "media_type") and "*" not in str(accept):
            made.media_type = accept
        return made


def _media_types(response: Response) -> tuple[str, ...]:
    return response.content.media_types if response.content else ()


class Answers:
    """Makes the answers of a contract; what none can be made for gathers in `findings`."""

    def __init__(self, document: Document, package: Any) -> None:
        self.document = document
        self.package = package
        self.values = Values(document.value)
        self.findings = list[Any]()

    def of(self, operation: Operation) -> Choices:
        """The answers of an operation, by what they were planned from."""
        owner = child("/paths", operation.path, operation.method.lower(), "responses")
        keys = {key.upper(): key for key in self.document.at(owner)} if self._has(owner) else {}
        found = []
        for response in operation.responses:
            key = keys.get(response.key.upper())
            pointer = self.document.resolve(child(owner, key))[1] if key else ""
            try:
                found.append(self._answer(response, pointer))
            except (NoValueError, TypeError, ValueError):
                message, hint = "no value can be made for this response", "give it an example"
                self.findings.append(self.document.finding(pointer, message, hint))
        return Choices(found, self.package.operations.Refusal)

    def _has(self, place: str) -> bool:
        parent, _, name = place.rpartition("/")
        return bool(self.document.at(parent).get(name))

    def _answer(self, response: Response, pointer: str) -> Answer:
        kind = getattr(self.package.responses, response.class_name)
        fields = {h.field: self._header(child(pointer, "headers", h.name)) for h in response.headers}
        content = response.content
        if content and content.is_choice and content.chosen is None:
            fields["media_type"] = content.media_types[0].replace("*", "example")

        def make(body: Any, status: int) -> Any:
            own = {} if response.key.isdecimal() else {"status": status}
            given = {"body": self._given(content, kind.model, body)} if content else {}
            return kind(**given, **own, **fields)

        default, named = self._bodies(content, pointer) if content else (None, {})
        made = make(default, response.statuses[0])
        made.open() if hasattr(made, "open") else made.encode()
        return Answer(response, make, default, named)

    def _bodies(self, content: ResponseContent, pointer: str) -> tuple[Any, dict[str, Any]]:
        """What is answered by default, and by the name of an example."""
        place = child(pointer, "content", content.media_types[0])
        examples = self._examples(place)
        if content.kind == "json" and content.schema:
            schema = content.schema
            examples = {name: each for name, each in examples.items() if self.values.is_valid(schema, each)}
        named = {name: each for name, each in examples.items() if name}
        if examples:
            return next(iter(examples.values())), named
        return self._made(content, place), named

    def _made(self, content: ResponseContent, place: str) -> Any:
        """A body without an example: of a sequence, several items."""
        if content.schema:
            value = self.values.make(content.schema)
            return value if content.kind == "json" else [value] * _ITEMS
        if content.kind == "events":
            return [f"event {number}" for number in range(1, _ITEMS + 1)]
        if content.kind == "json":
            return {}
        schema = self.document.at(place).get("schema")
        value = self.values.make(child(place, "schema")) if schema else "text"
        if isinstance(value, str):
            return value
        return _xml("root", value) if "xml" in content.media_types[0] else json.dumps(value)

    def _given(self, content: ResponseContent | None, model: type[BaseModel] | None, body: Any) -> Any:
        """A body as a handler gives it: a model, text, bytes, or an iterator of items."""
        kind = content.kind if content else "json"
        if kind in ("text", "binary"):
            text = body if isinstance(body, str) else json.dumps(body)
            return text if kind == "text" else text.encode()
        if kind == "json":
            return _modelled(model, body) if model else body
        items = body if isinstance(body, list) else [body]
        if kind == "events":
            event = self.package.responses.Event
            return _stream(event(_modelled(model, each) if model else str(each)) for each in items)
        return _stream(_modelled(model, each) if model else each for each in items)

    def _examples(self, place: str) -> dict[str, Any]:
        """What the document gives as examples, by name; `example` has none."""
        node = self.document.at(place)
        found = {"": node["example"]} if "example" in node else {}
        for name in node.get("examples", {}):
            example = self.document.resolve(child(place, "examples", name))[0]
            found |= {name: example["value"]} if "value" in example else {}
        return found

    def _header(self, place: str) -> Any:
        node, pointer = self.document.resolve(place)
        content = next(iter(node.get("content", {})), None)
        owner = pointer if content is None else child(pointer, "content", content)
        schema = child(owner, "schema")
        examples = [*self._examples(pointer).values(), *self._examples(owner).values()]
        if "schema" not in self.document.at(owner):
            return str(examples[0]) if examples else "text"
        return next(
            (each for each in examples if self.values.is_valid(schema, each)), None
        ) or self.values.make(schema)


def _modelled(model: type[BaseModel], value: Any) -> BaseModel:
    """The model of a value; one that the model refuses though the schema admits it goes out all the same."""
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError:
        warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
        return model.model_construct(**value) if isinstance(value, dict) else model.model_construct(value)


async def _stream(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


def _xml(name: str, value: Any) -> str:
    """A value as an element: members and items are elements below it."""
    if isinstance(value, dict):
        inner = "".join(_xml(member, each) for member, each in value.items())
    elif isinstance(value, list):
        inner = "".join(_xml("item", each) for each in value)
    else:
        inner = escape(value if isinstance(value, str) else json.dumps(value))
    return f"<{name}>{inner}</{name}>"
