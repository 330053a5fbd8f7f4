"""YAML as OpenAPI reads it: the values of JSON, so that dates are text, and so are `on`, `yes` and `1:30`."""

import re
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
_JSON = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+", "-+0123456789"),
}
_DROPPED = {f"{_TAG}{name}" for name in ("timestamp", *_JSON)}


# The parser in C where there is one: each process of a run reads the document.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # a class that is looked up
    yaml_implicit_resolvers = {  # noqa: RUF012 - an attribute of PyYAML, which changes it with the next calls
        first: [(tag, expression) for tag, expression in resolvers if tag not in _DROPPED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


for _name, (_expression, _first) in _JSON.items():
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"^(?:{_expression})$"), list(_first))


def read_yaml(text: str) -> Any:
    """Return the value of a document, in YAML or JSON."""
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
