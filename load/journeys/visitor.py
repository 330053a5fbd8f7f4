"""The base of all journeys: calls operations of the contract, checks each status and records each request."""

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from locust import FastHttpUser, between
from locust.contrib.fasthttp import ResponseContextManager
from locust.exception import RescheduleTask, StopUser

from load.accounts import Accounts, Role
from load.contract import operations
from load.mailbox import Mailbox
from load.records import Record

if TYPE_CHECKING:
    from load.recorder import Recorder

_TIMEOUT = 30.0


class Visitor(FastHttpUser):
    """A virtual user with a token of its own.

    A request's latency counts from `due`, the moment at which an open loop wanted the visit to begin, so that
    a visit which begins late is not measured as a fast one. Closed users begin when they can.
    """

    abstract = True
    wait_time = between(0.1, 0.5)
    connection_timeout = network_timeout = _TIMEOUT
    concurrency = 1
    role: ClassVar[Role] = "user"
    #: Set for the run, before any visitor is made.
    accounts: ClassVar[Accounts]
    mailbox: ClassVar[Mailbox | None] = None
    recorder: ClassVar["Recorder"]

    #: Set by the dispatcher of an open loop for the next request.
    due: float | None = None

    def on_start(self) -> None:
        self.token = self.accounts.take(self.role)
        try:
            self.arrive()
        except RescheduleTask as error:
            raise StopUser(f"{type(self).__name__} cannot begin: {error}") from error

    def arrive(self) -> None:
        """Do what a visitor does once, before the first visit."""

    def call(
        self,
        operation: str,
        *expected: int,
        query: Mapping[str, object] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        **path: str,
    ) -> ResponseContextManager:
        """Return the response; a status that is not expected is a failure and ends the visit.

        `token` replaces the visitor's own; an empty one sends none.
        """
        called = operations()[operation]
        bearer = self.token if token is None else token
        sent = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        url = called.path.format(**path) + (f"?{urlencode(query)}" if query else "")
        began = perf_counter()
        due, self.due = self.due or began, None
        with self.client.request(
            called.method,
            url,
            name=called.path,
            json=json,
            headers=sent | dict(headers or {}),
            catch_response=True,
        ) as found:
            response: ResponseContextManager = found
            took = (perf_counter() - began) * 1000
            waited = max(0.0, (began - due) * 1000)
            response.request_meta["response_time"] = waited + took
            error = _failure(response, expected)
            size = response.request_meta["response_length"]
            name, status = type(self).__name__, response.status_code
            self.recorder(Record(due, waited, took, called.id, name, status, size, error))
            if not error:
                response.success()
                return response
            response.failure(error)
        raise RescheduleTask(error)


def _failure(response: ResponseContextManager, expected: tuple[int, ...]) -> str:
    """Return what is wrong with a response, nothing if its status is expected."""
    if response.status_code in expected:
        return ""
    if not response.status_code:
        return f"no response: {getattr(response, 'error', '')!r}"[:200]
    wanted = " or ".join(map(str, expected))
    return f"{response.status_code} instead of {wanted}: {response.text or ''}"[:300]


def etag(response: ResponseContextManager) -> str:
    """Return the version that a response is of."""
    return str(response.headers["ETag"])  # type: ignore[index]  # None only where there is no response


def body(response: ResponseContextManager) -> Any:
    return response.json()
