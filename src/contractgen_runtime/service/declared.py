"""Rejections in the contract's own error schemas, where these are not problems of RFC 9457."""

import json
import warnings
from collections.abc import AsyncIterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from contractgen_runtime.operations import Operation
from contractgen_runtime.problems import Refusal
from contractgen_runtime.reasons import with_reason
from contractgen_runtime.responses import Response, StreamedResponse
from contractgen_runtime.sequences import Event


def declared_refusal(
    refusal: Refusal, operation: Operation, bodies: Mapping[type, Any], headers: Mapping[str, Any]
) -> Response:
    """Return the declared response of a rejection.

    `bodies` has a valid body for each model of an error: the status and the reason take their places in it if
    it is still valid then. It has the text of a response whose schema does not admit every text. `headers`
    has values for the fields of headers that a response must have. Raise the rejection, which is then sent
    as a problem of RFC 9457, if there is no body: the contract admits none.
    """
    kind: Any = next(each for each in operation.own_errors if refusal.status in operation.permitted[each])
    given: dict[str, Any] = {}
    for field in fields(kind):
        if field.name == "body":
            body = _body(kind, bodies, refusal)
            given["body"] = _streamed(kind, body) if issubclass(kind, StreamedResponse) else body
        elif field.name == "status":
            given["status"] = refusal.status
        elif field.default is MISSING and field.default_factory is MISSING:
            given[field.name] = (
                kind.media_types[0].replace("*", "example")
                if field.name == "media_type"
                else headers[field.name]
            )
    response: Response = kind(**given)
    return response


def _body(kind: Any, bodies: Mapping[type, Any], refusal: Refusal) -> Any:
    model: type[BaseModel] | None = kind.model
    if model is None:
        return bodies.get(kind, refusal.detail)
    if model not in bodies:
        raise refusal
    body = bodies[model]
    explained = _modelled(model, with_reason(body, refusal.status, refusal.detail)) or _modelled(model, body)
    if explained is not None:
        return explained
    # What tells one subschema of oneOf from another may be a property that the model leaves out.
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    return model.model_construct(body) if issubclass(model, RootModel) else model.model_construct(**body)


def _modelled(model: type[BaseModel], body: Any) -> BaseModel | None:
    """Return the model of a body if it is valid, and the model keeps all of it."""
    try:
        made = model.model_validate_json(json.dumps(body))
    except ValidationError:
        return None
    return made if json.loads(made.model_dump_json(by_alias=True)) == body else None


def _streamed(kind: type[StreamedResponse], body: Any) -> bytes | AsyncIterator[Any]:
    """Return a body of bytes, or a sequence of one item."""
    if kind.media_types[0].lower().startswith("text/event-stream"):
        return _items(Event(body))
    if kind.model is not None:
        return _items(body)
    return body.encode() if isinstance(body, str) else bytes(body)


async def _items(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item
