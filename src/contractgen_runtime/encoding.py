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
    check = _fields(row).check if row is not None else None

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
    check = _fields(row).check_each if row is not None else None

    def encode(body: Any) -> bytes:
        if isinstance(body, model):
            return write_model(body, by_alias=True)
        if isinstance(body, tuple):
            body = list(body)
        if check is not None and isinstance(body, list) and all(type(item) is dict for item in body):
            check(body)
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


class _Fields:
    """The fields of a TypedDict, and of those below it; raises TypeError for a dict with other ones."""

    __slots__ = ("_below", "_known", "_required", "_row", "_seen")

    def __init__(self, row: Any) -> None:
        self._row = row
        self._below: dict[str, Callable[[Any], None]] = {}
        #: Those of the last dict, in order: the rows of a statement are all alike.
        self._seen: list[str] | None = None

    def check(self, body: dict[str, Any]) -> None:
        if [*body] != self._seen:
            self._compare(body)
        for name, check_value in self._below.items():
            if name in body:
                check_value(body[name])

    def check_each(self, bodies: list[dict[str, Any]]) -> None:
        for body in bodies:
            if self._below or [*body] != self._seen:
                self.check(body)

    def _compare(self, body: dict[str, Any]) -> None:
        if self._seen is None:
            self._read()
        if not self._required <= body.keys() <= self._known:
            raise TypeError(f"{self._row.__name__} has the fields {sorted(self._known)}, not {sorted(body)}")
        self._seen = [*body]

    def _read(self) -> None:
        """Read the type when it is first used: a schema may contain itself."""
        # The type's own `__required_keys__` are wrong if annotations are postponed.
        marked = get_type_hints(self._row, include_extras=True)
        self._known = marked.keys()
        optional: Any = NotRequired
        self._required = {name for name, kind in marked.items() if get_origin(kind) is not optional}
        checks = {name: _value_check(kind) for name, kind in get_type_hints(self._row).items()}
        self._below = {name: check for name, check in checks.items() if check is not None}


_fields = cache(_Fields)


def _value_check(kind: Any) -> Callable[[Any], None] | None:
    if is_typeddict(kind):
        return _fields(kind).check
    if get_origin(kind) is list and is_typeddict(item := get_args(kind)[0]):
        return _fields(item).check_each
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
