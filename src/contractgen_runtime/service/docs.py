"""Pages to read and try the contract: Swagger UI and ReDoc, with every asset from an installed package."""

import json
from html import escape
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

#: Nothing from elsewhere, no inline script.
_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'{styles}; "
    "font-src 'self'; img-src 'self' data:; worker-src {workers}; base-uri 'none'; frame-ancestors 'none'"
)
_SWAGGER_UI = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/assets/favicon.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<main id="swagger-ui"></main>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_START = """\
SwaggerUIBundle({{
  url: {url},
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
}});
"""
_REDOC = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/assets/favicon.png">
<redoc spec-url="{url}"></redoc>
<script src="/docs/assets/redoc.standalone.js"></script>
</html>
"""
_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "redoc.standalone.js": "text/javascript",
    "favicon.png": "image/png",
}
#: The logo that ReDoc loads from its maker's host, and an empty image.
_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_LOGO = b"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


def install_docs(app: FastAPI, document_url: str = "/openapi.json") -> None:
    """Serve `/docs` and `/redoc` and what they load; the application's own pages are to be switched off.

    The pages show the document at `document_url`, an address of this service.
    """
    folder = Path(str(files("fastapi_offline") / "static"))
    swagger_policy = _POLICY.format(styles="", workers="'none'")
    # ReDoc writes its styles into the page, and searches in a worker that it makes of a text.
    redoc_policy = _POLICY.format(styles=" 'unsafe-inline'", workers="blob:")

    async def swagger_ui(_: Request) -> Response:
        return _page(_SWAGGER_UI.format(title=escape(app.title)), swagger_policy)

    async def start(_: Request) -> Response:
        return Response(_START.format(url=json.dumps(document_url)), media_type="text/javascript")

    async def redoc(_: Request) -> Response:
        return _page(_REDOC.format(title=escape(app.title), url=escape(document_url)), redoc_policy)

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            raise HTTPException(404)
        headers = {"cache-control": "public, max-age=86400"}
        if name == "redoc.standalone.js":
            script = (folder / name).read_bytes().replace(_LOGO, _NO_LOGO)
            return Response(script, media_type=_ASSETS[name], headers=headers)
        return FileResponse(folder / name, media_type=_ASSETS[name], headers=headers)

    for path, endpoint in {
        "/docs": swagger_ui,
        "/docs/start.js": start,
        "/docs/assets/{name}": asset,
        "/redoc": redoc,
    }.items():
        app.add_route(path, endpoint, include_in_schema=False)


def _page(html: str, policy: str) -> Response:
    return Response(html, media_type="text/html", headers={"content-security-policy": policy})
