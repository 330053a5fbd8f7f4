"""The operations of the contract, as journeys call them and as figures are named."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contractgen_runtime.testing.contract import Contract

PATH = Path(__file__).resolve().parents[1] / "openapi" / "openapi.yaml"


@dataclass(frozen=True)
class Operation:
    """One operation; figures are shown under its `route`, never under the address of a request."""

    id: str
    method: str
    path: str

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


@cache
def operations() -> dict[str, Operation]:
    """Return the operations by their id in snake case, which is the name of their handlers, too."""
    found = Contract(PATH).operations.values()
    return {snake_case(each.id): Operation(each.id, each.method, each.path) for each in found}


def snake_case(operation_id: str) -> str:
    """Return `list_posts` for `listPosts`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation_id).lower()


def sha256() -> str:
    return hashlib.sha256(PATH.read_bytes()).hexdigest()
