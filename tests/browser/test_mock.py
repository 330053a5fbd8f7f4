"""A front-end team with the mock alone: a page of another origin signs up, posts, lists and edits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from contractgen.commands.serving import served
from contractgen.document.load import Document, load
from contractgen.mock.application import create_mock
from contractgen.mock.browsers import admit_browsers
from tests.browser.chromium import Tab
from tests.contract.document import PATH
from tests.contractgen.mock.shop import CHAIR, SHOP
from tests.contractgen.packages import read_document

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """The address of the front end, an origin of its own."""
    with served(Starlette(routes=[Mount("/", StaticFiles(directory=FOLDER))])) as address:
        yield f"{address}/page.html"


@contextmanager
def mocked(document: Document, folder: Path, *origins: str) -> Iterator[str]:
    mock = create_mock(document, folder)
    admit_browsers(mock.app, mock.contract, origins)
    with served(mock.app) as address:
        yield address


class FrontEnd:
    """The page in its tab; every call is a `fetch` of the page to the mock."""

    def __init__(self, tab: Tab, base: str) -> None:
        self.tab = tab
        self.base = base
        self.token = ""

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"token": self.token, "headers": headers}
        arguments = [self.base, method, path, given if body is None else given | {"body": body}]
        return await self.tab.page.evaluate("(given) => send(...given)", arguments)

    async def show(self, items: Any, name: str) -> None:
        await self.tab.page.evaluate("(given) => show(...given)", [items, name])

    async def expect_items(self, *texts: str) -> None:
        await expect(self.tab.page.locator("#items li")).to_have_text(list(texts))


@pytest.fixture(scope="module")
def pressroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mocked(load(Path(PATH)), tmp_path_factory.mktemp("mock")) as address:
        yield address


def paths() -> dict[str, str]:
    """Return the paths of the project's contract by the names of their operations, in lower case."""
    document = load(Path(PATH)).value
    return {
        operation["operationId"].replace("_", "").lower(): path
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict)
    }


async def test_a_page_signs_up_posts_lists_and_edits(tab: Tab, page: str, pressroom: str) -> None:
    at = paths()
    front = FrontEnd(tab, pressroom)
    await tab.page.goto(page)
    account = {"email": "grace@example.com", "password": "compiler of compilers", "full_name": "Grace Hopper"}
    signed_up = await front.send("POST", at["registeruser"], account)
    assert (signed_up["status"], signed_up["body"]["full_name"]) == (201, "Grace Hopper")
    user = signed_up["headers"]["location"]
    credentials = {name: account[name] for name in ("email", "password")}
    front.token = (await front.send("POST", at["login"], credentials))["body"]["access_token"]
    assert (await front.send("GET", user))["body"] == signed_up["body"]

    made = await front.send("POST", at["createpost"], {"title": "Compilers", "content": "Programs."})
    assert (made["status"], bool(made["headers"]["x-request-id"])) == (201, True)
    post = made["headers"]["location"]
    listed = (await front.send("GET", at["listposts"]))["body"]
    await front.show(listed["items"][:1], "title")
    await front.expect_items("Compilers")

    edit = {"title": "On compilers"}
    edited = await front.send("PATCH", post, edit, **{"If-Match": made["headers"]["etag"]})
    assert (edited["status"], edited["body"]["title"]) == (200, "On compilers")
    assert edited["headers"]["etag"] != made["headers"]["etag"]
    first = (await front.send("GET", f"{at['listposts']}?limit=1"))["body"]
    rest = (await front.send("GET", f"{at['listposts']}?limit=1&cursor={first['next_cursor']}"))["body"]
    await front.show([*first["items"], *rest["items"]], "title")
    await front.expect_items("On compilers", "Notes on the Analytical Engine")

    assert tab.origins == {page.removesuffix("/page.html"), pressroom}
    assert tab.errors == []


async def test_a_page_provokes_failures(tab: Tab, page: str, pressroom: str) -> None:
    """The console reports every failed load, and nothing about CORS: the page can read the responses."""
    path = paths()["listposts"]
    front = FrontEnd(tab, pressroom)
    await tab.page.goto(page)
    slow = await front.send("GET", path, Prefer="code=503, delay=200")
    assert (slow["status"], slow["headers"]["preference-applied"]) == (503, "code=503, delay=200")
    assert int(slow["headers"]["retry-after"]) > 0
    unknown = await front.send("GET", path, Prefer="code=418")
    assert (unknown["status"], "declares the statuses" in unknown["body"]["detail"]) == (400, True)
    assert len(tab.errors) == 2
    assert all("Failed to load resource" in each for each in tab.errors)


async def test_a_page_of_an_origin_that_is_not_admitted(tab: Tab, page: str, tmp_path: Path) -> None:
    with mocked(read_document(tmp_path, SHOP), tmp_path, "http://localhost:3000") as address:
        front = FrontEnd(tab, address)
        await tab.page.goto(page)
        with pytest.raises(Error, match="Failed to fetch"):
            await front.send("GET", "/v1/products")
    assert "blocked by CORS policy" in tab.errors[0]


async def test_a_page_of_another_contract(tab: Tab, page: str, tmp_path: Path) -> None:
    with mocked(read_document(tmp_path, SHOP), tmp_path) as address:
        front = FrontEnd(tab, f"{address}/v1")
        await tab.page.goto(page)
        table = {"sku": "TB-07", "name": "Table", "price": 90}
        assert (await front.send("POST", "/products", table))["body"] == table
        await front.send("PATCH", "/products/TB-07", {"name": "Long table"})
        await front.show((await front.send("GET", "/products"))["body"], "name")
        await front.expect_items("Long table", CHAIR["name"])
        assert (await front.send("DELETE", "/products/TB-07"))["status"] == 204
        await front.show((await front.send("GET", "/products"))["body"], "name")
        await front.expect_items(CHAIR["name"])
        order = (await front.send("POST", "/orders", {"status": "open"}))["headers"]["location"]
        assert (await front.send("GET", order.removeprefix("/v1")))["status"] == 200
        assert tab.origins == {page.removesuffix("/page.html"), address}
        assert tab.errors == []


@pytest.mark.parametrize(("path", "shown"), [("/docs", ".opblock"), ("/redoc", "[data-section-id]")])
async def test_the_documentation_asks_no_other_host(tab: Tab, pressroom: str, path: str, shown: str) -> None:
    await tab.page.goto(pressroom + path)
    await expect(tab.page.locator(shown).first).to_be_visible()
    await tab.page.wait_for_load_state("networkidle")
    assert (tab.origins, tab.errors) == ({pressroom}, [])
