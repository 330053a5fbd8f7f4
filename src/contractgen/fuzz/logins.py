"""Log-in operations: where they take an account and return a token.

A session that the fuzzer ends, by calling the log-out operation, is opened anew with the next request.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contractgen.document.findings import SettingError
from contractgen.document.load import Document
from contractgen.fuzz.credentials import Scheme
from contractgen.fuzz.operations import Operation
from contractgen.fuzz.toml import Table
from contractgen.plan.names import constant_name
from contractgen_runtime.pointers import child, find_at

_FORM = "application/x-www-form-urlencoded"
_SECRET = re.compile(r"pass(word|wd|phrase|code)?|pwd|secret", re.IGNORECASE)
# In the order of preference; a refresh token opens nothing.
_TOKENS = ("accesstoken", "token", "authtoken", "jwt", "bearer", "idtoken", "sessiontoken", "apikey")
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in operation: the media type of its body, and the pointer of the token in its response."""

    operation: Operation
    scheme: Scheme
    media_type: str
    token: str

    @property
    def takes_json(self) -> bool:
        return _is_json(self.media_type)

    def table(self, account: dict[str, str]) -> Table:
        """Return the table by which schemathesis logs in; it names a variable for each field."""
        payload = {name: f"${{{_variable(name)}}}" for name in account}
        return Table(
            ("auth", "dynamic", "openapi", self.scheme.name),
            {
                "path": self.operation.path,
                "method": self.operation.method.lower(),
                "payload": payload,
                "payload_content_type": self.media_type,
                "extract_selector": self.token,
            },
            "A session that the fuzzer has ended is opened anew, since 401 fetches another token. "
            f"Set {', '.join(map(_variable, account))} in the environment.",
        )


def account_variables(account: dict[str, str]) -> dict[str, str]:
    """Return the environment that the table of a log-in names."""
    return {_variable(name): value for name, value in account.items()}


def _variable(name: str) -> str:
    return f"CONTRACTGEN_ACCOUNT_{constant_name(name)}"


def login(operation: Operation, scheme: Scheme, token: str | None = None) -> Login:
    """Return how to log in by an operation; SettingError if its body or its token cannot be found."""
    name = operation.name
    if "{" in operation.path:
        raise SettingError(f"--login: the path of {name} has parameters")
    media_type = _media_type(operation)
    if media_type is None:
        raise SettingError(f"--login: {name} takes neither JSON nor a form")
    found = token or next(_tokens(operation), None)
    if found is None:
        raise SettingError(
            f"--login: no property of the response of {name} is a token; give --token /POINTER"
        )
    return Login(operation, scheme, media_type, found)


def is_login(operation: Operation) -> bool:
    """Return whether an operation takes a password and returns a token."""
    media_type, body = _media_type(operation), operation.body()
    if media_type is None or body is None or "{" in operation.path:
        return False
    fields = _properties(operation.document, child(body, "content", media_type, "schema"))
    return any(_SECRET.fullmatch(name) for name, _ in fields) and next(_tokens(operation), None) is not None


def _media_type(operation: Operation) -> str | None:
    body = operation.body()
    names = list(operation.document.at(body)["content"]) if body else []
    return next((each for each in names if _is_json(each) or each == _FORM), None)


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _tokens(operation: Operation) -> Iterator[str]:
    """Yield the pointers of the properties of a success that are named as a token, the best first."""
    document = operation.document
    found: list[tuple[int, str]] = []
    for status in operation.node.get("responses", {}):
        if not status.startswith("2"):
            continue
        content, pointer = document.resolve(child(operation.pointer, "responses", status))
        for media_type in filter(_is_json, content.get("content", {})):
            schema = child(pointer, "content", media_type, "schema")
            found += _token_properties(document, schema, "", _DEPTH)
    yield from (pointer for _, pointer in sorted(found))


def _token_properties(document: Document, schema: str, prefix: str, depth: int) -> Iterator[tuple[int, str]]:
    for name, place in _properties(document, schema):
        plain = re.sub(r"[^a-z]", "", name.lower())
        if plain in _TOKENS:
            yield _TOKENS.index(plain), prefix + child("", name)
        elif depth:
            yield from _token_properties(document, place, prefix + child("", name), depth - 1)


def _properties(document: Document, schema: str) -> Iterator[tuple[str, str]]:
    """Yield the properties of a schema, also those of its `allOf`, with their pointers."""
    if find_at(document.value, schema) is None:
        return
    node, pointer = document.resolve(schema)
    members: dict[str, Any] = node if isinstance(node, dict) else {}
    for name in members.get("properties", {}):
        yield name, child(pointer, "properties", name)
    for index in range(len(members.get("allOf", []))):
        yield from _properties(document, child(pointer, "allOf", index))
