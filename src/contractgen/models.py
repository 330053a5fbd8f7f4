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
from contractgen.load import Document

# Strings whose format a JSON Schema validator checks exactly; pydantic's own types take more or less.
_PLAIN_FORMATS = """
    email password hostname ipv4 ipv6 uri uri-reference time duration byte binary decimal
"""
_PLAIN_STRINGS = [f"string+{name}=string" for name in _PLAIN_FORMATS.split()]
_DICT_TYPES = {"AwareDatetime": "datetime"}


@dataclass(frozen=True, slots=True)
class Models:
    """The source of the models and, for each component schema, the members of its TypedDict."""

    source: str
    dicts: dict[str, dict[str, str]]


def generate_models(document: Document) -> Models:
    """Models of every schema under components; ContractError when a name changes on the way to Python."""
    if not document.value.get("components", {}).get("schemas"):
        return Models("from __future__ import annotations\n", {})
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Of constraints that a model cannot have: the residual check has them.
        warnings.simplefilter("ignore", UserWarning)
        metadata = Path(folder, "metadata.json")
        source = generate(
            json.dumps(document.value),
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
    _refuse_renamed(document, described["models"])
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
    return Models(str(source), dicts)


def _refuse_renamed(document: Document, models: list[dict[str, Any]]) -> None:
    findings = []
    for model in models:
        pointer = model["source_ref"].removeprefix("#")
        component = pointer.removeprefix("/components/schemas/")
        if "/" not in component and model["class_name"] != component:
            message = f"the schema's name becomes {model['class_name']!r} in Python"
            findings.append(document.finding(pointer, message, "rename it"))
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
