"""Values that a schema admits and pydantic does not read reach the handler, wherever they are sent."""

import datetime as dt
import json
import time
from typing import Any

import pytest
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from contractgen_runtime.respelling import respelled
from tests.contractgen.packages import THING, contract, package_of
from tests.contractgen.putting import TARGET, ServeBody
from tests.contractgen.service import Service

TIME = {"type": "string", "format": "date-time"}
LEAP = {
    "2016-12-31T23:59:60Z": dt.datetime(2017, 1, 1, tzinfo=dt.UTC),
    "1998-12-31t15:59:60.25-08:00": dt.datetime(1999, 1, 1, 0, 0, 0, 250_000, tzinfo=dt.UTC),
}
# RFC 3339, 5.7 and appendix D: a leap second ends a day of UTC.
NO_TIMES = ["2016-12-31T22:59:60Z", "2016-12-31T23:59:61Z", "2016-12-31T23:58:60Z", "9999-12-31T23:59:60Z"]
NO_TIMES += ["2016-13-31T23:59:60Z", "2016-02-30T23:59:60Z", "0000-12-31T23:59:60Z"]


@pytest.mark.parametrize("text", LEAP)
async def test_a_leap_second_in_json(serve_body: ServeBody, text: str) -> None:
    either = {"anyOf": [{"type": "integer"}, TIME]}
    properties = {"t": TIME, "n": {"type": "integer"}, "text": {"type": "string"}, "either": either}
    schema = {"type": "object", "properties": properties | {"times": {"type": "array", "items": TIME}}}
    put = serve_body({"application/json": {"schema": schema}})
    sent = {"t": text, "n": 2.0, "text": text, "either": text, "times": ["2020-01-01T00:00:00Z", text]}
    body = await put.received(json.dumps(sent).encode(), "application/json")
    assert (body.t, body.n, body.text, body.either, body.times[1]) == (
        LEAP[text],
        2,
        text,
        LEAP[text],
        LEAP[text],
    )


@pytest.mark.parametrize("text", NO_TIMES)
async def test_what_is_no_leap_second(serve_body: ServeBody, text: str) -> None:
    put = serve_body({"application/json": {"schema": {"type": "object", "properties": {"t": TIME}}}})
    assert await put.refused(json.dumps({"t": text}).encode(), "application/json") == ["/t"]


async def test_many_leap_seconds_are_respelled_in_one_walk() -> None:
    """50,000 take a quarter of a second; a copy of the list for each took minutes."""
    kind: TypeAdapter[Any] = TypeAdapter(list[AwareDatetime])
    times = [next(iter(LEAP))] * 50_000
    with pytest.raises(ValidationError) as caught:
        kind.validate_python(times)
    begin = time.process_time()
    changed = respelled(caught.value, times)
    assert time.process_time() - begin < 10
    assert kind.validate_python(changed)[-1] == LEAP[times[0]]


async def test_a_leap_second_in_a_form(serve_body: ServeBody) -> None:
    schema = {"type": "object", "properties": {"t": TIME}}
    put = serve_body({"application/x-www-form-urlencoded": {"schema": schema}})
    body = await put.received(b"t=2016-12-31T23:59:60Z", "application/x-www-form-urlencoded")
    assert body.t == dt.datetime(2017, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("parameter", "sent", "value"),
    [
        ({"schema": TIME}, "2016-12-31T23:59:60Z", dt.datetime(2017, 1, 1, tzinfo=dt.UTC)),
        ({"content": {"application/json": {"schema": {"type": "integer"}}}}, "1.0", 1),
        (
            {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}}},
            "[1.0]",
            [1],
        ),
    ],
)
async def test_a_parameter(parameter: dict[str, Any], sent: str, value: Any) -> None:
    document = contract()
    document["paths"][THING]["get"]["parameters"] += [{"name": "p", "in": "query", **parameter}]
    service = Service(package_of(document))
    await service.ask("GET", f"{TARGET}?p={sent}", token="a")
    assert service.call["p"] == value
