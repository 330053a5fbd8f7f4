"""The documentation pages in Chromium: complete, and nothing is loaded from elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from contractgen.commands.serving import served
from contractgen_runtime.service.application import Service, wrap
from tests.browser.chromium import Tab
from tests.contractgen.packages import golden_package
from tests.contractgen.service import Service as Golden


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = Service()
    golden = Golden(golden_package("library"))
    golden.package.Api(host=golden.host, **golden.handlers).mount(app)
    wrap(app, allowed_hosts=["127.0.0.1"], origins=[])
    with served(app) as address:
        yield address


@pytest.mark.parametrize(("path", "operation"), [("/docs", ".opblock"), ("/redoc", "[data-section-id]")])
async def test_a_page_shows_the_contract_and_asks_no_other_host(
    tab: Tab, address: str, path: str, operation: str
) -> None:
    await tab.page.goto(address + path)
    await expect(tab.page.locator(operation).first).to_be_visible()
    await tab.page.wait_for_load_state("networkidle")
    assert tab.origins == {address}
    assert tab.errors == []
