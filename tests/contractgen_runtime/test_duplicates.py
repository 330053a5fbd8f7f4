"""An object that has a property twice means what each parser makes of it: such a body is no JSON here."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contractgen_runtime.duplicates import has_duplicates
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.service import Service
from tests.tiers import slow

TWICE = [
    '{"a": 1, "a": 2}',
    '{"a": 1, "\\u0061": 1}',
    '{"a": {"b": 1, "c": 2, "b": 3}}',
    '[{"a": 1}, {"a": 1, "a": 1}]',
    '{"": 1, "": 2}',
    '{"a\\"": 1, "a\\"": 2, "x": ": \\": "}',
    '{ "a" : "b:c" , "a"\n:\t"d" }',
    '{"a:": 1, "a:": 2}',
]
ONCE = [
    '{"a": 1, "A": 1}',
    '{"a": "\\": \\"a\\": :", "b": "{\\"a\\": 1}"}',
    '[{"a": 1}, {"a": 1}]',
    '{"a": {"a": {"a": ":"}}}',
    '{"\\\\": 1, "\\\\\\\\": ":\\\\"}',
    '"a: b"',
    "1",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a:"\\{},é')),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('a:"\\é')), inner),
)


@pytest.mark.parametrize("text", TWICE)
def test_a_property_that_an_object_has_twice(text: str) -> None:
    assert has_duplicates(text.encode(), json.loads(text))


@pytest.mark.parametrize("text", ONCE)
def test_what_only_looks_so(text: str) -> None:
    assert not has_duplicates(text.encode(), json.loads(text))


@slow
@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_no_value_that_a_parser_made_has_one(value: Any, is_ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    assert not has_duplicates(text.encode(), value)


@slow
@given(st.dictionaries(st.text(st.sampled_from('a:"\\é')), VALUES, min_size=1), st.data())
def test_any_property_written_again_is_found(value: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    text = f"{json.dumps(value)[:-1]}, {json.dumps(name, ensure_ascii=False)}: 1}}"
    assert has_duplicates(text.encode(), json.loads(text))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("duplicates")
    document = contract()
    put = document["paths"]["/things/{thing_id}"]["put"]
    tag = {"type": "object", "properties": {"text": {"type": "string"}}}
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "tags": {"type": "array", "items": tag}},
    }
    put["requestBody"]["content"] = {"application/json": {"schema": schema}}
    return Service(import_package("duplicates", write_package(read_document(folder, document), folder / "d")))


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a", "name": "b"}',
        '{"name": "a", "n\\u0061me": "b"}',
        '{"name": "a", "tags": [{"text": "x", "text": "y"}]}',
        '{"name": 1, "name": 2}',
        '{"other": 1, "other": 2}',
    ],
)
async def test_such_a_body_is_malformed(service: Service, text: str) -> None:
    answer = await service.ask(
        "PUT",
        "/things/00000000-0000-4000-8000-000000000000",
        token="any",
        headers=[("content-type", "application/json")],
        body=text.encode(),
    )
    assert (answer.status, "twice" in answer.json["detail"]) == (400, True)
