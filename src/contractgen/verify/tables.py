"""Operations as tables: the same form for what a document declares and for what an application executes.

`place` is the JSON Pointer where the document has a thing; what is derived from an application has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# The place of an operation: its method and path.
Key: TypeAlias = tuple[str, str]
ABSENT = object()
# What text, or bytes, that nothing looks into says.
TEXT: dict[str, Any] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class SchemaAt:
    """A schema, and the document in which its references are resolved.

    One that is not `exact` says what a Python type says: kinds of values, properties, items, listed values.
    """

    root: Any
    value: Any
    exact: bool = True


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """The style of a parameter, and the schema of its values. `default` is ABSENT where there is none.

    `style` has the name, with `*` where it explodes, as of `form*`, or a media type.
    """

    required: bool
    style: str
    default: Any
    schema: SchemaAt
    place: str = ""


@dataclass(frozen=True, slots=True)
class HeaderTable:
    """A header of a response, or of a part of a body."""

    required: bool
    schema: SchemaAt
    explode: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class EncodingTable:
    """The declared encoding of a form's field: a style, or one of some media types."""

    style: str = ""
    content_types: tuple[str, ...] = ()
    headers: Mapping[str, HeaderTable] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class ContentTable:
    """One media type of a body: `schemas` are all that a value must match, the exact one included.

    `files` are the fields of a form that arrive as files.
    """

    schemas: tuple[SchemaAt, ...]
    max_bytes: int | None = None
    encoding: Mapping[str, EncodingTable] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    place: str = ""


@dataclass(frozen=True, slots=True)
class BodyTable:
    """A request's body by media type."""

    required: bool
    contents: Mapping[str, ContentTable]
    place: str = ""


@dataclass(frozen=True, slots=True)
class ResponseTable:
    """The responses under one key, `200`, `4XX` or `default`, and the statuses that it stands for."""

    statuses: frozenset[int]
    contents: Mapping[str, ContentTable]
    headers: Mapping[str, HeaderTable]
    place: str = ""


@dataclass(frozen=True, slots=True)
class OperationTable:
    """One method on one path. `security` has the requirements, each the roles or scopes by scheme."""

    operation_id: str
    tag: str
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    parameters: Mapping[tuple[str, str], ParameterTable] = field(default_factory=dict)
    body: BodyTable | None = None
    responses: Mapping[str, ResponseTable] = field(default_factory=dict)
    place: str = ""


Tables: TypeAlias = Mapping[Key, OperationTable]
