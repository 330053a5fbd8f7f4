"""Each golden contract gives exactly the package that is kept beside it, and that package works."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from contractgen.document.load import load
from contractgen.render.folder import differences, write
from contractgen.render.package import render
from tests.contractgen.packages import GOLDEN, golden_folder, golden_package
from tests.contractgen.service import Service

CASES = sorted(path.parent.name for path in GOLDEN.glob("*/openapi.yaml"))


@pytest.mark.parametrize("case", CASES)
def test_the_package_is_as_expected(case: str, update_golden: bool) -> None:
    files = render(load(GOLDEN / case / "openapi.yaml"))
    expected = GOLDEN / case / "expected"
    if update_golden:
        write(files, expected)
    assert differences(files, expected) == {}


def test_the_packages_are_clean_under_mypy(tmp_path: Path, mypy: Callable[[Path], list[str]]) -> None:
    for case in CASES:
        shutil.copytree(golden_folder(case), tmp_path / case.replace("-", "_"))
    assert mypy(tmp_path) == []


@pytest.mark.parametrize("case", CASES)
def test_the_package_mounts(case: str) -> None:
    service = Service(golden_package(case))
    assert service.app.openapi() == load(GOLDEN / case / "openapi.yaml").value


async def test_minimal_answers() -> None:
    service = Service(golden_package("minimal"))
    service.answers["ping"] = service.package.responses.Ping200({})
    answer = await service.ask("GET", "/ping")
    assert (answer.status, answer.body, answer.headers) == (
        200,
        b"{}",
        [("content-type", "application/json"), ("content-length", "2")],
    )
    assert service.host.contexts[0].finished == [200]
