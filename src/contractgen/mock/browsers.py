"""Support of browsers by a mock: permission for pages of other origins (CORS), and documentation pages."""

from collections.abc import Collection

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from contractgen.mock.server_headers import server_headers
from contractgen.plan.contract import Contract
from contractgen_runtime.service.docs import install_docs
from contractgen_runtime.service.pages import install_assets

_OWN_HEADERS = ("X-Contractgen-Mocked", "Preference-Applied")


def admit_browsers(app: FastAPI, contract: Contract, origins: Collection[str] = ()) -> None:
    """Admit pages of these origins, or of every origin if there are none, and serve `/docs` and `/redoc`.

    Requests may have any header and credentials, cookies too: a mock has nothing to protect. Responses show
    the headers of the contract.
    """
    install_assets(app)
    install_docs(app)
    declared = (header.name for response in contract.responses for header in response.headers)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_origin_regex=None if origins else ".*",
        allow_methods=sorted({"HEAD", *(operation.method for operation in contract.operations)}),
        allow_headers=["*"],
        allow_credentials=True,
        allow_private_network=True,
        expose_headers=sorted({*_OWN_HEADERS, *declared, *server_headers(contract)}),
    )
