"""Who moderates: hides posts from the public and shows them again."""

from typing import ClassVar

from locust import task

from load.accounts import Role
from load.journeys.visitor import Visitor, body
from load.journeys.writer import text


class Moderator(Visitor):
    """Hides only what it has posted itself, so that readers are disturbed little."""

    role: ClassVar[Role] = "moderator"

    def arrive(self) -> None:
        """Have the administrator make a moderator of the account, unless it is one already."""
        me = body(self.call("get_me", 200))
        if me["role"] != "moderator":
            self.call(
                "update_user",
                200,
                json={"role": "moderator"},
                headers={"If-Match": "*"},
                token=self.accounts.take("admin"),
                user_id=me["id"],
            )

    @task(3)
    def hide_a_post(self) -> None:
        post_id = self.post()
        self.call("hide_post", 200, json={"reason": "Advertising."}, post_id=post_id)
        self.call("get_post", 200, post_id=post_id)
        self.call("unhide_post", 200, post_id=post_id)

    @task(1)
    def find_a_hidden_post_gone(self) -> None:
        post_id = self.post()
        self.call("hide_post", 200, json={"reason": "Advertising."}, post_id=post_id)
        self.call("get_post", 404, token="", post_id=post_id)

    def post(self) -> str:
        written = self.call("create_post", 201, json=text() | {"is_published": True})
        return str(body(written)["id"])
