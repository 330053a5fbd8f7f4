"""`mount` names every handler that does not fit, with a signature that fits when it is pasted."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI

from tests.contractgen.packages import GOLDEN, golden_folder, golden_package
from tests.contractgen.service import Host, Service

COMMON, HANDLERS, MAIN = (
    (GOLDEN / "library" / "port" / f"{module}.py").read_text() for module in ("common", "handlers", "main")
)


@pytest.fixture
def package() -> Any:
    return golden_package("library")


def module(tmp_path: Path, package: Any, source: str) -> ModuleType:
    """A module of handlers, as a service would write it."""
    names: dict[str, Any] = {"library": package}
    imported = ModuleType("books_handlers")
    sys.modules["library"], sys.modules["common"] = package, ModuleType("common")
    try:
        exec(compile(COMMON, "common", "exec"), vars(sys.modules["common"]))
        exec(compile(source, "books_handlers", "exec"), vars(imported) | names, vars(imported))
    finally:
        del sys.modules["library"], sys.modules["common"]
    return imported


def refusal(package: Any, books: Any, hours: Any) -> str:
    app = FastAPI()
    with pytest.raises(package.operations.HandlerError) as caught:
        package.Api(host=Host(package.operations.Refusal), books=books, opening_hours=hours).mount(app)
    assert not [route for route in app.routes if hasattr(route, "operation")], "nothing may be mounted"
    return str(caught.value)


def test_right_handlers_mount(package: Any) -> None:
    assert len([r for r in Service(package).app.routes if hasattr(r, "operation")]) == 8


def test_missing_extra_and_differing_handlers_are_all_named(tmp_path: Path, package: Any) -> None:
    source = (
        HANDLERS.replace("async def get_book(", "async def fetch_book(")
        .replace("async def add_book(", "async def _add_book(")
        .replace("async def list_books(", "async def _list_books(")
        .replace("book_id: UUID, number: int)", "book_id: UUID)")
        .replace("async def delete_book(", "def delete_book(")
    )
    text = refusal(package, module(tmp_path, package, source), ModuleType("hours_handlers"))
    for missing in ("get_book", "add_book", "list_books"):  # checkers stop after two
        assert f"books_handlers: the handler {missing} is missing" in text
    assert "books_handlers: the handler get_page differs" in text
    assert "books_handlers: the handler delete_book differs" in text
    assert "books_handlers: the contract has no operation fetch_book" in text
    assert "hours_handlers: the handler get_hours is missing" in text
    assert text.count("async def ") == 6


@pytest.mark.parametrize(
    "signature",
    [
        "context, caller, /, *, book_id, body, more",
        "context, caller, /, *, book_id",
        "context, /, *, book_id, body",
        "context, caller, /, *, id, body",
        "context, caller, book_id, body",
        "context, caller, /, *, book_id, body, **more",
    ],
)
def test_a_signature_that_differs_is_named(package: Any, signature: str) -> None:
    space: dict[str, Any] = {}
    exec(f"async def update_book({signature}): ...", space)
    service = Service(package)
    books = service._handlers(package.operations.Books[Any, Any])
    books.update_book = space["update_book"]
    hours = service._handlers(package.operations.OpeningHours[Any])
    assert "the handler update_book differs" in refusal(package, books, hours)


def test_helpers_of_a_module_are_no_operations(tmp_path: Path, package: Any) -> None:
    source = (
        "from asyncio import sleep\n" + HANDLERS + "\n\nasync def _load(x): ...\n\n\ndef visible(x): ...\n"
    )
    books = module(tmp_path, package, source)
    hours = Service(package)._handlers(package.operations.OpeningHours[Any])
    app = FastAPI()
    package.Api(host=Host(package.operations.Refusal), books=books, opening_hours=hours).mount(app)
    assert len([route for route in app.routes if hasattr(route, "operation")]) == 8


def test_the_printed_signature_fits_when_it_is_pasted(
    tmp_path: Path, package: Any, mypy: Callable[[Path], list[str]]
) -> None:
    """A module made of nothing but the printed text satisfies both mount and mypy."""
    hours = Service(package)._handlers(package.operations.OpeningHours[Any])
    text = refusal(package, ModuleType("books_handlers"), hours)
    pasted = re.findall(r"^async def .*?^\): \.\.\.$", text, re.MULTILINE | re.DOTALL)
    assert len(pasted) == 7
    bodies = [signature.removesuffix("...") + "\n    raise NotImplementedError" for signature in pasted]
    source = "\n\n\n".join([HANDLERS[: HANDLERS.index("async def")], *bodies]) + "\n"
    package.Api(
        host=Host(package.operations.Refusal), books=module(tmp_path, package, source), opening_hours=hours
    ).mount(FastAPI())

    folder = tmp_path / "port"
    shutil.copytree(golden_folder("library"), folder / "library")
    (folder / "common.py").write_text(COMMON)
    (folder / "pasted.py").write_text(source)
    (folder / "main.py").write_text(MAIN.replace("import handlers", "import pasted as handlers"))
    assert mypy(folder) == []


async def test_hand_written_routes_and_middleware_stay(package: Any) -> None:
    service = Service(package)
    seen: list[str] = []

    @service.app.get("/by-hand")
    async def by_hand() -> dict[str, str]:
        return {"by": "hand"}

    @service.app.middleware("http")
    async def note(request: Any, call_next: Any) -> Any:
        seen.append(request.url.path)
        return await call_next(request)

    assert (await service.ask("GET", "/by-hand")).json == {"by": "hand"}
    assert (await service.ask("GET", "/hours/friday")).status == 422
    assert seen == ["/by-hand", "/hours/friday"]


async def test_a_route_found_by_fastapis_own_router_answers_the_same(package: Any) -> None:
    """An application that is mounted below another, or wrapped, may reach a route without the table."""
    service = Service(package)
    service.answers["get_hours"] = package.responses.GetHours200({"from": "9", "until": "5"})
    route: Any = next(r for r in service.app.routes if getattr(r, "path", "") == "/hours/{day}")
    assert route.methods == {"GET"}
    assert route.operation_id == "get_hours"
    assert service.app.url_path_for("get_hours", day="sunday") == "/hours/sunday"
