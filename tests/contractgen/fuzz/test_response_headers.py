"""A header that schemathesis did not read is explained only if its schema admits it as JSON."""

from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract

_MESSAGE = '"{text}" is not valid\n\nSchema:\n\n    {{}}\n\nValue:\n\n    "{text}"'


@pytest.mark.parametrize(
    ("schema", "text", "explained"),
    [
        ({"type": ["number", "null"], "minimum": 0}, "12.98", True),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "12.98", True),
        ({"allOf": [{"type": "integer"}]}, "12.98", False),
        ({"type": ["number", "null"], "minimum": 20}, "12.98", False),
        ({"type": ["boolean", "null"]}, "yes", False),
        ({"type": "number"}, "12.98", False),
        ({"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]}, r"\"ab\"", False),
    ],
)
def test_a_header_of_several_types(schema: Any, text: str, explained: bool, tmp_path: Path) -> None:
    found = explanations(tmp_path, _contract({"X-Costs": schema}))
    sent = (("x-costs", text.replace("\\", "")), ("date", "12.98"))
    case = failure(
        "response_headers_conformance",
        "GET /notes/{note_id}",
        "200",
        message=_MESSAGE.format(text=text),
        answered=sent,
    )
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("second", "text", "explained"),
    [
        ({"type": "number"}, "12.98", False),
        ({"type": "number"}, "7", True),
        ({"type": ["number", "null"]}, "12.98", True),
    ],
)
def test_two_headers_of_the_same_text(second: Any, text: str, explained: bool, tmp_path: Path) -> None:
    found = explanations(tmp_path, _contract({"X-Costs": {"type": ["number", "null"]}, "X-Sum": second}))
    message = _MESSAGE.format(text="12.98")
    sent = (("x-costs", "12.98"), ("x-sum", text))
    case = failure(
        "response_headers_conformance", "GET /notes/{note_id}", "200", message=message, answered=sent
    )
    assert (found.of(case) is not None) is explained


def test_a_header_that_is_missing(tmp_path: Path) -> None:
    found = explanations(tmp_path, _contract({"X-Costs": {"type": ["number", "null"]}}))
    message = "The following required headers are missing from the response:\n- `X-Costs`"
    case = failure("response_headers_conformance", "GET /notes/{note_id}", "200", message=message)
    assert found.of(case) is None


@pytest.mark.parametrize(
    ("names", "explained"),
    [(["Content-Type"], True), (["X-Costs"], False), (["Content-Type", "X-Costs"], False)],
)
def test_a_missing_header_that_openapi_ignores(names: list[str], explained: bool, tmp_path: Path) -> None:
    found = explanations(tmp_path, _contract({name: {"type": "string"} for name in names}))
    missing = "\n".join(f"- `{name}`" for name in names)
    message = f"The following required headers are missing from the response:\n{missing}"
    case = failure("response_headers_conformance", "GET /notes/{note_id}", "200", message=message)
    assert (found.of(case) is not None) is explained


def _contract(schemas: dict[str, Any]) -> Any:
    document = contract()
    response = document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"]
    response["headers"] = {name: {"schema": schema} for name, schema in schemas.items()}
    return document


@pytest.mark.parametrize(
    ("name", "explained"), [("Content-Type", True), ("content-type", True), ("X-Type", False)]
)
def test_a_header_that_openapi_ignores(name: str, explained: bool, tmp_path: Path) -> None:
    found = explanations(tmp_path, _contract({name: {"type": "object"}}))
    case = failure(
        "response_headers_conformance",
        "GET /notes/{note_id}",
        "200",
        message=_MESSAGE.format(text="text/csv"),
        answered=((name.lower(), "text/csv"),),
    )
    assert (found.of(case) is not None) is explained
