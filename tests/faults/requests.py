"""A request of each operation, with what it needs."""

from uuid import UUID

import httpx

from contractgen_runtime.postgres.tables import new_id
from tests.contract.document import OPERATIONS
from tests.service import ANY_VERSION, PASSWORD, Actor

BODIES: dict[str, dict[str, object]] = {
    "register_user": {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"},
    "login": {"email": "ada@example.com", "password": PASSWORD},
    "change_password": {"old_password": "a wrong one", "new_password": "difference engine"},
    "request_password_reset": {"email": "ada@example.com"},
    "reset_password": {"token": "x" * 43, "new_password": "difference engine"},
    "request_email_verification": {"email": "ada@example.com"},
    "verify_email": {"token": "x" * 43},
    "request_email_change": {"password": "a wrong one", "new_email": "new@example.com"},
    "confirm_email_change": {"token": "x" * 43},
    "undo_email_change": {"token": "x" * 43},
    "refresh_session": {"refresh_token": "x" * 43},
    "delete_me": {"password": "a wrong one", "posts": "keep"},
    "create_user": {"email": "new@example.com", "password": PASSWORD, "full_name": "New", "role": "user"},
    "update_user": {"full_name": "Ada King"},
    "notify_user": {"subject": "Welcome", "body": "Good to have you here."},
    "create_post": {"title": "Notes", "content": "Some text."},
    "update_post": {"title": "Other notes"},
    "hide_post": {"reason": "Advertising."},
}


async def ask(
    client: httpx.AsyncClient, operation: str, caller: Actor, *, post_id: UUID | None = None, **changes: str
) -> httpx.Response:
    """Send the operation's request, with a post and properties of the body where they are given."""
    declared = OPERATIONS[operation]
    path = declared.path.format(
        user_id=caller.id, post_id=post_id or new_id(), session_id=new_id(), notification_id=new_id()
    )
    body = BODIES.get(operation)
    return await client.request(
        declared.method, path, json=body and body | changes, headers=ANY_VERSION, auth=caller
    )
