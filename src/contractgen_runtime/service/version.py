"""`GET /version`: which version of a service runs, of which contract, built from which commit."""

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response


def install_version(app: FastAPI, version: str, revision: str = "") -> None:
    """Serve `/version` on an application whose contract is mounted; `revision` may be empty."""
    body = orjson.dumps(
        {
            "version": version,
            "contract": {"version": app.version, "sha256": app.state.contract_sha256},
            "revision": revision or None,
        }
    )

    async def respond(_: Request) -> Response:
        return Response(body, media_type="application/json")

    app.add_route("/version", respond, include_in_schema=False)
