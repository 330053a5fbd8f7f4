"""What locust loads: `locust --locustfile load/locustfile.py`, from the checkout.

Without --scenario, users are locust's own, closed ones: as many as --users or the web UI says. With it,
visits arrive at the scenario's rate. Either way the run is recorded, judged and reported in --results, and
locust exits with 0 if the objectives are met, 3 if they are missed, 4 if the run is not valid.
"""

import sys

import gevent
from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from load.accounts import AccountsError, read_accounts
from load.driver import Driver, Unusable
from load.journeys import Admin, Moderator, Newcomer, Reader, Visitor, Writer  # noqa: F401 - locust looks for them here
from load.mailbox import find_mailbox
from load.scenarios import SCENARIOS
from load.slo import FILE as OBJECTIVES

try:
    Visitor.accounts = read_accounts()
except AccountsError as missing:
    print(missing, file=sys.stderr)
    sys.exit(2)
Visitor.mailbox = find_mailbox()


def add_options(parser: LocustArgumentParser, **_: object) -> None:
    options = parser.add_argument_group("Pressroom")
    add = options.add_argument
    add(
        "--scenario",
        default="",
        choices=["", *SCENARIOS],
        help="let visits arrive; without it, users are closed",
    )
    add("--rate", type=float, default=0.0, help="visits a second at the scenario's beginning")
    add("--seconds", type=float, default=0.0, help="length of the scenario")
    add("--arrivals", default="", choices=["", "poisson", "constant"], help="how visits arrive")
    add("--max-in-flight", type=int, default=2000, help="visits at once at most, in all; others are dropped")
    add("--seed", type=int, default=1, help="of the arrivals and the choices")
    add("--slo", default=str(OBJECTIVES), help="file of objectives")
    add("--results", default="load-results", help="folder; each run gets one of its own in it")


def prepare(environment: Environment, **_: object) -> None:
    try:
        driver = Driver(environment)
    except Unusable as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    # Timers count from the last turn of the loop, which was before all imports: --run-time would be short.
    gevent.get_hub().loop.update_now()
    events.test_start.add_listener(driver.begin)
    events.test_stopping.add_listener(driver.stop)
    if not isinstance(environment.runner, WorkerRunner):
        events.quitting.add_listener(driver.finish)
        if environment.web_ui is not None and not isinstance(environment.runner, MasterRunner):
            # In the web UI a report is there when a test has ended, not when locust does.
            events.test_stop.add_listener(driver.finish)


events.init_command_line_parser.add_listener(add_options)
events.init.add_listener(prepare)
