"""The application of a service: FastAPI whose outermost layer is the edge, and what surrounds its routes."""

import gc
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI
from starlette.types import ASGIApp, Scope

from .cors import Cors
from .docs import install_docs
from .edge import Edge, Observer, Tracing
from .landing import install_landing
from .pages import install_assets
from .problems import install_problems
from .request_ids import RequestIds
from .shown import Note

_DEFAULTS: dict[str, Any] = {
    # FastAPI's own pages load their scripts from elsewhere; `install_docs` has pages that do not.
    "docs_url": None,
    "redoc_url": None,
    # The edge counts and traces; asking whether something else does costs 4 microseconds a request.
    "telemetry": {"tracing": False, "metrics": False, "logs": False},
}


class Service(FastAPI):
    """FastAPI without the layers that it puts round all middleware: the edge handles every error.

    Takes the arguments of FastAPI. Unless given, its documentation pages and its telemetry are off.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**_DEFAULTS | arguments)

    def build_middleware_stack(self) -> ASGIApp:
        stack: Any = super().build_middleware_stack()
        if self.user_middleware:
            outermost: Any = self.user_middleware[0].cls
            while type(stack) is not outermost:
                stack = stack.app
        return cast(ASGIApp, stack)


def wrap(
    app: FastAPI,
    *,
    allowed_hosts: Collection[str],
    origins: Collection[str],
    request_headers: Collection[str] = (),
    exposed_headers: Collection[str] = (),
    notes: Sequence[Note] = (),
    pages: bool = True,
    welcome: str = "",
    log_details: Callable[[Scope], Mapping[str, object]] | None = None,
    observe: Observer | None = None,
    tracing: Tracing | None = None,
    request_id_in_problems: bool = False,
) -> None:
    """Install the pages, problems, CORS and the edge, in the order that they need.

    Call it last: what is added as middleware afterwards stands outside of the edge. `request_headers` and
    `exposed_headers` are permitted beside those in `cors`. `notes` return what the documentation pages say of
    an operation; `welcome` is what the page at `/` says of the service. Both are Markdown; without `pages`
    there are none. The rest is for the edge; a contract that is mounted says which ids of requests are valid.
    """
    install_assets(app)
    if pages:
        install_docs(app, notes)
        install_landing(app, welcome)
    install_problems(app)
    app.add_middleware(
        Cors, origins=origins, request_headers=request_headers, exposed_headers=exposed_headers
    )
    app.add_middleware(
        Edge,
        allowed_hosts=allowed_hosts,
        ids=RequestIds(app.openapi() if hasattr(app.state, "contract_sha256") else None),
        request_id_in_problems=request_id_in_problems,
        details=log_details,
        observe=observe,
        tracing=tracing,
    )


def freeze_garbage() -> None:
    """Tune garbage collection for a process that has made its application and now serves requests.

    What exists now stays until the end, and the requests of one moment are more objects than 700: looking
    through them again and again took a tenth of what storing a post costs.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
