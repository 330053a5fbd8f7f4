"""What a scenario forgets is named."""

from tests.contract.document import OPERATIONS
from tests.sdk.coverage import OUT_OF_REACH, declared_problems, untouched
from tests.sdk.recording import Recording


def test_what_is_untouched_is_named() -> None:
    exchanges = {(each.id, int(status)) for each in OPERATIONS.values() for status in each.responses}
    recording = Recording(exchanges, set(declared_problems()))
    assert untouched(recording) == []
    recording.exchanges.remove(("getPost", 304))
    recording.problems.remove(("/problems/last-admin", 409))
    assert untouched(recording) == ["getPost 304", "/problems/last-admin (409)"]


def test_only_declared_problems_are_out_of_reach() -> None:
    assert OUT_OF_REACH.keys() <= set(declared_problems())
