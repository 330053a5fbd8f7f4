"""Most visitors: they read the feed and its posts, and come back to what has not changed."""

from collections import deque
from random import choice

from locust import task

from load.journeys.visitor import Visitor, body, etag

WORDS = ("press", "morning", "train", '"first page"', "station or room")


class Reader(Visitor):
    """Reads, page by page, and with the version of what it has read before."""

    def arrive(self) -> None:
        self.cursor: str | None = None
        self.posts: deque[dict[str, str]] = deque(maxlen=100)
        self.versions: dict[str, str] = {}
        self.account: str | None = None

    @task(8)
    def read_the_feed(self) -> None:
        query = {"limit": 20} | ({"cursor": self.cursor} if self.cursor else {})
        page = body(self.call("list_posts", 200, query=query))
        self.cursor = page["next_cursor"]
        self.posts.extend(page["items"])
        self.read_a_post()

    @task(8)
    def read_a_post(self) -> None:
        """Read a post, or find that it is as it was; a moderator may have hidden it since it was listed."""
        if not self.posts:
            return self.read_the_feed()
        post_id = choice(self.posts)["id"]
        known = self.versions.get(post_id)
        headers = {"If-None-Match": known} if known else {}
        response = self.call("get_post", 200, 304, 404, headers=headers, post_id=post_id)
        if response.status_code == 200:
            self.versions[post_id] = etag(response)
        return None

    @task(3)
    def read_as_a_guest(self) -> None:
        self.call("list_posts", 200, query={"limit": 20}, token="")

    @task(1)
    def search(self) -> None:
        self.call("list_posts", 200, query={"q": choice(WORDS), "limit": 20})

    @task(2)
    def read_an_author(self) -> None:
        if not self.posts:
            return self.read_the_feed()
        self.call("list_user_posts", 200, query={"limit": 20}, user_id=choice(self.posts)["author_id"])
        return None

    @task(3)
    def look_at_the_own_account(self) -> None:
        me = self.call("get_me", 200)
        self.account = body(me)["id"]
        self.call("get_me", 200, 304, headers={"If-None-Match": etag(me)})

    @task(1)
    def change_the_name(self) -> None:
        """Two tabs: where the other one was faster, 412, and the change is made on what is read again."""
        me = self.call("get_me", 200)
        name = {"full_name": f"Reader {choice(WORDS).title()}"}
        user_id = body(me)["id"]
        changed = self.call(
            "update_user", 200, 412, json=name, headers={"If-Match": etag(me)}, user_id=user_id
        )
        if changed.status_code == 412:
            current = etag(self.call("get_me", 200))
            self.call("update_user", 200, 412, json=name, headers={"If-Match": current}, user_id=user_id)
