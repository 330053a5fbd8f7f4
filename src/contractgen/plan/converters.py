"""The parameters of one text: what reads a text by its schema, as a value."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from contractgen.document.load import Document
from contractgen.schema.schemas import KNOWN_FORMATS, UNCHECKED_FORMATS
from contractgen.schema.vocabulary import ANNOTATIONS


@dataclass(frozen=True, slots=True)
class TextReader:
    """Text of bounded length that matches a regular expression."""

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class IntegerReader:
    """A whole number between bounds."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class NumberReader:
    """A number between bounds."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class BooleanReader:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class UuidReader:
    """A UUID."""


@dataclass(frozen=True, slots=True)
class ChoiceReader:
    """One of the values of an enum, all strings or all integers."""

    values: tuple[str, ...] | tuple[int, ...]


TextConverter: TypeAlias = (
    TextReader | IntegerReader | NumberReader | BooleanReader | UuidReader | ChoiceReader
)


def converter_of(document: Document, pointer: str) -> TextConverter | None:
    """Return the converter that enforces all of the schema at a pointer; None if there is none."""
    schema, _ = document.resolve(pointer)
    if not isinstance(schema, dict):
        return None
    return _string(schema) if schema.get("type") == "string" else _number_or_boolean(schema)


def _number_or_boolean(schema: dict[str, Any]) -> TextConverter | None:
    said = _said_of_text(schema)
    bounds = schema.get("minimum"), schema.get("maximum")
    match schema.get("type"):
        case "integer" if said == {"enum"} and all(type(value) is int for value in schema["enum"]):
            return _choice(schema["enum"])
        case "integer" if said <= {"minimum", "maximum"}:
            return IntegerReader(*bounds)
        case "number" if said <= {"minimum", "maximum"}:
            return NumberReader(*bounds)
        case "boolean" if not said:
            return BooleanReader()
    return None


def _string(schema: dict[str, Any]) -> TextConverter | None:
    said = _said_of_text(schema)
    if said == {"format"} and schema["format"] == "uuid":
        return UuidReader()
    if said == {"enum"} and all(isinstance(value, str) for value in schema["enum"]):
        return _choice(schema["enum"])
    if said <= {"minLength", "maxLength", "pattern"}:
        return TextReader(schema.get("minLength"), schema.get("maxLength"), schema.get("pattern"))
    return None


def _said_of_text(schema: dict[str, Any]) -> set[str]:
    """The keywords that say something of a parameter's text, without formats that say nothing."""
    said = {each for each in schema if not each.startswith("x-")} - ANNOTATIONS - {"type"}
    checks_format = schema.get("format") in KNOWN_FORMATS and schema["format"] not in UNCHECKED_FORMATS
    return said if checks_format else said - {"format"}


def _choice(values: list[Any]) -> ChoiceReader | None:
    return ChoiceReader(tuple(dict.fromkeys(values))) if values else None
