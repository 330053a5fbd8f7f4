"""The operations to leave out of a plan, and the parts that were left out of one."""

from dataclasses import dataclass
from typing import Literal

from contractgen.document.findings import Finding


@dataclass(frozen=True, slots=True)
class Skip:
    """The operations to leave out: the listed ones, by operationId or as `GET /path`, and, with
    `unsupported`, those that cannot be generated."""

    operations: tuple[str, ...] = ()
    unsupported: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """An operation, webhook or component that is left out, its source position, and the reasons."""

    kind: Literal["operation", "webhook", "component"]
    name: str
    file: str
    line: int
    column: int
    pointer: str
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        more = len(self.findings) - 1
        others = f" (and {more} more)" if more > 0 else ""
        reason = str(self.findings[0]) if self.findings else "listed under `skip` in the configuration"
        return f"skipped {self.kind} {self.name}: {reason}{others}"
