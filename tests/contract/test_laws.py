"""Each law holds for a correct service, and finds a service that breaks it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis

from contractgen.commands.serving import served
from tests.contract import laws
from tests.contract.document import PATH
from tests.contract.faulty import Service

Law = Callable[[Any, Any, Any], None]
# The operation and what is sent to it.
Sent = tuple[str, str, dict[str, Any]]

CREATE: Sent = ("POST", "/api/v1/posts", {"body": {"title": "New"}})
REGISTER: Sent = ("POST", "/api/v1/auth/register", {"body": {"email": "n@example.com", "password": "p"}})
FEED: Sent = ("GET", "/api/v1/posts", {"query": {"limit": 2}})
OF_ANN: Sent = ("GET", "/api/v1/posts", {"query": {"author_id": "ann"}})
PAGE: Sent = ("GET", "/api/v1/users", {"query": {"page": 2, "size": 3}})
ALL: Sent = ("GET", "/api/v1/users", {})
ADMINS: Sent = ("GET", "/api/v1/users", {"query": {"role": "admin", "q": "U"}})
ACTIVE: Sent = ("GET", "/api/v1/users", {"query": {"is_active": "true", "q": "exam"}})
INACTIVE: Sent = ("GET", "/api/v1/users", {"query": {"is_active": "false"}})
NAMED: Sent = ("GET", "/api/v1/users", {"query": {"q": "U3"}})
OF_THREE = {"path_parameters": {"post_id": "3"}}
READ: Sent = ("GET", "/api/v1/posts/{post_id}", OF_THREE)
RENAME: Sent = ("PATCH", "/api/v1/posts/{post_id}", {**OF_THREE, "body": {"title": "Q"}})

BROKEN: list[tuple[Law, str, list[Sent], str]] = [
    (laws.location_is_that_of_what_was_made, "location", [CREATE], "something else"),
    (laws.location_is_that_of_what_was_made, "location none", [CREATE], "answered with 404"),
    (laws.location_is_that_of_what_was_made, "location none", [REGISTER], "answered with 403"),
    (laws.location_is_that_of_what_was_made, "location version", [CREATE], "something else"),
    (laws.pages_by_cursor_are_one_list, "limit", [FEED], "3 items, the limit is 2"),
    (laws.pages_by_cursor_are_one_list, "twice", [FEED], "on two pages"),
    (laws.pages_by_cursor_are_one_list, "left out", [FEED], "differ from the whole list"),
    (laws.pages_by_cursor_are_one_list, "early", [FEED], "end before the list"),
    (laws.numbered_pages_are_one_list, "total", [ALL], "7 items instead of 8"),
    (laws.numbered_pages_are_one_list, "pages", [PAGE], "4 pages of 3 for 7"),
    (laws.numbered_pages_are_one_list, "has_next", [ALL], "has_next"),
    (laws.numbered_pages_are_one_list, "page overlaps", [PAGE], "no part of the whole list"),
    (laws.filters_hold, "author", [OF_ANN], "another author_id"),
    (laws.filters_hold, "role", [ADMINS], "another role"),
    (laws.filters_hold, "is_active", [ACTIVE], "another is_active"),
    (laws.filters_hold, "inactive left out", [INACTIVE], "leaves accounts out"),
    (laws.filters_hold, "q", [NAMED], "q is not in an item"),
    (laws.a_change_is_read_back, "no change", [RENAME], "title is not what was sent"),
    (laws.a_change_is_read_back, "not stored", [RENAME], "the change is not there"),
    (laws.an_etag_is_that_of_one_representation, "etag", [READ], "not the version"),
    (laws.an_etag_is_that_of_one_representation, "same version", [READ, RENAME], "another representation"),
]
EVERYTHING = [CREATE, REGISTER, FEED, OF_ANN, PAGE, ALL, ADMINS, ACTIVE, INACTIVE, NAMED, READ, RENAME, READ]
LAWS = list(dict.fromkeys(law for law, *_ in BROKEN))


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what was seen, and close the connections of the laws."""
    monkeypatch.setattr(laws, "_seen", {})
    with httpx.Client() as client:
        monkeypatch.setattr(laws, "_CLIENT", client)
        yield


def obey(law: Law, url: str, sent: list[Sent]) -> int:
    """Return how many responses were successful and obeyed; AssertionError for the first that did not."""
    obedient = 0
    schema = schemathesis.openapi.from_path(PATH)
    for method, path, parts in sent:
        case = schema[path][method].Case(**parts)
        response = case.call(base_url=url)
        law(None, response, case)
        obedient += response.status_code < 300
    return obedient


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_correct_service_obeys(law: Law) -> None:
    with served(Service().app) as url:
        assert obey(law, url, [*EVERYTHING, *EVERYTHING[2:]]) == 2 * len(EVERYTHING) - 2


@pytest.mark.parametrize(
    ("law", "fault", "sent", "complaint"),
    [pytest.param(*each, id=f"{each[0].__name__}-{each[1]}") for each in BROKEN],
)
def test_a_fault_breaks_its_law(law: Law, fault: str, sent: list[Sent], complaint: str) -> None:
    with served(Service(fault).app) as url, pytest.raises(AssertionError, match=complaint):
        obey(law, url, sent)
