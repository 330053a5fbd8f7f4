"""JSON bodies, validated from their bytes."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json, to_json

from .bodies import Content, receive_whole
from .duplicates import has_duplicates
from .media import MediaType
from .problems import Refusal, invalid, not_json
from .requests import Request
from .respelling import respelled
from .schemas import ExactCheck, Schemas
from .violations import of_model

ModelT = TypeVar("ModelT", bound=BaseModel)
T_co = TypeVar("T_co", covariant=True)


class _JsonContent(Content[T_co]):
    """A JSON body: of a media range, it accepts only the media types that are JSON."""

    __slots__ = ()

    def fits(self, sent: MediaType) -> int:
        return super().fits(sent) if sent.is_json or not self.range.is_range else 0


class JsonBody(_JsonContent[ModelT]):
    """JSON of a schema: validated by its model and, if that is not exact, by the exact check of the schema.

    The violations of a rejected value always come from the schema.
    """

    __slots__ = ("exact_check", "model", "schemas", "validate")

    def __init__(
        self,
        media_type: str,
        model: type[ModelT],
        schemas: Schemas,
        *,
        schema: str,
        max_bytes: int,
        model_is_exact: bool = False,
    ) -> None:
        super().__init__(media_type, max_bytes=max_bytes, schema=schema)
        self.model = model
        self.schemas = schemas
        self.exact_check = None if model_is_exact else ExactCheck(schemas, schema)
        validator = model.__pydantic_validator__

        def validate(raw: bytes) -> ModelT:
            try:
                return validator.validate_json(raw, strict=True)  # type: ignore[no-any-return]  # of this model
            except ValidationError as error:
                if error.errors(include_input=False)[0]["type"] == "json_invalid":
                    raise
                # orjson writes no integer of more than 64 bits.
                value = to_json(respelled(error, from_json(raw)), inf_nan_mode="constants")
            return validator.validate_json(value, strict=True)  # type: ignore[no-any-return]  # as above

        self.validate = validate

    async def read(self, request: Request) -> ModelT:
        return self.parse(await receive_whole(request, self.max_bytes))

    def parse(self, raw: bytes, path: Sequence[str | int] = ()) -> ModelT:
        """Return the validated value; raise 400 if the bytes are not JSON, 422 if they violate the schema.

        `path` leads to the value within the body.
        """
        if raw.find(b"NaN") >= 0 or raw.find(b"Infinity") >= 0:  # faster than `in`
            any_json(raw, path)
        try:
            model = self.validate(raw)
        except ValidationError as error:
            raise self._rejection(raw, error, path) from None
        # As many colons as fields: no property stands twice, and none in another object.
        if raw.count(b":") != len(model.model_fields_set) and has_duplicates(raw, from_json(raw)):
            raise _ambiguous(path)
        if self.exact_check is not None and (violations := self.exact_check(raw, path)):
            raise invalid(violations)
        return model

    def _rejection(self, raw: bytes, error: ValidationError, path: Sequence[str | int]) -> Refusal:
        """Return the rejection: 400 for invalid JSON, 422 for a violation of the schema or of the model."""
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            return not_json(first["msg"].removeprefix("Invalid JSON: "), path)
        value, schema = from_json(raw), str(self.schema)
        if has_duplicates(raw, value):
            return _ambiguous(path)
        found = self.schemas.violations(schema, value, "body", path) or of_model(error, value, "body", path)
        return invalid(found)


class AnyJsonBody(_JsonContent[JsonValue]):
    """Any JSON: the contract has no schema for it."""

    __slots__ = ()

    async def read(self, request: Request) -> JsonValue:
        return any_json(await receive_whole(request, self.max_bytes))


def any_json(raw: bytes, path: Sequence[str | int] = ()) -> JsonValue:
    """Return the JSON value; raise 400 for invalid JSON.

    NaN, the infinities and properties that an object has twice are invalid, though the models' parser accepts
    them.
    """
    try:
        value: JsonValue = from_json(raw, allow_inf_nan=False)
    except ValueError as error:  # the parser's error
        raise not_json(str(error), path) from None
    if has_duplicates(raw, value):
        raise _ambiguous(path)
    return value


def _ambiguous(path: Sequence[str | int]) -> Refusal:
    return not_json("an object has a property twice", path)
