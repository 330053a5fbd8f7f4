import httpx

from tests.service import Actor, MakeSession

PATH = "/api/v1/auth/logout-everywhere"
ME = "/api/v1/users/me"


async def test_every_session_of_the_caller_ends(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_session: MakeSession
) -> None:
    sessions = [user, *[await make_session(user) for _ in range(3)]]
    assert (await client.post(PATH, auth=sessions[1])).status_code == 204
    for session in sessions:
        assert (await client.get(ME, auth=session)).status_code == 401
        refresh = await client.post("/api/v1/auth/refresh", json={"refresh_token": session.refresh_token})
        assert refresh.status_code == 401
    assert (await client.get(ME, auth=other)).status_code == 200


async def test_it_is_told_in_the_audit_trail(client: httpx.AsyncClient, user: Actor, admin: Actor) -> None:
    await client.post(PATH, auth=user)
    events = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert [(event["action"], event["actor_id"]) for event in events] == [("sessions_revoked", str(user.id))]
