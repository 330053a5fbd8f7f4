"""Values of any schema: checked exactly by it, then converted to the argument of a handler."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import jsonschema_rs
from pydantic import RootModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from .requests import InvalidError
from .respelling import respelled
from .schemas import Schemas
from .styles import Readings
from .values import Coercion
from .violations import of_model

T = TypeVar("T")

# A JSON value is already of these types.
_AS_IN_JSON = (str, int, bool)


class Typed(Generic[T]):
    """The schema at a pointer, and the Python type of its values: a model, or any other type.

    Validator and adapter are compiled on first use: a contract may have thousands.
    """

    def __init__(self, schemas: Schemas, pointer: str, kind: Any) -> None:
        self.schemas = schemas
        self.pointer = pointer
        self.kind = kind
        self.coercion = Coercion(schemas, pointer)

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return self.schemas.validator(self.pointer)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.kind)

    def admits(self, value: object) -> bool:
        """Return whether the schema admits a JSON value."""
        return self._validator.is_valid(value)

    def read(self, readings: Readings, location: str, path: Sequence[str | int]) -> T:
        """Return the value of texts; raise InvalidError with pointers below `path` if it is invalid."""
        return self.made(self.coercion.read(*readings), location, path)

    def made(self, value: Any, location: str, path: Sequence[str | int]) -> T:
        """Return the Python value of a JSON value; raise InvalidError if it violates the schema."""
        if not self._validator.is_valid(value):
            raise InvalidError(self.schemas.violations(self.pointer, value, location, path))
        if self.kind in _AS_IN_JSON and type(value) is self.kind:
            return value  # type: ignore[no-any-return]  # its type is `kind`, which T stands for
        try:
            made = self._model_of(value)
        except ValidationError as error:
            raise InvalidError(of_model(error, value, location, path)) from None
        return made.root if isinstance(made, RootModel) else made  # type: ignore[no-any-return]  # as above

    def _model_of(self, value: Any) -> Any:
        validate = self._adapter.validator.validate_json
        try:
            return validate(to_json(value), strict=True)
        except ValidationError as error:
            return validate(to_json(respelled(error, value)), strict=True)
