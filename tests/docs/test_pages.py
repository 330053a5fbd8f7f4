"""Every block of the README and of docs/ does what its page says."""

import shutil
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, pages
from tests.docs.session import session
from tests.docs.worlds import WITH_DATABASE, world_of
from tests.tiers import slow

RUN = {"run", "serve", "script"}
BLOCKS = {page: blocks_of(page) for page in pages()}
PAGES = {page: blocks for page, blocks in BLOCKS.items() if any(each.kind in RUN for each in blocks)}

pytestmark = [
    slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl, which is not here"),
]


@pytest.mark.parametrize("page", sorted(PAGES.keys() - WITH_DATABASE))
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    assert walk(page, tmp_path, "") > 0


@pytest.mark.parametrize("page", sorted(WITH_DATABASE))
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
    assert PAGES.keys() >= WITH_DATABASE
