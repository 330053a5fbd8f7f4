"""Random schemas: the served route and the foreign validators decide alike on every instance."""

from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.verify.judging import judged, with_schemas
from tests.contractgen.verify.random_schemas import RandomSchemas
from tests.tiers import sampled, slow

COUNT = 5_000
# Schemas of one contract: to generate and mount them together costs a twentieth of one by one.
_TOGETHER = 50
BATCHES = [(start, start // _TOGETHER % 2 == 0) for start in range(0, COUNT, _TOGETHER)]


@slow
@pytest.mark.parametrize(("start", "is_30"), sampled(BATCHES, 3))
def test_routes_decide_as_foreign_validators_do(tmp_path: Path, start: int, is_30: bool) -> None:
    schemas: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for seed in range(start, start + _TOGETHER):
        random = RandomSchemas(seed, is_30=is_30)
        schemas[f"s{seed}"] = random.schema()
        others |= random.components
    found = judged(tmp_path, with_schemas(schemas, "3.0.3" if is_30 else "3.1.0", **others))
    assert [f"{each.pointer}: {each.message}" for each in found.findings()] == []
    assert found.instances > 10 * _TOGETHER
