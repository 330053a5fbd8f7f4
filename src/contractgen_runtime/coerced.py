"""Bodies written as text, such as forms, whose values get their JSON types from the schema."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .bodies import Content, receive_whole
from .problems import invalid, violation
from .requests import Request
from .respelling import respelled
from .schemas import Schemas
from .streams import decoded
from .values import Coercion, Texts
from .violations import of_model

ModelT = TypeVar("ModelT", bound=BaseModel)


class CoercedBody(Content[ModelT]):
    """A body of texts: read as a JSON value, checked exactly by its schema, then turned into its model."""

    __slots__ = ("_validate", "coercion", "model", "schemas")

    def __init__(
        self, media_type: str, model: type[ModelT], schemas: Schemas, *, schema: str, max_bytes: int
    ) -> None:
        super().__init__(media_type, max_bytes=max_bytes, schema=schema)
        self.model = model
        self._validate = model.model_validate
        self.schemas = schemas
        self.coercion = Coercion(schemas, schema)
        schemas.validator(schema)

    def value_of(self, texts: Texts) -> Any:
        """Return the JSON value; raise 422 if it violates the schema."""
        try:
            value = self.coercion.read(texts)
        except ValueError as error:  # too many parts, or a text that is not UTF-8 when decoded
            raise invalid([violation("body", "", str(error))]) from None
        if violations := self.schemas.violations(self.coercion.pointer, value, "body"):
            raise invalid(violations)
        return value

    def model_of(self, value: Any) -> ModelT:
        """Return the model of a valid value; not in strict mode, since the schema has checked its types."""
        try:
            try:
                return self._validate(value)
            except ValidationError as error:
                return self._validate(respelled(error, value))
        except ValidationError as error:
            raise invalid(of_model(error, value, "body")) from None


class TextValueBody(CoercedBody[ModelT]):
    """A plain text that is read as a JSON value: `5`, `true`."""

    __slots__ = ()

    async def read(self, request: Request) -> ModelT:
        text = decoded(await receive_whole(request, self.max_bytes))
        return self.model_of(self.value_of(text))
