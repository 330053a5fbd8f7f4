"""The pages of Pressroom in Chromium, as people use them: read, log in, send a request, come back.

With `--update-images` the pictures of the documentation are made anew.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from contractgen.commands.serving import served
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.browser.chromium import Tab
from tests.service import Actor, MakePost

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SHOWN = {
    "/": "h1",
    "/docs": ".opblock",
    "/redoc": "[data-section-id]",
    "/problems/post-not-found": "h1",
}


@pytest.fixture
async def address(settings: Settings, user: Actor) -> AsyncIterator[str]:
    """Pressroom over HTTP, with an account."""
    del user
    with served(create_app(settings.model_copy(update={"allowed_hosts": ("127.0.0.1",)}))) as address:
        yield address


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-images"))


async def log_in(tab: Tab, actor: Actor, password: str) -> Locator:
    """Send the form of the page; return where it reports."""
    form = tab.page.get_by_role("form", name="Log in")
    await form.get_by_label("email").fill(actor.email)
    await form.get_by_label("password").fill(password)
    await form.get_by_role("button", name="Log in").click()
    return form.get_by_role("status")


async def ask_who_i_am(tab: Tab) -> Locator:
    """Try `GET /api/v1/users/me` out; return what Swagger UI shows of the response."""
    operation = tab.page.locator(".opblock-get", has=tab.page.locator('[data-path="/api/v1/users/me"]'))
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Try it out").click()
    await operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", SHOWN)
async def test_a_page_is_complete_in_both_color_schemes(
    tab: Tab, address: str, shoot: bool, path: str, scheme: str
) -> None:
    await tab.page.set_viewport_size({"width": 1100, "height": 700})
    await tab.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await tab.page.goto(address + path)
    await expect(tab.page.locator(SHOWN[path]).first).to_be_visible()
    await tab.page.wait_for_load_state("networkidle")
    assert (tab.origins, tab.errors) == ({address}, [])
    red = await tab.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0]")
    assert (int(red) < 64) is (scheme == "dark")
    if shoot and path == "/" and scheme == "light":
        await tab.page.screenshot(path=IMAGES / "landing.png")


async def test_a_token_of_the_log_in_is_sent_and_survives_a_reload(
    tab: Tab, address: str, shoot: bool, user: Actor
) -> None:
    await tab.page.set_viewport_size({"width": 1100, "height": 1000})
    await tab.page.goto(f"{address}/docs")
    await expect(await log_in(tab, user, user.password)).to_contain_text("Logged in")
    assert await tab.page.locator("#log-in").get_by_label("password").input_value() == ""
    await expect(await ask_who_i_am(tab)).to_contain_text(user.email)
    await tab.page.evaluate("history.replaceState(null, '', location.pathname)")  # it names the operation
    await tab.page.reload()
    response = await ask_who_i_am(tab)
    await expect(response).to_contain_text(user.email)
    await expect(response.locator(".response-col_status").last).to_contain_text("200")
    assert (tab.origins, tab.errors) == ({address}, [])
    if shoot:
        await response.evaluate("shown => shown.closest('.opblock').scrollIntoView()")
        await tab.page.screenshot(path=IMAGES / "try-it.png")


async def test_a_failed_log_in_says_why(tab: Tab, address: str, user: Actor) -> None:
    await tab.page.goto(f"{address}/docs")
    await expect(await log_in(tab, user, "not the password")).to_contain_text("password")
    await expect(await ask_who_i_am(tab)).to_contain_text("401")
    assert tab.origins == {address}


async def test_the_links_of_the_first_page_are_followed(
    tab: Tab, address: str, user: Actor, make_post: MakePost
) -> None:
    await make_post(user, title="Notes on the Analytical Engine")
    await tab.page.goto(address)
    await tab.page.get_by_role("link", name="the published posts").click()
    await expect(tab.page.locator("body")).to_contain_text("Notes on the Analytical Engine")
    await tab.page.go_back()
    await tab.page.get_by_role("main").get_by_role("link", name="Read it").click()
    await expect(tab.page.locator(SHOWN["/redoc"]).first).to_be_visible()
    await tab.page.get_by_role("link", name="Pressroom", exact=True).click()
    await expect(tab.page.locator("h1")).to_contain_text("Pressroom")
    assert [each for each in tab.errors if "favicon.ico" not in each] == []


async def test_what_an_operation_needs_and_permits_is_shown(tab: Tab, address: str) -> None:
    await tab.page.goto(f"{address}/docs")
    operation = tab.page.locator(".opblock-post", has=tab.page.locator('[data-path$="/notify"]'))
    await operation.locator(".opblock-summary-control").click()
    description = operation.locator(".opblock-description")
    await expect(description).to_contain_text("Needs bearerAuth with the role admin")
    await expect(description).to_contain_text("Rate limit notifications: 300,000 in 3,600 s for an account")
    assert (tab.origins, tab.errors) == ({address}, [])
