import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from pressroom import tokens
from pressroom.refresh_tokens import RefreshTokens
from pressroom.settings import Settings
from pressroom.tokens import LEEWAY, TokenIssuer, Verified, opaque_token

SECRET = "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3UekT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue"
OTHER_SECRET = "Zx3Wq9Lk2Vn8Bt5Mj7Hc4Fs6Dg1Pa0Yr5Ui"
USER = UUID("01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a")
SESSION = UUID("01939f6e-b3c4-7d5e-8f60-718293a4b5c6")


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still in a test: else a pause of a second changes what tokens near a bound are."""
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    monkeypatch.setattr(tokens, "time", lambda: moment)


def settings(**changed: Any) -> Settings:
    given_settings: dict[str, Any] = {
        "environment": "development",
        "token_secret": SECRET,
        "password_pepper": "pepper" + OTHER_SECRET,
    }
    return Settings.model_validate(given_settings | changed)


def issuer(**changed: Any) -> TokenIssuer:
    return TokenIssuer(settings(**changed))


#: The header of all tokens that SECRET signs, as once issued: a change of it would refuse those that are out.
HEADER = {"alg": "HS256", "kid": "-gdzY10UUDpUax4w", "typ": "at+jwt"}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    every = {"sub": str(USER), "sid": str(SESSION), "iss": "pressroom", "aud": "pressroom"}
    return every | {"iat": now, "exp": now + 60} | changed


def signed(
    secret: str = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changed: Any
) -> str:
    kept = {name: value for name, value in claims(**changed).items() if value is not None}
    return jwt.encode(kept, secret, algorithm, headers=HEADER | {"alg": algorithm} | (headers or {}))


def text(header: object = None, payload: object = None) -> str:
    """A token of these texts, or of values in JSON, with a good signature of SECRET."""
    texts = [
        each if isinstance(each, bytes) else json.dumps(each).encode()
        for each in (HEADER if header is None else header, claims() if payload is None else payload)
    ]
    parts = [base64.urlsafe_b64encode(each).rstrip(b"=") for each in texts]
    mac = hmac.digest(SECRET.encode(), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


def raw(header: object, claims: object, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def without(*names: str, of: dict[str, Any] | None = None) -> dict[str, Any]:
    return {name: value for name, value in (of or HEADER).items() if name not in names}


def twice(value: dict[str, Any], name: str) -> bytes:
    """The object in JSON, with one of its properties repeated at its end."""
    return json.dumps(value).encode()[:-1] + f", {json.dumps(name)}: {json.dumps(value[name])}}}".encode()


def test_issued_token_is_verified_as_text_and_as_bytes() -> None:
    ours = issuer(token_lifetime=90)
    token = ours.issue(USER, SESSION)
    found = jwt.decode(token, SECRET, algorithms=["HS256"], audience="pressroom", issuer="pressroom")
    assert found["exp"] - found["iat"] == ours.lifetime == 90
    assert jwt.get_unverified_header(token) == HEADER
    said = Verified(SESSION, USER, found["exp"] + LEEWAY)
    assert ours.verify(token) == ours.verify(token.encode()) == ours.verify(token) == said
    for each in (signed(), text()):  # the cases below differ from these in one thing each
        assert issuer().verify(each) is not None


@pytest.mark.parametrize(
    "changed", [{"exp": -4}, {"iat": 4}, {"iat": 3, "exp": -3}], ids=["expired", "issued later", "both"]
)
def test_clocks_may_differ_by_five_seconds(changed: dict[str, int]) -> None:
    now = int(time.time())
    moved: dict[str, Any] = {name: now + by for name, by in changed.items()}
    assert issuer().verify(signed(**moved)) is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda: signed(OTHER_SECRET),
        lambda: signed(algorithm="HS512"),
        lambda: signed(iss="elsewhere"),
        lambda: signed(iss="press"),
        lambda: signed(aud="elsewhere"),
        lambda: signed(aud=["pressroom", "elsewhere"]),
        lambda: signed(exp=int(time.time()) - 6),
        lambda: signed(iat=int(time.time()) + 7),
        lambda: signed(exp="soon"),
        lambda: text(payload=claims(exp=str(int(time.time()) + 60))),
        lambda: text(payload=claims(exp=time.time() + 60)),
        lambda: text(payload=claims(exp=[int(time.time()) + 60])),
        lambda: text(payload=claims(exp=True)),
        lambda: text(payload=claims(exp=float("nan"))),
        lambda: text(payload=claims(exp=float("inf"))),
        lambda: text(payload=claims(iat=float("-inf"))),
        lambda: text(payload=claims(exp=10**400, iat=10**400)),
        lambda: text(payload=claims(iat=str(int(time.time())))),
        lambda: text(payload=claims(iat=False)),
        lambda: text(payload=twice(claims(), "exp")),
        lambda: text(payload=twice(claims(), "sub")),
        lambda: text(payload=twice(claims(), "sid")),
        lambda: text(payload=claims(sub=str(USER).upper())),
        lambda: text(payload=claims(sub=USER.hex)),
        lambda: text(payload=claims(sub={"id": str(USER)})),
        lambda: text(payload=claims(sub=1)),
        lambda: text(payload=claims(sid=SESSION.urn)),
        lambda: text(payload=claims(sid=[str(SESSION)])),
        lambda: text(payload=claims(nbf="now")),
        lambda: text(payload=claims(jti=1)),
        lambda: text(payload=claims(role="admin")),
        lambda: text(payload=claims(cnf={"jkt": "x"})),
        lambda: text(payload=claims(iss=["pressroom"])),
        lambda: text(payload=claims(aud=["pressroom"])),
        lambda: text(payload=b"\xef\xbb\xbf" + json.dumps(claims()).encode()),
        lambda: text(payload=json.dumps(claims()).encode("utf-16")),
        lambda: text(payload=b"\xff"),
        lambda: text(payload=b"null"),
        lambda: text(payload=b"[" * 3000),
        lambda: text(header=twice(HEADER, "alg")),
        lambda: text(header=twice(HEADER, "kid")),
        lambda: text(header=without("typ")),
        lambda: text(header=without("kid")),
        lambda: text(header=without("alg")),
        lambda: text(header=HEADER | {"typ": "JWT"}),
        lambda: text(header=HEADER | {"typ": "refresh+jwt"}),
        lambda: text(header=HEADER | {"typ": ["at+jwt"]}),
        lambda: text(header=HEADER | {"zip": "DEF"}),
        lambda: text(header=HEADER | {"crit": ["exp"]}),
        lambda: text(header=HEADER | {"crit": []}),
        lambda: text(header=HEADER | {"b64": True}),
        lambda: text(header=HEADER | {"jwk": {"kty": "oct", "k": "AAAA"}}),
        lambda: text(header=HEADER | {"jku": "https://example.com/keys"}),
        lambda: text(header=HEADER | {"x5u": "https://example.com/key"}),
        lambda: text(header=HEADER | {"x5c": ["MIIB"]}),
        lambda: text(header=HEADER | {"cty": "JWT"}),
        lambda: text(header=HEADER | {"kid": "../../dev/null"}),
        lambda: text(header=HEADER | {"kid": "' OR 1=1 --"}),
        lambda: text(header=HEADER | {"kid": [HEADER["kid"]]}),
        lambda: text(header=HEADER | {"kid": "x" * 3000}),
        lambda: text(header=HEADER | {"kid": None}),
        lambda: text(header=HEADER | {"alg": "hs256"}),
        lambda: text(header=HEADER | {"alg": "HS384"}),
        lambda: text(header=HEADER | {"alg": "EdDSA"}),
        lambda: text(header=HEADER | {"alg": "RS256"}),
        lambda: text(header=HEADER | {"alg": "none"}),
        lambda: text(header=json.dumps(HEADER).encode("utf-16")),
        lambda: text(header=b"{}"),
        lambda: text(header=b'"at+jwt"'),
        lambda: text(header=HEADER | {"enc": "A128GCM", "alg": "dir"}),
        lambda: signed(iat=int(time.time()) + 3600),
        lambda: signed(nbf=int(time.time()) + 3600),
        lambda: signed(sid="admin"),
        lambda: signed(sid=None),
        lambda: signed(sub=None),
        lambda: signed(iss=None),
        lambda: signed(aud=None),
        lambda: signed(iat=None),
        lambda: signed(exp=None),
        lambda: signed(headers={"crit": ["b64"], "b64": False}),
        lambda: jwt.encode({"sub": str(USER), "exp": int(time.time()) + 60}, "", "none"),
        lambda: raw({"alg": "none"}, jwt.decode(signed(), options={"verify_signature": False})),
        lambda: raw({"alg": "NoNe"}, jwt.decode(signed(), options={"verify_signature": False}), b"x" * 32),
        lambda: raw({"alg": "HS256"}, [1]),
        lambda: raw({"alg": ["HS256"]}, {}, b"x" * 32),
        lambda: signed() + "A",
        lambda: signed() + "=",
        lambda: signed()[:-1],
        lambda: signed()[:-5] + "!" + signed()[-5:],
        lambda: signed() + "\n",
        lambda: " " + signed(),
        lambda: signed() + "." + signed(),
        lambda: "A" + signed(),
        lambda: signed().replace(".", "..", 1),
        lambda: "",
        lambda: "..",
        lambda: "\udc80" + signed(),
        lambda: signed() + "é",
        lambda: "[" * 100_000,
        lambda: signed(padding="x" * 5000),
        lambda: "a" * 2000 + ".e30." + "A" * 43,
        lambda: base64.urlsafe_b64encode(b'{"a":' * 500).decode() + ".e30." + "A" * 43,
    ],
)
def test_anything_else_is_refused_and_never_raises(make: Callable[[], str]) -> None:
    ours = issuer()
    token = make()
    for _ in range(2):  # a refusal is not remembered as anything
        assert ours.verify(token) is None
        assert ours.verify(token.encode("utf-8", "surrogatepass")) is None


def test_last_character_has_one_spelling() -> None:
    # Four texts decode to the same 32 bytes of signature; one of them is the token.
    token = signed()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    position = alphabet.index(token[-1])
    ours = issuer()
    accepted = [c for c in alphabet[position : position + 4] if ours.verify(token[:-1] + c) is not None]
    assert accepted == [token[-1]]


@given(st.one_of(st.text(), st.binary()))
def test_noise_is_refused(token: str | bytes) -> None:
    assert issuer().verify(token) is None


@given(st.data())
def test_one_changed_character_is_refused(data: st.DataObject) -> None:
    token = signed()
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[at]))
    assert issuer().verify(token[:at] + character + token[at + 1 :]) is None


def test_remembered_token_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = issuer(token_lifetime=60)
    token = ours.issue(USER, SESSION)
    assert ours.verify(token) is not None
    expiry = jwt.decode(token, options={"verify_signature": False})["exp"]
    monkeypatch.setattr(tokens, "time", lambda: float(expiry + LEEWAY) - 0.001)
    assert ours.verify(token) is not None
    monkeypatch.setattr(tokens, "time", lambda: float(expiry + LEEWAY))
    assert ours.verify(token) is None


def test_expired_token_is_forgotten() -> None:
    ours = issuer()
    token = signed(exp=int(time.time()) - LEEWAY)
    ours._verified[token] = Verified(SESSION, USER, int(time.time()))
    assert ours.verify(token) is None
    assert token not in ours._verified


def test_memory_is_bounded_and_holds_only_valid_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    ours = issuer()
    made = [signed(exp=int(time.time()) + 60 + number) for number in range(5)]
    for token in made:
        assert ours.verify(token) is not None
        assert ours.verify(token + "A") is None
    assert len(ours._verified) == 3
    assert ours._verified.keys() <= set(made)
    assert made[-1] in ours._verified


def test_of_more_tokens_than_are_remembered_most_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come in turn: whoever forgets the oldest one has always just forgotten the next."""
    monkeypatch.setattr(tokens, "REMEMBERED", 100)
    ours = issuer()
    made = [ours.issue(USER, uuid4()) for _ in range(115)]
    for token in made:
        ours.verify(token)
    read, anew = ours._read, Mock()
    monkeypatch.setattr(ours, "_read", lambda text: anew(text) and read(text))
    for token in made * 10:
        assert ours.verify(token) is not None
    assert 0 < anew.call_count < 0.6 * 10 * len(made)


def test_remembered_token_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = issuer()
    token = ours.issue(USER, SESSION)
    found = ours.verify(token)
    assert found is not None
    monkeypatch.setattr(ours, "_read", lambda _: pytest.fail("verified a second time"))
    assert ours.verify(token) is found


# Several keys ------------------------------------------------------------------------------------------


def test_tokens_of_other_accepted_keys_are_good_and_of_no_others() -> None:
    former, current = issuer(), issuer(token_secret=OTHER_SECRET, accepted_token_secrets=[SECRET])
    alone = issuer(token_secret=OTHER_SECRET)
    assert current.verify(former.issue(USER, SESSION)) is not None
    assert alone.verify(former.issue(USER, SESSION)) is None
    assert alone.verify(current.issue(USER, SESSION)) is not None  # it signs with its own key
    assert former.verify(current.issue(USER, SESSION)) is None
    # A token is held against the key that it names alone.
    kid = jwt.get_unverified_header(alone.issue(USER, SESSION))["kid"]
    assert current.verify(signed(headers={"kid": kid})) is None


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "private.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    return path


def test_a_key_file_signs_with_eddsa(key_file: Path) -> None:
    ours = issuer(token_key_file=key_file)
    token = ours.issue(USER, SESSION)
    assert jwt.get_unverified_header(token)["alg"] == "EdDSA"
    public = (key_file.parent / "public.pem").read_text()
    assert jwt.decode(token, public, ["EdDSA"], audience="pressroom")["sub"] == str(USER)
    assert ours.verify(token) is not None
    assert ours.verify(token[:-1] + ("w" if token[-1] != "w" else "g")) is None
    assert ours.verify(signed()) is None  # the secret signs no more
    assert issuer(token_key_file=key_file, accepted_token_secrets=[SECRET]).verify(signed()) is not None
    verifying = issuer(accepted_token_key_files=[key_file.parent / "public.pem"])
    assert verifying.verify(token) is not None
    assert issuer().verify(token) is None


def test_the_public_key_is_no_secret(key_file: Path) -> None:
    """A token that is signed with its text as if it were the secret of an HMAC."""
    ours = issuer(token_key_file=key_file)
    header, payload, _ = ours.issue(USER, SESSION).split(".")
    named = json.loads(jwt.utils.base64url_decode(header)) | {"alg": "HS256"}
    first = base64.urlsafe_b64encode(json.dumps(named).encode()).rstrip(b"=").decode()
    public = (key_file.parent / "public.pem").read_bytes()
    mac = hmac.digest(public, f"{first}.{payload}".encode(), "sha256")
    token = f"{first}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert ours.verify(token) is None


# Refresh tokens ----------------------------------------------------------------------------------------


def test_refresh_tokens_follow_each_other_under_one_secret() -> None:
    ours, theirs = RefreshTokens(settings()), RefreshTokens(settings(token_secret=OTHER_SECRET))
    token = opaque_token()
    ((digest, following),) = ours.next(token).items()
    assert len(token) == len(following) == 43
    assert token != opaque_token()
    assert ours.next(token) == RefreshTokens(settings()).next(token)
    assert ours.digests(following) == [digest]
    ((_, second),) = ours.next(following).items()
    assert len({token, following, second, *theirs.next(token).values()}) == 4
    assert len({*ours.digests(token), *theirs.digests(token), hashlib.sha256(token.encode()).digest()}) == 3
    assert token.encode() not in ours.digests(token)[0]


def test_refresh_tokens_of_an_accepted_secret_are_known() -> None:
    former = RefreshTokens(settings())
    current = RefreshTokens(settings(token_secret=OTHER_SECRET, accepted_token_secrets=[SECRET]))
    token = opaque_token()
    assert current.digests(token)[1:] == former.digests(token)
    assert list(current.next(token).items())[1:] == list(former.next(token).items())
