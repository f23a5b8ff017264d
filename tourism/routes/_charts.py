"""Where the points of small charts stand; the templates draw them as SVG, with a text alternative."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, BOTTOM = 380, 210, 52, 26
SPARK_WIDTH, SPARK_HEIGHT = 160, 40


@dataclass(frozen=True)
class Axis:
    """A scale from a least to a most value, with round marks; `place` is where a value stands, 0 to 1."""

    least: float
    most: float
    marks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Return where a value stands."""
        return (value - self.least) / (self.most - self.least)


def axis(values: Sequence[float], from_zero: bool = True) -> Axis:
    """Return a scale on which all values stand."""
    low, high = min(values), max(values)
    low = min(low, 0.0) if from_zero else low
    span = high - low or abs(high) or 1.0
    step = 10.0 ** floor(log10(span / 4))
    step = next(step * n for n in (1, 2, 2.5, 5, 10) if span / (step * n) <= 5)
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return Axis(first * step, last * step, tuple(n * step for n in range(first, last + 1)))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


@dataclass(frozen=True)
class Spark:
    """A line of a few values; empty for fewer than two."""

    line: str
    last: tuple[float, float]


def spark(values: Sequence[float]) -> Spark | None:
    """Return a small line over equal steps, None for fewer than two values."""
    if len(values) < 2:
        return None
    scale, step = axis(values, from_zero=False), (SPARK_WIDTH - 12) / (len(values) - 1)
    points = [(6 + n * step, 6 + (1 - scale.place(v)) * (SPARK_HEIGHT - 12)) for n, v in enumerate(values)]
    return Spark(_path(points), points[-1])


@dataclass(frozen=True)
class Bands:
    """Two bands over years with their middle lines, and the marks of both axes."""

    areas: tuple[str, ...]
    lines: tuple[str, ...]
    marks: tuple[tuple[float, float], ...]  # y, value
    years: tuple[tuple[float, int], ...]  # x, year


def bands(years: Sequence[int], series: Sequence[Sequence[Sequence[float]]]) -> Bands:
    """Return bands of shape (3, years) each: low, middle, high."""
    scale = axis([value for one in series for row in one for value in row])

    def x(n: int) -> float:
        return LEFT + n * (WIDTH - LEFT - 18) / (len(years) - 1)

    def y(value: float) -> float:
        return 10 + (1 - scale.place(value)) * (HEIGHT - 10 - BOTTOM)

    def along(row: Sequence[float]) -> list[tuple[float, float]]:
        return [(x(n), y(value)) for n, value in enumerate(row)]

    areas = tuple(_path([*along(low), *reversed(along(high))]) + "Z" for low, _, high in series)
    return Bands(
        areas, tuple(_path(along(middle)) for _, middle, _ in series), tuple((y(v), v) for v in scale.marks),
        tuple((x(n), year) for n, year in enumerate(years) if year % 5 == 0),
    )  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One bar of a tornado: where its low part and its high part begin and how wide they are, 0 to 100."""

    low: tuple[float, float]
    high: tuple[float, float]


def tornado(middle: float, ends: Sequence[tuple[float, float]]) -> tuple[float, list[Bar]]:
    """Return where the middle stands, 0 to 100, and a bar for each pair of ends at low and at high."""
    values = [middle, *(value for pair in ends for value in pair)]
    least, span = min(values), (max(values) - min(values)) or 1.0

    def place(value: float) -> float:
        return 100 * (value - least) / span

    def part(value: float) -> tuple[float, float]:
        return min(place(value), place(middle)), abs(place(value) - place(middle))

    return place(middle), [Bar(part(low), part(high)) for low, high in ends]
