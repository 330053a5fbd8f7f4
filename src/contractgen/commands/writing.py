"""Write the package of a contract, or find that nothing has changed since it was written."""

import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from contractgen.commands.configuration import Contract
from contractgen.commands.progress import Progress
from contractgen.commands.record import is_current, remember
from contractgen.commands.tables import naming
from contractgen.document.findings import Finding, OutError, SettingError
from contractgen.document.load import Document, load
from contractgen.new.additions import TagHandlers, compared, package_folder
from contractgen.new.handlers import Handlers, Names
from contractgen.plan.contract import Contract as Plan
from contractgen.plan.names import is_usable
from contractgen.plan.skipping import Skipped, plan_supported
from contractgen.render.folder import package_files, write
from contractgen.render.package import MARK, STAGES, render_plan

_DONE = {"missing": "wrote", "changed": "updated", "extra": "removed"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The package of a document: its files by path, the warnings, and what is not in it.

    `examples` is the content of the file of examples, if the configuration has one.
    """

    document: Document
    plan: Plan
    files: dict[str, bytes]
    examples: bytes | None
    warnings: list[Finding]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The changes to a package: `wrote`, `updated` or `removed` by path; `package` if it was rendered."""

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
        package = render_document(contract)
    _check_out(out)
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


def example_changes(contract: Contract, package: Rendered) -> dict[str, str]:
    """Return how the file of examples differs: `missing` or `changed`, by its path from the package."""
    path = contract.examples
    if path is None or (path.is_file() and path.read_bytes() == package.examples):
        return {}
    return {os.path.relpath(path, contract.folder): "changed" if path.is_file() else "missing"}


def render_document(contract: Contract) -> Rendered:
    """Read a document and render its package; ContractError for what cannot be generated."""
    warnings: list[Finding] = []
    with Progress(("read", *STAGES)) as progress:
        document = load(contract.spec)
        progress.begin("plan")
        planned = plan_supported(document, contract.skip)
        vendor = contract.vendor
        files = render_plan(document, planned.contract, progress.begin, warnings.append, vendor=vendor)
    examples = _examples(document, planned.contract, files) if contract.examples else None
    told = [replace(each, severity="warning") for each in warnings]
    return Rendered(document, planned.contract, files, examples, told, planned.skipped)


def _examples(document: Document, plan: Plan, files: dict[str, bytes]) -> bytes:
    """Return the examples of a contract; its responses are made with its package."""
    from contractgen.mock.packages import import_package  # noqa: PLC0415 - as the next one
    from contractgen.new.examples import recorded  # noqa: PLC0415 - its validators load slowly

    with tempfile.TemporaryDirectory(prefix="contractgen-examples-") as name:
        write(files, Path(name, "package"))
        return recorded(document, plan, import_package(Path(name, "package")))


def listed(out: Path, changes: dict[str, str]) -> list[dict[str, str]]:
    """Return the changes in a folder as `--json` has them."""
    return [{"file": str(located(out, name)), "change": change} for name, change in changes.items()]


def located(out: Path, name: str) -> Path:
    """Return the path of a file of a package, or of one beside it."""
    return Path(os.path.normpath(out / name))


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


def missing_handlers(contract: Contract, plan: Plan | None = None) -> tuple[Handlers, list[TagHandlers]]:
    """Return the signatures of a written package, and how the service's modules differ from them.

    Without the `plan` the document is read. OutError where the package is older than the contract.
    """
    if contract.handlers is None or contract.file is None:
        raise SettingError(f'{contract.place} handlers: is missing; write handlers = "shop.handlers"')
    plan = plan or plan_supported(load(contract.spec), contract.skip).contract
    names = Names(contract.handlers.partition(".")[0], contract.folder.resolve().name)
    operations = contract.folder / "operations.py"
    handlers = Handlers(operations.read_text(encoding="utf-8") if operations.is_file() else "", names)
    if not handlers.cover(plan):
        raise OutError(f"{contract.folder}: lacks operations of {contract.spec}; run `contractgen generate`")
    return handlers, list(compared(plan, package_folder(contract.file.parent, contract.handlers)))
