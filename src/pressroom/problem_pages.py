"""The pages behind the `type` of problems: what the contract says of each, as HTML or as JSON."""

from html import escape
from typing import TypedDict

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contractgen_runtime.service.pages import page

_PREFIX = "/problems/"
_BODY = """\
<main class="text">
<h1>{title}</h1>
<p>{description}</p>
<p><code>{type}</code> is the <code>type</code> of such a problem.</p>
</main>"""
_VARY = {"vary": "Accept"}


class Explanation(TypedDict):
    type: str
    title: str
    description: str


def install_problem_pages(app: FastAPI) -> None:
    """Serve an explanation of each type of problem at the address that the type is."""
    explanations = _explanations(app)

    async def explain(request: Request) -> Response:
        explanation = explanations.get(request.url.path)
        if explanation is None:
            raise HTTPException(404)
        if _prefers_json(request.headers.get("accept", "")):
            return Response(orjson.dumps(explanation), media_type="application/json", headers=_VARY)
        texts = {name: escape(str(text)) for name, text in explanation.items()}
        title = f"{explanation['title']} - {app.title}"
        return page(app, title, _BODY.format(**texts), base="../", headers=_VARY)

    app.add_route(f"{_PREFIX}{{name}}", explain, include_in_schema=False)


def _explanations(app: FastAPI) -> dict[str, Explanation]:
    """The texts of the contract by address."""
    schema = app.openapi()["components"]["schemas"]["ProblemType"]
    texts = zip(schema["enum"], schema["x-enum-descriptions"], strict=True)
    return {
        kind: {"type": kind, "title": _title(kind), "description": text}
        for kind, text in texts
        if kind.startswith(_PREFIX)
    }


def _title(kind: str) -> str:
    return kind.removeprefix(_PREFIX).replace("-", " ").capitalize()


def _prefers_json(accept: str) -> bool:
    """Return whether JSON is asked for by name, and before HTML."""
    places = {name: accept.find(name) for name in ("json", "text/html")}
    return places["json"] >= 0 and not 0 <= places["text/html"] < places["json"]
