"""The axes of capacity and their tables."""

import pytest

from load.peers.capacity import AXES, Point, Setting, main, table


def test_a_table_has_a_line_for_each_point_and_the_state_of_the_machine() -> None:
    points = [Point(Setting(rows=rows), "page", 1000 / rows, 2.5, 100, 50) for rows in (1_000, 10)]
    lines = table("rows", points).splitlines()
    assert lines[2:4] == ["| 1,000 | page | 1 | 2.5 | 100 | 50 |", "| 10 | page | 100 | 2.5 | 100 | 50 |"]
    assert "load average" in lines[5]


def test_an_unknown_axis_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["machines"])
    assert ended.value.code == 2
    assert f"unknown: machines; choose from {', '.join(AXES)}" in capsys.readouterr().err
