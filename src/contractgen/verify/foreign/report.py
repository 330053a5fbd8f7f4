"""Differences between the decisions of two readings of a contract, each kind of difference once a keyword."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from contractgen.document.findings import Finding
from contractgen.verify.foreign.raw import At, RawContract

_LONGEST = 160
T = TypeVar("T")


class Differences:
    """Findings and notes by keyword, with the first instance of each; a note is no fault of the package."""

    def __init__(self, raw: RawContract) -> None:
        self.raw = raw
        self.instances = 0
        self._findings: dict[tuple[At, str], tuple[str, int]] = {}
        self._notes: dict[tuple[At, str], tuple[str, int]] = {}
        self.lax: Counter[str] = Counter()
        self.cut: dict[At, None] = {}

    def add(self, at: At, verdict: str, where: str, value: Any) -> None:
        """Add a finding at the keyword for whose sake the instance was made."""
        self._count(self._findings, at, verdict, f"{where}: {verdict}: {shortened(value)}")

    def limited(self, each: Iterable[T], most: int, at: At) -> Iterator[T]:
        """The first instances of a schema; a note says where there are more."""
        for number, instance in enumerate(each):
            if number == most:
                self.cut[at] = None
                return
            yield instance

    def note(self, at: At, verdict: str, where: str, value: Any) -> None:
        self._count(self._notes, at, verdict, f"{where}: {verdict}: {shortened(value)}")

    @staticmethod
    def _count(found: dict[tuple[At, str], tuple[str, int]], at: At, verdict: str, message: str) -> None:
        first, count = found.get((at, verdict), (message, 0))
        found[at, verdict] = first, count + 1

    def findings(self) -> list[Finding]:
        return self._told(self._findings)

    def notes(self) -> list[Finding]:
        """Instances on which validators disagree, and response bodies that only the type admits."""
        found = self._told(self._notes)
        if self.cut:
            message = f"{len(self.cut)} schemas have more instances than one use is worth; this is the first"
            found.append(self.raw.finding(next(iter(self.cut)), message))
        if self.lax:
            listed = ", ".join(f"{keyword} {count}" for keyword, count in sorted(self.lax.items()))
            message = f"response types admit bodies that their schemas reject, by keyword: {listed}"
            found.append(self.raw.finding(At(self.raw.root.uri, "/paths"), message))
        return found

    def _told(self, found: dict[tuple[At, str], tuple[str, int]]) -> list[Finding]:
        return [
            self.raw.finding(at, f"{message} (and {count - 1} more)" if count > 1 else message)
            for (at, _), (message, count) in found.items()
        ]


def shortened(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
