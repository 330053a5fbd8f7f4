"""The only mechanism of idempotency: a response is stored with the work that it reports, and sent again.

No request waits for a key while a password is hashed: simultaneous requests all do their work, the first
stores it together with its key, and the others roll theirs back and send the response of the first.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import orjson

from contractgen_runtime.postgres.connections import Unavailable
from pressroom import problems
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.idempotency.queries import KeyedRequest, insert_answer, select_answer
from pressroom.idempotency.tables import ANONYMOUS, StoredAnswer
from pressroom_api import responses


class Answer(Protocol):
    """Any response of the contract."""

    @property
    def status(self) -> int: ...


P = ParamSpec("P")
R = TypeVar("R", bound=Answer)


def idempotent(
    handler: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R | responses.Conflict]]:
    """Let a handler that has the parameter `idempotency_key` do the work of a key once."""

    @wraps(handler)
    async def handle_once(*args: P.args, **kwargs: P.kwargs) -> R | responses.Conflict:
        key = cast(str | None, kwargs["idempotency_key"])
        if key is None:
            return await handler(*args, **kwargs)
        context, caller = cast(tuple[Context, Caller | None], (*args, None)[:2])
        context.write_together()
        request: KeyedRequest = {
            "caller_id": caller.id if caller else ANONYMOUS,
            "operation": handler.__name__,
            "key": key,
        }
        fingerprints = context.services.fingerprints.of(kwargs)
        earlier = await _recall(context, request, fingerprints)
        if earlier is not None:
            await context.check_caller()
            return cast(R, earlier)
        response = await handler(*args, **kwargs)
        is_done = response.status < 400
        if is_done and await insert_answer(context, request, _stored(context, response, fingerprints[0])):
            return response
        # Another was first; or this one is refused, perhaps for what the same request, sent twice, has done.
        earlier = await _recall(context, request, fingerprints)
        if earlier is not None:
            await context.rollback()
            return cast(R, earlier)
        if is_done:
            raise Unavailable("the answer of another request with this idempotency key has expired just now")
        return response

    return handle_once


async def _recall(context: Context, request: KeyedRequest, fingerprints: Sequence[bytes]) -> Answer | None:
    """Return the response to the first request with this key, if any; a conflict if that request differed."""
    stored = await select_answer(context, request)
    if stored is None:
        return None
    if stored["fingerprint"] not in fingerprints:
        return responses.Conflict(problems.IDEMPOTENCY_KEY_REUSED)
    return _restored(stored) or responses.Conflict(problems.ANSWER_OUTDATED)


def _restored(stored: StoredAnswer) -> Answer | None:
    """Return the response; None if it is of another version of the service with another contract."""
    try:
        content = orjson.loads(stored["content"]) | {"idempotency_replayed": "true"}
        response = getattr(responses, stored["response"])(**content)
        _, _, body = response.encode()
        if response.model is not None:
            response.model.model_validate_json(body, strict=True)
    except (AttributeError, TypeError, ValueError):
        return None
    return cast(Answer, response)


def _stored(context: Context, response: Any, fingerprint: bytes) -> StoredAnswer:
    content = {field.name: getattr(response, field.name) for field in fields(response)}
    return {
        "subject_id": context.subject_id,
        "fingerprint": fingerprint,
        "response": type(response).__name__,
        "content": orjson.dumps(content, str, orjson.OPT_UTC_Z).decode(),
    }
