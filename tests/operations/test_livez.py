import httpx

from tests.faults.outage import database_away
from tests.service import violations


async def test_answers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_depends_on_nothing(client: httpx.AsyncClient, database_url: str) -> None:
    async with database_away(database_url):
        assert (await client.get("/livez")).status_code == 200


async def test_unknown_parameter_is_refused(client: httpx.AsyncClient) -> None:
    assert violations(await client.get("/livez?verbose=1")) == [("query", "/verbose")]
