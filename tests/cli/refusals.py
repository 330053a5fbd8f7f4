"""Commands that refuse to run, in the process of the tests: it has imported already what they need."""

import io
import os
from collections.abc import Mapping
from importlib import import_module
from unittest.mock import patch

import pytest

from pressroom.cli import parser
from pressroom.commands.errors import CommandError
from pressroom.settings import load_settings

PEPPER = "Zx3Wq9Lk2Vn8Bt5Mj7Hc4Fs6Dg1Pa0Yr5Ui"
PRODUCTION = {
    "PRESSROOM_TOKEN_SECRET": "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue",
    "PRESSROOM_PASSWORD_PEPPER": PEPPER,
    "PRESSROOM_ALLOWED_HOSTS": "api.example.com",
    "PRESSROOM_PUBLIC_URL": "https://api.example.com",
    "PRESSROOM_BCRYPT_COST": "10",
}


def without_settings() -> dict[str, str]:
    """Return the environment without what would configure the service."""
    others = {"DATABASE_URL", "PORT"}
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PRESSROOM_") and name not in others
    }


def refusal(settings: Mapping[str, str], *arguments: str, stdin: str = "") -> tuple[int, str]:
    """Return the exit code and the reason of a command that refuses to run with these settings."""
    environment = {**without_settings(), **settings}
    with patch.dict(os.environ, environment, clear=True), patch("sys.stdin", io.StringIO(stdin)):
        chosen = parser().parse_args(arguments)
        command = import_module(f"pressroom.commands.{chosen.module}")
        with pytest.raises(CommandError) as caught:
            command.run(load_settings(), chosen)
    assert "canary" not in str(caught.value)
    return caught.value.code, str(caught.value)
