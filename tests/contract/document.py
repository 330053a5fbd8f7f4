"""The contract as tests read it: the YAML itself, never what is generated from it."""

import re
from pathlib import Path

from contractgen_runtime.testing.contract import Contract

PATH = Path(__file__).resolve().parents[2] / "openapi" / "openapi.yaml"
CONTRACT = Contract(PATH)
DOCUMENT = CONTRACT.document


def handler_of(operation_id: str) -> str:
    """`listPosts` -> `list_posts`: the name of the handler, its test file and its rows in tables."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", operation_id)


#: By the names of their handlers, in the order of the document.
OPERATIONS = {handler_of(operation_id): each for operation_id, each in CONTRACT.operations.items()}
resolve = CONTRACT.resolve
