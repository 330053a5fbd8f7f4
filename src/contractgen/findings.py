"""What is wrong with a contract, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a document: where it stands, what it is, and what to do about it."""

    file: str
    line: int
    column: int
    pointer: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: #{self.pointer}: {self.message}{hint}"


class ContractError(Exception):
    """A document that nothing can be generated from; carries every finding."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class OutError(Exception):
    """A folder that must not, or cannot, be a generated package."""


class ToolError(Exception):
    """A tool that is needed and is not there."""
