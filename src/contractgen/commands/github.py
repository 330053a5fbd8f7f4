"""Print findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.

Paths are absolute: GitHub finds those below its workspace, whatever the working directory is.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from contractgen.diff.changes import Change, Level
from contractgen.document.findings import Finding, Severity

Kind = Literal["error", "warning", "notice"]
_KINDS: dict[Severity | Level, Kind] = {
    "error": "error",
    "warning": "warning",
    "info": "notice",
    "breaking": "error",
    "compatible": "notice",
}


def annotation(
    kind: Kind, title: str, message: str, file: Path | str, position: tuple[int, int] | None
) -> str:
    """Return the workflow command for a message at a line and column of a file, or about the whole file."""
    fields = {"file": str(Path(file).resolve()), "title": title}
    if position:
        fields |= {"line": str(position[0]), "col": str(position[1])}
    written = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in fields.items())
    return f"::{kind} {written}::{_escaped(message)}"


def annotations_of_findings(findings: Iterable[Finding]) -> list[str]:
    """Return an annotation for each finding."""
    return [
        annotation(
            _KINDS[each.severity], each.rule or "contractgen", each.text, each.file, (each.line, each.column)
        )
        for each in findings
    ]


def annotations_of_changes(changes: Iterable[Change], new: Path, files: Iterable[Path]) -> list[str]:
    """Return an annotation for each change that a client notices.

    What is gone stands in the old document only: its annotation is about the new document as a whole.
    """
    known = {str(file) for file in files}
    return [
        annotation(
            _KINDS[each.level],
            f"{each.level} change",
            f"#{each.pointer}: {each.message}",
            each.file if each.file in known else new,
            (each.line, each.column) if each.file in known else None,
        )
        for each in changes
        if each.level in _KINDS
    ]


def _escaped(text: str, separators: str = "") -> str:
    """Return a text in which nothing ends the command or one of its fields."""
    return "".join(f"%{ord(each):02X}" if each in "%\r\n" + separators else each for each in text)
