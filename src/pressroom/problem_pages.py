"""The pages behind the `type` of problems: what the contract says of each, as HTML or as JSON."""

from html import escape
from typing import TypedDict

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_PREFIX = "/problems/"
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - {api}</title>
<h1>{title}</h1>
<p>{description}</p>
<p><code>{type}</code> in the <a href="/docs">contract</a> of {api}</p>
</html>
"""


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
            return Response(orjson.dumps(explanation), media_type="application/json")
        texts = {name: escape(str(text)) for name, text in explanation.items()}
        return HTMLResponse(_PAGE.format(api=escape(app.title), **texts))

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
