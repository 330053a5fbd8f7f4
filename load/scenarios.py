"""The scenarios: how many visits a second arrive, when, and for what."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

Arrivals = Literal["poisson", "constant"]

#: Of a hundred visitors, how many come for which journey: the classes in journeys/.
MIX: Mapping[str, int] = MappingProxyType(
    {"Reader": 70, "Writer": 15, "Moderator": 5, "Admin": 5, "Newcomer": 5}
)


@dataclass(frozen=True)
class Stage:
    """A time of one rate; only requests of judged stages count."""

    name: str
    seconds: float
    rate: float
    is_judged: bool = True


@dataclass(frozen=True)
class Scenario:
    """Stages one after the other. One that `climbs` judges each by itself, and ends after two broken ones."""

    name: str
    summary: str
    stages: tuple[Stage, ...]
    arrivals: Arrivals = "poisson"
    mix: Mapping[str, int] = field(default_factory=lambda: MIX)
    climbs: bool = False
    #: Whether every operation that its journeys call must have been reached.
    reaches_all: bool = False
    #: How expensive passwords are in a service that is started for the run: cheap unless they are measured.
    bcrypt_cost: int = 4

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)

    @property
    def rate(self) -> float:
        """The visits a second that the others are multiples of: the first stage's."""
        return self.stages[0].rate

    def scaled(self, *, rate: float | None, seconds: float | None) -> "Scenario":
        """Return the scenario with another rate at its beginning and another length in all."""
        faster = rate / self.rate if rate else 1.0
        longer = seconds / self.seconds if seconds else 1.0
        stages = tuple(
            replace(stage, rate=stage.rate * faster, seconds=stage.seconds * longer) for stage in self.stages
        )
        return replace(self, stages=stages)

    def windows(self) -> Iterator[tuple[Stage, float, float]]:
        """Yield each stage with the seconds at which it begins and ends."""
        begin = 0.0
        for stage in self.stages:
            yield stage, begin, begin + stage.seconds
            begin += stage.seconds

    def due(self, *, dispatchers: int = 1, index: int = 0, seed: int = 0) -> Iterator[float]:
        """Yield when visits should begin, in seconds from the start, for one of several equal dispatchers."""
        chance = random.Random(seed * 1000 + index)  # the arrivals of a seed are the same in every run
        for stage, begin, end in self.windows():
            gap = dispatchers / stage.rate
            poisson = self.arrivals == "poisson"
            at = begin + (chance.expovariate(1 / gap) if poisson else gap * index / dispatchers)
            while at < end:
                yield at
                at += chance.expovariate(1 / gap) if poisson else gap


def warm_up(seconds: float, rate: float) -> Stage:
    return Stage("warm-up", seconds, rate, is_judged=False)


def climb(first: float, factor: float, steps: int, seconds: float) -> tuple[Stage, ...]:
    rates = [first * factor**step for step in range(steps)]
    return tuple(Stage(f"{rate:.0f}/s", seconds, rate) for rate in rates)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "smoke",
            "every operation, at a rate that any machine serves",
            (warm_up(3, 25), Stage("steady", 12, 25)),
            arrivals="constant",
            reaches_all=True,
        ),
        Scenario("steady", "a working day's traffic", (warm_up(10, 50), Stage("steady", 110, 50))),
        Scenario(
            "step",
            "a fifth more every 15 seconds, until the objectives break twice: the capacity",
            (warm_up(5, 20), *climb(20, 1.2, 24, 15)),
            climbs=True,
        ),
        Scenario(
            "spike",
            "ten times the traffic for ten seconds: how soon is it over?",
            (
                warm_up(5, 20),
                Stage("before", 20, 20),
                Stage("spike", 10, 200, is_judged=False),
                Stage("recovery", 5, 20, is_judged=False),
                Stage("after", 25, 20),
            ),
        ),
        Scenario(
            "soak",
            "an hour of steady traffic: does anything grow?",
            (warm_up(30, 30), Stage("soak", 3570, 30)),
        ),
        Scenario(
            "login",
            "log-ins alone, at the cost that passwords have in production",
            (warm_up(3, 2), Stage("log-ins", 27, 2)),
            mix={"LogIn": 1},
            bcrypt_cost=12,
        ),
    )
}
