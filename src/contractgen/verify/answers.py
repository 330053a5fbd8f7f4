"""The responses that a generated package sends: each response class is made and encoded, in every way."""

import dataclasses
import warnings
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import product
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import RootModel, TypeAdapter

from contractgen.verify.tables import TEXT, ContentTable, HeaderTable, ResponseTable, SchemaAt

_OWN_FIELDS = {"body", "status", "media_type"}
_NEGOTIATED = "vary"
# A value of each type that a header may have.
_SAMPLES: dict[str, Any] = {
    "int": 1,
    "float": 1.5,
    "bool": True,
    "UUID": UUID(int=0),
    "date": date(2026, 1, 1),
    "datetime": datetime(2026, 1, 1, tzinfo=UTC),
    "list": ["x"],
    "Mapping": {"x": "x"},
}


def responses_of(operation: Any, schema_of: Callable[[Any], SchemaAt]) -> Mapping[str, ResponseTable]:
    """Return the responses of an operation by their key in the contract, each of one or several classes."""
    found: dict[str, ResponseTable] = {}
    for response in operation.responses:
        key = response.status_range or str(response.status)
        made = _Probe(response, operation.permitted.get(response, ())).table(schema_of)
        known = found.get(key)
        found[key] = (
            dataclasses.replace(made, contents={**known.contents, **made.contents}) if known else made
        )
    return found


class _Probe:
    """A response class, and what its instances send: statuses, media types, names of headers."""

    def __init__(self, response: Any, permitted: Iterable[int]) -> None:
        self.response = response
        self.permitted = frozenset(permitted)
        self.hints = get_type_hints(response)
        self.fields = {f.name: f for f in dataclasses.fields(response) if f.name not in _OWN_FIELDS}
        self.statuses: set[int] = set()
        self.media_types: dict[str, None] = {}
        self.names: set[str] = set()
        statuses = sorted(self.permitted) if "status" in self._own else (None,)
        for status, media_type in product(statuses, self._choices()):
            self._send(status, media_type)

    @property
    def _own(self) -> set[str]:
        return {field.name for field in dataclasses.fields(self.response)} & _OWN_FIELDS

    def _choices(self) -> Iterable[str | None]:
        """Return the media types among which a handler chooses."""
        return self.response.media_types if "media_type" in self._own else (None,)

    def _send(self, status: int | None, media_type: str | None) -> None:
        values: dict[str, Any] = {name: _sample(self.hints[name]) for name in self.fields}
        if "body" in self._own:
            values["body"] = _sample_body(self.response, self.hints["body"])
        if status is not None:
            values["status"] = status
        if media_type is not None:  # a range is answered by a type of its own
            values["media_type"] = media_type.replace("*", "x")
        code, sent = _encoded(self.response(**values))
        self.statuses.add(code)
        if "content-type" in sent:
            self.media_types[media_type or self._declared(sent.pop("content-type"))] = None
        self.names |= sent.keys() - {"content-type"}

    def _declared(self, sent: str) -> str:
        """Return the media type as the contract writes it: text is sent with its charset."""
        bare = sent.removesuffix("; charset=utf-8")
        return bare if bare in self.response.media_types else sent

    def table(self, schema_of: Callable[[Any], SchemaAt]) -> ResponseTable:
        """Return a table of what was sent; `schema_of` returns the schema of a model."""
        model = self.response.model
        schemas = (schema_of(model),) if model else _plain(self.hints.get("body"))
        contents = {media_type: ContentTable(schemas) for media_type in self.media_types}
        return ResponseTable(frozenset(self.statuses & self.permitted), contents, self._headers())

    def _headers(self) -> Mapping[str, HeaderTable]:
        """Return the headers that are named and sent; fields have the order of the names, required first."""
        declared = sorted(self.response.header_names, key=lambda name: not self.response.header_names[name])
        found = {
            name: HeaderTable(field.default is dataclasses.MISSING, self._type(name, field.name))
            for name, field in zip(declared, self.fields.values(), strict=True)
            if name.lower() in self.names
        }
        more = self.names - {name.lower() for name in declared} - {_NEGOTIATED}
        return found | {name: HeaderTable(required=False, schema=SchemaAt({}, {})) for name in more}

    def _type(self, name: str, field: str) -> SchemaAt:
        """Return the type of a header's field; Set-Cookie is one line or several, whatever its schema."""
        is_lines = name.lower() == "set-cookie"
        return SchemaAt({}, {}, exact=False) if is_lines else _type_of(self.hints[field])


def _encoded(response: Any) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of a response."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a model without values is not what its serializer expects
        status, headers, _ = response.open() if _is_streamed(type(response)) else response.encode()
    return status, {name.decode(): value.decode("latin-1") for name, value in headers}


def _is_streamed(response: type) -> bool:
    return any(each.__name__ == "StreamedResponse" for each in response.__mro__)


def _sample_body(response: Any, hint: Any) -> Any:
    model = response.model
    if _is_streamed(response):
        return b"" if bytes in get_args(hint) else _nothing()
    if model is not None:
        return model.model_construct(None) if issubclass(model, RootModel) else model.model_construct()
    return "" if str in get_args(hint) else {}


async def _nothing() -> AsyncIterator[Any]:
    for item in list[Any]():
        yield item


def _plain(hint: Any) -> tuple[SchemaAt, ...]:
    """Return the schema of a body without a model: text, bytes, a stream of them, or any JSON."""
    if hint is None:
        return ()
    kinds = {get_origin(each) or each for each in get_args(hint) or (hint,)} | {get_origin(hint)}
    said = TEXT if kinds & {str, bytes, AsyncIterable} else {}
    return (SchemaAt(said, said),)


def _type_of(hint: Any) -> SchemaAt:
    """Return the schema of a Python type's values, apart from None."""
    schema = TypeAdapter[Any](hint).json_schema()
    values = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    return SchemaAt(schema, values[0] if len(values) == 1 else {"anyOf": values}, exact=False)


def _sample(hint: Any) -> Any:
    """Return a value of a Python type that a header may have."""
    union = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kind = next(each for each in union if each is not NoneType)
    origin = get_origin(kind) or kind
    return get_args(kind)[0] if origin is Literal else _SAMPLES.get(origin.__name__, "x")
