"""schemathesis accepts the configuration; it has what each pitfall needs, and nothing that hides a fault."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from schemathesis.config import SchemathesisConfig
from schemathesis.config._checks import (
    NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES,
    POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES,
)
from schemathesis.core.output.sanitization import sanitize_value

from contractgen.commands.cli import main
from contractgen.fuzz.configuration import Effort, configuration
from contractgen.fuzz.operations import operations
from tests.contractgen.fuzz.notes import ANN, BOB, contract
from tests.contractgen.packages import read_document, write_document

CONDITION = {"name": "if-match", "in": "header", "schema": {"type": "string"}}


def written(folder: Path, *options: str) -> Any:
    """The configuration that the command writes, which schemathesis has read too."""
    spec, file = write_document(folder, contract()), folder / "fuzz.toml"
    assert main(["fuzz", str(spec), "--write", str(file), *options]) == 0
    return tomllib.loads(file.read_text())


def accepted(values: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *variables: str) -> SchemathesisConfig:
    for each in variables:
        monkeypatch.setenv(each, "a value")
    return SchemathesisConfig.from_dict(values)


def test_it_is_written_and_names_variables_for_what_is_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = written(tmp_path, "--credential", "session=a-secret", "--seed", "7", "--examples", "3")
    assert (found["seed"], found["generation"]["max-examples"]) == (7, 3)
    assert found["auth"]["openapi"] == {"session": {"bearer": "${CONTRACTGEN_CREDENTIAL_SESSION}"}}
    assert "a-secret" not in (tmp_path / "fuzz.toml").read_text()
    assert "set CONTRACTGEN_CREDENTIAL_SESSION in the environment" in capsys.readouterr().out
    accepted(found, monkeypatch, "CONTRACTGEN_CREDENTIAL_SESSION")


def test_a_log_in_is_repeated_for_a_session_that_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = '{"username": "ann", "password": "a-secret"}'
    found = written(tmp_path, "--login", "login", "--account", account)
    assert found["auth"]["dynamic"]["openapi"]["session"] == {
        "path": "/login",
        "method": "post",
        "payload": {
            "username": "${CONTRACTGEN_ACCOUNT_USERNAME}",
            "password": "${CONTRACTGEN_ACCOUNT_PASSWORD}",
        },
        "payload_content_type": "application/json",
        "extract_selector": "/access_token",
    }
    accepted(found, monkeypatch, "CONTRACTGEN_ACCOUNT_USERNAME", "CONTRACTGEN_ACCOUNT_PASSWORD")


def test_peers_are_written_beside_it_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = [f'--peer={{"username": "{each["username"]}", "password": "p"}}' for each in (ANN, BOB)]
    found = written(tmp_path, "--login", "login", *peers, "--url", "http://localhost/api")
    file = Path(found["auth"]["wfc"]["path"])
    assert (file.parent, file.stat().st_mode & 0o077) == (tmp_path, 0)
    assert found["auth"]["wfc"]["peers"] == ["peer-1", "peer-2"]
    assert '"endpoint": "/api/login"' in file.read_text()
    accepted(found, monkeypatch)


def test_the_sign_up_of_schemathesis_is_off_and_every_check_on(tmp_path: Path) -> None:
    found = written(tmp_path)
    assert found["auth"]["auto-signup"] is False
    assert found["checks"]["max_response_time"] == 5
    assert "enabled" not in str(found["checks"])


def test_no_status_is_taken_from_those_that_schemathesis_expects(tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(CONDITION)
    everything = operations(read_document(tmp_path, document))
    found = tomllib.loads(configuration(Effort(), everything, [], narrowed=False))
    rejections = set(found["checks"]["negative_data_rejection"]["expected-statuses"])
    assert rejections - set(NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES) == {"413", "414", "431"}
    assert rejections >= set(NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES)
    (conditional,) = found["operations"]
    assert conditional["include-name"] == ["GET /notes/{note_id}"]
    checks = {name: set(each["expected-statuses"]) for name, each in conditional["checks"].items()}
    assert checks == {
        "positive_data_acceptance": {*POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES, "412", "428"},
        "negative_data_rejection": {*rejections, "412"},
        "missing_required_header": {"400", "401", "403", "406", "415", "422", "428"},
    }


def test_other_operations_are_left_out(tmp_path: Path) -> None:
    found = written(tmp_path, "--operation", "login", "--operation", "GET /notes/{note_id}")
    assert found["operations"] == [
        {"exclude-name": ["POST /login", "GET /notes/{note_id}"], "enabled": False}
    ]


def test_reports_hide_credentials_and_nothing_else(tmp_path: Path) -> None:
    spec = contract()
    spec["components"]["securitySchemes"]["other"] = {"type": "apiKey", "in": "header", "name": "X-Other"}
    spec["components"]["securitySchemes"]["short"] = {"type": "apiKey", "in": "query", "name": "t"}
    text = configuration(Effort(), operations(read_document(tmp_path, spec)), (), narrowed=False)
    hidden = SchemathesisConfig.from_dict(tomllib.loads(text)).output.sanitization
    names = ("Authorization", "Cookie", "X-Other", "t", "Page-Token", "X-Auth-Date")
    headers = dict.fromkeys(names, "a value")
    sanitize_value(headers, config=hidden)
    assert [name for name, value in headers.items() if value == "a value"] == ["Page-Token", "X-Auth-Date"]
