"""Security schemes one at a time: sent and received, refused with the right challenge."""

from typing import Any

import pytest

from tests.contractgen.securing import DIGEST, Headers, Serve, ask, basic, challenges, start


@pytest.fixture
def serve() -> Serve:
    return start


# Requirement; what is sent; what the host's method gets; its challenge.
ALONE: dict[str, tuple[str, dict[str, Any], Any, str]] = {
    "bearer": ("bearerAuth", {"token": "t"}, None, "Bearer"),
    "oauth2": ("oauth", {"token": "t"}, "t", "Bearer"),
    "openIdConnect": ("oidc", {"token": "t"}, "t", "Bearer"),
    "key in a header": ("key", {"headers": [("x-key", "t")]}, "t", 'ApiKey in="header", name="X-Key"'),
    "key in the query": (
        "queryKey",
        {"query": "?the+key=%C3%A4+b"},
        "ä b",
        'ApiKey in="query", name="the key"',
    ),
    "key in a cookie": (
        "cookieKey",
        {"headers": [("cookie", "a=b; session=x%3D=; session=y")]},
        "x%3D=",
        'ApiKey in="cookie", name="session"',
    ),
    "negotiate": ("negotiate", {"headers": [("authorization", "negotiate abc==")]}, "abc==", "Negotiate"),
    "reference": ("alias", {"headers": [("x-key", "t")]}, "t", 'ApiKey in="header", name="X-Key"'),
}


@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE)
async def test_a_scheme_alone(serve: Serve, case: tuple[str, dict[str, Any], Any, str]) -> None:
    name, sent, credential, challenge = case
    service = serve({name: []})
    refused = await ask(service)
    assert (refused.status, challenges(refused)) == (401, [challenge])
    answer = await ask(service, sent.pop("headers", None), **sent)
    assert answer.status == 200, answer.body
    assert [found for _, found in service.host.credentials] == ([] if credential is None else [credential])


async def test_basic(serve: Serve) -> None:
    service = serve({"basic": []})
    answer = await ask(service)
    assert (answer.status, challenges(answer)) == (401, ['Basic realm="Things", charset="UTF-8"'])
    assert (await ask(service, basic("änn:a:b"))).status == 200
    ((_, credentials),) = service.host.credentials
    assert (credentials.username, credentials.password) == ("änn", "a:b")
    assert "a:b" not in repr(credentials), "a password is never repeated"
    bad = await ask(service, basic("bad:x"))
    assert (bad.status, challenges(bad)) == (401, ['Basic realm="Things", charset="UTF-8"'])


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Basic")],
        [("Authorization", "Basic ")],
        [("Authorization", "Basic !!!!")],
        [("Authorization", "Basic YTpi YTpi")],
        [("Authorization", "Basic YTp")],
        [("Authorization", "Bearer YTpi")],
        basic("no colon"),
        basic("a\x00b:c"),
        basic(b"\xff:a"),
        basic("a:b") * 2,
    ],
    ids=str,
)
async def test_malformed_basic_is_401(serve: Serve, headers: Headers) -> None:
    service = serve({"basic": []})
    assert (await ask(service, headers)).status == 401
    assert not service.host.credentials


async def test_digest(serve: Serve) -> None:
    service = serve({"digest": []})
    answer = await ask(service)
    (challenge,) = challenges(answer)
    assert answer.status == 401
    assert challenge == (
        'Digest realm="a \\"b\\"", nonce="n", qop="auth", opaque="o", algorithm=SHA-256, '
        "charset=UTF-8, stale=true"
    )
    assert (await ask(service, [("Authorization", f"Digest {DIGEST}")])).status == 200
    ((_, credentials),) = service.host.credentials
    assert (credentials.username, credentials.realm, credentials.nonce) == ("ann", "r", "n")
    assert (credentials.uri, credentials.method, credentials.response) == ("/t", "GET", "00ff")
    assert (credentials.cnonce, credentials.qop, credentials.nonce_count) == ('c, "d"', "auth", 10)
    assert (credentials.algorithm, credentials.opaque, credentials.userhash) == ("SHA-256", None, False)


async def test_digest_with_an_extended_username(serve: Serve) -> None:
    service = serve({"digest": []})
    text = DIGEST.replace('username="ann"', "username*=UTF-8''J%C3%A4s, userhash=false")
    assert (await ask(service, [("Authorization", f"digest {text}")])).status == 200
    assert service.host.credentials[0][1].username == "Jäs"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "username",
        'username="ann',
        DIGEST.replace('nonce="n", ', ""),
        DIGEST.replace("nc=0000000a", "nc=a"),
        DIGEST.replace('username="ann"', "username*=latin-1''a"),
        DIGEST.replace('username="ann"', "username*=UTF-8''%ff"),
        DIGEST + ', realm="r"',
        DIGEST + " x",
        DIGEST.replace("ann", "\xff"),
    ],
)
async def test_malformed_digest_is_401(serve: Serve, text: str) -> None:
    service = serve({"digest": []})
    assert (await ask(service, [("Authorization", f"Digest {text}")])).status == 401
    assert not service.host.credentials


async def test_a_client_certificate(serve: Serve) -> None:
    service = serve({"certificate": []})
    shown: Any = {"client_cert_name": "CN=ann", "client_cert_chain": ["PEM"], "client_cert_error": None}
    none: Any = {"client_cert_name": None, "client_cert_chain": []}
    refused: list[Any] = [None, {}, none, shown | {"client_cert_error": "x"}]
    for tls in refused:
        answer = await ask(service, tls=tls)
        assert (answer.status, challenges(answer)) == (401, ["ClientCertificate"])
    assert (await ask(service, tls=shown)).status == 200
    ((_, certificate),) = service.host.credentials
    assert (certificate.subject, certificate.chain) == ("CN=ann", ("PEM",))


@pytest.mark.parametrize(
    ("name", "headers", "query"),
    [
        ("key", [("x-key", "a"), ("X-Key", "b")], ""),
        ("key", [("x-key", "")], ""),
        ("queryKey", [], "?the+key=a&the%20key=b"),
        ("queryKey", [], "?the+key="),
        ("queryKey", [], "?the+key=%ff"),
        ("cookieKey", [("cookie", "session=")], ""),
        ("cookieKey", [("cookie", "sessions=a")], ""),
        ("negotiate", [("authorization", "Negotiate")], ""),
        ("oauth", [("authorization", "Bearer a"), ("authorization", "Bearer a")], ""),
        ("key", [("x-key", "bad")], ""),
    ],
)
async def test_bad_credentials_are_401(serve: Serve, name: str, headers: Headers, query: str) -> None:
    answer = await ask(serve({name: []}), headers, query)
    assert answer.status == 401
    assert len(challenges(answer)) == 1
