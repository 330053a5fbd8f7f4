"""Answers' bodies, encoded without an intermediate form."""

from collections.abc import Callable
from functools import cache
from typing import Any, NotRequired, get_args, get_origin
from uuid import UUID

import orjson
from pydantic import BaseModel
from typing_extensions import get_type_hints, is_typeddict


def encoder(model: type[BaseModel], row: Any = None) -> Callable[[Any], bytes]:
    """A function that writes a model, or a dict of the same members where there is a TypedDict, as JSON.

    A dict must have exactly the members that its TypedDict declares: one more would tell what the contract
    does not, so it is a TypeError.
    """
    write_model = model.__pydantic_serializer__.to_json
    check = _members_check(row) if row is not None else None

    def encode(body: Any) -> bytes:
        if type(body) is not dict or check is None:
            return write_model(body, by_alias=True)
        check(body)
        return orjson.dumps(body, _plain, orjson.OPT_UTC_Z)

    return encode


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
