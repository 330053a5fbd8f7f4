"""Python names for the contract's names, and the names that generated code needs for itself."""

import keyword
import re
from itertools import chain, count
from unicodedata import normalize

_SEPARATORS = re.compile(r"_|[\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]")

# What a generated module imports or defines, and would lose to a contract's name.
_ROUTES = {
    *("AnyJsonBody", "ItemStream", "ItemsBody", "JsonBody", "JsonValue", "Stream", "StreamBody", "TextBody"),
    *("Encoding", "FormBody", "MultipartBody", "PartHeader", "TextValueBody"),
    *("Body", "Boolean", "CallerT", "Choice", "ContextT", "ContractRoute", "SCHEMAS", "Integer", "Literal"),
    *("Number", "Operation", "Parameter", "Principal", "Request", "Response", "Text", "TypeVar", "UUID"),
    *("UnitOfWork", "Uuid", "accept_body", "admit", "bearer_token", "body", "bool", "caller", "context"),
    *("body_content", "float", "handlers", "has_content", "has_credentials", "host", "int", "list", "models"),
    *("operations", "request", "ExactCheck", "response", "responses", "self", "shared", "str"),
    *("Offers", "StreamingRoute", "accept", "acceptable", "negotiate"),
    *("ApiKey", "Basic", "Bearer", "Check", "Digest", "HttpScheme", "MutualTls", "admit_any"),
    *("Deprecation", "callers", "checks", "dict", "iter", "next"),
    *("ContentParameter", "MISSING", "QuerystringParameter", "Style", "StyledParameter", "Typed", "dt"),
}
_OPERATIONS = {
    *("HandlerError", "Host", "Operation", "Principal", "Protocol", "Refusal", "Response", "Scope"),
    *("UnitOfWork", "ItemStream", "JsonValue", "Stream", "Upload"),
    *("BasicCredentials", "ClientCertificate", "DigestChallenge", "DigestCredentials", "Generic"),
    *("AbstractAsyncContextManager", "JsonValue", "Literal", "None", "Stream", "TypeVar", "UUID"),
    *("NotRequired", "TypedDict"),
    *("ContextT", "False", "True"),
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
# Names that no file has on Windows; a tag's module is one.
_NO_FILES = {"aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
RESERVED = {
    "parameter": _ROUTES,
    # The name of a component, which stands in capitals among the shared parts of the routes.
    "constant": {each.lower() for each in _ROUTES if each.isupper()},
    "operationId": _ROUTES,
    "tag": _ROUTES | _NO_FILES | {"app", "check_handlers", "mount", "routes", "served"},
    "tag's class": _OPERATIONS,
    "scheme": {"error", "refused", "unit_of_work"},
    "header": _HEADERS,
    "callers": _OPERATIONS,
    "response": _RESPONSES,
    "schema": {
        *(
            "Annotated",
            "AwareDatetime",
            "ConfigDict",
            "Field",
            "Final",
            "Literal",
            "NotRequired",
            "TypeAlias",
        ),
        *("TaggedUnion", "TypedDict", "UUID", "date", "datetime"),
    },
}


# In bytes, with room for a number and for what Python puts behind it.
_LONGEST_MODULE = 200

# How the name of a thing begins whose own name has no letters, or begins with a digit.
_PREFIXES = {
    "operationId": "operation",
    "tag's class": "Tag",
    "response": "Response",
    "schema": "Schema",
    "callers": "Callers",
}


class Names:
    """The names of one kind in one namespace: no two are the same, nor are the constants made of them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """Take the name, or the nearest one to it that is valid for its kind and not taken.

        Of a response: `None` -> `None_`, `2FA` -> `Response2FA`, and `Pet_2` when there is a `Pet`.
        """
        near = nearest_name(wanted, self.kind)
        numbered = chain([near], (f"{near}_{number}" for number in count(2)))
        name = next(name for name in numbered if self._key(name) not in self._taken)
        self._taken.add(self._key(name))
        return name

    def _key(self, name: str) -> str:
        return constant_name(name) if self.kind in ("parameter", "constant", "operationId") else name


def class_name(name: str) -> str:
    """`list_posts` and `list-posts` -> `ListPosts`."""
    return "".join(word[:1].upper() + word[1:] for word in _words(name))


def snake_case(name: str) -> str:
    """`bearerAuth`, `Retry-After` -> `bearer_auth`, `retry_after`."""
    return "_".join(_words(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name))).lower()


def constant_name(name: str) -> str:
    """`list_posts` -> `LIST_POSTS`, `from_` -> `FROM_`."""
    return snake_case(name).upper() + ("_" if name.endswith("_") else "")


def usual_name(name: str, kind: str) -> str:
    """Return the usual Python name of a thing of a kind; a usable name of a parameter keeps its case."""
    return name if kind == "parameter" and is_usable(name, kind) else snake_case(name)


def nearest_name(wanted: str, kind: str) -> str:
    """Return the name if it is valid for its kind, else the nearest one: `if` -> `if_`, `2x` -> `tag_2x`."""
    if kind == "tag":  # file systems take 255 bytes
        wanted = wanted.encode()[:_LONGEST_MODULE].decode(errors="ignore")
    prefix = _PREFIXES.get(kind, kind)
    prefixed = prefix + wanted if prefix[0].isupper() else f"{prefix}_{wanted}".rstrip("_")
    return next(each for each in (wanted, f"{wanted}_", prefixed, f"{prefixed}_") if is_usable(each, kind))


def is_usable(name: str, kind: str | None = None) -> bool:
    """Return whether a name is valid in Python source unchanged, for a thing of its kind."""
    is_name = name.isidentifier() and name[0] != "_" and not keyword.iskeyword(name)
    is_same = name.isascii() or normalize("NFKC", name) == name  # Python reads names in this form
    return is_name and is_same and (kind is None or name not in RESERVED[kind])


def is_shortened(name: str) -> bool:
    """Return whether a name loses letters or signs in Python, apart from those between its words."""
    return _beyond_ascii(normalize("NFKC", name)) != _beyond_ascii("".join(_words(name)))


def _beyond_ascii(text: str) -> str:
    return "".join(each for each in text if not each.isascii())


def _words(name: str) -> list[str]:
    """Return the parts of a name that are valid in Python, split at everything else."""
    if not name.isascii():
        name = "".join(c if f"a{c}".isidentifier() else "_" for c in normalize("NFKC", name))
    return [word for word in _SEPARATORS.split(name) if word]


def prose(text: str) -> str:
    """Return a text of a contract for use in a docstring: one line that cannot end it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line.replace("\\", "\\\\").replace('"', '\\"')
