"""Forms: an object written as names and values, each property in the style of the contract."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel
from pydantic_core import from_json

from .bodies import receive_whole
from .coerced import CoercedBody
from .media import MediaType, parse_media_type
from .pointers import child
from .problems import Refusal, Violation, invalid, violation
from .requests import Request
from .schemas import Schemas
from .streams import decoded
from .styles import Decode, Named, Readings, Style, Values, decoder, whole
from .values import Coercion, Kinds, Known, Texts

ModelT = TypeVar("ModelT", bound=BaseModel)
# The values of a form by name, in the order in which they were sent.
Entries: TypeAlias = Mapping[str, list["str | Known"]]

# The most names and values of one form.
_MAX_PAIRS = 5_000
_FORM = Style("form", explode=True)
_BRACKETS = Style("deepObject", explode=True)
_OBJECT: Kinds = frozenset({"object"})


@dataclass(frozen=True, slots=True)
class PartHeader:
    """A declared header of a part: the pointer of its schema, and whether its style `simple` is exploded."""

    name: str
    schema: str
    explode: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Encoding:
    """The Encoding Object of a property: a style, or the accepted media types."""

    style: Style | None = None
    content_types: tuple[str, ...] = ()
    headers: tuple[PartHeader, ...] = ()

    @property
    def ranges(self) -> tuple[MediaType, ...]:
        return tuple(known for each in self.content_types if (known := parse_media_type(each)))

    @property
    def is_json(self) -> bool:
        return bool(self.content_types) and all(each.is_json for each in self.ranges)


USUAL = Encoding()


class Form:
    """The properties of an object, and how a form writes each of them.

    Without an Encoding Object all common forms are accepted: an object as `a[b]=c`, as JSON, or as its own
    properties if no other property has their names; a list as `a=1&a=2`, `a[]=1`, `a[0]=1`, or JSON.
    `decode` replaces percent-decoding.
    """

    __slots__ = ("_decode", "_fields", "_inner", "_is_open")

    def __init__(
        self, coercion: Coercion, encoding: Mapping[str, Encoding], decode: Decode | None = None
    ) -> None:
        self._decode = decode or decoder(_FORM)
        names = coercion.members[0]
        inner = {name: _inner_names(coercion, name) - names for name in sorted(names)}
        counts = Counter(each for found in inner.values() for each in found)
        self._fields = {
            name: _Field(
                name,
                frozenset[str]().union(*(coercion.kinds_of((place,)) for place in coercion.places_of(name))),
                encoding.get(name, USUAL),
                frozenset(each for each in found if counts[each] == 1),
                decode,
            )
            for name, found in inner.items()
        }
        self._inner = counts.keys()
        self._is_open = any(field.is_open for field in self._fields.values())

    def name_of(self, sent: str) -> str:
        """Return the property that a sent name belongs to: `a[]` adds to the list `a`."""
        base = sent.removesuffix("[]")
        return base if sent not in self._fields and base in self._fields else sent

    def has(self, name: str) -> bool:
        """Return whether the schema names a property."""
        return name in self._fields

    def texts_of(self, entries: Entries) -> dict[str, Texts]:
        """Return the readings of each property; raise 422 for one that is written twice or in two ways."""
        found: dict[str, Texts] = {}
        violations: list[Violation] = []
        texts = {
            name: [each for each in given if isinstance(each, str)]
            for name, given in entries.items()
            if not all(isinstance(each, Known) for each in given)
        }
        unnamed = {name: given for name, given in texts.items() if self._may_be_part(name)}
        for name, field in self._fields.items():
            own = {name: texts[name]} if name in texts else {}
            try:
                readings = field.readings(entries.get(name), own | unnamed, self._is_owned)
            except ValueError as error:  # how fields report a text that is invalid
                violations.append(violation("body", child("", name), str(error)))
            else:
                if readings is not None:
                    found[name] = readings
        if violations:
            raise invalid(violations)
        return found | self._others(entries)

    def _others(self, entries: Entries) -> dict[str, Texts]:
        """Return the values without a property in the schema, which decides whether they are permitted."""
        others = {name: given for name, given in entries.items() if not self._is_owned(name)}
        try:
            return {name: _one_or_many(given, self._decode) for name, given in others.items()}
        except ValueError as error:  # a percent-encoded byte that is not UTF-8
            raise invalid([violation("body", "", str(error))]) from None

    def _may_be_part(self, name: str) -> bool:
        """Return whether a name that is not of a property may belong to a part of one; most do not."""
        return name not in self._fields and (self._is_open or name in self._inner or "[" in name)

    def _is_owned(self, name: str) -> bool:
        if name in self._fields or not self._may_be_part(name):
            return name in self._fields
        return any(field.owns(name) for field in self._fields.values())


class _Field:
    """One property: under its own name, and in the other ways in which it may be written."""

    __slots__ = ("_decode", "_is_json", "_kinds", "_name", "_ways")

    def __init__(
        self, name: str, kinds: Kinds, encoding: Encoding, inner: frozenset[str], decode: Decode | None
    ) -> None:
        style = encoding.style
        self._name = name
        self._kinds = kinds
        self._decode = decode or decoder(style or _FORM)
        self._is_json = style is None and encoding.is_json
        self._ways: list[Named] = []
        if style is not None:
            is_open = "object" in kinds and not inner
            self._ways.append(Named(name, style, kinds, inner, is_open=is_open, decode=decode))
        elif not self._is_json and kinds & {"array", "object"}:
            self._ways.append(Named(name, _BRACKETS, kinds, decode=decode))
            if "object" in kinds and inner:
                self._ways.append(Named(name, _FORM, _OBJECT, inner, decode=decode))

    @property
    def is_open(self) -> bool:
        """Return whether it owns names that no property has."""
        return any(way.is_open for way in self._ways)

    def owns(self, name: str) -> bool:
        return any(way.owns(name) for way in self._ways)

    def readings(
        self, given: Sequence[str | Known] | None, texts: Values, owned: Callable[[str], bool]
    ) -> Readings | None:
        """Return the readings of the property, None if it is absent; raise ValueError if it is written twice.

        `given` are the values of its own name, `texts` those of its own name and of names without an owner.
        """
        found: list[Readings | None] = [way.readings(texts, owned) for way in self._ways]
        if given and (any(isinstance(each, Known) for each in given) or not self.owns(self._name)):
            found.append(self._own(given))
        written = [readings for readings in found if readings is not None]
        if len(written) > 1:
            raise ValueError("The value is written in two ways")
        return written[0] if written else None

    def _own(self, given: Sequence[str | Known]) -> Readings:
        if len(given) > 1 and "array" not in self._kinds:
            raise ValueError("The value may be given once")
        if self._is_json:
            return (_one_or_many([known_json(each, self._decode) for each in given], self._decode),)
        if len(given) > 1 or isinstance(given[0], Known):
            return (_one_or_many(given, self._decode),)
        return (self._decode(given[0]), *whole(given[0], self._kinds, self._decode))


def _inner_names(coercion: Coercion, name: str) -> frozenset[str]:
    """Return the names of the properties of a property."""
    each = (Coercion(coercion.schemas, place).members[0] for place in coercion.places_of(name))
    return frozenset().union(*each)


def _one_or_many(given: Sequence[str | Known], decode: Decode) -> Texts:
    texts: list[Texts] = [each if isinstance(each, Known) else decode(each) for each in given]
    return texts[0] if len(texts) == 1 else texts


def known_json(text: str | Known, decode: Decode) -> Known:
    """Return the value of a JSON text; raise ValueError if it is not JSON."""
    if isinstance(text, Known):
        return text
    try:
        return Known(from_json(decode(text), allow_inf_nan=False))
    except ValueError:  # the parser's error, whose message may quote the text
        raise ValueError("Value should be JSON") from None


class FormBody(CoercedBody[ModelT]):
    """`application/x-www-form-urlencoded`; `encoding` has the Encoding Objects of properties by name."""

    __slots__ = ("_form", "encoding")

    def __init__(
        self,
        media_type: str,
        model: type[ModelT],
        schemas: Schemas,
        *,
        schema: str,
        max_bytes: int,
        encoding: Mapping[str, Encoding] | None = None,
    ) -> None:
        super().__init__(media_type, model, schemas, schema=schema, max_bytes=max_bytes)
        self.encoding: Mapping[str, Encoding] = encoding or {}
        self._form = Form(self.coercion, self.encoding)

    async def read(self, request: Request) -> ModelT:
        text = decoded(await receive_whole(request, self.max_bytes))
        return self.model_of(self.value_of(self._form.texts_of(self._pairs(text))))

    def _pairs(self, text: str) -> Entries:
        found: dict[str, Any] = {}
        pairs = text.split("&", _MAX_PAIRS)
        if len(pairs) > _MAX_PAIRS:
            raise Refusal(413, f"The body may have at most {_MAX_PAIRS} names.")
        decode = decoder(_FORM)
        for pair in filter(None, pairs):
            name, _, value = pair.partition("=")
            try:
                name = decode(name)
            except ValueError:  # a percent-encoded byte that is not UTF-8
                raise invalid([violation("body", "", "A name is not UTF-8")]) from None
            found.setdefault(self._form.name_of(name), []).append(value)
        return found
