import base64
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom import tokens
from pressroom.settings import Settings
from pressroom.tokens import RefreshTokens, TokenIssuer, digest_of, opaque_token

SECRET = "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3UekT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue"
OTHER_SECRET = "Zx3Wq9Lk2Vn8Bt5Mj7Hc4Fs6Dg1Pa0Yr5Ui"
USER = UUID("01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a")
SESSION = UUID("01939f6e-b3c4-7d5e-8f60-718293a4b5c6")


def issuer(**changed: Any) -> TokenIssuer:
    given_settings: dict[str, Any] = {
        "environment": "development",
        "token_secret": SECRET,
        "password_pepper": OTHER_SECRET,
    }
    return TokenIssuer(Settings.model_validate(given_settings | changed))


def signed(
    secret: str = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changed: Any
) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {"sub": str(USER), "sid": str(SESSION), "iss": "pressroom", "aud": "pressroom"}
    claims |= {"iat": now, "exp": now + 60} | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, secret, algorithm, headers=headers)


def raw(header: object, claims: object, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_issued_token_is_verified_as_text_and_as_bytes() -> None:
    ours = issuer(token_lifetime=90)
    token = ours.issue(USER, SESSION)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="pressroom", issuer="pressroom")
    assert claims["exp"] - claims["iat"] == ours.lifetime == 90
    assert ours.verify(token) == ours.verify(token.encode()) == ours.verify(token) == SESSION
    assert issuer().verify(signed()) == SESSION  # the cases below differ from this one in one thing each


@pytest.mark.parametrize(
    "make",
    [
        lambda: signed(OTHER_SECRET),
        lambda: signed(algorithm="HS512"),
        lambda: signed(iss="elsewhere"),
        lambda: signed(iss="press"),
        lambda: signed(aud="elsewhere"),
        lambda: signed(aud=["pressroom", "elsewhere"]),
        lambda: signed(exp=int(time.time()) - 1),
        lambda: signed(exp="soon"),
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
    assert ours.verify(token) == SESSION
    expiry = jwt.decode(token, options={"verify_signature": False})["exp"]
    monkeypatch.setattr(tokens, "time", lambda: float(expiry))
    # PyJWT still takes it by the real clock: what refuses here can only be the remembered expiry.
    remembered = ours._verified[token]
    assert ours.verify(token) == SESSION
    assert ours._verified[token] is not remembered


def test_expired_token_is_forgotten() -> None:
    ours = issuer()
    token = signed(exp=int(time.time()) - 1)
    ours._verified[token] = (SESSION, int(time.time()) - 1)
    assert ours.verify(token) is None
    assert token not in ours._verified


def test_memory_is_bounded_and_holds_only_valid_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    ours = issuer()
    made = [signed(jti=str(number)) for number in range(5)]
    for token in made:
        assert ours.verify(token) == SESSION
        assert ours.verify(token + "A") is None
    assert list(ours._verified) == made[-3:]


def test_remembered_token_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = issuer()
    token = ours.issue(USER, SESSION)
    assert ours.verify(token) == SESSION
    monkeypatch.setattr(ours, "_claims", lambda _: pytest.fail("verified a second time"))
    assert ours.verify(token) == SESSION


def test_refresh_tokens_follow_each_other_under_one_secret() -> None:
    def refresh_tokens(secret: str) -> RefreshTokens:
        given: dict[str, Any] = {"environment": "development", "token_secret": secret}
        return RefreshTokens(Settings.model_validate(given | {"password_pepper": "Qa" + OTHER_SECRET}))

    ours, theirs = refresh_tokens(SECRET), refresh_tokens(OTHER_SECRET)
    token = opaque_token()
    assert len(token) == len(ours.next(token)) == 43
    assert token != opaque_token()
    assert ours.next(token) == refresh_tokens(SECRET).next(token)
    assert len({token, ours.next(token), ours.next(ours.next(token)), theirs.next(token)}) == 4
    assert digest_of(token) != digest_of(ours.next(token))
    assert token.encode() not in digest_of(token)
