"""schemathesis, every check on, against mocks: it finds nothing but what `contractgen lint` has said before.

FUZZ_EXAMPLES sets the examples for each operation; the full tier adds the contracts that take minutes.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import Finding
from contractgen.document.load import Document, load
from contractgen.lint.linter import lint
from contractgen_runtime.pointers import child, pointer_of
from tests.contract.document import OPERATIONS
from tests.contractgen.corpus import CORPUS, needs_corpus
from tests.contractgen.packages import read_document
from tests.tiers import sampled, slow

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "1")
OWN = Path(__file__).parents[3] / "openapi" / "openapi.yaml"
QUICK = ("museum.yaml", "train-travel.yaml", "swagger-petstore.yaml")
LONG = ("spotify.yml", "adyen-checkout.json")
NAMES = sampled(QUICK + LONG, 1)

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

[checks.negative_data_rejection]
# schemathesis's own, and 413: what is longer than all that the schema permits is refused before it is read.
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""
# The credentials that the mock takes.
TOKEN, USER, PASSWORD = "token", "user", "password"
# The rules that explain failures: a body in a media type or of a schema that is not enforced.
NOT_READ, OF_LISTS, OF_BYTES = "unsupported-media-type", "form-empty-array", "binary-schema-ignored"
# What the value of a discriminator is told by, that schemathesis holds for unknown.
OF_VALUE = re.compile(r"discriminator property '(?P<name>.*?)' with value (?P<value>'.*?'),\n")


@dataclass(frozen=True)
class Failure:
    """What a check has found: at which operation, for a body of which media type, with which answer."""

    check: str
    operation: str
    status: str
    media_type: str
    message: str
    has_body: bool = True

    def place(self, document: Document) -> str:
        """The pointer of its operation."""
        method, _, path = self.operation.partition(" ")
        return document.resolve(child("/paths", path, method.lower()))[1]


@slow
def test_the_projects_own_contract(tmp_path: Path) -> None:
    operations = sampled(sorted(OPERATIONS), 8)
    assert unexplained(OWN, tmp_path, operations) == []


@pytest.mark.parametrize("name", NAMES)
@needs_corpus
@slow
def test_a_contract_that_others_wrote(name: str, tmp_path: Path) -> None:
    assert unexplained(CORPUS / name, tmp_path) == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [("/pets", "cat", True), ("/pets", "Cat", False), ("/pets", "cow", False), ("/cats", "cat", False)],
)
def test_a_value_is_told_by_the_discriminator_that_its_answer_reaches(
    tmp_path: Path, path: str, value: str, told: bool
) -> None:
    """Not by one of another answer, and not where the finding is of another value."""
    cat = {"type": "object", "properties": {"kind": {"const": "cat"}}}
    pet = {"oneOf": [{"$ref": "#/components/schemas/Cat"}], "discriminator": {"propertyName": "kind"}}
    paths = {
        f"/{name.lower()}s": {
            "get": {
                "responses": {
                    "2XX": {
                        "description": "All.",
                        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
                    }
                }
            }
        }
        for name in ("Pet", "Cat")
    }
    document = read_document(
        tmp_path,
        {
            "openapi": "3.1.0",
            "info": {"title": "Pets", "version": "1"},
            "paths": paths,
            "components": {"schemas": {"Pet": pet, "Cat": cat}},
        },
    )
    message = f"Response contains discriminator property 'kind' with value {value!r},\nwhich does not match"
    failure = Failure("response_schema_conformance", f"GET {path}", "200", "", message)
    assert is_told(failure, document, lint(document)) is told


def unexplained(spec: Path, folder: Path, operations: list[str] | None = None) -> list[Failure]:
    """The failures that no finding of `contractgen lint` explains."""
    document = load(spec)
    findings = lint(document)
    found = [
        each for each in failures(spec, document, folder, operations or []) if not is_unsent(each, document)
    ]
    return [each for each in found if not is_told(each, document, findings)]


def is_unsent(failure: Failure, document: Document) -> bool:
    """Whether a body that should be refused was never sent, where none has to be.

    What schemathesis cannot write as XML, such as a number for an object, it leaves out: a valid request.
    """
    if failure.check != "negative_data_rejection" or failure.has_body or "in body" not in failure.message:
        return False
    body = document.resolve(child(failure.place(document), "requestBody"))[0]
    return failure.media_type.endswith("xml") and not body.get("required", False)


def is_told(failure: Failure, document: Document, findings: list[Finding]) -> bool:
    """Whether a finding says of the very place what a check has found."""
    match failure.check, failure.status:
        case "status_code_conformance", status:
            where, message = child(failure.place(document), "responses"), f"response {status} is not declared"
            return any((each.pointer, each.message) == (where, message) for each in findings)
        case "response_schema_conformance", _:
            return is_told_of_value(failure, document, findings)
        case "positive_data_acceptance", "415":
            told = {body_of(failure, document): NOT_READ}
        case "positive_data_acceptance", "422":
            told = {body_of(failure, document): OF_LISTS}
        case "negative_data_rejection", _:
            told = {body_of(failure, document): OF_LISTS, body_of(failure, document) + "/schema": OF_BYTES}
        case _:
            return False
    return any(told.get(each.pointer) == each.rule for each in findings)


def body_of(failure: Failure, document: Document) -> str:
    """The pointer of the media type that the body of a request was of."""
    body, pointer = document.resolve(child(failure.place(document), "requestBody"))
    names = (name for name in body["content"] if essence(name) == failure.media_type)
    return child(pointer, "content", next(names, "none"))


def is_told_of_value(failure: Failure, document: Document, findings: list[Finding]) -> bool:
    """Whether a finding tells of an answer's value, for a discriminator that the answer's schema reaches."""
    value = OF_VALUE.search(failure.message)
    if value is None:
        return False
    responses = document.at(failure.place(document))["responses"]
    status = next(key for key in (failure.status, f"{failure.status[0]}XX", "default") if key in responses)
    reached = reach(document, child(failure.place(document), "responses", status))
    return any(
        each.rule == "discriminator-value"
        and f"the value of {value['name']!r} " in each.message
        and value["value"] in each.message
        and any(each.pointer.startswith(f"{pointer}/") for pointer in reached)
        for each in findings
    )


def reach(document: Document, pointer: str) -> set[str]:
    """The pointers of an object and of all that it refers to."""
    found, waiting = set(), [pointer]
    while waiting:
        pointer = waiting.pop()
        if pointer not in found:
            found.add(pointer)
            waiting += [pointer_of(each) for each in references(document.at(pointer))]
    return found


def references(node: Any) -> Iterator[str]:
    for each in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        yield from references(each)
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]


def essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def failures(spec: Path, document: Document, folder: Path, operations: list[str]) -> set[Failure]:
    """Every failure of a run of schemathesis, over all operations if none is named."""
    report = folder / "events.ndjson"
    configuration = CONFIGURATION.format(examples=EXAMPLES) + credentials(document)
    (folder / "schemathesis.toml").write_text(configuration)
    with mock(spec) as url:
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [program, "--config-file", str(folder / "schemathesis.toml"), "run", str(spec)]
        command += ["--url", url, "--report-ndjson-path", str(report)]
        command += [f"--include-operation-id={each}" for each in operations]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3000, check=False)
    assert done.returncode in (0, 1), done.stdout[-5000:] + done.stderr[-5000:]
    events = [json.loads(line) for line in report.read_text().splitlines()]
    assert not [each for event in events for each in event if each in ("NonFatalError", "FatalError")]
    assert "Tested: " in done.stdout
    found = {each for event in events for each in failures_of(event)}
    assert bool(found) is bool(done.returncode), done.stdout[-5000:]
    return found


def failures_of(event: dict[str, Any]) -> Iterator[Failure]:
    """The failures of the cases that an event tells of."""
    recorder = next(iter(event.values())).get("recorder", {})
    for case, checks in recorder.get("checks", {}).items():
        for check in checks:
            if check["status"] == "failure":
                yield failure_of(check, recorder["interactions"][case])


def failure_of(check: dict[str, Any], interaction: dict[str, Any]) -> Failure:
    failure = check["failure_info"]["failure"]
    headers = {name.lower(): values for name, values in interaction["request"]["headers"].items()}
    return Failure(
        check["name"],
        failure["operation"],
        str((interaction["response"] or {}).get("status_code", "")),
        essence(headers.get("content-type", [""])[0]),
        failure["message"],
        interaction["request"].get("body") is not None,
    )


def credentials(document: Document) -> str:
    """A credential for every scheme, of those that the mock takes."""
    text = ""
    for name, scheme in document.value.get("components", {}).get("securitySchemes", {}).items():
        if scheme["type"] == "apiKey":
            credential = f'api_key = "{TOKEN}"'
        elif scheme.get("scheme", "").lower() == "basic":
            credential = f'username = "{USER}"\npassword = "{PASSWORD}"'
        else:
            credential = f'bearer = "{TOKEN}"'
        text += f"\n[auth.openapi.{name}]\n{credential}\n"
    return text


@contextmanager
def mock(spec: Path) -> Iterator[str]:
    """The address of a mock in a process of its own."""
    command = [sys.executable, "-m", "contractgen", "mock", str(spec), "--port", "0"]
    command += ["--credential", TOKEN, "--credential", f"{USER}:{PASSWORD}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[0]
        finally:
            process.terminate()
