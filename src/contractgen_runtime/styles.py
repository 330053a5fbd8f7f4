"""Values in the styles of OpenAPI (RFC 6570), in paths, queries, headers, cookies and forms.

A reading is one way to read a value as texts: one text, a list, or properties by name. If a schema admits
several JSON types there may be several readings, the likeliest first.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

from .values import Kinds, Texts

Decode: TypeAlias = Callable[[str], str]
Readings: TypeAlias = tuple[Texts, ...]
# The values of name=value pairs by name, percent-encoded as they were sent.
Values: TypeAlias = Mapping[str, list[str]]

_SEPARATORS = {
    "spaceDelimited": re.compile(r"%20|\+| "),
    "pipeDelimited": re.compile(r"\||%7C", re.IGNORECASE),
    "label.": re.compile(r"\."),
    "matrix;": re.compile(";"),
}
_COMMA = re.compile(",")
_KEYS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 20
_COMPOUND = frozenset({"array", "object"})


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a value; with `allow_reserved` a plus sign is not a space."""

    name: str
    explode: bool = False
    allow_reserved: bool = False


def decoded(text: str, *, plus_is_space: bool = False) -> str:
    """Return the percent-decoded text; raise ValueError if it is not UTF-8."""
    if plus_is_space:
        text = text.replace("+", " ")
    try:
        return unquote(text, errors="strict") if "%" in text else text
    except UnicodeDecodeError:
        raise ValueError("Value is not UTF-8") from None


def decoder(style: Style) -> Decode:
    """Return the function that decodes a value in a query or form."""
    plus_is_space = not style.allow_reserved
    return lambda text: decoded(text, plus_is_space=plus_is_space)


class Named:
    """A value written as one or several name=value pairs, in a query, form or cookie.

    `members` names the properties of an object that are pairs of their own; with `is_open` there may be
    others. `decode` replaces the percent-decoding of a query.
    """

    __slots__ = ("decode", "is_open", "kinds", "members", "name", "style")

    def __init__(
        self,
        name: str,
        style: Style,
        kinds: Kinds,
        members: Iterable[str] = (),
        *,
        is_open: bool = False,
        decode: Decode | None = None,
    ) -> None:
        self.name = name
        self.style = style
        self.kinds = kinds
        self.decode = decode or decoder(style)
        spread = style.explode and style.name not in ("deepObject", "matrix") and "object" in kinds
        self.members = frozenset(members) if spread else frozenset()
        self.is_open = is_open and spread

    @property
    def is_deep(self) -> bool:
        """Return whether its pairs have the names of its properties in brackets."""
        return self.style.name == "deepObject"

    @property
    def is_spread(self) -> bool:
        """Return whether its pairs have the names of its properties alone."""
        return bool(self.members) or self.is_open

    def owns(self, name: str) -> bool:
        """Return whether a pair of this name belongs to the value."""
        if self.is_deep:
            return deep_keys(self.name, name) is not None
        return name in self.members or (name == self.name and not self._only_members)

    @property
    def _only_members(self) -> bool:
        return self.is_spread and self.kinds <= {"object", "null"}

    def readings(
        self, values: Values, owned: Callable[[str], bool], *, strict: bool = True
    ) -> Readings | None:
        """Return the readings of the value, None if it is absent; raise ValueError if it is written twice.

        `owned` returns whether a name has another owner. Without `strict`, the last value counts.
        """
        if self.is_deep:
            return self._deep(values)
        if self.is_spread:
            found = {name: self._one_or_many(each) for name, each in values.items() if self._has(name, owned)}
            if found or self._only_members:
                return (found,) if found else None
        given = values.get(self.name)
        return None if given is None else self._of_own_name(given, strict=strict)

    def _of_own_name(self, given: list[str], *, strict: bool) -> Readings:
        if len(given) > 1 and self.style.explode and "array" in self.kinds:
            return (list(map(self.decode, given)),)
        if len(given) > 1 and strict:
            raise ValueError("The parameter may be given once")
        if self.style.explode:
            return whole(given[-1], self.kinds, self.decode)
        separator = _SEPARATORS.get(self.style.name, _COMMA)
        return _with_encoded_separators(delimited(given[-1], separator, self.kinds, self.decode), self.kinds)

    def _has(self, name: str, owned: Callable[[str], bool]) -> bool:
        return name in self.members or (self.is_open and not owned(name))

    def _one_or_many(self, values: list[str]) -> Texts:
        return self.decode(values[0]) if len(values) == 1 else list(map(self.decode, values))

    def _deep(self, values: Values) -> Readings | None:
        found: dict[str, Texts] = {}
        for name, given in values.items():
            keys = deep_keys(self.name, name)
            if keys is not None:
                _put(found, keys, list(map(self.decode, given)))
        return (found,) if found else None


def whole(text: str, kinds: Kinds, decode: Decode) -> Readings:
    """Return the readings of a text without separators: a value, or the only item of a list."""
    value = decode(text)
    scalar = bool(kinds - _COMPOUND)
    lists: Readings = ([value], []) if not value else ([value],)
    return (*((value,) if scalar or "array" not in kinds else ()), *(lists if "array" in kinds else ()))


def delimited(
    text: str, separator: re.Pattern[str], kinds: Kinds, decode: Decode, *, explode: bool = False
) -> Readings:
    """Return the readings of a text with separators between items, names and values, or name=value pairs."""
    parts = separator.split(text)
    readings: list[Texts] = []
    if "object" in kinds:
        pairs = _pairs(parts, explode=explode)
        if pairs:
            readings.append({decode(name): decode(value) for name, value in pairs})
    if len(parts) == 1:
        return (*readings, *whole(text, kinds, decode))
    if "array" in kinds:
        readings.append(list(map(decode, parts)))
    if kinds - _COMPOUND or not readings:
        readings.append(decode(text))
    return tuple(readings)


def simple(text: str, style: Style, kinds: Kinds, decode: Decode) -> Readings:
    """Return the readings of the style `simple`: `a,b`, `x,1,y,2`, or `x=1,y=2` exploded."""
    return delimited(text, _COMMA, kinds, decode, explode=style.explode)


def label(text: str, style: Style, kinds: Kinds, decode: Decode) -> Readings:
    """Return the readings of `.a`, and of `.a.b` exploded, else `.a,b`, before OpenAPI 3.0.4 also `.a.b`."""
    if not text.startswith("."):
        raise ValueError("Value should begin with a full stop")
    dots, rest = _SEPARATORS["label."], text[1:]
    if style.explode:
        return delimited(rest, dots, kinds, decode, explode=True)
    readings = delimited(rest, _COMMA, kinds, decode)
    return readings if "," in rest or "." not in rest else (*readings, *delimited(rest, dots, kinds, decode))


def matrix(name: str, text: str, style: Style, kinds: Kinds, decode: Decode) -> Readings:
    """Return the readings of `;n=a`, `;n=a;n=b` and `;x=1;y=2` exploded, else `;n=a,b` and `;n=x,1,y,2`."""
    if not text.startswith(";"):
        raise ValueError("Value should begin with a semicolon")
    values: dict[str, list[str]] = {}
    for pair in text[1:].split(";"):
        key, _, value = pair.partition("=")
        values.setdefault(decode(key), []).append(value)
    if values.keys() == {name}:
        if len(values[name]) > 1:
            return (list(map(decode, values[name])),)
        if style.explode:
            return whole(values[name][0], kinds, decode)
        return delimited(values[name][0], _COMMA, kinds, decode)
    if style.explode and "object" in kinds and all(len(each) == 1 for each in values.values()):
        return ({key: decode(each[0]) for key, each in values.items()},)
    raise ValueError(f"Value should be written ;{name}=…")


def deep_keys(name: str, given: str) -> list[str] | None:
    """Return the keys of `filter[a][b]` below `filter`, `["a", "b"]`; None for another name."""
    if not given.startswith(f"{name}["):
        return None
    keys = _KEYS.findall(given, len(name))
    written = sum(len(key) + 2 for key in keys)
    return keys if len(name) + written == len(given) and len(keys) <= _DEEPEST else None


def _put(found: dict[str, Texts], keys: list[str], given: list[str]) -> None:
    """Add values at a path of keys; a path that ends with `[]` is a list."""
    *path, last = keys
    many = last == "" and bool(path)
    if many:
        *path, last = path
    holder = found
    for key in path:
        below = holder.setdefault(key, {})
        if not isinstance(below, dict):
            raise ValueError("Value is both a text and an object")  # noqa: TRY004 - a converter raises ValueError
        holder = below
    if last in holder:
        raise ValueError("The parameter may be given once")
    values: list[Texts] = [*given]
    holder[last] = values if many or len(values) > 1 else values[0]


def _pairs(parts: list[str], *, explode: bool) -> list[tuple[str, str]] | None:
    if explode:
        split = [part.partition("=") for part in parts]
        return [(name, value) for name, equals, value in split] if all(e for _, e, _ in split) else None
    if len(parts) % 2:
        return None
    return list(zip(parts[::2], parts[1::2], strict=True))


def _with_encoded_separators(readings: Readings, kinds: Kinds) -> Readings:
    """Add readings by commas that a client encoded all the same: they count where no other one is valid."""
    last = readings[-1]
    text = last[0] if isinstance(last, list) and len(last) == 1 else last
    if not isinstance(text, str) or "," not in text:
        return readings
    parts = text.split(",")
    pairs = _pairs(parts, explode=False) if "object" in kinds else None
    objects: list[Texts] = [dict(pairs)] if pairs else []
    lists: list[Texts] = [[*parts]] if "array" in kinds else []
    return (*readings, *objects, *lists)
