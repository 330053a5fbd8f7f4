"""Pages to read and try the contract: Swagger UI and ReDoc, with every asset from an installed package."""

from collections.abc import Sequence
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contractgen_runtime.logins import Json

from .log_in import find_log_in, form
from .pages import page
from .shown import Note, shown_document

_SWAGGER_UI = """\
{form}<main id="swagger-ui" data-document="docs/openapi.json"></main>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/swagger.js"></script>
"""
_REDOC = """\
<main id="redoc" data-document="docs/openapi.json"></main>
<script src="docs/assets/redoc.standalone.js"></script>
<script src="docs/assets/redoc.js"></script>
"""
_SOURCES = (
    "connect-src 'self'; script-src 'self'; style-src 'self'{styles}; "
    "font-src 'self'; img-src 'self' data:; worker-src {workers}; "
)
_OF_SWAGGER_UI = _SOURCES.format(styles="", workers="'none'")
# ReDoc writes its styles into the page, and searches in a worker that it makes of a text.
_OF_REDOC = _SOURCES.format(styles=" 'unsafe-inline'", workers="blob:")


def install_docs(app: FastAPI, notes: Sequence[Note] = ()) -> None:
    """Serve `/docs` and `/redoc` and what they load; the application's own pages are to be switched off.

    The pages show a copy of the application's document with `notes` at its operations.
    """

    @cache
    def shown() -> Json:
        return shown_document(app, notes)

    async def document(_: Request) -> Response:
        return JSONResponse(shown())

    @cache
    def swagger_ui_body() -> str:
        log_in = find_log_in(app, shown())
        return _SWAGGER_UI.format(form=form(log_in) if log_in else "")

    async def swagger_ui(_: Request) -> Response:
        body = swagger_ui_body()
        return page(app, f"{app.title}: try it", body, styles=("swagger-ui.css",), sources=_OF_SWAGGER_UI)

    async def redoc(_: Request) -> Response:
        return page(app, f"{app.title}: read it", _REDOC, sources=_OF_REDOC)

    for path, endpoint in {
        "/docs": swagger_ui,
        "/docs/openapi.json": document,
        "/redoc": redoc,
    }.items():
        app.add_route(path, endpoint, include_in_schema=False)
