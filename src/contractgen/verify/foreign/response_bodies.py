"""Bodies of responses: what the generated type admits against what the raw schema does."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from contractgen.verify.foreign.instances import Instances
from contractgen.verify.foreign.judge import Judge
from contractgen.verify.foreign.operations import RawOperation
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.report import Differences

# How many instances one schema is worth; of types less is expected than of routes.
_MOST = 200


class ResponseProber:
    """The responses of one contract. A type that admits more than its schema is only counted."""

    def __init__(self, judge: Judge, differences: Differences) -> None:
        self.judge = judge
        self.differences = differences
        self.instances = Instances(judge)
        self._seen: set[Any] = set()

    def probe(self, operation: RawOperation, live: Any) -> None:
        """Compare the response classes of a live operation with the raw schemas of its responses."""
        for key, media_type, content in operation.responses():
            schema = content.below("schema")
            if "schema" not in self.judge.raw.value(content) or not _is_json(media_type):
                continue
            place = (self._shared(schema),)
            for model in _models(live, key, media_type):
                if (place, model) in self._seen:
                    continue
                self._seen.add((place, model))
                self._probe(f"{operation.name}, response {key}", place, model)

    def _shared(self, at: At) -> At:
        """Return where references lead that stand alone: what stands beside one may say more."""
        value = self.judge.raw.value(at)
        while isinstance(value, dict) and value.keys() == {"$ref"}:
            at = self.judge.raw.target(at, value["$ref"])
            value = self.judge.raw.value(at)
        return at

    def _probe(self, where: str, place: Any, model: type[BaseModel]) -> None:
        for each in self.differences.limited(self.instances.of(place), _MOST, place[0]):
            reasons = self.judge.reasons(place, each.value)
            if reasons is None:
                continue
            self.differences.instances += 1
            is_of_type = _is_of_type(model, each.value)
            if is_of_type and reasons:
                self.differences.lax[reasons[0].name] += 1
            elif not is_of_type and not reasons:
                self.differences.add(each.at, "the schema admits, the type rejects", where, each.value)


def _is_of_type(model: type[BaseModel], value: Any) -> bool:
    try:
        model.model_validate_json(json.dumps(_whole(value)), strict=True)
    except ValidationError:
        return False
    return True


def _whole(value: Any) -> Any:
    """The value with 1.0 as 1, which is how a handler writes it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return {name: _whole(each) for name, each in value.items()} if isinstance(value, dict) else value


def _models(live: Any, key: str, media_type: str) -> Iterator[type[BaseModel]]:
    for response in live.responses:
        own = response.status_range or str(response.status)
        if own.upper() == key.upper() and media_type in response.media_types and response.model:
            yield response.model


def _is_json(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower().endswith(("/json", "+json"))
