"""The one intermediate form: what is generated, in plain dataclasses, with every reference resolved."""

from dataclasses import dataclass
from typing import Any, TypeAlias

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The alternatives of an operation: each names schemes, and the roles that a caller must have.
Security: TypeAlias = tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `argument` is its name in Python, `type` its Python type, `converter` the expression that
    reads it."""

    location: str
    name: str
    argument: str
    type: str
    converter: str
    required: bool
    default: Any = None

    @property
    def has_default(self) -> bool:
        return self.default is not None


@dataclass(frozen=True, slots=True)
class Content:
    """One media type of a body: `reader` is the class at run time that reads it.

    `schema` is the pointer of its schema, if it has one, and `exact` whether the reader alone enforces all
    that the schema says. `type` is the Python type that the handler gets, None for the schema's model.
    """

    media_type: str
    reader: str
    max_bytes: int
    schema: str | None
    exact: bool
    type: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: its media types, and whether a request must have one."""

    contents: tuple[Content, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a response carries; `type` is `str` or `int`."""

    name: str
    field: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Response:
    """A response class: one status, one media type and the pointer of one schema, None without a body."""

    class_name: str
    status: int
    description: str
    media_type: str | None
    schema: str | None
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme: `method` is the name of the host's method that turns a credential into a caller."""

    name: str
    method: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `handler` is its name in Python.

    `anonymous` says that it may be called without credentials.
    """

    operation_id: str
    handler: str
    tag: str
    method: str
    path: str
    summary: str
    scheme: Scheme | None
    anonymous: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: Security

    @property
    def has_caller(self) -> bool:
        return self.scheme is not None


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations: one Protocol, which one module implements."""

    name: str
    module: str
    class_name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that is generated from one document.

    `base_path` stands before every path; `inline_schemas` names schemas that stand in bodies themselves.
    """

    title: str
    version: str
    base_path: str
    tags: tuple[Tag, ...]
    schemes: tuple[Scheme, ...]
    responses: tuple[Response, ...]
    inline_schemas: dict[str, str]

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for tag in self.tags for operation in tag.operations)
