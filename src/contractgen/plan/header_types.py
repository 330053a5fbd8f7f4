"""The types of the values of a response's headers."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

# `any` is any JSON value; the others are types of JSON Schema, or formats of strings with a type in Python.
ScalarType: TypeAlias = Literal["string", "integer", "number", "boolean", "uuid", "date", "date-time", "any"]


@dataclass(frozen=True, slots=True)
class EnumType:
    """One of these values."""

    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ListType:
    """A list of values of a type."""

    items: "HeaderType"


@dataclass(frozen=True, slots=True)
class ObjectType:
    """An object of scalars."""


# The alternatives, in the order of the schema.
HeaderType: TypeAlias = tuple[ScalarType | EnumType | ListType | ObjectType, ...]
STRING: HeaderType = ("string",)
