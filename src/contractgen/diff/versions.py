"""Judge whether `info.version` of a contract rose as far as its changes need, by Semantic Versioning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from contractgen.diff.changes import Change, Level
from contractgen.document.findings import ContractError, Finding
from contractgen.document.load import Document

Numbers: TypeAlias = tuple[int, int, int]
_PLACE = "/info/version"
_VERSION = re.compile(
    r"(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?",
    re.ASCII,
)
_REASONS: dict[Level, str] = {"breaking": "a breaking change", "compatible": "a change that clients notice"}


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it is written, its numbers, and the identifiers of a pre-release."""

    text: str
    numbers: Numbers
    pre_release: tuple[str, ...] = ()

    @property
    def precedence(self) -> tuple[object, ...]:
        """The key by which versions are sorted: a pre-release comes before its release."""
        identifiers = tuple((0, int(e), "") if e.isdecimal() else (1, 0, e) for e in self.pre_release)
        return self.numbers, not self.pre_release, identifiers


@dataclass(frozen=True, slots=True)
class Verdict:
    """Both versions, the lowest one that the changes allow, and what is wrong, if anything."""

    old: str
    new: str
    needed: str
    finding: Finding | None


def judge(old: Document, new: Document, changes: Sequence[Change]) -> Verdict:
    """Return whether the version of the new document is high enough; ContractError if one is no version."""
    before, after = version_of(old), version_of(new)
    worst = changes[0].level if changes else "patch"  # breaking changes come first
    needed = _needed(before, worst)
    is_enough = after.numbers >= needed and (
        after.precedence > before.precedence or (worst == "patch" and after.precedence == before.precedence)
    )
    lowest = before.text if worst == "patch" else ".".join(map(str, needed))
    message = (
        f"{after.text} is lower than {before.text}"
        if worst == "patch"
        else f"{after.text} is too low for {_REASONS[worst]} after {before.text}"
    )
    finding = None if is_enough else new.finding(_PLACE, message, f"it needs {lowest} or later")
    return Verdict(before.text, after.text, lowest, finding)


def version_of(document: Document) -> Version:
    """Return the version of a contract; raise ContractError if it is not one of Semantic Versioning."""
    text = str(document.value["info"].get("version", ""))
    found = _VERSION.fullmatch(text)
    if found is None:
        message = f"{text!r} is not a version such as 1.4.0, so it cannot be compared"
        raise ContractError([document.finding(_PLACE, message)])
    major, minor, patch, pre_release = found.groups()
    return Version(
        text,
        (int(major), int(minor or 0), int(patch or 0)),
        tuple(pre_release.split(".")) if pre_release else (),
    )


def _needed(before: Version, worst: Level) -> Numbers:
    """Return the lowest numbers: before 1.0 the minor number stands for the major one, as is usual.

    A pre-release promises nothing yet: its release may break, and need not be higher.
    """
    major, minor, patch = before.numbers
    if worst == "patch" or before.pre_release:
        return before.numbers
    if major == 0:
        return (0, minor + 1, 0) if worst == "breaking" else (0, minor, patch + 1)
    return (major + 1, 0, 0) if worst == "breaking" else (major, minor + 1, 0)
