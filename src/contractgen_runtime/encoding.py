"""Encode the bodies of responses without an intermediate form."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NotRequired, get_args, get_origin
from uuid import UUID

import orjson
from pydantic import BaseModel, RootModel
from pydantic_core import to_json
from typing_extensions import get_type_hints, is_typeddict


def encoder(model: type[BaseModel], row: Any = None) -> Callable[[Any], bytes]:
    """Return a function that encodes a model as JSON and, with `row`, a dict of that TypedDict.

    The function raises TypeError for another model, and for a dict with other fields than the TypedDict
    declares: an extra field could disclose data that is not in the contract.
    """
    write_model = model.__pydantic_serializer__.to_json
    check = _fields_check(row) if row is not None else None

    def encode(body: Any) -> bytes:
        if isinstance(body, model):
            return write_model(body, by_alias=True)
        if check is None or type(body) is not dict:
            raise TypeError(f"the body must be {model.__name__}, not {type(body).__name__}")
        check(body)
        return orjson.dumps(body, _plain, orjson.OPT_UTC_Z)

    return encode


def root_encoder(model: type[RootModel[Any]], row: Any = None) -> Callable[[Any], bytes]:
    """Return a function that encodes a root model, or its value, as JSON.

    `row` is the TypedDict of the items of a list: dicts with its fields are encoded as by `encoder`.
    """
    write_model = model.__pydantic_serializer__.to_json
    check = _fields_check(row) if row is not None else None

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
    """Return a function that encodes a model or any mapping as JSON."""

    def encode(body: Any) -> bytes:
        if not isinstance(body, model | Mapping):
            raise TypeError(f"the body must be an object, not {type(body).__name__}")
        return encode_any(body)

    return encode


def text_or(encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Return a function that encodes text as UTF-8, and any other value by `encode`."""
    return lambda value: value.encode() if isinstance(value, str) else encode(value)


def encode_any(body: object) -> bytes:
    """Encode any value as JSON; NaN and the infinities become null."""
    return to_json(body, by_alias=True, inf_nan_mode="null")


def encode_text(body: str | bytes, charset: str = "utf-8") -> bytes:
    """Encode text in a charset; bytes are returned unchanged."""
    return body if isinstance(body, bytes) else body.encode(charset)


def _plain(value: object) -> str:
    """Convert a value that orjson cannot encode: a subclass of UUID, as database drivers have."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _fields_check(row: Any) -> Callable[[Any], None]:
    """Return a function that raises TypeError for a dict, also nested, with other fields than its type."""
    fields: _Fields | None = None  # created on first use: a schema may contain itself

    def check(body: dict[str, Any]) -> None:
        nonlocal fields
        fields = fields or _Fields(row)
        names = [*body]
        if names != fields.seen:
            if not fields.required <= body.keys() <= fields.known:
                raise TypeError(f"{row.__name__} has the fields {sorted(fields.known)}, not {sorted(body)}")
            fields.seen = names
        for name, check_value in fields.below.items():
            if name in body:
                check_value(body[name])

    return check


class _Fields:
    """The fields of a TypedDict; its own `__required_keys__` are wrong if annotations are postponed."""

    __slots__ = ("below", "known", "required", "seen")

    def __init__(self, row: Any) -> None:
        marked = get_type_hints(row, include_extras=True)
        self.known = marked.keys()
        optional: Any = NotRequired
        self.required = {name for name, kind in marked.items() if get_origin(kind) is not optional}
        checks = {name: _value_check(kind) for name, kind in get_type_hints(row).items()}
        self.below = {name: check for name, check in checks.items() if check is not None}
        #: Those of the last dict, in order: the rows of a statement are all alike.
        self.seen: list[str] | None = None


def _value_check(kind: Any) -> Callable[[Any], None] | None:
    if is_typeddict(kind):
        return _fields_check(kind)
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
