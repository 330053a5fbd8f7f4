"""RFC 9457 problems for what no operation of the contract answers: routing, hand-written routes, failures."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
FAILED = "The service failed to answer this request."

_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110; Python renamed them in 3.13
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
}
_PHRASES = frozenset(status.phrase for status in HTTPStatus)


def problem_body(status: int, detail: str) -> bytes:
    """The JSON of a problem without a type of its own."""
    return orjson.dumps({"type": "about:blank", "title": _title(status), "status": status, "detail": detail})


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a Starlette response."""
    return Response(problem_body(status, detail), status, headers, MEDIA_TYPE)


def _title(status: int) -> str:
    if status in _TITLES:
        return _TITLES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if error.status_code in {204, 304}:
        return Response(status_code=error.status_code, headers=error.headers)
    detail: object = error.detail  # any JSON, in FastAPI
    if not isinstance(detail, str) or detail in _PHRASES:
        detail = _DETAILS.get(error.status_code, _title(error.status_code))
    return problem(error.status_code, str(detail), error.headers)


async def _invalid(_: Request, error: Exception) -> Response:
    # Where, never what: a member's name may itself be what a client sent.
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    parts = sorted({str(detail["loc"][0]) for detail in error.errors() if detail["loc"]})
    return problem(422, f"The request is not valid; see its {' and '.join(parts) or 'content'}.")


def install_problems(app: FastAPI) -> None:
    """Answer what FastAPI refuses with a problem that tells nothing of the inside; the edge has the rest."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
