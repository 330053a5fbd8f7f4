"""Bodies: validated from raw bytes, encoded without an intermediate form."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Generic, NotRequired, TypeVar, get_args, get_origin
from urllib.parse import quote
from uuid import UUID

import jsonschema_rs
import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from typing_extensions import get_type_hints, is_typeddict

from .formats import FORMATS
from .problems import Violation, json_pointer, violation

ModelT = TypeVar("ModelT", bound=BaseModel)

_CONTRACT = "urn:contract"
# Beyond, a float stands for several integers.
_EXACT_FLOATS = 2**53


class Body(Generic[ModelT]):
    """A JSON request body.

    `validate` is the model's own strict validation of JSON; `residual`, where the model alone is not exact,
    the rest of what the schema says.
    """

    __slots__ = ("max_bytes", "media_type", "model", "required", "residual", "schema", "validate")

    def __init__(
        self,
        model: type[ModelT],
        *,
        schema: str,
        max_bytes: int,
        residual: Callable[[bytes], list[Violation]] | None = None,
        media_type: str = "application/json",
        required: bool = True,
    ) -> None:
        self.model = model
        self.schema = schema
        self.media_type = media_type
        self.max_bytes = max_bytes
        self.residual = residual
        self.required = required
        validator = model.__pydantic_validator__

        def validate(raw: bytes) -> ModelT:
            try:
                return validator.validate_json(raw, strict=True)  # type: ignore[no-any-return]  # of this model
            except ValidationError as error:
                if not any(each["type"] == "int_type" for each in error.errors(include_input=False)):
                    raise
            return validator.validate_json(_with_whole_numbers(raw), strict=True)  # type: ignore[no-any-return]  # as above

        self.validate = validate


def _with_whole_numbers(raw: bytes) -> bytes:
    """The body with 5.0 written as 5: JSON Schema counts both as integers, the model's parser does not."""
    return orjson.dumps(_whole(from_json(raw)))


def _whole(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOATS else value
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value


def schemas_of(document: dict[str, Any]) -> jsonschema_rs.Registry:
    """The schemas of a contract, read once for all checks of its bodies."""
    return jsonschema_rs.Registry([(_CONTRACT, document)], draft=jsonschema_rs.Draft202012)


def residual(schemas: jsonschema_rs.Registry, pointer: str) -> Callable[[bytes], list[Violation]]:
    """The check of a body against its schema in the contract, formats included, compiled once."""
    schema = {"$ref": f"{_CONTRACT}#{quote(pointer)}"}
    validator = jsonschema_rs.Draft202012Validator(
        schema, registry=schemas, validate_formats=True, formats=FORMATS
    )

    def check(raw: bytes) -> list[Violation]:
        return [
            violation("body", json_pointer(error.instance_path), f"Value violates {error.schema_path[-1]!r}")
            for error in validator.iter_errors(json.loads(raw))
        ]

    return check


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
