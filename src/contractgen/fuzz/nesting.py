"""Objects and arrays within the items or properties of a parameter, for which OpenAPI defines no text."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen.schema.types import named_types
from contractgen_runtime.pointers import child, find_at
from contractgen_runtime.schemas import Schemas
from contractgen_runtime.values import Coercion

_UNIONS = ("allOf", "anyOf", "oneOf")


class Nesting:
    """The nested values of the parameters of a document in its normal form."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas = Schemas(document.value)

    def parameters(self, failure: Failure, operation: Operation) -> Iterator[str]:
        """Yield the parameters that were sent with objects or arrays within their items or properties."""
        query = dict(parse_qsl(urlsplit(failure.url).query, keep_blank_values=True))
        sent = {"query": query, "header": dict(failure.headers)}
        for (location, name), pointer in declared_parameters(self._document, operation.pointer).items():
            text = sent.get(location, {}).get(name.lower() if location == "header" else name)
            schema = child(pointer, "schema")
            is_nested = text is not None and (
                self._has_nested_items(schema) or self._has_nested_text(schema, text)
            )
            if is_nested or (location == "query" and self._has_nested_name(pointer, query)):
                yield name
            elif location == "query" and self._document.at(pointer).get("style") == "deepObject":
                keys = {key: text for key, text in query.items() if key.startswith(f"{name}[")}
                within = (key[len(name) + 1 :].removesuffix("]") for key in keys)
                is_odd = any({"[", "]"} & {*each} for each in within)
                if is_odd or any(self._is_emptied(schema, key, text) for key, text in keys.items()):
                    yield name
                elif f"{name}[]" in keys and "array" not in Coercion(self._schemas, schema).kinds:
                    yield name  # the property has an empty name

    def _has_nested_name(self, pointer: str, query: Mapping[str, str]) -> bool:
        """Return whether an object or array within an exploded object was sent with brackets or no text."""
        node, schema = self._document.at(pointer), child(pointer, "schema")
        is_exploded = node.get("style", "form") == "form" and node.get("explode", True)
        if not is_exploded or find_at(self._document.value, schema) is None:
            return False
        read = Coercion(self._schemas, schema)
        heads = {name.partition("[")[0] for name, text in query.items() if "[" in name or not text}
        nested = (read.places_of(each) for each in heads & read.members[0])
        return any({"object", "array"} & read.kinds_of(each) for each in nested)

    def _is_emptied(self, schema: str, key: str, text: str) -> bool:
        """Return whether a text may stand for an empty object or array of a property: `filter[id]=`."""
        if text or find_at(self._document.value, schema) is None:
            return False
        read = Coercion(self._schemas, schema)
        places = read.places_of(key.partition("[")[2].removesuffix("]"))
        return bool(places and {"object", "array"} & read.kinds_of(places))

    def _has_nested_items(self, schema: str) -> bool:
        return bool({"object", "array"} & types_of(self._document, schema, "items"))

    def _has_nested_text(self, schema: str, text: str) -> bool:
        """Return whether a text has the brackets of a property that is an object or array."""
        if not {"[", "{"} & set(text) or find_at(self._document.value, schema) is None:
            return False
        node, place = self._document.resolve(schema)
        names = (child("properties", name) for name in node.get("properties", {}))
        if any({"object", "array"} & types_of(self._document, place, name) for name in names):
            return True
        unions = (child(place, key, index) for key in _UNIONS for index in range(len(node.get(key, ()))))
        return any(self._has_nested_text(each, text) for each in unions)


def types_of(document: Document, schema: str, below: str = "") -> set[str]:
    """Return the types that a schema, or the one below it, names; none if there is no such schema."""
    if find_at(document.value, schema) is None:
        return set()
    place = "/".join(filter(None, (document.resolve(schema)[1], below)))
    if not isinstance(find_at(document.value, place), dict):
        return set()
    return set(named_types(document.resolve(place)[0]))
