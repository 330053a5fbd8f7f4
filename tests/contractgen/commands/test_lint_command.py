"""`contractgen lint`: findings by rule with a summary, and exit codes by severity."""

import json
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from tests.contractgen.packages import write_document


def document(strings: int = 0, **operation: Any) -> Any:
    """A contract with a warning for each of its strings, and with what an operation adds."""
    properties = {f"s{n}": {"type": "string"} for n in range(strings)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {
            "/a": {"get": {"operationId": "a", "responses": {"default": {"description": "A."}}, **operation}}
        },
        "components": {"schemas": {"Strings": {"type": "object", "properties": properties}}},
    }


ERROR: Any = {"parameters": [{"name": "q", "in": "query", "schema": {"type": "boolean"}, "example": "no"}]}
INFO: Any = {
    "responses": {"default": {"description": "A."}, "200": {"description": "A.", "content": {"a/b": {}}}}
}
REJECTED: Any = {"security": [{"undeclared": []}]}


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (document(), (0, 0)),
        (document(1), (0, 1)),
        (document(**INFO), (0, 0)),
        (document(**ERROR), (1, 1)),
        (document(**REJECTED), (1, 1)),
    ],
)
def test_errors_fail_and_with_strict_warnings_too(tmp_path: Path, value: Any, codes: tuple[int, int]) -> None:
    spec = str(write_document(tmp_path, value))
    assert (main(["lint", spec]), main(["lint", spec, "--strict"])) == codes


def test_the_first_few_findings_of_each_rule_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write_document(tmp_path, document(1204, **ERROR, **INFO))
    assert main(["lint", str(spec)]) == 1
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith(f"{spec}:")
    example = "#/paths/~1a/get/parameters/0/example: example violates its schema"
    assert f": error: {example}: correct the example or the schema [example-violates-schema]" in lines[0]
    message = (
        "string without maxLength: add one, or set `x-max-body-bytes` on the request body [string-max-length]"
    )
    assert [line.endswith(message) for line in lines[1:6]] == [True] * 5
    assert lines[6] == "… 1,199 more of string-max-length; --all shows them"
    assert lines[7].endswith("body without example: add `example` or `examples` [missing-example]")
    assert len(lines) == 8
    assert printed.err.splitlines() == [
        f"{spec}: 1,206 findings",
        "  error    example-violates-schema        1",
        "  warning  string-max-length          1,204",
        "  info     missing-example                1",
    ]
    assert main(["lint", str(spec), "--all"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1206


def test_json_has_every_finding_and_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(write_document(tmp_path, document(9))), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rules"] == [{"rule": "string-max-length", "severity": "warning", "findings": 9}]
    assert [(each["rule"], each["severity"]) for each in told["findings"]] == [
        ("string-max-length", "warning")
    ] * 9


def test_what_generate_rejects_is_said_to_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = document(1)
    value["paths"]["/b"] = {
        "get": {"operationId": "b", "responses": {"204": {"description": "Done."}}, **REJECTED}
    }
    assert main(["lint", str(write_document(tmp_path, value))]) == 1
    printed = capsys.readouterr()
    assert "the security scheme 'undeclared' is not declared" in printed.out
    assert "[string-max-length]" in printed.out
    assert "Other rules were not applied to what generate rejects." in printed.err


def test_the_configuration_is_that_of_the_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = str(write_document(tmp_path, document(1)))
    table = '[tool.contractgen.lint]\nrules = { "string-max-length" = "%s" }\n'
    (tmp_path / "pyproject.toml").write_text(table % "error")
    assert main(["lint", spec]) == 1
    (tmp_path / "own.toml").write_text(table % "off")
    assert main(["lint", spec, "--strict", "--config", str(tmp_path / "own.toml")]) == 0
    (tmp_path / "pyproject.toml").write_text(table.replace("string", "sting") % "off")
    capsys.readouterr()
    assert main(["lint", spec]) == 2
    assert "did you mean 'string-max-length'?" in capsys.readouterr().err


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--rules"]) == 0
    assert "string-max-length (warning)\n    A string of any length" in capsys.readouterr().out
    assert main(["lint", "--rules", "--json"]) == 0
    rules = {each["rule"]: each for each in json.loads(capsys.readouterr().out)["rules"]}
    assert rules["unsupported"]["severity"] == "error"
    assert rules["unsupported"]["why"]
