"""Mark mocked operations in the document that the documentation pages show."""

import copy
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from .mocks import Mocks

_URL = "/docs/openapi.json"
_NOTE = "**Mocked: this operation has no handler yet.** Its responses are examples of the contract."


def mark_document(app: FastAPI, mocks: Mocks) -> str:
    """Serve a copy of the contract with a note at each mocked operation; return the URL of the document.

    Where nothing is mocked that is the contract itself.
    """
    if not mocks.mocked:
        return app.openapi_url or "/openapi.json"
    document = _marked(app.openapi(), set(mocks.mocked))

    async def marked(_: Request) -> Response:
        return JSONResponse(document)

    app.add_route(_URL, marked, include_in_schema=False)
    return _URL


def _marked(contract: dict[str, Any], mocked: set[str]) -> dict[str, Any]:
    document = copy.deepcopy(contract)
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            # The name that the generator gives to an operation without an operationId is `get/pets`.
            if isinstance(operation, dict) and operation.get("operationId", f"{method}{path}") in mocked:
                description = operation.get("description", "")
                operation["description"] = f"{_NOTE}\n\n{description}".rstrip()
    return document
