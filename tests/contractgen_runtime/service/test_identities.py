"""Who calls: tokens that the service signs, tokens of an issuer with its keys on a server, and accounts."""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from contractgen_runtime.service.identities import Account, Accounts, Identity, IssuedTokens, SignedTokens

SECRET = "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue"
ISSUER = "https://issuer.example.com/"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ANOTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


# Tokens of the service itself ----------------------------------------------------------------------------


@pytest.fixture
def tokens() -> SignedTokens:
    return SignedTokens(SECRET, issuer="shop")


def signed(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    """A token as the service makes them, with claims changed; None leaves one out."""
    claims = {"sub": "ada", "iss": "shop", "exp": in_an_hour(), "roles": ["editor"]} | changed
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None}, secret, algorithm=algorithm
    )


def test_a_token_carries_a_name_and_roles(tokens: SignedTokens) -> None:
    issued = tokens.issue("ada", {"editor", "admin"})
    assert tokens.find(issued) == Identity("ada", frozenset({"editor", "admin"}))
    header, claims, _ = issued.split(".")
    assert json.loads(jwt.utils.base64url_decode(header))["alg"] == "HS256"
    assert json.loads(jwt.utils.base64url_decode(claims))["roles"] == ["admin", "editor"]


def test_a_token_of_another_library_with_the_same_claims_is_accepted(tokens: SignedTokens) -> None:
    assert tokens.find(signed()) == Identity("ada", frozenset({"editor"}))


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(exp=datetime.now(UTC) - timedelta(seconds=1)), id="expired"),
        pytest.param(signed("another secret of at least 32 bytes"), id="another secret"),
        pytest.param(signed(sub=None), id="no sub"),
        pytest.param(signed(sub=7), id="a number as sub"),
        pytest.param(signed(exp=None), id="no exp"),
        pytest.param(signed(iss="another"), id="another issuer"),
        pytest.param(signed(iss=None), id="no issuer"),
        pytest.param(signed(SECRET * 2, "HS512"), id="another algorithm"),
        pytest.param(
            jwt.encode({"sub": "ada", "iss": "shop", "exp": in_an_hour()}, "", algorithm="none"),
            id="alg none",
        ),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="no JSON"),
        pytest.param("\xe4.\xf6.\xfc", id="not ASCII"),
    ],
)
def test_no_other_token_is_accepted(tokens: SignedTokens, token: str) -> None:
    assert tokens.find(token) is None


def test_a_token_expires_after_its_lifetime(tokens: SignedTokens) -> None:
    assert tokens.find(tokens.issue("ada", lifetime=timedelta(seconds=-1))) is None


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"roles": None, "scope": "read write"}, {"read", "write"}),
        ({"roles": None, "scp": ["read", 7, None]}, {"read"}),
        ({"roles": ["a"], "scope": "b", "scp": "c"}, {"a", "b", "c"}),
        ({"roles": "one"}, {"one"}),
        ({"roles": 7}, set()),
        ({"roles": {"admin": True}}, set()),
        ({"roles": None}, set()),
    ],
)
def test_roles_and_scopes_stand_in_any_of_three_claims(
    tokens: SignedTokens, claims: dict[str, Any], roles: set[str]
) -> None:
    found = tokens.find(signed(**claims))
    assert found == Identity("ada", frozenset(roles))


def test_a_claim_that_is_null_has_no_roles(tokens: SignedTokens) -> None:
    claims = {"sub": "ada", "iss": "shop", "exp": in_an_hour(), "roles": None, "scope": None}
    assert tokens.find(jwt.encode(claims, SECRET)) == Identity("ada")


# Tokens of an issuer -------------------------------------------------------------------------------------


class KeyServer:
    """Serves a JSON Web Key Set on this machine, and counts how often it is fetched."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.fetched = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetched += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks.json"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def key_set(**keys: rsa.RSAPrivateKey) -> bytes:
    """The public keys as RFC 7517 has them, written here by hand."""
    numbers = {name: key.public_key().public_numbers() for name, key in keys.items()}
    written = [
        {"kty": "RSA", "use": "sig", "kid": name, "n": _octets(each.n), "e": _octets(each.e)}
        for name, each in numbers.items()
    ]
    return json.dumps({"keys": written}).encode()


def _octets(number: int) -> str:
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    server = KeyServer(key_set(first=KEY))
    yield server
    server.stop()


def issued(key: Any = KEY, key_id: str | None = "first", algorithm: str = "RS256", **changed: Any) -> str:
    claims = {"sub": "ada", "iss": ISSUER, "aud": "shop", "exp": in_an_hour(), "scope": "read"} | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": key_id} if key_id else None)


def of(server: KeyServer) -> IssuedTokens:
    return IssuedTokens(server.url, issuer=ISSUER, audience="shop")


async def test_a_token_of_the_issuer_is_accepted_and_its_keys_are_fetched_once(server: KeyServer) -> None:
    tokens = of(server)
    for _ in range(2):
        assert await tokens.find(issued()) == Identity("ada", frozenset({"read"}))
    assert server.fetched == 1


async def test_a_key_says_its_algorithm(server: KeyServer) -> None:
    server.body = server.body.replace(b'"kty"', b'"alg": "PS512", "kty"')
    assert await of(server).find(issued(algorithm="PS512")) == Identity("ada", frozenset({"read"}))
    assert await of(server).find(issued(algorithm="RS256")) is None


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
async def test_a_key_that_names_no_algorithm_has_every_one_of_its_type(
    server: KeyServer, algorithm: str
) -> None:
    assert await of(server).find(issued(algorithm=algorithm)) == Identity("ada", frozenset({"read"}))


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(issued(aud="another"), id="another audience"),
        pytest.param(issued(aud=None), id="no audience"),
        pytest.param(issued(iss="https://another.example.com/"), id="another issuer"),
        pytest.param(issued(exp=datetime.now(UTC) - timedelta(seconds=1)), id="expired"),
        pytest.param(issued(exp=None), id="no exp"),
        pytest.param(issued(sub=None), id="no sub"),
        pytest.param(issued(key_id="second"), id="unknown key id"),
        pytest.param(issued(key_id=None), id="no key id"),
        pytest.param(issued(ANOTHER_KEY), id="another key under the same id"),
        pytest.param(issued(SECRET, algorithm="HS256"), id="a secret instead of a key"),
        pytest.param(issued("", algorithm="none"), id="alg none"),
        pytest.param("nonsense", id="no token"),
    ],
)
async def test_no_other_token_of_the_issuer_is_accepted(server: KeyServer, token: str) -> None:
    assert await of(server).find(token) is None


async def test_the_public_key_is_no_secret_to_sign_with(server: KeyServer) -> None:
    """The classic confusion: a token signed by HMAC with the text of the public key."""
    token = issued("x" * 32, algorithm="HS256").rpartition(".")[0]
    digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = digest.sign(token.encode(), server.body)
    forged = f"{token}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert await of(server).find(forged) is None


async def test_a_server_that_is_down_is_no_fault_of_the_client(server: KeyServer) -> None:
    closed = KeyServer(b"{}")
    closed.stop()
    with pytest.raises(ConnectionError, match="the keys of the issuer cannot be fetched"):
        await of(closed).find(issued())


@pytest.mark.parametrize(
    "body",
    [
        *(b"<html>", b"\xff", b"", b"[]", b"null", b'"keys"', b"{}", b'{"keys": []}', b'{"keys": 1}'),
        *(b'{"keys": [1]}', b'{"keys": [{}]}', b'{"keys": [{"kty": "RSA"}]}', b'[{"kty": "RSA"}]'),
        *(b'{"keys": {"kty": "RSA"}}', b'{"keys": [{"kty": "RSA", "kid": "first", "n": 1, "e": 2}]}'),
    ],
)
async def test_a_server_without_keys_is_no_fault_of_the_client(server: KeyServer, body: bytes) -> None:
    """With 401 a client would throw away a token that is good."""
    server.body = body
    with pytest.raises(ConnectionError, match="the keys of the issuer cannot be fetched"):
        await of(server).find(issued())


async def test_a_server_that_breaks_before_a_new_key_is_seen_is_no_fault_of_the_client(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = of(server)
    assert await tokens.find(issued())
    monkeypatch.setattr(tokens._keys, "cooldown_duration", 0)
    server.body = b"[]"
    with pytest.raises(ConnectionError, match=r"the keys of the issuer cannot be fetched: .*JSON object"):
        await tokens.find(issued(key_id="second"))


async def test_keys_that_were_fetched_outlive_an_outage(server: KeyServer) -> None:
    tokens = of(server)
    assert await tokens.find(issued())
    server.body = b"<html>"
    assert await tokens.find(issued())


# Accounts ------------------------------------------------------------------------------------------------

ACCOUNTS = Accounts(map(Account.parse, ["ada:pässword:admin editor", "bob:key:"]))


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("ada:secret", Account("ada", "secret")),
        ("ada:secret:", Account("ada", "secret")),
        ("ada:secret:admin  editor", Account("ada", "secret", frozenset({"admin", "editor"}))),
        ("ada:secret:posts:write", Account("ada", "secret", frozenset({"posts:write"}))),
    ],
)
def test_an_account_is_written_in_a_line(text: str, account: Account) -> None:
    assert Account.parse(text) == account


@pytest.mark.parametrize("text", ["", "ada", "ada:", ":secret", "::admin", "ada::admin"])
def test_an_account_needs_a_name_and_a_secret(text: str) -> None:
    with pytest.raises(ValueError, match="name:secret") as caught:
        Account.parse(text)
    assert "ada" not in str(caught.value), "an account is a secret: errors are logged"


@pytest.mark.parametrize(
    ("name", "password", "found"),
    [
        ("ada", "pässword", Identity("ada", frozenset({"admin", "editor"}))),
        ("bob", "key", Identity("bob")),
        ("ada", "key", None),
        ("ada", "", None),
        ("eve", "pässword", None),
        ("eve", "", None),
        ("", "", None),
        ("ada", "\udcff", None),
    ],
)
def test_a_password_belongs_to_a_name(name: str, password: str, found: Identity | None) -> None:
    assert ACCOUNTS.with_password(name, password) == found


@pytest.mark.parametrize(
    ("key", "name"), [("pässword", "ada"), ("key", "bob"), ("", None), ("ke", None), ("\udcff", None)]
)
def test_a_key_belongs_to_an_account(key: str, name: str | None) -> None:
    found = ACCOUNTS.with_key(key)
    assert (found.name if found else None) == name


def test_every_secret_is_compared_whoever_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a rejection says neither whether a name is known nor how much of a secret is right."""
    compared: list[int] = []
    real = hmac.compare_digest

    def count(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        assert len(one) == len(other), "digests of one length"
        return bool(real(one, other))

    monkeypatch.setattr(hmac, "compare_digest", count)
    assert ACCOUNTS.with_key("key")
    assert ACCOUNTS.with_key("nothing") is None
    assert ACCOUNTS.with_password("ada", "wrong") is None
    assert ACCOUNTS.with_password("eve", "wrong") is None
    assert compared == [32] * 6


def test_no_account_knows_nobody() -> None:
    nobody = Accounts([])
    assert (nobody.with_key(""), nobody.with_password("", ""), nobody.named("")) == (None, None, None)
