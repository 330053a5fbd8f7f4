"""Put credentials into requests, where the security schemes of a contract have them."""

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote_plus

from contractgen_runtime.mocking.examples import ExampleRequest


class Credentials:
    """A credential of each security scheme: a token, a key, or `name:password`."""

    def __init__(self, schemes: Mapping[str, Any], values: Mapping[str, str]) -> None:
        self._schemes = schemes
        self.values = values

    def can_meet(self, requirement: Collection[str]) -> bool:
        """Return whether there is a credential of each scheme, and no two differ in the same place."""
        places: dict[tuple[str, str], str] = {}
        for name in requirement:
            if name not in self.values:
                return False
            place, text = self._placed(name)
            if places.setdefault(place, text) != text:
                return False
        return True

    def _placed(self, name: str) -> tuple[tuple[str, str], str]:
        """Return the location and name of what carries a credential, and its text."""
        scheme, value = self._schemes[name], self.values[name]
        if scheme["type"] != "apiKey":
            return ("header", "authorization"), _authorization(scheme, value)
        key = scheme["name"].lower() if scheme["in"] == "header" else scheme["name"]
        return (scheme["in"], key), value

    def put(self, sent: ExampleRequest, name: str) -> ExampleRequest:
        """Return a request with the credential of a scheme, in the place of a parameter of its name."""
        scheme, value = self._schemes[name], self.values[name]
        if scheme["type"] != "apiKey":
            return _with_authorization(sent, scheme, value)
        key = scheme["name"]
        match scheme["in"]:
            case "query":
                given = [each for each in sent.query.split("&") if each]
                others = [each for each in given if unquote_plus(each.partition("=")[0]) != key]
                return replace(sent, query="&".join([*others, f"{quote(key)}={quote(value)}"]))
            case "cookie":
                cookies = [each for each in sent.cookies if each[0] != key]
                return replace(sent, cookies=(*cookies, (key, value)))
        headers = [each for each in sent.headers if each[0].lower() != key.lower()]
        return replace(sent, headers=(*headers, (key, value)))


def _with_authorization(sent: ExampleRequest, scheme: Mapping[str, Any], value: str) -> ExampleRequest:
    others = [pair for pair in sent.headers if pair[0] != "authorization"]
    return replace(sent, headers=(*others, ("authorization", _authorization(scheme, value))))


def _authorization(scheme: Mapping[str, Any], value: str) -> str:
    kind = str(scheme.get("scheme", "bearer"))
    text = b64encode(value.encode()).decode() if kind.lower() == "basic" else value
    return f"{kind.capitalize()} {text}"


def with_credentials(
    sent: ExampleRequest, credentials: Credentials, security: Sequence[Mapping[str, Sequence[str]]]
) -> ExampleRequest | None:
    """Return a request that meets the first security requirement that it can; None if it can meet none."""
    requirements = [each for each in security if credentials.can_meet(each)]
    if security and not requirements:
        return None
    for name in max(requirements, key=len) if requirements else ():
        sent = credentials.put(sent, name)
    return sent
