"""Valid requests of a raw contract, made from its schemas and examples."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from contractgen.verify.foreign.bases import Bases
from contractgen.verify.foreign.bodies import Encode, encoder
from contractgen.verify.foreign.judge import Judge, Place
from contractgen.verify.foreign.operations import RawOperation, RawParameter
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.sender import with_credentials
from contractgen.verify.foreign.texts import readings
from contractgen.verify.foreign.views import views
from contractgen.verify.foreign.wire import Wire, with_parameter

_MOST_TRIED = 40


class Requests:
    """Makes requests with values that the schemas admit."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._bases = Bases(judge)

    def valid(self, operation: RawOperation) -> Wire | None:
        """Return a valid request without credentials; None where none is found."""
        base = self.without_body(operation)
        if base is None or not operation.has_body or not operation.body_is_required:
            return base
        made = (self.with_body(base, encode, place) for encode, place in self.bodies(operation))
        return next(filter(None, made), None)

    def without_body(self, operation: RawOperation) -> Wire | None:
        """Return a request with the required parameters alone; None where no valid one is found."""
        parameters = [each for each in operation.parameters() if self.exists(each.schema)]
        return self._with_parameters(Wire(operation.address), parameters)

    def exists(self, at: At) -> bool:
        return at.name in self.judge.raw.value(at.parent)

    def base(
        self, operation: RawOperation, parameters: list[RawParameter], without: RawParameter | None = None
    ) -> Wire | None:
        """Return a request with credentials and the required parameters; None if no valid one is found."""
        keys = self.keys(operation, parameters)
        schemes = [
            each for each in operation.credentials() if not any(key.is_credential(each) for key in keys)
        ]
        needed = [
            replace(each, required=each.required or each in keys)
            for each in parameters
            if each is not without
        ]
        return self._with_parameters(with_credentials(Wire(operation.address), schemes), needed)

    def keys(self, operation: RawOperation, parameters: list[RawParameter]) -> list[RawParameter]:
        """Return the parameters that are credentials, too: a valid value is sent once, as both."""
        schemes = operation.credentials()
        return [each for each in parameters if any(map(each.is_credential, schemes))]

    def _with_parameters(self, wire: Wire | None, parameters: list[RawParameter]) -> Wire | None:
        for parameter in parameters:
            if parameter.required and wire is not None:
                wire = self._with_valid(wire, parameter)
        return wire

    def _with_valid(self, wire: Wire, parameter: RawParameter) -> Wire | None:
        place = (parameter.schema,)
        for value in islice(self._tried(parameter.schema, parameter.at), _MOST_TRIED):
            made = with_parameter(wire, parameter, value)
            if made is not None and self.reasons(place, self.readings(parameter, value)) == []:
                return made
        return None

    def _tried(self, schema: At, owner: At) -> Iterator[Any]:
        """Yield values of a schema: first the examples of what has it, a parameter or a media type."""
        node = self.judge.raw.value(owner)
        if "example" in node:
            yield node["example"]
        for _, example in self.judge.raw.below(owner, "examples"):
            each = self.judge.raw.value(example)
            if isinstance(each, dict) and "value" in each:
                yield each["value"]
        for view in views(self.judge.conjuncts, (schema,)):
            yield from self._bases.candidates(view)

    def reasons(self, place: Place, values: list[Any] | None) -> list[At] | None:
        """Return what rejects every reading of a value: no keyword if one is admitted; None if undecided."""
        verdicts = [self.judge.reasons(place, each) for each in values] if values is not None else [None]
        if [] in verdicts:
            return []
        return None if None in verdicts else verdicts[0]

    def readings(self, parameter: RawParameter, value: Any) -> list[Any] | None:
        return [value] if parameter.media_type is not None else readings(value)

    def bodies(self, operation: RawOperation) -> Iterator[tuple[Encode, Place]]:
        for media_type, content in operation.contents() if operation.has_body else ():
            encode = encoder(self.judge, media_type, content)
            if encode is not None and self.exists(content.below("schema")):
                yield encode, (content.below("schema"),)

    def with_body(self, wire: Wire, encode: Encode, place: Place) -> Wire | None:
        """Return the request with a valid body, if one is found."""
        for value in islice(self._tried(place[0], place[0].parent), _MOST_TRIED):
            body = encode.body(value)
            # A value that only another reading of its texts makes valid, such as a list, is left out.
            readings = ([value], encode.readings(value))
            if body is not None and all(self.reasons(place, each) == [] for each in readings):
                return replace(
                    wire, body=body, headers=(*wire.headers, ("content-type", encode.content_type))
                )
        return None
