"""`contractgen generate --watch`: write the packages again whenever a file of their documents is saved."""

import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import watch

from contractgen.commands.configuration import Contract
from contractgen.commands.generate import print_written
from contractgen.commands.writing import Written, write_package
from contractgen.diff.compare import diff
from contractgen.document.findings import ContractError, SettingError
from contractgen.document.load import Document, load
from contractgen.document.references import ReferenceFault, parse_reference

# Files are compared at each event, and as often as this: some file systems report no events.
_INTERVAL_MS = 1000
# Editors write a file in several steps.
_QUIET_MS = 50
# A reference to another file, by its text: a document that cannot be used may not be parsed.
_REFERENCE = re.compile(rb"""\$ref["']?\s*:\s*["']?([^#"'\s,}]+)""")


def watch_contracts(contracts: Sequence[Contract]) -> int:
    """Write the packages, and again after each change of a document; return 0 at SIGINT or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    watched = [Watched(contract) for contract in contracts]
    try:
        for each in watched:
            each.update()
        names = ", ".join(str(each.contract.spec) for each in watched)
        print(f"watching {names}; Ctrl-C ends", flush=True)
        for _ in _wakeups(watched):
            for each in watched:
                each.update_if_saved()
    except KeyboardInterrupt:
        return 0
    return 0


class Watched:
    """A contract with its last valid document, and the content of its files when they were last read."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.document: Document | None = None
        self.files: dict[Path, bytes | None] = {contract.spec: None}

    def update_if_saved(self) -> None:
        """Write the package if the content of a file is not what was read last."""
        saved = [str(path) for path, content in self.files.items() if _content(path) != content]
        if saved:
            print(f"saved {', '.join(saved)}", flush=True)
            self.update()

    def update(self) -> None:
        """Write the package and print the changes, or print why the document cannot be used."""
        # Read before the document is, so that what is saved meanwhile is seen as a change.
        self.files = _referenced(self.contract.spec, [*self.files])
        try:
            written = write_package(self.contract)
            document = written.package.document if written.package else load(self.contract.spec)
        except (ContractError, SettingError) as error:
            print(error, file=sys.stderr, flush=True)
            return
        # The content that was generated, whatever has been saved since.
        self.files = {file.path: file.source for file in document.files}
        self._print(written, document)
        self.document = document

    def _print(self, written: Written, document: Document) -> None:
        if self.document is not None:
            _print_changes(self.document, document)
        print_written(written)
        sys.stdout.flush()


def _print_changes(old: Document, new: Document) -> None:
    """Print what clients notice of a change, as `contractgen diff` does."""
    try:
        changes = diff(old, new)
    except ContractError as error:
        print(f"no comparison with the last document:\n{error}", file=sys.stderr, flush=True)
        return
    for change in changes:
        print(change)
    if not changes:
        print(f"{new.path}: no change of the API")


def _wakeups(watched: Sequence[Watched]) -> Iterator[None]:
    """Yield after each event in a folder of the documents, and at an interval."""
    while True:
        folders = _folders(watched)
        events = watch(
            *folders,
            watch_filter=None,
            recursive=False,
            step=_QUIET_MS,
            rust_timeout=_INTERVAL_MS,
            yield_on_timeout=True,
        )
        for _ in events:
            yield
            if _folders(watched) != folders:
                break


def _folders(watched: Sequence[Watched]) -> set[Path]:
    """The folders of the files: an editor may replace a file by another one of its name."""
    folders = {path.parent for each in watched for path in each.files}
    return {folder for folder in folders if folder.is_dir()} or {Path()}


def _referenced(spec: Path, paths: Sequence[Path]) -> dict[Path, bytes | None]:
    """Return the content of files and of those that they refer to; None for a file that is not there."""
    found: dict[Path, bytes | None] = {}
    pending = [*paths]
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = _content(path)
            names = _REFERENCE.findall(found[path] or b"")
            pending += [_referred(spec, path, os.fsdecode(name)) for name in names]
    return found


def _referred(spec: Path, path: Path, reference: str) -> Path:
    """Return the file that a reference in a file leads to, the file itself for an invalid one."""
    try:
        parsed = parse_reference(reference)
    except ReferenceFault:
        return path
    return Path(os.path.normpath((spec if parsed.address else path).parent / parsed.path))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (OSError, ValueError):
        return None
