"""The program of schemathesis, without five faults of its own, and one of Hypothesis.

schemathesis 4.32 reads `{user.name}` in a path as an attribute of a parameter `user`, and it writes the
`prefixItems` of a response as a list of `items`, which its validator rejects: neither operation is tested.
It reads responses that are signed or encrypted, such as `application/jwt`, as JSON.

Of schemas that lie deep within one another it makes the same example of the same schema many thousands of
times: for 21 operations that takes seven minutes instead of twenty seconds. And it covers each value of each
enum and each wrong type of each property at each place where a schema is reached: 18,550 requests for one
operation.

Hypothesis 6.170 raises IndexError where a better example is shorter than the one that it is about to alter.
"""

import copy
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import schemathesis
import schemathesis.cli
from hypothesis.internal.conjecture.optimiser import Optimiser
from schemathesis.core import media_types, transforms
from schemathesis.core.errors import InvalidSchema
from schemathesis.specs.openapi import examples
from schemathesis.specs.openapi.adapter import responses
from schemathesis.transport import prepare

# The function that makes an example, of which schemathesis publishes none.
MAKE = "_generate_single_example"
# Those that schemathesis takes for JSON.
SEALED = {("application", "jwt"), ("application", "jose+jwe")}
# That which converts the schema of a response.
CONVERT = "to_json_schema"
# That which improves an example of Hypothesis.
CLIMB = "hill_climb"
# The schemas that the references of an operation lead to.
_BUNDLED = "x-bundled"
# Of one operation's requests that cover its schemas, so many are sent, and so many more of each kind.
_MOST, _MOST_OF_A_KIND = 1_000, 10
# What separates the steps of a description: `items -> Array with invalid items: name: Incorrect type`.
_STEPS = re.compile(r" -> |: ")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


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


def fields(template: str) -> tuple[str, ...]:
    """Return the names of the placeholders of a path."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(template)))


def fill(path: str, parameters: Mapping[str, Any] | None) -> str:
    """Return a path with the texts of its parameters; InvalidSchema if there is none for a placeholder."""
    given = parameters or {}
    for name in fields(path):
        if name not in given:
            raise InvalidSchema(f"Path parameter {name!r} is not defined")
    return _PLACEHOLDER.sub(lambda found: str(given[found[1]]), path)


def ending(climb: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a search for a better example that ends where the best one has lost the part to change."""

    def climb_to_end(optimiser: Any) -> None:
        with suppress(IndexError):  # raised where the part is looked up; nothing else can be asked before
            climb(optimiser)

    return climb_to_end


def replace(old: object, new: object) -> None:
    """Replace a value of schemathesis in each of its modules."""
    for module in [each for name, each in sys.modules.items() if name.startswith("schemathesis.")]:
        for name in [name for name, value in vars(module).items() if value is old]:
            setattr(module, name, new)


def repair() -> None:
    """Replace the functions of schemathesis that have faults."""
    replace(transforms.get_template_fields, fields)
    replace(prepare.prepare_path, fill)
    replace(media_types.JSON_MEDIA_TYPES, media_types.JSON_MEDIA_TYPES - SEALED)
    setattr(responses, CONVERT, partial(getattr(responses, CONVERT), convert_prefix_items=False))
    setattr(examples, MAKE, once(getattr(examples, MAKE)))
    setattr(Optimiser, CLIMB, ending(getattr(Optimiser, CLIMB)))


if __name__ == "__main__":
    repair()
    sent = Sample()
    schemathesis.hook(hook_of(sent))
    try:
        schemathesis.cli.schemathesis()
    finally:
        if str(sent):
            print(sent)
