"""Mark handlers that are still to be written."""

from collections.abc import Callable
from typing import Any, TypeVar

from typing_extensions import deprecated

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])
_MARK = "__unimplemented__"


@deprecated("this operation has no handler yet", category=None)
def unimplemented(handler: HandlerT) -> HandlerT:
    """Mark a handler that is still to be written: a mock answers for it, and production does not start.

    Type checkers list the marked handlers as deprecated: `mypy --enable-error-code deprecated`.
    """
    setattr(handler, _MARK, True)
    return handler


def is_unimplemented(handler: object) -> bool:
    """Return whether a handler is marked as still to be written."""
    return getattr(handler, _MARK, False) is True
