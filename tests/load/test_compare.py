"""Two sets of runs: a slower one is found, noise is not, and what cannot be compared is refused."""

import json
from pathlib import Path

import pytest

from load.compare import main
from tests.load.runs import result, steady


def runs(folder: Path, seeds: range, *, slower: float = 1.0, cpu: float = 0.1) -> str:
    for seed in seeds:
        result(folder / str(seed), steady(seed, slower=slower), cpu=cpu)
    return str(folder)


def test_a_service_that_is_slower_by_a_fifth_is_found_in_three_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = runs(tmp_path / "a", range(3)), runs(tmp_path / "b", range(3, 6), slower=1.2)
    assert main([before, after]) == 1
    printed = capsys.readouterr().out
    assert printed.count("slower\n") >= 3
    assert "POST /api/v1/auth/login" in printed


def test_the_same_service_is_not_slower(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([runs(tmp_path / "a", range(3)), runs(tmp_path / "b", range(3, 6))]) == 0
    assert "0 slower, 0 faster" in capsys.readouterr().out


def test_a_faster_service_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([runs(tmp_path / "a", range(3)), runs(tmp_path / "b", range(3, 6), slower=0.7)]) == 0
    assert "4 faster" in capsys.readouterr().out


def test_runs_that_overlap_are_unclear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs(tmp_path / "b", range(3, 5), slower=1.3)
    after = runs(tmp_path / "b", range(9, 10), slower=0.9)
    assert main([runs(tmp_path / "a", range(3)), after]) == 0
    assert "unclear: beyond the tolerance" in capsys.readouterr().out


def test_a_run_that_is_not_valid_is_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([runs(tmp_path / "a", range(1)), runs(tmp_path / "b", range(1), cpu=0.9)]) == 4
    assert "not valid: the load generator used 90% of a core" in capsys.readouterr().err


def test_a_folder_without_runs_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), str(tmp_path)]) == 2
    assert "has no result.json" in capsys.readouterr().err


def test_a_file_that_is_no_result_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = runs(tmp_path / "a", range(1))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "result.json").write_text("[]")
    assert main([before, str(tmp_path / "b")]) == 2
    assert "is not the result of a run" in capsys.readouterr().err


def test_runs_of_different_scenarios_are_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = runs(tmp_path / "a", range(1)), runs(tmp_path / "b", range(1))
    path = next(Path(after).rglob("result.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"scenario": "spike"}))
    assert main([before, after]) == 2
    assert "the runs differ in their scenario: spike, steady" in capsys.readouterr().err
