"""The page at the root of a service: what it is, where its contract and pages are, and how to log in."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contractgen_runtime import requests
from contractgen_runtime.logins import Json, resolve
from contractgen_runtime.negotiation import Offers, negotiate
from contractgen_runtime.problems import Refusal

from .log_in import LogIn, find_log_in
from .pages import document_urls, page
from .problems import problem

# Programs that accept anything get JSON: browsers name HTML.
_OFFERS = Offers(("application/json", "text/html"), ())
_VARY = {"vary": "Accept"}
_PAGES = {"docs": "/docs", "redoc": "/redoc"}
_BODY = """\
<main class="text">
<h1>{title} <small>{version}</small></h1>
{summary}{welcome}<h2>Start here</h2>
<ul>
<li><a href="docs">Try it</a>: send requests from this browser{and_log_in}</li>
<li><a href="redoc">Read it</a>: every operation, schema and example on one page</li>
{documents}</ul>
{credentials}{description}</main>
"""


def install_landing(app: FastAPI, welcome: str = "") -> None:
    """Serve `/`, as HTML for browsers and as JSON for programs; `welcome` is Markdown of the service's own.

    A contract that has an operation at this address has precedence.
    """

    @cache
    def log_in() -> LogIn | None:
        return find_log_in(app, app.openapi())

    @cache
    def html() -> str:
        return _html(app, app.openapi(), log_in(), welcome)

    async def landing(request: Request) -> Response:
        try:
            chosen = negotiate(requests.Request(request.scope, request.receive), _OFFERS)
        except Refusal as refusal:
            return problem(refusal.status, refusal.detail, _VARY)
        if chosen == "text/html":
            return page(app, app.title, html(), headers=_VARY)
        root = request.scope.get("root_path", "")
        return JSONResponse(_json(app, app.openapi(), log_in(), root), headers=_VARY)

    app.add_route("/", landing, include_in_schema=False)


def _json(app: FastAPI, document: Json, log_in: LogIn | None, root: str) -> Json:
    info = document["info"]
    links = _PAGES | {url.lstrip("/"): url for url in document_urls(app)}
    return {
        **{name: info[name] for name in ("title", "version", "summary", "description") if name in info},
        "links": {name: root + url for name, url in links.items()},
        **({"log_in": asdict(log_in)} if log_in else {}),
    }


def _html(app: FastAPI, document: Json, log_in: LogIn | None, welcome: str) -> str:
    info, urls = document["info"], document_urls(app)
    documents = " or ".join(
        f'<a href="{escape(url.lstrip("/"))}">{escape(url.rpartition(".")[2].upper())}</a>' for url in urls
    )
    return _BODY.format(
        title=escape(app.title),
        version=escape(app.version),
        summary=f'<p class="summary">{escape(info["summary"])}</p>\n' if "summary" in info else "",
        welcome=_markdown(welcome),
        and_log_in=", after you have logged in there" if log_in else "",
        documents=f"<li>The contract, an OpenAPI document: {documents}</li>\n" if urls else "",
        credentials=_section("Credentials", "".join(_credentials(document, log_in))),
        description=_section("About", _markdown(info.get("description", ""))),
    )


def _section(heading: str, html: str) -> str:
    return f"<h2>{heading}</h2>\n{html}" if html else ""


def _markdown(text: str) -> str:
    """Return HTML for CommonMark, its headings below those of the page."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - the start of a service need not wait for it

    # Of raw HTML nothing is taken, and no image, which would be from elsewhere.
    markdown = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _credentials(document: Json, log_in: LogIn | None) -> Iterator[str]:
    """Yield a paragraph on the log-in, and one on each security scheme."""
    if log_in:
        fields = " and ".join(f"<code>{escape(each.name)}</code>" for each in log_in.fields)
        yield (
            f"<p><code>{log_in.method} {escape(log_in.path)}</code> takes {fields}, and returns a token at "
            f"<code>{escape(log_in.token)}</code>.</p>\n"
        )
    for name, node in document.get("components", {}).get("securitySchemes", {}).items():
        scheme = resolve(document, node)
        yield f"<p><code>{escape(name)}</code>: {_carrier(scheme)}</p>\n"


def _carrier(scheme: Mapping[str, Any]) -> str:
    """Return, as HTML, where a request carries the credential of a security scheme."""
    match scheme.get("type"):
        case "apiKey":
            where = escape(f"{scheme.get('name')}")
            return f"a key in <code>{where}</code> ({escape(str(scheme.get('in')))})"
        case "http":
            kind = escape(str(scheme.get("scheme")).capitalize())
            return f"<code>Authorization: {kind} …</code>"
        case "oauth2" | "openIdConnect":
            return "an access token in <code>Authorization: Bearer …</code>"
        case kind:
            return escape(str(kind))
