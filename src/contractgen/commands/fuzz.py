"""The command `fuzz`: fuzz a service, or a mock of its contract, with schemathesis."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from contractgen.commands.configuration import Contract
from contractgen.commands.fuzz_options import add_arguments, effort, given
from contractgen.commands.output import as_json, print_skipped
from contractgen.commands.selection import contract_for
from contractgen.commands.serving import served
from contractgen.commands.tables import naming
from contractgen.document.findings import OutError, ToolError
from contractgen.document.load import Document, load
from contractgen.fuzz.addresses import at_one_address, elsewhere, unreachable
from contractgen.fuzz.configuration import configuration
from contractgen.fuzz.coverage import Coverage, coverage
from contractgen.fuzz.credentials import admits
from contractgen.fuzz.events import Events
from contractgen.fuzz.explained import Explanations
from contractgen.fuzz.identities import Identification, Identities
from contractgen.fuzz.junit import excuse
from contractgen.fuzz.operations import Operation, named, operations
from contractgen.fuzz.preflight import try_logins, try_service
from contractgen.fuzz.schemathesis import Target, run_schemathesis
from contractgen.fuzz.serializers import has_numbers, hooks_of, unwritten, uris_in_paths
from contractgen.fuzz.verdict import Verdict, verdict
from contractgen.lint.configuration import lint_configuration
from contractgen.lint.linter import RULES, lint
from contractgen.mock.application import create_mock
from contractgen.plan.skipping import plan_supported
from contractgen.plan.skips import Skip

__all__ = ["add_arguments", "run"]
_PEERS, _HOOKS = "identities.json", "contractgen_hooks.py"
# How many explanations are printed.
_FEW = 10


@dataclass(frozen=True, slots=True)
class _Subject:
    """A document as written and in its normal form, the operations to fuzz, and what is left out."""

    spec: Path
    written: Document
    document: Document
    skip: Skip
    chosen: Sequence[Operation]
    narrowed: bool


def run(options: argparse.Namespace) -> int:
    """Fuzz, and print what the service does wrong; return 1 if there is anything, 2 if nothing was tested."""
    settings = contract_for(options.spec, options)
    with naming(settings.place):
        contract = _contract(options, settings)
    with naming(settings.lint.place):
        rules = lint_configuration(settings.lint.values, RULES)
    identification = Identification(contract.document, contract.chosen, given(options))
    for scheme in identification.unsendable():
        print(f"schemathesis cannot send a credential of the security scheme {scheme!r}", file=sys.stderr)
    if options.write:
        return _write(options, contract, identification)
    findings = lint(contract.written, rules)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)  # so that schemathesis is ended too
    with (
        tempfile.TemporaryDirectory(prefix="contractgen-fuzz-") as name,
        _service(options, contract, identification, Path(name)) as (url, identities),
    ):
        events = _fuzz(options, contract, url, identities, Path(name))
    explanations = Explanations(contract.document, findings, urlsplit(url).path)
    admissible = [each for each in contract.chosen if each.requirements and admits(each, identities.held)]
    result = verdict(contract.document, events, explanations, admissible)
    for report in options.report:
        if report.suffix == ".xml":
            excuse(report, result.failing, result.unadmitted, result.erring)
    covered = coverage(contract.document, contract.chosen, events.requests)
    _print(options, contract, url, events, covered, result)
    return 1 if result.findings else 0


def _contract(options: argparse.Namespace, settings: Contract) -> _Subject:
    written, skip = load(settings.spec), settings.skip
    is_of_others = bool(options.url or options.write)
    if is_of_others:  # their service may have operations that contractgen cannot generate
        skip = replace(skip, unsupported=True)
    supported = plan_supported(written, skip)
    print_skipped(supported.skipped)
    document = supported.contract.document
    everything = operations(document)
    asked = named(everything, options.operation)
    left_out = dict(unreachable(asked or everything))
    if is_of_others and not asked:
        base_path = urlsplit(options.url).path if options.url else supported.contract.base_path
        left_out |= dict(elsewhere(everything, supported.contract, base_path))
    for operation, reason in left_out.items():
        print(f"skipped operation {operation.name}: {reason}", file=sys.stderr)
    chosen = [each for each in asked or everything if each not in left_out]
    return _Subject(settings.spec, written, document, skip, chosen, len(chosen) < len(operations(written)))


@contextmanager
def _service(
    options: argparse.Namespace, contract: _Subject, identification: Identification, folder: Path
) -> Iterator[tuple[str, Identities]]:
    """Yield the URL of the service, else of a mock that is served as long as the context lasts."""
    if options.url:
        identities = identification.of_a_service(os.environ, options.url, str(folder / _PEERS))
        try_service(options.url)
        if identities.login:
            try_logins(options.url, identities.login, identities.accounts)
        yield options.url, identities
        return
    identities = identification.of_a_stand_in()
    mock = create_mock(at_one_address(contract.written), folder, identities.texts, contract.skip)
    with served(mock.app) as address:
        yield address + mock.contract.base_path, identities


def _fuzz(
    options: argparse.Namespace, contract: _Subject, url: str, identities: Identities, folder: Path
) -> Events:
    """Run schemathesis; ToolError if it fails, or tests nothing."""
    file = folder / "schemathesis.toml"
    _write_configuration(options, contract, identities, file)
    output = sys.stderr if options.json else sys.stdout
    output.flush()
    target = Target(_readable(contract, folder), url, options.max_time)
    events = run_schemathesis(target, file, identities.environment, options.report, output)
    if events.fatal or not events.statuses:
        reason = events.fatal or next(iter(events.errors.values()), "schemathesis tested no operation")
        raise ToolError(f"{contract.spec}: nothing was fuzzed: {reason}")
    return events


def _readable(contract: _Subject, folder: Path) -> Path:
    """Return the document for schemathesis, joined: it follows no `$ref` to an operation or to content."""
    if contract.written.value is contract.written.files[0].value:
        return contract.spec
    joined = folder / "openapi.json"
    joined.write_text(contract.written.json, encoding="utf-8")
    return joined


def _write(options: argparse.Namespace, contract: _Subject, identification: Identification) -> int:
    """Write the configuration, and print how it is used."""
    file: Path = options.write
    if options.peer:
        peers = str(file.with_name(_PEERS))
        identities = identification.of_a_service(os.environ, options.url or "", peers)
    else:
        identities = identification.of_a_stand_in()
    try:
        more = _write_configuration(options, contract, identities, file)
    except OSError as error:
        raise OutError(f"{file}: {error.strerror}") from None
    written = [str(each) for each in (file, *more)]
    if options.json:
        print(as_json(written=written, variables=sorted(identities.environment)))
        return 0
    print(f"wrote {' and '.join(written)}")
    if identities.environment:
        print(f"set {', '.join(sorted(identities.environment))} in the environment")
    print(f"run schemathesis --config-file {file} run {contract.spec} --url {options.url or 'URL'}")
    return 0


def _write_configuration(
    options: argparse.Namespace, contract: _Subject, identities: Identities, file: Path
) -> list[Path]:
    """Write the configuration; return what else is written beside it: hooks, and identities if several."""
    more, extent = [], effort(options)
    names, formats = unwritten(contract.chosen), uris_in_paths(contract.chosen)
    if names or formats or has_numbers(contract.chosen):
        hooks = file.with_name(_HOOKS)
        hooks.write_text(hooks_of(names, formats, extent.hooks), encoding="utf-8")
        more, extent = [hooks], replace(extent, hooks=str(hooks))
    text = configuration(extent, contract.chosen, identities.tables, narrowed=contract.narrowed)
    file.write_text(text, encoding="utf-8")
    if identities.peers_text:
        peers = file.with_name(_PEERS)
        peers.touch(mode=0o600)  # it holds credentials
        peers.write_text(identities.peers_text, encoding="utf-8")
        more.append(peers)
    return more


def _print(
    options: argparse.Namespace,
    contract: _Subject,
    url: str,
    events: Events,
    covered: Coverage,
    result: Verdict,
) -> None:
    tested = sum(each.label in events.statuses for each in contract.chosen)
    explained = result.explained
    if options.json:
        reasons = [{"reason": reason, "failures": count} for reason, count in explained.items()]
        counts = {"operations": tested, "requests": len(events.requests)}
        print(as_json(result.findings, url=url, **counts, coverage=asdict(covered), explained=reasons))
        return
    for finding in result.findings:
        print(f"{finding} [{finding.rule}]")
    for reason in list(explained)[:_FEW]:
        print(f"explained ({explained[reason]}): {reason}")
    if len(explained) > _FEW:
        print(f"… {len(explained) - _FEW:,} more explanations; --json lists them")
    failures = f"{len(result.findings)} failures of the service, {sum(explained.values())} explained"
    print(f"covered: {covered}")
    print(f"{url}: {tested} operations, {len(events.requests):,} requests, {failures}", flush=True)


def _stop(number: int, frame: object) -> NoReturn:
    del frame
    raise SystemExit(128 + number)
