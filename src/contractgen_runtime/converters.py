"""Convert the text of a parameter exactly as its schema says, for simple schemas.

A converter returns the value of a text, or raises ValueError. The message never quotes the text.
"""

import re
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import jsonschema_rs

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

# More digits are expensive to convert, and no client needs them.
_MAX_DIGITS = 100
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_LONGEST_NUMBER = 40
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Converter(Protocol[T_co]):
    """Converts a text to a value; raises ValueError if the text is invalid."""

    def __call__(self, text: str, /) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer within bounds."""

    minimum: int | None = None
    maximum: int | None = None

    def __call__(self, text: str, /) -> int:
        if len(text) > _MAX_DIGITS or not _INTEGER.fullmatch(text):
            raise ValueError("Value should be an integer")
        value = int(text)
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"Value should be at least {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"Value should be at most {self.maximum}")
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, written as JSON writes it."""

    minimum: float | None = None
    maximum: float | None = None

    def __call__(self, text: str, /) -> float:
        if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
            raise ValueError("Value should be a number")
        value = float(text)
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"Value should be at least {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"Value should be at most {self.maximum}")
        return value


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    def __call__(self, text: str, /) -> bool:
        if text not in ("true", "false"):
            raise ValueError("Value should be true or false")
        return text == "true"


@dataclass(frozen=True, slots=True)
class Uuid:
    """A UUID in its canonical form, in either case."""

    def __call__(self, text: str, /) -> UUID:
        if not _UUID.fullmatch(text):
            raise ValueError("Value should be a UUID")
        return UUID(text)


class Choice(Generic[T]):
    """One of several strings."""

    __slots__ = ("choices",)

    def __init__(self, choices: tuple[T, ...]) -> None:
        self.choices = {str(choice): choice for choice in choices}

    def __call__(self, text: str, /) -> T:
        if text not in self.choices:
            raise ValueError(f"Value should be one of {', '.join(self.choices)}")
        return self.choices[text]


class Text:
    """A string within its length, in code points, and pattern."""

    __slots__ = ("_matches", "max_length", "min_length", "pattern")

    def __init__(
        self, *, min_length: int = 0, max_length: int | None = None, pattern: str | None = None
    ) -> None:
        self.min_length = min_length
        self.max_length = max_length
        self.pattern = pattern
        # The contract's regular expressions are those of ECMA-262: `$`, `\d` and `\s` differ in Python.
        schema = {"type": "string", "pattern": pattern}
        self._matches = jsonschema_rs.Draft202012Validator(schema).is_valid if pattern is not None else None

    def __call__(self, text: str, /) -> str:
        if len(text) < self.min_length:
            raise ValueError(f"Value should have at least {self.min_length} characters")
        if self.max_length is not None and len(text) > self.max_length:
            raise ValueError(f"Value should have at most {self.max_length} characters")
        if self._matches is not None and not self._matches(text):
            raise ValueError("Value should match the pattern of the contract")
        return text
