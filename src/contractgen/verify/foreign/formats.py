"""Formats: checkers of the Python `jsonschema` where it has one, and published examples for the others."""

import base64
import binascii
import re
from collections.abc import Callable

from jsonschema import Draft202012Validator, FormatChecker

from contractgen.verify.foreign.guesses import Guesses

# Of each format strings that have it, and strings that do not: RFCs' and the JSON-Schema project's own.
GOOD: dict[str, tuple[str, ...]] = {
    "date": ("2026-02-28", "2024-02-29"),
    "date-time": ("2026-11-23T10:20:30Z", "2026-11-23T10:20:30.123+01:00"),
    "time": ("10:20:30Z", "10:20:30.5+01:00"),
    "duration": ("P1D", "PT36H", "P1Y2M3DT4H5M6S", "P4W"),
    "email": ("ada@example.com", "te.s+t@mail.example.com"),
    "idn-email": ("ada@example.com", "실례@실례.테스트"),
    "hostname": ("example.com", "a-b.example"),
    "idn-hostname": ("example.com", "실례.테스트"),
    "ipv4": ("192.0.2.1", "127.0.0.1"),
    "ipv6": ("2001:db8::1", "::ffff:192.0.2.1"),
    "uri": ("https://example.com/a?b=c#d", "urn:oasis:names:specification:docbook"),
    "uri-reference": ("/a/b?c=d", "https://example.com/"),
    "iri": ("https://example.com/ä",),
    "iri-reference": ("/ä/b",),
    "uri-template": ("https://example.com/{id}{?a,b}",),
    "uuid": ("01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a", "00000000-0000-0000-0000-000000000000"),
    "json-pointer": ("/a/0/b~1c", ""),
    "relative-json-pointer": ("1/a", "0#"),
    "regex": ("^[a-z]+$", "a|b"),
    "byte": ("aGVsbG8=", "AAAA"),
    "decimal": ("1.50", "-3"),
}
BAD: dict[str, tuple[str, ...]] = {
    "date": ("2026-02-30", "26-01-01", "2026-01-01T00:00:00Z"),
    "date-time": ("2026-11-23 10:20", "2026-02-30T10:20:30Z", "2026-11-23T10:20:30"),
    "time": ("24:00:00Z", "10:20", "noon"),
    "duration": ("P", "1D", "P1", "PT1D"),
    "email": ("ada", "@example.com", "ada example.com"),
    "idn-email": ("ada", "@example.com"),
    "hostname": ("-a.example", "not_a_host name", "a..b"),
    "idn-hostname": ("-a.example",),
    "ipv4": ("256.1.1.1", "1.2.3", "01.2.3.4"),
    "ipv6": ("12345::", "1::2::3", "::1%eth0"),
    "uri": ("/a/b", "https://example.com/ b", "no uri"),
    "uri-reference": ("https://example.com/\\a", "a b"),
    "iri": ("/ä/b", "no iri"),
    "iri-reference": ("a\\b",),
    "uri-template": ("https://example.com/{id",),
    "uuid": ("01939f6e-7b1c-7c2a-9f3e", "01939f6e7b1c7c2a9f3e2f4b6c8d0e1a", "no uuid"),
    "json-pointer": ("a/b", "/a~2"),
    "relative-json-pointer": ("/a", "01/a"),
    "regex": ("a(", "[a"),
    "byte": ("not base64!", "AAA"),
    "decimal": ("1e5", "one", ""),
}
# What the library decides by itself as the RFCs have it, for every string.
_BY_LIBRARY = ("date", "ipv4", "ipv6", "uuid")
# What it decides but for leap seconds, which it does not know.
_BUT_LEAP_SECONDS = ("date-time", "time")
_LEAP = re.compile(r":60")
_WHOLE_NUMBERS = {"int32": 2**31, "int64": 2**63}


def format_checker(guesses: Guesses) -> FormatChecker:
    """Every format that OpenAPI and JSON Schema name; a string that nothing here decides is guessed."""
    library: FormatChecker = Draft202012Validator.FORMAT_CHECKER
    checker = FormatChecker(())
    checker.checkers = {name: library.checkers[name] for name in _BY_LIBRARY}
    for name in GOOD.keys() - {*_BY_LIBRARY, *_BUT_LEAP_SECONDS, "byte"}:
        checker.checks(name)(_by_example(name, guesses))
    for name in _BUT_LEAP_SECONDS:
        checker.checks(name)(_but_leap_seconds(library, name, guesses))
    for name, beyond in _WHOLE_NUMBERS.items():
        checker.checks(name)(_bounded(beyond))
    checker.checks("byte")(_is_base64)
    return checker


def _by_example(name: str, guesses: Guesses) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, str) and value not in (*GOOD[name], *BAD[name]):
            return guesses.answer(("format", name, value))
        return not isinstance(value, str) or value in GOOD[name]

    return check


def _but_leap_seconds(library: FormatChecker, name: str, guesses: Guesses) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, str) and _LEAP.search(value):
            return guesses.answer(("format", name, value))
        return bool(library.conforms(value, name))

    return check


def _bounded(beyond: int) -> Callable[[object], bool]:
    """Whole numbers are bounded by their format, as OpenAPI has it."""

    def check(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        return -beyond <= value < beyond

    return check


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
