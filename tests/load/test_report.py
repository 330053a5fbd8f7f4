"""The page and the lines about a run."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from load.charts import Scale, bar_chart, line_chart
from load.report import FILE, lines, write_report
from tests.load.runs import pulses, record, result, steady

SVG = "{http://www.w3.org/2000/svg}"


def test_the_page_shows_every_operation_and_needs_nothing_else(tmp_path: Path) -> None:
    records = [*steady(1), record(3.0, 5, operation="livez", error="<script>alert()</script>")]
    found = result(tmp_path, records, slo={"every": {"failed": 0}}) | {"started_at": "now", "versions": {}}
    write_report(found, tmp_path, pulses(seconds=10))
    page = (tmp_path / FILE).read_text()
    assert page.count("<svg") == 4
    assert "POST /api/v1/auth/login" in page
    assert "livez: failed is 1" in page
    assert not re.search(r"<script|src=|href=", page)


def test_the_lines_name_route_figures_and_verdict(tmp_path: Path) -> None:
    printed = list(lines(result(tmp_path, [record(3.0, 900)] * 4, slo={"every": {"p99": 500}}), tmp_path))
    assert re.search(r"^POST /api/v1/auth/login +4 +0\.5 +0 +0 +900", "\n".join(printed), re.MULTILINE)
    assert printed[-2:] == [
        "missed: login: p99 is 900, at most 500 is allowed",
        f"steady: the objectives are missed; {tmp_path / FILE}",
    ]


def test_a_line_goes_through_its_points() -> None:
    chart = ET.fromstring(line_chart({"a & b": [(0, 0), (5, 10), (10, 5)]}, x="s", y="ms"))
    (line,) = chart.iter(f"{SVG}polyline")
    points = [tuple(map(float, each.split(","))) for each in line.attrib["points"].split()]
    assert points[1][0] == pytest.approx((points[0][0] + points[2][0]) / 2, abs=0.2)
    assert points[1][1] < points[2][1] < points[0][1]
    assert "a & b" in [text.text for text in chart.iter(f"{SVG}text")]


def test_bars_are_as_high_as_their_values() -> None:
    chart = ET.fromstring(bar_chart({"a": [10, 20], "b": [40, 0]}, ["x", "y"], y="us"))
    heights = [float(bar.attrib["height"]) for bar in chart.iter(f"{SVG}rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[2] == pytest.approx(4 * heights[0], abs=0.2)
    assert heights[3] == 0


@pytest.mark.parametrize(
    ("values", "is_log", "ticks"),
    [([0, 7], False, [0, 2, 4, 6]), ([3, 250], True, [1, 10, 100, 1000]), ([], True, [1, 10])],
)
def test_ticks_are_round(values: list[float], is_log: bool, ticks: list[float]) -> None:
    assert Scale(values, 0, 100, is_log=is_log).ticks() == ticks
