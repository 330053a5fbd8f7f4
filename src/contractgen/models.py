"""Pydantic models by datamodel-code-generator, and beside each the TypedDict of the same members.

A response may be given as either: a row that a query already has as a dict goes out without building a model.
"""

import json
import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datamodel_code_generator import InputFileType, OpenAPIScope, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType, ReadOnlyWriteOnlyModelType, TargetPydanticVersion
from datamodel_code_generator.parser import LiteralType

from contractgen.findings import ContractError
from contractgen.load import Document, child
from contractgen.names import RESERVED

# Strings whose format a JSON Schema validator checks exactly; pydantic's own types take more or less.
_PLAIN_FORMATS = """
    email password hostname ipv4 ipv6 uri uri-reference time duration byte binary decimal
"""
_PLAIN_STRINGS = [f"string+{name}=string" for name in _PLAIN_FORMATS.split()]
_SCHEMAS = "/components/schemas"
_DICT_TYPES = {"AwareDatetime": "datetime"}


@dataclass(frozen=True, slots=True)
class Models:
    """The source of the models, the class of each schema by its pointer, the members of each class."""

    source: str
    class_of: dict[str, str]
    dicts: dict[str, dict[str, str]]


def generate_models(document: Document, inline: dict[str, str]) -> Models:
    """Models of every schema under components, and of the inline ones that have a name, by their pointer."""
    named = {child(_SCHEMAS, name): name for name in document.value.get("components", {}).get("schemas", {})}
    schemas = {name: document.at(pointer) for pointer, name in (named | inline).items()}
    if not schemas:
        return Models("from __future__ import annotations\n", {}, {})
    components = document.value.get("components", {}) | {"schemas": schemas}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Of constraints that a model cannot have: the residual check has them.
        warnings.simplefilter("ignore", UserWarning)
        metadata = Path(folder, "metadata.json")
        source = generate(
            json.dumps(document.value | {"components": components}),
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.PydanticV2BaseModel,
            openapi_scopes=[OpenAPIScope.Schemas],
            emit_model_metadata=metadata,
            preset="standard-py311-20261027",
            target_python_version=PythonVersion.PY_311,
            target_pydantic_version=TargetPydanticVersion.V2_14,
            type_mappings=_PLAIN_STRINGS,
            enum_field_as_literal=LiteralType.All,
            read_only_write_only_model_type=ReadOnlyWriteOnlyModelType.RequestResponse,
            use_missing_sentinel=True,
            allow_population_by_field_name=False,
            use_frozen_field=False,
            use_schema_description=True,
            treat_dot_as_module=False,
            allow_remote_refs=False,
            strict_refs=True,
            disable_timestamp=True,
            formatters=[],
        )
        described = json.loads(metadata.read_text())
    class_of = {
        pointer: model["class_name"]
        for pointer, name in (named | inline).items()
        for model in described["models"]
        if model["source_path"] == ["components", "schemas", name]
    }
    _refuse_taken(document, class_of)
    members = {
        model["class_name"]: {field["original_name"]: field["type"] for field in model["fields"]}
        for model in described["models"]
    }
    roots = {name: each[None] for name, each in members.items() if list(each) == [None]}
    dicts = {
        name: {member: _without_roots(kind, roots) for member, kind in each.items()}
        for name, each in members.items()
        if name not in roots
    }
    return Models(str(source), class_of, dicts)


def _refuse_taken(document: Document, class_of: dict[str, str]) -> None:
    """Classes that would take the place of what the module needs, or of another class's TypedDict."""
    taken = RESERVED["schema"] | {f"{name}Dict" for name in class_of.values()}
    findings = [
        document.finding(pointer, f"the schema's class would have the name {name!r}, which is taken")
        for pointer, name in class_of.items()
        if name in taken
    ]
    if findings:
        raise ContractError(findings)


def _without_roots(kind: str, roots: dict[Any, str]) -> str:
    """A type in which classes that only wrap a value are that value."""
    while found := re.search(rf"\b({'|'.join(map(re.escape, roots))})\b", kind) if roots else None:
        kind = kind.replace(found[0], roots[found[0]])
    return kind


def dict_member(kind: str, classes: set[str]) -> str:
    """The type of a TypedDict's member for the type of a model's field."""

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        return word if word[0] in "'\"" else f"{word}Dict" if word in classes else _DICT_TYPES.get(word, word)

    words = re.sub(r"'[^']*'|\"[^\"]*\"|\b[A-Za-z_]\w*\b", replace, kind)
    return f"NotRequired[{words.removesuffix(' | MISSING')}]" if words.endswith(" | MISSING") else words


def response_components(names: set[str], dicts: dict[str, dict[str, str]]) -> list[str]:
    """The components that responses reach, in the order in which the document has them."""
    reached: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        words: set[Any] = {word for kind in dicts[name].values() for word in re.findall(r"\w+", kind)}
        waiting |= (words & dicts.keys()) - reached
    return [name for name in dicts if name in reached]
