"""What the routes of the project execute equals its contract, operation by operation."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import generated
from contractgen.load import load
from tests.contractgen.derive import declared, derived
from tests.contractgen.service import Service

OWN = Path(__file__).parents[2] / "openapi" / "openapi.yaml"
USER_ID = "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"


@pytest.fixture(scope="module")
def contract() -> Any:
    return load(OWN).value


@pytest.fixture
def service() -> Service:
    return Service(generated)


@pytest.fixture
def change() -> Iterator[Callable[[Any, str, Any], None]]:
    """Set a field of a live table, frozen or not, until the end of the test."""
    undo: list[tuple[Any, str, Any]] = []

    def set_field(table: Any, name: str, value: Any) -> None:
        undo.append((table, name, getattr(table, name)))
        if isinstance(table, type):
            setattr(table, name, value)
        else:
            object.__setattr__(table, name, value)

    yield set_field
    for table, name, value in reversed(undo):
        if isinstance(table, type):
            setattr(table, name, value)
        else:
            object.__setattr__(table, name, value)


def parameter(service: Service, operation_id: str, name: str) -> Any:
    (found,) = [p for p in service.operation(operation_id).parameters if p.name == name]
    return found


def test_the_tables_equal_the_contract(service: Service, contract: Any) -> None:
    tables, document = derived(service.app), declared(contract)
    assert list(tables) != []
    assert sorted(tables) == sorted(document)
    for name, operation in document.items():
        assert tables[name] == operation, name


def _page(service: Service) -> Any:
    return parameter(service, "list_users", "page")


BREAKS: dict[str, tuple[Callable[[Service], Any], str, Any]] = {
    "a bound": (lambda service: _page(service).convert, "maximum", 7),
    "a lower bound": (lambda service: _page(service).convert, "minimum", None),
    "a default": (_page, "default", 2),
    "required": (_page, "required", True),
    "a place": (_page, "location", "path"),
    "a name": (_page, "name", "pages"),
    "a role": (
        lambda service: service.operation("list_users"),
        "security",
        ({"bearerAuth": ("moderator",)},),
    ),
    "an alternative": (lambda service: service.operation("list_posts"), "security", ({},)),
    "a status": (lambda service: service.operation("get_user").responses[0], "status", 201),
    "a media type": (
        lambda service: service.operation("get_user").responses[0],
        "media_types",
        ("text/plain",),
    ),
    "a header": (lambda service: service.operation("register_user").responses[0], "header_names", {}),
    "a response": (lambda service: service.operation("get_user"), "responses", ()),
    "a size": (lambda service: service.operation("create_post").body.contents[0], "max_bytes", 1),
    "a body's media type": (
        lambda service: service.operation("create_post").body.contents[0],
        "media_type",
        "text/plain",
    ),
    "a body that may be left out": (lambda service: service.operation("create_post").body, "required", False),
    "a body": (lambda service: service.operation("create_post"), "body", None),
    "a method": (lambda service: service.operation("create_post"), "method", "PUT"),
    "a path": (lambda service: service.operation("create_post"), "path", "/post"),
    "a tag": (lambda service: service.operation("create_post"), "tag", "users"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_table_would_differ(
    service: Service, contract: Any, change: Callable[[Any, str, Any], None], name: str
) -> None:
    find, field, value = BREAKS[name]
    change(find(service), field, value)
    assert derived(service.app) != declared(contract)


def test_a_changed_document_would_differ(service: Service, contract: Any) -> None:
    other = copy.deepcopy(contract)
    other["components"]["schemas"]["Title"]["maxLength"] += 1
    assert derived(service.app) != declared(other)


# The tables are what is executed ------------------------------------------------------------------------


async def test_a_changed_bound_is_what_the_service_takes(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    async def status(page: int) -> int:
        return (await service.ask("GET", f"/api/v1/users?page={page}", token="admin")).status

    service.answers["list_users"] = generated.responses.ListUsers200(
        {"items": [], "total": 0, "page": 1, "size": 20, "pages": 0, "has_next": False, "has_prev": False}
    )
    assert [await status(8), await status(7)] == [200, 200]
    change(_page(service).convert, "maximum", 7)
    assert [await status(8), await status(7)] == [422, 200]


async def test_a_changed_role_is_what_the_service_asks_for(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    async def status(role: str) -> int:
        return (await service.ask("GET", "/api/v1/users?x=1", token=role)).status

    assert [await status("admin"), await status("moderator")] == [422, 403]
    change(service.operation("list_users"), "security", ({"bearerAuth": ("moderator",)},))
    assert [await status("admin"), await status("moderator")] == [403, 422]


async def test_a_changed_size_is_what_the_service_takes(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    async def status() -> int:
        return (await service.ask("POST", "/api/v1/posts", token="user", json={})).status

    assert await status() == 422
    change(service.operation("create_post").body.contents[0], "max_bytes", 1)
    assert await status() == 413


async def test_a_changed_required_is_what_the_service_asks_for(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    change(parameter(service, "list_users", "role"), "required", True)
    answer = await service.ask("GET", "/api/v1/users", token="admin")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/role"]


async def test_a_changed_default_is_what_the_handler_gets(
    service: Service, change: Callable[[Any, str, Any], None]
) -> None:
    service.answers["list_users"] = None
    change(_page(service), "default", 2)
    await service.ask("GET", "/api/v1/users", token="admin")
    assert service.call["page"] == 2


def test_every_response_sends_what_its_table_says(service: Service, contract: Any) -> None:
    """Each class, made from an example of the contract, encodes to its own status, media type and headers."""
    bodies = {
        "AccessToken": {"access_token": "a", "token_type": "bearer", "expires_in": 1, "user": _USER},
        "Health": {"status": "ok"},
        "Notification": {
            "id": UUID(USER_ID),
            "user_id": UUID(USER_ID),
            "subject": "a",
            "body": "a",
            "state": "queued",
            "created_at": "2026-11-23T09:30:00Z",
        },
        "Post": _POST,
        "PostPage": {"items": [_POST], "next_cursor": None},
        "Problem": {"type": "about:blank", "title": "a", "status": 400, "detail": "a"},
        "User": _USER,
        "UserPage": {
            "items": [_USER],
            "total": 1,
            "page": 1,
            "size": 1,
            "pages": 1,
            "has_next": False,
            "has_prev": False,
        },
    }
    for route in service.app.routes:
        for response in route.operation.responses if hasattr(route, "operation") else ():
            names = {name: name.lower().replace("-", "_") for name in response.header_names}
            values: dict[str, Any] = dict.fromkeys(names.values(), "1")
            if response.model is not None:
                values["body"] = bodies[response.model.__name__]
            status, headers, body = response(**values).encode()
            sent = dict(headers)
            assert status == response.status, response
            assert sent.pop(b"content-type", b"").decode() == "".join(response.media_types)
            assert set(sent) == {name.lower().encode() for name in names}
            assert bool(body) == (response.model is not None)


_USER = {
    "id": UUID(USER_ID),
    "email": "ada@example.com",
    "full_name": "Ada",
    "role": "user",
    "is_active": True,
    "created_at": "2026-11-23T09:30:00Z",
    "updated_at": "2026-11-23T09:30:00Z",
    "display_name": "Ada",
}
_POST = {
    "id": UUID(USER_ID),
    "title": "a",
    "content": "a",
    "is_published": True,
    "author_id": UUID(USER_ID),
    "created_at": "2026-11-23T09:30:00Z",
    "updated_at": "2026-11-23T09:30:00Z",
}
