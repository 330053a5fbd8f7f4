"""The one place where everything meets: contract, handlers, host, and what surrounds the routes."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI
from starlette.types import ASGIApp

from pressroom.audit import handlers as audit
from pressroom.auth import handlers as auth
from pressroom.callers import Caller
from pressroom.context import Context, Services
from pressroom.credentials import handlers as credentials
from pressroom.health import handlers as health
from pressroom.host import Host
from pressroom.notifications import handlers as notifications
from pressroom.posts import handlers as posts
from pressroom.settings import Settings, load_settings
from pressroom.users import handlers as users
from pressroom.web.cors import Cors
from pressroom.web.docs import install_docs
from pressroom.web.edge import Edge
from pressroom.web.problems import install_problems
from pressroom.worker import create_worker
from pressroom_api import Api


class Service(FastAPI):
    """FastAPI without the layers that it puts round all middleware: the edge is the last resort here."""

    def build_middleware_stack(self) -> ASGIApp:
        outermost: Any = self.user_middleware[0].cls
        stack: Any = super().build_middleware_stack()
        while type(stack) is not outermost:
            stack = stack.app
        return cast(ASGIApp, stack)


def create_app(settings: Settings) -> FastAPI:
    """The application: a FastAPI like any other, whose contract routes are generated."""
    services = Services.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.database.open()
        try:
            async with _mail_worker(settings):
                yield
        finally:
            services.passwords.close()
            await services.database.close()

    # Nothing here exports telemetry, and asking whether something does costs 4 microseconds a request.
    app = Service(
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from elsewhere
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    Api[Context, Caller](
        host=Host(services),
        health=health,
        auth=auth,
        credentials=credentials,
        users=users,
        posts=posts,
        notifications=notifications,
        audit=audit,
    ).mount(app)
    install_docs(app)
    install_problems(app)
    app.add_middleware(Cors, origins=settings.cors_origins)
    app.add_middleware(Edge, allowed_hosts=settings.allowed_hosts)
    return app


@asynccontextmanager
async def _mail_worker(settings: Settings) -> AsyncIterator[None]:
    """The mail worker beside the server, unless the settings leave it to a process of its own."""
    if not settings.mail_worker:
        yield
        return
    worker = create_worker(settings)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


def create_app_from_environment() -> FastAPI:
    """What the server's processes call: the application as the environment configures it."""
    app = create_app(load_settings())
    _collect_garbage_less_often()
    return app


def _collect_garbage_less_often() -> None:
    """What is there now stays until the end, and the requests of one moment are more objects than 700.

    Looking through them again and again took a tenth of what storing a post costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
