"""Catches of errors that faults of our own code raise too."""

import ast
from collections.abc import Iterator

OF_FAULTS = {"LookupError", "KeyError", "IndexError", "TypeError", "AttributeError"}


def unexplained(text: str) -> Iterator[int]:
    """Yield the lines that catch or suppress one of these errors and have no comment."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = node
        else:
            continue
        names = {each.id for each in ast.walk(caught) if isinstance(each, ast.Name)} if caught else OF_FAULTS
        if names & OF_FAULTS and "#" not in lines[node.lineno - 1]:
            yield node.lineno
