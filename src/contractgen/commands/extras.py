"""Extras of the distribution: what some commands need beyond a plain install."""

from importlib.util import find_spec

from contractgen.document.findings import ToolError

#: The modules that each extra installs. It has the name of the command that imports them, or of the option.
MODULES = {
    "fuzz": ("schemathesis", "uvicorn"),
    "mock": ("fastapi_offline", "uvicorn"),
    "verify": ("mypy",),
    "watch": ("watchfiles",),
}


def require_extra(extra: str, command: str = "") -> None:
    """Raise ToolError if an extra is not installed; `command` needs it, by default that of its name."""
    missing = [module for module in MODULES.get(extra, ()) if find_spec(module) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ToolError(
            f"contractgen {command or extra}: {', '.join(missing)} {verb} not installed; "
            f"run `pip install 'contractgen[{extra}]'`"
        )
