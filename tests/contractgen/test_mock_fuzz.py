"""schemathesis, every check on, against mocks: it finds nothing but what `contractgen lint` has said before.

FUZZ_EXAMPLES sets the examples for each operation, FUZZ_MOCKS=all adds the contracts that take minutes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contractgen.findings import Finding
from contractgen.lint import lint
from contractgen.load import Document, child, load
from tests.contractgen.probing import SHARED

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "1")
OWN = Path(__file__).parents[2] / "openapi" / "openapi.yaml"
CORPUS = [folder / "corpus" for folder in SHARED]
QUICK = ("museum.yaml", "train-travel.yaml", "swagger-petstore.yaml")
LONG = ("spotify.yml", "adyen-checkout.json")
NAMES = QUICK + LONG if os.environ.get("FUZZ_MOCKS") == "all" else QUICK

CONFIGURATION = """
seed = 42
continue-on-failure = true

[cache]
enabled = false

[generation]
database = "none"
max-examples = {examples}

[checks]
max_response_time = 5.0
"""
# What a failure of each check is told by, beside the status that is not declared.
UNDECLARED = "the response {status} is not declared"
OF_BODIES = ("is answered with 415", "has no effect", "in a form the list")


@dataclass(frozen=True)
class Failure:
    """What a check has found: at which operation, with which status of the answer."""

    check: str
    operation: str
    status: str
    message: str


def test_the_projects_own_contract(tmp_path: Path) -> None:
    assert unexplained(OWN, tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.skipif(not CORPUS, reason="the shared contracts are not beside this checkout")
def test_a_contract_that_others_wrote(name: str, tmp_path: Path) -> None:
    assert unexplained(CORPUS[0] / name, tmp_path) == []


def unexplained(spec: Path, folder: Path) -> list[Failure]:
    """The failures that no finding of `contractgen lint` explains."""
    document = load(spec)
    findings = lint(document)
    return [each for each in failures(spec, document, folder) if not is_told(each, document, findings)]


def is_told(failure: Failure, document: Document, findings: list[Finding]) -> bool:
    method, _, path = failure.operation.partition(" ")
    place = child("/paths", path, method.lower())
    if failure.check == "status_code_conformance":
        told = UNDECLARED.format(status=failure.status)
        responses = child(document.resolve(place)[1], "responses")
        return any(each.pointer == responses and each.message.startswith(told) for each in findings)
    body = document.at(place).get("requestBody")
    if failure.check not in ("positive_data_acceptance", "negative_data_rejection") or body is None:
        return False
    pointer = document.resolve(child(place, "requestBody"))[1]
    below = [each.message for each in findings if each.pointer.startswith(f"{pointer}/")]
    return any(text in message for text in OF_BODIES for message in below)


def failures(spec: Path, document: Document, folder: Path) -> set[Failure]:
    """Every failure of a run of schemathesis."""
    report = folder / "events.ndjson"
    configuration = CONFIGURATION.format(examples=EXAMPLES) + credentials(document)
    (folder / "schemathesis.toml").write_text(configuration)
    with mock(spec) as url:
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [program, "--config-file", str(folder / "schemathesis.toml"), "run", str(spec)]
        command += ["--url", url, "--report-ndjson-path", str(report)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3000, check=False)
    assert done.returncode in (0, 1), done.stdout[-5000:] + done.stderr[-5000:]
    events = [json.loads(line) for line in report.read_text().splitlines()]
    assert not [each for event in events for each in event if each in ("NonFatalError", "FatalError")]
    assert "Tested: " in done.stdout
    found = {each for event in events for each in failures_of(event, "")}
    assert bool(found) is bool(done.returncode), done.stdout[-5000:]
    return found


def failures_of(node: Any, status: str) -> Iterator[Failure]:
    """The failures below a node of an event; `status` is that of the answer that was checked."""
    if isinstance(node, list):
        for each in node:
            yield from failures_of(each, status)
    if not isinstance(node, dict):
        return
    status = str((node.get("response") or {}).get("status_code", status)) if "checks" in node else status
    if node.get("status") == "failure" and "failure_info" in node:
        failure = node["failure_info"]["failure"]
        message = str(failure.get("message", ""))
        received = message.partition("Received: ")[2].partition("\n")[0] or status
        yield Failure(node["name"], failure["operation"], received, message)
    for each in node.values():
        yield from failures_of(each, status)


def credentials(document: Document) -> str:
    """A credential for every scheme: the mock takes any."""
    text = ""
    for name, scheme in document.value.get("components", {}).get("securitySchemes", {}).items():
        if scheme["type"] == "apiKey":
            credential = 'api_key = "key"'
        elif scheme.get("scheme", "").lower() == "basic":
            credential = 'username = "user"\npassword = "password"'
        else:
            credential = 'bearer = "token"'
        text += f"\n[auth.openapi.{name}]\n{credential}\n"
    return text


@contextmanager
def mock(spec: Path) -> Iterator[str]:
    """The address of a mock in a process of its own."""
    command = [sys.executable, "-m", "contractgen", "mock", str(spec), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[0]
        finally:
            process.terminate()
