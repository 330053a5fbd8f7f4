"""The report fails for the tests that fail the command, and for no other."""

from pathlib import Path
from xml.etree import ElementTree as ET

from contractgen.fuzz.junit import excuse

REPORT = """
<testsuites tests="5" failures="2" errors="2"><testsuite tests="5" failures="2" errors="2">
  <testcase name="GET /a"><failure message="ST101">crashed</failure></testcase>
  <testcase name="GET /b"><failure message="ST103">422 is not declared</failure></testcase>
  <testcase name="GET /c"><error message="timeout"/></testcase>
  <testcase name="Stateful tests"><error message="no links"/></testcase>
  <testcase name="GET /d"/>
</testsuite></testsuites>
"""


def test_what_is_explained_passes(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text(REPORT)
    excuse(file, failing={"GET /a"}, unadmitted={"GET /d"}, errors={"GET /c"})
    suites = ET.parse(file).getroot()
    cases = {each.get("name"): [part.tag for part in each] for each in suites.iter("testcase")}
    assert cases == {
        "GET /a": ["failure"],
        "GET /b": ["system-out"],
        "GET /c": ["error"],
        "Stateful tests": ["system-out"],
        "GET /d": ["failure"],
    }
    assert "422 is not declared" in (suites.findtext(".//system-out") or "")
    assert [(each.get("failures"), each.get("errors")) for each in (suites, suites[0])] == [("2", "1")] * 2


def test_no_report_is_no_error(tmp_path: Path) -> None:
    excuse(tmp_path / "none.xml", (), (), ())
    assert list(tmp_path.iterdir()) == []
