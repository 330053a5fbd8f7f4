"""Try a service before it is fuzzed: whether it can be reached, and whether accounts can log in.

A service that is not there, or a wrong password, is one line instead of a failure of each operation.
"""

import json
import socket
from collections.abc import Iterable
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from contractgen.document.findings import SettingError
from contractgen.fuzz.logins import Login
from contractgen_runtime.pointers import find_at

_SECONDS = 10
_PORTS = {"http": 80, "https": 443}


def try_service(url: str) -> None:
    """Raise OSError if nothing listens at a URL."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or _PORTS[parts.scheme]), _SECONDS).close()
    except OSError as error:
        raise OSError(f"{url} cannot be reached: {error.strerror or error}") from None


def try_logins(url: str, login: Login, accounts: Iterable[dict[str, str]]) -> None:
    """Raise SettingError if an account cannot log in, or gets no token."""
    for account in accounts:
        _try(url + login.operation.path, login, account)


def _try(url: str, login: Login, account: dict[str, str]) -> None:
    name = login.operation.name
    text = json.dumps(account) if login.takes_json else urlencode(account)
    headers = {"Content-Type": login.media_type}
    try:
        request = Request(url, text.encode(), headers, method=login.operation.method)  # noqa: S310 # http or https
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 # as above
            token = find_at(json.loads(response.read()), login.token)
    except HTTPError as error:
        who = next(iter(account.values()))
        raise SettingError(
            f"{name} does not log in {who!r}: it answers {error.code} {error.reason}"
        ) from None
    except ValueError:
        token = None
    if not isinstance(token, str):
        raise SettingError(f"the response of {name} has no text at {login.token}; give --token POINTER")
