"""What is not supported is refused where it stands, all of it in one run, and never with a traceback."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.document.findings import ContractError, Finding
from contractgen.document.load import load
from contractgen.render.package import render
from tests.contractgen.packages import THING, contract, write_document

Place = tuple[str | int, ...]
Case = tuple[Place, Any, Place, str]

GET: Place = ("paths", THING, "get")
PUT: Place = ("paths", THING, "put")
WORD: Place = (*GET, "parameters", 1)
NAME: Place = ("components", "schemas", "Thing", "properties", "name")
ANSWER: Place = ("components", "responses", "Thing")
BODY: Place = (*PUT, "requestBody")
REMOVED = object()
HEADER = {"in": "header", "schema": {"type": "string"}}
PROBLEM_BODY = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}


def keyword(name: str, value: Any) -> Case:
    return (*NAME, name), value, (*NAME, name), name


# What is changed in the small contract, to what, where the error points, and a word of its message.
UNSUPPORTED: dict[str, Case] = {
    **{
        f"keyword {name}": keyword(name, value)
        for name, value in {
            "$dynamicRef": "#a",
            "$vocabulary": {},
            "$anchor": "a",
            "$id": "https://example.com/a",
        }.items()
    },
    "unknown type": keyword("type", "text"),
    "parameter's style": ((*WORD, "style"), "matrix", (*WORD, "style"), "style"),
    "parameter twice": (
        (*GET, "parameters", 0),
        {"name": "word", "in": "query", "schema": {"type": "integer"}},
        (),
        "",
    ),
    "placeholder without parameter": ((*GET, "parameters", 0), REMOVED, GET, "placeholder {thing_id}"),
    "path parameter without placeholder": (
        (*GET, "parameters", 1, "in"),
        "path",
        (*GET, "parameters", 1),
        "placeholder {word}",
    ),
    "header parameter that is no header": (WORD, HEADER | {"name": "a b"}, (*WORD, "name"), "a b"),
    "body of parts without names": (
        (*BODY, "content"),
        {"multipart/mixed": {"schema": {"type": "object"}}},
        (*BODY, "content", "multipart/mixed"),
        "multipart/mixed",
    ),
    "body of no media type": (
        (*BODY, "content"),
        {"json": {"schema": {"type": "string"}}},
        (*BODY, "content", "json"),
        "json",
    ),
    "size that is none": ((*BODY, "x-max-body-bytes"), "12", (*BODY, "x-max-body-bytes"), ""),
    "status 99": ((*GET, "responses", "99"), {"description": "x"}, (*GET, "responses", "99"), "99"),
    "header of content": ((*ANSWER, "headers", "X-Age"), {"content": {}}, (*ANSWER, "headers", "X-Age"), ""),
    "dangling path": (("paths", "/b"), {"$ref": "#/paths/~1a"}, ("paths", "/b"), ""),
    "unknown method": (("paths", THING, "query"), {"operationId": "q"}, ("paths", THING), "query"),
    "path without a slash": (("paths", "things"), {"get": {}}, ("paths",), "things"),
    "unknown scheme": ((*GET, "security"), [{"nope": []}], (*GET, "security"), "nope"),
    "version 2": (("openapi",), "2.0", ("openapi",), "3.1"),
    "version 3.3": (("openapi",), "3.3.0", ("openapi",), "3.2"),
    "dangling reference": (NAME, {"$ref": "#/components/schemas/Nope"}, NAME, "Nope"),
    "dangling response": (
        (*GET, "responses", "200"),
        {"$ref": "#/components/responses/Nope"},
        (*GET, "responses", "200"),
        "Nope",
    ),
    "reference to itself": (
        ("components", "schemas", "A"),
        {"$ref": "#/components/schemas/A"},
        ("components", "schemas", "A"),
        "itself",
    ),
    "no response": ((*GET, "responses"), {}, (*GET, "responses"), ""),
}

# Values of a kind that the place does not take: a document that is not OpenAPI at all.
_JSON: list[Any] = [None, [1], "x", 3]
OTHER_KINDS: dict[str, tuple[Place, Any]] = {
    **{f"schema {value!r}": (NAME, value) for value in _JSON},
    **{f"type {value!r}": ((*NAME, "type"), value) for value in [*_JSON, True, {}]},
    **{f"pattern {value!r}": ((*NAME, "pattern"), value) for value in (3, True)},
    **{f"maxLength {value!r}": ((*NAME, "maxLength"), value) for value in ("3", -3, 1.5)},
    **{
        f"parameter {value!r}": (WORD, value)
        for value in ("x", None, {}, {"name": "a"}, {"in": "query"}, [1])
    },
    "parameter without schema": ((*WORD, "schema"), REMOVED),
    "parameters a mapping": ((*GET, "parameters"), {"a": 1}),
    "enum a string": ((*WORD, "schema"), {"type": "string", "enum": "ab"}),
    "minimum a string": ((*WORD, "schema"), {"type": "integer", "minimum": "3"}),
    "body without content": ((*BODY, "content"), REMOVED),
    "body null": (BODY, None),
    "responses null": ((*GET, "responses"), None),
    "response null": ((*GET, "responses", "200"), None),
    "response a string": ((*GET, "responses", "200"), "ok"),
    "header without schema": ((*ANSWER, "headers", "X-Age"), {}),
    "header null": ((*ANSWER, "headers", "X-Age"), None),
    "tags a string": ((*GET, "tags"), "a"),
    "tags of integers": ((*GET, "tags"), [3]),
    "tag without a name": (("tags",), [{}]),
    "operationId an integer": ((*GET, "operationId"), 3),
    "operation null": (GET, None),
    "path null": (("paths", THING), None),
    "paths null": (("paths",), None),
    "paths a list": (("paths",), []),
    "components null": (("components",), None),
    "components a list": (("components",), []),
    "schemas null": (("components", "schemas"), None),
    "properties a list": (("components", "schemas", "Thing", "properties"), []),
    "items a list": (NAME, {"type": "array", "items": [{"type": "string"}]}),
    "info a string": (("info",), "x"),
    "info missing": (("info",), REMOVED),
    "security null": ((*GET, "security"), None),
    "security a string": ((*GET, "security"), "x"),
    "roles a string": ((*GET, "security"), [{"bearerAuth": "admin"}]),
    "reference a number": (NAME, {"$ref": 3}),
}


def changed(place: Place, value: Any) -> Any:
    document = contract()
    *parents, last = place
    target = document
    for name in parents:
        target = target[name]
    if value is REMOVED:
        del target[last]
    else:
        target[last] = value
    return document


def refusal(folder: Path, document: Any) -> Sequence[Finding]:
    """The findings of a document that must not be rendered."""
    path = write_document(folder, document)
    lines = path.read_text().splitlines()
    with pytest.raises(ContractError) as caught:
        render(load(path))
    for finding in caught.value.findings:
        assert re.match(rf"{re.escape(str(path))}:\d+:\d+: #(/\S*)*: \S", str(finding))
        assert finding.column <= len(lines[finding.line - 1]) + 1
    return caught.value.findings


def json_pointer(place: Place) -> str:
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in place)


@pytest.mark.parametrize("case", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_an_unsupported_construct_is_refused_where_it_stands(tmp_path: Path, case: Case) -> None:
    place, value, where, word = case
    findings = refusal(tmp_path, changed(place, value))
    assert any(f.pointer.startswith(json_pointer(where)) and word in f.message for f in findings), findings


@pytest.mark.parametrize("case", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, case: tuple[Place, Any]) -> None:
    assert refusal(tmp_path, changed(*case))


def test_the_line_and_column_are_those_of_the_member(tmp_path: Path) -> None:
    document = changed((*NAME, "$anchor"), "a")
    (finding,) = refusal(tmp_path, document)
    line = (tmp_path / "openapi.yaml").read_text().splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("$anchor")


def _unsound(document: Any) -> set[str]:
    schema = document["components"]["schemas"]["Thing"]["properties"]
    schema["name"]["$anchor"] = "a"
    schema["other"] = {"$ref": "#/components/schemas/Nope"}
    schema["third"] = {"type": "string", "maxLength": "3"}
    document["components"]["schemas"]["Other"] = {"pattern": "(a"}
    document["paths"][THING]["get"]["responses"]["404"] = {"$ref": "#/components/responses/Nope"}
    document["paths"][THING]["get"]["tags"] = "a"
    return {
        "/components/schemas/Thing/properties/other",
        "/components/schemas/Thing/properties/third/maxLength",
        "/components/schemas/Other/pattern",
        "/paths/~1things~1{thing_id}/get/responses/404",
        "/paths/~1things~1{thing_id}/get/tags",
    }


def _unplannable(document: Any) -> set[str]:
    document["paths"][THING]["get"]["parameters"][0]["name"] = "other"
    body = document["paths"][THING]["put"]["requestBody"]
    body["content"] = {"multipart/mixed": body["content"].pop("application/json")}
    document["paths"]["/b}"] = {"get": {"operationId": "2fa", "responses": {"204": {"description": ""}}}}
    return {
        "/paths/~1things~1{thing_id}/get/parameters/0/name",
        "/paths/~1things~1{thing_id}/put/requestBody/content/multipart~1mixed",
        "/paths/~1b}",
    }


@pytest.mark.parametrize("change", [_unsound, _unplannable])
def test_everything_comes_in_one_run_in_the_documents_order(
    tmp_path: Path, change: Callable[[Any], set[str]]
) -> None:
    """First what makes the document unsound; then, in a sound one, what cannot be planned."""
    document = contract()
    expected = change(document)
    findings = refusal(tmp_path, document)
    assert expected <= {finding.pointer for finding in findings}
    assert [(f.line, f.column) for f in findings] == sorted((f.line, f.column) for f in findings)


@pytest.mark.parametrize("command", ["generate", "check", "lint"])
@pytest.mark.parametrize("change", [_unsound, _unplannable])
def test_the_command_line_exits_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, change: Callable[[Any], set[str]]
) -> None:
    document = contract()
    change(document)
    path = write_document(tmp_path, document)
    arguments = [command, str(path)] + ([] if command == "lint" else ["--out", str(tmp_path / "out")])
    assert main(arguments) == (1 if command == "lint" else 2)
    printed = capsys.readouterr()
    assert f"{path}:" in printed.out + printed.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["paths"].update({"/things/{other}": _renamed(document)}),
        lambda document: document["paths"].update({"/{thing_id}/{thing_id}": document["paths"].pop(THING)}),
        lambda document: document["paths"].update({"/{thing_id": document["paths"].pop(THING)}),
        lambda document: document["paths"].update({"/{}/{thing_id}": document["paths"].pop(THING)}),
        lambda document: document["paths"].update({"/{thing_id}/%ff": document["paths"].pop(THING)}),
        lambda document: document["paths"].update({"/{thing_id}{word}": document["paths"].pop(THING)}),
    ],
    ids=[
        "two templates of one form",
        "one placeholder twice",
        "an open brace",
        "a placeholder without name",
        "no UTF-8",
        "two placeholders side by side",
    ],
)
def test_paths_that_cannot_be_told_apart_or_read(tmp_path: Path, change: Callable[[Any], None]) -> None:
    document = contract()
    change(document)
    assert any(f.pointer.startswith("/paths/~1") for f in refusal(tmp_path, document))


def _renamed(document: Any) -> Any:
    """The operations of the small contract once more, under another placeholder."""
    item = contract()["paths"][THING]
    for operation in item.values():
        operation["operationId"] += "_again"
        operation["parameters"][0]["name"] = "other"
    return item
