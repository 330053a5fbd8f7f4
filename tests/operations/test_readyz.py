import httpx

from tests.faults.outage import database_away
from tests.service import violations


async def test_answers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_says_that_the_database_is_away_and_recovers_without_a_restart(
    client: httpx.AsyncClient, database_url: str
) -> None:
    assert (await client.get("/readyz")).status_code == 200
    async with database_away(database_url):
        for _ in range(2):
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["title"] == "Service Unavailable"
    assert (await client.get("/readyz")).status_code == 200


async def test_unknown_parameter_is_refused(client: httpx.AsyncClient) -> None:
    assert violations(await client.get("/readyz?verbose=1")) == [("query", "/verbose")]
