"""Verify one document, in a process of its own: what is generated may do anything when it is imported.

`python -m contractgen.verify.worker SPEC FOLDER SKIP [CACHE]` writes the package and `report.json` into a
folder, and type-checks if there is a folder for mypy's cache. SKIP is the JSON of which operations to skip.
"""

import asyncio
import importlib
import json
import sys
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from fastapi import FastAPI

from contractgen.document.findings import ContractError, Finding, SettingError
from contractgen.document.load import Document, load
from contractgen.plan.contract import Contract
from contractgen.plan.skipping import plan_supported
from contractgen.plan.skips import Skip
from contractgen.render.folder import write
from contractgen.render.package import render_plan
from contractgen.verify.compare import compare
from contractgen.verify.declared import declared
from contractgen.verify.derived import derived
from contractgen.verify.foreign.check import check
from contractgen.verify.serve import unserved
from contractgen.verify.stubs import stub_app
from contractgen.verify.types import type_findings

PACKAGE = "contract"
REPORT = "report.json"
_NOTHING = Skip()


def main(spec: str, folder: str, skip: str, cache: str = "") -> None:
    """Write the report of one document."""
    started = monotonic()
    report = verify(Path(spec), Path(folder), Path(cache) if cache else None, Skip(**json.loads(skip)))
    report["seconds"] = round(monotonic() - started, 1)
    Path(folder, REPORT).write_text(json.dumps(report))


def verify(spec: Path, folder: Path, cache: Path | None, skip: Skip = _NOTHING) -> dict[str, Any]:
    """Return `findings`, `notes`, `skipped`, the counts `operations` and `instances`, and `readable`."""
    report: dict[str, Any] = {"readable": False, "operations": 0, "instances": 0}
    report |= {"findings": [], "notes": [], "skipped": []}
    try:
        document = load(spec)
        report["readable"] = True
        planned = plan_supported(document, skip)
        files = render_plan(document, planned.contract)
    except ContractError as error:
        return report | {"findings": [asdict(each) for each in error.findings]}
    except SettingError as error:
        finding = Finding(str(spec), 1, 1, "", str(error))
        return report | {"readable": False, "findings": [asdict(finding)]}
    contract = planned.contract
    report["operations"] = len(contract.operations)
    report["skipped"] = [asdict(each) for each in planned.skipped]
    package = folder / PACKAGE
    write(files, package)
    found = type_findings(package, cache) if cache else []
    found += _run(planned.document, contract, package, report)
    return report | {"findings": [asdict(each) for each in found]}


def _run(document: Document, contract: Contract, package: Path, report: dict[str, Any]) -> Iterator[Finding]:
    """Import, mount and start a package, and compare it with its document in both ways."""
    sys.path.insert(0, str(package.parent))
    stage = "imported"
    try:
        module = importlib.import_module(package.name)
        stage = "mounted"
        app, host = stub_app(module)
        stage = "started"
        asyncio.run(_start(app))
        stage = "compared"
        yield from compare(document, declared(contract), derived(app))
        yield from asyncio.run(unserved(document, app, host))
        differences = check(document, app, host)
        yield from differences.findings()
        report["instances"] = differences.instances
        report["notes"] = [asdict(each) for each in differences.notes()]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was to be found out
        yield _fault(error, package, f"cannot be {stage}")


async def _start(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        pass


def _fault(error: Exception, package: Path, what: str) -> Finding:
    """An exception, at the deepest line of the package."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(package)
    ]
    file, line = package.name, 1
    if frames:
        file, line = str(Path(frames[-1].filename).relative_to(package.parent)), frames[-1].lineno or 1
    return Finding(file, line, 1, "", f"{what}: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
