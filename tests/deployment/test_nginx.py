"""The service behind nginx, as the example configures it."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from load.service import free_port, isolated_environment, service
from tests.house.project import read
from tests.service import bytes_of
from tests.tiers import slow

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NAME = "api.example.com"
#: What the proxy itself says of a connection, and what differs from request to request.
OWN = {"date", "server", "connection", "x-request-id", "transfer-encoding", "keep-alive"}

pytestmark = [slow, pytest.mark.skipif(NGINX is None, reason="nginx is not here")]


@pytest.fixture(scope="module")
def direct(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a service, and its log."""
    folder = tmp_path_factory.mktemp("service")
    environment = isolated_environment(folder) | {
        "DATABASE_URL": database_url,
        "PRESSROOM_ALLOWED_HOSTS": f"{NAME},127.0.0.1",
        "PRESSROOM_TRUSTED_PROXIES": "127.0.0.1",
        "PRESSROOM_LOG_CLIENTS": "true",
        "PRESSROOM_LOG_FORMAT": "json",
    }
    with service(str(folder), environment) as url:
        yield url, folder / "service.log"


@pytest.fixture(scope="module")
def proxied(direct: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client that reaches it through nginx, over TLS."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "certificate.pem")
    example = read("docs/operations/examples/nginx.conf")
    for pattern, text in {
        r"server 127\.0\.0\.1:8000;": f"server {direct[0].removeprefix('http://')};",
        r"listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        r"ssl_certificate \S+;": f"ssl_certificate {folder}/certificate.pem;",
        r"ssl_certificate_key \S+;": f"ssl_certificate_key {folder}/certificate.pem;",
    }.items():
        example, changed = re.subn(pattern, text, example)
        assert changed == 1, pattern
    (folder / "pressroom.conf").write_text(example)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""  # may read the folders of the tests
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/pressroom.conf; }}\n"
    )
    process = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    context = ssl.create_default_context()
    authority.configure_trust(context)
    try:
        deadline = time.monotonic() + 30
        while not listens(port):
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # The name of the certificate, at the address of this machine.
        headers, extensions = {"host": NAME}, {"sni_hostname": NAME}
        with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, headers=headers) as client:
            client.event_hooks = {"request": [lambda request: request.extensions.update(extensions)]}
            yield client
    finally:
        process.terminate()
        process.wait(30)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/livez",
        "/readyz",
        "/api/v1/posts?limit=3",
        "/api/v1/posts?limit=500&colour=red",
        "/api/v1/posts/a%2Fb",
        "/api/v1/posts/%2e%2e/users",
        "/api/v1/users/me",
        "/none//here",
        "/openapi.yaml",
    ],
)
def test_a_response_is_that_of_the_service(
    direct: tuple[str, Path], proxied: httpx.Client, path: str
) -> None:
    url, _ = direct
    with httpx.Client(base_url=url, headers={"host": NAME}) as client:
        expected = client.get(path)
    for _ in range(3):  # also over a connection that is kept
        found = proxied.get(path)
        assert (found.status_code, bytes_of(found)) == (expected.status_code, bytes_of(expected))
        assert kept(found) == kept(expected)


def kept(response: httpx.Response) -> list[tuple[str, str]]:
    return sorted(pair for pair in response.headers.multi_items() if pair[0] not in OWN)


def test_a_client_cannot_claim_another_address(direct: tuple[str, Path], proxied: httpx.Client) -> None:
    _, log = direct
    given = {"x-forwarded-for": "203.0.113.7", "x-request-id": "claimed"}
    assert proxied.get("/livez", headers=given).headers["x-request-id"] == "claimed"
    deadline = time.monotonic() + 10
    while not (lines := [line for line in log.read_text().splitlines() if '"claimed"' in line]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert json.loads(lines[0])["client"] == "127.0.0.1"


@pytest.mark.parametrize("size", [300_000, 1_500_000])
def test_the_service_itself_rejects_a_body_that_is_too_large(proxied: httpx.Client, size: int) -> None:
    body = json.dumps({"email": "a" * size, "password": "x"})
    response = proxied.post("/api/v1/auth/login", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
