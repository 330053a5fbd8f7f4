"""Extras of the distribution: what some commands need beyond a plain install."""

from importlib.util import find_spec

from contractgen.document.findings import ToolError

#: The modules that a command imports, and that the extra of its name installs.
MODULES = {
    "mock": ("uvicorn",),
    "verify": ("jsonschema", "mypy", "openapi_schema_validator", "referencing"),
}


def require_extra(command: str) -> None:
    """Raise ToolError if a command's extra is not installed."""
    missing = [module for module in MODULES.get(command, ()) if find_spec(module) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ToolError(
            f"contractgen {command}: {', '.join(missing)} {verb} not installed; "
            f"run `pip install 'contractgen[{command}]'`"
        )
