"""The configuration of a project, one typed value a contract, read from `[tool.contractgen]`.

    [tool.contractgen]
    spec = "openapi.yaml"
    out = "generated/shop_api"

A project with several contracts has a table for each, `[tool.contractgen.contracts.NAME]`. What stands in
`[tool.contractgen]` itself is then the default of all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contractgen.commands.tables import FILE, NAME, Table
from contractgen.document.findings import SettingError
from contractgen.plan.skips import Skip

#: The settings of one contract, which have no meaning for another one.
OWN = ("spec", "out", "handlers", "examples", "skip")
#: The settings that `[tool.contractgen]` can give to all contracts.
SHARED = ("skip-unsupported", "vendor", "lint")
CONTRACTS = "contracts"


@dataclass(frozen=True, slots=True)
class Contract:
    """The settings of one contract; paths are absolute, or relative to the working directory.

    `name` is that of its table, empty without one. `handlers` is the package that has a module for each tag,
    `examples` the file for what a mock responds. `skip` selects operations, `vendor` copies the run-time into
    the package, `lint` is the table as written. `place` is the file and table that errors begin with.
    """

    spec: Path
    name: str = ""
    out: Path | None = None
    handlers: str | None = None
    examples: Path | None = None
    skip: Skip = field(default_factory=Skip)
    vendor: bool = False
    lint: Table = field(default_factory=lambda: Table(Path(FILE), f"{NAME}.lint"))
    place: str = ""
    file: Path | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of the package; SettingError if neither options nor settings name it."""
        if self.out is None:
            table = self.place or f"[{NAME}] of {FILE}"
            raise SettingError(
                f'{self.spec}: no folder to write to; give --out DIR, or set out = "DIR" in {table}'
            )
        return self.out


def configured(root: Table) -> list[Contract]:
    """Return the contracts that a file names; none if its table only has settings for every document."""
    root.check_keys((*OWN, *SHARED, CONTRACTS))
    if CONTRACTS not in root.values:
        return [_contract(root, root)] if _names_its_document(root) else []
    tables = root.table(CONTRACTS)
    for key in OWN:
        if key in root.values:
            raise root.fault(f"{key}: belongs to one contract; move it into [{tables.name}.NAME]")
    if not tables.values:
        raise tables.fault(f'has no contract; write [{tables.name}.NAME] with spec = "openapi.yaml"')
    contracts = [_contract(tables.table(name), root, name) for name in tables.values]
    _check_folders(contracts)
    return contracts


def unnamed(root: Table, spec: Path) -> Contract:
    """Return the settings for a document that a file does not name: those that are not another contract's."""
    names_one = "spec" in root.values or CONTRACTS in root.values
    keys = SHARED if names_one else (*SHARED, "skip")
    values = {key: root.values[key] for key in keys if key in root.values}
    return _settings(Table(root.file, root.name, values), root, spec)


def _names_its_document(root: Table) -> bool:
    """Return whether there is a `spec`, without which some settings have no meaning."""
    if "spec" in root.values:
        return True
    for key in ("out", "handlers", "examples"):
        if key in root.values:
            raise root.fault(
                f'{key}: belongs to a document; add spec = "openapi.yaml", relative to this file'
            )
    return False


def _contract(own: Table, root: Table, name: str = "") -> Contract:
    if name:
        own.check_keys((*OWN, *SHARED))
    spec = own.path("spec")
    if spec is None:
        raise own.fault('spec: is missing; write spec = "openapi.yaml", relative to this file')
    return _settings(own, root, spec, name)


def _settings(own: Table, root: Table, spec: Path, name: str = "") -> Contract:
    """The settings of a table; a shared one that it does not have is that of the root."""
    homes = {key: own if key in own.values else root for key in SHARED}
    return Contract(
        spec=spec,
        name=name,
        out=own.path("out"),
        handlers=own.package("handlers"),
        examples=own.path("examples"),
        skip=Skip(own.operations("skip"), homes["skip-unsupported"].flag("skip-unsupported")),
        vendor=homes["vendor"].flag("vendor"),
        lint=homes["lint"].table("lint"),
        place=own.place,
        file=own.file,
    )


def _check_folders(contracts: Iterable[Contract]) -> None:
    """Raise SettingError if two contracts would overwrite each other's package."""
    owners: dict[Path, Contract] = {}
    for each in contracts:
        if each.out is None:
            continue
        owner = owners.setdefault(each.out.resolve(), each)
        if owner is not each:
            raise SettingError(
                f"{each.place} out: {each.out} is the folder of {owner.name} too; write another one"
            )
