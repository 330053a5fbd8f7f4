"""Findings: the faults of a contract and their source positions."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a document, an operation of JSON Patch: at a JSON Pointer of the file."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a document: its source position, a message, and a hint.

    `edits` are the autofix, if there is one obvious fix. `rule` is the name of the violated lint rule, empty
    outside of `contractgen lint`.
    """

    file: str
    line: int
    column: int
    pointer: str
    message: str
    hint: str = ""
    edits: tuple[Edit, ...] = field(default=(), compare=False)
    rule: str = field(default="", compare=False)
    severity: Severity = field(default="error", compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"

    @property
    def text(self) -> str:
        """The finding without its position in the file."""
        return f"#{self.pointer}: {self.message}" + (f": {self.hint}" if self.hint else "")


class ContractError(Exception):
    """Raised for a document from which nothing can be generated; carries all findings.

    `others` is the number of operations that could be generated without those at fault.
    """

    def __init__(self, findings: list[Finding], others: int = 0) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings
        self.others = others


class OutError(Exception):
    """Raised for a folder or file that cannot be written."""


class ToolError(Exception):
    """Raised if a required tool is missing, or fails."""


class SettingError(Exception):
    """Raised for an invalid setting of the configuration file."""
