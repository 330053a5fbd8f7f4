"""Log-in operations: where they take an account and return a token.

A session that the fuzzer ends, by calling the log-out operation, is opened anew with the next request.
"""

from dataclasses import dataclass

from contractgen.document.findings import SettingError
from contractgen.fuzz.credentials import Scheme
from contractgen.fuzz.operations import Operation
from contractgen.fuzz.toml import Table
from contractgen.plan.names import constant_name
from contractgen_runtime.logins import account_media_type, is_json, token_pointers


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in operation: the media type of its body, and the pointer of the token in its response."""

    operation: Operation
    scheme: Scheme
    media_type: str
    token: str

    @property
    def takes_json(self) -> bool:
        return is_json(self.media_type)

    def table(self, account: dict[str, str]) -> Table:
        """Return the table by which schemathesis logs in; it names a variable for each field."""
        payload = {name: f"${{{_variable(name)}}}" for name in account}
        return Table(
            ("auth", "dynamic", "openapi", self.scheme.name),
            {
                "path": self.operation.path,
                "method": self.operation.method.lower(),
                "payload": payload,
                "payload_content_type": self.media_type,
                "extract_selector": self.token,
            },
            "A session that the fuzzer has ended is opened anew, since 401 fetches another token. "
            f"Set {', '.join(map(_variable, account))} in the environment.",
        )


def account_variables(account: dict[str, str]) -> dict[str, str]:
    """Return the environment that the table of a log-in names."""
    return {_variable(name): value for name, value in account.items()}


def _variable(name: str) -> str:
    return f"CONTRACTGEN_ACCOUNT_{constant_name(name)}"


def login(operation: Operation, scheme: Scheme, token: str | None = None) -> Login:
    """Return how to log in by an operation; SettingError if its body or its token cannot be found."""
    name = operation.name
    if "{" in operation.path:
        raise SettingError(f"--login: the path of {name} has parameters")
    document = operation.document.value
    media_type = account_media_type(document, operation.node)
    if media_type is None:
        raise SettingError(f"--login: {name} takes neither JSON nor a form")
    found = token or next(token_pointers(document, operation.node), None)
    if found is None:
        raise SettingError(
            f"--login: no property of the response of {name} is a token; give --token /POINTER"
        )
    return Login(operation, scheme, media_type, found)
