"""The operations of a mounted application, as tables: read from the objects that serve its requests.

The objects are of a package's own copy of the run-time support, so the names of their classes distinguish
them. A response is made and encoded: what it sends is what it declares.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import MISSING, TypeAdapter

from contractgen.verify.answers import responses_of
from contractgen.verify.tables import (
    ABSENT,
    TEXT,
    BodyTable,
    ContentTable,
    EncodingTable,
    HeaderTable,
    Key,
    OperationTable,
    ParameterTable,
    SchemaAt,
    Tables,
)

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


def derived(app: FastAPI) -> Tables:
    """Return every operation that an application serves by a contract."""
    return dict(_operations(app))


def operations(app: FastAPI) -> list[Any]:
    """Return the live tables of the contract's routes."""
    return [route.operation for route in app.routes if hasattr(route, "operation")]


def _operations(app: FastAPI) -> Iterator[tuple[Key, OperationTable]]:
    served = operations(app)
    models = _Models(served)
    for operation in served:
        yield (
            (operation.method, operation.path),
            OperationTable(
                operation_id=operation.operation_id,
                tag=operation.tag,
                security=tuple({n: tuple(roles) for n, roles in each.items()} for each in operation.security),
                parameters={(p.location, p.name): _parameter(p) for p in operation.parameters},
                body=_body(operation.body, models) if operation.body else None,
                responses=responses_of(operation, models.of),
            ),
        )


class _Models:
    """The JSON Schemas of the models for requests and responses, in one document."""

    def __init__(self, operations: Iterable[Any]) -> None:
        models: dict[Any, None] = {}
        for operation in operations:
            models |= {each.model: None for each in operation.body.contents} if operation.body else {}
            models |= {each.model: None for each in operation.responses}
        mode: Literal["validation"] = "validation"
        adapters = [(model, mode, TypeAdapter[Any](model)) for model in models if model is not None]
        schemas, self.root = TypeAdapter.json_schemas(adapters)
        self.known = {model: schema for (model, _), schema in schemas.items()}

    def of(self, model: Any) -> SchemaAt:
        """Return the schema of the values that a model accepts, as far as its type expresses them."""
        return SchemaAt(self.root, self.known[model], exact=False)


# Parameters ---------------------------------------------------------------------------------------------


def _parameter(parameter: Any) -> ParameterTable:
    if hasattr(parameter, "convert"):
        default = ABSENT if parameter.default is None else _as_json(parameter.default)
        return ParameterTable(
            parameter.required, _STYLES[parameter.location], default, converted(parameter.convert)
        )
    default = ABSENT if parameter.default is MISSING else parameter.default
    return ParameterTable(parameter.required, _style(parameter), default, checked(parameter.typed))


def _style(parameter: Any) -> str:
    if hasattr(parameter, "media_type"):
        return f"content {parameter.media_type}"
    explodes = bool(parameter.named.kinds & {"array", "object"})
    return styled(parameter.style, explodes=explodes) + (" empty" if parameter.allow_empty else "")


def checked(check: Any) -> SchemaAt:
    """Return the schema that a check was compiled from, where its live registry has it."""
    return SchemaAt(check.schemas.document, check.schemas.at(check.pointer))


def converted(converter: Any) -> SchemaAt:
    """Return the schema that a converter of one text enforces."""
    match type(converter).__name__:
        case "Integer" | "Number" as name:
            bounds = {"minimum": converter.minimum, "maximum": converter.maximum}
            said: dict[str, Any] = {"type": name.lower(), **_given(bounds)}
        case "Boolean":
            said = {"type": "boolean"}
        case "Uuid":
            said = {"type": "string", "format": "uuid"}
        case "Choice":
            said = {"enum": list(converter.choices.values())}
        case "Text":
            bounds = {"minLength": converter.min_length, "maxLength": converter.max_length}
            said = TEXT | _given({**bounds, "pattern": converter.pattern})
        case unknown:
            raise TypeError(f"what {unknown} reads is not known")
    return SchemaAt(said, said)


def _given(keywords: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in keywords.items() if value is not None}


def _as_json(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


# Bodies -------------------------------------------------------------------------------------------------


def _body(body: Any, models: _Models) -> BodyTable:
    return BodyTable(body.required, {each.media_type: _content(each, models) for each in body.contents})


def _content(content: Any, models: _Models) -> ContentTable:
    """Return the checks that a body passes: its model, and the exact check if the model is not exact."""
    check = getattr(content, "exact_check", None) or getattr(content, "coercion", None)
    schemas = [checked(check)] if check is not None else []
    if content.model is not None:
        model = models.of(content.model)
        schemas.append(dataclasses.replace(model, exact=check is None))
    elif not schemas:
        schemas.append(_read_by(content))
    encoding = {name: _encoding(each, check) for name, each in getattr(content, "encoding", {}).items()}
    files = frozenset(getattr(content, "files", ()))
    return ContentTable(tuple(schemas), content.max_bytes, encoding, files)


def _encoding(encoding: Any, check: Any) -> EncodingTable:
    headers = {}
    for header in encoding.headers:
        schema = SchemaAt(check.schemas.document, check.schemas.at(header.schema))
        headers[header.name] = HeaderTable(header.required, schema, header.explode)
    style = styled(encoding.style) if encoding.style else ""
    return EncodingTable(style, encoding.content_types, headers)


def styled(style: Any, *, explodes: bool = True) -> str:
    """Return the name of a style, with `*` if it explodes, and ` reserved` if it allows such characters."""
    explode = "*" if style.explode and explodes else ""
    return f"{style.name}{explode}{' reserved' if style.allow_reserved else ''}"


def _read_by(content: Any) -> SchemaAt:
    """Return the schema of what a reader accepts by itself: text, bytes, or any JSON."""
    said = {} if type(content).__name__ == "AnyJsonBody" else TEXT
    return SchemaAt(said, said)
