"""The run-time of generated code: routes, parameters, bodies, responses and security of a contract.

The modules here are the core: they need FastAPI, Pydantic, jsonschema-rs and orjson, and nothing of ours.
"""

import re

__version__ = "0.3.0"


def require(package: str, at_least: str, below: str) -> None:
    """Raise ImportError unless the version of this run-time is `at_least` or later, and before `below`."""
    if _numbers(at_least) <= _numbers(__version__) < _numbers(below):
        return
    needed = f"contractgen-runtime>={at_least},<{below}"
    raise ImportError(
        f"{package} needs {needed}, and {__version__} is installed. "
        f"Run `pip install '{needed}'`, or generate {package} again with the contractgen of this version."
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
