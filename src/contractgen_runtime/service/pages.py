"""HTML pages of a service: one frame and stylesheet, no inline script or style, nothing from elsewhere."""

from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

_POLICY = "default-src 'none'; {sources}base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="{base}docs/assets/favicon.png">
{styles}
</head>
<body>
<header><a href="{home}">{name}</a><nav aria-label="Pages">{links}</nav></header>
{body}
</body>
</html>
"""
_STYLES = '<link rel="stylesheet" href="{base}docs/assets/{name}">'
_OURS = Path(__file__).with_name("assets")
_THEIRS = Path(str(files("fastapi_offline") / "static"))
_ASSETS = {
    "pages.css": (_OURS, "text/css"),
    "swagger.js": (_OURS, "text/javascript"),
    "redoc.js": (_OURS, "text/javascript"),
    "swagger-ui.css": (_THEIRS, "text/css"),
    "swagger-ui-bundle.js": (_THEIRS, "text/javascript"),
    "redoc.standalone.js": (_THEIRS, "text/javascript"),
    "favicon.png": (_THEIRS, "image/png"),
}
#: The logo that ReDoc loads from its maker's host, without an option against it, and an empty image.
_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_LOGO = b"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


def page(
    app: FastAPI,
    title: str,
    body: str,
    *,
    base: str = "",
    styles: tuple[str, ...] = (),
    sources: str = "img-src 'self'; style-src 'self'; ",
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a page with a body of HTML, under a policy that permits `sources` alone.

    Addresses are relative, so that a proxy may put a prefix before them: `base` leads to the root. `styles`
    are the assets beside the common stylesheet.
    """
    served = {getattr(route, "path", "") for route in app.routes}
    links = [(url, text) for url, text in (("docs", "Try it"), ("redoc", "Read it")) if f"/{url}" in served]
    links += [(url.lstrip("/"), url.lstrip("/")) for url in document_urls(app)]
    html = _FRAME.format(
        title=escape(title),
        base=base,
        home=(base or "./") if "/" in served else "",
        name=escape(app.title),
        styles="\n".join(_STYLES.format(base=base, name=name) for name in ("pages.css", *styles)),
        links="".join(f'<a href="{base}{escape(url)}">{escape(text)}</a>' for url, text in links),
        body=body,
    )
    policy = {"content-security-policy": _POLICY.format(sources=sources)}
    return Response(html, media_type="text/html", headers=policy | (headers or {}))


def install_assets(app: FastAPI) -> None:
    """Serve what pages load."""
    app.add_route("/docs/assets/{name}", asset, include_in_schema=False)


def document_urls(app: FastAPI) -> list[str]:
    """Return the addresses of the contract: as it is written, and as JSON."""
    url = app.openapi_url
    return [url.replace(".json", ".yaml"), url] if url else []


async def asset(request: Request) -> Response:
    """Send a file that a page loads."""
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(404)
    folder, media_type = _ASSETS[name]
    headers = {"cache-control": "public, max-age=86400"}
    if name == "redoc.standalone.js":
        return Response(_redoc_without_logo(), media_type=media_type, headers=headers)
    return FileResponse(folder / name, media_type=media_type, headers=headers)


@cache
def _redoc_without_logo() -> bytes:
    return (_THEIRS / "redoc.standalone.js").read_bytes().replace(_LOGO, _NO_LOGO)
