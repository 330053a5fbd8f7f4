"""Correct a JUnit report: failures that the contract explains fail no test."""

from collections.abc import Collection
from pathlib import Path
from xml.etree import ElementTree as ET


def excuse(
    report: Path, failing: Collection[str], unadmitted: Collection[str], errors: Collection[str]
) -> None:
    """Keep the failures and errors of these tests only; others become the output of tests that pass.

    `unadmitted` operations fail too: every request was answered with 401.
    """
    if not report.exists():
        return
    tree = ET.parse(report)  # noqa: S314 # schemathesis has just written it
    suites = tree.getroot()
    for case in suites.iter("testcase"):
        name = case.get("name")
        if name not in failing:
            _excuse(case, "failure")
        if name not in errors:
            _excuse(case, "error")
        if name in unadmitted:
            message = "every request was answered with 401"
            ET.SubElement(case, "failure", {"type": "failure", "message": message})
    for suite in (suites, *suites.iter("testsuite")):
        for kind in ("failure", "error"):
            count = sum(case.find(kind) is not None for case in suites.iter("testcase"))
            suite.set(f"{kind}s", str(count))
    tree.write(report, encoding="utf-8", xml_declaration=True)


def _excuse(case: ET.Element, kind: str) -> None:
    for each in case.findall(kind):
        output = ET.SubElement(case, "system-out")
        output.text = f"No fault of the service: {each.get('message')}\n\n{each.text}"
        case.remove(each)
