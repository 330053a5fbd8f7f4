"""Python names for the contract's names, and the names that generated code needs for itself."""

import keyword
import re
from collections.abc import Collection
from itertools import chain, count

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

# What a generated module imports or defines, and would lose to a contract's name.
_ROUTES = {
    *("AnyJsonBody", "ItemStream", "ItemsBody", "JsonBody", "JsonValue", "Stream", "StreamBody", "TextBody"),
    *("Encoding", "FormBody", "MultipartBody", "PartHeader", "TextValueBody"),
    *("Body", "Boolean", "CallerT", "Choice", "ContextT", "ContractRoute", "SCHEMAS", "Integer", "Literal"),
    *("Number", "Operation", "Parameter", "Principal", "Request", "Response", "Text", "TypeVar", "UUID"),
    *("UnitOfWork", "Uuid", "accept_body", "admit", "bearer_token", "body", "bool", "caller", "context"),
    *("body_content", "float", "handlers", "has_content", "has_credentials", "host", "int", "list", "models"),
    *("operations", "request", "Residual", "response", "responses", "self", "str"),
    *("Offers", "StreamingRoute", "accept", "acceptable", "negotiate"),
    *("ApiKey", "Basic", "Bearer", "Check", "Digest", "HttpScheme", "MutualTls", "admit_any"),
    *("callers", "checks", "dict", "iter", "next"),
    *("ContentParameter", "MISSING", "Style", "StyledParameter", "Typed", "dt"),
}
_OPERATIONS = {
    *("HandlerError", "Host", "Operation", "Principal", "Protocol", "Refusal", "Response", "Scope"),
    *("UnitOfWork", "ItemStream", "JsonValue", "Stream", "Upload"),
    *("BasicCredentials", "ClientCertificate", "DigestChallenge", "DigestCredentials", "Generic"),
}
_RESPONSES = {
    *("Any", "AsyncIterable", "ClassVar", "Encoded", "Event", "Generic", "Literal", "Mapping", "Opened"),
    *("RawResponse", "Response", "Sequence", "StatusT", "StreamedResponse", "TypeAlias", "TypeVar", "UUID"),
}
_HEADERS = {
    *("body", "dt", "encode", "header_names", "headers", "media_type", "media_types", "model", "models"),
    *("open", "self", "status", "status_range"),
    *("bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple", "type"),
}
RESERVED = {
    "parameter": _ROUTES,
    "operationId": _ROUTES,
    "tag": _ROUTES | {"app", "check_handlers", "mount", "routes", "served"},
    "tag's class": _OPERATIONS,
    "scheme": {"error", "refused", "unit_of_work"},
    "header": _HEADERS,
    "response": _RESPONSES,
    "schema": {"NotRequired", "TypedDict", "datetime"},
}


def class_name(name: str) -> str:
    """`list_posts` and `list-posts` -> `ListPosts`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def tag_class(name: str) -> str:
    """The class of a tag's handlers: `list-posts` -> `ListPosts`, `Stream` -> `Stream_`."""
    near = class_name(name)
    return near if is_usable(near, "tag's class") else f"{near}_"


def snake_case(name: str) -> str:
    """`bearerAuth`, `Retry-After` -> `bearer_auth`, `retry_after`."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()


def constant_name(name: str) -> str:
    """`list_posts` -> `LIST_POSTS`, `from_` -> `FROM_`."""
    return snake_case(name).upper() + ("_" if name.endswith("_") else "")


def python_name(name: str, kind: str) -> str:
    """The name itself where it can stand, else the nearest one: `page-size` -> `page_size`, `if` -> `if_`.

    Empty when there is none.
    """
    if is_usable(name, kind):
        return name
    near = snake_case(name)
    return next((each for each in (near, f"{near}_") if is_usable(each, kind)), "")


def distinct_name(name: str, kind: str, taken: Collection[str]) -> str:
    """The name, or the nearest one to it that can stand where names of its kind do and is not taken.

    Of a response: `None` -> `None_`, `2FA` -> `Response2FA`, and `Pet_2` when there is a `Pet`.
    """
    prefix = "Response" if kind == "response" else f"{kind}_"
    near = next(each for each in (name, f"{name}_", f"{prefix}{name}") if is_usable(each, kind))
    return next(each for each in chain([near], (f"{near}_{n}" for n in count(2))) if each not in taken)


def is_usable(name: str, kind: str | None = None) -> bool:
    """Whether a name can stand in Python source as it is, where names of its kind stand."""
    is_name = _IDENTIFIER.fullmatch(name) is not None and not keyword.iskeyword(name)
    return is_name and (kind is None or name not in RESERVED[kind])


def prose(text: str) -> str:
    """Text of a contract as it may stand in a docstring: one line that cannot end it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line.replace("\\", "\\\\").replace('"', '\\"')
