"""Who administrates: accounts, notifications, the audit trail, and whether the service is well."""

from random import choice, randint
from typing import ClassVar
from uuid import uuid4

from locust import task

from load.accounts import Role
from load.journeys.visitor import Visitor, body, etag

ORDERS = ("created_at", "-created_at", "full_name", "-email")


class Admin(Visitor):
    """Works through lists, as a back office does."""

    role: ClassVar[Role] = "admin"

    @task(4)
    def browse_accounts(self) -> None:
        query = {"page": randint(1, 5), "size": 20, "sort": choice(ORDERS)}
        self.call("list_users", 200, query=query)
        found = body(self.call("list_users", 200, query={"q": "reader", "role": "user", "is_active": "true"}))
        for user in found["items"][:1]:
            self.call("get_user", 200, user_id=user["id"])

    @task(2)
    def create_an_account(self) -> None:
        """Create an account, rename it, and deactivate it by the version that was read."""
        new = {
            "email": f"staff-{uuid4().hex}@example.com",
            "password": f"a password of {uuid4().hex[:12]}",
            "full_name": "Grace Hopper",
            "role": "moderator",
        }
        created = self.call("create_user", 201, json=new)
        version, user_id = etag(created), body(created)["id"]
        for changes in ({"full_name": "Grace Murray"}, {"is_active": False}):
            changed = self.call(
                "update_user", 200, json=changes, headers={"If-Match": version}, user_id=user_id
            )
            version = etag(changed)

    @task(2)
    def notify_somebody(self) -> None:
        page = body(self.call("list_users", 200, query={"size": 20, "is_active": "true"}))
        message = {"subject": "Maintenance", "body": "Tonight from ten to eleven."}
        # What browsing found may have deleted its account since.
        user_id = choice(page["items"])["id"]
        sent = self.call("notify_user", 202, 404, json=message, user_id=user_id)
        if sent.status_code == 202:
            self.call("get_notification", 200, notification_id=body(sent)["id"])

    @task(2)
    def read_the_audit_trail(self) -> None:
        page = body(self.call("list_audit_events", 200, query={"limit": 20}))
        if page["next_cursor"]:
            self.call("list_audit_events", 200, query={"limit": 20, "cursor": page["next_cursor"]})

    @task(1)
    def look_after_the_service(self) -> None:
        self.call("livez", 200, token="")
        self.call("readyz", 200, token="")
