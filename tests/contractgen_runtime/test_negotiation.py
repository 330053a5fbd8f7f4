"""Which media type a client gets: RFC 9110, section 12.5.1."""

from typing import Any

import pytest

from contractgen_runtime.negotiation import Offers, _accepted, _weight, acceptable, negotiate
from contractgen_runtime.problems import Refusal
from contractgen_runtime.requests import Request
from tests.contractgen.packages import golden_package
from tests.contractgen.service import http_scope

JSON, CSV = "application/json", "text/csv"
OFFERS: Offers[str] = Offers((JSON, CSV), ())
# The RFC's own example, and the weights that it gives.
EXAMPLE = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
WEIGHTS = {
    "text/plain;format=flowed": 1.0,
    "text/plain": 0.7,
    "text/html": 0.3,
    "image/jpeg": 0.5,
    "text/plain;format=fixed": 0.4,
    "text/html;level=3": 0.3,
}


def request(*accept: str) -> Request:
    async def nothing() -> Any:
        raise AssertionError("nobody reads the body here")

    return Request(http_scope("GET", "/", "", [("Accept", each) for each in accept]), nothing)


@pytest.mark.parametrize("media_type", WEIGHTS)
def test_the_most_specific_range_gives_the_weight(media_type: str) -> None:
    assert _weight(media_type, _accepted(request(EXAMPLE))) == WEIGHTS[media_type]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], JSON),
        ([""], JSON),
        (["*/*"], JSON),
        ([CSV], CSV),
        (["Text/CSV"], CSV),
        (["text/*"], CSV),
        ([f"{JSON};q=0.4, {CSV};q=0.5"], CSV),
        ([f"{CSV};q=0.5, {JSON};q=0.5"], JSON),
        ([f"{JSON};q=0, */*"], CSV),
        ([f"{JSON};q=0.1", f"{CSV};q=0.2"], CSV),
        ([f"no media type, {CSV}"], CSV),
        ([f"{JSON};q=2, {CSV}"], CSV),
    ],
)
def test_the_media_type_that_a_client_prefers(accept: list[str], chosen: str) -> None:
    assert negotiate(request(*accept), OFFERS) == chosen


@pytest.mark.parametrize("accept", ["image/png", "image/*", f"{JSON};q=0, {CSV};q=0.0", "*/*;q=0"])
def test_a_client_that_takes_none_of_them_gets_406(accept: str) -> None:
    with pytest.raises(Refusal) as caught:
        negotiate(request(accept), OFFERS)
    assert caught.value.status == 406


def test_a_handler_that_chose_what_the_client_does_not_accept_is_an_error() -> None:
    responses = golden_package("answers").responses
    offers: Offers[str] = Offers((JSON, CSV), (responses.ListReports200Json, responses.ListReports200Csv))
    response = responses.ListReports200Csv("a", x_total=1)
    assert acceptable(response, request(CSV), offers) is response
    with pytest.raises(TypeError, match="does not accept text/csv"):
        acceptable(response, request(JSON), offers)
