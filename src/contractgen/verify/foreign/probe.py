"""Send every instance of the parameters and bodies of an operation to its route, compare the decisions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contractgen.verify.foreign.bodies import Encode
from contractgen.verify.foreign.instances import Instance, Instances
from contractgen.verify.foreign.judge import Judge, Place, SecondVoice
from contractgen.verify.foreign.operations import RawOperation, RawParameter
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.report import Differences
from contractgen.verify.foreign.requests import Requests
from contractgen.verify.foreign.sender import Sender
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
        self.requests = Requests(judge)
        self.second = SecondVoice(judge)
        self.sender = sender
        self.differences = differences
        # Parameters and forms are of texts, which other code reads.
        self.json = Instances(judge)
        self.texts = Instances(judge)

    def probe(self, operation: RawOperation) -> None:
        """Compare what the route decides with what the schemas do."""
        parameters = [each for each in operation.parameters() if self.requests.exists(each.schema)]
        base = self.requests.base(operation, parameters)
        if base is None:
            return
        bodies = list(self.requests.bodies(operation))
        first = next(
            (wire for encode, place in bodies if (wire := self.requests.with_body(base, encode, place))), base
        )
        if not operation.has_body or first is not base:
            keys = self.requests.keys(operation, parameters)
            for parameter in [each for each in parameters if each not in keys]:
                self._probe_parameter(operation, parameters, parameter, first)
        for encode, place in bodies:
            self._probe_body(operation, base, encode, place)
        if bodies and first is not base:
            self._probe_absent_body(operation, base)

    # Parameters ---------------------------------------------------------------------------------------

    def _probe_parameter(
        self, operation: RawOperation, parameters: list[RawParameter], parameter: RawParameter, first: Wire
    ) -> None:
        without = self.requests.base(operation, parameters, parameter)
        if without is None:
            return
        without = replace(without, body=first.body, headers=(*without.headers, *_content_type(first)))
        where = f"{operation.name}, {parameter.location} parameter {parameter.name!r}"
        is_sendable = self._sendable(parameter, parameters)
        for each in self.differences.limited(self.texts.of((parameter.schema,)), _MOST, parameter.schema):
            wire = with_parameter(without, parameter, each.value) if is_sendable(each.value) else None
            if wire is not None:
                reasons = self.requests.reasons(
                    (parameter.schema,), self.requests.readings(parameter, each.value)
                )
                self._compare(operation, where, wire, each, reasons)
        if parameter.location != "path":
            absent = Instance(None, parameter.at.below("required"))
            reasons = [absent.at] if parameter.required else []
            self._compare(operation, f"{where}, absent", without, absent, reasons)

    def _sendable(self, parameter: RawParameter, parameters: list[RawParameter]) -> Callable[[Any], bool]:
        """Return a predicate: the wire form of a value is unambiguous, as a list's is not beside texts."""
        if parameter.media_type is not None:
            return lambda _: True
        types = self._types(parameter)
        is_spread = self._is_spread(parameter)
        others = [
            each for each in parameters if each is not parameter and each.location == parameter.location
        ]
        taken = {name for each in others for name in (each.name, *self._spread_names(each))}

        def is_sendable(value: Any) -> bool:
            if isinstance(value, list):
                return types == {"array"}
            if isinstance(value, dict):
                names = self._spread_names(parameter) - taken if is_spread else value.keys()
                return types == {"object"} and value.keys() <= names
            return not is_spread and (types == {"array"} or not types & _COMPOUND)

        return is_sendable

    def _types(self, parameter: RawParameter) -> set[str]:
        return {kind for view in views(self.judge.conjuncts, (parameter.schema,)) for kind in view.types}

    def _is_spread(self, parameter: RawParameter) -> bool:
        """Return whether the properties of an object are sent under their own names."""
        is_exploded = parameter.explode and parameter.location in ("query", "cookie")
        return is_exploded and parameter.style == "form" and "object" in self._types(parameter)

    def _spread_names(self, parameter: RawParameter) -> set[str]:
        if not self._is_spread(parameter):
            return set()
        return {n for view in views(self.judge.conjuncts, (parameter.schema,)) for n in view.properties()}

    # Bodies -------------------------------------------------------------------------------------------

    def _probe_body(self, operation: RawOperation, base: Wire, encode: Encode, place: Place) -> None:
        where = f"{operation.name}, body of {encode.media_type}"
        headers = (*base.headers, ("content-type", encode.content_type))
        instances = self.json if encode.is_json else self.texts
        for each in self.differences.limited(instances.of(place), _MOST, place[0]):
            body = encode.body(each.value)
            if body is None:
                continue
            reasons = self.requests.reasons(place, encode.readings(each.value))
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
        """Send an instance, which the keywords at `reasons` reject; report if the route decides otherwise."""
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
        """Add a note if the second validator decides otherwise."""
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
