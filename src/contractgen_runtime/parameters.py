"""The parameters of an operation: location, name, and how each is read."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from pydantic import MISSING
from pydantic_core import from_json

from .converters import Converter
from .requests import Request
from .styles import Named, Readings, Style, decoded, label, matrix, simple
from .typed import Typed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """A parameter of a simple schema, whose one text `convert` reads; most are such.

    `missing_status` rejects a request without a required parameter.
    """

    location: str
    name: str
    convert: Converter[T]
    required: bool = False
    default: T | None = None
    missing_status: int = 422

    def read(self, request: Request) -> T | MISSING:
        text = request.text(self.location, self.name)
        return MISSING if text is None else self.convert(text)

    def fallback(self) -> T:
        return cast(T, self.default)


@dataclass(slots=True, eq=False)
class SchemaParameter(Generic[T]):
    """A parameter of any schema; `default` is the JSON value of the contract."""

    location: str
    name: str
    typed: Typed[T]
    required: bool = field(default=False, kw_only=True)
    missing_status: int = field(default=422, kw_only=True)
    default: Any = field(default=MISSING, kw_only=True)

    def fallback(self) -> T:
        return self.typed.made(self.default, self.location, [self.name])


@dataclass(slots=True, eq=False)
class StyledParameter(SchemaParameter[T]):
    """A parameter in a style of OpenAPI; with `allow_empty` an empty text that the schema rejects is null."""

    style: Style
    allow_empty: bool = field(default=False, kw_only=True)
    named: Named = field(init=False)

    def __post_init__(self) -> None:
        coercion = self.typed.coercion
        members, is_open = coercion.members
        self.named = Named(self.name, self.style, coercion.kinds, members, is_open=is_open)

    def read(self, request: Request) -> T | MISSING:
        readings = self._readings(request)
        if readings is None:
            return MISSING
        if self.allow_empty and readings[0] == "" and not self.typed.admits(""):
            return cast(T, None)
        return self.typed.read(readings, self.location, [self.name])

    def _readings(self, request: Request) -> Readings | None:
        if self.location == "query":
            names, query = request.query_names, request.query
            if self.named.is_spread:
                query = names.left_for(self.name, query)
            return self.named.readings(query, names.is_owned, strict=names.strict)
        if self.location == "cookie":
            return self.named.readings(request.cookies, lambda _: True)
        if self.location == "path":
            return self._of_path(request.raw_path_text(self.name))
        text = request.field(self.name)
        return None if text is None else simple(text, self.style, self.named.kinds, str.strip)

    def _of_path(self, text: str) -> Readings:
        kinds = self.named.kinds
        if self.style.name == "label":
            return label(text, self.style, kinds, decoded)
        if self.style.name == "matrix":
            return matrix(self.name, text, self.style, kinds, decoded)
        return simple(text, self.style, kinds, decoded)


@dataclass(slots=True, eq=False)
class ContentParameter(SchemaParameter[T]):
    """A parameter with a media type: JSON or text."""

    media_type: str

    def read(self, request: Request) -> T | MISSING:
        text = request.text(self.location, self.name)
        if text is None:
            return MISSING
        if "json" not in self.media_type:
            return self.typed.read((text,), self.location, [self.name])
        return self.typed.made(_json(text), self.location, [self.name])


@dataclass(slots=True, eq=False)
class QuerystringParameter(SchemaParameter[T]):
    """A parameter that is the whole query string: a form or JSON."""

    media_type: str
    named: Named = field(init=False)

    def __post_init__(self) -> None:
        members, _ = self.typed.coercion.members
        self.named = Named("", Style("form", explode=True), frozenset({"object"}), members, is_open=True)

    def read(self, request: Request) -> T | MISSING:
        query: str = request.scope["query_string"].decode("latin-1")
        if not query:
            return MISSING
        if "json" in self.media_type:
            return self.typed.made(_json(decoded(query)), self.location, [])
        readings = self.named.readings(request.query, lambda _: False) or ({},)
        return self.typed.read(readings, self.location, [])


def _json(text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:  # the parser's error, whose message may quote the text
        raise ValueError("Value should be JSON") from None
