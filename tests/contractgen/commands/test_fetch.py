"""`contractgen fetch` saves the files of other hosts, whole or not at all, and no other command does."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from contractgen.commands.cli import main
from contractgen.document import fetching
from contractgen.document.load import load

Handle = Callable[[BaseHTTPRequestHandler], None]
YAML = b"Pet: {type: object}\n"


class Host(ThreadingHTTPServer):
    """A server of files; a function in place of one responds as it likes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Handle] = {}
        self.requests: list[str] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.requests.append(self.path)
                found = host.files.get(self.path)
                if callable(found):
                    found(self)
                elif found is None:
                    self.send_error(404)
                else:
                    respond(self, 200, found)

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.folder = f"remote/127.0.0.1_{self.server_port}"

    def addressed(self, text: str) -> bytes:
        return text.replace("URL", self.url).encode()


def respond(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def secure(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """The same host over TLS, with a certificate of an authority that is trusted."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    host.socket = context.wrap_socket(host.socket, server_side=True)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    host.url = f"https://localhost:{host.server_port}"
    return host


def document(folder: Path, reference: str) -> Path:
    (folder / "openapi.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
        "paths: {/a: {get: {operationId: get_a, responses: {'200': {description: ok, "
        "content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}}}}\n"
        f"components: {{schemas: {{Pet: {{$ref: '{reference}'}}}}}}\n"
    )
    return folder / "openapi.yaml"


@pytest.fixture
def spec(tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract that leads to the host, from there to two more files, and back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # not for this machine
    pet = "Pet: {type: object, properties: {owner: {$ref: '../b/owner.yaml'}, tag: {$ref: '/tag.json'}}}\n"
    owner = "type: object\nproperties: {pet: {$ref: 'URL/a/pets.yaml#/Pet'}, tag: {$ref: 'URL/tag.json#'}}\n"
    host.files["/a/pets.yaml"] = host.addressed(pet)
    host.files["/b/owner.yaml"] = host.addressed(owner)
    host.files["/tag.json"] = b'{"type": "string"}'
    document(tmp_path, f"{host.url}/a/pets.yaml#/Pet")
    return Path("openapi.yaml")


def files_in(folder: str) -> dict[str, bytes]:
    found = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_all_that_is_referred_to_is_saved_and_nothing_else_uses_the_network(
    spec: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", str(spec), "--out", "pets"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"openapi.yaml:4:24: #/components/schemas/Pet: the reference {host.url}/a/pets")
    assert error.endswith("which is not there: run `contractgen fetch openapi.yaml`\n")
    assert host.requests == []

    assert main(["fetch", str(spec)]) == 0
    names = ("a/pets.yaml", "b/owner.yaml", "tag.json")
    assert files_in(host.folder) == {name: host.files[f"/{name}"] for name in names}
    digests = {name: sha256(content).hexdigest() for name, content in files_in(host.folder).items()}
    lines = {f"{host.folder}/{name}: {host.url}/{name}, SHA-256 {digests[name]}" for name in names}
    assert set(capsys.readouterr().out.splitlines()) == {f"fetched {line}" for line in lines}
    assert sorted(host.requests) == sorted(f"/{name}" for name in names)

    assert main(["fetch", str(spec)]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {f"present {line}" for line in lines}
    for command in (["generate"], ["check"]):
        assert main([*command, str(spec), "--out", "pets"]) == 0
    for command in (["lint"], ["diff", str(spec)]):
        assert main([*command, str(spec)]) == 0
    assert len(host.requests) == 3
    assert load(spec).value["components"]["schemas"] == {
        "Pet": {
            "type": "object",
            "properties": {
                "owner": {"$ref": "#/components/schemas/owner"},
                "tag": {"$ref": "#/components/schemas/tag"},
            },
        },
        "owner": {
            "type": "object",
            "properties": {
                "pet": {"$ref": "#/components/schemas/Pet"},
                "tag": {"$ref": "#/components/schemas/tag"},
            },
        },
        "tag": {"type": "string"},
    }


def test_a_change_is_fetched_when_asked_for(
    spec: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["fetch", str(spec)])
    host.files["/tag.json"] = b'{"type": "integer"}'
    capsys.readouterr()
    assert main(["fetch", str(spec), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {each["state"] for each in printed["files"]} == {"present"}
    assert main(["fetch", str(spec), "--again", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["findings"] == []
    assert {each["address"]: each["state"] for each in printed["files"]} == {
        f"{host.url}/a/pets.yaml": "unchanged",
        f"{host.url}/b/owner.yaml": "unchanged",
        f"{host.url}/tag.json": "changed",
    }
    assert files_in(host.folder)["tag.json"] == b'{"type": "integer"}'


def test_the_configured_contracts_are_fetched_once(
    spec: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("second.yaml").write_bytes(spec.read_bytes())
    table = '[tool.contractgen.contracts.{0}]\nspec = "{0}.yaml"\nout = "{0}_api"\n'
    Path("pyproject.toml").write_text(table.format("openapi") + table.format("second"))
    assert main(["fetch", "--again"]) == 0
    assert capsys.readouterr().out.count("fetched ") == len(host.requests) == 3


def test_a_contract_without_references_to_other_hosts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = document(tmp_path, "#/components/schemas/Other")
    spec.write_text(spec.read_text().replace("{Pet:", "{Other: {type: string}, Pet:"))
    assert main(["fetch", str(spec)]) == 0
    assert capsys.readouterr().out == f"{spec}: no references to other hosts\n"


def redirected(to: str, status: int = 302) -> Handle:
    return lambda handler: respond(handler, status, b"", Location=to)


def broken(handler: BaseHTTPRequestHandler) -> None:
    respond(handler, 200, YAML, Content_Length="9999")


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"fff\r\nPet: {type: object}\n")


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b"# more\n")
            time.sleep(0.05)
    except ConnectionError:
        pass


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


FAILURES: list[tuple[bytes | Handle | None, str]] = [
    (None, "the status of the response is 404, not 200"),
    (lambda handler: respond(handler, 500, YAML), "the status of the response is 500, not 200"),
    (lambda handler: respond(handler, 206, YAML), "the status of the response is 206, not 200"),
    (redirected("http://elsewhere.example/a.yaml"), "it redirects to http://elsewhere.example/a.yaml, "),
    (redirected("file:///etc/passwd"), "it redirects to file:///etc/passwd, "),
    (redirected("http://["), "the connection failed: "),
    (redirected("/a.yaml"), "it redirects more than 5 times"),
    (lambda handler: respond(handler, 302, YAML), "the status of the response is 302, not 200"),
    (redirected("/b.yaml", 404), "the status of the response is 404, not 200"),
    (lambda handler: respond(handler, 304, YAML), "the status of the response is 304, not 200"),
    (b"<!DOCTYPE html><html><p class='a: b'>", "the response (text/plain) is not an object of JSON or YAML"),
    (b"a: b\nc: d: e\n", "is neither JSON nor YAML: line 2, column 5: mapping values are not allowed in"),
    (b"\xff", "is neither JSON nor YAML: line 1, column 1: is not UTF-8"),
    (b"", "is not an object of JSON or YAML"),
    (b"a: " + 1000 * b"b", "the response is larger than 0 MB"),
    (broken, "the connection failed: IncompleteRead"),
    (cut, "the connection failed: IncompleteRead"),
    (lambda handler: handler.connection.close(), "the connection failed: "),
    (silent, "there was no complete response within 0.4 s"),
    (dripping, "there was no complete response within 0.4 s"),
]


@pytest.mark.parametrize("known", [None, b"Pet: {type: string}\n"], ids=["new", "again"])
@pytest.mark.parametrize(("response", "cause"), FAILURES, ids=range(len(FAILURES)))
def test_a_failure_names_the_reference_and_leaves_everything_as_it_is(
    response: bytes | Handle | None,
    cause: str,
    known: bytes | None,
    tmp_path: Path,
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 800)
    if "0.4 s" in cause:
        monkeypatch.setattr(fetching, "_SECONDS", 0.4)
    monkeypatch.chdir(tmp_path)
    if response is not None:
        host.files["/a.yaml"] = response
    spec = document(tmp_path, f"{host.url}/a.yaml#/Pet")
    saved = Path(host.folder, "a.yaml")
    if known:
        saved.parent.mkdir(parents=True)
        saved.write_bytes(known)
    assert main(["fetch", spec.name, "--again"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    place = "openapi.yaml:4:24: #/components/schemas/Pet"
    address = f"{host.url}/a.yaml"
    assert line.startswith(f"{place}: the reference {address}#/Pet cannot be fetched: {address}: ")
    assert cause in line
    assert files_in("remote") == ({f"{host.folder[7:]}/a.yaml": known} if known else {})


def test_two_references_to_a_file_that_fails_are_one_request(
    tmp_path: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = document(tmp_path, f"{host.url}/a.yaml#/Pet")
    spec.write_text(spec.read_text().replace("{Pet:", f"{{Toy: {{$ref: '{host.url}/a.yaml#/Toy'}}, Pet:"))
    assert main(["fetch", str(spec)]) == 2
    assert capsys.readouterr().err.count("status of the response is 404") == 2
    assert host.requests == ["/a.yaml"]


def test_a_redirect_is_followed_and_the_file_keeps_its_first_address(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    host.files["/v1/a.yaml"] = redirected("/v2/b.yaml", 301)
    host.files["/v2/b.yaml"] = YAML
    assert main(["fetch", document(tmp_path, f"{host.url}/v1/a.yaml#/Pet").name]) == 0
    assert files_in(host.folder) == {"v1/a.yaml": YAML}


def test_https_checks_the_certificate_and_leads_nowhere_else(
    tmp_path: Path, secure: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secure.files["/a.yaml"] = redirected("b.yaml", 308)
    secure.files["/b.yaml"] = YAML
    spec = str(document(tmp_path, f"{secure.url}/a.yaml#/Pet"))
    assert main(["fetch", spec]) == 0
    saved = tmp_path / "remote" / f"localhost_{secure.server_port}" / "a.yaml"
    assert saved.read_bytes() == YAML
    secure.files["/a.yaml"] = redirected("http://127.0.0.1:1/b.yaml")
    assert main(["fetch", spec, "--again"]) == 2
    assert "it redirects to http://127.0.0.1:1/b.yaml, which is not HTTPS" in capsys.readouterr().err
    monkeypatch.delenv("SSL_CERT_FILE")
    assert main(["fetch", spec, "--again"]) == 2
    assert "certificate verify failed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reference", "cause"),
    [
        ("http://elsewhere.example/a.yaml", "files are fetched over HTTPS only, or over HTTP from localhost"),
        ("https://127.0.0.1:PORT/a.yaml", "the connection failed: "),
        ("http://127.0.0.1:1/a.yaml", "the connection failed: "),
        ("https://a..example/a.yaml", "the connection failed: "),
    ],
)
def test_an_address_without_a_response(
    reference: str, cause: str, tmp_path: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = document(tmp_path, reference.replace("PORT", str(host.server_port)))
    assert main(["fetch", str(spec)]) == 2
    assert cause in capsys.readouterr().err
    assert not (tmp_path / "remote").exists()


def test_a_file_saved_by_hand_needs_no_address_that_may_be_fetched(tmp_path: Path) -> None:
    spec = document(tmp_path, "http://elsewhere.example/a.yaml#/Pet")
    path = tmp_path / "remote" / "elsewhere.example" / "a.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(YAML)
    assert main(["fetch", str(spec)]) == 0


def test_a_file_that_cannot_be_saved(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    host.files["/a.yaml"] = YAML
    spec = document(tmp_path, f"{host.url}/a.yaml#/Pet").name
    Path(host.folder, "a.yaml").mkdir(parents=True)
    assert main(["fetch", spec]) == 2
    assert f"{host.folder}/a.yaml cannot be saved: Is a directory" in capsys.readouterr().err
    assert files_in("remote") == {}


def test_a_changed_file_takes_the_place_of_the_old_one(spec: Path, host: Host) -> None:
    """Whoever reads it meanwhile reads one of the two, and no part of it."""
    main(["fetch", str(spec)])
    Path("old").hardlink_to(Path(host.folder, "tag.json"))
    host.files["/tag.json"] = b'{"type": "integer"}'
    main(["fetch", str(spec), "--again"])
    assert Path("old").read_bytes() == b'{"type": "string"}'


def test_other_references_of_the_contract_are_reported(
    spec: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.files["/tag.json"] = b'{"$ref": "#/nowhere"}'
    assert main(["fetch", str(spec)]) == 2
    printed = capsys.readouterr()
    assert printed.out.count("fetched ") == 3
    assert f"{host.folder}/tag.json:1:1: #: the reference #/nowhere leads nowhere\n" in printed.err
