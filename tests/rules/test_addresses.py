from ipaddress import ip_network

import pytest

from pressroom.addresses import client_address

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.1", "fd00::/8")))


def scope(peer: str | None, *forwarded: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    return {"type": "http", "client": peer and (peer, 1234), "headers": [(b"host", b"x"), *headers]}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # a client that says it is a proxy
        ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),  # what a client has written before
        ("10.1.2.3", ["198.51.100.1, 10.9.9.9, 192.0.2.1"], "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1", "10.9.9.9"], "198.51.100.1"),  # two lines are one list
        ("10.1.2.3", ["10.4.4.4"], "10.4.4.4"),  # nobody but proxies: the first of them
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1:4711"], "198.51.100.1"),
        ("fd00::1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("fd00::1", ["2001:DB8:0:0::1"], "2001:db8::1"),
        ("10.1.2.3", ["unknown"], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1, nonsense, 10.9.9.9"], "10.9.9.9"),
        ("10.1.2.3", [""], "10.1.2.3"),
        ("10.1.2.3", ["\xff"], "10.1.2.3"),
        ("testclient", ["198.51.100.1"], "testclient"),
        (None, ["198.51.100.1"], ""),
    ],
)
def test_the_client_is_the_last_that_no_trusted_proxy_is(
    peer: str | None, forwarded: list[str], client: str
) -> None:
    assert client_address(scope(peer, *forwarded), PROXIES) == client


def test_nobody_is_trusted_unless_said() -> None:
    assert client_address(scope("10.1.2.3", "198.51.100.1"), ()) == "10.1.2.3"
