"""The Python types of what responses carry, and the functions that write it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pprint import pformat

from contractgen.models.generation import Models
from contractgen.plan.contract import Contract, Response, ResponseContent
from contractgen.plan.names import snake_case
from contractgen.render.source import header_type
from contractgen.schema.schemas import Plain, is_open

_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\b[^\W\d][\w.]*\b")
# Words of a root's type that mean the same where responses are, with the type that a handler may give.
_SAME = ("Any", "Literal", "None", "UUID", "bool", "dict", "float", "int", "list", "str")
_KNOWN = {word: word for word in _SAME} | {"AwareDatetime": "dt.datetime"}

# Encoders that need no model.
_OF_RUNTIME = ("encode_any", "encode_text")


@dataclass(frozen=True, slots=True)
class Encoder:
    """A function of the responses' module: `name = factory(arguments)`."""

    name: str
    factory: str
    arguments: str


class ResponseTypes:
    """The Python types of the bodies and headers of a contract's responses."""

    def __init__(self, contract: Contract, models: Models, class_of: Callable[[str], str]) -> None:
        self.models = models
        self.class_of = class_of
        self._generic = contract.generic
        document = contract.document
        schemas = {response.schema for response in contract.responses if response.schema}
        self.schemas = sorted(schemas, key=class_of)
        rows = {self._row(schema) for schema in self.schemas}
        is_plain = Plain(document)
        self._plain = {
            name
            for (pointer, _), name in models.class_of.items()
            if name in rows & models.dicts.keys() and is_plain(pointer)
        }
        self._open = {class_of(schema) for schema in self.schemas if is_open(document, schema)}
        self._encoders = self._encoder_names()

    @property
    def rows(self) -> set[str]:
        """The classes beside which a response takes a dict of the same properties."""
        return self._plain - self._open

    def _row(self, schema: str) -> str:
        """Return the class whose properties a dict has: the schema's own, or that of the items of a list."""
        name = self.class_of(schema)
        item = re.fullmatch(r"list\[(\w+)\]", self.models.roots.get(name, ""))
        return item[1] if item else name

    def _encoder_names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        taken = set(_OF_RUNTIME)
        for name in dict.fromkeys(map(self.class_of, self.schemas)):
            near = f"encode_{snake_case(name)}"
            found[name] = near if near not in taken else f"encode_{name}"
            taken.add(found[name])
        return found

    def encoders(self, responses: Iterable[Response]) -> dict[str, Encoder]:
        """The encoders of the models that these responses carry, by name."""
        found = {}
        for schema in sorted({r.schema for r in responses if r.schema}, key=self.class_of):
            name, row = self.class_of(schema), self._row(schema)
            members = f", models.{row}Dict" if row in self.rows else ""
            factory = "root_encoder" if name in self.models.roots else "encoder"
            if name in self._open:
                factory = "open_encoder"
            encoder = Encoder(self._encoders[name], factory, f"models.{name}{members}")
            found[encoder.name] = encoder
        return found

    def encoder_of(self, content: ResponseContent) -> str:
        """Return the function that writes one value of a body."""
        if content.schema:
            encode = self._encoders[self.class_of(content.schema)]
            return f"text_or({encode})" if content.or_text else encode
        return "encode_text" if content.kind == "events" else "encode_any"

    def fields(self, response: Response) -> Iterator[str]:
        """Yield the declarations of a response's fields, those without a default first."""
        content = response.content
        if content:
            yield f"body: {self.body(content)}"
        if not response.key.isdecimal():
            yield f"status: {'StatusT' if response.class_name in self._generic else response.status_type}"
        media_type = f"media_type: {_media_type(content)}" if content and content.is_choice else ""
        if content and media_type and content.chosen is None:
            yield media_type
        for header in sorted(response.headers, key=attrgetter("required"), reverse=True):
            kind = self.models.named(header_type(header.type), header.schema)
            yield f"{header.field}: {kind}{'' if header.required else ' | None = None'}"
        if content and media_type and content.chosen is not None:
            yield f"{media_type} = {pformat(content.chosen)}"

    def body(self, content: ResponseContent) -> str:
        """The type of the field `body`."""
        value = self._value(content.schema) if content.schema else "object"
        match content.kind:
            case "text":
                return "str | bytes"
            case "binary":
                return "bytes | AsyncIterable[bytes]"
            case "events":
                data = "str" if not content.schema else f"{value} | str" if content.or_text else value
                return f"AsyncIterable[Event[{data}]]"
            case "lines" | "sequence":
                return f"AsyncIterable[{value}]"
        return value

    def _value(self, schema: str) -> str:
        name = self.class_of(schema)
        model = f"models.{name}"
        if name in self._open:
            return f"{model} | Mapping[str, object]"
        if name not in self.models.roots:
            return f"{model} | models.{name}Dict" if name in self.rows else model
        row = self._row(schema)
        if row != name and row in self.models.dicts:
            rows = f" | Sequence[models.{row}Dict]" if row in self.rows else ""
            return f"{model} | Sequence[models.{row}]{rows}"
        root = self.models.roots[name]
        value = "" if self._is_recursive(root) else self._spelled(root)
        return f"{model} | {value}" if value and value != "Any" else "object" if value else model

    def _is_recursive(self, kind: str) -> bool:
        """Return whether a type names a class in quotes, as one within itself does: its values are models."""
        quoted = {word.strip("'\"") for word in _WORD.findall(kind) if word[0] in "'\""}
        classes = self.models.roots.keys() | self.models.dicts.keys()
        return "Literal" not in kind and not quoted.isdisjoint(classes)

    def _spelled(self, kind: str) -> str:
        """Return the type of a root as the responses' module spells it; empty if it has an unknown name."""
        words = {word for word in _WORD.findall(kind) if word[0] not in "'\""}
        aliases = {alias.name for alias in self.models.aliases.values()}
        if not words <= _KNOWN.keys() | self.models.dicts.keys() | aliases:
            return ""
        return _WORD.sub(lambda match: self._word(match[0]), kind)

    def _word(self, word: str) -> str:
        return word if word[0] in "'\"" else _KNOWN.get(word) or f"models.{word}"


def _media_type(content: ResponseContent) -> str:
    """Return the type of the media types among which a handler chooses."""
    return "str" if content.is_open else f"Literal{pformat(list(content.media_types))}"
