"""Create the folder of a new service: its contract, the generated package, its examples and its own files."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contractgen.document.edits import edited
from contractgen.document.findings import Edit, OutError
from contractgen.document.load import Document, load
from contractgen.document.reading import parse
from contractgen.mock.packages import import_package
from contractgen.new.examples import recorded
from contractgen.new.handlers import Names
from contractgen.new.scaffold import Project, scaffold
from contractgen.new.schemes import declared, declaring, undeclared
from contractgen.plan.names import is_usable, snake_case
from contractgen.plan.skipping import plan_supported
from contractgen.plan.skips import Skip, Skipped
from contractgen.render.folder import write
from contractgen.render.formatting import format_modules
from contractgen.render.package import render_plan

_CONTRACTS = "openapi"
_SUPPORTED = Skip(unsupported=True)
# Packages of these names would hide, or be hidden by, what a service imports.
_TAKEN = {
    *("contractgen", "contractgen_runtime", "fastapi", "httpx", "jwt", "load", "locust", "mypy", "openapi"),
    *("orjson", "pydantic", "pytest", "schemathesis", "starlette", "tests", "uvicorn", "wheels"),
    *sys.stdlib_module_names,
}


@dataclass(frozen=True, slots=True)
class Created:
    """A new service: its names, its contract, how many operations it serves, and those that were left out.

    `assumed` are the security schemes that only its copy of the contract declares.
    """

    names: Names
    spec: str
    operations: int
    skipped: tuple[Skipped, ...]
    assumed: dict[str, Any]


def names_of(folder: Path, name: str | None) -> Names:
    """Return the names of the packages; OutError for one that Python or a library has already."""
    service = snake_case(name or folder.resolve().name)
    if not is_usable(service) or service in _TAKEN:
        raise OutError(f"{service!r} cannot be the name of the service's package; give another one by --name")
    return Names(service, f"{service}_api")


def create(spec: Path, folder: Path, names: Names, *, database: bool = False) -> Created:
    """Write a service into a new or empty folder; ContractError if no operation is supported."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutError(f"{folder}: is not empty; choose another folder, or update it by --add")
    document = load(spec)
    assumed = undeclared(document)
    # Nothing is written for a document that is not supported.
    plan_supported(declared(document, assumed), _SUPPORTED)
    copied = _copy_contract(document, folder, declaring(document, assumed))
    document = load(folder / copied)
    planned = plan_supported(document, _SUPPORTED)
    files = render_plan(document, planned.contract)
    write(files, folder / names.generated)
    package = import_package(folder / names.generated)
    project = Project(names, str(copied), tuple(each.name for each in planned.skipped), database)
    examples = recorded(document, planned.contract, package)
    texts = scaffold(project, planned.contract, package, files["operations.py"].decode(), examples)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / names.service / "examples.json").write_bytes(examples)
    format_modules(folder, [path for path in texts if path.endswith(".py")])
    return Created(names, str(copied), len(planned.contract.operations), planned.skipped, assumed)


def _copy_contract(document: Document, folder: Path, edits: Sequence[Edit]) -> Path:
    """Copy the files of a document, edited, and return the path of the first one below the folder."""
    top = Path(os.path.commonpath([file.path.resolve().parent for file in document.files]))
    texts = {file.path: file.source for file in document.files}
    for edit in edits:
        spot = document.origin(edit.path)
        path = spot.file.path
        texts[path], done = edited(parse(path, texts[path]), [replace(edit, path=spot.pointer)])
        if not done:
            raise OutError(f"{path}: #{spot.pointer} cannot be added without changing more; do it by hand")
    for path, text in texts.items():
        target = folder / _CONTRACTS / path.resolve().relative_to(top)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
    return Path(_CONTRACTS, document.path.resolve().relative_to(top))
