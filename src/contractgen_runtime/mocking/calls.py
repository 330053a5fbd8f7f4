"""Requests to mocked operations, and what may be sent in place of their examples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .examples import ExampleResponse


@dataclass(frozen=True, slots=True)
class Call:
    """A valid request to a mocked operation: its path, and the arguments of its handler."""

    operation_id: str
    method: str
    path: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Recalled:
    """A response in place of an example: the declared one of a status, or one with another body.

    `path` is that of the resource which the request has read or written.
    """

    path: str
    status: int | None
    example: ExampleResponse | None


#: Returns what is sent in place of the example of a request; None for the example itself.
Recall = Callable[[Call, ExampleResponse], Recalled | None]
