"""A handler returns a response that its own operation declares, or the client gets 500."""

import pytest

from tests.contractgen.render.test_library import ONE, ROW
from tests.contractgen.service import Service


@pytest.mark.parametrize(
    ("name", "arguments"), [("DeleteBook204", ()), ("GetLatestBook200", (ROW,)), ("UpdateBook200", (ROW,))]
)
async def test_a_response_of_another_operation_is_not_sent(
    library: Service, name: str, arguments: tuple[object, ...]
) -> None:
    library.answers["get_book"] = getattr(library.package.responses, name)(*arguments)
    answer = await library.ask("GET", ONE)
    assert answer.status == 500
    assert f"TypeError: {name} of status {name[-3:]} is not a response of get_book" in answer.json["detail"]
    assert library.host.contexts[-1].finished == []
