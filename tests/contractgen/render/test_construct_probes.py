"""Contracts of one construct each: what they take and refuse over HTTP, and what comes back."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from contractgen.mock.application import create_mock
from contractgen.mock.values import Values
from contractgen_runtime.pointers import child
from tests.contractgen.packages import read_document
from tests.contractgen.probing import PROBES, Probe, Sent, probes_of
from tests.tiers import sampled, slow

CONSTRUCTS = json.loads((PROBES / "constructs.json").read_text())
# Its body reaches the handler as bytes, and nothing reads them.
OF_BYTES = {"b-xml"}
# Each of its objects matches both subschemas of oneOf, whatever the discriminator says: no value is made.
OVERLAPPING = {"b-oneof-discriminator"}


@slow
@pytest.mark.parametrize("name", sampled(list(CONSTRUCTS), 30))
async def test_a_construct_works(name: str, tmp_path: Path) -> None:
    document = read_document(tmp_path, CONSTRUCTS[name])
    mock = create_mock(document, tmp_path)
    assert mock.findings == ()
    if name in OVERLAPPING:
        await takes_what_one_subschema_admits(mock.app)
        return
    if name in OF_BYTES:
        await takes_any_body_of_its_media_type(mock.app)
        return
    probes = probes_of(document)
    values = Values(mock.contract.document, "response")
    async with listening(mock.app) as url, httpx.AsyncClient(base_url=url) as client:
        for probe in probes:
            answer = await send(client, probe.right)
            assert list(unlike_declared(probe, answer, values)) == [], (probe.right, answer.text)
            for wrong, statuses in probe.wrong():
                refused = await send(client, wrong)
                assert refused.status_code in statuses, (wrong, refused.status_code, refused.text)
        paths = {probe.path for probe in probes}
        if probes and "/nobody/declared/this" not in paths:
            base = probes[0].right.path.removesuffix(probes[0].path)
            assert (await client.get(f"{base}/nobody/declared/this")).status_code == 404


async def takes_any_body_of_its_media_type(app: ASGIApp) -> None:
    async with listening(app) as url, httpx.AsyncClient(base_url=url) as client:
        statuses = [
            (await client.post("/t", content=b"<a>1", headers={"content-type": media_type})).status_code
            for media_type in ("application/xml", "application/json")
        ]
    assert statuses == [200, 415]


async def takes_what_one_subschema_admits(app: ASGIApp) -> None:
    """A cat has an integer `m`, a dog an integer `w`, and neither forbids the other's property."""
    async with listening(app) as url, httpx.AsyncClient(base_url=url) as client:
        statuses = [
            (await client.post("/t", json=value)).status_code
            for value in (
                {"kind": "c", "m": 1},
                {"kind": "c"},
                {"kind": "c", "m": "x"},
                {"kind": "d", "w": "x"},
            )
        ]
    assert statuses == [422, 422, 200, 200]


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """The address of an application that listens as `contractgen mock` does."""
    config = uvicorn.Config(app, http="httptools", ws="none", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def send(client: httpx.AsyncClient, sent: Sent) -> httpx.Response:
    return await client.request(sent.method, sent.target, headers=sent.headers, content=sent.body)


def unlike_declared(probe: Probe, answer: httpx.Response, values: Values) -> Iterator[str]:
    """How an answer differs from what its operation declares."""
    declared = probe.node.get("responses", {})
    status = str(answer.status_code)
    key = next((key for key in (status, f"{status[0]}XX", "default") if key in declared), None)
    if key is None:
        yield f"the status {status} is none of {', '.join(declared)}"
        return
    node, pointer = probe.document.resolve(child(probe.place, "responses", key))
    for name, header in node.get("headers", {}).items():
        if header.get("required") and name not in answer.headers:
            yield f"the header {name} is missing"
    content = node.get("content", {})
    if not content:
        if answer.content:
            yield "there is a body"
    elif probe.method != "HEAD":
        yield from unlike_content(pointer, content, answer, values)


def unlike_content(
    pointer: str, content: dict[str, Any], answer: httpx.Response, values: Values
) -> Iterator[str]:
    media_type = answer.headers["content-type"].partition(";")[0]
    known = {each.partition(";")[0]: each for each in content}
    if media_type not in known and not any("*" in each for each in known):
        yield f"the media type {media_type} is none of {', '.join(content)}"
        return
    declared = known.get(media_type, next(iter(content)))
    place = child(pointer, "content", declared)
    member = "itemSchema" if "itemSchema" in content[declared] else "schema"
    if member in content[declared] and ("json" in media_type or media_type == "text/event-stream"):
        for value in received(media_type, answer.text):
            if not values.is_valid(child(place, member), value):
                yield f"the body {value} violates its schema"


def received(media_type: str, text: str) -> list[Any]:
    """The values of a body: one of JSON, several of lines and events."""
    if media_type == "text/event-stream":
        data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
        return [json.loads(each) for each in data if each.startswith("{")]
    return [json.loads(line) for line in text.splitlines()] if "jsonl" in media_type else [json.loads(text)]
