"""Texts that match a regular expression of JSON Schema's dialect, ECMA-262: one, or whether there is any."""

import math
import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

# In the order in which a text takes them.
_ALPHABET = (
    string.ascii_lowercase + string.ascii_uppercase + string.digits + " -_.,:;'!?()/@#$%&*+<=>[]^`{|}~\"\\"
)
_BEYOND = "".join(map(chr, chain(range(0xC0, 0x180), range(0x20))))
_REFERENCE = re.compile(r"[1-9][0-9]*")
_NAME = re.compile(r"\?P?<\w+>")
# What a group begins with that captures nothing; all but the last say what is around.
_GROUPS = ("?=", "?!", "?<=", "?<!", "?:")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_COUNT = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_CODE = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}")
_PROPERTY = re.compile(r"([pP])\{(?:[A-Za-z_]+=)?([A-Za-z_]+)\}")
_CATEGORIES = {"Letter": "L", "Alphabetic": "L", "Uppercase": "Lu", "Lowercase": "Ll", "Number": "N"}

_Admits = Callable[[str], bool]


class PatternError(ValueError):
    """A regular expression for which no text can be made."""


def is_unmatchable(pattern: str) -> bool:
    """Return whether no text matches, because characters must come before a `^` or after a `$`.

    An expression that cannot be read has no such fault.
    """
    try:
        return not _is_possible(_Parser(pattern).whole(), is_after=False, is_before=False)
    except (PatternError, RecursionError):
        return False


def match_lengths(pattern: str) -> tuple[float, float]:
    """Return bounds of how many characters a matching text has; the widest for what cannot be read."""
    try:
        node = _Parser(pattern).whole()
    except (PatternError, RecursionError):
        return 0, math.inf
    ends = [node.parts[index] for index in (0, -1)] if isinstance(node, _Sequence) and node.parts else []
    is_whole = [isinstance(each, _Anchor) and each.is_start for each in ends] == [True, False]
    is_whole = is_whole and isinstance(ends[1], _Anchor)
    return _least(node), node.longest if is_whole else math.inf


def matching(pattern: str, length: int, shift: int = 0) -> str:
    """Return a matching text, as near to a length as its parts allow; another `shift` gives other characters.

    It begins with what positive lookaheads require; negative lookaheads and all lookbehinds are ignored.
    """
    parser = _Parser(pattern)
    text = parser.whole().write(length, shift)
    wanted = "".join(each.write(0, shift) for each in parser.wanted)
    return wanted + text[len(wanted) :]


@dataclass(frozen=True)
class _Characters:
    samples: str
    shortest: float = 1
    longest: float = 1

    def write(self, length: int, at: int) -> str:
        del length
        return self.samples[at % len(self.samples)]


@dataclass(frozen=True)
class _Sequence:
    parts: tuple["_Node", ...]

    @cached_property
    def shortest(self) -> float:
        return sum(part.shortest for part in self.parts)

    @cached_property
    def longest(self) -> float:
        return sum(part.longest for part in self.parts)

    def write(self, length: int, at: int) -> str:
        text, rest = "", self.shortest
        for part in self.parts:
            rest -= part.shortest
            text += part.write(int(length - len(text) - rest), at + len(text))
        return text


@dataclass(frozen=True)
class _Choice:
    options: tuple["_Node", ...]

    @cached_property
    def shortest(self) -> float:
        return min(option.shortest for option in self.options)

    @cached_property
    def longest(self) -> float:
        return max(option.longest for option in self.options)

    def write(self, length: int, at: int) -> str:
        def distance(option: "_Node") -> float:
            return max(option.shortest - length, length - option.longest, 0)

        return min(self.options, key=distance).write(length, at)


@dataclass(frozen=True)
class _Repeat:
    part: "_Node"
    low: int
    high: float

    @cached_property
    def shortest(self) -> float:
        return self.low * self.part.shortest

    @cached_property
    def longest(self) -> float:
        return self.high * self.part.longest if self.high and self.part.longest else 0

    def write(self, length: int, at: int) -> str:
        text, count = "", 0
        while count < self.low or (len(text) < length and count < self.high):
            share = 0 if math.isinf(self.high) else math.ceil((length - len(text)) / (self.high - count))
            piece = self.part.write(share, at + len(text))
            count += 1
            text += piece
            if not piece and count >= self.low:
                break
        return text


@dataclass
class _Group:
    """A part to which a reference leads: it remembers what it has written."""

    part: "_Node"
    text: str = ""

    @property
    def shortest(self) -> float:
        return self.part.shortest

    @property
    def longest(self) -> float:
        return self.part.longest

    def write(self, length: int, at: int) -> str:
        self.text = self.part.write(length, at)
        return self.text


@dataclass(frozen=True)
class _Again:
    group: _Group

    @property
    def shortest(self) -> float:
        return self.group.shortest

    @property
    def longest(self) -> float:
        return self.group.longest

    def write(self, length: int, at: int) -> str:
        del length, at
        return self.group.text


@dataclass(frozen=True)
class _Anchor:
    is_start: bool
    shortest: float = 0
    longest: float = 0

    def write(self, length: int, at: int) -> str:
        del length, at
        return ""


_Node = _Characters | _Sequence | _Choice | _Repeat | _Group | _Again | _Anchor
_NOTHING = _Sequence(())


def _is_possible(node: _Node, *, is_after: bool, is_before: bool) -> bool:
    """Return whether a part can match; `is_after` and `is_before` say that characters are on that side."""
    match node:
        case _Anchor():
            return not (is_after if node.is_start else is_before)
        case _Sequence():
            least = [_least(each) > 0 for each in node.parts]
            return all(
                _is_possible(
                    each,
                    is_after=is_after or any(least[:index]),
                    is_before=is_before or any(least[index + 1 :]),
                )
                for index, each in enumerate(node.parts)
            )
        case _Choice():
            return any(_is_possible(each, is_after=is_after, is_before=is_before) for each in node.options)
        case _Repeat():
            return not node.low or _is_possible(node.part, is_after=is_after, is_before=is_before)
        case _Group():
            return _is_possible(node.part, is_after=is_after, is_before=is_before)
    return True


def _least(node: _Node) -> float:
    """Return how many characters a part matches at least; a reference to a group without a match, none."""
    match node:
        case _Sequence():
            return sum(map(_least, node.parts))
        case _Choice():
            return min(map(_least, node.options))
        case _Repeat():
            return node.low * _least(node.part)
        case _Group():
            return _least(node.part)
        case _Again():
            return 0
    return node.shortest


class _Parser:
    """Reads a regular expression from left to right; `at` is the next character."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.groups: list[_Group | None] = []
        self.wanted: list[_Node] = []

    def whole(self) -> _Node:
        node = self._choice()
        if self.at < len(self.pattern):
            raise PatternError(f"an unexpected {self.pattern[self.at]!r}")
        return node

    def _take(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def _match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self.pattern, self.at)
        self.at = found.end() if found else self.at
        return found

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise PatternError("an unexpected end")
        self.at += 1
        return self.pattern[self.at - 1]

    def _choice(self) -> _Node:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self._repeated(self._atom()))
        return _Sequence(tuple(parts))

    def _repeated(self, part: _Node) -> _Node:
        low, high = 1, 1.0
        if self._take("*"):
            low, high = 0, math.inf
        elif self._take("+"):
            high = math.inf
        elif self._take("?"):
            low = 0
        elif count := self._match(_COUNT):
            low = int(count[1])
            high = int(count[3]) if count[3] else math.inf if count[2] else low
        else:
            return part
        self._take("?")
        return _Repeat(part, low, high)

    def _atom(self) -> _Node:
        character = self._next()
        if character in "^$":
            return _Anchor(character == "^")
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escaped()
        return _Characters(_ALPHABET if character == "." else character)

    def _escaped(self) -> _Node:
        if self._take("b") or self._take("B"):
            return _NOTHING
        if reference := self._match(_REFERENCE):
            known = self.groups[int(reference[0]) - 1 : int(reference[0])]
            if not known or known[0] is None:
                raise PatternError("a reference to no group before it")
            return _Again(known[0])
        admits, seeds = self._escape()
        return _Characters(_samples(admits, seeds))

    def _group(self) -> _Node:
        kind = next((each for each in _GROUPS if self._take(each)), "")
        if not kind:
            self._match(_NAME)
            self.groups.append(None)
        number = len(self.groups)
        node = self._choice()
        if not self._take(")"):
            raise PatternError("a group without an end")
        if kind == "?=":
            self.wanted.append(node)
        if not kind:
            node = self.groups[number - 1] = _Group(node)
        return node if kind in ("", "?:") else _NOTHING

    def _class(self) -> _Node:
        negated = self._take("^")
        members: list[_Admits] = []
        seeds = ""
        while not self._take("]"):
            admits, first = self._member()
            if len(first) == 1 and self.pattern[self.at : self.at + 2] not in ("-]", "-") and self._take("-"):
                _, last = self._member()
                if len(last) != 1:
                    raise PatternError("a range without an end")
                admits = _between(first, last)
            members.append(admits)
            seeds += first
        if negated:
            return _Characters(_samples(lambda c: not any(admits(c) for admits in members), ""))
        return _Characters(_samples(lambda c: any(admits(c) for admits in members), seeds))

    def _member(self) -> tuple[_Admits, str]:
        character = self._next()
        if character != "\\":
            return _between(character, character), character
        if self._take("b"):
            return _between("\b", "\b"), "\b"
        return self._escape()

    def _escape(self) -> tuple[_Admits, str]:
        """Return a test of the characters that an escape admits, and the single character, if it is one."""
        if code := self._match(_CODE):
            character = chr(int(code[1] or code[2] or code[3], 16))
            return _between(character, character), character
        if category := self._match(_PROPERTY):
            name = _CATEGORIES.get(category[2], category[2])
            positive = category[1] == "p"
            return lambda c: unicodedata.category(c).startswith(name) == positive, ""
        character = self._next()
        sets = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " \t\n\r\f\v"}
        if members := sets.get(character.lower()):
            positive = character.islower()
            return lambda c: (c in members) == positive, ""
        if character in "123456789k":
            raise PatternError("a reference to a group")
        character = _CONTROLS.get(character, character)
        return _between(character, character), character


def _between(first: str, last: str) -> _Admits:
    return lambda c: first <= c <= last


def _samples(admits: _Admits, seeds: str) -> str:
    def found() -> Iterator[str]:
        for source in (_ALPHABET, seeds, _BEYOND):
            yield "".join(filter(admits, source))

    samples = next(filter(None, found()), "")
    if not samples:
        raise PatternError("a class without characters")
    return samples
