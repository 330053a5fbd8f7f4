"""Failures of a run, and what explains them."""

from pathlib import Path
from typing import Any

from contractgen.fuzz.events import Failure
from contractgen.fuzz.explained import Explanations
from contractgen.lint.linter import lint
from tests.contractgen.packages import read_document


def failure(check: str, operation: str, status: str, **more: Any) -> Failure:
    return Failure(
        check, operation, status, "title", more.pop("message", ""), operation.split(maxsplit=1)[0], **more
    )


def explanations(folder: Path, document: Any, base_path: str = "") -> Explanations:
    read = read_document(folder, document)
    return Explanations(read, lint(read), base_path)
