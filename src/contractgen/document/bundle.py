"""Join the files of a document: the target of a reference becomes a component or replaces the reference.

A component has the last name of its reference: `pets.yaml#/Pet` and `Pet.yaml` become `Pet`, with the folder
or file as a prefix if that name is taken. An object that cannot be a component, such as an operation,
replaces the reference. A file of another host is read from `remote/`, where `contractgen fetch` saves it.
"""

import os
import re
import shlex
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any

from contractgen.document.findings import ContractError, Finding
from contractgen.document.grammar import SECTIONS, Kind, kind_at, parts
from contractgen.document.reading import MAX_BYTES, File, read
from contractgen.document.references import CannotFetch, Fetch, Reference, ReferenceFault, parse_reference
from contractgen_runtime.pointers import MISSING, child, find_at, pointer_of, reference_to, tokens, value_at

# The most objects that may replace references: more is an expansion attack.
_MAX_PUT = 100_000
_MAX_DEPTH = 200
# Fields of a Reference Object that override those of its target.
_OVERRIDING = {"summary", "description"}
# They hold objects by name in every file: no part of a name.
_HOLDERS = {"components", "definitions", "$defs", *SECTIONS.values()}
_IS_FILE = re.compile(r"[/#]|\.(ya?ml|json)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a file."""

    file: File
    pointer: str

    @property
    def key(self) -> tuple[Path, str]:
        return self.file.path, self.pointer

    def below(self, name: str | int) -> "Spot":
        return Spot(self.file, child(self.pointer, name))

    def error(self, message: str, hint: str = "") -> ContractError:
        return ContractError([self.file.finding(self.pointer, message, hint)])


@dataclass(frozen=True, slots=True)
class Bundle:
    """The joined document, the origins of its parts by JSON Pointer, and all files, the root file first."""

    value: Any
    origins: dict[str, Spot]
    files: tuple[File, ...]


def bundle(root: File, fetch: Fetch | None = None) -> Bundle:
    """Join a document with the files that it refers to; raise ContractError for invalid references.

    `fetch` is called for each file of another host; without it, the file must be there.
    """
    return _Joiner(root, fetch).bundle()


class _Joiner:
    def __init__(self, root: File, fetch: Fetch | None) -> None:
        self.root = root
        self.fetch = fetch
        self.is_30 = str(root.value.get("openapi")).startswith("3.0")
        self.files: dict[str, File | None] = {os.path.realpath(root.path): root}
        self.origins: dict[str, Spot] = {"": Spot(root, "")}
        self.findings: list[Finding] = []
        self.components: dict[str, dict[str, Any]] = {}
        self.put = 0
        self.size = len(root.source)
        self._addresses: dict[File, str] = {}
        self._places: dict[tuple[str, tuple[Path, str]], str] = {}
        self._taken: set[str] = set()
        self._staying: set[tuple[Kind, str]] = set()
        self._waiting: deque[tuple[Kind, str, str, Spot]] = deque()

    def bundle(self) -> Bundle:
        self._keep_names()
        value = self._joined(self.root.value, "document", Spot(self.root, ""), "", ())
        while self._waiting:
            kind, section, name, spot = self._waiting.popleft()
            place = child("/components", section, name)
            self.origins[place] = spot
            node = value_at(spot.file.value, spot.pointer)
            self.components.setdefault(section, {})[name] = self._joined(node, kind, spot, place, ())
        if self.findings:
            raise ContractError(sorted(set(self.findings)))
        if self.components:
            known = value.get("components", {})
            added = {name: known.get(name, {}) | each for name, each in self.components.items()}
            value = {**value, "components": known | added}
        others = {file for file in self.files.values() if file} - {self.root}
        return Bundle(value, self.origins, (self.root, *sorted(others, key=lambda file: str(file.path))))

    def _keep_names(self) -> None:
        """Give the target of a component that only refers to another file the name of that component."""
        for kind, section in SECTIONS.items():
            for name, node, spot in self._root_components(section):
                self._taken.add(spot.pointer)
                if self._only_refers(node):
                    target = self._target(node["$ref"], spot)
                    if target and not self._stays(kind, target):
                        self._places.setdefault((section, target.key), child("/components", section, name))
        self.findings.clear()  # bundling finds all of them again

    def _only_refers(self, node: Any) -> bool:
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return False
        return self.is_30 or node.keys() == {"$ref"}

    def _root_components(self, section: str) -> Iterator[tuple[str, Any, Spot]]:
        pointer = child("/components", section)
        named = find_at(self.root.value, pointer)
        for name, node in named.items() if isinstance(named, dict) else ():
            yield name, node, Spot(self.root, child(pointer, name))

    # Values -------------------------------------------------------------------------------------------

    def _joined(self, node: Any, kind: Kind, spot: Spot, place: str, inside: tuple[Spot, ...]) -> Any:
        """Return the object with references into this document; itself if none leads to another file."""
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            return self._referred(node, kind, spot, place, inside)
        if inside:
            self.put += 1
        if self.put > _MAX_PUT or place.count("/") > 2 * _MAX_DEPTH:
            raise spot.error("references repeat too much to be written out")
        changed: dict[Any, Any] = {
            name: made
            for name, below in parts(kind, node)
            if (made := self._joined(node[name], below, spot.below(name), child(place, name), inside))
            is not node[name]
        }
        if kind == "schema" and isinstance(node, dict):
            changed |= self._mapped(node, spot)
            if spot.file is not self.root and str(node.get("$id")).startswith("#"):  # an anchor, in draft 7
                return {name: changed.get(name, each) for name, each in node.items() if name != "$id"}
        if not changed:
            return node
        if isinstance(node, list):
            return [changed.get(index, each) for index, each in enumerate(node)]
        return {**node, **changed}

    def _referred(self, node: Any, kind: Kind, spot: Spot, place: str, inside: tuple[Spot, ...]) -> Any:
        reference = node["$ref"]
        stays = (kind, reference)
        if stays in self._staying and spot.file is self.root and len(node) == 1:
            return node
        beside = self._beside(node, kind, spot, place, inside)
        target = self._target(reference, spot)
        if target is None or not self._is_of_kind(target, kind, reference, spot):
            return node
        if kind in SECTIONS and (self._stays(kind, target) or self._component(kind, target) != place):
            led = self._led(target, kind)
            if led == reference and spot.file is self.root:
                self._staying.add(stays)
            return node if len(node) == 1 and led == reference else {"$ref": led, **beside}
        return self._put(node, beside, kind, target, place, inside, spot)

    def _beside(
        self, node: Any, kind: Kind, spot: Spot, place: str, inside: tuple[Spot, ...]
    ) -> dict[Any, Any]:
        """Return the fields beside a reference, with references into this document.

        Fields without effect are left out, so their references are not followed: OpenAPI 3.0 ignores all of
        them, later versions all but those of schemas. The fields of a path item are added to its target.
        """
        beside = {name: each for name, each in node.items() if name != "$ref"}
        if beside and kind in SECTIONS and (self.is_30 or kind != "schema"):
            held = {name for name, _ in parts(kind, beside)}
            return {name: each for name, each in beside.items() if name not in held}
        if kind not in SECTIONS:
            self.origins |= {child(place, name): spot.below(name) for name in beside}
        joined: dict[Any, Any] = self._joined(beside, kind, spot, place, inside) if beside else beside
        return joined

    def _put(
        self,
        node: Any,
        beside: dict[Any, Any],
        kind: Kind,
        target: Spot,
        place: str,
        inside: tuple[Spot, ...],
        spot: Spot,
    ) -> Any:
        """Return the target of a reference, with the fields beside the reference."""
        if target in inside:
            raise spot.error(f"the reference {node['$ref']} leads back to itself")
        value = value_at(target.file.value, target.pointer)
        self.origins[place] = target
        made = self._joined(value, kind, target, place, (*inside, target))
        if not isinstance(made, dict):
            return made
        if kind in SECTIONS:
            return made | {name: beside[name] for name in _OVERRIDING & beside.keys() if not self.is_30}
        for name in beside.keys() & made.keys() - _OVERRIDING if kind == "path item" else ():
            if beside[name] != made[name]:
                hint = "OpenAPI does not define which of the two counts: keep one"
                raise spot.below(name).error(f"both the path item and its $ref have {name!r}", hint)
        return made | beside

    def _mapped(self, schema: dict[str, Any], spot: Spot) -> dict[Any, Any]:
        """Return the changed discriminator of a schema: its mapping refers to components of this document.

        A value that names a component by its old name is mapped to the renamed component.
        """
        discriminator = schema.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        known: dict[Any, Any] = mapping if isinstance(mapping, dict) else {}
        changed = {}
        for value, reference in known.items():
            if isinstance(reference, str) and _IS_FILE.search(reference):
                target = self._target(reference, spot.below("discriminator").below("mapping").below(value))
                if target and not (spot.file is self.root and self._stays("schema", target)):
                    changed[value] = self._led(target, "schema")
        for target in self._subschemas(schema, spot) if isinstance(discriminator, dict) else ():
            led, value = self._led(target, "schema"), _names(target)[0]
            if tokens(pointer_of(led))[-1] != value and led not in {**known, **changed}.values():
                changed.setdefault(value, led)
        return {"discriminator": {**(discriminator or {}), "mapping": known | changed}} if changed else {}

    def _subschemas(self, schema: dict[str, Any], spot: Spot) -> Iterator[Spot]:
        """Yield the targets of the subschemas of oneOf and anyOf that are references."""
        for union in ("oneOf", "anyOf"):
            listed = schema.get(union)
            for index, each in enumerate(listed if isinstance(listed, list) else ()):
                reference = each.get("$ref") if isinstance(each, dict) else None
                if isinstance(reference, str):
                    target = self._target(reference, spot.below(union).below(index))
                    if target:
                        yield target

    def _led(self, target: Spot, kind: Kind) -> str:
        """Return the reference to a target within this document."""
        stays = self._stays(kind, target)
        return reference_to(target.pointer if stays else self._component(kind, target))

    def _stays(self, kind: Kind, target: Spot) -> bool:
        """Return whether the target is an object of the root document that a reference may lead to."""
        if target.file is not self.root or kind not in SECTIONS:
            return False
        return kind_at(self.root.value, target.pointer) in (kind, "reference")

    # References ---------------------------------------------------------------------------------------

    def _target(self, reference: str, spot: Spot) -> Spot | None:
        """Return the target of a reference; None and a finding if there is none."""
        try:
            return self._follow(reference, spot)
        except ContractError as error:
            self.findings += error.findings
            return None

    def _follow(self, reference: str, spot: Spot) -> Spot | None:
        try:
            parsed = parse_reference(reference, self._addresses.get(spot.file, ""))
        except ReferenceFault as fault:
            raise spot.error(fault.message, fault.hint) from None
        file = self._file(parsed, reference, spot) if parsed.path else spot.file
        pointer = parsed.pointer
        target = Spot(file, pointer)
        if find_at(file.value, pointer, MISSING) is not MISSING:
            return target
        if file is not self.root:
            raise spot.error(f"the reference {reference} leads nowhere")
        # The check of the structure reports a reference within the root document that leads nowhere.
        return target if kind_at(file.value, pointer) == "reference" else None

    def _is_of_kind(self, target: Spot, kind: Kind, reference: str, spot: Spot) -> bool:
        """Return whether a target has the object type that its reference needs; report it otherwise.

        The object type of a value is known only within a document of OpenAPI.
        """
        value = target.file.value
        known = kind_at(value, target.pointer) if isinstance(value, dict) and "openapi" in value else None
        if known in (None, "reference", kind) or {known, kind} == {"header", "parameter"}:
            return True
        self.findings += spot.error(
            f"the reference {reference} leads to a {known}, not to {_named(kind)}"
        ).findings
        return False

    def _file(self, parsed: Reference, reference: str, spot: Spot) -> File:
        """Return the file that a reference leads to, read once."""
        beside = self.root if parsed.address else spot.file
        where = os.path.normpath(beside.path.parent / parsed.path)
        if where not in self.files:
            if parsed.address:
                self._provide(parsed.address, Path(where), reference, spot)
            real = os.path.realpath(where)
            if real not in self.files:
                self.files[real] = self._read(Path(where), spot)
            self.files[where] = self.files[real]
        file = self.files[where]
        if file is None:
            raise spot.error(f"the reference {reference} leads to no file that can be read")
        if parsed.address:
            self._addresses.setdefault(file, parsed.address)
        return file

    def _provide(self, address: str, path: Path, reference: str, spot: Spot) -> None:
        """Fetch the file of another host if that is permitted; raise ContractError if it is not there."""
        if self.fetch is not None:
            try:
                self.fetch(address, path)
            except CannotFetch as cause:
                raise spot.error(f"the reference {reference} cannot be fetched: {address}: {cause}") from None
        elif not os.path.isfile(path):  # noqa: PTH113 - the method raises OSError for a long name
            hint = f"run `{shlex.join(['contractgen', 'fetch', str(self.root.path)])}`"
            raise spot.error(f"the reference {reference} leads to {path}, which is not there", hint)

    def _read(self, path: Path, spot: Spot) -> File | None:
        try:
            file = read(path)
        except ContractError as error:
            self.findings += error.findings
            return None
        self.size += len(file.source)
        if self.size > MAX_BYTES:
            raise spot.error(f"the files together are larger than {MAX_BYTES // 1_000_000} MB")
        return file

    # Names --------------------------------------------------------------------------------------------

    def _component(self, kind: Kind, target: Spot) -> str:
        """Return the pointer of the component that the value of another file becomes."""
        section = SECTIONS[kind]
        known = self._places.get((section, target.key))
        if known is None:
            known = self._places[section, target.key] = self._free_place(section, target)
            self._waiting.append((kind, section, known.rpartition("/")[2], target))
        return known

    def _free_place(self, section: str, target: Spot) -> str:
        candidates = _names(target)
        numbered = (f"{candidates[0]}_{number}" for number in count(2))
        place = next(
            place
            for name in chain(candidates, numbered)
            if (place := child("/components", section, name)) not in self._taken
        )
        self._taken.add(place)
        return place


def _named(kind: Kind) -> str:
    """Return a kind of object as an author calls it: `{media type}` is a map of them."""
    holders = {"[": "a list of {}s", "{": "a map of {}s", "<": "a map of {}s"}
    if kind[0] in holders:
        return holders[kind[0]].format(kind[1:-1])
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _names(target: Spot) -> list[str]:
    """Return names for a component, the shortest first: `Pet`, `pets_Pet`, `shop_pets_Pet`."""
    path = PurePosixPath(target.file.path.as_posix())
    pointed = tokens(target.pointer)
    holders = [each for each in pointed[:-1] if each not in _HOLDERS]
    steps = [*path.parent.parts, path.stem, *holders, *pointed[-1:]]
    words = [re.sub(r"[^A-Za-z0-9._-]+", "_", each) for each in steps]
    return ["_".join(words[-length:]) or "_" for length in range(1, min(len(words), 3) + 1)]
