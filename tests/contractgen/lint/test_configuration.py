"""`[tool.contractgen.lint]` switches rules off and regrades them, for a whole contract or for some places."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.document.findings import SettingError
from contractgen.lint.configuration import lint_configuration
from contractgen.lint.linter import RULES, lint
from tests.contractgen.packages import read_document

_RULE = "string-max-length"
_OFF = {_RULE: "off"}
_ANY = {"description": "Any."}
_SENTENCE = re.compile(r"[A-Z]((?!\. )[^:])+: ((?!\. ).)+\.")


def contract() -> Any:
    """A query parameter without maxLength in three operations, the last one by a component."""
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}}

    def operation(name: str, parameter: Any) -> Any:
        return {"get": {"operationId": name, "parameters": [parameter], "responses": {"default": _ANY}}}

    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {
            "/admin": operation("a", parameter),
            "/admin/users/all": operation("b", parameter),
            "/other": operation("c", {"$ref": "#/components/parameters/Q"}),
        },
        "components": {"parameters": {"Q": parameter}},
    }


def found(folder: Path, document: Any, table: Any) -> dict[str, str]:
    """The severity of each string without maxLength, by the last name of its path or component."""
    findings = lint(read_document(folder, document), lint_configuration(table, RULES))
    pointers = {each.pointer: each.severity for each in findings if each.rule == _RULE}
    return {
        pointer.removesuffix("/schema").removesuffix("/get/parameters/0"): s
        for pointer, s in pointers.items()
    }


ADMIN, USERS, Q = "/paths/~1admin", "/paths/~1admin~1users~1all", "/components/parameters/Q"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, {ADMIN: "warning", USERS: "warning", Q: "warning"}),
        ({"rules": _OFF}, {}),
        ({"rules": {_RULE: "error"}}, {ADMIN: "error", USERS: "error", Q: "error"}),
        ({"paths": [{"path": "/admin/**", "rules": _OFF}]}, {Q: "warning"}),
        ({"paths": [{"path": "/*", "rules": _OFF}]}, {USERS: "warning", Q: "warning"}),
        ({"paths": [{"path": "/admin/*/all", "rules": _OFF}]}, {ADMIN: "warning", Q: "warning"}),
        ({"paths": [{"path": ["/admin", "/other"], "rules": _OFF}]}, {USERS: "warning", Q: "warning"}),
        ({"paths": [{"pointer": "/components/**", "rules": _OFF}]}, {ADMIN: "warning", USERS: "warning"}),
        (
            {"paths": [{"pointer": "/components/*/*/schema", "rules": _OFF}]},
            {ADMIN: "warning", USERS: "warning"},
        ),
        (
            {
                "rules": _OFF,
                "paths": [
                    {"path": "/**", "rules": {_RULE: "info"}},
                    {"path": "/admin", "rules": {_RULE: "error"}},
                ],
            },
            {ADMIN: "error", USERS: "info"},
        ),
    ],
)
def test_rules_are_graded_by_place(tmp_path: Path, table: Any, expected: dict[str, str]) -> None:
    assert found(tmp_path, contract(), table) == expected


def test_a_place_is_that_of_the_joined_document(tmp_path: Path) -> None:
    document = contract()
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(document["paths"]["/admin"]))
    document["paths"] = {"/admin": {"$ref": "other.yaml"}}
    assert found(tmp_path, document, {}) == {"": "warning"}, "its pointer is that of its own file"
    assert found(tmp_path, document, {"paths": [{"path": "/admin", "rules": _OFF}]}) == {}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rules": {"string-maxlength": "off"}}, "'string-maxlength'; did you mean 'string-max-length'"),
        ({"rules": {"xyz": "off"}}, "no rule is called 'xyz'; contractgen lint --rules lists them"),
        ({"rules": {_RULE: "fatal"}}, "must be one of error, warning, info, off"),
        ({"rules": []}, "rules must be a table"),
        ({"rule": {}}, "no setting 'rule'; there are rules, paths"),
        ({"paths": {}}, "must be tables"),
        ({"paths": [{"rules": {}}]}, "either `path` or `pointer`"),
        ({"paths": [{"path": "/a", "pointer": "/a"}]}, "either `path` or `pointer`"),
        ({"paths": [{"path": 1}]}, "path must be a text or a list of texts"),
        ({"paths": [{"path": "a"}]}, "'a' must begin with /"),
        ({"paths": [{"path": "/a", "rules": {"missing-examples": "off"}}]}, "did you mean 'missing-example'"),
    ],
)
def test_a_setting_without_a_meaning_is_an_error(table: Any, message: str) -> None:
    with pytest.raises(SettingError, match=message.replace("(", r"\(")):
        lint_configuration(table, RULES)


def test_every_rule_says_why_and_how_to_comply_in_one_sentence() -> None:
    other = {name: rule.why for name, rule in RULES.items() if not _SENTENCE.fullmatch(rule.why)}
    assert other == {}
