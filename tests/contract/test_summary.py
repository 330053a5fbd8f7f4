"""What is printed after a fuzz: the runs, and the responses that they and the suite have seen together."""

from tests.contract.conftest import DECLARED, lines_of

FIRST, SECOND, *_ = sorted(DECLARED)


def run(name: str, *missing: str) -> dict[str, object]:
    counts = dict.fromkeys(("responses", "parameters", "keywords"), (1, 2))
    return {"name": name, "requests": 1000, "missing": list(missing), **counts}


def test_a_response_is_missing_that_no_run_and_no_test_has_seen() -> None:
    runs = [run("peers", FIRST, SECOND, "livez 500"), run("admin", SECOND, FIRST)]
    *_, only, neither = lines_of(runs, [SECOND])
    assert (only, neither) == (f"only by the suite: {SECOND}", f"by neither: {FIRST}")


def test_a_response_that_one_run_has_seen_is_not_missing() -> None:
    admin, peers, *sums, only, neither = lines_of([run("peers", FIRST), run("admin", SECOND)], [])
    assert admin == "admin: 1,000 requests; 1 of 2 responses, 1 of 2 parameters, 1 of 2 keywords"
    assert peers.startswith("peers: ")
    counts = [int(each.rpartition(": ")[2]) for each in sums]
    assert counts == [len(DECLARED), len(DECLARED), 0, len(DECLARED)]
    assert (only, neither) == ("only by the suite: none", "by neither: none")
