"""The program of schemathesis, for contracts whose schemas lie deep within one another.

schemathesis 4.32 makes the same example of the same schema many thousands of times: for 21 operations that
takes more than seven minutes instead of twenty seconds. And it covers each value of each enum and each wrong
type of each property at each place where a schema is reached: 18,550 requests for one operation.
"""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import schemathesis
import schemathesis.cli
from schemathesis.specs.openapi import examples

# The function that makes an example, of which schemathesis publishes none.
MAKE = "_generate_single_example"
# The schemas that the references of an operation lead to.
_BUNDLED = "x-bundled"
# Of one operation's requests that cover its schemas, so many are sent, and so many more of each kind.
_MOST, _MOST_OF_A_KIND = 1_000, 10
# What separates the steps of a description: `items -> Array with invalid items: name: Incorrect type`.
_STEPS = re.compile(r" -> |: ")


def once(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls `make` once for each schema, and returns a copy of what it has made."""
    made: dict[tuple[int, str], tuple[Any, Any]] = {}

    def make_once(schema: Any, *rest: Any) -> Any:
        own, bundled = schema, None
        if isinstance(schema, dict):
            own = {name: each for name, each in schema.items() if name != _BUNDLED}
            bundled = schema.get(_BUNDLED)
        key = id(bundled), json.dumps(own, sort_keys=True)
        if key not in made:
            made[key] = make(schema, *rest), bundled  # which keeps its id from being used again
        value = made[key][0]
        return copy.deepcopy(value) if isinstance(value, dict | list) else value

    return make_once


class Sample:
    """Requests that cover schemas: of an operation with very many, a few for each last step of a place."""

    def __init__(self) -> None:
        self._all = Counter[str]()
        self._of_a_kind = Counter[tuple[str, ...]]()
        self._left_out = Counter[str]()

    def admits(self, operation: str, scenario: str, description: str) -> bool:
        """Return whether a request is sent, and count it."""
        kind = (operation, scenario, *_STEPS.split(description)[-2:])
        self._all[operation] += 1
        self._of_a_kind[kind] += 1
        is_sent = self._all[operation] <= _MOST or self._of_a_kind[kind] <= _MOST_OF_A_KIND
        self._left_out[operation] += not is_sent
        return is_sent

    def __str__(self) -> str:
        """Report how many requests are left out, and of which operation the most; nothing if all are sent."""
        count = self._left_out.total()
        if not count:
            return ""
        [(operation, most)] = self._left_out.most_common(1)
        return (
            f"sample: {count:,} requests that cover schemas were not sent, {most:,} of them of {operation}: "
            f"an operation gets the first {_MOST:,}, then {_MOST_OF_A_KIND} of each kind"
        )


def hook_of(sample: Sample) -> Callable[[Any, Any], bool]:
    """Return the hook of schemathesis by which a sample leaves requests out."""

    def filter_case(_: Any, case: Any) -> bool:
        phase = case.meta.phase if case.meta else None
        if phase is None or phase.name != "coverage":
            return True
        return sample.admits(case.operation.label, phase.data.scenario, phase.data.description or "")

    return filter_case


if __name__ == "__main__":
    setattr(examples, MAKE, once(getattr(examples, MAKE)))
    sent = Sample()
    schemathesis.hook(hook_of(sent))
    try:
        schemathesis.cli.schemathesis()
    finally:
        if str(sent):
            print(sent)
