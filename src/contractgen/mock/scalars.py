"""Strings and numbers for schemas, the best first; some may violate them."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from contractgen.schema.pattern_texts import PatternError, matching
from contractgen.schema.walk import Schema

# Longer strings and arrays are not tried: they are valid, but no use as examples.
LONGEST = 100_000
_FORMATS: dict[str, Callable[[int], tuple[str, ...]]] = {
    "uuid": lambda n: (f"01939f6e-7b1c-7c2a-9f3e-{n:012x}",),
    "date-time": lambda n: (f"2026-01-01T09:{n % 60:02}:00Z",),
    "date": lambda n: (f"2026-01-{1 + n % 28:02}",),
    "time": lambda n: (f"09:{n % 60:02}:00Z",),
    "duration": lambda n: (f"P{n}D",),
    "email": lambda n: (f"user{n}@example.com", f"{n}@b.co"),
    "idn-email": lambda n: (f"user{n}@example.com", f"{n}@b.co"),
    "hostname": lambda n: (f"host{n}.example.com", f"h{n}"),
    "idn-hostname": lambda n: (f"host{n}.example.com", f"h{n}"),
    "ipv4": lambda n: (f"192.0.2.{n}",),
    "ipv6": lambda n: (f"2001:db8::{n:x}",),
    "uri": lambda n: (f"https://example.com/{n}", f"a:{n}"),
    "iri": lambda n: (f"https://example.com/{n}", f"a:{n}"),
    "uri-reference": lambda n: (f"/{n}",),
    "iri-reference": lambda n: (f"/{n}",),
    "uri-template": lambda n: (f"/{n}/{{id}}", f"/{n}"),
    "json-pointer": lambda n: (f"/{n}",),
    "relative-json-pointer": lambda n: (f"{n}/a", f"{n}"),
    "byte": lambda _: ("dGV4dA==", "dGV4dHRl"),
    "decimal": lambda n: (f"{n}.50", f"{n}"),
}


def strings_for(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if least > LONGEST:
        return
    for n in range(1, 30) if schema.get("format") in _FORMATS else ():
        yield from (_padded(text, least) for text in _FORMATS[schema["format"]](n))
    if "pattern" in schema:
        usual = int(max(least, min(most, 8)))
        lengths = [(length, 0) for length in (usual, *range(least, least + 30))]
        for length, shift in (*lengths, *((usual, shift) for shift in range(1, 10))):
            try:
                text = matching(schema["pattern"], length, shift)
            except (PatternError, RecursionError):
                break
            yield from (text, text + "a" * (least - len(text)))
    for n in range(1, 30):
        text = "text" if n == 1 else f"text {n}"
        yield text.ljust(least, ".") if len(text) <= most else chr(96 + min(n, 26)) * int(most)


def _padded(text: str, least: int) -> str:
    """Return a longer text of a format: an address grows in local part and domain, others at the end."""
    missing = max(least - len(text), 0)
    if "@" not in text:
        return text + "a" * missing
    local = min(missing, 50)
    labels = "".join("a" * min(30, missing - local - at - 1) + "." for at in range(0, missing - local, 31))
    return "a" * local + text.replace("@", "@" + labels.removeprefix("."))


def numbers_for(schema: Schema, *, whole: bool) -> Iterator[int | float]:
    lows = [Fraction(str(schema[each])) for each in ("minimum", "exclusiveMinimum") if each in schema]
    highs = [Fraction(str(schema[each])) for each in ("maximum", "exclusiveMaximum") if each in schema]
    step = Fraction(str(schema.get("multipleOf", 1)))
    step = Fraction(step.numerator) if whole else step  # the least multiple of both
    if lows:
        first = math.ceil(max(lows) / step) * step
    elif highs:
        first = math.floor(min(highs) / step) * step - 30 * step
        yield from (_plain(first + n * step) for n in range(30, 0, -1))
    else:
        first = step
    if not lows or max(lows) <= 1:
        yield 1
    yield from (_plain(first + n * step) for n in range(30))
    if not whole and "multipleOf" not in schema:
        yield from (_plain(first + n + Fraction(1, 2)) for n in range(-1, 30))
    if not whole and lows and highs:
        span = min(highs) - max(lows)
        yield from (_plain(max(lows) + span * Fraction(n, 32)) for n in (16, *range(1, 32)))


def _plain(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)
