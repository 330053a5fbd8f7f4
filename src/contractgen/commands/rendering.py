"""Render the package of a contract, and compare it with the service that uses it."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from contractgen.commands.configuration import Contract
from contractgen.commands.progress import Progress
from contractgen.document.findings import Finding, OutError, SettingError
from contractgen.document.load import Document, load
from contractgen.new.additions import TagHandlers, compared, package_folder
from contractgen.new.handlers import Handlers, Names
from contractgen.plan.contract import Contract as Plan
from contractgen.plan.names import is_usable
from contractgen.plan.skipping import plan_supported
from contractgen.plan.skips import Skipped
from contractgen.render.folder import write
from contractgen.render.package import MARK, STAGES, render_plan


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


def check_out(out: Path) -> None:
    """Raise OutError for a folder that cannot be a package, or that holds what somebody else wrote."""
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
