"""A value as YAML that every reader takes for the same value."""

from typing import Any

import yaml

from contractgen.document.yaml_reading import is_text


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name that PyYAML passes
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    """Text that YAML 1.2 would take for something else is quoted, as the library does for YAML 1.1."""
    style = "|" if "\n" in text.strip("\n") else None if is_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def yaml_of(value: Any) -> bytes:
    """The text of a value, its members in their order."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text.encode()
