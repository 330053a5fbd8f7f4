"""The one intermediate form: what is generated, in plain dataclasses, with every reference resolved."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from contractgen.directions import Direction
from contractgen.findings import Finding
from contractgen.load import Document

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
    """A security scheme: `method` is the name of the host's method that turns a credential into a caller.

    `credential` is the type of the credential, `reader` the expression that makes what reads it, `query_key`
    its name where it stands in the query.
    """

    name: str
    method: str
    credential: str
    reader: str
    query_key: str | None = None

    @property
    def is_bearer(self) -> bool:
        return self.reader == "Bearer()"

    @property
    def is_digest(self) -> bool:
        return self.credential == "DigestCredentials"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Schemes that let a caller in together; `class_name` is that of the callers of several."""

    schemes: tuple[Scheme, ...]
    class_name: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `handler` is its name in Python.

    `alternatives` are the distinct sets of schemes that let a caller in; `anonymous` says that it may be
    called without credentials.
    """

    operation_id: str
    handler: str
    tag: str
    method: str
    path: str
    summary: str
    alternatives: tuple[Alternative, ...]
    anonymous: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: Security

    @property
    def has_caller(self) -> bool:
        return bool(self.alternatives)

    def caller_type(self, one: str, home: str = "") -> str:
        """The type of what a handler gets, when `one` is that of one scheme's caller: `one | BothOf[one]`."""
        kinds = [f"{home}{each.class_name}[{one}]" if each.class_name else one for each in self.alternatives]
        return " | ".join([*dict.fromkeys(kinds), *(["None"] if self.anonymous else [])])

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        return tuple(dict.fromkeys(scheme for each in self.alternatives for scheme in each.schemes))

    @property
    def only_scheme(self) -> Scheme | None:
        """The only scheme, where one line finds its caller: the challenge of Digest is the host's."""
        schemes = self.schemes
        return schemes[0] if len(schemes) == 1 and not schemes[0].is_digest else None

    @property
    def query_keys(self) -> tuple[str, ...]:
        return tuple(scheme.query_key for scheme in self.schemes if scheme.query_key is not None)


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations: one Protocol, which one module implements."""

    name: str
    module: str
    class_name: str
    description: str
    operations: tuple[Operation, ...]

    @property
    def checked_schemes(self) -> tuple[Scheme, ...]:
        """The schemes that take more than one line to check."""
        every = (s for operation in self.operations if not operation.only_scheme for s in operation.schemes)
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that is generated from one document.

    `base_path` stands before every path; `document` is the normal form of what was read; `used_schemas` names
    the schemas that need a model of their own, by pointer and direction.
    """

    title: str
    version: str
    base_path: str
    tags: tuple[Tag, ...]
    schemes: tuple[Scheme, ...]
    responses: tuple[Response, ...]
    document: Document
    used_schemas: dict[tuple[str, Direction], str]
    warnings: tuple[Finding, ...]

    @property
    def read_schemes(self) -> tuple[Scheme, ...]:
        """The schemes that need a reader: all but a bearer's where it stands alone."""
        checked = {scheme for tag in self.tags for scheme in tag.checked_schemes}
        return tuple(scheme for scheme in self.schemes if not scheme.is_bearer or scheme in checked)

    @property
    def several(self) -> tuple[Alternative, ...]:
        """The alternatives of more than one scheme."""
        every = (each for operation in self.operations for each in operation.alternatives if each.class_name)
        return tuple(dict.fromkeys(every))

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for tag in self.tags for operation in tag.operations)
