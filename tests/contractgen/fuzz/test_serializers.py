"""What schemathesis cannot write, or not as a client does, has hooks that write it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contractgen.fuzz.operations import operations
from contractgen.fuzz.serializers import has_numbers, hooks_of, unwritten, uris_in_paths
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document


@pytest.mark.parametrize(
    ("media_type", "names"),
    [
        ("application/vnd.apache.arrow.stream", ["application/vnd.apache.arrow.stream"]),
        ("Application/PDF; version=2", ["application/pdf"]),
        ("video/*", ["video/x-any"]),
        ("application/x-ndjson", ["application/x-ndjson"]),
        ("application/json", []),
        ("application/merge-patch+json", []),
        ("application/octet-stream", []),
        ("image/png", []),
        ("text/csv", []),
        ("*/*", []),
        ("*", []),
    ],
)
def test_media_types_that_schemathesis_cannot_write(
    media_type: str, names: list[str], tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": {media_type: {}}}
    assert unwritten(operations(read_document(tmp_path, document))) == names


@pytest.mark.parametrize(
    ("location", "schema", "formats"),
    [
        ("path", {"type": "string", "format": "uri"}, ["uri"]),
        ("path", {"type": "string", "format": "iri-reference"}, ["iri-reference"]),
        ("path", {"type": "string", "format": "uuid"}, []),
        ("path", {"type": "string"}, []),
        ("query", {"type": "string", "format": "uri"}, []),
    ],
)
def test_the_formats_of_uris_in_paths(
    location: str, schema: dict[str, Any], formats: list[str], tmp_path: Path
) -> None:
    document = contract()
    parameters = document["paths"]["/notes/{note_id}"]["get"]["parameters"]
    parameters[0 if location == "path" else len(parameters) :] = [
        {
            "name": parameters[0]["name"] if location == "path" else "uri",
            "in": location,
            "required": True,
            "schema": schema,
        }
    ]
    assert uris_in_paths(operations(read_document(tmp_path, document))) == formats


@pytest.mark.parametrize(
    ("schema", "expected"),
    [({"type": "integer"}, True), ({"type": ["number", "null"]}, True), ({"type": "string"}, False)],
)
def test_headers_that_are_numbers(schema: Any, expected: bool, tmp_path: Path) -> None:
    document = contract()
    parameter = {"name": "X-Upload", "in": "header", "schema": schema}
    document["paths"]["/notes/{note_id}"]["get"]["parameters"].append(parameter)
    assert has_numbers(operations(read_document(tmp_path, document))) is expected


@pytest.mark.parametrize(("kind", "expected"), [("number", True), ("integer", False)])
def test_responses_that_have_fractions(kind: str, expected: bool, tmp_path: Path) -> None:
    document = contract()
    document["components"]["schemas"]["Note"]["properties"]["share"] = {"type": kind}
    assert has_numbers(operations(read_document(tmp_path, document))) is expected


@pytest.fixture
def before_call(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the hook that is called before a request."""
    hooks: dict[str, Any] = {}
    monkeypatch.setattr("schemathesis.hook", lambda hook: hooks.setdefault(hook.__name__, hook))
    exec(hooks_of([], []), {})  # as schemathesis loads the file
    return hooks["before_call"]


def test_a_number_in_a_header_is_sent_as_text(before_call: Any) -> None:
    headers = {"X-Upload": 7, "X-Share": 0.5, "X-Count": 2.0, "X-Name": "a"}
    case = SimpleNamespace(path_parameters=None, query=None, headers=headers)
    before_call(None, case, {})
    assert case.headers == {"X-Upload": "7", "X-Share": "0.5", "X-Count": "2", "X-Name": "a"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-2.0, "-2"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (7, "7"),
        (True, "True"),
        ("1.0", "1.0"),
        ([1.0, [2.0]], "[1, [2]]"),
        ({"a": 1.0}, "{'a': 1}"),
    ],
)
def test_a_whole_number_is_sent_without_its_fraction(value: Any, text: str, before_call: Any) -> None:
    """A response of type number has 1.0, which is an integer, and its text for a path is 1."""
    case = SimpleNamespace(path_parameters={"id": value}, query={"of": value}, headers={})
    before_call(None, case, {})
    assert (str(case.path_parameters["id"]), str(case.query["of"])) == (text, text)


@pytest.mark.parametrize(
    ("media_type", "value", "written"),
    [
        ("application/x-ndjson", [{"id": 1}, "a"], b'{"id": 1}\n"a"\n'),
        ("application/json-seq", [1, 2], b"\x1e1\n\x1e2\n"),
        ("application/jsonl", {"id": 1}, b'{"id": 1}\n'),
        ("application/jsonl", [], b""),
        ("application/jsonl", b"as it is", b"as it is"),
    ],
)
def test_the_items_of_a_body_are_lines(
    media_type: str, value: Any, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, Any] = {}

    def serializer(*names: str) -> Any:
        return lambda write: known.update(dict.fromkeys(names, write))

    monkeypatch.setattr("schemathesis.serializer", serializer)
    monkeypatch.setattr("schemathesis.hook", lambda hook: hook)
    exec(hooks_of(["application/json-seq", "application/jsonl", "application/x-ndjson"], []), {})
    assert known[media_type](None, value) == written
