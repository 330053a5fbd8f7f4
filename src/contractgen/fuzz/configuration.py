"""The configuration of schemathesis for a contract."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contractgen.fuzz.operations import Operation
from contractgen.fuzz.pitfalls import pitfalls
from contractgen.fuzz.toml import Table, toml_of


@dataclass(frozen=True, slots=True)
class Effort:
    """The extent of a run: `examples` for each operation, `response_time` seconds for a response at most.

    `hooks` is a file with the user's own checks and hooks.
    """

    seed: int = 42
    examples: int = 50
    response_time: float = 5.0
    hooks: str = ""


def configuration(
    effort: Effort, chosen: Sequence[Operation], identities: Iterable[Table], *, narrowed: bool
) -> str:
    """Return the text of schemathesis.toml: every check on, and the same requests in every run.

    With `narrowed` the document has more operations than the chosen ones.
    """
    rest = [_others_off(chosen)] if narrowed else []
    return toml_of([*_general(effort), *pitfalls(chosen), *rest, *identities])


def _general(effort: Effort) -> Iterator[Table]:
    hooks = {"hooks": effort.hooks} if effort.hooks else {}
    yield Table(
        (),
        {"seed": effort.seed, "continue-on-failure": True, **hooks},
        "Written by `contractgen fuzz`. Use it with `schemathesis --config-file FILE run SPEC --url URL`.",
    )
    yield Table(("cache",), {"enabled": False}, "What an earlier run has learned would change the requests.")
    yield Table(
        ("generation",),
        {"database": "none", "max-examples": effort.examples},
        "So would the examples that an earlier run has kept.",
    )
    yield Table(
        ("phases", "examples"),
        {"fill-missing": True},
        "Also an operation without an example gets a plain valid request first.",
    )
    yield Table(
        ("checks",),
        {"max_response_time": effort.response_time},
        "The one check that is off by default; all others are on.",
    )


def _others_off(chosen: Sequence[Operation]) -> Table:
    return Table(
        ("operations",),
        {"exclude-name": [each.label for each in chosen], "enabled": False},
        "All other operations are left out.",
        repeated=True,
    )
