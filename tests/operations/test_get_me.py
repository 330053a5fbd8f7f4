import httpx
import jwt
import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer
from pressroom.users.queries import update_user
from tests.service import Actor, violations

PATH = "/api/v1/users/me"


async def test_own_account(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.get(PATH, auth=user)
    assert answer.status_code == 200
    assert answer.json()["id"] == str(user.id)
    assert answer.json()["display_name"] == f"Ada Lovelace ({user.email})"


async def test_account_is_read_anew_each_time(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    assert (await client.get(PATH, auth=user)).json()["role"] == "user"
    async with database.transaction() as unit:
        await update_user(unit, user.id, role="moderator", full_name="Ada King")
    now = (await client.get(PATH, auth=user)).json()
    assert (now["role"], now["full_name"]) == ("moderator", "Ada King")


async def test_scheme_is_known_in_every_case(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.get(PATH, headers={"authorization": f"bEARER {user.token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRhOmFkYQ==",
        "{token}",
        "Bearer {token}x",
        "Bearer  {token}",
        "Token {token}",
    ],
)
async def test_no_valid_token(client: httpx.AsyncClient, user: Actor, authorization: str) -> None:
    answer = await client.get(PATH, headers={"authorization": authorization.format(token=user.token)})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_no_header_at_all(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 401


async def test_two_headers_are_none(client: httpx.AsyncClient, user: Actor, admin: Actor) -> None:
    pairs = [("authorization", f"Bearer {actor.token}") for actor in (user, admin)]
    assert (await client.get(PATH, headers=pairs)).status_code == 401


async def test_token_that_others_made(
    client: httpx.AsyncClient, user: Actor, other: Actor, settings: Settings
) -> None:
    claims = jwt.decode(user.token, options={"verify_signature": False})
    header = jwt.get_unverified_header(user.token)
    secret = settings.token_secret.get_secret_value()

    def encode(key: str = secret, algorithm: str = "HS256", **changed: object) -> str:
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode(kept, key, algorithm, header | {"alg": algorithm})

    forged = [
        encode("another secret of thirty-two bytes or more"),
        encode(secret * 2, "HS512"),
        encode("", "none"),
        encode(exp=claims["iat"] - 6),
        encode(aud="somebody else"),
        encode(exp=None),
        encode(sub=str(other.id)),
        encode(sub=str(new_id())),
    ]
    for token, status in [(encode(), 200), *((each, 401) for each in forged)]:
        answer = await client.get(PATH, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == status, token


async def test_token_of_no_account(client: httpx.AsyncClient, settings: Settings) -> None:
    token = TokenIssuer(settings).issue(new_id(), new_id())
    assert (await client.get(PATH, headers={"authorization": f"Bearer {token}"})).status_code == 401


async def test_token_of_a_deactivated_account(client: httpx.AsyncClient, deactivated: Actor) -> None:
    assert (await client.get(PATH, auth=deactivated)).status_code == 401


async def test_unknown_parameter_is_refused(client: httpx.AsyncClient, user: Actor) -> None:
    assert violations(await client.get(PATH, params={"fields": "email"}, auth=user)) == [("query", "/fields")]


async def test_what_a_client_has_is_not_sent_again(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    known = {"if-none-match": (await client.get(PATH, auth=user)).headers["etag"]}
    answer = await client.get(PATH, headers=known, auth=user)
    assert (answer.status_code, answer.content) == (304, b"")
    async with database.transaction() as unit:
        await update_user(unit, user.id, full_name="Ada King")
    assert (await client.get(PATH, headers=known, auth=user)).status_code == 200
