"""The published list of what contractgen does not enforce is what the code does not enforce, and no more."""

import re
from pathlib import Path
from typing import Any

import pytest

from contractgen.lint.linter import lint
from contractgen.plan.planner import make_plan
from contractgen.schema.schemas import BOUNDING_FORMATS, KNOWN_FORMATS, UNCHECKED_FORMATS
from contractgen.schema.vocabulary import ANNOTATIONS, UNSUPPORTED
from contractgen_runtime.schemas import Schemas
from tests.contractgen.packages import THING, contract, read_document

PAGE = Path(__file__).parents[3] / "docs/reference/enforcement.md"
_VALUES: dict[str, Any] = {"$vocabulary": {}}
# No format admits this.
_NOTHING = "[{(%zz\\ ~"


def listed(beginning: str) -> set[str]:
    """The names between backquotes in the item of the list that begins so."""
    text = PAGE.read_text()
    section = text[text.index("## What contractgen does not enforce") :]
    (item,) = re.findall(rf"^- {re.escape(beginning)}.*?(?=^- |^\n|\Z)", section, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`]+)`", item))


def with_schema(schema: dict[str, Any]) -> Any:
    document = contract()
    document["components"]["schemas"]["Thing"]["properties"]["name"] = schema
    return document


def messages(tmp_path: Path, document: Any) -> str:
    return "\n".join(str(finding) for finding in lint(read_document(tmp_path, document)))


def test_the_refused_keywords_are_listed() -> None:
    assert listed("Rejected, with line") == UNSUPPORTED


@pytest.mark.parametrize("keyword", sorted(UNSUPPORTED))
def test_a_refused_keyword_is_refused(tmp_path: Path, keyword: str) -> None:
    schema = {keyword: _VALUES.get(keyword, "x")}
    assert f"the keyword '{keyword}' is not supported" in messages(tmp_path, with_schema(schema))


def test_the_keywords_that_assert_nothing_are_listed() -> None:
    assert listed("Keywords that constrain no value") == ANNOTATIONS - {
        "discriminator",
        "readOnly",
        "writeOnly",
    }


def test_an_unknown_keyword_has_no_effect_and_is_told(tmp_path: Path) -> None:
    document = with_schema({"type": "string", "maxlength": 3})
    assert "the keyword 'maxlength' has no effect" in messages(tmp_path, document)
    assert make_plan(read_document(tmp_path, document)).warnings


def test_the_formats_that_nothing_checks_are_listed() -> None:
    assert listed("Formats that are not checked") == UNCHECKED_FORMATS - {None} - BOUNDING_FORMATS


def test_the_formats_that_are_bounds_are_listed() -> None:
    assert listed("Formats that are bounds") == BOUNDING_FORMATS


def test_the_formats_that_are_checked_are_listed() -> None:
    assert listed("Formats that are checked") == KNOWN_FORMATS - UNCHECKED_FORMATS


@pytest.mark.parametrize("name", sorted(KNOWN_FORMATS))
def test_a_format_is_checked_or_listed(name: str) -> None:
    is_valid = Schemas({"schema": {"format": name}}).validator("/schema").is_valid(_NOTHING)
    assert is_valid == (name in UNCHECKED_FORMATS)


def test_an_unknown_format_has_no_effect_and_is_told(tmp_path: Path) -> None:
    document = with_schema({"type": "string", "format": "isbn"})
    assert "the format 'isbn' has no effect" in messages(tmp_path, document)


def test_xml_is_not_read_and_that_is_told(tmp_path: Path) -> None:
    document = contract()
    content = document["paths"][THING]["put"]["requestBody"]["content"]
    content["application/xml"] = content["application/json"]
    assert "a body of application/xml is rejected with 415" in messages(tmp_path, document)
