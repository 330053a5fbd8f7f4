"""Fixtures of the generator's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contractgen.packages import golden_package, type_check
from tests.contractgen.putting import ServeBody, serve_put
from tests.contractgen.service import Service
from tests.tiers import slow


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/contractgen/golden/*/expected anew"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A run of a type checker takes seconds: whoever asks for one is slow."""
    for item in items:
        if not {"mypy", "pyright_found"}.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(slow)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], list[str]]:
    """mypy --strict over everything in a folder, which is the root of its imports; returns what it says."""
    cache = tmp_path_factory.mktemp("mypy-cache")
    return lambda folder: type_check(folder, cache)


@pytest.fixture
def library() -> Service:
    """The golden contract `library`, mounted with stand-ins for its handlers."""
    return Service(golden_package("library"))


@pytest.fixture
def serve_body() -> ServeBody:
    """An operation with a body of some content."""
    return serve_put
