"""A failure is explained only by what is said of the very place at which it happened."""

from dataclasses import replace
from pathlib import Path

import pytest

from contractgen.fuzz.events import Events
from contractgen.fuzz.explained import Explanations
from contractgen.fuzz.operations import operations
from contractgen.fuzz.verdict import verdict
from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document


@pytest.mark.parametrize(
    ("operation", "status", "explained"),
    [("POST /notes", "422", True), ("POST /notes", "409", False), ("POST /login", "422", False)],
)
def test_a_status_that_lint_misses(operation: str, status: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    del document["paths"]["/notes"]["post"]["responses"]["422"]
    found = explanations(tmp_path, document)
    reason = found.of(failure("status_code_conformance", operation, status))
    assert (reason is not None) is explained
    assert found.of(failure("not_a_server_error", operation, status)) is None


@pytest.mark.parametrize(
    ("check", "url", "status", "explained"),
    [
        ("status_code_conformance", "/api/notes/mine", "405", True),
        ("positive_data_acceptance", "/api/notes/mine", "405", True),
        ("status_code_conformance", "/api/notes/a%2Fb", "404", True),
        ("status_code_conformance", "/api/", "404", True),
        ("content_type_conformance", "/api/", "404", True),
        ("content_type_conformance", "/api/notes/1", "404", False),
        ("content_type_conformance", "/api/notes/%EA9", "404", True),
        ("content_type_conformance", "/api/notes/%C3%A9", "404", False),
        ("status_code_conformance", "/api/notes/1", "405", False),
        ("status_code_conformance", "/api/notes/1", "404", False),
        ("status_code_conformance", "/api/notes/mine", "500", False),
        ("unsupported_method", "/api/notes/mine", "404", False),
        ("unsupported_method", "/api/other", "404", True),
        ("unsupported_method", "/api/other", "405", False),
    ],
)
def test_a_status_of_the_router(check: str, url: str, status: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/notes/mine"] = {"delete": document["paths"]["/logout"].pop("post")}
    found = explanations(tmp_path, document, "/api")
    reason = found.of(failure(check, "GET /notes/{note_id}", status, url=f"http://localhost{url}"))
    assert (reason is not None) is explained


@pytest.mark.parametrize(
    ("url", "explained"), [("/notes/:move", True), ("/notes/1:move", False), ("/notes/a:b:move", False)]
)
def test_an_empty_value_before_a_text_of_the_same_segment(url: str, explained: bool, tmp_path: Path) -> None:
    """The path is that of a note whose id has the text."""
    document = contract()
    document["paths"]["/notes/{note_id}:move"] = {"post": document["paths"]["/notes"]["post"]}
    found = explanations(tmp_path, document)
    label = "POST /notes/{note_id}:move"
    case = failure("content_type_conformance", label, "405", url=f"http://localhost{url}")
    assert (found.of(case) is not None) is explained


@pytest.mark.parametrize(
    ("url", "explained"),
    [("/notes/", True), ("/notes/a%2Fb", True), ("/notes/1", False)],
)
def test_what_was_made_under_an_id_that_no_path_can_have(url: str, explained: bool, tmp_path: Path) -> None:
    message = "Created with      : `POST /notes`\nNot available with: `GET /notes/{note_id}`"
    case = failure("ensure_resource_availability", "POST /notes", "404", message=message)
    case = replace(case, method="GET", url=f"http://localhost{url}")
    assert (explanations(tmp_path, contract()).of(case) is not None) is explained


@pytest.mark.parametrize("success", ["200", "101"])
def test_what_an_operation_without_success_does_not_find(success: str, tmp_path: Path) -> None:
    document = contract()
    responses = document["paths"]["/notes/{note_id}"]["get"]["responses"]
    responses[success] = responses.pop("200")
    message = "Created with      : `POST /notes`\nNot available with: `GET /notes/{note_id}`"
    case = failure("ensure_resource_availability", "POST /notes", "404", message=message)
    case = replace(case, method="GET", url="http://localhost/notes/1")
    reason = explanations(tmp_path, document).of(case)
    assert (reason is not None) is (success == "101")


@pytest.mark.parametrize(
    ("methods", "explained"), [("DELETE", True), ("DELETE, GET", True), ("PATCH", False)]
)
def test_the_methods_of_another_path_at_the_same_url(methods: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/notes/mine"] = {"delete": document["paths"]["/logout"].pop("post")}
    document["paths"]["/{any}/mine"] = {"get": document["paths"]["/notes/{note_id}"]["get"]}
    message = f"`Allow: …` does not match\n\nUndocumented methods advertised: {methods}\n\nList exactly"
    url = "http://localhost/notes/mine"
    case = failure("allow_header_conformance", "DELETE /notes/mine", "204", message=message, url=url)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("parts", "explained"),
    [
        (["Missing documented methods: GET", "Undocumented methods advertised: DELETE"], True),
        (["Missing documented methods: GET, PUT"], True),
        (["Missing documented methods: GET, DELETE"], False),
        (["Missing documented methods: GET", "Undocumented methods advertised: PATCH"], False),
        ([], False),
    ],
)
@pytest.mark.parametrize(("url", "is_literal"), [("/notes/mine", True), ("/notes/1", False)])
def test_a_path_without_placeholders_has_its_own_methods_alone(
    parts: list[str], explained: bool, url: str, is_literal: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/mine"] = {"delete": document["paths"]["/logout"].pop("post")}
    message = "\n\n".join(["`Allow: …` does not match", *parts, "List exactly"])
    case = failure(
        "allow_header_conformance",
        "GET /notes/{note_id}",
        "204",
        message=message,
        url=f"http://localhost{url}",
    )
    reason = explanations(tmp_path, document).of(case)
    assert (reason is not None) is (explained and is_literal)


@pytest.mark.parametrize(
    ("method", "url", "explained"),
    [("GET", "/notes/mine", True), ("PUT", "/notes/mine", False), ("GET", "/notes", False)],
)
def test_a_method_that_another_path_at_the_same_url_has(
    method: str, url: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes/mine"] = {"delete": document["paths"]["/logout"].pop("post")}
    case = failure("unsupported_method", "DELETE /notes/mine", "422", url=f"http://localhost{url}")
    case = replace(case, method=method)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("path", "value", "explained"),
    [("/pets", "cat", True), ("/pets", "Cat", False), ("/pets", "cow", False), ("/cats", "cat", False)],
)
def test_a_value_of_the_discriminator_that_the_response_reaches(
    path: str, value: str, explained: bool, tmp_path: Path
) -> None:
    """Not by one of another response, and not where the finding is of another value."""
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
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Pet": pet, "Cat": cat}},
    }
    message = f"Response contains discriminator property 'kind' with value {value!r},\nwhich does not match"
    case = failure("response_schema_conformance", f"GET {path}", "200", message=message)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("name", "value", "mapped", "explained"),
    [
        ("kind", "CAT", "A CAT", True),
        ("kind", "CAT", "CAT", False),
        ("kind", "DOG", "A CAT", False),
        ("sort", "CAT", "A CAT", False),
    ],
)
def test_a_discriminator_whose_mapping_no_value_fits(
    name: str, value: str, mapped: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    cat = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["CAT"]}}}
    reference = "#/components/schemas/Cat"
    pet = {
        "oneOf": [{"$ref": reference}],
        "discriminator": {"propertyName": "kind", "mapping": {mapped: reference}},
    }
    document["components"]["schemas"] |= {"Cat": cat, "Pet": pet}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"]["content"] = content
    message = f"Response contains discriminator property {name!r} with value {value!r},\nwhich does not match"
    case = failure("response_schema_conformance", "GET /notes/{note_id}", "200", message=message)
    assert (explanations(tmp_path, document).of(case) is not None) is explained


@pytest.mark.parametrize(
    ("kind", "body", "explained"),
    [
        ({"type": "string"}, '{"kind": "Cat", "lives": "a"}', True),
        ({"type": "string"}, '{"kind": "Cat", "lives": null}', False),
        ({"enum": ["Cat", "Dog"]}, '{"kind": "Cat", "lives": "a"}', True),
        ({"const": "Dog"}, '{"kind": "Dog", "lives": "a"}', False),
        ({"type": "string"}, '{"kind": ', False),
    ],
)
def test_a_body_that_is_valid_by_another_subschema_than_that_of_the_discriminator(
    kind: dict[str, str], body: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    cat = {
        "type": "object",
        "required": ["lives"],
        "properties": {"kind": {"const": "Cat"}, "lives": {"type": "integer"}},
    }
    dog = {"type": "object", "properties": {"kind": kind, "lives": {"type": "string"}}}
    document["components"]["schemas"] |= {"Cat": cat, "Dog": dog}
    references = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    pet = {"oneOf": references, "discriminator": {"propertyName": "kind"}}
    content = {"application/json": {"schema": pet}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": content}
    found = explanations(tmp_path, document)
    for check, expected in [("negative_data_rejection", explained), ("status_code_conformance", False)]:
        case = failure(check, "POST /notes", "201", media_type="application/json", body=body.encode())
        assert (found.of(case) is not None) is expected


@pytest.mark.parametrize("key", ["413", "4XX", "default", None])
def test_a_valid_body_that_is_too_large(key: str | None, tmp_path: Path) -> None:
    """Where 413 is not declared, the finding of lint says so."""
    document = contract()
    responses = document["paths"]["/notes"]["post"]["responses"]
    too_large = responses.pop("413", {"description": "Too large."})
    if key is not None:
        responses[key] = too_large
    found = explanations(tmp_path, document)
    reason = found.of(failure("positive_data_acceptance", "POST /notes", "413"))
    assert reason is not None
    assert ("response 413 is not declared" in reason) is (key is None)
    assert found.of(failure("not_a_server_error", "POST /notes", "413")) is None


@pytest.mark.parametrize(("status", "explained"), [("204", True), ("200", False)])
@pytest.mark.parametrize("check", ["content_type_conformance", "response_schema_conformance"])
@pytest.mark.parametrize("is_component", [True, False])
def test_content_of_a_response_that_has_no_body_in_http(
    check: str, status: str, explained: bool, is_component: bool, tmp_path: Path
) -> None:
    document = contract()
    responses = document["paths"]["/notes"]["post"]["responses"]
    done = {"description": "Done.", "content": {"application/json": {"schema": {}}}}
    document["components"]["responses"]["Done"] = done
    for each in ("200", "204"):
        responses[each] = {"$ref": "#/components/responses/Done"} if is_component else done
    reason = explanations(tmp_path, document).of(failure(check, "POST /notes", status))
    assert (reason is not None) is explained


@pytest.mark.parametrize(
    ("declared", "check", "status", "explained"),
    [
        (["405"], "positive_data_acceptance", "405", True),
        (["4XX", "503"], "positive_data_acceptance", "400", True),
        (["405"], "positive_data_acceptance", "404", False),
        (["201", "405"], "positive_data_acceptance", "405", False),
        (["302", "405"], "positive_data_acceptance", "405", False),
        (["default"], "positive_data_acceptance", "405", False),
        (["405"], "not_a_server_error", "405", False),
        (["101"], "status_code_conformance", "200", True),
        (["101", "405"], "status_code_conformance", "200", False),
        (["405"], "status_code_conformance", "200", False),
    ],
)
def test_a_valid_request_where_only_errors_are_declared(
    declared: list[str], check: str, status: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    document["paths"]["/notes"]["post"]["responses"] = {key: {"description": "Done."} for key in declared}
    reason = explanations(tmp_path, document).of(failure(check, "POST /notes", status))
    assert (reason is not None) is explained


@pytest.mark.parametrize(("declared", "found"), [({"200", "401"}, 1), ({"401"}, 0)])
def test_an_operation_that_declares_errors_alone_need_not_be_entered(
    declared: set[str], found: int, tmp_path: Path
) -> None:
    written = contract()
    written["paths"]["/notes"]["post"]["responses"] = {key: {"description": "It."} for key in declared}
    document = read_document(tmp_path, written)
    admissible = [each for each in operations(document) if each.label == "POST /notes"]
    events = Events(statuses={"POST /notes": {401}})
    result = verdict(document, events, Explanations(document, []), admissible)
    assert [each.rule for each in result.findings] == ["not-tested"] * found


@pytest.mark.parametrize(("name", "explained"), [("json", True), ("*", True), ("application/json", False)])
def test_a_name_that_is_no_media_type(name: str, explained: bool, tmp_path: Path) -> None:
    document = contract()
    responses = document["paths"]["/notes/{note_id}"]["get"]["responses"]
    responses["200"]["content"] = {name: {"schema": {}}}
    told = explanations(tmp_path, document)
    more = {"message": f"Failed to deserialize response content: Malformed media type: `{name}`"}
    found = [
        told.of(failure("response_schema_conformance", "GET /notes/{note_id}", "200", **more)),
        told.of(
            replace(
                failure("content_type_conformance", "GET /notes/{note_id}", "200"),
                title="Malformed media type",
            )
        ),
        told.of_error("", f"Malformed media type: `{name}` Location: responses"),
    ]
    assert [each is not None for each in found] == [explained] * 3
    other = failure("response_schema_conformance", "GET /notes/{note_id}", "200", message="{} is not valid")
    assert told.of(other) is None


@pytest.mark.parametrize(("kind", "found"), [("basic", []), ("bearer", ["not-tested"])])
@pytest.mark.parametrize("is_own", [True, False])
def test_an_operation_whose_credentials_exclude_each_other(
    kind: str, found: list[str], is_own: bool, tmp_path: Path
) -> None:
    written = contract()
    schemes = written["components"]["securitySchemes"]
    schemes["other"] = {"type": "apiKey", "in": "header", "name": "X-Key"}
    if kind == "basic":
        schemes["other"] = {"type": "http", "scheme": "basic"}
    holder = written["paths"]["/notes"]["post"] if is_own else written
    holder["security"] = [{"session": [], "other": []}]
    document = read_document(tmp_path, written)
    admissible = [each for each in operations(document) if each.label == "POST /notes"]
    events = Events(statuses={"POST /notes": {401}})
    result = verdict(document, events, explanations(tmp_path, written), admissible)
    assert [each.rule for each in result.findings] == found
    assert len(result.unadmitted) == len(found)


@pytest.mark.parametrize(
    ("answer", "status", "explained"),
    [
        (b'"text 2"', "200", True),
        (b'"dGV4dA=="', "200", False),
        (b"1", "200", False),
        (b"text", "200", False),
        (b'"text 2"', "404", False),
    ],
)
def test_subschemas_of_a_response_that_differ_by_the_format_byte(
    answer: bytes, status: str, explained: bool, tmp_path: Path
) -> None:
    document = contract()
    schema = {"oneOf": [{"type": "string"}, {"type": "string", "format": "byte"}]}
    document["paths"]["/notes/{note_id}"]["get"]["responses"]["200"] = {
        "description": "It.",
        "content": {"application/json": {"schema": schema}},
    }
    found = explanations(tmp_path, document)
    for check in ("response_schema_conformance", "not_a_server_error"):
        case = failure(check, "GET /notes/{note_id}", status, answer=answer)
        assert (found.of(case) is not None) is (explained and check == "response_schema_conformance")
