"""The senders of requests: nobody, one identity, or peers that must not see each other's objects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contractgen.document.findings import SettingError
from contractgen.document.load import Document
from contractgen.fuzz import credentials
from contractgen.fuzz.logins import Login, account_variables, login
from contractgen.fuzz.operations import Operation, named, operations
from contractgen.fuzz.peers import Identity, peers_table, peers_text
from contractgen.fuzz.toml import Table
from contractgen_runtime.logins import is_login


@dataclass(frozen=True, slots=True)
class Given:
    """The options about identities, as texts."""

    credentials: Sequence[str] = ()
    login: str | None = None
    account: str | None = None
    token: str | None = None
    scheme: str | None = None
    peers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Identities:
    """Tables of schemathesis.toml and the environment that they name.

    `held` are the security schemes with a credential, `texts` the credentials, `peers_text` the file that
    holds several identities, `login` how the `accounts` get a token.
    """

    tables: Sequence[Table] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    peers_text: str = ""
    login: Login | None = None
    accounts: Sequence[dict[str, str]] = ()


class Identification:
    """The identities for a document and the operations that are fuzzed."""

    def __init__(self, document: Document, chosen: Sequence[Operation], options: Given) -> None:
        self._document = document
        self._chosen = chosen
        self._options = options
        self._schemes = credentials.schemes(document)
        self._account = _account(options.account) if options.account else None
        if (options.login is None) != (options.account is None) and not options.peers:
            raise SettingError("--login and --account belong together: an operation, and the account for it")

    def of_a_stand_in(self) -> Identities:
        """Return the identity for a mock: credentials that are not given have usual values."""
        if self._options.peers:
            raise SettingError("--peer needs --url: a mock has no objects that could belong to somebody")
        usable = {name: each for name, each in self._schemes.items() if each.kind}
        return self._one({name: each.usual for name, each in usable.items()} | self._held({}))

    def of_a_service(self, environment: Mapping[str, str], url: str, peers_file: str) -> Identities:
        """Return the identity or peers for a service; SettingError for a missing credential."""
        held = self._held(environment)
        if self._options.peers:
            return self._peers(held, url, peers_file)
        opened = {self._login().scheme.name} if self._options.login else set()
        lines = list(credentials.missing(self._chosen, self._schemes, held.keys() | opened))
        if lines:
            raise SettingError("\n".join(line + self._login_hint() for line in lines))
        return self._one(held)

    def unsendable(self) -> list[str]:
        """Return the names of needed security schemes for which schemathesis can send no credential."""
        needed = {name for each in self._chosen for requirement in each.requirements for name in requirement}
        return sorted(name for name in needed if name in self._schemes and self._schemes[name].kind is None)

    def _held(self, environment: Mapping[str, str]) -> dict[str, str]:
        return credentials.given(self._schemes, self._options.credentials, environment)

    def _one(self, held: Mapping[str, str]) -> Identities:
        opened = self._login() if self._options.login else None
        rest = {name: text for name, text in held.items() if not opened or name != opened.scheme.name}
        rest = credentials.removable(self._chosen, self._schemes, rest)
        tables = list(credentials.tables(self._schemes, rest))
        environment = credentials.variables(self._schemes, rest)
        names = set(rest)
        if opened and self._account is not None:
            tables.append(opened.table(self._account))
            environment |= account_variables(self._account)
            names.add(opened.scheme.name)
        accounts = [self._account] if opened and self._account is not None else []
        texts = frozenset(rest.values())
        return Identities(tables, environment, frozenset(names), texts, login=opened, accounts=accounts)

    def _peers(self, held: Mapping[str, str], url: str, file: str) -> Identities:
        peers = [self._identity(text) for text in self._options.peers]
        if len(peers) < 2:
            raise SettingError("--peer must be given at least twice: an object of one is read as the other")
        last: list[Identity] = [*held.items()]
        if self._account is not None:
            last.append(self._account)
        identities = dict(_numbered("peer", peers)) | dict(_numbered("other", last))
        opened = self._login() if self._options.login else None
        text = peers_text(identities, opened, self._schemes, url)
        names = {each[0] for each in identities.values() if isinstance(each, tuple)}
        names |= {opened.scheme.name} if opened else set()
        table = peers_table(file, [name for name, _ in _numbered("peer", peers)])
        accounts = [each for each in identities.values() if isinstance(each, dict)]
        return Identities([table], {}, frozenset(names), frozenset(), text, opened, accounts)

    def _identity(self, text: str) -> Identity:
        return _account(text, "--peer") if text.startswith("{") else credentials.pair(self._schemes, text)

    def _login(self) -> Login:
        (operation,) = named(operations(self._document), [str(self._options.login)])
        return login(operation, self._schemes[self._login_scheme()], self._options.token)

    def _login_scheme(self) -> str:
        """Return the security scheme for which an account gets a token."""
        if self._options.scheme is not None:
            credentials.pair(self._schemes, f"{self._options.scheme}=-")
            return self._options.scheme
        held = self._held({})
        needed = {name for each in self._chosen for requirement in each.requirements for name in requirement}
        bearers = {
            name for name in needed - held.keys() if name in self._schemes and self._schemes[name].takes_token
        }
        if len(bearers) != 1:
            names = ", ".join(sorted(bearers)) or "none"
            raise SettingError(
                f"--login: for which security scheme is the token? Give --scheme; possible: {names}"
            )
        return bearers.pop()

    def _login_hint(self) -> str:
        document = self._document
        logins = [each for each in operations(document) if is_login(document.value, each.path, each.node)]
        name = logins[0].name if logins else ""
        return f"; or log in: --login '{name}' --account JSON" if name else ""


def _numbered(prefix: str, identities: Iterable[Identity]) -> list[tuple[str, Identity]]:
    return [(f"{prefix}-{number}", each) for number, each in enumerate(identities, 1)]


def _account(text: str, option: str = "--account") -> dict[str, str]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict) or not value or not all(isinstance(each, str) for each in value.values()):
        raise SettingError(
            f'{option} must be a JSON object of texts, such as {{"email": "…", "password": "…"}}'
        )
    return value
