"""Write the package of a contract, or find that nothing has changed since it was written.

The second is what happens nearly always, so what renders a package is imported only for the first.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contractgen.commands.configuration import Contract
from contractgen.commands.record import is_current, remember
from contractgen.commands.tables import naming
from contractgen.render.folder import package_files, write

if TYPE_CHECKING:
    from contractgen.commands.rendering import Rendered

_DONE = {"missing": "wrote", "changed": "updated", "extra": "removed"}


@dataclass(frozen=True, slots=True)
class Written:
    """The changes to a package: `wrote`, `updated` or `removed` by path; `package` if it was rendered."""

    contract: Contract
    changes: dict[str, str]
    count: int
    package: "Rendered | None"

    def as_json(self) -> dict[str, Any]:
        out, package = self.contract.folder, self.package
        return {
            "spec": str(self.contract.spec),
            "out": str(out),
            "files": self.count,
            "changes": listed(out, self.changes),
            "warnings": [asdict(each) for each in package.warnings] if package else [],
            "skipped": [asdict(each) for each in package.skipped] if package else [],
        }


def write_package(contract: Contract) -> Written:
    """Bring the package of a contract up to date.

    Warnings belong to the rendering: there are none when nothing has changed. A package in which operations
    are skipped is rendered every time, so that they are reported every time.
    """
    out = contract.folder
    if is_unchanged(contract):
        return Written(contract, {}, len(package_files(out)), None)
    from contractgen.commands import rendering  # noqa: PLC0415 - it imports all that makes a package

    with naming(contract.place):
        package = rendering.render_document(contract)
    rendering.check_out(out)
    changes = write(package.files, out) | example_changes(contract, package)
    if contract.examples and package.examples is not None:
        contract.examples.parent.mkdir(parents=True, exist_ok=True)
        contract.examples.write_bytes(package.examples)
    if not package.skipped:
        remember(package.document, out, contract.examples, vendor=contract.vendor)
    done = {name: _DONE[change] for name, change in changes.items()}
    return Written(contract, done, len(package.files), package)


def is_unchanged(contract: Contract) -> bool:
    """Return whether the package is known to be what the document gives without rendering it."""
    if contract.skip.operations:
        return False
    return is_current(contract.spec, contract.folder, contract.examples, vendor=contract.vendor)


def example_changes(contract: Contract, package: "Rendered") -> dict[str, str]:
    """Return how the file of examples differs: `missing` or `changed`, by its path from the package."""
    path = contract.examples
    if path is None or (path.is_file() and path.read_bytes() == package.examples):
        return {}
    return {os.path.relpath(path, contract.folder): "changed" if path.is_file() else "missing"}


def listed(out: Path, changes: dict[str, str]) -> list[dict[str, str]]:
    """Return the changes in a folder as `--json` has them."""
    return [{"file": str(located(out, name)), "change": change} for name, change in changes.items()]


def located(out: Path, name: str) -> Path:
    """Return the path of a file of a package, or of one beside it."""
    return Path(os.path.normpath(out / name))
