"""The response bodies of a mock: valid examples, or values made from their schemas."""

import json
import re
import warnings
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from contractgen.document.load import Document
from contractgen.mock.discriminated import has_known_values
from contractgen.mock.values import NoValueError, Values
from contractgen.mock.xml import as_xml
from contractgen.plan.contract import ResponseContent
from contractgen.plan.media import event_of
from contractgen_runtime.pointers import child

_ITEMS = 3
_FIELDS = {"event": str, "id": str, "retry": int}
SEQUENCES = {"events", "lines", "sequence"}
_DATA = re.compile(r"^data: ?(.*)$", re.MULTILINE)


class Bodies:
    """Makes the response bodies of one document."""

    def __init__(self, document: Document, values: Values) -> None:
        self.document = document
        self.values = values

    def of(self, content: ResponseContent, place: str, model: type[BaseModel] | None) -> dict[str, Any]:
        """Return the bodies at a place by the names of their examples, the best first; or NoValueError.

        Each is what a handler returns: a model, text, bytes, or a list of the items of a sequence. The name
        of `example` is empty, as is that of a body made from the schema.
        """
        as_returned = self._form(content, place, model)
        schema = self._schema(content, place)
        found = {}
        for name, example in self.examples(place).items():
            values = _items(content, example) if content.kind in SEQUENCES else [example]
            if values and (schema is None or all(self._is_valid(schema, each) for each in values)):
                given = list(map(as_returned, values))
                found[name] = given if content.kind in SEQUENCES else given[0]
        return found or {"": self._made(content, place, schema, as_returned)}

    def event_fields(self, place: str) -> dict[str, Any]:
        """Return the fields of the events of a stream beside their data, as far as their schema has some."""
        value = self._event(place)
        return {name: value[name] for name in _FIELDS if isinstance(value.get(name), _FIELDS[name])}

    def _event(self, place: str) -> dict[str, Any]:
        """Return a whole event; an empty one if the schema describes the data alone."""
        schema = event_of(self.document, place)
        value = self.values.make(schema) if schema else {}
        return value if isinstance(value, dict) else {}

    def _made(
        self, content: ResponseContent, place: str, schema: str | None, as_returned: Callable[[Any], Any]
    ) -> Any:
        """Make a body without an example; a sequence gets several items."""
        if schema:
            value = self._returned(schema, as_returned)
            return [value] * _ITEMS if content.kind in SEQUENCES else value
        match content.kind:
            case "json":
                return {}
            case "events":
                data = self._event(place).get("data")
                text = data if isinstance(data, str) else json.dumps(data)
                return [f"event {n}" if data is None else text for n in range(1, _ITEMS + 1)]
        return as_returned("text")

    def _returned(self, schema: str, as_returned: Callable[[Any], Any]) -> Any:
        """Return the first value that stays valid as a handler returns it; NoValueError if there is none."""
        for value in self.values.several(schema):
            try:
                return as_returned(value)
            except NoValueError:  # a model leaves out the properties that are not declared
                continue
        raise NoValueError(schema)

    def examples(self, place: str) -> dict[str, Any]:
        """Return the examples of the document by name; the name of `example` is empty."""
        node = self.document.at(place)
        found = {"": node["example"]} if "example" in node else {}
        for name in node.get("examples") or {}:
            example = self.document.resolve(child(place, "examples", name))[0]
            found |= {name: example["value"]} if "value" in example else {}
        return found

    def _is_valid(self, schema: str, value: Any) -> bool:
        return self.values.is_valid(schema, value) and has_known_values(self.document, schema, value)

    def _schema(self, content: ResponseContent, place: str) -> str | None:
        """The pointer of the schema of a body, or of an item of a sequence; None if it has no schema."""
        if content.schema is not None or content.kind not in ("text", "binary"):
            return content.schema
        return child(place, "schema") if "schema" in self.document.at(place) else None

    def _form(
        self, content: ResponseContent, place: str, model: type[BaseModel] | None
    ) -> Callable[[Any], Any]:
        """The function that turns a value into what a handler returns."""
        if content.kind in ("text", "binary"):
            return lambda value: self._text(content, place, value)
        if model is not None:
            return lambda value: self._modelled(model, content.schema or "", value)
        return str if content.kind == "events" else lambda value: value

    def _text(self, content: ResponseContent, place: str, value: Any) -> str | bytes:
        if isinstance(value, str):
            text = value
        elif "xml" in content.media_types[0]:
            text = as_xml(self.document, child(place, "schema"), value)
        else:
            text = json.dumps(value)
        return text if content.kind == "text" else text.encode()

    def _modelled(self, model: type[BaseModel], schema: str, value: Any) -> BaseModel:
        """The model of a value; unvalidated if validation rejects the value, or makes it invalid."""
        for made in filter(None, (make(model, value) for make in (_validated, _unvalidated))):
            if self.values.is_valid(schema, json.loads(made.model_dump_json(by_alias=True))):
                return made
        raise NoValueError(schema)


def _validated(model: type[BaseModel], value: Any) -> BaseModel | None:
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError:
        return None


def _unvalidated(model: type[BaseModel], value: Any) -> BaseModel:
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    return model.model_construct(value) if issubclass(model, RootModel) else model.model_construct(**value)


def _items(content: ResponseContent, example: Any) -> list[Any]:
    """The items of a sequence in its example: a list, one item, or the text of the stream."""
    if not isinstance(example, str):
        return example if isinstance(example, list) else [example]
    written = _DATA.findall(example) if content.kind == "events" else re.split(r"[\n\x1e]+", example.strip())
    items = [each for each in written or [example] if each]
    if content.schema is None:
        return items
    try:
        return [json.loads(each) for each in items]
    except ValueError:
        return []
