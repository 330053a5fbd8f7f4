"""The report of schemathesis in NDJSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from contractgen.fuzz.events import read_events


@pytest.mark.parametrize(
    ("name", "reported"), [("Accept-Encoding", True), ("User-Agent", True), ("Cookie", False)]
)
def test_a_header_that_the_report_of_the_request_leaves_out(
    tmp_path: Path, name: str, reported: bool
) -> None:
    """It is that of the test case; one that was not sent by the case is not known."""
    failed = {"failure": {"operation": "GET /notes", "title": "t", "message": "m"}}
    recorder: dict[str, Any] = {
        "label": "GET /notes",
        "cases": {"a": {"value": {"method": "GET", "path": "/notes", "headers": {name: "gzip"}}}},
        "interactions": {
            "a": {
                "request": {"method": "GET", "uri": "http://a/notes", "headers": {"X-Name": ["b"]}},
                "response": {"status_code": 422, "headers": {}},
            }
        },
        "checks": {"a": [{"name": "check", "status": "failure", "failure_info": failed}]},
    }
    report = tmp_path / "report.ndjson"
    report.write_text(json.dumps({"ScenarioFinished": {"recorder": recorder}}) + "\n")
    (failure,) = read_events(report).failures
    more = ((name.lower(), "gzip"),) if reported else ()
    assert failure.headers == (("x-name", "b"), *more)
