"""An operation that takes a body of some content, and requests to it."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.contractgen.packages import THING, contract, package_of
from tests.contractgen.service import Answer, Service, ask

TARGET = "/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"


class Put:
    """The one operation that takes a body."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.models = service.package.models
        service.answers = {"put_thing": service.package.responses.PutThing204()}

    def watch(self, look: Callable[[Any], Awaitable[None]]) -> None:
        """Have something done with each body while its request lasts."""
        self.service.watch = look

    async def disconnected(self, body: bytes, content_type: str) -> int:
        """The status of a request whose client leaves before the end of its body."""
        headers = [("Content-Type", content_type), ("Authorization", "Bearer a")]
        return (await ask(self.service.app, "PUT", TARGET, headers=headers, body=body, leaves=True)).status

    async def send(self, body: bytes | list[bytes], content_type: str = "", **how: Any) -> Answer:
        headers = [("Content-Type", content_type)] if content_type else []
        headers += how.pop("headers", [])
        self.service.calls.clear()
        return await self.service.ask("PUT", TARGET, token="a", headers=headers, body=body, **how)

    async def status(self, body: bytes | list[bytes], content_type: str = "", **how: Any) -> int:
        return (await self.send(body, content_type, **how)).status

    async def received(self, body: bytes | list[bytes], content_type: str = "", **how: Any) -> Any:
        """What the handler is given."""
        answer = await self.send(body, content_type, **how)
        assert answer.status == 204, answer.body
        return self.service.call["body"]

    async def refused(self, body: bytes | list[bytes], content_type: str = "", **how: Any) -> list[str]:
        """The pointers of what the contract does not admit."""
        answer = await self.send(body, content_type, **how)
        assert answer.status == 422, answer.body
        return [each["pointer"] for each in answer.json["errors"]]


def serve_put(content: Any, *, schemas: Any = None, openapi: str = "3.1.0", **more: Any) -> Put:
    """The operation of a contract whose request body has this content."""
    document = contract() | {"openapi": openapi}
    document["paths"][THING]["put"]["requestBody"] = {"required": True, "content": content, **more}
    document["components"]["schemas"] |= schemas or {}
    if openapi.startswith("3.0"):
        document["components"]["schemas"]["Thing"]["properties"]["note"]["type"] = "string"
    return Put(Service(package_of(document)))


ServeBody = Callable[..., Put]
