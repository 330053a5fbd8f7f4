"""The plan of a contract: what is generated, in plain dataclasses, with every reference resolved."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.plan.converters import TextConverter
from contractgen.plan.header_types import HeaderType
from contractgen.plan.schemes import Alternative, Scheme
from contractgen.schema.directions import Direction
from contractgen_runtime.deprecation import Deprecation
from contractgen_runtime.forms import Encoding
from contractgen_runtime.styles import Style

# The alternatives of an operation: each names schemes, and the roles that a caller must have.
Security: TypeAlias = tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
# How a body is written: a JSON value with or without a model, text, bytes, or a sequence of items.
Kind: TypeAlias = Literal["json", "text", "binary", "events", "lines", "sequence"]
# From the form that says most about an error to the one that says least.
_FORMS: tuple[Kind, ...] = ("json", "text", "binary", "lines", "sequence", "events")
STREAMED = frozenset({"binary", "events", "lines", "sequence"})
# How a request body is read: with a model of its schema, or by its media type alone. `text-value` is a value
# of a schema written as text, `items` a sequence of JSON values.
BodyKind: TypeAlias = Literal[
    "json", "any-json", "form", "multipart", "text", "text-value", "binary", "items"
]
WITHOUT_MODEL = frozenset({"any-json", "text", "binary"})
COMPONENT_RESPONSES = "/components/responses"
# The statuses that reject a request before its handler runs, or after it has failed.
REFUSALS = frozenset({400, 401, 403, 406, 408, 413, 415, 422, *range(500, 600)})
# How a header is written: text as it is, in the style `simple`, exploded, as JSON, as lines of Set-Cookie.
Writer: TypeAlias = Literal["text", "simple", "exploded", "json", "cookies"]
# Whether a request must have a parameter, and what the handler gets without it: the default, MISSING or None.
Presence: TypeAlias = Literal["required", "defaulted", "nullable", "optional"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `argument` is its name in Python.

    `converter` reads a parameter of one text; it is None where `schema`, a pointer, decides. `nullable`: a
    request can have null, which differs from no value. `component` is its name in Python among the contract's
    components, empty for a parameter of one operation. `missing_status` rejects a request without it.
    """

    location: str
    name: str
    argument: str
    converter: TextConverter | None
    required: bool
    has_default: bool
    default: Any
    nullable: bool
    schema: str
    style: Style | None
    media_type: str | None
    allow_empty: bool
    component: str
    missing_status: int = 422

    @property
    def presence(self) -> Presence:
        if self.required:
            return "required"
        if self.has_default:
            return "defaulted"
        return "nullable" if self.nullable else "optional"


@dataclass(frozen=True, slots=True)
class FormContent:
    """The encoding of a form's fields by name, and which of them, also of those without a name, are files."""

    encoding: dict[str, Encoding]
    files: tuple[str, ...] = ()
    file_patterns: tuple[str, ...] = ()
    other_files: bool = False
    leaves_open: bool = False

    @property
    def may_have_files(self) -> bool:
        """Return whether a part may be a file, parts that the schema does not describe included."""
        return self.has_files or self.leaves_open

    @property
    def has_files(self) -> bool:
        return bool(self.files or self.file_patterns) or self.other_files


@dataclass(frozen=True, slots=True)
class Content:
    """One media type of a body.

    `schema` is the pointer of its schema, if any; `exact`: the reader alone enforces all that it says.
    """

    media_type: str
    kind: BodyKind
    max_bytes: int
    schema: str | None
    exact: bool
    form: FormContent | None = None

    @property
    def has_model(self) -> bool:
        """Return whether the handler gets a model of the schema, or a stream of them."""
        return self.kind not in WITHOUT_MODEL

    @property
    def direction(self) -> Direction:
        """The direction of the model that the handler gets."""
        return "form" if self.has_files else "request"

    @property
    def has_files(self) -> bool:
        return self.form is not None and self.form.has_files


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: its media types, and whether a request must have one."""

    contents: tuple[Content, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a response carries.

    `field` is its name in Python, `type` the type of its values, `writer` how they are written, `schema` the
    pointer of its schema, empty without one.
    """

    name: str
    field: str
    type: HeaderType
    writer: Writer
    required: bool
    schema: str = ""


@dataclass(frozen=True, slots=True)
class ResponseContent:
    """The content of a response: how it is written, its media types, and the pointer of the schema that
    gets a model, None where there is none.

    Of several media types a handler chooses one, `chosen` when it says nothing, where it is not None.
    `or_text` says that an event's data may be text beside what its schema says.
    """

    kind: Kind
    media_types: tuple[str, ...]
    schema: str | None = None
    charset: str = "utf-8"
    chosen: str | None = None
    or_text: bool = False

    @property
    def is_choice(self) -> bool:
        return len(self.media_types) > 1 or self.is_open

    @property
    def is_open(self) -> bool:
        """Return whether a handler may name any media type of a range, such as `image/*`."""
        return any("*" in media_type for media_type in self.media_types)

    @property
    def is_streamed(self) -> bool:
        return self.kind in STREAMED


@dataclass(frozen=True, slots=True)
class Response:
    """A response class in one operation: the key under which it stands there, and what that stands for.

    `status_type` names the Literal of the statuses of a range or of `default`; `negotiated` says that the
    request's `Accept` chooses between it and others; `pointer` is where it stands, empty for one that the
    contract does not have. `own_form` says that a problem of RFC 9457 does not fit into it;
    `violation_location` is the property of a problem's violations that has the part of the request.
    """

    class_name: str
    key: str
    statuses: tuple[int, ...]
    status_type: str
    description: str
    content: ResponseContent | None
    headers: tuple[Header, ...]
    negotiated: bool = False
    pointer: str = ""
    own_form: bool = False
    violation_location: str = "in"

    @property
    def schema(self) -> str | None:
        return self.content.schema if self.content else None

    @property
    def is_component(self) -> bool:
        return self.pointer.rpartition("/")[0] == COMPONENT_RESPONSES


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `handler` is its name in Python, `pointer` where it stands.

    `path` is as the document has it, `addresses` are the paths of requests: below each server's, the first
    one's first.
    `alternatives` are the distinct sets of schemes that let a caller in; `anonymous` says that it may be
    called without credentials, `raw_response` that its handler may return what the contract does not declare,
    `strict_query` that unknown query parameters are rejected; `deprecation` is what its responses say of its
    end, None where no date is known; `extensions` are those that do not decide what is generated.
    """

    operation_id: str
    handler: str
    tag: str
    method: str
    path: str
    pointer: str
    addresses: tuple[str, ...]
    summary: str
    alternatives: tuple[Alternative, ...]
    anonymous: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: Security
    raw_response: bool
    strict_query: bool
    deprecation: Deprecation | None
    extensions: dict[str, Any]

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

    @property
    def offers(self) -> tuple[str, ...]:
        """The media types between which the request's `Accept` chooses; none where there is one only."""
        contents = [r.content for r in self.responses if r.content and r.negotiated]
        return tuple(dict.fromkeys(media_type for content in contents for media_type in content.media_types))

    @property
    def own_errors(self) -> tuple[Response, ...]:
        """The rejections in a form of the contract's own: only the service can fill these responses.

        Of several for one status the service takes the first: JSON, then text, bytes and sequences.
        """
        refusals = REFUSALS | {each.missing_status for each in self.parameters}
        of_problems = {each.key for each in self.responses if not each.own_form}
        own = [each for each in self.responses if each.own_form and each.key not in of_problems]
        own.sort(key=lambda each: _FORMS.index(each.content.kind) if each.content else 0)
        return tuple(each for each in own if refusals & set(each.statuses))

    @property
    def violation_location(self) -> str:
        """The property of violations that has the part of the request, as the first response with another
        name than usual calls it."""
        return next((r.violation_location for r in self.responses if r.violation_location != "in"), "in")

    @property
    def streams(self) -> bool:
        return self.raw_response or any(r.content and r.content.is_streamed for r in self.responses)


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations: one Protocol, which one module implements.

    `responses` are the classes of the responses that these operations declare themselves.
    """

    name: str
    module: str
    class_name: str
    description: str
    operations: tuple[Operation, ...]
    responses: tuple[Response, ...]

    @property
    def checked_schemes(self) -> tuple[Scheme, ...]:
        """The schemes that take more than one line to check."""
        every = (s for operation in self.operations if not operation.only_scheme for s in operation.schemes)
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that is generated from one document.

    `base_path` is the path of the first server; `document` is the normal form of what was read;
    `used_schemas` names the schemas that need a model of their own, by pointer and direction, `typed_schemas`
    those that need a type, by pointer. `shared_responses` are the classes of the responses under components;
    `generic` names the classes whose statuses differ from operation to operation, `status_types` the Literals
    of statuses by name.
    """

    title: str
    version: str
    base_path: str
    tags: tuple[Tag, ...]
    schemes: tuple[Scheme, ...]
    shared_responses: tuple[Response, ...]
    generic: frozenset[str]
    status_types: dict[str, tuple[int, ...]]
    document: Document
    used_schemas: dict[tuple[str, Direction], str]
    typed_schemas: dict[str, str]
    warnings: tuple[Finding, ...]

    @property
    def read_schemes(self) -> tuple[Scheme, ...]:
        """The schemes that need a reader: all but a bearer's where it stands alone."""
        checked = {scheme for tag in self.tags for scheme in tag.checked_schemes}
        return tuple(scheme for scheme in self.schemes if not scheme.is_bearer or scheme in checked)

    @property
    def responses(self) -> tuple[Response, ...]:
        """Every class of response."""
        return (*self.shared_responses, *(response for tag in self.tags for response in tag.responses))

    @property
    def several(self) -> tuple[Alternative, ...]:
        """The alternatives of more than one scheme."""
        every = (each for operation in self.operations for each in operation.alternatives if each.class_name)
        return tuple(dict.fromkeys(every))

    def has_body_of(self, kind: BodyKind) -> bool:
        """Return whether an operation takes a body of a kind."""
        bodies = (operation.body for operation in self.operations if operation.body)
        return any(content.kind == kind for body in bodies for content in body.contents)

    @property
    def shared_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the contract's components, each once."""
        every = (p for operation in self.operations for p in operation.parameters if p.component)
        return tuple({parameter.component: parameter for parameter in every}.values())

    @property
    def own_errors(self) -> bool:
        """Return whether any operation has errors of a form of its own."""
        return any(operation.own_errors for operation in self.operations)

    @property
    def has_uploads(self) -> bool:
        bodies = (operation.body for operation in self.operations if operation.body)
        return any(content.has_files for body in bodies for content in body.contents)

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for tag in self.tags for operation in tag.operations)
