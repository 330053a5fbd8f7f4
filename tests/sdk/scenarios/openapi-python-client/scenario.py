"""Every operation and every problem through the client that openapi-python-client writes."""

from typing import Any, TypeVar

from pressroom_client import AuthenticatedClient, Client
from pressroom_client.api.audit import list_audit_events
from pressroom_client.api.auth import (
    list_sessions,
    login,
    logout,
    logout_everywhere,
    refresh_session,
    register_user,
    revoke_session,
)
from pressroom_client.api.credentials import (
    change_password,
    confirm_email_change,
    request_email_change,
    request_email_verification,
    request_password_reset,
    reset_password,
    undo_email_change,
    verify_email,
)
from pressroom_client.api.health import livez, readyz
from pressroom_client.api.notifications import get_notification, notify_user
from pressroom_client.api.posts import (
    create_post,
    delete_post,
    get_post,
    hide_post,
    list_posts,
    list_user_posts,
    publish_post,
    unhide_post,
    unpublish_post,
    update_post,
)
from pressroom_client.api.users import create_user, delete_me, get_me, get_user, list_users, update_user
from pressroom_client.models import (
    AccountDeletion,
    AuditAction,
    Credentials,
    EmailChange,
    EmailChangeConfirmation,
    EmailChangeUndo,
    EmailVerification,
    Hiding,
    MailRequest,
    NotificationMessage,
    PasswordChange,
    PasswordReset,
    Post,
    PostCreation,
    PostsOfDeleted,
    PostUpdate,
    Problem,
    ProblemType,
    RefreshRequest,
    Registration,
    Role,
    Tokens,
    User,
    UserCreation,
    UserOrder,
    UserUpdate,
    ViolationLocation,
)
from pressroom_client.types import Response
from support import ADMIN_EMAIL, ADMIN_PASSWORD, BASE, UNKNOWN_ID, equal, mailed_token

T = TypeVar("T")
PASSWORD, NEW_PASSWORD = "analytical engine", "difference engine"
EMAIL = "ada@example.com"


def body(response: Response[T | Problem]) -> T:
    parsed = response.parsed
    if parsed is None or isinstance(parsed, Problem):
        raise AssertionError(f"{response.status_code}: {parsed}")
    return parsed


def body_of(kind: type[T], response: Response[Any]) -> T:
    """Return the body of an operation that may also answer without one: the client has Any for that."""
    parsed = response.parsed
    if isinstance(parsed, kind):
        return parsed
    raise AssertionError(f"{response.status_code}: {parsed}")


def done(response: Response[Any], status: int) -> None:
    equal(response.status_code, status)


def rejected(response: Response[Any], status: int, kind: ProblemType) -> Problem:
    problem = body_of(Problem, response)
    equal((response.status_code, problem.status, problem.type_), (status, status, kind))
    return problem


def authenticated(tokens: Tokens) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=BASE, token=tokens.access_token)


def log_in(email: str, password: str) -> Tokens:
    return body(login.sync_detailed(client=anonymous, body=Credentials(email=email, password=password)))


def register(key: str, email: str = EMAIL, password: str = PASSWORD, full_name: str = "Ada Lovelace") -> Any:
    account = Registration(email=email, password=password, full_name=full_name)
    return register_user.sync_detailed(client=anonymous, body=account, idempotency_key=key)


def change(old_password: str) -> Response[Any]:
    passwords = PasswordChange(old_password=old_password, new_password=NEW_PASSWORD)
    return change_password.sync_detailed(client=first, body=passwords)


def rename() -> Response[Problem | User]:
    return update_user.sync_detailed(
        me.id, client=author, if_match=version, body=UserUpdate(full_name="Ada King")
    )


def write(title: str) -> Response[Problem | Post]:
    post = PostCreation(title=title, content="It can do whatever we know how to order it to perform.")
    return create_post.sync_detailed(client=author, body=post, idempotency_key=title)


def rewrite(content: str, if_match: str) -> Response[Problem | Post]:
    return update_post.sync_detailed(
        notes, client=author, if_match=if_match, body=PostUpdate(content=content)
    )


anonymous = Client(base_url=BASE)

# The service
equal(body(livez.sync_detailed(client=anonymous)).status, "ok")
equal(body(readyz.sync_detailed(client=anonymous)).status, "ok")

# An account
registered = register("ada")
ada = body_of(User, registered)
equal(registered.headers["Location"], f"/api/v1/users/{ada.id}")
equal(body_of(User, register("ada")).id, ada.id)
rejected(register("ada", full_name="Ada King"), 409, ProblemType.IDEMPOTENCY_KEY_REUSED)
rejected(register("ada-again"), 409, ProblemType.EMAIL_TAKEN)
rejected(register("common", password="password1234"), 409, ProblemType.COMMON_PASSWORD)
invalid = rejected(register("invalid", email="ada"), 422, ProblemType.ABOUT_BLANK)
equal([(each.location, each.pointer) for each in invalid.errors or ()], [(ViolationLocation.BODY, "/email")])

mail = MailRequest(email=EMAIL)
done(request_email_verification.sync_detailed(client=anonymous, body=mail), 202)
verification = EmailVerification(token=mailed_token(EMAIL, "verify-email", 2))
done(verify_email.sync_detailed(client=anonymous, body=verification), 204)
again = verify_email.sync_detailed(client=anonymous, body=verification)
rejected(again, 404, ProblemType.TOKEN_NOT_FOUND)

# Sessions
wrong = login.sync_detailed(client=anonymous, body=Credentials(email=EMAIL, password=NEW_PASSWORD))
rejected(wrong, 401, ProblemType.INVALID_CREDENTIALS)
stranger = AuthenticatedClient(base_url=BASE, token="none")
rejected(get_me.sync_detailed(client=stranger), 401, ProblemType.ABOUT_BLANK)
to_refresh = RefreshRequest(refresh_token=log_in(EMAIL, PASSWORD).refresh_token)
first = authenticated(body(refresh_session.sync_detailed(client=anonymous, body=to_refresh)))
unknown = refresh_session.sync_detailed(client=anonymous, body=RefreshRequest(refresh_token="x" * 43))
rejected(unknown, 401, ProblemType.INVALID_REFRESH_TOKEN)
log_in(EMAIL, PASSWORD)
sessions = body(list_sessions.sync_detailed(client=first)).items
(second,) = [each.id for each in sessions if not each.is_current]
done(revoke_session.sync_detailed(second, client=first), 204)
rejected(revoke_session.sync_detailed(second, client=first), 404, ProblemType.SESSION_NOT_FOUND)

# Passwords
rejected(change("not the password"), 403, ProblemType.WRONG_PASSWORD)
done(change(PASSWORD), 204)
done(logout.sync_detailed(client=first), 204)
done(request_password_reset.sync_detailed(client=anonymous, body=mail), 202)
reset = PasswordReset(token=mailed_token(EMAIL, "reset-password"), new_password=PASSWORD)
done(reset_password.sync_detailed(client=anonymous, body=reset), 204)
done(logout_everywhere.sync_detailed(client=authenticated(log_in(EMAIL, PASSWORD))), 204)

# Another address, and back
mover = authenticated(log_in(EMAIL, PASSWORD))
move = EmailChange(password=PASSWORD, new_email="ada@example.org")
done(request_email_change.sync_detailed(client=mover, body=move, idempotency_key="move"), 202)
confirmation = EmailChangeConfirmation(token=mailed_token("ada@example.org", "change-email"))
done(confirm_email_change.sync_detailed(client=anonymous, body=confirmation), 204)
undo = EmailChangeUndo(token=mailed_token(EMAIL, "undo-email-change"))
done(undo_email_change.sync_detailed(client=anonymous, body=undo), 204)

# The account's own data
author = authenticated(log_in(EMAIL, PASSWORD))
got = get_me.sync_detailed(client=author)
me = body_of(User, got)
version = f'"{me.version}"'
equal(got.headers["ETag"], version)
done(get_me.sync_detailed(client=author, if_none_match=version), 304)
done(get_user.sync_detailed(me.id, client=author, if_none_match=version), 304)
equal(body(rename()).display_name, f"Ada King ({EMAIL})")
rejected(rename(), 412, ProblemType.VERSION_MISMATCH)

# Posts
draft = body(write("Notes"))
notes, etag = draft.id, f'"{draft.version}"'
equal(draft.published_at, None)
equal(body(write("Notes")).id, notes)
equal(body_of(Post, get_post.sync_detailed(notes, client=author)).title, "Notes")
done(get_post.sync_detailed(notes, client=author, if_none_match=etag), 304)
rejected(get_post.sync_detailed(notes, client=anonymous), 404, ProblemType.POST_NOT_FOUND)
equal(body(rewrite("It originates nothing.", etag)).content, "It originates nothing.")
rejected(rewrite("x" * 300_000, "*"), 413, ProblemType.ABOUT_BLANK)
equal(body(publish_post.sync_detailed(notes, client=author)).is_published, True)
equal(body(unpublish_post.sync_detailed(notes, client=author)).is_published, False)
body(publish_post.sync_detailed(notes, client=author))
more = body(write("More")).id
body(publish_post.sync_detailed(more, client=author))
page = body(list_posts.sync_detailed(client=anonymous, limit=1))
if page.next_cursor is None:
    raise AssertionError("the feed has one page only")
rest = body(list_posts.sync_detailed(client=anonymous, limit=1, cursor=page.next_cursor))
equal([each.title for each in page.items + rest.items], ["More", "Notes"])
foreign = list_posts.sync_detailed(client=anonymous, cursor="bm90LWEtY3Vyc29y")
rejected(foreign, 404, ProblemType.CURSOR_NOT_FOUND)
equal(len(body(list_user_posts.sync_detailed(me.id, client=anonymous)).items), 2)
done(delete_post.sync_detailed(more, client=author, if_match="*"), 204)

# Administration
root = log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
office = authenticated(root)
moderator = UserCreation(
    email="grace@example.com", password="nanoseconds of wire", full_name="Grace Hopper", role=Role.MODERATOR
)
grace = body(create_user.sync_detailed(client=office, body=moderator, idempotency_key="grace"))
equal(body_of(User, get_user.sync_detailed(grace.id, client=office)).role, Role.MODERATOR)
rejected(get_user.sync_detailed(UNKNOWN_ID, client=office), 404, ProblemType.USER_NOT_FOUND)
found = list_users.sync_detailed(
    client=office, role=Role.MODERATOR, is_active=True, sort=UserOrder.FULL_NAME_DESCENDING, q="grace", size=5
)
equal(body(found).total, 1)
rejected(list_users.sync_detailed(client=author), 403, ProblemType.ABOUT_BLANK)
demoted = update_user.sync_detailed(
    root.user.id, client=office, if_match="*", body=UserUpdate(role=Role.USER)
)
rejected(demoted, 409, ProblemType.LAST_ADMIN)

# Moderation
guard = authenticated(log_in(grace.email, moderator.password))
hidden = body(hide_post.sync_detailed(notes, client=guard, body=Hiding(reason="Advertising.")))
equal(hidden.hidden_reason, "Advertising.")
equal(body(unhide_post.sync_detailed(notes, client=guard)).hidden_reason, None)

# Notifications and the audit trail
welcome = NotificationMessage(subject="Welcome", body="Good to have you here.")
queued = body(notify_user.sync_detailed(grace.id, client=office, body=welcome, idempotency_key="welcome"))
equal(body(get_notification.sync_detailed(queued.id, client=office)).subject, "Welcome")
lost = get_notification.sync_detailed(UNKNOWN_ID, client=office)
rejected(lost, 404, ProblemType.NOTIFICATION_NOT_FOUND)
events = body(list_audit_events.sync_detailed(client=office, action=AuditAction.POST_HIDDEN))
equal([each.subject_id for each in events.items], [notes])

# The end: the account is deleted, and a quota spent
deletion = AccountDeletion(password=PASSWORD, posts=PostsOfDeleted.DELETE)
done(delete_me.sync_detailed(client=author, body=deletion), 204)
guess = Credentials(email=grace.email, password="no idea")
while (answer := login.sync_detailed(client=anonymous, body=guess)).status_code == 401:
    pass
rejected(answer, 429, ProblemType.TOO_MANY_REQUESTS)
equal(int(answer.headers["Retry-After"]) > 0, True)
