"""One journey: log in once, then mostly read the feed and its posts, and now and then write.

Reads PRESSROOM_LOAD_EMAIL and PRESSROOM_LOAD_PASSWORD, an account of the service under load (`pressroom
seed` prints one). Requests are named by route template, every answer's status is checked, and the run exits
with 1 after any error, or when an operation of the journey was never reached.
"""

import os
import random
from collections import deque
from typing import Any

from locust import FastHttpUser, between, events, task
from locust.env import Environment
from locust.exception import RescheduleTask, StopUser

LOGIN = "/api/v1/auth/login"
ME = "/api/v1/users/me"
POSTS = "/api/v1/posts"
POST = "/api/v1/posts/{post_id}"
JOURNEY = {
    f"POST {LOGIN}",
    f"GET {ME}",
    f"GET {POSTS}",
    f"GET {POST}",
    f"POST {POSTS}",
    f"PATCH {POST}",
    f"POST {POST}/publish",
}


class Reader(FastHttpUser):
    """Somebody with an account who reads far more than they write."""

    wait_time = between(0.05, 0.2)
    connection_timeout = 5.0
    network_timeout = 5.0

    def on_start(self) -> None:
        self.cursor: str | None = None
        self.seen: deque[str] = deque(maxlen=100)
        self.bearer: dict[str, str] = {}
        credentials = {
            "email": os.environ["PRESSROOM_LOAD_EMAIL"],
            "password": os.environ["PRESSROOM_LOAD_PASSWORD"],
        }
        try:
            answer = self.call("POST", LOGIN, 200, json=credentials)
        except RescheduleTask as error:
            raise StopUser("nothing to do without a token") from error
        self.bearer = {"Authorization": f"Bearer {answer['access_token']}"}

    @task(10)
    def read_feed(self) -> None:
        query = "?limit=20" + (f"&cursor={self.cursor}" if self.cursor else "")
        page = self.call("GET", POSTS, 200, query=query)
        self.cursor = page["next_cursor"]
        self.seen.extend(post["id"] for post in page["items"])

    @task(10)
    def read_post(self) -> None:
        if not self.seen:
            self.read_feed()
        post_id = random.choice(self.seen)
        self.call("GET", POST, 200, post_id=post_id)

    @task(3)
    def read_own_account(self) -> None:
        self.call("GET", ME, 200)

    @task(2)
    def write_post(self) -> None:
        draft: dict[str, Any] = {
            "title": "Written under load",
            "content": "A paragraph of a post. " * 40,
            "is_published": False,
        }
        post = self.call("POST", POSTS, 201, json=draft)
        changed = {"content": draft["content"] + "And its end."}
        self.call("PATCH", POST, 200, post_id=post["id"], json=changed, if_match="*")
        self.call("POST", f"{POST}/publish", 200, post_id=post["id"])

    def call(
        self,
        method: str,
        template: str,
        expected: int,
        *,
        query: str = "",
        json: object = None,
        if_match: str | None = None,
        **ids: str,
    ) -> Any:
        """The answer's JSON; a status that is not the expected one is an error and ends the task."""
        name = f"{method} {template}"
        url = template.format(**ids) + query
        headers = self.bearer | ({"If-Match": if_match} if if_match else {})
        with self.client.request(
            method, url, name=name, json=json, headers=headers, catch_response=True
        ) as response:
            if response.status_code != expected:
                cause = response.error or (response.text or "")[:200]
                response.failure(f"{response.status_code} instead of {expected}: {cause}")
                raise RescheduleTask
            return response.json()


def refuse_an_incomplete_run(environment: Environment, **_: object) -> None:
    """Locust exits with 0 when nothing failed because nothing was sent."""
    stats = environment.stats
    missing = JOURNEY - {entry.name for entry in stats.entries.values() if entry.num_requests}
    if missing:
        print("never reached:", ", ".join(sorted(missing)))
    if missing or stats.total.fail_ratio > 0:
        environment.process_exit_code = 1


events.quitting.add_listener(refuse_an_incomplete_run)
