"""The one place where everything meets: contract, handlers, host, and what surrounds the routes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import Scope

from contractgen_runtime.service.application import Service, freeze_garbage, wrap
from contractgen_runtime.service.log import configure_log
from contractgen_runtime.service.version import install_version
from pressroom import __version__, limits
from pressroom.addresses import client_address
from pressroom.audit import handlers as audit
from pressroom.auth import handlers as auth
from pressroom.callers import Caller
from pressroom.context import Context, Services
from pressroom.credentials import handlers as credentials
from pressroom.health import handlers as health
from pressroom.host import Host
from pressroom.metrics import create_metrics
from pressroom.notifications import handlers as notifications
from pressroom.posts import handlers as posts
from pressroom.problem_pages import install_problem_pages
from pressroom.settings import Settings, load_settings
from pressroom.users import handlers as users
from pressroom.worker import create_worker
from pressroom_api import Api

if TYPE_CHECKING:
    from contractgen_runtime.traces.tracer import Tracer

#: What browsers may send and read beside what every service has.
_REQUEST_HEADERS = ("Idempotency-Key",)
_EXPOSED_HEADERS = ("RateLimit", "RateLimit-Policy", "Idempotency-Replayed")
_WELCOME = """\
Everybody can read [the published posts](api/v1/posts). To write some, sign up and log in: [try it](docs).
"""
_IN_DEVELOPMENT = """
`make run` prints the password of an administrator, and puts mails into a folder that it names.
"""


def create_app(settings: Settings) -> FastAPI:
    """The application: a FastAPI like any other, whose contract routes are generated."""
    tracer = _create_tracer() if settings.traces else None
    services = Services.of(settings, trace=tracer.statement if tracer else None)
    metrics = create_metrics(services)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if tracer:
                stack.push_async_callback(tracer.close)
            stack.push_async_callback(services.database.close)
            stack.callback(services.passwords.close)
            await services.open()
            await stack.enter_async_context(metrics.reporting())
            await stack.enter_async_context(_mail_worker(settings))
            yield

    app = Service(lifespan=lifespan, openapi_url="/openapi.json" if settings.public_contract else None)
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
    install_problem_pages(app)
    install_version(app, __version__, settings.revision)
    wrap(
        app,
        allowed_hosts=settings.allowed_hosts,
        origins=settings.cors_origins,
        request_headers=_REQUEST_HEADERS,
        exposed_headers=_EXPOSED_HEADERS,
        notes=[partial(limits.note, settings.rate_limit_scale)],
        pages=settings.public_pages,
        welcome=_WELCOME + (_IN_DEVELOPMENT if settings.is_development else ""),
        log_details=_log_details(settings) if settings.log_clients else None,
        observe=metrics.requests.observe if settings.metrics_port else None,
        tracing=tracer,
        request_id_in_problems=True,
    )
    return app


def _create_tracer() -> "Tracer":
    from contractgen_runtime.traces.tracer import Tracer  # noqa: PLC0415 - slow to import, and seldom on

    return Tracer("pressroom", __version__)


def _log_details(settings: Settings) -> Callable[[Scope], dict[str, object]]:
    def details(scope: Scope) -> dict[str, object]:
        client = client_address(scope, settings.trusted_proxies)
        return {"client": client, "user_id": scope.get("user_id")}

    return details


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
    """Return the application as the environment configures it, for the server's processes."""
    settings = load_settings()
    configure_log(settings.log_format, settings.log_level)
    app = create_app(settings)
    freeze_garbage()
    return app
