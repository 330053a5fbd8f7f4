"""The file of objectives: the project's own, and one line for everything that is wrong with another."""

from pathlib import Path

import pytest

from load.scenarios import SCENARIOS
from load.slo import FILE, ObjectivesError, read_objectives


@pytest.mark.parametrize("scenario", [*SCENARIOS, "closed"])
def test_the_objectives_of_every_scenario_can_be_read(scenario: str) -> None:
    bounds = read_objectives(FILE, scenario).of("login")
    assert bounds["p99"] >= bounds["p95"] > 0
    assert bounds["failed"] == 0


def test_log_ins_have_their_own_bound_where_they_are_at_full_cost() -> None:
    assert (
        read_objectives(FILE, "login").of("login")["p99"] > read_objectives(FILE, "steady").of("login")["p99"]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[evry]\np99 = 1", "[evry]: unknown; use every, operations, scenarios"),
        ("[every]\np98 = 1", "[every] p98: unknown; use"),
        ("[every]\np99 = -1", "[every] p99: must be a number that is not negative"),
        ("[every]\np99 = true", "[every] p99: must be a number that is not negative"),
        ("[operations.log_inn]\np99 = 1", "[operations.log_inn]: the contract has no such operation"),
        ("[operations.login]\ndropped = 1", "[operations.login] dropped: unknown; use"),
        ("[scenarios.sprint]\np99 = 1", "[scenarios.sprint]: unknown; use smoke, steady"),
        (
            "[scenarios.smoke.operations.x]\np99 = 1",
            "[scenarios.smoke.operations.x]: the contract has no such",
        ),
        ("operations = 3", "[operations]: must be a table"),
        ("every = []", "[every]: must be a table"),
        ("[scenarios]\nsmoke = 3", "[scenarios.smoke]: must be a table"),
        ("every", "Expected '='"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "slo.toml"
    path.write_text(text)
    with pytest.raises(ObjectivesError) as refused:
        read_objectives(path, "smoke")
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
