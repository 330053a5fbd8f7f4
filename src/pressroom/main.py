"""The one place where everything meets: contract, handlers, host, and what surrounds the routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from contractgen_runtime.service.application import Service, freeze_garbage, wrap
from pressroom import limits
from pressroom.audit import handlers as audit
from pressroom.auth import handlers as auth
from pressroom.callers import Caller
from pressroom.context import Context, Services
from pressroom.credentials import handlers as credentials
from pressroom.health import handlers as health
from pressroom.host import Host
from pressroom.notifications import handlers as notifications
from pressroom.posts import handlers as posts
from pressroom.problem_pages import install_problem_pages
from pressroom.settings import Settings, load_settings
from pressroom.users import handlers as users
from pressroom.worker import create_worker
from pressroom_api import Api

#: What browsers may send and read beside what every service has.
_REQUEST_HEADERS = ("Idempotency-Key",)
_EXPOSED_HEADERS = ("RateLimit", "RateLimit-Policy")
_WELCOME = """\
Everybody can read [the published posts](api/v1/posts). To write some, sign up and log in: [try it](docs).

`make run` prints the password of an administrator, and puts mails into a folder that it names.
"""


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

    app = Service(lifespan=lifespan)
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
    wrap(
        app,
        allowed_hosts=settings.allowed_hosts,
        origins=settings.cors_origins,
        request_headers=_REQUEST_HEADERS,
        exposed_headers=_EXPOSED_HEADERS,
        notes=[partial(limits.note, settings.rate_limit_scale)],
        welcome=_WELCOME,
    )
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
    freeze_garbage()
    return app
