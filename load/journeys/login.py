"""Log-ins alone: what they cost is the hashing of passwords, which must not hide what else costs."""

from locust import task

from load.journeys.visitor import Visitor, body


class LogIn(Visitor):
    """Logs in, again and again, as the account that its token belongs to."""

    def arrive(self) -> None:
        self.email = body(self.call("get_me", 200))["email"]

    @task
    def log_in(self) -> None:
        credentials = {"email": self.email, "password": self.accounts.password}
        self.call("login", 200, json=credentials, token="")
