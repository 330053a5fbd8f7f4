"""What browsers need of a mock: permission for pages of other origins, and documentation pages."""

import copy
from collections.abc import Collection
from typing import Any

from fastapi import FastAPI, Request
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response

from contractgen.plan.contract import Contract
from contractgen_runtime.service.docs import install_docs

_DOCUMENT_URL = "/docs/openapi.json"
_OWN_HEADERS = ("X-Contractgen-Mocked", "Preference-Applied")


def admit_browsers(app: FastAPI, contract: Contract, origins: Collection[str] = ()) -> None:
    """Serve pages of these origins, without any those of every origin, and `/docs` and `/redoc`.

    Requests may have any header and credentials, cookies too: a mock has nothing to protect. Responses show
    the headers of the contract.
    """
    document = _here(app.openapi(), contract)

    async def served(_: Request) -> Response:
        return JSONResponse(document)

    app.add_route(_DOCUMENT_URL, served, include_in_schema=False)
    install_docs(app, _DOCUMENT_URL)
    declared = (header.name for response in contract.responses for header in response.headers)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_origin_regex=None if origins else ".*",
        allow_methods=sorted({"HEAD", *(operation.method for operation in contract.operations)}),
        allow_headers=["*"],
        allow_credentials=True,
        allow_private_network=True,
        expose_headers=sorted({*_OWN_HEADERS, *declared}),
    )


def _here(document: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Return the document with this host as its only server, so that the pages send their requests here."""
    document = copy.deepcopy(document) | {"servers": [{"url": contract.base_path or "/"}]}
    for item in document.get("paths", {}).values():
        for owner in (item, *(each for each in item.values() if isinstance(each, dict))):
            owner.pop("servers", None)
    for operation in contract.operations:
        base = operation.addresses[0].removesuffix(operation.path)
        written = document["paths"][operation.path].get(operation.method.lower())
        if base != contract.base_path.rstrip("/") and written is not None:
            written["servers"] = [{"url": base or "/"}]
    return document
