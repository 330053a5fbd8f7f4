"""CORS: Starlette's middleware; preflights have no body, and a refused one has no permission."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id")
EXPOSED_HEADERS = ("X-Request-Id", "ETag", "Location", "Retry-After", "Deprecation", "Sunset", "Link")


class Cors(CORSMiddleware):
    """Permit requests from web applications of the given origins, with a bearer token, never with cookies.

    Their requests may have the headers `REQUEST_HEADERS` and the given ones beside these; their responses
    show `EXPOSED_HEADERS` and the given ones.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        origins: Collection[str],
        request_headers: Collection[str] = (),
        exposed_headers: Collection[str] = (),
    ) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=(*REQUEST_HEADERS, *request_headers),
            expose_headers=tuple(dict.fromkeys((*EXPOSED_HEADERS, *exposed_headers))),
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        for name, _ in scope["headers"]:
            if name == b"origin":
                await super().__call__(scope, receive, send)
                return

        # Not from a page of another origin: nothing to decide, and no cache to tell, for nothing is stored.
        await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        decided = super().preflight_response(request_headers)
        if decided.status_code >= 400:
            # The browser refuses by itself: a permission is missing, no error has happened.
            return Response(status_code=204, headers={"Vary": decided.headers["Vary"]})
        permissions = {
            name: value
            for name, value in decided.headers.items()
            if name == "vary" or name.startswith("access-control-")
        }
        return Response(status_code=204, headers=permissions)
