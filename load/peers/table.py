"""Shows the costs of a bench: a Markdown table, and a chart."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from load.charts import bar_chart
from load.peers.servers import PEERS

if TYPE_CHECKING:
    from load.peers.bench import Cost


def markdown(costs: Sequence["Cost"], tests: Sequence[str]) -> str:
    """Return tables: CPU of the server + of the database in microseconds a request, and rates."""
    return "\n".join(
        line for connections in _connections(costs) for line in _table(costs, tests, connections)
    )


def _table(costs: Sequence["Cost"], tests: Sequence[str], connections: int) -> Iterator[str]:
    yield f"| {connections} connections | {' | '.join(tests)} |"
    yield f"|---|{'---|' * len(tests)}"
    for name, found in _rows(costs, connections).items():
        about = f"**{PEERS[name].about}**" if name == "pressroom" else PEERS[name].about
        cells = (f"{found[test].server:.0f} + {found[test].database:.0f}" for test in tests)
        yield f"| {about} | {' | '.join(cells)} |"
    yield ""
    yield f"| requests a second | {' | '.join(tests)} |"
    yield f"|---|{'---|' * len(tests)}"
    for name, found in _rows(costs, connections).items():
        yield f"| {PEERS[name].about} | {' | '.join(f'{found[test].rate:,.0f}' for test in tests)} |"
    yield ""


def chart(costs: Sequence["Cost"], tests: Sequence[str]) -> str:
    """Return a chart of the servers' CPU a request, of the first number of connections."""
    rows = _rows(costs, _connections(costs)[0])
    bars = {PEERS[name].about: [found[test].server for test in tests] for name, found in rows.items()}
    return bar_chart(bars, tests, y="server CPU, microseconds a request")


def _rows(costs: Sequence["Cost"], connections: int) -> dict[str, dict[str, "Cost"]]:
    rows: dict[str, dict[str, Cost]] = {}
    for cost in costs:
        if cost.connections == connections:
            rows.setdefault(cost.peer, {})[cost.test] = cost
    return rows


def _connections(costs: Sequence["Cost"]) -> list[int]:
    return sorted({cost.connections for cost in costs})
