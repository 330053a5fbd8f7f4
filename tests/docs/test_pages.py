"""Every block of the README and of docs/ does what its page says.

`make test` runs the README, the tutorial and the pages that take a few seconds; `make pages` and the full
tier run every page.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, pages
from tests.docs.session import session
from tests.docs.worlds import WITH_DATABASE, world_of
from tests.tiers import FULL, slow

RUN = {"run", "serve", "script"}
BLOCKS = {page: blocks_of(page) for page in pages()}
PAGES = {page: blocks for page, blocks in BLOCKS.items() if any(each.kind in RUN for each in blocks)}

#: Together they take five times as long as the others, which are left for `make test`: they start services,
#: load and fuzz them. `make pages` runs them all.
LONG = {
    "CONTRIBUTING.md",
    "docs/how-to/client-teams.md",
    "docs/how-to/configuration.md",
    "docs/how-to/continuous-integration.md",
    "docs/how-to/database.md",
    "docs/how-to/fuzz.md",
    "docs/how-to/own-contract.md",
    "docs/how-to/performance.md",
    "docs/how-to/sdks.md",
    "docs/operations/deploy.md",
    "docs/operations/release.md",
    "docs/operations/tour.md",
    "docs/tutorial.md",
}


def run_now(pages: Iterable[str]) -> list[str]:
    return sorted(page for page in pages if FULL or page not in LONG)


pytestmark = [
    slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl, which is not here"),
]


@pytest.mark.parametrize("page", run_now(PAGES.keys() - WITH_DATABASE))
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    assert walk(page, tmp_path, "") > 0


@pytest.mark.parametrize("page", run_now(WITH_DATABASE))
@pytest.mark.usefixtures("database")
def test_a_page_about_a_running_service_does_what_it_says(
    page: str, tmp_path: Path, database_url: str
) -> None:
    assert walk(page, tmp_path, database_url) > 0


def walk(page: str, tmp_path: Path, database_url: str) -> int:
    """Do all blocks of a page in one session; return how many were run."""
    folder = tmp_path / "page"
    with world_of(page, folder, database_url) as variables, session(folder, variables) as opened:
        for block in PAGES[page]:
            opened.do(block)
    return sum(block.kind in RUN for block in PAGES[page])


def test_every_page_with_a_world_is_run() -> None:
    assert PAGES.keys() >= WITH_DATABASE | LONG
