"""A contract with every kind of response, and services some of whose handlers are unwritten."""

import copy
import json
import tempfile
from functools import cache
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from contractgen.new.examples import recorded
from contractgen.plan.planner import make_plan
from contractgen_runtime.mocking.mocks import Mocks
from contractgen_runtime.service.application import Service, wrap
from tests.contractgen.packages import package_of, read_document
from tests.contractgen.service import Host

JSON = "application/json"
REX, TOM = {"id": 7, "name": "Rex"}, {"id": 8, "name": "Tom"}
PNG = "\x89PNG"
_PET = {"$ref": "#/components/schemas/Pet"}
_ID = {"name": "pet_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}}
_ERROR = {"description": "No.", "content": {JSON: {"schema": {"type": "object"}, "example": {"why": "no"}}}}
_BEARER = [{"bearerAuth": ["admin"]}]


def _response(media_type: str, **content: Any) -> dict[str, Any]:
    return {"description": "Done.", "content": {media_type: content}}


def _operation(name: str, responses: Any, **more: Any) -> dict[str, Any]:
    return {"operationId": name, "tags": ["pets"], "responses": responses, **more}


_FEED = _response("text/event-stream", schema=_PET, example=[REX, TOM])
_NOWHERE = {"type": "integer", "minimum": 2, "maximum": 1}
_PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "tags": [{"name": "pets"}],
    "paths": {
        "/pets": {
            "get": _operation(
                "listPets",
                {
                    "200": _response(
                        JSON,
                        schema={"type": "array", "items": _PET},
                        examples={"two": {"value": [REX, TOM]}, "none": {"value": []}},
                    ),
                    "404": _ERROR,
                    "default": _ERROR,
                },
                parameters=[_LIMIT],
            ),
            "post": _operation(
                "createPet",
                {
                    "201": {
                        **_response(JSON, schema=_PET, example=REX),
                        "headers": {"Location": {"required": True, "schema": {"const": "/pets/7"}}},
                    }
                },
                security=_BEARER,
                requestBody={"required": True, "content": {JSON: {"schema": _PET}}},
            ),
        },
        "/pets/{pet_id}": {
            "parameters": [_ID],
            "get": _operation("getPet", {"2XX": _response(JSON, schema=_PET, example=TOM), "4XX": _ERROR}),
            "delete": _operation("deletePet", {"204": {"description": "Gone."}}, security=_BEARER),
        },
        "/feed": {
            "get": _operation(
                "readFeed", {"200": _response("text/event-stream", schema=_PET, example=[REX, TOM])}
            )
        },
        "/photo": {"get": _operation("getPhoto", {"200": _response("image/png", example=PNG)})},
        "/report": {
            "get": _operation(
                "getReport",
                {
                    "200": {
                        "description": "A report.",
                        "content": {
                            JSON: {"schema": _PET, "example": REX},
                            "application/vnd.pet+json": {"schema": _PET, "example": REX},
                        },
                    }
                },
            )
        },
        "/riddle": {
            "get": _operation(
                "getRiddle",
                {
                    "200": _response(JSON, schema={"type": "integer", "minimum": 2, "maximum": 1}),
                    "404": _ERROR,
                },
            )
        },
    },
    "components": {
        "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "name"],
                "additionalProperties": False,
                "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            }
        },
    },
}


def pets() -> Any:
    """A fresh copy of the contract, to be changed."""
    return copy.deepcopy(_PETS)


def examples_of(document: Any) -> bytes:
    """Return the examples of a contract, recorded once a process."""
    return _examples(json.dumps(document))


@cache
def _examples(text: str) -> bytes:
    document = json.loads(text)
    package = package_of(document)
    with tempfile.TemporaryDirectory() as folder:
        read = read_document(Path(folder), document)
        return recorded(read, make_plan(read), package)


def handlers_of(source: str, package: Any, tag: str = "pets") -> ModuleType:
    """Return a module of a tag's handlers, named as in a service."""
    module = ModuleType(f"shop.handlers.{tag}")
    exec("from contractgen_runtime.stubs import unimplemented", vars(module))
    exec(compile(source, module.__name__, "exec"), {**vars(module), **_names(package)}, vars(module))
    return module


def _names(package: Any) -> dict[str, Any]:
    return {"models": package.models, "operations": package.operations, "responses": package.responses}


class Mocked:
    """A service of a contract; `source` are handlers of the tag `pets`, the others are mocked."""

    def __init__(self, document: Any, folder: Path, source: str = "", *, allowed: bool = True) -> None:
        self.package = package_of(document)
        path = folder / "examples.json"
        path.write_bytes(examples_of(document))
        self.mocks = Mocks(self.package, path, allowed=allowed)
        host = Host(self.package.operations.Refusal)
        host.learn(self.package.operations)
        parameters = signature(self.package.Api.__init__).parameters
        handlers = {
            tag: self.mocks.fill(handlers_of(source if tag == "pets" else "", self.package, tag))
            for tag in parameters
            if tag not in ("self", "host")
        }
        self.app = Service()
        self.package.Api(host=host, **handlers).mount(self.app)
        self.mocks.install(self.app)
        wrap(
            self.app,
            allowed_hosts=["testserver"],
            origins=[],
            notes=[self.mocks.note],
        )
