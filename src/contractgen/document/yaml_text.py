"""Write a value as YAML that readers of YAML 1.1 and 1.2 read as the same value."""

from typing import Any

import yaml

from contractgen.document.yaml_reading import is_text


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name that PyYAML passes
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    """Represent a text: quoted if YAML 1.2 would not read it as a string; the library does so for 1.1."""
    style = "|" if "\n" in text.strip("\n") else None if is_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def yaml_of(value: Any) -> bytes:
    """Return the text of a value; keys keep their order."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text.encode()
