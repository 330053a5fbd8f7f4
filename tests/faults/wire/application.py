"""The application of the wire's tests, and a program that serves it as `serve` of a service does.

`python -m tests.faults.wire.application LIMITS WORKERS FILES` prints the port; LIMITS are JSON.
"""

import asyncio
import json
import os
import resource
import sys

from starlette.types import Receive, Scope, Send

from contractgen_runtime.bodies import receive_whole
from contractgen_runtime.requests import Request
from contractgen_runtime.service.edge import Edge
from contractgen_runtime.service.serving import listen
from contractgen_runtime.service.wire.limits import Limits
from contractgen_runtime.service.wire.server import serve
from contractgen_runtime.service.wire.workers import Workers


class Application:
    """`/`: say what arrived; `/unread`: do not read; `/limited`: read 64 KiB at most;
    `/big`, `/stream`: many bytes; `/slow`: seconds.

    `seen` are the scopes and bodies that arrived, `left` the paths whose client left before that.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[Scope, bytes]] = []
        self.left: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, body, more = scope["path"], b"", scope["path"] not in ("/unread", "/limited")
        if path == "/limited":
            body = await receive_whole(Request(scope, receive), 65_536)
        while more:
            message = await receive()
            if message["type"] != "http.request":
                self.left.append(path)
                return
            body += message["body"]
            more = message["more_body"]
        self.seen.append((scope, body))
        if path == "/slow":
            await asyncio.sleep(float(scope["query_string"]))
        if path == "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(int(scope["query_string"])):
                await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return
        text = b"x" * int(scope["query_string"]) if path == "/big" else _describe(scope, body)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})


def _describe(scope: Scope, body: bytes) -> bytes:
    names = [name.decode() for name, _ in scope["headers"]]
    said = {"method": scope["method"], "path": scope["path"], "query": scope["query_string"].decode()}
    return json.dumps({**said, "headers": names, "body": body.decode("latin-1"), "pid": os.getpid()}).encode()


async def _served(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "lifespan":
        await Application()(scope, receive, send)
        return
    while True:
        phase = (await receive())["type"]
        await send({"type": f"{phase}.complete"})
        if phase == "lifespan.shutdown":
            return


def create() -> Edge:
    return Edge(_served, allowed_hosts=["127.0.0.1"])


if __name__ == "__main__":
    limits, workers, files = Limits(**json.loads(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with listen("127.0.0.1", 0) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201 - a program
        name = "tests.faults.wire.application:create"
        if workers == 1:
            served = serve(name, limits, listener)
        else:
            served = Workers(name, limits, listener, workers).run()
    sys.exit(not served)
