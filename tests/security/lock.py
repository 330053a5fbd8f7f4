"""The locks as others read them: what each pins."""

import re

from tests.house.project import read

PRODUCTION = "requirements.lock"
LOCKS = (PRODUCTION, "requirements-dev.lock", "load/peers/requirements.lock")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package by its name."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", read(lock), re.MULTILINE))
