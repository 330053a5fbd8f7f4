"""Who may do what: every operation, asked by everybody."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL, VERIFICATION_MAIL
from pressroom.credentials.tables import EMAIL_CHANGE_MAIL, EMAIL_UNDO_MAIL
from pressroom.notifications.queries import insert_notification
from tests.contract.document import OPERATIONS
from tests.service import (
    ANY_VERSION,
    PASSWORD,
    Actor,
    MakeAddressToken,
    MakeMailedToken,
    MakePost,
    MakeSession,
    MakeUser,
)

# `owner` is the account that is asked for, or the author of the post; `other` is somebody else.
# `deactivated` and `demoted` were admins when their tokens were issued.
TABLE = """
                         anonymous other owner moderator admin deactivated demoted

livez                          200   200   200       200   200         200     200
readyz                         200   200   200       200   200         200     200
register_user                  201   201   201       201   201         201     201
login                          200   200   200       200   200         200     200
refresh_session                200   200   200       200   200         200     200
logout                         401   204   204       204   204         401     204
logout_everywhere              401   204   204       204   204         401     204
list_sessions                  401   200   200       200   200         401     200
revoke_session                 401   404   204       404   404         401     404
revoke_session/unknown         401   404   404       404   404         401     404
change_password                401   204   204       204   204         401     204
request_password_reset         202   202   202       202   202         202     202
reset_password                 204   204   204       204   204         204     204
reset_password/unknown         404   404   404       404   404         404     404
request_email_verification     202   202   202       202   202         202     202
verify_email                   204   204   204       204   204         204     204
verify_email/unknown           404   404   404       404   404         404     404
request_email_change           401   202   202       202   202         401     202
confirm_email_change           204   204   204       204   204         204     204
confirm_email_change/unknown   404   404   404       404   404         404     404
undo_email_change              204   204   204       204   204         204     204
undo_email_change/unknown      404   404   404       404   404         404     404
get_me                         401   200   200       200   200         401     200
list_users                     401   403   403       403   200         401     403
get_user                       401   403   200       403   200         401     403
get_user/unknown               401   403   403       403   404         401     403
delete_me                      401   204   204       204   409         401     204
create_user                    401   403   403       403   201         401     403
update_user                    401   403   200       403   200         401     403
update_user/role               401   403   403       403   200         401     403
update_user/unknown            401   403   403       403   404         401     403
notify_user                    401   403   403       403   202         401     403
notify_user/unknown            401   403   403       403   404         401     403
get_notification               401   403   403       403   200         401     403
get_notification/unknown       401   403   403       403   404         401     403
list_posts                     200   200   200       200   200         401     200
create_post                    401   201   201       201   201         401     201
get_post                       200   200   200       200   200         401     200
get_post/draft                 404   404   200       404   200         401     404
get_post/unknown               404   404   404       404   404         401     404
update_post                    401   403   200       403   200         401     403
update_post/draft              401   404   200       404   200         401     404
update_post/unknown            401   404   404       404   404         401     404
delete_post                    401   403   204       403   204         401     403
delete_post/draft              401   404   204       404   204         401     404
delete_post/unknown            401   404   404       404   404         401     404
delete_post/hidden             401   404   204       403   204         401     404
get_post/hidden                404   404   200       200   200         401     404
update_post/hidden             401   404   200       403   200         401     404
publish_post                   401   403   200       403   200         401     403
publish_post/draft             401   404   200       404   200         401     404
publish_post/hidden            401   404   200       403   200         401     404
publish_post/unknown           401   404   404       404   404         401     404
unpublish_post                 401   403   200       403   200         401     403
unpublish_post/draft           401   404   200       404   200         401     404
unpublish_post/hidden          401   404   200       403   200         401     404
unpublish_post/unknown         401   404   404       404   404         401     404
hide_post                      401   403   403       200   200         401     403
hide_post/draft                401   403   403       404   200         401     403
hide_post/hidden               401   403   403       200   200         401     403
hide_post/unknown              401   403   403       404   404         401     403
unhide_post                    401   403   403       200   200         401     403
unhide_post/draft              401   403   403       404   200         401     403
unhide_post/hidden             401   403   403       200   200         401     403
unhide_post/unknown            401   403   403       404   404         401     403
list_user_posts                200   200   200       200   200         401     200
list_user_posts/unknown        200   200   200       200   200         401     200
list_audit_events              401   403   403       403   200         401     403
"""
ACTORS, *ROWS = [line.split() for line in TABLE.splitlines() if line]
UNKNOWN = "01939f6e-0000-7000-8000-000000000000"
BODIES: dict[str, dict[str, object]] = {
    "register_user": {"email": "new@example.com", "password": PASSWORD, "full_name": "New Account"},
    "login": {"email": "owner@example.com", "password": PASSWORD},
    "change_password": {"old_password": PASSWORD, "new_password": "difference engine"},
    "request_password_reset": {"email": "owner@example.com"},
    "reset_password": {"token": "x" * 43, "new_password": PASSWORD},
    "request_email_verification": {"email": "owner@example.com"},
    "verify_email": {"token": "x" * 43},
    "request_email_change": {"password": PASSWORD, "new_email": "new@example.com"},
    "confirm_email_change": {"token": "x" * 43},
    "undo_email_change": {"token": "x" * 43},
    "delete_me": {"password": PASSWORD, "posts": "delete"},
    "create_user": {"password": PASSWORD, "full_name": "New Account", "role": "moderator"},
    "update_user": {"full_name": "Ada King"},
    "update_user/role": {"role": "user"},
    "notify_user": {"subject": "Welcome", "body": "Good to have you here."},
    "create_post": {"title": "Notes", "content": "Some text."},
    "update_post": {"title": "Other notes"},
    "hide_post": {"reason": "Advertising."},
}

PURPOSES = {"reset_password": RESET_MAIL, "verify_email": VERIFICATION_MAIL}
ADDRESS_PURPOSES = {"confirm_email_change": EMAIL_CHANGE_MAIL, "undo_email_change": EMAIL_UNDO_MAIL}

Ask = Callable[[str, Actor | None], Awaitable[int]]


@pytest.fixture
async def owner(make_user: MakeUser) -> Actor:
    return await make_user(email="owner@example.com")


@pytest.fixture
def ask(
    client: httpx.AsyncClient,
    owner: Actor,
    make_post: MakePost,
    make_session: MakeSession,
    make_mailed_token: MakeMailedToken,
    make_address_token: MakeAddressToken,
    database: Database,
) -> Ask:
    """The status of a row's request, on a fresh post and a fresh session of the owner."""

    async def ask(row: str, caller: Actor | None) -> int:
        name, _, variant = row.partition("/")
        operation = OPERATIONS[name]
        hidden_reason = "Advertising." if variant == "hidden" else None
        post = await make_post(owner, is_published=variant != "draft", hidden_reason=hidden_reason)
        session = await make_session(owner) if name in {"refresh_session", "revoke_session"} else owner
        ids = {"user_id": str(owner.id), "post_id": str(post["id"]), "session_id": str(session.session_id)}
        ids["notification_id"] = str(await notify(database, owner))
        if variant == "unknown":
            ids = dict.fromkeys(ids, UNKNOWN)
        body = dict(BODIES.get(row) or BODIES.get(name) or {})
        if name in {"register_user", "create_user"}:
            body["email"] = f"{post['id'].hex[-12:]}@example.com"
        if name in PURPOSES and not variant:
            body["token"] = await make_mailed_token(owner, PURPOSES[name])
        if name in ADDRESS_PURPOSES and not variant:
            email = f"{post['id'].hex[-12:]}@example.com"
            body["token"] = await make_address_token(owner, ADDRESS_PURPOSES[name], email)
        if name == "refresh_session":
            body["refresh_token"] = session.refresh_token
        answer = await client.request(
            operation.method,
            operation.path.format(**ids),
            json=body or None,
            headers=ANY_VERSION if 412 in operation.responses else None,
            auth=caller,
        )
        return answer.status_code

    return ask


async def notify(database: Database, receiver: Actor) -> UUID:
    async with database.transaction() as unit:
        return (await insert_notification(unit, user_id=receiver.id, subject="Hello", body="Text."))["id"]


def test_every_operation_has_a_row() -> None:
    assert {name.partition("/")[0] for name, *_ in ROWS} == set(OPERATIONS)
    assert {len(statuses) for _, *statuses in ROWS} == {len(ACTORS)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
async def test_row(row: list[str], ask: Ask, owner: Actor, actors: dict[str, Actor]) -> None:
    name, *expected = row
    callers: dict[str, Actor | None] = {**actors, "owner": owner, "anonymous": None}
    found = {actor: await ask(name, callers[actor]) for actor in ACTORS}
    assert found == dict(zip(ACTORS, map(int, expected), strict=True))
