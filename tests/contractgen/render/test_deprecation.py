"""Deprecated operations say so: `Deprecation` of RFC 9745, `Sunset` of RFC 8594, and a link."""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.document.load import load
from contractgen.lint.linter import lint
from contractgen.plan.planner import make_plan
from contractgen.render.package import render
from tests.contractgen.packages import THING, contract, package_of, read_document
from tests.contractgen.service import Answer, Service

ID = "00000000-0000-4000-8000-000000000000"
HEADERS = ("deprecation", "sunset", "link")
BOTH: dict[str, Any] = {
    "deprecated": True,
    "x-deprecated-since": "2026-11-01",
    "x-sunset": "2027-06-30T23:30:00.9-02:00",
}


def deprecated(method: str, **fields: Any) -> Any:
    document = contract()
    document["paths"][THING][method] |= {name: value for name, value in fields.items() if value is not None}
    return document


def dates(answer: Answer) -> tuple[datetime | None, datetime | None]:
    """The dates of a response, as the library of Python reads them."""
    since, sunset = answer.header("deprecation"), answer.header("sunset")
    assert since is None or since.startswith("@")
    return (
        datetime.fromtimestamp(int(since[1:]), UTC) if since else None,
        parsedate_to_datetime(sunset) if sunset else None,
    )


async def test_every_response_of_the_operation_has_the_dates() -> None:
    documentation = {"url": "https://things.example/a <b>\r\n"}
    service = Service(package_of(deprecated("put", **BOTH, externalDocs=documentation)))
    service.answers["put_thing"] = service.package.responses.PutThing204()
    token, json = ("authorization", "Bearer a"), ("content-type", "application/json")
    wanted = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 7, 1, 1, 30, tzinfo=UTC))
    for status, path, headers, body in (
        (204, ID, [token, json], b'{"name": "a"}'),
        (401, ID, [json], b'{"name": "a"}'),
        (415, ID, [token], b"{}"),
        (413, ID, [token, json], b" " * 1_000_000),
        (422, "1", [token, json], b"{}"),
        (400, ID, [token, json], b"{"),
    ):
        answer = await service.ask("PUT", f"/things/{path}", headers=headers, body=body)
        assert (answer.status, *dates(answer)) == (status, *wanted)
        assert answer.header("link") == '<https://things.example/a%20%3Cb%3E%0D%0A>; rel="deprecation"'
    service.answers["put_thing"] = ValueError("the handler failed")
    answer = await service.ask("PUT", f"/things/{ID}", headers=[token, json], body=b'{"name": "a"}')
    assert (answer.status, *dates(answer)) == (500, *wanted)


async def test_other_operations_and_responses_without_a_route_have_none() -> None:
    service = Service(package_of(deprecated("put", **BOTH)))
    for method, status in (("GET", 422), ("HEAD", 422), ("DELETE", 405), ("OPTIONS", 204)):
        answer = await service.ask(method, "/things/1")
        assert answer.status == status
        assert [answer.header(name) for name in HEADERS] == [None, None, None]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"deprecated": True}, (False, False, False)),
        ({"deprecated": True, "externalDocs": {"url": "https://a.example"}}, (False, False, False)),
        ({**BOTH, "x-sunset": None}, (True, False, False)),
        ({**BOTH, "x-deprecated-since": None}, (False, True, False)),
        ({**BOTH, "externalDocs": {"url": "/moving"}}, (True, True, False)),
        ({**BOTH, "deprecated": False}, (False, False, False)),
        ({**BOTH, "deprecated": None}, (False, False, False)),
    ],
)
async def test_only_a_date_that_is_known_is_sent(fields: dict[str, Any], found: tuple[bool, ...]) -> None:
    answer = await Service(package_of(deprecated("get", **fields))).ask("GET", "/things/1")
    assert tuple(answer.header(name) is not None for name in HEADERS) == found


async def test_a_stream_has_the_dates_and_a_head_too() -> None:
    document = deprecated("get", **BOTH)
    document["paths"][THING]["get"]["responses"] = {
        "200": {"description": "All.", "content": {"application/octet-stream": {}}}
    }
    service = Service(package_of(document))
    service.answers["get_thing"] = service.package.responses.GetThing200(b"abc")
    for method in ("GET", "HEAD"):
        answer = await service.ask(method, f"/things/{ID}")
        assert answer.status == 200
        assert None not in dates(answer)


async def test_a_date_that_the_handler_sets_stays() -> None:
    document = deprecated("get", **BOTH)
    own = {"Sunset": {"required": True, "schema": {"type": "string"}}}
    document["paths"][THING]["get"]["responses"] = {"204": {"description": "Gone.", "headers": own}}
    service = Service(package_of(document))
    sunset = "Sat, 01 Jan 2028 00:00:00 GMT"
    service.answers["get_thing"] = service.package.responses.GetThing204(sunset=sunset)
    answer = await service.ask("GET", f"/things/{ID}")
    assert (answer.header("sunset"), answer.header("deprecation")) == (sunset, "@1793491200")


@pytest.mark.parametrize("name", ["x-deprecated-since", "x-sunset"])
@pytest.mark.parametrize(
    "value",
    [
        *("2026-02-30", "01.11.2026", "2026-11-01T12:00:00", "20261101", "2026-W01-1", ""),
        *("0001-01-01T00:00:00+01:00", "2026-12-31T23:59:60Z", 1793491200, None, True, ["2026-11-01"]),
    ],
)
@pytest.mark.parametrize("is_deprecated", [True, False])
def test_a_bad_date_is_refused_where_it_stands(
    tmp_path: Path, name: str, value: Any, *, is_deprecated: bool
) -> None:
    document = deprecated("get", deprecated=is_deprecated)
    document["paths"][THING]["get"][name] = value
    with pytest.raises(ContractError, match="is neither a date nor a date-time") as caught:
        render(read_document(tmp_path, document))
    (finding,) = caught.value.findings
    text = (tmp_path / "openapi.yaml").read_text().splitlines()
    assert finding.pointer == f"/paths/~1things~1{{thing_id}}/get/{name}"
    assert name in text[finding.line - 1]


@pytest.mark.parametrize("written", ["2026-11-01", '"2026-11-01"', "2026-11-01t00:00:00z"])
def test_dates_are_read_as_people_write_them(tmp_path: Path, written: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n"
        f"      deprecated: true\n      x-deprecated-since: {written}\n"
        "      responses: {'204': {description: a}}\n"
    )
    (operation,) = make_plan(load(path)).operations
    assert operation.deprecation is not None
    assert operation.deprecation.since == datetime.combine(date(2026, 11, 1), datetime.min.time(), UTC)
    assert operation.extensions == {}


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        (BOTH, []),
        ({**BOTH, "x-sunset": "2026-11-01"}, []),
        ({**BOTH, "x-sunset": "2026-10-31T23:59:59Z"}, ["sunset-before-deprecation"]),
        ({"deprecated": True, "x-sunset": "2026-10-31"}, []),
        ({"x-sunset": "2026-10-31"}, ["dates-without-deprecated"]),
        ({"x-deprecated-since": "2026-10-31"}, ["dates-without-deprecated"]),
        ({**BOTH, "deprecated": False}, ["dates-without-deprecated"] * 2),
    ],
)
def test_dates_that_cannot_be(tmp_path: Path, fields: dict[str, Any], rules: list[str]) -> None:
    findings = lint(read_document(tmp_path, deprecated("get", **fields)))
    about = [each for each in findings if each.pointer.rpartition("/")[2].startswith("x-")]
    assert [each.rule for each in about] == rules
