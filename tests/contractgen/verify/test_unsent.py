"""What `verify` does not send: there the route decides by more than schemas."""

from pathlib import Path

import pytest

from tests.contractgen.packages import THING, contract
from tests.contractgen.verify.judging import judged


def test_headers_that_frame_or_encode_a_message_are_not_sent(tmp_path: Path) -> None:
    """The route rejects a `Content-Encoding` before it reads its parameters, whatever their schemas say."""
    document = contract()
    parameters = document["paths"][THING]["put"].setdefault("parameters", [])
    for name in ("Content-Encoding", "Content-Length", "Host", "Transfer-Encoding"):
        parameters.append({"name": name, "in": "header", "schema": {"type": "string"}})
    assert judged(tmp_path, document).findings() == []


@pytest.mark.parametrize("location", ["query", "header", "cookie"])
@pytest.mark.parametrize("is_required", [True, False])
def test_a_parameter_that_is_a_credential_too_is_sent_once(
    location: str, is_required: bool, tmp_path: Path
) -> None:
    """An empty or repeated key is no credential, whatever the parameter's schema says."""
    document = contract()
    key = {"type": "apiKey", "in": location, "name": "Key" if location == "header" else "key"}
    document["components"]["securitySchemes"] = {"key": key}
    operation = document["paths"][THING]["put"]
    operation["security"] = [{"key": []}]
    schema = {"type": "string", "minLength": 30}
    parameter = {"name": "key", "in": location, "required": is_required, "schema": schema}
    operation["parameters"] = [
        *operation.get("parameters", []),
        parameter,
        {"name": "q", "in": "query", "schema": {"type": "integer"}},
    ]
    found = judged(tmp_path, document)
    assert (found.findings(), found.instances > 20) == ([], True)
