"""Request bodies: accepted, received within limits, validated from raw bytes."""

from asyncio import timeout
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.types import Message

from .problems import Refusal, Violation, invalid, invalid_body
from .requests import Request

ModelT = TypeVar("ModelT", bound=BaseModel)

# More digits than any length has that can be sent.
_MAX_DIGITS = 18
# Seconds from the first part of a body to its last: what was checked before it must still be true after it.
_BODY_DEADLINE = 10
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


def has_content(request: Request) -> bool:
    """Whether the request announces a body."""
    return request.headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in request.headers


def accept_body(request: Request, body: Body[Any]) -> None:
    """415 for another media type, 413 for a length that is announced and too large."""
    content_type = request.headers.get(b"content-type", b"").decode("latin-1")
    media_type, _, rest = content_type.partition(";")
    charset = rest.strip().lower()
    if media_type.strip().lower() != body.media_type or charset not in (
        "",
        "charset=utf-8",
        'charset="utf-8"',
    ):
        raise Refusal(415, f"The body must be {body.media_type}.")
    if request.headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refusal(415, "The body must have no content coding.")
    length = request.headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > _MAX_DIGITS or int(length) > body.max_bytes:
        raise _too_large(body)


async def read_body(request: Request, body: Body[ModelT]) -> ModelT:
    """The validated body: 413 past its size, 400 when it is not JSON, 422 when it violates its schema."""
    raw = await _receive(request, body)
    if b"NaN" in raw or b"Infinity" in raw:
        _refuse_numbers_that_are_none(raw)
    try:
        model = body.validate(raw)
    except ValidationError as error:
        raise invalid_body(error) from None
    if body.residual is not None and (violations := body.residual(raw)):
        raise invalid(violations)
    return model


async def _receive(request: Request, body: Body[Any]) -> bytes:
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        if len(whole) > body.max_bytes:
            raise _too_large(body)
        return whole
    try:
        async with timeout(_BODY_DEADLINE):
            return await _receive_rest(request, body, message)
    except TimeoutError:
        raise Refusal(408, f"The body did not arrive within {_BODY_DEADLINE} s.") from None


async def _receive_rest(request: Request, body: Body[Any], message: Message) -> bytes:
    chunks, size = [message.get("body", b"")], len(message.get("body", b""))
    while message.get("more_body", False) and size <= body.max_bytes:
        message = await request.receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if size > body.max_bytes:
        raise _too_large(body)
    if message["type"] == "http.disconnect":
        raise Refusal(400, "The body ended before its end.")
    return b"".join(chunks)


def _refuse_numbers_that_are_none(raw: bytes) -> None:
    """NaN and the infinities are no JSON, though the model's parser takes them."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(400, f"The body is not valid JSON: {error}.") from None


def _too_large(body: Body[Any]) -> Refusal:
    return Refusal(413, f"The body may have at most {body.max_bytes} bytes.")
