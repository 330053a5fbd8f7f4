"""Connects a run of locust with what is ours: options to plan, begin, stop, and the result at the end."""

import random
import sys
import time
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from load import machine
from load.journeys import Visitor
from load.measurement import Measurement
from load.open_loop import OpenLoop, ScenarioShape
from load.reach import called_by
from load.recorder import Plan, Recorder
from load.report import lines, write_report
from load.result import Evidence, make_result, whole
from load.scenarios import SCENARIOS, Scenario
from load.slo import CLOSED, ObjectivesError, read_objectives

# Seconds that may pass between seeding the tokens' expiry and the end of a run.
_MARGIN = 30.0


class Unusable(Exception):
    """Why a run cannot begin, in one line."""


class Driver:
    """Listens to locust; `environment.parsed_options` are those of the locustfile."""

    def __init__(self, environment: Environment) -> None:
        self.options: Namespace = environment.parsed_options or Namespace()
        self.environment = environment
        scenario = scenario_of(self.options)
        if self.options.max_in_flight < 1:
            raise Unusable("--max-in-flight: must be at least 1")
        try:
            self.objectives = read_objectives(Path(self.options.slo), scenario.name)
        except ObjectivesError as error:
            raise Unusable(str(error)) from None
        if Visitor.accounts.expire_at < time.time() + scenario.seconds + _MARGIN:
            raise Unusable(
                f"the tokens expire before the scenario of {scenario.seconds:g} s ends: seed again with "
                f"PRESSROOM_TOKEN_LIFETIME={scenario.seconds + 3600:.0f}"
            )
        self.plan = Plan(scenario, self.options.max_in_flight, self.options.seed)
        self.recorder = Recorder(environment, self.plan)
        self.measurement: Measurement | None = None
        Visitor.recorder = self.recorder
        OpenLoop.recorder = self.recorder
        if scenario.stages:
            environment.user_classes = [OpenLoop]
            environment.shape_class = ScenarioShape(self.recorder)
            # A visit that is under way when the scenario ends is finished.
            environment.stop_timeout = environment.stop_timeout or 35.0

    def begin(self, environment: Environment, **_: object) -> None:
        runner = environment.runner
        if isinstance(runner, MasterRunner):
            # Custom options travel to the workers when they are asked to spawn.
            self.options.dispatchers = runner.worker_count
        self.plan.dispatchers = getattr(self.options, "dispatchers", 1)
        self.plan.index = max(0, getattr(runner, "worker_index", 0))
        Visitor.accounts.begin_at(self.plan.index)
        random.seed(self.plan.seed * 1000 + self.plan.index)
        measurement = None
        if not isinstance(runner, WorkerRunner):
            self.finish(environment)
            self.calibration = machine.calibrate()
            folder = (
                Path(self.options.results) / f"{self.plan.scenario.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
            )
            measurement = self.measurement = Measurement(folder, self.plan.scenario, self.objectives)
        self.recorder.begin(measurement)

    def stop(self, **_: object) -> None:
        self.recorder.is_stopping = True

    def finish(self, environment: Environment, **_: object) -> None:
        """Write the result and the report of the run that has ended; its exit code is locust's."""
        if (measurement := self.measurement) is None:
            return
        self.recorder.flush()
        self.recorder.measurement = self.measurement = None
        measurement.close()
        scenario = whole(self.plan.scenario, time.time() - measurement.started_at)
        evidence = Evidence(measurement.folder, scenario, measurement.pulses, called_by(scenario.mix))
        facts = {
            "started_at": datetime.fromtimestamp(measurement.started_at, UTC).isoformat(timespec="seconds"),
            "host": environment.host,
            "arrivals": scenario.arrivals if self.plan.scenario.stages else CLOSED,
            "seed": self.plan.seed,
            "rate": scenario.rate,
            "processes": self.plan.dispatchers,
            "machine": machine.describe() | {"calibration_ms": [self.calibration, machine.calibrate()]},
        }
        result = make_result(evidence, self.objectives, facts)
        write_report(result, measurement.folder, measurement.pulses)
        for line in lines(result, measurement.folder):
            print(line, file=sys.stderr, flush=True)
        environment.process_exit_code = result["exit_code"]


def scenario_of(options: Namespace) -> Scenario:
    """Return the scenario that the options ask for; Unusable names the option that is wrong."""
    name, rate, seconds, arrivals = (
        getattr(options, each) for each in ("scenario", "rate", "seconds", "arrivals")
    )
    for option, value in (("--rate", rate), ("--seconds", seconds)):
        if value < 0:
            raise Unusable(f"{option}: must be greater than 0")
    if not name:
        if rate or seconds or arrivals:
            raise Unusable("--rate, --seconds and --arrivals are of a scenario: name one with --scenario")
        return Scenario(CLOSED, "locust's own users", ())
    scenario = SCENARIOS[name].scaled(rate=rate or None, seconds=seconds or None)
    return replace(scenario, arrivals=arrivals) if arrivals else scenario
