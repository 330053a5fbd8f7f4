"""Find the path templates that match a request's path by table: the cost does not grow with their number."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote, unquote

ValueT = TypeVar("ValueT")

PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")
# How literal a segment of a template is; more literal templates have precedence.
_LITERAL, _MIXED, _OPEN = range(3)
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# Characters that need no escape in a path (RFC 3986, section 3.3), and the percent sign of escapes.
_UNQUOTED = "%!$&'()*+,;=:@"


def shape_of(template: str) -> str:
    """Return a path template without the names of its placeholders, and without a slash at its end."""
    return PLACEHOLDER.sub("{}", template).rstrip("/")


def above(path: str) -> Iterator[str]:
    """Yield a path without a slash at its end, then every path above it, the nearest first."""
    path = path.rstrip("/")
    while path:
        yield path
        path = path.rpartition("/")[0]


class Found(NamedTuple, Generic[ValueT]):
    """A matching template: its value, and the texts of its placeholders as they were sent."""

    value: ValueT
    names: tuple[str, ...]
    texts: tuple[str, ...]


class PathTable(Generic[ValueT]):
    """Values by path template.

    Of several matching templates the most literal has precedence, segment by segment from the left: a
    literal segment, then a partly literal one, then a placeholder alone. A placeholder is never empty.
    Of several placeholders in a segment the first matches as much as possible: `{name}.{ext}` reads
    `a.tar.gz` as `a.tar` and `gz`. A path without placeholders has precedence over templates, as in OpenAPI.
    """

    def __init__(self, values: Mapping[str, ValueT]) -> None:
        templates = [_Template(path, value) for path, value in values.items()]
        # By number of segments, then by which of them are literal, then by their texts.
        self._shapes: dict[int, list[_Shape[ValueT]]] = {}
        for kinds in sorted({template.kinds for template in templates}):
            shape = _Shape([each for each in templates if each.kinds == kinds])
            self._shapes.setdefault(len(kinds), []).append(shape)
        self._literals: dict[str, list[Found[ValueT]]] = {}
        for each in templates:
            if not each.names and not _holds_slash(each.segments):
                found = Found[ValueT](each.value, (), ())
                self._literals.setdefault("/".join(each.segments), []).append(found)

    def find(self, path: str) -> Sequence[Found[ValueT]]:
        """Return the templates that match a path without escapes, the most literal first."""
        found = self._literals.get(path)
        if found is not None:
            return found
        segments = path.split("/")
        return self._fitting(segments, segments)

    def find_encoded(self, path: str) -> Sequence[Found[ValueT]]:
        """Return the templates that match a percent-encoded path; an encoded slash separates no segments.

        A path that is not UTF-8 when decoded matches nothing: no template has such a text.
        """
        texts = path.split("/")
        try:
            segments = [unquote(text, errors="strict") for text in texts]
        except UnicodeDecodeError:
            return ()
        found = None if _holds_slash(segments) else self._literals.get("/".join(segments))
        return self._fitting(segments, texts) if found is None else found

    def _fitting(self, segments: list[str], texts: list[str]) -> list[Found[ValueT]]:
        found = []
        for shape in self._shapes.get(len(segments), ()):
            for template in shape.templates.get(shape.literals(segments), ()):
                values = template.read(texts)
                if values is not None:
                    found.append(Found(template.value, template.names, values))
        return found


class _Template(Generic[ValueT]):
    """One template by segment: `segments` holds the decoded literals."""

    def __init__(self, path: str, value: ValueT) -> None:
        written = path.split("/")
        self.value = value
        self.names = tuple(PLACEHOLDER.findall(path))
        self.kinds = tuple(map(_kind, written))
        self.segments = [unquote(segment) for segment in written]
        self.literal_length = len(PLACEHOLDER.sub("", path))
        places = [place for place, kind in enumerate(self.kinds) if kind != _LITERAL]
        self._open = _picker(places) if _MIXED not in self.kinds else None
        self._patterns = [(place, _Pattern(written[place])) for place in places]

    def read(self, texts: list[str]) -> tuple[str, ...] | None:
        """Return the texts of the placeholders in a path whose literal segments match, or None."""
        if self._open is not None:
            values = self._open(texts)
            return None if "" in values else values
        found: list[str] = []
        for place, pattern in self._patterns:
            several = pattern.read(texts[place])
            if several is None:
                return None
            found += several
        return tuple(found)


class _Shape(Generic[ValueT]):
    """The templates whose segments are literal, partly literal or open at the same indexes."""

    def __init__(self, templates: list[_Template[ValueT]]) -> None:
        places = [place for place, kind in enumerate(templates[0].kinds) if kind == _LITERAL]
        self.literals = _picker(places)
        self.templates: dict[tuple[str, ...], list[_Template[ValueT]]] = {}
        for template in sorted(templates, key=lambda each: -each.literal_length):
            self.templates.setdefault(self.literals(template.segments), []).append(template)


class _Pattern:
    """A segment with placeholders: the literals before, between and after them."""

    def __init__(self, segment: str) -> None:
        literals = PLACEHOLDER.split(segment)[::2]
        self._plain = tuple(unquote(literal) for literal in literals)
        self._encoded = tuple(_canonical(quote(literal, safe=_UNQUOTED)) for literal in literals)

    def read(self, text: str) -> list[str] | None:
        """Return the texts of the placeholders, found from the right in one pass."""
        literals = self._plain
        if "%" in text:
            text, literals = _canonical(text), self._encoded
        first, *between, last = literals
        end = len(text) - len(last)
        if not (text.startswith(first) and text.endswith(last)):
            return None
        values: list[str] = []
        for literal in reversed(between):
            start = text.rfind(literal, len(first), end - 1)
            if start < 0:
                return None
            values.append(text[start + len(literal) : end])
            end = start
        values.append(text[len(first) : end])
        return values[::-1] if end > len(first) else None


def _kind(segment: str) -> int:
    if PLACEHOLDER.fullmatch(segment):
        return _OPEN
    return _MIXED if PLACEHOLDER.search(segment) else _LITERAL


def _picker(places: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return a function that picks the segments at some indexes."""
    if len(places) == 1:
        (place,) = places
        return lambda segments: (segments[place],)
    pick: Any = itemgetter(*places) if places else lambda _: ()
    found: Callable[[list[str]], tuple[str, ...]] = pick
    return found


def _holds_slash(segments: list[str]) -> bool:
    return any("/" in segment for segment in segments)


def _canonical(text: str) -> str:
    """Return escapes normalized by RFC 3986, section 6.2.2: in upper case, and only where needed."""
    return _ESCAPES.sub(lambda escapes: quote(unquote(escapes[0]), safe=""), text)
