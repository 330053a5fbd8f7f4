"""The log-in of a contract as a form: its operation, the account, and the scheme that takes its token."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from fastapi import FastAPI

from contractgen_runtime.logins import (
    Json,
    account_media_type,
    account_schema,
    is_login,
    is_secret,
    properties,
    resolve,
    token_pointers,
)

from .shown import addresses_of, operations_of

_FORM = """\
<form id="log-in" aria-label="Log in" data-method="{method}" data-address="{address}"
 data-media-type="{media_type}" data-token="{token}" data-scheme="{scheme}">
{fields}
<button disabled>Log in</button>
<output></output>
</form>
"""


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an account: its name, the type of its input, and a value that the contract gives."""

    name: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class LogIn:
    """The operation that exchanges an account for a token: `token` is its pointer, `scheme` what takes it."""

    method: str
    path: str
    media_type: str
    fields: tuple[Field, ...]
    token: str
    scheme: str


def find_log_in(app: FastAPI, document: Json) -> LogIn | None:
    """Return the first operation of a document that takes an account and returns a bearer token."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    bearers = [name for name, scheme in schemes.items() if _is_bearer(resolve(document, scheme))]
    if not bearers:
        return None
    for each in operations_of(document):
        fields = tuple(_fields(document, each.node))
        if is_login(document, each.path, each.node) and fields:
            return LogIn(
                each.method,
                addresses_of(app).get(each.name, each.path),
                account_media_type(document, each.node) or "",
                fields,
                next(token_pointers(document, each.node)),
                bearers[0],
            )
    return None


def _is_bearer(scheme: Json) -> bool:
    return scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "bearer"


def _fields(document: Json, operation: Json) -> Iterator[Field]:
    """Yield the properties that an account must have, or all where none is required."""
    schema = account_schema(document, operation)
    known = dict(properties(document, schema))
    for name in schema.get("required") or known:
        node = resolve(document, known.get(name))
        yield Field(name, _input_type(name, node), str(node.get("const", node.get("default", ""))))


def _input_type(name: str, node: dict[str, Any]) -> str:
    if is_secret(name):
        return "password"
    return "email" if node.get("format") == "email" else "text"


def form(log_in: LogIn) -> str:
    """Return the form by which a page logs in."""
    texts = {name: escape(value) for name, value in asdict(log_in).items() if isinstance(value, str)}
    fields = "\n".join(map(_field, log_in.fields))
    return _FORM.format(**texts | {"fields": fields, "address": texts["path"].lstrip("/")})


def _field(field: Field) -> str:
    name, kind = escape(field.name), field.type
    usage = "current-password" if kind == "password" else "username"
    attributes = f'name="{name}" type="{kind}" autocomplete="{usage}" value="{escape(field.value)}"'
    return f"<label>{name} <input {attributes} required></label>"
