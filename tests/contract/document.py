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


#: An id that nothing has.
UNKNOWN = "01939f6e-0000-7000-8000-000000000000"


def path_of(operation: str) -> str:
    """Return the path of an operation, each of whose parameters is an id that nothing has."""
    return re.sub(r"\{\w+\}", UNKNOWN, OPERATIONS[operation].path)
