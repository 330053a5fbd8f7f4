"""Compare a mounted application with its document: one finding for each difference."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.verify import same, shape
from contractgen.verify.tables import (
    ABSENT,
    TEXT,
    BodyTable,
    ContentTable,
    EncodingTable,
    HeaderTable,
    OperationTable,
    ParameterTable,
    ResponseTable,
    SchemaAt,
    Tables,
)

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
_Table = ParameterTable | BodyTable | ContentTable | ResponseTable | HeaderTable | EncodingTable
# A place in the document, and what is different there.
Difference = tuple[str, str]


def compare(document: Document, declared: Tables, derived: Tables) -> list[Finding]:
    """Return the differences, each at its place in the document."""
    found = _Comparison().operations(declared, derived)
    return [document.finding(place, f"the routes differ: {message}") for place, message in found]


class _Comparison:
    """The tables of one document and one application; schemas that were found equal stay so."""

    def __init__(self) -> None:
        self._of_roots: dict[tuple[int, int, bool], same.Comparison | shape.Comparison] = {}

    def operations(self, declared: Tables, derived: Tables) -> Iterator[Difference]:
        for key, one, other in _pairs(declared, derived):
            name = " ".join(key)
            if one is None or other is None:
                place = one.place if one else "/paths"
                yield place, f"{name} is {'not served' if one else 'served, and not declared'}"
                continue
            for what in ("operation_id", "tag", "security"):
                yield from _plain(one.place, what, getattr(one, what), getattr(other, what))
            yield from self._parameters(one, other)
            yield from self._body(one, other)
            yield from self._responses(one, other)

    def _parameters(self, one: OperationTable, other: OperationTable) -> Iterator[Difference]:
        for (location, name), declared, derived in _pairs(one.parameters, other.parameters):
            what = f"the {location} parameter {name!r}"
            if declared is None or derived is None:
                yield _missing(declared, one.place, what)
            else:
                yield from self._parameter(what, declared, derived)

    def _parameter(self, what: str, one: ParameterTable, other: ParameterTable) -> Iterator[Difference]:
        yield from _plain(one.place, f"{what}, required", one.required, other.required)
        yield from _plain(one.place, f"{what}, style", one.style, other.style)
        yield from _plain(one.place, f"{what}, default", _shown(one.default), _shown(other.default))
        if found := self._schema(other.schema, one.schema):
            yield one.place, f"{what}, schema{found}"

    def _body(self, one: OperationTable, other: OperationTable) -> Iterator[Difference]:
        declared, derived = one.body, other.body
        if declared is None or derived is None:
            if declared is not derived:
                yield _missing(declared, one.place, "a request body")
            return
        yield from _plain(declared.place, "the body, required", declared.required, derived.required)
        yield from self._contents("the body", declared.place, declared.contents, derived.contents)

    def _contents(
        self, what: str, place: str, one: Mapping[str, ContentTable], other: Mapping[str, ContentTable]
    ) -> Iterator[Difference]:
        for media_type, declared, derived in _pairs(one, other):
            name = f"{what} of {media_type}"
            if declared is None or derived is None:
                yield _missing(declared, place, name)
                continue
            if declared.max_bytes is not None:
                yield from _plain(declared.place, f"{name}, bytes", declared.max_bytes, derived.max_bytes)
            yield from _plain(declared.place, f"{name}, files", declared.files, derived.files)
            yield from self._encodings(name, declared, derived)
            for schema in derived.schemas:
                if found := self._schema(schema, declared.schemas[0]):
                    yield declared.place, f"{name}, schema{found}"

    def _encodings(self, what: str, one: ContentTable, other: ContentTable) -> Iterator[Difference]:
        for member, declared, derived in _pairs(one.encoding, other.encoding):
            name = f"{what}, encoding of {member}"
            if declared is None or derived is None:
                yield _missing(declared, one.place, name)
                continue
            yield from _plain(declared.place, f"{name}, style", declared.style, derived.style)
            yield from _plain(declared.place, f"{name}, types", declared.content_types, derived.content_types)
            yield from self._headers(name, declared.place, declared.headers, derived.headers)

    def _schema(self, derived: SchemaAt, declared: SchemaAt) -> str | None:
        """Return where a check differs from a schema, or None; one of text also fits an empty schema."""
        if derived.value is TEXT and not same.normal(declared.root, declared.value):
            return None
        return self._comparison(derived, declared).difference(derived.value, declared.value)

    def _comparison(self, derived: SchemaAt, declared: SchemaAt) -> same.Comparison | shape.Comparison:
        key = id(derived.root), id(declared.root), derived.exact
        if key not in self._of_roots:
            kind = same.Comparison if derived.exact else shape.Comparison
            self._of_roots[key] = kind(derived.root, declared.root)
        return self._of_roots[key]

    def _responses(self, one: OperationTable, other: OperationTable) -> Iterator[Difference]:
        for key, declared, derived in _pairs(one.responses, other.responses):
            what = f"the response {key}"
            if declared is None or derived is None:
                yield _missing(declared, one.place, what)
                continue
            place = declared.place or one.place
            yield from _plain(place, f"{what}, statuses", sorted(declared.statuses), sorted(derived.statuses))
            yield from self._contents(what, place, declared.contents, derived.contents)
            yield from self._headers(what, place, declared.headers, derived.headers)

    def _headers(
        self, what: str, place: str, one: Mapping[str, HeaderTable], other: Mapping[str, HeaderTable]
    ) -> Iterator[Difference]:
        for name, declared, derived in _pairs(one, other):
            if declared is None or derived is None:
                yield _missing(declared, place, f"{what}, the header {name}")
                continue
            yield from _plain(declared.place, f"{what}, {name} required", declared.required, derived.required)
            yield from _plain(declared.place, f"{what}, {name} explode", declared.explode, derived.explode)
            if found := self._header(derived, declared):
                yield declared.place, f"{what}, {name}{found}"

    def _header(self, derived: HeaderTable, declared: HeaderTable) -> str | None:
        """Return where a response header differs: text fits any schema, another type must be the schema's."""
        if derived.schema.value == TEXT and not derived.schema.exact:
            return None
        return self._schema(derived.schema, declared.schema)


def _pairs(
    one: Mapping[KeyT, ValueT], other: Mapping[KeyT, ValueT]
) -> Iterable[tuple[KeyT, ValueT | None, ValueT | None]]:
    return [(key, one.get(key), other.get(key)) for key in {**one, **other}]


def _plain(place: str, what: str, one: Any, other: Any) -> Iterator[Difference]:
    if one != other or type(one) is not type(other):
        yield place, f"{what}: {_short(other)}, not {_short(one)}"


def _missing(declared: _Table | None, place: str, what: str) -> Difference:
    if declared is None:
        return place, f"{what} is there, and not declared"
    return declared.place or place, f"{what} is missing"


def _shown(value: Any) -> str:
    return "none" if value is ABSENT else same.text_of(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
