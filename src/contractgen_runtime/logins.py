"""Find in a document where a log-in takes an account and returns a token, by the names of properties."""

import re
from collections.abc import Iterator
from typing import Any

from .pointers import child, find_at, pointer_of

_FORM = "application/x-www-form-urlencoded"
_SECRET = re.compile(r"pass(word|wd|phrase|code)?|pwd|secret", re.IGNORECASE)
# In the order of preference; a refresh token opens nothing.
_TOKENS = ("accesstoken", "token", "authtoken", "jwt", "bearer", "idtoken", "sessiontoken", "apikey")
_DEPTH = 3
# The most references in a chain, and levels of `allOf`.
_MOST_STEPS, _MOST_LEVELS = 100, 8

Json = dict[str, Any]


def resolve(document: Json, node: Any) -> Json:
    """Return the object that a chain of references within the document ends at; empty if there is none."""
    for _ in range(_MOST_STEPS):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        node = find_at(document, pointer_of(node["$ref"]))
    return node if isinstance(node, dict) and "$ref" not in node else {}


def is_login(document: Json, path: str, operation: Json) -> bool:
    """Return whether an operation takes a password and returns a token."""
    if "{" in path or next(token_pointers(document, operation), None) is None:
        return False
    return any(is_secret(name) for name, _ in properties(document, account_schema(document, operation)))


def is_secret(name: str) -> bool:
    """Return whether a property is a password by its name."""
    return _SECRET.fullmatch(name) is not None


def is_json(media_type: str) -> bool:
    """Return whether a media type is one of JSON."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def account_media_type(document: Json, operation: Json) -> str | None:
    """Return the media type in which an operation takes an account: JSON or a form."""
    content = resolve(document, operation.get("requestBody")).get("content", {})
    return next((each for each in content if is_json(each) or each == _FORM), None)


def account_schema(document: Json, operation: Json) -> Json:
    """Return the schema of the body that takes an account; empty if there is none."""
    media_type = account_media_type(document, operation)
    content = resolve(document, operation.get("requestBody")).get("content", {})
    return resolve(document, content[media_type].get("schema")) if media_type else {}


def token_pointers(document: Json, operation: Json) -> Iterator[str]:
    """Yield the pointers of the properties of a success that are named as a token, the best first."""
    found: list[tuple[int, str]] = []
    for status, response in operation.get("responses", {}).items():
        if not str(status).startswith("2"):
            continue
        for media_type, media in resolve(document, response).get("content", {}).items():
            if is_json(media_type):
                found += _tokens(document, media.get("schema"), "", _DEPTH)
    yield from (pointer for _, pointer in sorted(found))


def _tokens(document: Json, schema: Any, prefix: str, depth: int) -> Iterator[tuple[int, str]]:
    for name, value in properties(document, schema):
        plain = re.sub(r"[^a-z]", "", name.lower())
        if plain in _TOKENS:
            yield _TOKENS.index(plain), prefix + child("", name)
        elif depth:
            yield from _tokens(document, value, prefix + child("", name), depth - 1)


def properties(document: Json, schema: Any, levels: int = _MOST_LEVELS) -> Iterator[tuple[str, Any]]:
    """Yield the properties of a schema, also those of its `allOf`."""
    members = resolve(document, schema)
    yield from members.get("properties", {}).items()
    for each in members.get("allOf", ()) if levels else ():
        yield from properties(document, each, levels - 1)
