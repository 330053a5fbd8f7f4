"""Read what schemathesis reports of a run, event by event."""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The headers that schemathesis leaves out of a reported request.
_UNREPORTED = {"accept", "accept-encoding", "connection", "user-agent"}
_PARTS = ("path_parameters", "query", "headers", "cookies", "body")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed check: the operation (`GET /path`), the request and the status of the response.

    `headers` are those of the request, with their names in lower case; `answer` is the body of the response,
    and `answered` are its headers.
    `meant` is the value that schemathesis has written as the body.
    `scenario` is the name under which schemathesis reports it: an operation, or a sequence of several.
    """

    check: str
    operation: str
    status: str
    title: str
    message: str
    method: str = ""
    url: str = ""
    media_type: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    answer: bytes = b""
    scenario: str = ""
    meant: Any = field(default=None, compare=False)
    answered: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        status = f" {self.status}" if self.status else ""
        message = " ".join(self.message.split())
        return f"{self.operation}{status}: {self.title}" + (f": {message}" if message else "")


@dataclass(frozen=True, slots=True)
class Request:
    """A request to an operation (`GET /path`), its parts as values, and the status of the response.

    `parts` has `path_parameters`, `query`, `headers`, `cookies` and `body` as far as they were sent.
    """

    label: str
    status: int
    parts: dict[str, Any]
    media_type: str = ""


@dataclass(slots=True)
class Events:
    """A run: requests, failures, errors that kept it from testing, and the statuses of each operation."""

    requests: list[Request] = field(default_factory=list)
    fatal: str = ""
    failures: set[Failure] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)


def read_events(report: Path) -> Events:
    """Read a report in NDJSON."""
    events = Events()
    if report.exists():
        with report.open(encoding="utf-8") as lines:
            for line in lines:
                _add(events, *next(iter(json.loads(line).items())))
    return events


def _add(events: Events, kind: str, value: dict[str, Any]) -> None:
    if kind == "FatalError":
        events.fatal = _error_text(value.get("exception", value))
    elif kind == "NonFatalError":
        _add_error(events, value.get("label", ""), value.get("value"))
    elif kind == "ScenarioFinished":
        _add_scenario(events, value["recorder"])


def _add_error(events: Events, label: str, error: Any) -> None:
    """Keep the first error of an operation; that no link connects the chosen operations is none."""
    if not (isinstance(error, dict) and error.get("type") == "NoLinksFound"):
        events.errors.setdefault(label, _error_text(error))


def _error_text(error: Any) -> str:
    text = error.get("message") or error.get("type") if isinstance(error, dict) else error
    return " ".join(str(text).split())


def _add_scenario(events: Events, recorder: dict[str, Any]) -> None:
    interactions = recorder.get("interactions", {})
    for case, interaction in interactions.items():
        response = interaction.get("response")
        value = recorder.get("cases", {}).get(case, {}).get("value", {})
        status = response["status_code"] if response else 0
        label = f"{value['method'].upper()} {value['path']}" if "path" in value else ""
        if response and label:
            events.statuses.setdefault(label, set()).add(status)
        parts = {name: value[name] for name in _PARTS if value.get(name) is not None}
        events.requests.append(Request(label, status, parts, essence(value.get("media_type") or "")))
    for case, checks in recorder.get("checks", {}).items():
        value = recorder.get("cases", {}).get(case, {}).get("value", {})
        for check in checks:
            if check["status"] == "failure":
                events.failures.add(_failure(check, interactions.get(case) or {}, recorder["label"], value))


def _failure(
    check: dict[str, Any], interaction: dict[str, Any], scenario: str, case: dict[str, Any]
) -> Failure:
    failure, request = check["failure_info"]["failure"], interaction.get("request") or {}
    response = interaction.get("response") or {}
    given = {name.lower(): str(text) for name, text in (case.get("headers") or {}).items()}
    hidden = {name: text for name, text in given.items() if name in _UNREPORTED}
    headers = (*_headers(request), *hidden.items())
    return Failure(
        check=check["name"],
        operation=failure["operation"],
        status=str(response.get("status_code", "")),
        title=failure["title"],
        message=failure["message"],
        method=request.get("method", ""),
        url=request.get("uri", ""),
        media_type=essence(dict(headers).get("content-type", "")),
        body=b64decode((request.get("body") or {}).get("$base64", "")),
        answer=b64decode((response.get("content") or {}).get("$base64", "")),
        headers=headers,
        scenario=scenario,
        meant=case.get("body"),
        answered=_headers(response),
    )


def _headers(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the headers of a request or response, with their names in lower case."""
    headers = message.get("headers", {}).items()
    return tuple((name.lower(), text) for name, texts in headers for text in texts)


def essence(media_type: str) -> str:
    """Return a media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()
