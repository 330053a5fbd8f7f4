"""Log-ins alone: what they cost is the hashing of passwords, which must not hide what else costs."""

from locust import task

from load.journeys.visitor import Visitor


class LogIn(Visitor):
    """Logs in, again and again, as the account that its token belongs to."""

    @task
    def log_in(self) -> None:
        credentials = {"email": self.accounts.email_of(self.token), "password": self.accounts.password}
        self.call("login", 200, json=credentials, token="")
