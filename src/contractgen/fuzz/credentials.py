"""The credentials for a contract's security schemes, and the variables by which schemathesis gets them.

No credential is written into a configuration: it names a variable of the environment for each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contractgen.document.findings import SettingError
from contractgen.document.load import Document
from contractgen.fuzz.operations import Operation
from contractgen.fuzz.toml import Table
from contractgen.plan.names import Names, constant_name
from contractgen_runtime.pointers import child

_SCHEMES = "/components/securitySchemes"
# The types of schemes whose tokens another party issues.
_ISSUED = frozenset({"oauth2", "openIdConnect"})
# What a mock accepts that is started for the run.
TOKEN, PASSWORD = "token", "user:password"  # a mock's, which protects nothing


@dataclass(frozen=True)
class Scheme:
    """A security scheme of a document."""

    name: str
    node: dict[str, Any]
    variable: str

    @cached_property
    def kind(self) -> str | None:
        """The kind of credential as schemathesis names it; None for one that it cannot send."""
        match self.node.get("type"), str(self.node.get("scheme", "")).lower():
            case ("oauth2" | "openIdConnect", _) | ("http", "bearer"):
                return "bearer"
            case "apiKey", _:
                return "api_key"
            case "http", "basic":
                return "basic"
        return None

    @property
    def takes_token(self) -> bool:
        """Return whether a log-in can give the credential: a bearer token, or a key."""
        return self.kind in ("bearer", "api_key")

    @property
    def form(self) -> str:
        """The form of a credential, for a message."""
        return {"bearer": "TOKEN", "api_key": "KEY", "basic": "USER:PASSWORD"}.get(self.kind or "", "")

    @property
    def usual(self) -> str:
        """The credential for a mock."""
        return PASSWORD if self.kind == "basic" else TOKEN

    def settings(self) -> dict[str, str]:
        """Return the settings of schemathesis for the scheme: the names of variables."""
        if self.kind == "basic":
            return {"username": f"${{{self.variable}_USER}}", "password": f"${{{self.variable}_PASSWORD}}"}
        return {str(self.kind): f"${{{self.variable}}}"}

    def variables(self, credential: str) -> dict[str, str]:
        """Return the variables that `settings` names."""
        if self.kind != "basic":
            return {self.variable: credential}
        user, separator, password = credential.partition(":")
        if not separator:
            raise SettingError(f"the credential for {self.name!r} must be {self.form}")
        return {f"{self.variable}_USER": user, f"{self.variable}_PASSWORD": password}

    def header(self, credential: str) -> tuple[str, str]:
        """Return the header that carries a bearer token or key."""
        if self.kind == "api_key" and self.node["in"] == "header":
            return self.node["name"], credential
        if self.kind == "bearer":
            return "Authorization", f"Bearer {credential}"
        raise SettingError(f"{self.name!r}: only a bearer token or a key in a header can be that of a peer")


def schemes(document: Document) -> dict[str, Scheme]:
    """Return the security schemes of a document, by name."""
    names = document.value.get("components", {}).get("securitySchemes", {})
    variables = Names("constant")
    return {
        name: Scheme(
            name,
            document.resolve(child(_SCHEMES, name))[0],
            variables.take(f"CONTRACTGEN_CREDENTIAL_{constant_name(name)}"),
        )
        for name in names
    }


def given(
    known: Mapping[str, Scheme], options: Iterable[str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the credentials of the options, `SCHEME=VALUE`, and else those of the environment.

    Those that schemathesis cannot send are left out.
    """
    usable = {name: each for name, each in known.items() if each.kind}
    found = {
        name: environment[each.variable] for name, each in usable.items() if environment.get(each.variable)
    }
    every = dict(_split(known, option) for option in options)
    return found | {name: credential for name, credential in every.items() if name in usable}


def pair(known: Mapping[str, Scheme], option: str) -> tuple[str, str]:
    """Split `SCHEME=VALUE`; SettingError for a scheme that the contract does not have, or cannot be used."""
    name, credential = _split(known, option)
    if known[name].kind is None:
        raise SettingError(f"schemathesis cannot send a credential of the security scheme {name!r}")
    return name, credential


def _split(known: Mapping[str, Scheme], option: str) -> tuple[str, str]:
    names = [each for each in known if option.startswith(f"{each}=")]  # a name may have a sign of equality
    name = max(names, key=len, default=option.partition("=")[0])
    credential = option[len(name) + 1 :]
    if not credential:
        raise SettingError("a credential must be SCHEME=VALUE, such as bearerAuth=TOKEN")
    if name not in known:
        there = f"; it has {', '.join(known)}" if known else ""
        raise SettingError(f"the contract has no security scheme {name!r}{there}")
    return name, credential


def admits(operation: Operation, names: Iterable[str]) -> bool:
    """Return whether credentials of these schemes satisfy a requirement of the operation, or it is public."""
    held = set(names)
    return not operation.requirements or any(each.keys() <= held for each in operation.requirements)


def removable(
    chosen: Iterable[Operation], known: Mapping[str, Scheme], held: Mapping[str, str]
) -> dict[str, str]:
    """Return the credentials without tokens of OAuth 2 and OpenID Connect that no operation needs.

    schemathesis does not remove such a token from a request that is to have no credential, where an operation
    takes a key or another credential, too: it would report that the service ignores them.
    """
    kept = dict(held)
    for name in [each for each in held if known[each].node.get("type") in _ISSUED]:
        requirements = (each.requirements for each in chosen)
        taking = [each for each in requirements if any(name in schemes for schemes in each)]
        others = kept.keys() - {name}
        if taking and all(any(schemes.keys() <= others for schemes in each) for each in taking):
            del kept[name]
    return kept


def missing(chosen: Iterable[Operation], known: Mapping[str, Scheme], names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each scheme without which operations can only be rejected."""
    held = set(names)
    needed: dict[str, list[Operation]] = {}
    for operation in chosen:
        possible = [each for each in operation.requirements if all(_usable(known, name) for name in each)]
        if possible and not admits(operation, held):
            for name in min(possible, key=lambda each: len(each.keys() - held)).keys() - held:
                needed.setdefault(name, []).append(operation)
    for name in sorted(needed):
        first, more = needed[name][0], len(needed[name]) - 1
        others = f" and {more} more need" if more else " needs"
        scheme = known[name]
        yield (
            f"{first.name}{others} the security scheme {name!r}: "
            f"give --credential {name}={scheme.form}, or set {scheme.variable}"
        )


def _usable(known: Mapping[str, Scheme], name: str) -> bool:
    return name in known and known[name].kind is not None


def tables(known: Mapping[str, Scheme], names: Iterable[str]) -> Iterator[Table]:
    """Yield the tables that give schemathesis the credentials of these schemes."""
    for name in names:
        settings = known[name].settings()
        why = f"Set {' and '.join(each[2:-1] for each in settings.values())} in the environment."
        yield Table(("auth", "openapi", name), settings, why)


def variables(known: Mapping[str, Scheme], credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that the tables name."""
    pairs = [known[name].variables(credential) for name, credential in credentials.items()]
    return {name: value for each in pairs for name, value in each.items()}
