"""Send every instance of the parameters and bodies of an operation to its route, compare the decisions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from contractgen.verify.foreign.bodies import Encode, encoder
from contractgen.verify.foreign.instances import Instance, Instances
from contractgen.verify.foreign.judge import Judge, Place, SecondVoice
from contractgen.verify.foreign.operations import RawOperation, RawParameter
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.report import Differences
from contractgen.verify.foreign.sender import Sender, with_credentials
from contractgen.verify.foreign.texts import readings
from contractgen.verify.foreign.views import views
from contractgen.verify.foreign.wire import Wire, with_parameter

# How many instances one schema is worth, at the place where it is used.
_MOST = 400
# What a body may have at most where its contract says nothing.
_MOST_BYTES = 65_536
_COMPOUND = {"array", "object"}


class Prober:
    """Sends the instances of one contract; schemas that several operations use are changed once."""

    def __init__(self, judge: Judge, sender: Sender, differences: Differences) -> None:
        self.judge = judge
        self.second = SecondVoice(judge)
        self.sender = sender
        self.differences = differences
        # Parameters and forms are of texts, which other code reads.
        self.json = Instances(judge)
        self.texts = Instances(judge)

    def probe(self, operation: RawOperation) -> None:
        """Compare what the route decides with what the schemas do."""
        parameters = [each for each in operation.parameters() if self.exists(each.schema)]
        base = self._base(operation, parameters)
        if base is None:
            return
        bodies = list(self._bodies(operation))
        first = next(
            (wire for encode, place in bodies if (wire := self._with_body(base, encode, place))), base
        )
        if not operation.has_body or first is not base:
            for parameter in parameters:
                self._probe_parameter(operation, parameters, parameter, first)
        for encode, place in bodies:
            self._probe_body(operation, base, encode, place)
        if bodies and first is not base:
            self._probe_absent_body(operation, base)

    def exists(self, at: At) -> bool:
        return at.name in self.judge.raw.value(at.parent)

    # Parameters ---------------------------------------------------------------------------------------

    def _base(
        self, operation: RawOperation, parameters: list[RawParameter], without: RawParameter | None = None
    ) -> Wire | None:
        """A request with its credentials and its required parameters; None where no valid one is found."""
        wire: Wire | None = with_credentials(Wire(operation.address), operation.credentials())
        for parameter in parameters:
            if parameter.required and parameter is not without and wire is not None:
                wire = self._with_valid(wire, parameter)
        return wire

    def _with_valid(self, wire: Wire, parameter: RawParameter) -> Wire | None:
        place = (parameter.schema,)
        bases = self.texts.bases
        tried = (value for view in views(self.judge.conjuncts, place) for value in bases.candidates(view))
        for value in islice(tried, 40):
            made = with_parameter(wire, parameter, value)
            if made is not None and self._reasons(place, self._readings(parameter, value)) == []:
                return made
        return None

    def _reasons(self, place: Place, values: list[Any] | None) -> list[At] | None:
        """What rejects every reading of a value, none where one is admitted; None where that is open."""
        verdicts = [self.judge.reasons(place, each) for each in values] if values is not None else [None]
        if [] in verdicts:
            return []
        return None if None in verdicts else verdicts[0]

    def _readings(self, parameter: RawParameter, value: Any) -> list[Any] | None:
        return [value] if parameter.media_type is not None else readings(value)

    def _probe_parameter(
        self, operation: RawOperation, parameters: list[RawParameter], parameter: RawParameter, first: Wire
    ) -> None:
        without = self._base(operation, parameters, parameter)
        if without is None:
            return
        without = replace(without, body=first.body, headers=(*without.headers, *_content_type(first)))
        where = f"{operation.name}, {parameter.location} parameter {parameter.name!r}"
        is_sendable = self._sendable(parameter)
        for each in self.differences.limited(self.texts.of((parameter.schema,)), _MOST, parameter.schema):
            wire = with_parameter(without, parameter, each.value) if is_sendable(each.value) else None
            if wire is not None:
                reasons = self._reasons((parameter.schema,), self._readings(parameter, each.value))
                self._compare(operation, where, wire, each, reasons)
        if parameter.location != "path":
            absent = Instance(None, parameter.at.below("required"))
            reasons = [absent.at] if parameter.required else []
            self._compare(operation, f"{where}, absent", without, absent, reasons)

    def _sendable(self, parameter: RawParameter) -> Callable[[Any], bool]:
        """Whether a value is no other value on the wire: a list is a text where texts are admitted."""
        if parameter.media_type is not None:
            return lambda _: True
        types = {kind for view in views(self.judge.conjuncts, (parameter.schema,)) for kind in view.types}
        is_exploded = parameter.explode and parameter.location in ("query", "cookie")
        is_spread = is_exploded and parameter.style == "form" and "object" in types

        def is_sendable(value: Any) -> bool:
            if isinstance(value, list):
                return types == {"array"}
            if isinstance(value, dict):
                names = self._named(parameter) if is_spread else value.keys()
                return types == {"object"} and value.keys() <= names
            return not is_spread and (types == {"array"} or not types & _COMPOUND)

        return is_sendable

    def _named(self, parameter: RawParameter) -> set[str]:
        return {n for view in views(self.judge.conjuncts, (parameter.schema,)) for n in view.properties()}

    # Bodies -------------------------------------------------------------------------------------------

    def _bodies(self, operation: RawOperation) -> Iterator[tuple[Encode, Place]]:
        for media_type, content in operation.contents() if operation.has_body else ():
            encode = encoder(self.judge, media_type, content)
            if encode is not None and self.exists(content.below("schema")):
                yield encode, (content.below("schema"),)

    def _with_body(self, wire: Wire, encode: Encode, place: Place) -> Wire | None:
        """The request with a valid body, where one is found."""
        tried = (v for view in views(self.judge.conjuncts, place) for v in self.json.bases.candidates(view))
        for value in islice(tried, 40):
            body = encode.body(value)
            if body is not None and self._reasons(place, encode.readings(value)) == []:
                return replace(
                    wire, body=body, headers=(*wire.headers, ("content-type", encode.content_type))
                )
        return None

    def _probe_body(self, operation: RawOperation, base: Wire, encode: Encode, place: Place) -> None:
        where = f"{operation.name}, body of {encode.media_type}"
        headers = (*base.headers, ("content-type", encode.content_type))
        instances = self.json if encode.is_json else self.texts
        for each in self.differences.limited(instances.of(place), _MOST, place[0]):
            body = encode.body(each.value)
            if body is None:
                continue
            reasons = self._reasons(place, encode.readings(each.value))
            self._compare(operation, where, replace(base, body=body, headers=headers), each, reasons)
            if encode.is_json and reasons is not None:
                self._listen(where, place, each, admitted=not reasons)

    def _probe_absent_body(self, operation: RawOperation, base: Wire) -> None:
        each = Instance(None, operation.at.below("requestBody"))
        where = f"{operation.name}, without a body"
        self._compare(operation, where, base, each, [each.at] if operation.body_is_required else [])

    # Verdicts -----------------------------------------------------------------------------------------

    def _compare(
        self, operation: RawOperation, where: str, wire: Wire, each: Instance, reasons: list[At] | None
    ) -> None:
        """Send an instance, which the keywords at `reasons` reject; add what the route decides otherwise."""
        self.differences.instances += 1
        response = self.sender.send(operation, wire)
        if response.outcome == "elsewhere" or (response.status == 413 and len(wire.body) > _MOST_BYTES):
            return
        accepted = response.outcome == "accepted"
        if response.status == 415 and not wire.body:
            pass  # without a body there is no Content-Type either: a rejection like any other
        elif response.outcome == "other":
            self.differences.add(each.at, f"the route responds with {response.status} to", where, each.value)
            return
        if reasons and accepted:
            own = [at for at in reasons if at.name == each.at.name]
            self.differences.add(
                (own or reasons)[0], "the schema rejects, the route accepts", where, each.value
            )
        elif reasons == [] and not accepted:
            self.differences.add(each.at, "the schema admits, the route rejects", where, each.value)

    def _listen(self, where: str, place: Place, each: Instance, *, admitted: bool) -> None:
        """Note what the second voice says otherwise."""
        second = self.second.admits(place, each.value)
        if second is not None and second != admitted:
            says = (
                "jsonschema rejects, jsonschema-rs admits"
                if second
                else "jsonschema admits, jsonschema-rs rejects"
            )
            self.differences.note(each.at, says, where, each.value)


def _content_type(wire: Wire) -> tuple[tuple[str, str], ...]:
    return tuple(each for each in wire.headers if each[0] == "content-type") if wire.body else ()
