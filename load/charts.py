"""Line and bar charts as SVG: axes, a legend, nothing that moves."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 860, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 240, 14, 44
# Told apart by people who see colors differently, too (Okabe and Ito).
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777777", "#000000")


class Scale:
    """Maps values to pixels, linearly or by their logarithm, with round ticks."""

    def __init__(self, values: Sequence[float], begin: float, end: float, *, is_log: bool = False) -> None:
        self._begin, self._end, self._is_log = begin, end, is_log
        if is_log:
            positive = [value for value in values if value > 0] or [1.0]
            self.low = 10.0 ** floor(log10(min(positive)))
            self.high = 10.0 ** max(ceil(log10(max(positive))), log10(self.low) + 1)
        else:
            self.low, self.high = min(0.0, *values, 0.0), max(*values, 1e-9, 1e-9)

    def __call__(self, value: float) -> float:
        if self._is_log:
            share = log10(max(value, self.low) / self.low) / log10(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self._begin + share * (self._end - self._begin)

    def ticks(self) -> list[float]:
        if self._is_log:
            return [10.0**power for power in range(round(log10(self.low)), round(log10(self.high)) + 1)]
        rough = (self.high - self.low) / 5
        power = 10.0 ** floor(log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        return [step * number for number in range(ceil(self.low / step), floor(self.high / step) + 1)]


def line_chart(
    lines: Mapping[str, Points], *, x: str, y: str, is_log: bool = False, names: Sequence[str] = ()
) -> str:
    """Return a chart of a line each; `names` replace the numbers 0, 1, 2 ... of the horizontal axis."""
    every = [point for points in lines.values() for point in points]
    across = Scale([point[0] for point in every], _LEFT, _WIDTH - _RIGHT)
    up = Scale([point[1] for point in every], _HEIGHT - _BOTTOM, _TOP, is_log=is_log)
    drawn = [
        f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="'
        + " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in points if b > 0 or not is_log)
        + '"/>'
        for points, color in zip(lines.values(), _colors(), strict=False)
    ]
    marks = list(enumerate(names)) if names else [(tick, f"{tick:g}") for tick in across.ticks()]
    below = [_text(across(at), _HEIGHT - _BOTTOM + 16, name, "middle") for at, name in marks]
    return _svg([*_frame(up, x, y), *below, *drawn, *_legend(lines)])


def bar_chart(rows: Mapping[str, Sequence[float]], columns: Sequence[str], *, y: str) -> str:
    """Return a chart of a group of bars for each column, with a bar of each row in it."""
    up = Scale([value for values in rows.values() for value in values], _HEIGHT - _BOTTOM, _TOP)
    group = (_WIDTH - _LEFT - _RIGHT) / len(columns)
    width = group * 0.8 / len(rows)
    drawn = [
        f'<rect x="{_LEFT + group * (column + 0.1) + width * row:.1f}" y="{up(value):.1f}" '
        f'width="{width:.1f}" height="{up(0) - up(value):.1f}" fill="{color}"/>'
        for row, (values, color) in enumerate(zip(rows.values(), _colors(), strict=False))
        for column, value in enumerate(values)
    ]
    below = [
        _text(_LEFT + group * (column + 0.5), _HEIGHT - _BOTTOM + 16, name, "middle")
        for column, name in enumerate(columns)
    ]
    return _svg([*_frame(up, "", y), *below, *drawn, *_legend(rows)])


def _colors() -> Iterator[str]:
    while True:
        yield from _COLORS


def _frame(up: Scale, x: str, y: str) -> Iterator[str]:
    """Yield the horizontal lines of the ticks, and what the axes measure."""
    for tick in up.ticks():
        at = up(tick)
        yield f'<path d="M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}" stroke="#8885"/>'
        yield _text(_LEFT - 6, at + 4, f"{tick:g}", "end")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, x, "middle")
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    yield f'<g transform="rotate(-90 16 {middle})">{_text(16, middle, y, "middle")}</g>'


def _legend(names: Mapping[str, object]) -> Iterator[str]:
    for number, (name, color) in enumerate(zip(names, _colors(), strict=False)):
        at = _TOP + 10 + number * 18
        yield f'<path d="M{_WIDTH - _RIGHT + 12} {at - 4}h16" stroke="{color}" stroke-width="3"/>'
        yield _text(_WIDTH - _RIGHT + 34, at, name, "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-size="12" '
    return head + 'font-family="system-ui, sans-serif" fill="currentColor">' + "\n".join(parts) + "</svg>\n"
