"""Who has no account yet: registers, logs in, and does with the new account what ends sessions.

Every visit makes an account of its own, so that no other visitor loses its session.
"""

from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from locust import task

from load.journeys.visitor import Visitor, body


class Newcomer(Visitor):
    """Passwords are hashed in every visit: keep the weight low, the scenario `login` loads hashing alone."""

    @task(4)
    def stay_logged_in(self) -> None:
        self.register()
        session = self.log_in()
        self.call("get_me", 200)
        again = body(
            self.call("refresh_session", 200, json={"refresh_token": session["refresh_token"]}, token="")
        )
        self.call("logout", 204, token=again["access_token"])

    @task(2)
    def look_after_sessions(self) -> None:
        self.register()
        for _ in range(2):
            self.log_in()
        sessions = body(self.call("list_sessions", 200))["items"]
        other = next(each["id"] for each in sessions if not each["is_current"])
        self.call("revoke_session", 204, session_id=other)
        self.call("logout_everywhere", 204)

    @task(2)
    def verify_the_address(self) -> None:
        self.register()
        # A mail makes the token of an earlier one useless: the one about the registration comes first.
        self.mailed("verify-email")
        self.call("request_email_verification", 202, json={"email": self.email}, token="")
        token, expected = self.mailed("verify-email")
        self.call("verify_email", expected, json={"token": token}, token="")

    @task(1)
    def forget_the_password(self) -> None:
        self.register()
        self.call("request_password_reset", 202, json={"email": self.email}, token="")
        token, expected = self.mailed("reset-password")
        new = {"token": token, "new_password": new_password()}
        self.call("reset_password", expected, json=new, token="")

    @task(1)
    def change_the_password(self) -> None:
        self.register()
        self.log_in()
        change = {"old_password": self.password, "new_password": new_password()}
        self.call("change_password", 204, json=change)

    @task(1)
    def change_the_address_and_undo_it(self) -> None:
        self.register()
        self.log_in()
        new = f"newcomer-{uuid4().hex}@example.com"
        self.call("request_email_change", 202, json={"password": self.password, "new_email": new})
        token, expected = self.mailed("change-email", to=new)
        self.call("confirm_email_change", expected, json={"token": token}, token="")
        token, expected = self.mailed("undo-email-change")
        self.call("undo_email_change", expected, json={"token": token}, token="")

    @task(1)
    def leave(self) -> None:
        self.register()
        self.log_in()
        self.call("delete_me", 204, json={"password": self.password, "posts": "delete"})

    def register(self) -> None:
        self.email, self.password = f"newcomer-{uuid4().hex}@example.com", new_password()
        account = {"email": self.email, "password": self.password, "full_name": "Ada Lovelace"}
        self.call("register_user", 201, json=account, token="")

    def log_in(self) -> Any:
        credentials = {"email": self.email, "password": self.password}
        session = body(self.call("login", 200, json=credentials, token=""))
        self.token = session["access_token"]
        return session

    def mailed(self, page: str, *, to: str = "") -> tuple[str, int]:
        """Return the token of a mail and the status to expect; an unknown one where no mail can be read."""
        receiver = to or self.email
        if self.mailbox is None:
            return token_urlsafe(32), 404
        token = self.mailbox.token(receiver, page)
        if token is None:
            raise AssertionError(f"no mail to {receiver} links to {page}")
        return token, 204


def new_password() -> str:
    return f"a password {uuid4().hex[:20]}"
