"""Who visits: each journey is a kind of visitor, each of its tasks one visit."""

from load.journeys.admin import Admin
from load.journeys.login import LogIn
from load.journeys.moderator import Moderator
from load.journeys.newcomer import Newcomer
from load.journeys.reader import Reader
from load.journeys.visitor import Visitor
from load.journeys.writer import Writer
from load.scenarios import MIX

#: By the name that the mix of a scenario has for them.
JOURNEYS: dict[str, type[Visitor]] = {
    each.__name__: each for each in (Reader, Writer, Moderator, Admin, Newcomer, LogIn)
}
for _name, _weight in MIX.items():
    JOURNEYS[_name].weight = _weight

__all__ = ["JOURNEYS", "Admin", "LogIn", "Moderator", "Newcomer", "Reader", "Visitor", "Writer"]
