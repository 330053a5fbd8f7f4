"""Pydantic models by datamodel-code-generator, and beside each the TypedDict of the same members.

A response may be given as either: a row that a query already has as a dict goes out without building a model.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any
from unicodedata import normalize

from datamodel_code_generator import Error, InputFileType, OpenAPIScope, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType, TargetPydanticVersion
from datamodel_code_generator.parser import LiteralType

from contractgen.document.findings import ContractError, Finding
from contractgen.document.load import Document
from contractgen.models.aliases import Alias, aliases_of, with_aliases
from contractgen.models.argument_types import python_type
from contractgen.models.input import ModelInput, Place
from contractgen.models.unions import with_tagged_unions
from contractgen.plan.names import class_name, snake_case
from contractgen_runtime.pointers import child, value_at

# Names that pydantic keeps for the methods of its models.
_PROTECTED = ("model_validate", "model_dump")
_DICT_TYPES = {"AwareDatetime": "datetime"}


@dataclass(frozen=True, slots=True)
class Models:
    """The source of the models, the class of each schema by its pointer, the members of each class.

    `roots` has the type of the value of each class that only wraps one, `types` the types of parameters, by
    the pointer of their schema, `aliases` the named types of scalars and enums, by the pointer of their
    component, `renamed` what classes and fields are not called as usual.
    """

    source: str
    class_of: dict[Place, str]
    dicts: dict[str, dict[str, str]]
    roots: dict[str, str]
    types: dict[str, str]
    aliases: dict[str, Alias]
    renamed: tuple[Finding, ...] = ()

    def named(self, kind: str, schema: str) -> str:
        """The type of an argument by the name of the component at a pointer, where it is that of an alias."""
        alias = self.aliases.get(schema)
        return f"models.{alias.name}" if alias and alias.argument == kind else kind


def generate_models(document: Document, used: dict[Place, str], typed: dict[str, str]) -> Models:
    """Models of the objects under components, and of all schemas that are used as they stand."""
    made = ModelInput(document, used, typed)
    if not made.schemas:
        aliases = aliases_of(made.aliases, made.value_classes)
        types = {pointer: python_type(kind, {}) for pointer, kind in made.types.items()}
        source = with_aliases("from __future__ import annotations\n", aliases.values())
        return Models(source, {}, {}, {}, types, aliases)
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder, "metadata.json")
        try:
            generated_source = generate(
                json.dumps({"openapi": "3.1.0", "components": {"schemas": _referred_first(made.schemas)}}),
                input_file_type=InputFileType.OpenAPI,
                output_model_type=DataModelType.PydanticV2BaseModel,
                openapi_scopes=[OpenAPIScope.Schemas],
                emit_model_metadata=metadata,
                preset="standard-py311-20261027",
                target_python_version=PythonVersion.PY_311,
                target_pydantic_version=TargetPydanticVersion.V2_14,
                enum_field_as_literal=LiteralType.All,
                use_missing_sentinel=True,
                aliases=_aliases(made.members),
                allow_population_by_field_name=False,
                use_frozen_field=False,
                use_schema_description=True,
                treat_dot_as_module=False,
                allow_remote_refs=False,
                strict_refs=True,
                collapse_root_models=False,
                disable_timestamp=True,
                formatters=[],
            )
        except Error as error:  # such as an `allOf` that leads back to itself
            message = f"no models can be made of the schemas: {error}"
            raise ContractError([document.finding("/components/schemas", message)]) from None
        described = json.loads(metadata.read_text())
    generated = {
        model["source_path"][2]: model["class_name"]
        for model in described["models"]
        if len(model["source_path"]) == 3
    }
    for name in made.schemas.keys() - generated.keys():
        generated[name] = _twin(name, made, described)
    class_of = {place: generated[name] for place, name in made.class_of.items()}
    members = {
        model["class_name"]: {field["original_name"]: field["type"] for field in model["fields"]}
        for model in described["models"]
    }
    taken = {each for name in members for each in (name, f"{name}Dict")}
    named = {pointer: (_apart(name, taken), kind) for pointer, (name, kind) in made.aliases.items()}
    values = {pointer: _apart(name, taken) for pointer, name in made.value_classes.items()}
    aliases = aliases_of(named, values)
    roots = {name: each[None] for name, each in members.items() if list(each) == [None]}
    dicts = {name: each for name, each in members.items() if name not in roots}
    types = {pointer: python_type(kind, generated) for pointer, kind in made.types.items()}
    renamed = (
        *_renamed_aliases(document, aliases),
        *_renamed_classes(document, used, class_of),
        *_renamed_fields(document, made, described),
    )
    source = with_aliases(str(generated_source), aliases.values())
    if "Config" in dicts:
        source = _with_other_config(source)
    source = with_tagged_unions(source)
    return Models(source, class_of, dicts, roots, types, aliases, renamed)


def _apart(name: str, taken: set[str]) -> str:
    """Return a name that is not taken: the library knows only the aliases that models use."""
    free = next(each for each in chain([name], (f"{name}{n}" for n in count(2))) if each not in taken)
    taken.add(free)
    return free


def _with_other_config(source: str) -> str:
    """Pydantic's ConfigDict by another name: a class Config, as the library may call one, has a dict too."""
    source = re.sub(
        r"^(from pydantic import .*\bConfigDict)\b", r"\1 as PydanticConfig", source, flags=re.MULTILINE
    )
    return re.sub(r"^(    model_config = )ConfigDict\(", r"\1PydanticConfig(", source, flags=re.MULTILINE)


def _twin(name: str, made: ModelInput, described: dict[str, Any]) -> str:
    """The class of an equal schema within another: the generator keeps one of the two, the first."""
    whole = {"components": {"schemas": made.schemas}}
    return next(
        str(model["class_name"])
        for model in described["models"]
        if value_at(whole, child("", *model["source_path"])) == made.schemas[name]
    )


def _referred_first(schemas: dict[str, Any]) -> dict[str, Any]:
    """Each schema after those that it refers to: sorting a row of them is quadratic in the library else."""
    done: dict[str, None] = {}
    begun: set[str] = set()
    for first, schema in schemas.items():
        if first in begun:
            continue
        begun.add(first)
        waiting = [(first, _references(schema))]
        while waiting:
            name, below = waiting[-1]
            following = next((each for each in below if each in schemas and each not in begun), None)
            if following is None:
                done[name] = None
                waiting.pop()
            else:
                begun.add(following)
                waiting.append((following, _references(schemas[following])))
    return {name: schemas[name] for name in done}


def _references(schema: Any) -> Iterator[str]:
    """The schemas that a schema refers to."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"].rpartition("/")[2]
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _renamed_aliases(document: Document, aliases: dict[str, Alias]) -> Iterator[Finding]:
    for pointer, alias in aliases.items():
        if alias.name != class_name(pointer.rpartition("/")[2]):
            yield document.finding(pointer, f"the type of this schema is called {alias.name} in Python")


def _renamed_classes(
    document: Document, used: dict[Place, str], class_of: dict[Place, str]
) -> Iterator[Finding]:
    wanted = {pointer: name for (pointer, _), name in used.items()}
    for (pointer, _), name in class_of.items():
        usual = wanted.get(pointer) or class_name(pointer.rpartition("/")[2])
        if name not in (usual, f"{usual}Request", f"{usual}Form", f"{usual}Root"):
            yield document.finding(pointer, f"the class of this schema is called {name} in Python")


def _renamed_fields(document: Document, made: ModelInput, described: dict[str, Any]) -> Iterator[Finding]:
    """Fields whose letters are not their members', or which an underscore keeps apart from a keyword."""
    pointers = {name: pointer for (pointer, _), name in reversed(made.class_of.items())}
    for model in described["models"]:
        pointer = pointers.get(model["source_path"][2], "")
        for field in model["fields"]:
            original, name = field["original_name"], field["name"]
            if original in made.members and (_letters(name), name[-1:] == "_") != (_letters(original), False):
                place = child(pointer, "properties", original)
                yield document.finding(place, f"the member {original!r} is called {name} in Python")


def _letters(name: str) -> str:
    return snake_case(name).replace("_", "")


def _aliases(members: set[str]) -> dict[str, str]:
    """Names for the members that cannot have theirs: pydantic keeps some, and Python reads some as others."""
    near = {name: normalize("NFKC", name) for name in members}
    kept = {name for name in members if name.startswith(_PROTECTED) or near[name] != name}
    return {name: f"field_{near[name]}" for name in sorted(kept)}


def dict_member(kind: str, classes: set[str]) -> str:
    """The type of a TypedDict's member for the type of a model's field."""

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        return word if word[0] in "'\"" else f"{word}Dict" if word in classes else _DICT_TYPES.get(word, word)

    words = re.sub(r"'[^']*'|\"[^\"]*\"|\b[^\W\d]\w*\b", replace, kind)
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
