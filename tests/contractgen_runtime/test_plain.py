"""The host that opens and commits nothing serves a package, and reports what a handler raises."""

import logging

import pytest
from fastapi import FastAPI

from contractgen_runtime.plain import PlainContext, PlainHost
from tests.contractgen.packages import golden_package
from tests.contractgen.service import Answer, ask

MINIMAL = golden_package("minimal")


class Health:
    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.contexts: list[object] = []

    async def ping(self, context: PlainContext, /) -> object:
        self.contexts.append(context)
        if self.fault:
            raise self.fault
        return MINIMAL.responses.Ping200({})


async def answer_of(health: Health) -> Answer:
    app = FastAPI()
    MINIMAL.Api(host=PlainHost(), health=health).mount(app)
    return await ask(app, "GET", "/ping")


async def test_a_package_is_served_with_a_context_for_each_request() -> None:
    health = Health()
    answers = [await answer_of(health), await answer_of(health)]
    assert [(each.status, each.json) for each in answers] == [(200, {}), (200, {})]
    first, second = health.contexts
    assert isinstance(first, PlainContext)
    assert first is not second


async def test_an_exception_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    answer = await answer_of(Health(ValueError("the password is swordfish")))
    assert (answer.status, answer.header("content-type")) == (500, "application/problem+json")
    assert "swordfish" not in answer.body.decode()
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "ping failed")
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the password is swordfish"
