"""Fixtures of the generator's tests."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contractgen.packages import golden_folder, golden_package, locked, type_check
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
def mypy_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A cache of mypy that knows the libraries of a generated package: without it a run takes seconds."""
    run = tmp_path_factory.getbasetemp()
    shared = (run if worker_id == "master" else run.parent) / "mypy-cache"
    with locked(shared.with_suffix(".lock")):
        if not shared.exists():
            type_check(golden_folder("library").parent, shared)
    # One of its own for each process: mypy does not share a cache between runs at the same time.
    return Path(shutil.copytree(shared, tmp_path_factory.mktemp("mypy") / "cache"))


@pytest.fixture(scope="session")
def mypy(mypy_cache: Path) -> Callable[[Path], list[str]]:
    """mypy --strict over everything in a folder, which is the root of its imports; returns what it says."""
    return lambda folder: type_check(folder, mypy_cache)


@pytest.fixture
def library() -> Service:
    """The golden contract `library`, mounted with stand-ins for its handlers."""
    return Service(golden_package("library"))


@pytest.fixture
def serve_body() -> ServeBody:
    """An operation with a body of some content."""
    return serve_put
