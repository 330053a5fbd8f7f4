"""The modules of the response classes: one of the components' responses, and one a tag."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from contractgen.plan.contract import Contract, Response
from contractgen.render.response_types import Encoder, ResponseTypes

SHARED = "_shared"


@dataclass(frozen=True, slots=True)
class ResponseModule:
    """A module: `imported` are the names that it takes from the shared one.

    Encoders and Literals of statuses that several modules need stand in the shared one.
    """

    name: str
    summary: str
    responses: tuple[Response, ...]
    encoders: tuple[Encoder, ...]
    status_types: dict[str, tuple[int, ...]]
    imported: tuple[str, ...] = ()


def response_modules(contract: Contract, types: ResponseTypes) -> Iterator[ResponseModule]:
    """The modules that have anything, the shared one first."""
    groups = {tag.module: tag.responses for tag in contract.tags if tag.responses}
    encoders = {name: types.encoders(group) for name, group in groups.items()}
    shared = types.encoders(contract.shared_responses)
    uses = Counter(encoder for each in (shared, *encoders.values()) for encoder in each)
    for each in encoders.values():
        shared |= {name: encoder for name, encoder in each.items() if uses[name] > 1}
    summary = "The responses of components, and what the modules of the tags share."
    statuses = contract.status_types
    yield ResponseModule(SHARED, summary, contract.shared_responses, _sorted(shared), statuses)
    for tag in contract.tags:
        if tag.responses:
            own = {name: encoder for name, encoder in encoders[tag.module].items() if name not in shared}
            needed = {each.status_type for each in tag.responses if each.status_type}
            imported = (*sorted(encoders[tag.module].keys() - own.keys()), *sorted(needed))
            summary = f"The responses that only operations of the tag {tag.name!r} declare."
            yield ResponseModule(tag.module, summary, tag.responses, _sorted(own), {}, imported)


def exported(contract: Contract) -> dict[str, list[str]]:
    """The names that the package of the responses has, by module."""
    groups = {SHARED: contract.shared_responses} | {tag.module: tag.responses for tag in contract.tags}
    names = {module: [response.class_name for response in group] for module, group in groups.items()}
    return names | {SHARED: [*contract.status_types, *names[SHARED]]}


def _sorted(encoders: dict[str, Encoder]) -> tuple[Encoder, ...]:
    return tuple(encoders[name] for name in sorted(encoders))
