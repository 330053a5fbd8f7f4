"""YAML as OpenAPI reads it: the values of JSON, so that dates are text, and so are `on`, `yes` and `1:30`."""

import math
import re
from collections.abc import Callable
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
# The core schema of YAML 1.2, and how a text is read: PyYAML takes `010` for 8, and `=` for an error.
_CORE: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF", lambda text: text.lower() == "true"),
    "int": (
        r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
        "-+0123456789",
        lambda text: int(text, 0 if text[1:2] in ("o", "x") else 10),
    ),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        "-+.0123456789",
        lambda text: number if math.isfinite(number := float(text)) else text,  # `6e999` is a hash
    ),
}
_KEPT = {f"{_TAG}null", f"{_TAG}merge"}


# The parser in C where there is one: each process of a run reads the document.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # a class that is looked up
    yaml_implicit_resolvers = {  # noqa: RUF012 - an attribute of PyYAML, which changes it with the next calls
        first: [(tag, expression) for tag, expression in resolvers if tag in _KEPT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        """Return a mapping whose keys are texts, as in JSON: `1` and `true` would be one key in Python."""
        self.flatten_mapping(node)
        return {
            key.value
            if isinstance(key, yaml.ScalarNode)
            else str(self.construct_object(key, deep=True)): self.construct_object(value, deep=deep)
            for key, value in node.value
        }


for _name, (_expression, _first, _read) in _CORE.items():
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"^(?:{_expression})$"), list(_first))
    _Loader.add_constructor(f"{_TAG}{_name}", lambda _, node, read=_read: read(node.value))


def read_yaml(text: str) -> Any:
    """Return the value of a document, in YAML or JSON."""
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
