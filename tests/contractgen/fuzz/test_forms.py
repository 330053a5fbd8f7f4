"""Values that are no forms, and that schemathesis has sent as such."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.fuzz.failures import explanations, failure
from tests.contractgen.fuzz.notes import contract


@pytest.mark.parametrize(
    ("meant", "body", "explained"),
    [
        (None, b"--b\r\nNone--b--\r\n", True),
        (None, b"--b--\r\n", False),
        ({}, b"--b--\r\n", False),
        (None, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n', False),
    ],
)
def test_null_in_place_of_a_form(meant: Any, body: bytes, explained: bool, tmp_path: Path) -> None:
    document = contract()
    content = {"multipart/form-data": {"schema": {"type": ["object", "null"]}}}
    document["paths"]["/notes"]["post"]["requestBody"] = {"content": content}
    headers = (("content-type", "multipart/form-data; boundary=b"),)
    case = failure(
        "positive_data_acceptance", "POST /notes", "400", media_type="multipart/form-data", headers=headers
    )
    found = explanations(tmp_path, document)
    assert (found.of(replace(case, meant=meant, body=body)) is not None) is explained
