"""Bodies of texts, which become values of JSON by the shape of their schema."""

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
    """Texts that stand for a value of JSON: checked exactly by its schema, then made its model."""

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
        """The value of JSON; 422 when the schema refuses it."""
        try:
            value = self.coercion.read(texts)
        except ValueError as error:  # too many parts, or a text that is not UTF-8 when decoded
            raise invalid([violation("body", "", str(error))]) from None
        if violations := self.schemas.violations(self.coercion.pointer, value, "body"):
            raise invalid(violations)
        return value

    def model_of(self, value: Any) -> ModelT:
        """The model of a value that the schema admits: not strict, since its types are known to be right."""
        try:
            try:
                return self._validate(value)
            except ValidationError as error:
                return self._validate(respelled(error, value))
        except ValidationError as error:
            raise invalid(of_model(error, value, "body")) from None


class TextValueBody(CoercedBody[ModelT]):
    """A text that stands for a value: `5`, `true`."""

    __slots__ = ()

    async def read(self, request: Request) -> ModelT:
        text = decoded(await receive_whole(request, self.max_bytes))
        return self.model_of(self.value_of(text))
