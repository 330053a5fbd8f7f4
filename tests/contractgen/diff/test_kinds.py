"""What `diff` says of each kind of change and of each other spelling, in small documents."""

import copy
from pathlib import Path
from typing import Any

import pytest

from contractgen.diff.changes import Change
from contractgen.diff.compare import diff
from tests.contractgen.packages import read_document

GET = ("paths", "/things/{id}", "get")
BODY = ("paths", "/things/{id}", "put", "requestBody")
JSON = (*BODY, "content", "application/json")
OK = (*GET, "responses", "200")
ID = ("paths", "/things/{id}", "parameters", 0)
LIST = (*GET, "parameters", 0)
FORM = (*BODY, "content", "multipart/form-data")
GONE = object()
B, C, N = "breaking", "compatible", None
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://a.example/v1"}],
    "security": [{"key": []}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "get_thing",
                "parameters": [
                    {"in": "query", "name": "list", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"in": "query", "name": "size", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        "links": {"self": {"operationId": "get_thing"}},
                    },
                    "4XX": {"description": "no"},
                },
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                        "multipart/form-data": {
                            "schema": {"type": "object", "properties": {"file": {}}},
                            "encoding": {"file": {"contentType": "image/png, image/jpeg"}},
                        },
                    },
                },
                "responses": {"204": {"description": "ok"}},
                "callbacks": {
                    "done": {
                        "{$request.query.url}": {
                            "post": {
                                "requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}},
                                "responses": {"204": {"description": "ok"}},
                            }
                        }
                    }
                },
            },
        }
    },
    "webhooks": {
        "news": {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"type": "integer", "maximum": 5}}}
                },
                "responses": {"204": {"description": "ok"}},
            }
        }
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "login": {
                "type": "oauth2",
                "flows": {"password": {"tokenUrl": "/token", "scopes": {"read": "r", "write": "w"}}},
            },
        },
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "secret": {"type": "string"},
                    "at": {"type": "string"},
                },
                "additionalProperties": False,
            }
        },
    },
}
THING = ("components", "schemas", "Thing")
CALLBACK = (*GET[:2], "put", "callbacks", "done", "{$request.query.url}", "post", "requestBody")
NEWS = ("webhooks", "news", "post", "requestBody", "content", "application/json", "schema")


def edited(*edits: tuple[tuple[Any, ...], Any], document: Any = DOCUMENT) -> Any:
    document = copy.deepcopy(document)
    for place, value in edits:
        owner = document
        for name in place[:-1]:
            owner = owner[name]
        if value is GONE:
            del owner[place[-1]]
        else:
            owner[place[-1]] = value
    return document


def changes(folder: Path, old: Any, new: Any, *, wire: bool = False) -> list[Change]:
    """What clients can notice."""
    found = diff(read_document(folder, old), read_document(folder, new), wire=wire)
    return [change for change in found if change.level != "patch"]


def worst(found: list[Change]) -> str | None:
    return found[0].level if found else None


# The place, the value that is put there, the level of that change, and that of taking it back.
KINDS: list[tuple[str, tuple[Any, ...], Any, str | None, str | None]] = [
    ("smaller bodies", (*BODY, "x-max-body-bytes"), 100, B, C),
    ("the usual size of bodies", (*BODY, "x-max-body-bytes"), 16_777_216, N, N),
    ("lenient queries", (*GET, "x-strict-query"), False, C, B),
    ("lenient queries of the document", ("x-strict-query",), False, C, B),
    ("strict queries", (*GET, "x-strict-query"), True, N, N),
    ("any response", (*GET, "x-raw-response"), True, B, C),
    ("a rate limit", (*GET, "x-rate-limit"), {"address": {"quota": 5, "window": 60}}, B, C),
    ("a sunset", (*GET, "x-sunset"), "2027-06-30", C, C),
    ("an extension of others", (*GET, "x-note"), "text", N, N),
    ("a required header", (*OK, "headers", "X-Count", "required"), False, B, C),
    ("a header's bound", (*OK, "headers", "X-Count", "schema", "minimum"), 0, C, B),
    ("explode of an array", (*LIST, "explode"), False, B, B),
    ("explode of a number", (*GET, "parameters", 1, "explode"), False, N, N),
    ("style of an array", (*LIST, "style"), "pipeDelimited", B, B),
    ("reserved characters", (*LIST, "allowReserved"), True, C, B),
    ("any text for a number", (*GET, "parameters", 1, "schema"), {"type": "string"}, C, B),
    ("a pattern for a number", (*GET, "parameters", 1, "schema"), {"type": "string", "pattern": "a"}, B, B),
    ("content of a parameter", LIST, {"in": "query", "name": "list", "content": {"text/plain": {}}}, B, B),
    ("one type of a part less", (*FORM, "encoding", "file", "contentType"), "image/png", B, C),
    (
        "types of a part in another order",
        (*FORM, "encoding", "file", "contentType"),
        "image/jpeg,image/png",
        N,
        N,
    ),
    ("a file", (*FORM, "schema", "properties", "file"), {"type": "string"}, B, B),
    ("a range for one status", (*GET, "responses", "200"), GONE, B, B),
    ("style of a field", (*FORM, "encoding", "file"), {"style": "deepObject"}, B, B),
    ("a checked format", (*THING, "properties", "at", "format"), "date", B, B),
    ("an unchecked format", (*THING, "properties", "at", "format"), "password", N, N),
    ("read only", (*THING, "properties", "secret", "readOnly"), True, B, C),
    ("write only", (*THING, "properties", "secret", "writeOnly"), True, C, B),
    ("another scheme as well", ("security",), [{"key": []}, {"login": ["read"]}], C, B),
    ("two schemes together", ("security",), [{"key": [], "login": ["read"]}], B, C),
    ("no security", ("security",), [], C, B),
    ("security of the operation", (*GET, "security"), [{"key": []}], N, N),
    ("another range of statuses", (*GET, "responses", "2XX"), {"description": "ok"}, B, C),
    ("an error of its own", (*GET, "responses", "404"), {"description": "no"}, N, N),
    ("a link", (*OK, "links"), GONE, B, C),
    ("a callback", (*GET[:2], "put", "callbacks"), GONE, B, C),
    ("what a callback sends", (*CALLBACK, "content", "text/plain", "schema", "maxLength"), 5, C, B),
    ("what a webhook sends", (*NEWS, "maximum"), 7, B, C),
    ("a webhook", ("webhooks",), GONE, B, C),
    ("another server", ("servers",), [{"url": "https://b.example/v1"}], B, B),
    ("a second server", ("servers",), [{"url": "https://a.example/v1"}, {"url": "https://b.example"}], C, B),
    ("deprecated", (*GET, "deprecated"), True, C, N),
    ("an optional property of a closed object", (*THING, "properties", "new"), {"type": "string"}, B, B),
    ("a status of success", (*GET, "responses", "202"), {"description": "later"}, B, B),
]


@pytest.mark.parametrize(
    ("place", "value", "there", "back"), [each[1:] for each in KINDS], ids=[each[0] for each in KINDS]
)
def test_a_change_has_its_level(tmp_path: Path, place: Any, value: Any, there: Any, back: Any) -> None:
    new = edited((place, value))
    assert (worst(changes(tmp_path, DOCUMENT, new)), worst(changes(tmp_path, new, DOCUMENT))) == (there, back)


def test_scopes_are_compared_as_sets(tmp_path: Path) -> None:
    first, second = (edited((("security",), [{"login": scopes}])) for scopes in (["read"], ["write", "read"]))
    assert (worst(changes(tmp_path, first, second)), worst(changes(tmp_path, second, first))) == (B, C)
    assert changes(tmp_path, second, edited((("security",), [{"login": ["read", "write"]}]))) == []


SPELLINGS: dict[str, Any] = {
    "type in a list": edited(((*THING, "type"), ["object"])),
    "parameters at the operation": edited(
        ((*ID[:-1],), []),
        (
            (*GET, "parameters"),
            [
                *DOCUMENT["paths"]["/things/{id}"]["get"]["parameters"],
                {**DOCUMENT["paths"]["/things/{id}"]["parameters"][0]},
            ],
        ),
        ((*GET[:2], "put", "parameters"), [{**DOCUMENT["paths"]["/things/{id}"]["parameters"][0]}]),
    ),
    "defaults of a parameter": edited(
        ((*LIST, "explode"), True), ((*LIST, "style"), "form"), ((*LIST, "required"), False)
    ),
    "media types in capitals": edited(
        (
            (*OK, "content"),
            {"Application/JSON; charset=UTF-8": {"schema": {"$ref": "#/components/schemas/Thing"}}},
        )
    ),
    "headers in capitals": edited(
        ((*OK, "headers"), {"x-COUNT": {"required": True, "schema": {"type": "integer"}}})
    ),
    "an inlined component": edited(((*JSON, "schema"), DOCUMENT["components"]["schemas"]["Thing"])),
    "server at the path": edited(
        (("servers",), GONE), ((*GET[:2], "servers"), [{"url": "https://A.example:443/v1/"}])
    ),
    "a variable of one value": edited(
        (
            ("servers",),
            [
                {
                    "url": "https://{host}/v1",
                    "variables": {"host": {"enum": ["a.example"], "default": "a.example"}},
                }
            ],
        )
    ),
    "prefix in the path": edited(
        (("servers",), [{"url": "https://a.example"}]),
        (
            ("paths",),
            {
                "/v1/things/{thing}": edited(
                    (("parameters", 0, "name"), "thing"), document=DOCUMENT["paths"]["/things/{id}"]
                )
            },
        ),
    ),
    "a renamed scheme": edited(
        (("components", "securitySchemes", "other"), {"type": "apiKey", "in": "header", "name": "x-key"}),
        (("security",), [{"other": []}]),
    ),
    "false as a schema": edited(((*THING, "additionalProperties"), {"not": {}})),
}


@pytest.mark.parametrize("new", SPELLINGS.values(), ids=SPELLINGS)
def test_another_spelling_is_no_change(tmp_path: Path, new: Any) -> None:
    assert changes(tmp_path, DOCUMENT, new) == changes(tmp_path, new, DOCUMENT) == []


MAPPED = {
    "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
    "discriminator": {
        "propertyName": "t",
        "mapping": {"a": "#/components/schemas/A", "b": "#/components/schemas/B"},
    },
}


@pytest.mark.parametrize(
    ("place", "value", "there", "back"),
    [
        (("mapping", "a2"), "#/components/schemas/A", C, B),
        (("mapping", "b"), GONE, B, B),
        (("mapping", "b"), "#/components/schemas/A", B, B),
        (("mapping", "a"), "A", N, N),
        (("mapping", "A"), "#/components/schemas/A", C, B),
        (("propertyName",), "u", B, B),
    ],
)
def test_a_mapping_is_compared_by_where_its_values_lead(
    tmp_path: Path, place: Any, value: Any, there: Any, back: Any
) -> None:
    kind = {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}}
    parts = edited(((*THING[:-1], "A"), kind), ((*THING[:-1], "B"), kind | {"required": ["t", "b"]}))
    old = edited(((*JSON, "schema"), MAPPED), document=parts)
    new = edited(
        ((*JSON, "schema"), edited((("discriminator", *place), value), document=MAPPED)), document=parts
    )
    assert (worst(changes(tmp_path, old, new)), worst(changes(tmp_path, new, old))) == (there, back)


def test_a_renamed_component_is_no_change_where_a_mapping_leads_to_it(tmp_path: Path) -> None:
    kinds = {
        name: {"type": "object", "required": ["t"], "properties": {"t": {"const": name.lower()}}}
        for name in "AB"
    }
    old = edited((THING[:-1], kinds | {"Thing": MAPPED}))
    renamed = edited((("oneOf", 0, "$ref"), "#/components/schemas/C"), document=MAPPED)
    renamed["discriminator"]["mapping"]["a"] = "C"
    new = edited((THING[:-1], {"C": kinds["A"], "B": kinds["B"], "Thing": renamed}))
    assert changes(tmp_path, old, new) == changes(tmp_path, new, old) == []


def test_wire_leaves_out_what_no_message_shows(tmp_path: Path) -> None:
    new = edited(
        ((*GET, "operationId"), "other"),
        ((*GET, "tags"), ["t"]),
        ((*GET, "deprecated"), True),
        ((*OK, "links"), GONE),
        ((*GET, "description"), "other"),
        ((*GET, "parameters", 1, "schema", "minimum"), 1),
    )
    (change,) = diff(read_document(tmp_path, DOCUMENT), read_document(tmp_path, new), wire=True)
    assert change.message == "in requests: minimum none -> 1: smaller numbers are rejected"
    assert len(changes(tmp_path, DOCUMENT, new)) == 4


@pytest.mark.parametrize(
    ("schema", "other", "message"),
    [
        (
            {"type": "string", "maxLength": 10},
            {"type": "string", "maxLength": 5},
            "maxLength 10 -> 5: longer strings are rejected",
        ),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, 'enum: "b" removed'),
        (
            {"type": "string"},
            {"type": "string", "not": {"maxLength": 3, "minLength": 3}},
            "not is new: values that match it are rejected",
        ),
        ({"type": ["string", "null"]}, {"type": "string"}, "type string or null -> string"),
        ({"type": "object"}, {"type": "object", "required": ["a"]}, "the property 'a' is required now"),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "string"}]},
            "type integer or string -> string",
        ),
    ],
)
def test_a_change_is_reported_once_at_its_keyword(
    tmp_path: Path, schema: Any, other: Any, message: str
) -> None:
    old, new = (edited(((*JSON, "schema"), each)) for each in (schema, other))
    found = changes(tmp_path, old, new)
    assert [change.message for change in found] == [f"in requests: {message}"]


def test_a_fault_that_both_have_is_no_change(tmp_path: Path) -> None:
    broken = edited(
        ((*LIST, "in"), GONE), ((*THING, "required"), 3), ((*THING, "properties", "at", "pattern"), "*")
    )
    assert changes(tmp_path, broken, broken) == []
    new = edited(((*BODY, "required"), False), document=broken)
    assert worst(changes(tmp_path, broken, new)) == C
