"""Answers' bodies, encoded without an intermediate form."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NotRequired, get_args, get_origin
from uuid import UUID

import orjson
from pydantic import BaseModel, RootModel
from pydantic_core import to_json
from typing_extensions import get_type_hints, is_typeddict


def encoder(model: type[BaseModel], row: Any = None) -> Callable[[Any], bytes]:
    """A function that writes a model, or a dict of the same members where there is a TypedDict, as JSON.

    A dict must have exactly the members that its TypedDict declares: one more would tell what the contract
    does not, so it is a TypeError, as is another model.
    """
    write_model = model.__pydantic_serializer__.to_json
    check = _members_check(row) if row is not None else None

    def encode(body: Any) -> bytes:
        if isinstance(body, model):
            return write_model(body, by_alias=True)
        if check is None or type(body) is not dict:
            raise TypeError(f"the body must be {model.__name__}, not {type(body).__name__}")
        check(body)
        return orjson.dumps(body, _plain, orjson.OPT_UTC_Z)

    return encode


def root_encoder(model: type[RootModel[Any]], row: Any = None) -> Callable[[Any], bytes]:
    """A function that writes a model of one value, or the value itself, as JSON.

    `row` is the TypedDict of the items of a list: dicts of these members are written as `encoder` writes one.
    """
    write_model = model.__pydantic_serializer__.to_json
    check = _members_check(row) if row is not None else None

    def encode(body: Any) -> bytes:
        if isinstance(body, model):
            return write_model(body, by_alias=True)
        if isinstance(body, tuple):
            body = list(body)
        if check is not None and isinstance(body, list) and all(type(item) is dict for item in body):
            for item in body:
                check(item)
            return orjson.dumps(body, _plain, orjson.OPT_UTC_Z)
        return write_model(model.model_construct(body), by_alias=True, warnings="error")

    return encode


def open_encoder(model: type[BaseModel]) -> Callable[[Any], bytes]:
    """A function that writes a model, or any object at all, as JSON."""

    def encode(body: Any) -> bytes:
        if not isinstance(body, model | Mapping):
            raise TypeError(f"the body must be an object, not {type(body).__name__}")
        return encode_any(body)

    return encode


def text_or(encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """A function that writes text as it is, and everything else as JSON by `encode`."""
    return lambda value: value.encode() if isinstance(value, str) else encode(value)


def encode_any(body: object) -> bytes:
    """Any value as JSON; numbers that JSON does not have are null."""
    return to_json(body, by_alias=True, inf_nan_mode="null")


def encode_text(body: str | bytes, charset: str = "utf-8") -> bytes:
    """Text in a charset; bytes are in it already."""
    return body if isinstance(body, bytes) else body.encode(charset)


def _plain(value: object) -> str:
    """What orjson does not write by itself: a driver's own kind of UUID."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _members_check(row: Any) -> Callable[[Any], None]:
    """A function that raises TypeError for a dict with other members than its TypedDict, at any depth."""
    members: _Members | None = None  # read when first needed: a schema may contain itself

    def check(body: dict[str, Any]) -> None:
        nonlocal members
        members = members or _Members(row)
        if body.keys() != members.required and not (members.required <= body.keys() <= members.known):
            raise TypeError(f"{row.__name__} has the members {sorted(members.known)}, not {sorted(body)}")
        for name, check_value in members.below.items():
            if name in body:
                check_value(body[name])

    return check


class _Members:
    """What a TypedDict declares. Its own `__required_keys__` are wrong where annotations are postponed."""

    __slots__ = ("below", "known", "required")

    def __init__(self, row: Any) -> None:
        marked = get_type_hints(row, include_extras=True)
        self.known = marked.keys()
        optional: Any = NotRequired
        self.required = {name for name, kind in marked.items() if get_origin(kind) is not optional}
        checks = {name: _value_check(kind) for name, kind in get_type_hints(row).items()}
        self.below = {name: check for name, check in checks.items() if check is not None}


def _value_check(kind: Any) -> Callable[[Any], None] | None:
    if is_typeddict(kind):
        return _members_check(kind)
    for check in filter(None, map(_value_check, get_args(kind))):
        return _each(check) if get_origin(kind) is list else _unless_none(check)
    return None


def _each(check: Callable[[Any], None]) -> Callable[[Any], None]:
    def check_items(items: Any) -> None:
        for item in items:
            check(item)

    return check_items


def _unless_none(check: Callable[[Any], None]) -> Callable[[Any], None]:
    def check_value(value: Any) -> None:
        if value is not None:
            check(value)

    return check_value
