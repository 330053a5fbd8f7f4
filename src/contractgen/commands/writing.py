"""Write the package of a contract, or find that nothing has changed since it was written."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from contractgen.commands.configuration import Contract
from contractgen.commands.progress import Progress
from contractgen.commands.record import is_current, remember
from contractgen.commands.tables import naming
from contractgen.document.findings import Finding, OutError
from contractgen.document.load import Document, load
from contractgen.plan.names import is_usable
from contractgen.plan.skipping import Skip, Skipped, plan_supported
from contractgen.render.folder import package_files, write
from contractgen.render.package import MARK, STAGES, render_plan

_DONE = {"missing": "wrote", "changed": "updated", "extra": "removed"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The package of a document: its files by path, the warnings, and what is not in it."""

    document: Document
    files: dict[str, bytes]
    warnings: list[Finding]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What was done to a package: `wrote`, `updated` or `removed` by path; `package` if it was rendered."""

    contract: Contract
    changes: dict[str, str]
    count: int
    package: Rendered | None

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
    with naming(contract.place):
        package = render_document(contract.spec, contract.skip, vendor=contract.vendor)
    _check_out(out)
    changes = write(package.files, out)
    if not package.skipped:
        remember(package.document, out, vendor=contract.vendor)
    done = {name: _DONE[change] for name, change in changes.items()}
    return Written(contract, done, len(package.files), package)


def is_unchanged(contract: Contract) -> bool:
    """Return whether the package is known to be what the document gives without rendering it."""
    if contract.skip.operations:
        return False
    return is_current(contract.spec, contract.folder, vendor=contract.vendor)


def render_document(spec: Path, skip: Skip, *, vendor: bool) -> Rendered:
    """Read a document and render its package; ContractError for what cannot be generated."""
    warnings: list[Finding] = []
    with Progress(("read", *STAGES)) as progress:
        document = load(spec)
        progress.begin("plan")
        planned = plan_supported(document, skip)
        files = render_plan(document, planned.contract, progress.begin, warnings.append, vendor=vendor)
        return Rendered(
            document, files, [replace(each, severity="warning") for each in warnings], planned.skipped
        )


def listed(out: Path, changes: dict[str, str]) -> list[dict[str, str]]:
    """Return the changes in a folder as `--json` has them."""
    return [{"file": str(out / name), "change": change} for name, change in changes.items()]


def _check_out(out: Path) -> None:
    if not is_usable(out.resolve().name):
        raise OutError(f"{out}: the folder's name is the package's name, and must be valid in Python")
    if not _is_ours(out):
        raise OutError(f"{out}: has files that contractgen did not write; choose another folder")


def _is_ours(out: Path) -> bool:
    """Return whether a folder may be overwritten: it is new, empty, or was generated before."""
    if not out.is_dir() or not any(out.iterdir()):
        return not out.exists() or out.is_dir()
    door = out / "__init__.py"
    return door.is_file() and door.read_text().startswith(MARK)
