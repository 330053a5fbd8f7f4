"""What is wrong with a contract, and where."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a document, as JSON Patch has it: at a JSON Pointer of the file."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a document: where it stands, what it is, and what to do about it.

    `edits` are the one obvious way to mend it, where there is one. `rule` is the name of the lint rule that
    it violates, empty outside of `contractgen lint`.
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
    """A document that nothing can be generated from; carries every finding."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class OutError(Exception):
    """A folder that must not, or cannot, be a generated package."""


class ToolError(Exception):
    """A tool that is needed and is not there."""


class SettingError(Exception):
    """A setting of the configuration file that has no meaning."""
