"""The arguments of a mocked operation's handler, by the names of the contract."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from contractgen.mock.resources import Resource
from contractgen.mock.shapes import Item
from contractgen.plan.contract import Operation
from contractgen_runtime.responses import simple

SCALARS = (str, int, float, bool)


class Arguments:
    """The values that a request has sent, by the names of the contract."""

    def __init__(self, operation: Operation, named: Mapping[str, Any]) -> None:
        self.query: dict[str, Any] = {}
        self.values: dict[str, Any] = {}
        self._headers: dict[str, str] = {}
        for each in operation.parameters:
            value = _jsonable(named.get(each.argument))
            if each.location == "path":
                self.values[each.name] = value
            elif each.location == "query" and isinstance(value, (*SCALARS, list)):
                self.query[each.name] = value
            elif each.location == "header" and isinstance(value, str):
                self._headers[each.name.lower()] = value
        self.path = {name: simple(value) for name, value in self.values.items()}
        body = _jsonable(named.get("body"))
        self.body: Item = body if isinstance(body, dict) else {}

    def header(self, name: str) -> str:
        return self._headers.get(name, "")

    def path_of(self, resource: Resource, name: Any = None) -> str:
        """Return the path of an item, of an id or that of the request; empty if a parameter is missing."""
        path = resource.path
        texts = self.path if name is None else self.path | {resource.parameter: simple(name)}
        for parameter, text in texts.items():
            path = path.replace("{" + parameter + "}", text)
        return "" if "{" in path else path


def _jsonable(value: Any) -> Any:
    """Return a value of a request as JSON has it; None for what JSON cannot have, such as a file."""
    if isinstance(value, BaseModel):
        try:
            return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
        except (PydanticSerializationError, UnicodeDecodeError, ValueError):
            return None
    try:
        return to_jsonable_python(value)
    except (PydanticSerializationError, UnicodeDecodeError, ValueError):
        return None
