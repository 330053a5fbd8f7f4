"""The operations that write for a caller, as the contract has them, and a request to each that succeeds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contractgen_runtime.postgres.connections import Connection
from pressroom.schema import metadata
from tests.contract.document import DOCUMENT, OPERATIONS, resolve
from tests.service import PASSWORD, Actor, MakePost, MakeUser

_READING = {"GET", "HEAD"}
#: Posts that the operation changes; other operations get a published one.
_DRAFTS, _HIDDEN = {"publish_post"}, {"unhide_post"}


def security_of(operation: str) -> list[dict[str, list[str]]]:
    """The security requirements of an operation, its own or those of the document."""
    declared = OPERATIONS[operation]
    node = DOCUMENT["paths"][declared.path][declared.method.lower()]
    requirements: list[dict[str, list[str]]] = node.get("security", DOCUMENT["security"])
    return requirements


#: Those that need a caller and may change something.
WRITING = [
    name
    for name, each in OPERATIONS.items()
    if each.method not in _READING and (security := security_of(name)) and {} not in security
]


def body_of(operation: str) -> dict[str, Any] | None:
    """The first example of the operation's body, with the password that the caller has."""
    declared = OPERATIONS[operation]
    node = DOCUMENT["paths"][declared.path][declared.method.lower()]
    if "requestBody" not in node:
        return None
    content = resolve(node["requestBody"])["content"]["application/json"]
    example: dict[str, Any] = resolve(next(iter(content["examples"].values())))["value"]
    return example | {name: PASSWORD for name in ("password", "old_password") if name in example}


@dataclass(frozen=True)
class Deed:
    """A request to an operation, in the name of an admin whom the other one outlives."""

    operation: str
    caller: Actor
    ids: Mapping[str, str]

    @property
    def path(self) -> str:
        return OPERATIONS[self.operation].path.format(**self.ids)

    @property
    def refusals(self) -> set[int]:
        """What the contract has for a caller who may not do it."""
        return {401, 403} & {int(status) for status in OPERATIONS[self.operation].responses}

    def head(self, *, length: int) -> bytes:
        lines = [
            f"{OPERATIONS[self.operation].method} {self.path} HTTP/1.1",
            "host: 127.0.0.1",
            f"authorization: Bearer {self.caller.token}",
            "if-match: *",
            *(["content-type: application/json", f"content-length: {length}"] if length else []),
        ]
        return "\r\n".join(lines).encode() + b"\r\n"

    @property
    def body(self) -> bytes:
        example = body_of(self.operation)
        return b"" if example is None else json.dumps(example).encode()


async def prepare(operation: str, make_user: MakeUser, make_post: MakePost) -> tuple[Deed, Actor]:
    """A request that would succeed, and an admin who is not its caller."""
    caller, other = await make_user("admin"), await make_user("admin")
    reader = await make_user()
    post = await make_post(
        reader,
        is_published=operation not in _DRAFTS,
        hidden_reason="Advertising." if operation in _HIDDEN else None,
    )
    session_id = caller.session_id
    ids = {"user_id": reader.id, "post_id": post["id"], "session_id": session_id}
    return Deed(operation, caller, {name: str(value) for name, value in ids.items()}), other


async def contents(connection: Connection) -> dict[str, set[str]]:
    """Every row of every table."""
    return {
        table: {row[0] for row in await connection.fetch(f'SELECT t::text FROM "{table}" t')}
        for table in metadata.tables
    }
