"""The run-time of generated code: the versions that fit it, and a copy of what is reached for `--vendor`."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import contractgen_runtime

#: The first version that has all that templates import, and the first that may not have it.
AT_LEAST, BELOW = "0.3.0", "0.4"
REQUIREMENT = f"contractgen-runtime>={AT_LEAST},<{BELOW}"
RUNTIME = Path(contractgen_runtime.__file__).parent
_VENDORED = "_runtime"
_ABSOLUTE = re.compile(r"^from contractgen_runtime(?=[. ])", re.MULTILINE)
_REACHED = re.compile(rf"^from \.+{_VENDORED}\.(\w+) import", re.MULTILINE)
_NEXT = re.compile(r"^ *from \.(\w+) import", re.MULTILINE)


def with_relative_imports(modules: Mapping[str, str]) -> dict[str, str]:
    """Return the modules of a package, by path, with the run-time imported from the folder beside them."""
    return {
        path: _ABSOLUTE.sub(f"from {'.' * len(PurePosixPath(path).parts)}{_VENDORED}", source)
        for path, source in modules.items()
    }


def reached_runtime(modules: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the modules of the run-time that a package imports, directly or not, by path in the package."""
    open_ = {name for source in modules.values() for name in _REACHED.findall(source.decode())}
    found = {"__init__": (RUNTIME / "__init__.py").read_bytes()}
    while open_:
        name = open_.pop()
        found[name] = (RUNTIME / f"{name}.py").read_bytes()
        open_ |= set(_NEXT.findall(found[name].decode())) - found.keys()
    return {f"{_VENDORED}/{name}.py": found[name] for name in sorted(found)}


def core_modules() -> Iterator[Path]:
    """Yield the files of the core, which decide what a package does as its own files do."""
    yield from sorted(RUNTIME.glob("*.py"))
