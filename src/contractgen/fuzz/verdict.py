"""The verdict of a run: what the service does wrong, and what the contract explains."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.fuzz.events import Events, Failure
from contractgen.fuzz.explained import Explanations
from contractgen.fuzz.operations import Operation

# An operation that was tested all the same, with other requests: schemathesis compares a file with a schema.
_FILTERED = ("Too many generated examples are filtered out", "Unsupported type: 'Binary'")
_TOO_LONG = "min_size is larger than Hypothesis supports"
_UNMADE = "schemathesis cannot make some values for the schemas of an operation; it was tested with others"
_UNADMITTED = "every request was answered with 401: nothing of the operation was tested"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`findings` are failures of the service, each once; `explained` counts the others by their reason.

    `failing` are the operations and scenarios with a failure of the service; `unadmitted` those operations
    that no request got into, though it had credentials; `erring` those that schemathesis could not test.
    """

    findings: tuple[Finding, ...]
    explained: dict[str, int]
    failing: frozenset[str]
    unadmitted: frozenset[str]
    erring: frozenset[str]


def verdict(
    document: Document, events: Events, explanations: Explanations, admissible: Collection[Operation]
) -> Verdict:
    """Judge the failures of a run; `admissible` operations have credentials that their security needs."""
    own, explained = [], Counter[str]()
    for failure in events.failures:
        reason = explanations.of(failure)
        if reason is None:
            own.append(failure)
        else:
            explained[reason] += 1
    rejecting = [each for each in admissible if events.statuses.get(each.label) == {401}]
    # One that declares errors alone cannot do otherwise, which lint reports.
    unadmitted = []
    for each in rejecting:
        if reason := explanations.of_unadmitted(each):
            explained[reason] += 1
        elif each.declares_success:
            unadmitted.append(each)
    pointers = {each.label: each.pointer for each in explanations.operations}
    findings = _findings(document, own, pointers)
    findings += [
        _finding(document, each.pointer, f"{each.label}: {_UNADMITTED}", "not-tested") for each in unadmitted
    ]
    erring = {}
    for label, text in events.errors.items():
        if (text.startswith(_FILTERED) or _TOO_LONG in text) and label in events.statuses:
            explained[_UNMADE] += 1
        elif reason := explanations.of_error(label, text):
            explained[reason] += 1
        else:
            erring[label] = text
    for label, text in erring.items():
        message = f"{label}: {text}" if label else text
        findings.append(_finding(document, pointers.get(label, ""), message, "error"))
    failing = frozenset(label for each in own for label in (each.operation, each.scenario))
    return Verdict(
        tuple(sorted(findings)),
        dict(sorted(explained.items())),
        failing,
        frozenset(each.label for each in unadmitted),
        frozenset(erring),
    )


def _findings(document: Document, failures: Iterable[Failure], pointers: dict[str, str]) -> list[Finding]:
    """Return a finding for each operation, check, status and title: the first of its failures."""
    first: dict[tuple[str, str, str, str], Failure] = {}
    for each in sorted(failures, key=str):
        first.setdefault((each.operation, each.check, each.status, each.title), each)
    return [
        _finding(document, pointers.get(each.operation, ""), str(each), each.check) for each in first.values()
    ]


def _finding(document: Document, pointer: str, message: str, rule: str) -> Finding:
    return document.finding(pointer, message, rule=rule)
