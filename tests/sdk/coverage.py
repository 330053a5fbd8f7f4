"""What a client has to touch: each success of every operation, and every problem that it can cause."""

from collections.abc import Iterator

from tests.contract.document import OPERATIONS
from tests.sdk.recording import Recording

#: Problems that no request of a typed client causes, each with its reason.
OUT_OF_REACH = {
    ("about:blank", 400): "a client that serializes the body sends JSON",
    ("about:blank", 408): "and without a pause",
    ("about:blank", 415): "and says that it is JSON",
    ("about:blank", 428): "the types ask for If-Match",
    ("about:blank", 500): "the service has to fail",
    ("about:blank", 503): "what the service needs has to be away",
    ("/problems/answer-outdated", 409): "the contract has to change between two requests",
}


def declared_problems() -> Iterator[tuple[str, int]]:
    """Yield type and status of every problem that the contract has an example of."""
    for operation in OPERATIONS.values():
        for response in operation.responses.values():
            problem = response.get("content", {}).get("application/problem+json", {})
            for example in problem.get("examples", {}).values():
                yield example["value"]["type"], example["value"]["status"]


def untouched(recording: Recording) -> list[str]:
    """Return what is missing, in words."""
    successes = {
        (each.id, status)
        for each in OPERATIONS.values()
        for status in each.responses
        if isinstance(status, int) and status < 400
    }
    problems = set(declared_problems()) - OUT_OF_REACH.keys()
    return [
        *(f"{operation} {status}" for operation, status in sorted(successes - recording.exchanges)),
        *(f"{kind} ({status})" for kind, status in sorted(problems - recording.problems)),
    ]
