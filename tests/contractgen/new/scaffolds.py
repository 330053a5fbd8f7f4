"""Contracts that differ in what a new service makes of them, and the services that `new` creates."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from contractgen.new.project import Created, create, names_of
from tests.contractgen.mocked import pets
from tests.contractgen.packages import contract, write_document

ISSUER = "https://issuer.example.com"
SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "oauth2": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {"tokenUrl": "https://issuer.example.com/token", "scopes": {"all": ""}}
        },
    },
    "openid": {"type": "openIdConnect", "openIdConnectUrl": f"{ISSUER}/.well-known/openid-configuration"},
    "digest": {"type": "http", "scheme": "digest"},
    "mutual": {"type": "mutualTLS"},
    "custom": {"type": "http", "scheme": "Hawk"},
}
#: The schemes of which a service has a credential in development.
ACCEPTED = SCHEMES.keys() - {"digest", "mutual"}
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "additionalProperties": False,
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
}


def secured(*names: str, roles: bool = False) -> Any:
    """The small contract with security schemes, each of which suffices for its second operation."""
    document = contract()
    document["components"]["securitySchemes"] = {name: SCHEMES[name] for name in names}
    put = document["paths"]["/things/{thing_id}"]["put"]
    put["security"] = [{name: ["all"] if roles else []} for name in names]
    return document


def with_one_header() -> Any:
    """A contract that requires two schemes at once whose credential is in the same header."""
    document = secured("bearer", "openid", roles=True)
    put = document["paths"]["/things/{thing_id}"]["put"]
    put["security"] = [{name: roles for each in put["security"] for name, roles in each.items()}]
    return document


def with_own_errors() -> Any:
    """A contract whose errors are its own, with a header that they must have."""
    document = secured("bearer", "header")
    error = {
        "description": "It failed.",
        "headers": {"X-Trace": {"required": True, "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    document["components"]["schemas"]["Error"] = ERROR
    for operation in document["paths"]["/things/{thing_id}"].values():
        operation["responses"]["default"] = error
    return document


def with_fixed_text() -> Any:
    """A contract whose error is a text that is always the same."""
    document = secured("bearer")
    content = {"text/plain": {"schema": {"type": "string", "enum": ["Unauthorized"]}}}
    put = document["paths"]["/things/{thing_id}"]["put"]
    put["responses"]["401"] = {"description": "It failed.", "content": content}
    return document


def with_streamed_errors() -> Any:
    """A contract whose errors are bytes, events and lines of a schema of their own."""
    document = secured("bearer")
    document["components"]["schemas"]["Error"] = ERROR
    contents = {"401": "application/octet-stream", "422": "application/jsonl", "default": "text/event-stream"}
    for status, media_type in contents.items():
        content = {media_type: {"schema": {"$ref": "#/components/schemas/Error"}}}
        put = document["paths"]["/things/{thing_id}"]["put"]
        put["responses"][status] = {"description": "It failed.", "content": content}
    return document


def with_tags(*names: str) -> Any:
    """A contract with an operation for each of some tags."""
    document = contract()
    operation = document["paths"].pop("/things/{thing_id}")["get"]
    document["tags"] = [{"name": name} for name in names]
    for number, name in enumerate(names):
        tagged = {**operation, "operationId": f"get_{number}", "tags": [name]}
        document["paths"][f"/{number}/{{thing_id}}"] = {"get": tagged}
    return document


def without_tags() -> Any:
    document = contract()
    del document["tags"]
    for operation in document["paths"]["/things/{thing_id}"].values():
        del operation["tags"]
    return document


def of_3_0() -> Any:
    document = contract()
    document["openapi"] = "3.0.3"
    document["components"]["schemas"]["Thing"]["properties"]["note"] = {"type": "string", "nullable": True}
    return document


def oddly_titled() -> Any:
    """A contract whose texts have what ends a string in Python, TOML or a template."""
    document = contract()
    odd = 'A "quoted" \\ title """ {{ braces }} {% raw %} \'x\' é'
    document["info"] |= {"title": odd, "description": f"{odd}\n\nMore."}
    document["tags"][0]["description"] = odd
    for operation in document["paths"]["/things/{thing_id}"].values():
        operation["summary"] = odd
    document["components"]["securitySchemes"] = {
        "bearerAuth": {"type": "http", "scheme": "bearer", "description": odd}
    }
    return document


def with_values() -> Any:
    """A contract with every kind of response, without the one that no value fits."""
    document = pets()
    del document["paths"]["/riddle"]
    return document


CONTRACTS: dict[str, Any] = {
    **{name: secured(name, roles=name == "bearer") for name in SCHEMES},
    "every scheme": secured(*SCHEMES),
    "every scheme with roles": secured(*sorted(ACCEPTED), roles=True),
    "two schemes of one header": with_one_header(),
    "no security": with_tags("things"),
    "own errors": with_own_errors(),
    "an error of one text": with_fixed_text(),
    "errors of bytes and sequences": with_streamed_errors(),
    "tags that are names of ours": with_tags(
        *(
            "settings",
            "app",
            "load",
            "mocks",
            "context",
            "host",
            "main",
            "handlers",
            "Path",
            "fastapi",
            "shop",
        )
    ),
    "no tags": without_tags(),
    "3.0": of_3_0(),
    "odd texts": oddly_titled(),
    "every response": with_values(),
}


def created(document: Any, folder: Path, name: str = "shop") -> Created:
    """Create a service in a folder as `contractgen new` does, without its wheels."""
    source = folder.with_name(f"{folder.name}-contract")
    source.mkdir()
    spec = write_document(source, document)
    return create(spec, folder, names_of(folder, name))


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in the folder of a service."""
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), *sys.path, str(folder)])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "XDG_STATE_HOME": str(folder / "state"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
