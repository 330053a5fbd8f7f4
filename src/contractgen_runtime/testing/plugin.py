"""The pytest plugin: `-p contractgen_runtime.testing.plugin`, or its name in `pytest_plugins`.

    [tool.pytest.ini_options]
    contract = "openapi/openapi.yaml"
    contract_exempt = ["* 500", "* 503"]  # responses that no test needs to see

The fixture `checker` is what `serving(app, checker)` needs.
"""

import pytest

from .checker import Checker
from .completeness import Completeness
from .contract import Contract

_CHECKER = pytest.StashKey[Checker]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("contract", "the OpenAPI document that responses are checked against", type="string")
    parser.addini("contract_exempt", "responses that no test needs to see, as `operation status`", "linelist")


def pytest_configure(config: pytest.Config) -> None:
    name = config.getini("contract")
    if not name:
        return
    path = config.rootpath / name
    try:
        checker = Checker(Contract(path))
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"contract: {path} cannot be read: {error}") from None
    config.stash[_CHECKER] = checker
    exempt = config.getini("contract_exempt")
    config.pluginmanager.register(Completeness(config, checker, exempt=exempt), "contract-completeness")


@pytest.fixture(scope="session")
def checker(pytestconfig: pytest.Config) -> Checker:
    """Checks responses against the contract that the setting `contract` names."""
    if _CHECKER not in pytestconfig.stash:
        raise pytest.UsageError("the setting `contract` of pytest names no OpenAPI document")
    return pytestconfig.stash[_CHECKER]
