"""A fault that is planted in a copy of the project."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """One fault: in `file`, `new` instead of `old`."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ()
    survives: str = ""

    def applies(self, root: Path) -> bool:
        """Return whether the text to replace stands once in its file."""
        path = root / self.file
        return path.is_file() and path.read_text().count(self.old) == 1


@dataclass(frozen=True)
class Maker:
    file: str
    tests: tuple[str, ...]

    def __call__(self, name: str, old: str, new: str, survives: str = "") -> Mutant:
        return Mutant(name, self.file, old, new, self.tests, survives)


def of(file: str, *tests: str) -> Maker:
    return Maker(f"src/{file}.py", tuple(f"tests/{test}.py" for test in tests))
