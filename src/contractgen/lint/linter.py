"""Run the rules over a document: its findings, each with a rule and a severity.

What `generate` rejects is reported, and left out; the rules run over the rest.
"""

from collections.abc import Iterator
from dataclasses import replace

from contractgen.document.findings import ContractError, Finding
from contractgen.document.load import Document
from contractgen.lint import (
    bodies,
    deprecation,
    discriminators,
    examples,
    limits,
    links,
    operations,
    planned,
    schemas,
    security,
    texts,
    unions,
)
from contractgen.lint.configuration import USUAL, LintConfiguration
from contractgen.lint.rule import Rule, Subject
from contractgen.plan.skipping import plan_supported
from contractgen.plan.skips import Skip

_MODULES = (
    *(operations, deprecation, bodies, examples, limits),
    *(schemas, texts, discriminators, unions, links, security),
)
RULES: dict[str, Rule] = {
    each.name: each
    for each in (*planned.RULES, *(each for module in _MODULES for each in vars(module).values()))
    if isinstance(each, Rule)
}


def lint(document: Document, configuration: LintConfiguration = USUAL) -> list[Finding]:
    """Return every finding of every rule that is not switched off, in the order of the document."""
    found: dict[tuple[str, str, str], Finding] = {}
    for finding in _findings(document):  # what a rule finds says more than what planning finds
        found[finding.file, finding.pointer, finding.message] = finding
    positions = _Positions(document)
    graded = []
    for finding in found.values():
        pointers = positions.of(finding) if configuration.overrides else []
        severity = configuration.grade(finding.rule, finding.severity, pointers)
        if severity != "off":
            graded.append(replace(finding, severity=severity))
    return sorted(graded)


def _findings(document: Document) -> Iterator[Finding]:
    try:
        supported = plan_supported(document, Skip(unsupported=True))
    except ContractError as error:
        yield from (_named(each, planned.UNSUPPORTED) for each in error.findings)
        return
    yield from (_named(each, planned.UNSUPPORTED) for each in supported.findings)
    yield from (_named(each, planned.NO_EFFECT) for each in supported.contract.warnings)
    subject = Subject(supported.document, supported.contract)
    for rule in RULES.values():
        yield from rule.findings(subject)


def _named(finding: Finding, rule: str) -> Finding:
    """Return a finding of planning with its own rule, or the given one, and the rule's severity."""
    name = finding.rule or rule
    return replace(finding, rule=name, severity=RULES[name].severity)


class _Positions:
    """The JSON Pointers that findings of a document's files have in the joined document."""

    def __init__(self, document: Document) -> None:
        self._places: dict[tuple[str, str], list[str]] = {}
        for pointer, spot in document.origins.items():
            self._places.setdefault((str(spot.file.path), spot.pointer), []).append(pointer)

    def of(self, finding: Finding) -> list[str]:
        """Return the JSON Pointers of a finding in the joined document."""
        pointer = finding.pointer
        while (finding.file, pointer) not in self._places and pointer:
            pointer = pointer.rpartition("/")[0]
        rest = finding.pointer[len(pointer) :]
        return [place + rest for place in self._places.get((finding.file, pointer), ())]
