"""The pages of a service of any contract, whose handlers are stand-ins."""

from typing import Any

import httpx
from fastapi import FastAPI

from contractgen_runtime.service.application import Service, wrap
from tests.contractgen.packages import package_of
from tests.contractgen.service import Service as StandIns


def application(document: Any, **options: Any) -> FastAPI:
    """A service of a contract; `options` are those of `wrap`."""
    app, stand_ins = Service(), StandIns(package_of(document))
    stand_ins.package.Api(host=stand_ins.host, **stand_ins.handlers).mount(app)
    wrap(app, allowed_hosts=["testserver", "127.0.0.1"], origins=[], **options)
    return app


def serving(document: Any, **options: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(document, **options))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")
