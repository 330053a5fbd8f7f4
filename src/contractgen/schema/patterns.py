"""Regular expressions of ECMA-262, as `pattern` has them, for engines that read another dialect.

`portable` writes one so that jsonschema-rs, pydantic and Python's `re` read it as ECMA-262 means it with the
flag `u`. What is valid only without that flag (such as `[\\w-.]`, or a lone `{`) has its meaning there. What
has no meaning in ECMA-262, or one that these engines cannot have, raises PatternError.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, reduce

import jsonschema_rs
from pydantic_core import SchemaError, SchemaValidator
from pydantic_core.core_schema import str_schema

from contractgen.schema.character_classes import (
    ANY,
    LAST,
    LINE_ENDS,
    WORD,
    Ranges,
    class_items,
    complement,
    literal,
    union,
    written,
)
from contractgen.schema.escapes import Cursor, PatternError, escaped

__all__ = ["PatternError", "PatternTooLargeError", "is_plain_pattern", "portable"]


class PatternTooLargeError(PatternError):
    """An expression that no engine at hand has, as a rule because it is too large."""


_DOT = written(complement(LINE_ENDS))
_IS_WORD = written(WORD)
_BOUNDARIES = {
    "b": f"(?:(?<={_IS_WORD})(?!{_IS_WORD})|(?<!{_IS_WORD})(?={_IS_WORD}))",
    "B": f"(?:(?<={_IS_WORD})(?={_IS_WORD})|(?<!{_IS_WORD})(?!{_IS_WORD}))",
}
_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]+)(?:(,)([0-9]*))?\}")
_NO_QUANTIFIER = re.compile(r"\{,[0-9]+\}")
_GROUP = re.compile(r"\((?:\?(?::|=|!|<=|<!|<([^\W\d][\w$]*)>))?")
_REFERENCE = re.compile(r"k<([^>]*)>|([1-9][0-9]*)")
# Groups in the order in which they open; what is escaped, or stands in a class, opens none.
_OPENED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?<(?![=!])([^>]*)>", re.DOTALL)
_DEEPEST = 50
# What ECMA-262 has for groups of other dialects.
_REMEDIES = {
    "(?i": "write both cases of each letter, such as [aA]",
    "(?P<": "write (?<name>…)",
    "(?P=": r"write \k<name>",
    "(?#": "leave the comment out",
}
_Captured = frozenset[int]
_Item = list[tuple[int, int]] | str | Ranges


def portable(pattern: str) -> str:
    """Return the expression in a dialect that every engine reads alike; PatternError where there is none."""
    return _read(pattern).text


@cache
def is_plain_pattern(pattern: str) -> bool:
    """Return whether the engine of pydantic, which looks neither ahead nor back, can check an expression."""
    try:
        part = _read(pattern)
        return part.is_plain and bool(SchemaValidator(str_schema(pattern=part.text)))
    except (PatternError, SchemaError):
        return False


@dataclass(frozen=True)
class _Part:
    """A part of a regular expression, rewritten.

    `captures` are its groups; `certain` returns the groups that have captured when the part has matched, for
    those that had before.
    """

    text: str
    captures: _Captured = frozenset()
    certain: Callable[[_Captured], _Captured] = lambda before: before
    is_plain: bool = True


@cache
def _read(pattern: str) -> _Part:
    part = _Parser(pattern).whole()
    try:
        jsonschema_rs.Draft202012Validator({"pattern": part.text})
    except ValueError:
        raise PatternTooLargeError("it is too large, or no engine at hand has it") from None
    return part


class _Parser:
    """Reads one regular expression from left to right."""

    def __init__(self, pattern: str) -> None:
        self.cursor = Cursor(pattern)
        self.names = [each[1] for each in _OPENED.finditer(pattern) if each[0][0] == "("]
        self.opened = 0
        self.depth = 0

    def whole(self) -> _Part:
        cursor = self.cursor
        named = [name for name in self.names if name]
        if len(set(named)) < len(named):
            raise PatternError("two groups have one name")
        part = self._choice()
        if cursor.peek():
            raise cursor.error("a ) closes no group")
        if cursor.needs_no_u and cursor.needs_u:
            raise PatternError(
                f"ECMA-262 has {cursor.needs_no_u} without the flag u, {cursor.needs_u} with it"
            )
        part.certain(frozenset())
        return part

    # Structure ----------------------------------------------------------------------------------------

    def _choice(self) -> _Part:
        options = [self._sequence()]
        while self.cursor.take("|"):
            options.append(self._sequence())
        if len(options) == 1:
            return options[0]

        def certain(before: _Captured) -> _Captured:
            return reduce(frozenset.intersection, [each.certain(before) for each in options])

        return _joined("|".join(each.text for each in options), options, certain)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self.cursor.peek() not in ("", "|", ")"):
            parts.append(self._term())

        def certain(before: _Captured) -> _Captured:
            return reduce(lambda known, each: each.certain(known), parts, before)

        return _joined("".join(each.text for each in parts), parts, certain)

    def _term(self) -> _Part:
        part, can_repeat = self._atom()
        found = self.cursor.match(_QUANTIFIER)
        if found is None:
            return part
        if not can_repeat:
            raise self.cursor.error("nothing to repeat")
        self.cursor.at = found.end()
        low, high = _bounds(found)
        if high is not None and high < low:
            raise self.cursor.error("the numbers of a quantifier are out of order")
        lazy = "?" if self.cursor.take("?") else ""
        if self.cursor.match(_QUANTIFIER):
            raise self.cursor.error("nothing to repeat")
        return _repeated(part, f"{part.text}{found[0]}{lazy}", once=(low, high) == (1, 1))

    def _atom(self) -> tuple[_Part, bool]:
        """The next part, and whether it can be repeated."""
        cursor = self.cursor
        character = cursor.peek()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class(), True
        if character == "\\":
            return self._escape()
        if character in "^$":
            cursor.at += 1
            return _Part(character), False
        if cursor.match(_QUANTIFIER):
            raise cursor.error("nothing to repeat")
        if cursor.match(_NO_QUANTIFIER):
            raise cursor.error("{,n} is no quantifier in ECMA-262: write {0,n}")
        cursor.at += 1
        if character == ".":
            return _Part(_DOT), True
        if character in "{}]":
            cursor.needs_no_u = f"a lone {character}"
        return _Part(literal(cursor.note(character))), True

    def _group(self) -> tuple[_Part, bool]:
        cursor = self.cursor
        found = cursor.match(_GROUP)
        if found is None or cursor.pattern.startswith("?", found.end()):
            starts = (each for each in _REMEDIES if cursor.pattern.startswith(each, cursor.at))
            remedy = _REMEDIES.get(next(starts, ""), "")
            raise cursor.error("this group is not one of ECMA-262", remedy)
        cursor.at = found.end()
        is_capture = found[0] == "(" or found[1] is not None
        self.opened += is_capture
        self.depth += 1
        number = self.opened
        if self.depth > _DEEPEST:
            raise cursor.error("groups stand too deep in one another")
        body = self._choice()
        self.depth -= 1
        if not cursor.take(")"):
            raise cursor.error("a group is not closed")
        if found[0] == "(?:":
            return replace(body, text=f"(?:{body.text})"), True
        return (_captured(body, number), True) if is_capture else (_around(body, found[0]), False)

    # Characters ---------------------------------------------------------------------------------------

    def _escape(self) -> tuple[_Part, bool]:
        self.cursor.at += 1
        character = self.cursor.peek()
        if character in _BOUNDARIES:
            self.cursor.at += 1
            return _Part(_BOUNDARIES[character], is_plain=False), False
        if character == "k" or character in set("123456789"):
            return self._back_reference(), True
        found = escaped(self.cursor, in_class=False)
        if isinstance(found, int):
            return _Part(literal(found)), True
        return _Part(found if isinstance(found, str) else written(found)), True

    def _back_reference(self) -> _Part:
        found = self.cursor.match(_REFERENCE)
        known = {name: number for number, name in enumerate(self.names, 1) if name}
        number = 0 if found is None else int(found[2]) if found[2] else known.get(found[1], 0)
        if found is None or not 0 < number <= len(self.names):
            raise self.cursor.error("a back reference to no group")
        self.cursor.at = found.end()
        error = self.cursor.error("a back reference to a group that may not have matched is not supported")

        def certain(before: _Captured) -> _Captured:
            if number not in before:
                raise error
            return before

        around = self.cursor.pattern[max(found.start() - 4, 0) : found.start()], self.cursor.peek()
        text = f"\\{number}" if around == ("(?:\\", ")") else f"(?:\\{number})"  # a digit may follow
        return _Part(text, certain=certain, is_plain=False)

    def _class(self) -> _Part:
        self.cursor.at += 1
        negated = self.cursor.take("^")
        items: list[tuple[int, int]] = []
        sets: list[Ranges] = []
        properties: list[str] = []
        while not self.cursor.take("]"):
            for each in self._class_item():
                if isinstance(each, str):
                    properties.append(each)
                elif isinstance(each, list):
                    items += each
                else:
                    sets.append(each)
        text = _class_text(items, sets, "".join(properties), negated=negated)
        return _Part(text, is_plain="(?!" not in text)

    def _class_item(self) -> list[_Item]:
        """The range that follows, or what stands there instead of one: characters, sets and properties."""
        first = self._class_atom()
        if self.cursor.peek() != "-" or self.cursor.peek(1) == "]":
            return [[(first, first)] if isinstance(first, int) else first]
        self.cursor.at += 1
        last = self._class_atom()
        if isinstance(first, int) and isinstance(last, int):
            if last < first:
                raise self.cursor.error("a range is out of order")
            return [[(first, last)]]
        self.cursor.needs_no_u = "a range that ends in a set"
        ends: list[_Item] = [[(ord("-"), ord("-"))]]
        return ends + [[(each, each)] if isinstance(each, int) else each for each in (first, last)]

    def _class_atom(self) -> int | str | Ranges:
        character = self.cursor.peek()
        if not character:
            raise self.cursor.error("a class is not closed")
        self.cursor.at += 1
        return escaped(self.cursor, in_class=True) if character == "\\" else self.cursor.note(character)


def _class_text(items: list[tuple[int, int]], sets: list[Ranges], properties: str, *, negated: bool) -> str:
    """Write a class; `sets` are those of \\d, \\w, \\s and of all but these."""
    others = [each for each in sets if each == complement(complement(each)) and each[-1][1] == LAST]
    named = [pair for each in sets if each not in others for pair in each]
    if not properties and (others or not (named or items)):
        found = union([*named, *items, *(pair for each in others for pair in each)])
        return written(complement(found) if negated else found)
    inside = properties + class_items([*named, *items])
    if not others:
        return f"[^{inside}]" if negated else f"[{inside}]"
    rest = written(union(pair for each in others for pair in each))
    return f"(?:(?![{inside}]|{rest}){ANY})" if negated else f"(?:[{inside}]|{rest})"


def _bounds(quantifier: re.Match[str]) -> tuple[int, int | None]:
    if quantifier[1] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[quantifier[0]]
    low = int(quantifier[1])
    return low, int(quantifier[3]) if quantifier[3] else None if quantifier[2] else low


def _joined(text: str, parts: list[_Part], certain: Callable[[_Captured], _Captured]) -> _Part:
    captures = frozenset(number for each in parts for number in each.captures)
    return _Part(text, captures, certain, all(each.is_plain for each in parts))


def _repeated(part: _Part, text: str, *, once: bool) -> _Part:
    """A part that may match several times or not at all: afterwards none of its groups is certain."""

    def certain(before: _Captured) -> _Captured:
        outside = before - part.captures
        part.certain(outside)
        return outside

    return replace(part, text=text, certain=part.certain if once else certain)


def _captured(body: _Part, number: int) -> _Part:
    def certain(before: _Captured) -> _Captured:
        return body.certain(before) | {number}

    return _Part(f"({body.text})", body.captures | {number}, certain, body.is_plain)


def _around(body: _Part, opening: str) -> _Part:
    """Return a lookahead or lookbehind: what must, or must not, stand around a position."""
    if opening.startswith("(?<") and body.captures:
        raise PatternError("a group that captures within a lookbehind is not supported: write (?:")

    def certain(before: _Captured) -> _Captured:
        within = body.certain(before)
        return within if opening == "(?=" else before

    return _Part(f"{opening}{body.text})", body.captures, certain, is_plain=False)
