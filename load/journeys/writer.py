"""Who writes: drafts that are changed, published, taken back and deleted."""

from uuid import uuid4

from locust import task
from locust.contrib.fasthttp import ResponseContextManager

from load.journeys.visitor import Visitor, body, etag

PARAGRAPH = "The type was set by hand, and the proof was read twice before noon. "


class Writer(Visitor):
    """Writes posts; every change names the version that it is made on."""

    @task(4)
    def publish_a_post(self) -> None:
        draft = self.draft()
        post_id = body(draft)["id"]
        changed = self.change(post_id, etag(draft), 200)
        published = self.call("publish_post", 200, post_id=post_id)
        self.call("get_post", 200, 304, headers={"If-None-Match": etag(changed)}, post_id=post_id)
        self.call("delete_post", 204, 412, headers={"If-Match": etag(published)}, post_id=post_id)

    @task(2)
    def write_in_two_tabs(self) -> None:
        """The tab that was left open has an old version: 412, and it must read the post again."""
        draft = self.draft()
        post_id, old = body(draft)["id"], etag(draft)
        self.change(post_id, old, 200)
        self.change(post_id, old, 412)
        current = etag(self.call("get_post", 200, post_id=post_id))
        self.change(post_id, current, 200)
        self.call("delete_post", 412, headers={"If-Match": old}, post_id=post_id)

    @task(1)
    def take_a_post_back(self) -> None:
        post = self.draft(is_published=True)
        self.call("unpublish_post", 200, post_id=body(post)["id"])

    @task(1)
    def lose_the_answer(self) -> None:
        """Send a post again with its key, as a client does that saw no answer: it is written once."""
        key = {"Idempotency-Key": str(uuid4())}
        first, again = (self.call("create_post", 201, json=text(), headers=key) for _ in range(2))
        if body(first)["id"] != body(again)["id"]:
            raise AssertionError("one Idempotency-Key made two posts")

    def draft(self, *, is_published: bool = False) -> ResponseContextManager:
        return self.call("create_post", 201, json=text() | {"is_published": is_published})

    def change(self, post_id: str, version: str, expected: int) -> ResponseContextManager:
        changes = {"content": PARAGRAPH * 8}
        headers = {"If-Match": version}
        return self.call("update_post", expected, json=changes, headers=headers, post_id=post_id)


def text() -> dict[str, object]:
    return {"title": "Written under load", "content": PARAGRAPH * 7}
