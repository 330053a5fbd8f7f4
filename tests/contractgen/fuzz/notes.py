"""A small service with accounts and notes, correct or with one fault, to be found by a fuzzer."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import yaml
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contractgen.commands.serving import served
from contractgen.document.load import load
from tests.contractgen.packages import import_package, write_document, write_package

Fault = Literal["", "status", "no authentication", "crash", "leak"]
ANN, BOB = ({"username": name, "password": f"the password of {name}"} for name in ("ann", "bob"))
# Ann's sessions: no log-out ends that of the first token, one ends that of the second.
KEPT_TOKEN, SPENT_TOKEN = "token-kept", "token-spent"

_PATHS = """
/register:
  post:
    operationId: register
    security: []
    requestBody: {$ref: '#/components/requestBodies/Account'}
    responses:
      '201': {description: Registered.}
      '409': {$ref: '#/components/responses/Conflict'}
/login:
  post:
    operationId: login
    security: []
    requestBody: {$ref: '#/components/requestBodies/Account'}
    responses:
      '200':
        description: A session.
        content: {application/json: {schema: {$ref: '#/components/schemas/Session'}}}
      '401': {$ref: '#/components/responses/Unauthorized'}
/logout:
  post:
    operationId: logout
    responses:
      '204': {description: The session has ended.}
/notes:
  post:
    operationId: create_note
    requestBody:
      required: true
      content: {application/json: {schema: {$ref: '#/components/schemas/NewNote'}}}
    responses:
      '201':
        description: Made.
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        links: {read: {operationId: get_note, parameters: {note_id: $response.body#/id}}}
/notes/{note_id}:
  get:
    operationId: get_note
    parameters:
      - {name: note_id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 99999}}
    responses:
      '200':
        description: A note of one's own.
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      '404': {$ref: '#/components/responses/NotFound'}
"""
_COMPONENTS = """
securitySchemes: {session: {type: http, scheme: bearer}}
requestBodies:
  Account:
    required: true
    content: {application/json: {schema: {$ref: '#/components/schemas/Account'}}}
schemas:
  Account:
    type: object
    additionalProperties: false
    required: [username, password]
    properties:
      username: {type: string, minLength: 1, maxLength: 20}
      password: {$ref: '#/components/schemas/Password'}
  Password: {type: string, minLength: 8, maxLength: 40}
  Session: {type: object, required: [access_token], properties: {access_token: {type: string, maxLength: 99}}}
  NewNote:
    type: object
    additionalProperties: false
    required: [text]
    properties: {text: {type: string, maxLength: 20}}
  Note:
    type: object
    required: [id, text]
    properties: {id: {type: integer}, text: {type: string, maxLength: 20}}
"""
_PROBLEMS = {
    400: "MalformedBody",
    401: "Unauthorized",
    404: "NotFound",
    409: "Conflict",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    500: "Failed",
    503: "Unavailable",
}


@cache
def _parsed() -> tuple[Any, Any]:
    return yaml.safe_load(_PATHS), yaml.safe_load(_COMPONENTS)


def contract() -> Any:
    """A fresh copy of the contract, with every response that the generated code can send."""
    paths, components = deepcopy(_parsed())
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    components["responses"] = {name: {"description": name, **problem} for name in _PROBLEMS.values()}
    for item in paths.values():
        for operation in item.values():
            operation["tags"] = ["notes"]
            statuses = [422, 500, 503]
            statuses += [400, 413, 415] if "requestBody" in operation else []
            statuses += [401] if "security" not in operation else []
            for status in statuses:
                reference = {"$ref": f"#/components/responses/{_PROBLEMS[status]}"}
                operation["responses"].setdefault(str(status), reference)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1"},
        "security": [{"session": []}],
        "paths": paths,
        "components": components,
    }


@contextmanager
def notes(folder: Path, fault: Fault = "") -> Iterator[tuple[Path, str]]:
    """Serve the notes; yield the contract's path and the URL."""
    spec = write_document(folder, contract())
    package = import_package("notes_of_a_fuzzed_service", write_package(load(spec), folder / "notes_api"))
    with served(Faulty(application(package, fault), fault)) as url:
        yield spec, url


@dataclass(frozen=True)
class Caller:
    name: str
    token: str
    roles: frozenset[str] = frozenset()


class Context:
    async def finish(self, status: int) -> None:
        """Do nothing: there is no database."""


@dataclass
class Store:
    """Accounts, sessions by their tokens, and notes with their owners."""

    accounts: dict[str, str] = field(
        default_factory=lambda: {a["username"]: a["password"] for a in (ANN, BOB)}
    )
    sessions: dict[str, str] = field(default_factory=lambda: dict.fromkeys((KEPT_TOKEN, SPENT_TOKEN), "ann"))
    notes: dict[int, tuple[str, str]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


def application(package: Any, fault: Fault) -> FastAPI:
    """The service on its generated routes."""
    store, responses, models = Store(), package.responses, package.models

    async def register(context: Context, /, *, body: Any) -> Any:
        if store.accounts.setdefault(body.username, body.password) != body.password:
            return responses.Conflict(body={})
        return responses.Register201()

    async def login(context: Context, /, *, body: Any) -> Any:
        if store.accounts.get(body.username) != body.password:
            return responses.Unauthorized(body={})
        token = f"token-{next(store.numbers)}"
        store.sessions[token] = body.username
        return responses.Login200(body=models.Session(access_token=token))

    async def logout(context: Context, caller: Caller, /) -> Any:
        if caller.token != KEPT_TOKEN:
            store.sessions.pop(caller.token, None)
        return responses.Logout204()

    async def create_note(context: Context, caller: Caller, /, *, body: Any) -> Any:
        number = next(store.numbers)
        store.notes[number] = (caller.name, body.text)
        return responses.CreateNote201(body=models.Note(id=number, text=body.text))

    async def get_note(context: Context, caller: Caller, /, *, note_id: int) -> Any:
        owner, text = store.notes.get(note_id, ("", ""))
        if owner != caller.name and not (owner and fault == "leak"):
            return responses.NotFound(body={})
        return responses.GetNote200(body=models.Note(id=note_id, text=text))

    handlers = (register, login, logout, create_note, get_note)
    app = FastAPI()
    host = Host(store, package.operations.Refusal)
    package.Api(host=host, notes=SimpleNamespace(**{each.__name__: each for each in handlers})).mount(app)
    return app


class Host:
    def __init__(self, store: Store, refusal: Any) -> None:
        self.store = store
        self.refusal = refusal

    @asynccontextmanager
    async def unit_of_work(self, operation: Any, scope: Scope, /) -> AsyncIterator[Context]:
        yield Context()

    async def session(self, context: Context, token: str, /) -> Caller | None:
        name = self.store.sessions.get(token)
        return None if name is None else Caller(name, token)

    def error(self, error: Exception, operation: Any, scope: Scope, /) -> Any:
        return self.refusal(500, str(error))


class Faulty:
    """What a correct service does, but for one fault."""

    def __init__(self, app: ASGIApp, fault: Fault) -> None:
        self.app = app
        self.fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["status"] = self.status(scope, message["status"])
            await send(message)

        if self.fault == "no authentication" and scope["type"] == "http":
            others = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
            scope = {**scope, "headers": [*others, (b"authorization", f"Bearer {KEPT_TOKEN}".encode())]}
        await self.app(scope, receive, changed)

    def status(self, scope: Scope, status: int) -> int:
        if self.fault == "status" and status == 201 and scope["path"] == "/notes":
            return 202
        if self.fault == "crash" and status == 404 and scope["path"].startswith("/notes/"):
            return 500
        return status
