"""Chromium for tests: pages that record what they requested and what the console reported."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

EXECUTABLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_ARGUMENTS = [
    "--no-sandbox",  # containers have no user namespaces, and tests load their own pages only
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Tab:
    """A page without cookies or cache of others: `requests` are the addresses that it asked for.

    `errors` are the errors and warnings of the console: exceptions, failed loads, violations of CORS or of a
    content security policy.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def origins(self) -> set[str]:
        """Return the origins that requests went to, or were to go to; embedded data has none."""
        found = [urlsplit(each) for each in self.requests]
        return {f"{each.scheme}://{each.netloc}" for each in found if each.scheme not in ("data", "blob")}

    def watch(self) -> None:
        """Record from now on."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} ({message.location['url']})")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the installed Chromium, with patience for a busy machine."""
    expect.set_options(timeout=30_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab_of(browser: Browser) -> AsyncIterator[Tab]:
    """Open a page in a context of its own."""
    context = await browser.new_context()
    try:
        tab = Tab(await context.new_page())
        tab.watch()
        yield tab
    finally:
        await context.close()
