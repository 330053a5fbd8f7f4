"""The audit of the locks and the bill of materials: what they say, and when the audit says nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.security import audit
from tests.security.lock import LOCKS, PRODUCTION, pins
from tests.security.sbom import bill_of_materials

#: Those of production that are on no Linux with CPython.
ELSEWHERE = {"colorama", "tzdata"}
CANARY = ("pyjwt", "2.3.0")


class Advisories(ThreadingHTTPServer):
    """Answers as OSV does, with an advisory for each package and version that is bad."""

    def __init__(self, bad: dict[tuple[str, str], str]) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.bad = bad
        self.asked: set[tuple[str, str]] = set()


class Answering(BaseHTTPRequestHandler):
    server: Advisories

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = [(each["package"]["name"], each["version"]) for each in body["queries"]]
        self.server.asked |= set(asked)
        found = [self.server.bad.get(each) for each in asked]
        modified = "2024-01-01T00:00:00Z"
        self._answer(
            {"results": [{"vulns": [{"id": each, "modified": modified}]} if each else {} for each in found]}
        )

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        aliases = ["CVE-2022-29217"] if name == "GHSA-ffqj-6fqr-9h24" else []
        self._answer({"id": name, "modified": "2024-01-01T00:00:00Z", "aliases": aliases})

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def advisories(monkeypatch: pytest.MonkeyPatch, bad: dict[tuple[str, str], str]) -> Iterator[Advisories]:
    with Advisories(bad) as server:
        monkeypatch.setenv("OSV_URL", f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_without_advisories_nothing_is_said_of_the_lock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As behind a mirror that has packages and no advisories: everything looks good."""
    with advisories(monkeypatch, {}) as server:
        assert audit.main([PRODUCTION]) == 2
    assert server.asked == {CANARY}
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("There is no advisory data here: pyjwt 2.3.0 was not reported")


def test_without_a_network_nothing_is_said_of_the_lock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:1")
    assert audit.main([PRODUCTION]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("is_bad", [False, True])
def test_every_package_of_the_lock_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_bad: bool
) -> None:
    starlette = ("starlette", pins(PRODUCTION)["starlette"])
    bad = {CANARY: "GHSA-ffqj-6fqr-9h24"} | ({starlette: "GHSA-0000-0000-0000"} if is_bad else {})
    with advisories(monkeypatch, bad) as server:
        assert audit.main([PRODUCTION]) == (1 if is_bad else 0)
    assert server.asked == {*pins(PRODUCTION).items(), CANARY}
    assert ("GHSA-0000-0000-0000" in capsys.readouterr().out) == is_bad


def test_every_lock_is_audited() -> None:
    assert all(len(pins(lock)) > 20 for lock in LOCKS)


def test_the_bill_has_every_package_of_the_lock_with_its_license() -> None:
    bill = bill_of_materials()
    components = {each["name"]: each for each in bill["components"]}
    assert {name: each["version"] for name, each in components.items()} == pins(PRODUCTION)
    assert {name for name, each in components.items() if not each.get("licenses")} <= ELSEWHERE
    assert components["starlette"]["purl"] == f"pkg:pypi/starlette@{pins(PRODUCTION)['starlette']}"
    assert bill == bill_of_materials()


def test_the_bill_says_who_needs_what() -> None:
    bill = bill_of_materials()
    names = {each["bom-ref"]: each["name"] for each in (*bill["components"], bill["metadata"]["component"])}
    needs = {names[each["ref"]]: {names[ref] for ref in each["dependsOn"]} for each in bill["dependencies"]}
    assert needs.keys() == set(names.values())
    assert "pydantic" in needs["fastapi"]
    assert {"fastapi", "asyncpg", "pyjwt"} <= needs["pressroom"]
    needed = set().union(*needs.values())
    assert needed == set(names.values()) - {"pressroom"}


def test_production_has_no_license_that_binds_others() -> None:
    """Those of the GNU project would bind who ships the service with them."""
    licenses = {each["name"]: json.dumps(each.get("licenses")) for each in bill_of_materials()["components"]}
    assert {name: text for name, text in licenses.items() if "GPL" in text or "GNU" in text} == {}
    assert "MIT" in licenses["fastapi"]
