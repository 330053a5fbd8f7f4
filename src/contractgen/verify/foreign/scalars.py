"""Strings and numbers at and beyond the bounds of their schemas."""

from collections.abc import Iterator
from typing import Any

from contractgen.verify.foreign.ecma import matching
from contractgen.verify.foreign.formats import BAD, GOOD
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.views import View

Made = Iterator[tuple[Any, At]]
_LONGEST = 200_000
_WHOLE_NUMBERS = {"int32": 2**31, "int64": 2**63}


def of_string(view: View, base: str) -> Made:
    """Texts for the sake of lengths, patterns and formats."""
    for keyword, beyond in (("minLength", -1), ("maxLength", 1)):
        for at, bound in view.all(keyword):
            for length in (int(bound), int(bound) + beyond):
                if 0 <= length <= _LONGEST:
                    yield _of_length(base, length), at
                    # Lengths are counted in code points, not in units of UTF-16 or in bytes.
                    yield "\U0001f600" * length, at
    for at, pattern in view.all("pattern"):
        yield from ((text, at) for text in matching(pattern))
        # U+0663 is a digit of Unicode, none of ECMA-262; a line break is no end of a text there.
        for text in ("", "~", f"{base}~", f"~{base}", f"{base}\n", "\u0663", base.swapcase(), base[:-1]):
            yield text, at
    for at, name in view.all("format"):
        yield from ((text, at) for text in (*GOOD.get(name, ()), *BAD.get(name, ()), ""))


def _of_length(base: str, length: int) -> str:
    return base[:length] if len(base) >= length else base + (base[-1:] or "a") * (length - len(base))


def of_number(view: View, base: float) -> Made:
    """Numbers for the sake of bounds, factors and formats."""
    is_whole = "integer" in view.types and "number" not in view.types
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        for at, bound in view.all(keyword):
            if not isinstance(bound, bool):
                for step in (-1, 0, 1) if is_whole else (-1, -0.5, 0, 0.5, 1):
                    yield bound + step, at
    for at, factor in view.all("multipleOf"):
        yield from (
            (value, at) for value in (factor, factor * 3, base + factor, base + 1, base + factor / 2, 0)
        )
    for at, name in view.all("format"):
        if name in _WHOLE_NUMBERS:
            beyond = _WHOLE_NUMBERS[name]
            yield from ((value, at) for value in (-beyond - 1, -beyond, beyond - 1, beyond))
    for at, _ in view.all("type"):
        yield from ((value, at) for value in (1.5, -1, 0, 10**20))
