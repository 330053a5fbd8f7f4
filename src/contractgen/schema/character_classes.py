"""Sets of characters of ECMA-262 regular expressions, written so that Rust, Python and ECMA read the same."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

# Sorted code points from first to last, without overlap.
Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
DIGITS: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
# WhiteSpace and LineTerminator of ECMA-262: with U+FEFF, and without U+0085, unlike Unicode's White_Space.
SPACE: Ranges = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
ANY = r"[\s\S]"
NOTHING = "(?:(?!))"
_ESCAPES = {0x09: r"\t", 0x0A: r"\n", 0x0C: r"\f", 0x0D: r"\r"}
_SPECIAL = frozenset(r"\.[]{}()*+?^$|")
_SPECIAL_IN_CLASS = frozenset(r"\[]^-")
# Two of one of these are an operator of sets to some engines.
_DOUBLED = re.compile(r"([&~|])(?=\1)")


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the ranges sorted and joined."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """Return every other code point."""
    edges = [-1, *(edge for each in ranges for edge in each), LAST + 1]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple((before + 1, after - 1) for before, after in gaps if before + 1 < after)


def written(ranges: Ranges) -> str:
    """Write a set of characters as a class, negated if that is shorter; surrogates stand in no text."""
    others = complement(union((*ranges, _SURROGATES)))
    if not others:
        return ANY
    negated = len(others) < len(ranges)
    items = "".join(map(_range, others if negated else _without_surrogates(ranges)))
    return f"[^{items}]" if negated else f"[{items}]" if items else NOTHING


def literal(code: int) -> str:
    """Write one character outside of a class."""
    return "\\" + chr(code) if chr(code) in _SPECIAL else _character(code)


def class_items(items: Sequence[tuple[int, int]]) -> str:
    """Write characters and ranges in the order in which they stand, for the inside of a class."""
    texts = [_range(each) for pair in items for each in _without_surrogates((pair,))]
    for end in (0, -1):  # a first and a last hyphen stand for themselves everywhere
        if texts and texts[end] == r"\-":
            texts[end] = "-"
    return _DOUBLED.sub(lambda found: f"\\x{ord(found[1]):02x}", "".join(texts))


def _without_surrogates(ranges: Ranges) -> Ranges:
    first, last = _SURROGATES
    cut = ((each[0], min(each[1], first - 1)) for each in ranges)
    rest = ((max(each[0], last + 1), each[1]) for each in ranges)
    return tuple(sorted({(low, high) for low, high in (*cut, *rest) if low <= high}))


def _range(ends: tuple[int, int]) -> str:
    first, last = map(_in_class, ends)
    if ends[1] <= ends[0] + 1:
        return first if ends[0] == ends[1] else first + last
    return f"{first}-{last}".replace(" ", r"\x20")


def _in_class(code: int) -> str:
    return "\\" + chr(code) if chr(code) in _SPECIAL_IN_CLASS else _character(code)


def _character(code: int) -> str:
    if code in _ESCAPES:
        return _ESCAPES[code]
    if chr(code).isprintable() or code > 0xFFFF:
        return chr(code)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
