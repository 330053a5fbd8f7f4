"""Rejections in the contract's own error schemas, where these are not problems of RFC 9457."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from pydantic import BaseModel, ValidationError

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
    try:
        return model.model_validate_json(json.dumps(with_reason(body, refusal.status, refusal.detail)))
    except ValidationError:
        return model.model_validate_json(json.dumps(body))


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
