"""Every operation and every problem through the Python client that openapi-generator writes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pressroom_sdk import (
    AccountDeletion,
    ApiClient,
    ApiException,
    AuditAction,
    AuditApi,
    AuthApi,
    Configuration,
    Credentials,
    CredentialsApi,
    EmailChange,
    EmailChangeConfirmation,
    EmailChangeUndo,
    EmailVerification,
    HealthApi,
    Hiding,
    MailRequest,
    NotificationMessage,
    NotificationsApi,
    PasswordChange,
    PasswordReset,
    Post,
    PostCreation,
    PostsApi,
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
    UsersApi,
    UserUpdate,
    ViolationLocation,
)
from support import ADMIN_EMAIL, ADMIN_PASSWORD, BASE, UNKNOWN_ID, equal, mailed_token

PASSWORD, NEW_PASSWORD = "analytical engine", "difference engine"
EMAIL = "ada@example.com"


class Caller:
    """The operations by tag, as one account calls them or, without a token, as nobody."""

    def __init__(self, token: str | None = None) -> None:
        client = ApiClient(Configuration(host=BASE, access_token=token))
        self.audit, self.auth, self.credentials = AuditApi(client), AuthApi(client), CredentialsApi(client)
        self.health, self.notifications = HealthApi(client), NotificationsApi(client)
        self.posts, self.users = PostsApi(client), UsersApi(client)


@contextmanager
def rejected(status: int, kind: ProblemType) -> Iterator[list[Problem]]:
    """Check that what is called within is rejected; yield a list that then has the problem."""
    problems: list[Problem] = []
    try:
        yield problems
    except ApiException as error:
        if not isinstance(error.data, Problem):
            raise
        equal((error.status, error.data.status, error.data.type), (status, status, kind))
        problems.append(error.data)
    equal(len(problems), 1)


@contextmanager
def unchanged() -> Iterator[None]:
    """Check that what is called within is answered with 304, which the client takes for an error."""
    try:
        yield
    except ApiException as error:
        equal(error.status, 304)
    else:
        raise AssertionError("not 304")


def header(headers: Mapping[str, str] | None, name: str) -> str:
    """Return a header by its name in lower case: the client keeps the letters that the server sends."""
    return (headers or {})[name]


def log_in(email: str, password: str) -> Tokens:
    return anonymous.auth.login(Credentials(email=email, password=password))


def register(key: str, password: str = PASSWORD, full_name: str = "Ada Lovelace") -> User:
    account = Registration(email=EMAIL, password=password, full_name=full_name)
    return anonymous.auth.register_user(account, idempotency_key=key)


def change(old_password: str) -> None:
    first.credentials.change_password(PasswordChange(old_password=old_password, new_password=NEW_PASSWORD))


def rename() -> User:
    return author.users.update_user(
        user_id=ada.id, if_match=version, user_update=UserUpdate(full_name="Ada King")
    )


def write(title: str) -> Post:
    post = PostCreation(title=title, content="It can do whatever we know how to order it to perform.")
    return author.posts.create_post(post, idempotency_key=title)


anonymous = Caller()

# The service
equal(anonymous.health.livez().status, "ok")
equal(anonymous.health.readyz().status, "ok")

# An account
registration = Registration(email=EMAIL, password=PASSWORD, full_name="Ada Lovelace")
registered = anonymous.auth.register_user_with_http_info(registration, idempotency_key="ada")
ada = registered.data
equal(header(registered.headers, "location"), f"/api/v1/users/{ada.id}")
equal(register("ada").id, ada.id)
with rejected(409, ProblemType.IDEMPOTENCY_KEY_REUSED):
    register("ada", full_name="Ada King")
with rejected(409, ProblemType.EMAIL_TAKEN):
    register("ada-again")
with rejected(409, ProblemType.COMMON_PASSWORD):
    register("common", password="password1234")
with rejected(422, ProblemType.ABOUT_BLANK) as problems:
    # The client checks values itself; this is how it is told not to.
    invalid = Registration.model_construct(email="ada", password=PASSWORD, full_name="Ada Lovelace")
    anonymous.auth.register_user(invalid)
equal(
    [(each.location, each.pointer) for each in problems[0].errors or ()], [(ViolationLocation.BODY, "/email")]
)

anonymous.credentials.request_email_verification(MailRequest(email=EMAIL))
verification = EmailVerification(token=mailed_token(EMAIL, "verify-email", 2))
anonymous.credentials.verify_email(verification)
with rejected(404, ProblemType.TOKEN_NOT_FOUND):
    anonymous.credentials.verify_email(verification)

# Sessions
with rejected(401, ProblemType.INVALID_CREDENTIALS):
    log_in(EMAIL, NEW_PASSWORD)
with rejected(401, ProblemType.ABOUT_BLANK):
    anonymous.users.get_me()
to_refresh = RefreshRequest(refresh_token=log_in(EMAIL, PASSWORD).refresh_token)
first = Caller(anonymous.auth.refresh_session(to_refresh).access_token)
with rejected(401, ProblemType.INVALID_REFRESH_TOKEN):
    anonymous.auth.refresh_session(RefreshRequest(refresh_token="x" * 43))
log_in(EMAIL, PASSWORD)
(second,) = [each.id for each in first.auth.list_sessions().items if not each.is_current]
first.auth.revoke_session(second)
with rejected(404, ProblemType.SESSION_NOT_FOUND):
    first.auth.revoke_session(second)

# Passwords
with rejected(403, ProblemType.WRONG_PASSWORD):
    change("not the password")
change(PASSWORD)
first.auth.logout()
anonymous.credentials.request_password_reset(MailRequest(email=EMAIL))
reset = PasswordReset(token=mailed_token(EMAIL, "reset-password"), new_password=PASSWORD)
anonymous.credentials.reset_password(reset)
Caller(log_in(EMAIL, PASSWORD).access_token).auth.logout_everywhere()

# Another address, and back
mover = Caller(log_in(EMAIL, PASSWORD).access_token)
move = EmailChange(password=PASSWORD, new_email="ada@example.org")
mover.credentials.request_email_change(move, idempotency_key="move")
confirmation = EmailChangeConfirmation(token=mailed_token("ada@example.org", "change-email"))
anonymous.credentials.confirm_email_change(confirmation)
undo = EmailChangeUndo(token=mailed_token(EMAIL, "undo-email-change"))
anonymous.credentials.undo_email_change(undo)

# The account's own data
author = Caller(log_in(EMAIL, PASSWORD).access_token)
me = author.users.get_me_with_http_info()
version = f'"{me.data.version}"'
equal(header(me.headers, "etag"), version)
with unchanged():
    author.users.get_me(if_none_match=version)
with unchanged():
    author.users.get_user(ada.id, if_none_match=version)
equal(rename().display_name, f"Ada King ({EMAIL})")
with rejected(412, ProblemType.VERSION_MISMATCH):
    rename()

# Posts
draft = write("Notes")
notes, etag = draft.id, f'"{draft.version}"'
equal(draft.published_at, None)
equal(write("Notes").id, notes)
equal(author.posts.get_post(notes).title, "Notes")
with unchanged():
    author.posts.get_post(notes, if_none_match=etag)
with rejected(404, ProblemType.POST_NOT_FOUND):
    anonymous.posts.get_post(notes)
rewritten = author.posts.update_post(
    post_id=notes, if_match=etag, post_update=PostUpdate(content="It originates nothing.")
)
equal(rewritten.content, "It originates nothing.")
with rejected(413, ProblemType.ABOUT_BLANK):
    author.posts.update_post(
        post_id=notes, if_match="*", post_update=PostUpdate.model_construct(content="x" * 300_000)
    )
equal(author.posts.publish_post(notes).is_published, True)
equal(author.posts.unpublish_post(notes).is_published, False)
author.posts.publish_post(notes)
more = write("More").id
author.posts.publish_post(more)
page = anonymous.posts.list_posts(limit=1)
rest = anonymous.posts.list_posts(limit=1, cursor=page.next_cursor)
equal([each.title for each in page.items + rest.items], ["More", "Notes"])
with rejected(404, ProblemType.CURSOR_NOT_FOUND):
    anonymous.posts.list_posts(cursor="bm90LWEtY3Vyc29y")
equal(len(anonymous.posts.list_user_posts(ada.id).items), 2)
author.posts.delete_post(post_id=more, if_match="*")

# Administration
root = log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
office = Caller(root.access_token)
moderator = UserCreation(
    email="grace@example.com", password="nanoseconds of wire", full_name="Grace Hopper", role=Role.MODERATOR
)
grace = office.users.create_user(moderator, idempotency_key="grace")
equal(office.users.get_user(grace.id).role, Role.MODERATOR)
with rejected(404, ProblemType.USER_NOT_FOUND):
    office.users.get_user(UNKNOWN_ID)
found = office.users.list_users(
    role=Role.MODERATOR, is_active=True, sort=UserOrder.FULL_NAME_DESCENDING, q="grace", size=5
)
equal(found.total, 1)
with rejected(403, ProblemType.ABOUT_BLANK):
    author.users.list_users()
with rejected(409, ProblemType.LAST_ADMIN):
    office.users.update_user(user_id=root.user.id, if_match="*", user_update=UserUpdate(role=Role.USER))

# Moderation
guard = Caller(log_in(grace.email, moderator.password).access_token)
equal(guard.posts.hide_post(notes, Hiding(reason="Advertising.")).hidden_reason, "Advertising.")
equal(guard.posts.unhide_post(notes).hidden_reason, None)

# Notifications and the audit trail
welcome = NotificationMessage(subject="Welcome", body="Good to have you here.")
queued = office.notifications.notify_user(grace.id, welcome, idempotency_key="welcome")
equal(office.notifications.get_notification(queued.id).subject, "Welcome")
with rejected(404, ProblemType.NOTIFICATION_NOT_FOUND):
    office.notifications.get_notification(UNKNOWN_ID)
events = office.audit.list_audit_events(action=AuditAction.POST_HIDDEN)
equal([each.subject_id for each in events.items], [notes])

# The end: the account is deleted, and a quota spent
author.users.delete_me(AccountDeletion(password=PASSWORD, posts=PostsOfDeleted.DELETE))
with rejected(429, ProblemType.TOO_MANY_REQUESTS):
    for _ in range(1000):
        try:
            log_in(grace.email, "no idea")
        except ApiException as error:
            if error.status != 401:
                equal(int(header(error.headers, "retry-after")) > 0, True)
                raise
