"""The service as tests use it: in process, with its lifespan, every answer held against the contract."""

from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp

from contractgen_runtime.testing import witness
from pressroom.mail import Letter, Mailbox
from pressroom.posts.tables import PostRow
from pressroom.users.tables import UserRow
from pressroom_api import models
from tests.contract.witness import CHECKER

PASSWORD = "correct horse battery"
ANY_VERSION = {"if-match": "*"}


class Letters(Mailbox):
    """A mailbox in memory."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []

    async def send(self, letter: Letter, *, job_id: UUID) -> None:
        self.sent.append(letter)


class ReadMail(Protocol):
    async def __call__(self) -> list[Letter]: ...


@dataclass(frozen=True)
class Actor(httpx.Auth):
    """An account and the tokens of a session of it: `client.get(path, auth=actor)`."""

    user: UserRow
    token: str
    session_id: UUID
    refresh_token: str
    password: str = PASSWORD

    @property
    def id(self) -> UUID:
        return self.user["id"]

    @property
    def email(self) -> str:
        return self.user["email"]

    @property
    def role(self) -> models.Role:
        return self.user["role"]

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self.token}"
        yield request


class MakeUser(Protocol):
    async def __call__(
        self,
        role: models.Role = "user",
        *,
        is_active: bool = True,
        email: str = "",
        full_name: str = "Ada Lovelace",
    ) -> Actor: ...


class MakeSession(Protocol):
    async def __call__(self, actor: Actor) -> Actor: ...


class MakeMailedToken(Protocol):
    async def __call__(self, actor: Actor, purpose: str, *, lifetime: float = 60) -> str: ...


class MakeAddressToken(Protocol):
    async def __call__(self, actor: Actor, purpose: str, email: str, *, lifetime: float = 60) -> str: ...


class MakePost(Protocol):
    async def __call__(
        self,
        author: Actor,
        *,
        is_published: bool = True,
        title: str = "Notes",
        content: str = "Some text.",
        hidden_reason: str | None = None,
    ) -> PostRow: ...


def serving(
    app: FastAPI, *, through: ASGIApp | None = None
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """A client of the running application; `through` is what stands before it, if anything does."""
    return witness.serving(app, CHECKER, through=through)


def bytes_of(answer: httpx.Response) -> bytes:
    """The body without the id of its request, in which alone two problems may differ."""
    return answer.content.replace(answer.headers["x-request-id"].encode(), b"")


def violations(answer: httpx.Response) -> list[tuple[str, str]]:
    """Where a 422 says that the request violates the contract: part of the request and JSON Pointer."""
    assert answer.status_code == 422, answer.text
    return sorted((each["location"], each["pointer"]) for each in answer.json()["errors"])
