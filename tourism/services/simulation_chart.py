"""The curves over compliance as a drawing: who sees the sunrise, and how long vehicles stand at the gate."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import ceil
from textwrap import wrap

from tourism.services.language import Language
from tourism.services.simulation import Simulated, assumptions, percent

LEFT, WIDTH, HEIGHT, INSET = 60, 680, 210, 34
TOPS = (96, 386)
CAPTION = 676
LETTERS = 104  # in a line of the caption
STYLE = """
text{font:13px system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif;fill:#222}
.title{font-size:18px;font-weight:600}.panel{font-size:14px;font-weight:600}.note{font-size:12px;fill:#555}
.tick{fill:#555}.figure,.x{text-anchor:middle}.y{text-anchor:end}.most{fill:#1d5c7a;text-anchor:end}
.figure,.most{paint-order:stroke;stroke:#fff;stroke-width:4px}
.grid{stroke:#ddd}.line{fill:none;stroke:#b23c0b;stroke-width:2.5}circle{fill:#b23c0b}
.bound{stroke:#1d5c7a;stroke-width:1.5;stroke-dasharray:7 5}
"""


@dataclass(frozen=True)
class _Panel:
    """One curve over compliance, and where it stands; values go from 0 to `most`, figures stand `beside` points."""

    top: int
    title: str
    most: float
    values: Mapping[float, float]
    beside: int

    def x(self, share: float) -> float:
        return LEFT + INSET + share * (WIDTH - 2 * INSET)

    def y(self, value: float) -> float:
        return self.top + (1 - value / self.most) * HEIGHT


def chart(found: Simulated, language: Language) -> str:
    """Draw the curves as SVG, with the most that capacity allows as a dashed line; the caption says what is assumed."""
    sees = {share: outcome.sunrise_share for share, outcome in found.curve.items()}
    waits = {share: outcome.gate_wait_mean_min for share, outcome in found.curve.items()}
    longest = 5.0 * max(ceil(max(waits.values()) / 5), 1)
    upper = _Panel(TOPS[0], language.text("Vehicles that see the sunrise"), 1.0, sees, 20)
    lower = _Panel(TOPS[1], language.text("Mean wait at the gate, minutes"), longest, waits, -10)
    title = language.text("Leaving in turn instead of by habit: {scenario}", scenario=found.scenario.id)
    bound = language.text("the most that capacity allows: {share}", share=percent(language, found.bound_share))
    y = upper.y(found.bound_share)
    caption = [line for text in assumptions(found, language) for line in wrap(text, LETTERS)]
    lines = [_text(LEFT, CAPTION + 18 * n, line, "note") for n, line in enumerate(caption)]
    height = CAPTION + 18 * len(caption) + 6
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            _text(LEFT, 34, title, "title"),
            *_drawn(upper, lambda share: percent(language, share)),
            f'<path class="bound" d="M{LEFT} {y:.1f}H{LEFT + WIDTH}"/>',
            _text(LEFT + WIDTH, y - 8, bound, "most"),
            *_drawn(lower, language.decimal),
            _text(LEFT + WIDTH / 2, TOPS[1] + HEIGHT + 44, language.text("Share of vehicles that follow slots"), "x"),
            *lines,
            "</svg>\n",
        ]
    )


def _drawn(panel: _Panel, say: Callable[[float], str]) -> Iterator[str]:
    """Yield a panel's title, its axes, its curve and the figure at each point."""
    yield _text(LEFT, panel.top - 26, panel.title, "panel")
    for part in range(6):
        value = panel.most * part / 5
        yield f'<path class="grid" d="M{LEFT} {panel.y(value):.1f}H{LEFT + WIDTH}"/>'
        yield _text(LEFT - 10, panel.y(value) + 4, say(value), "tick y")
    for share in panel.values:
        yield _text(panel.x(share), panel.top + HEIGHT + 20, f"{share:.0%}", "tick x")
    points = [(panel.x(share), panel.y(value), value) for share, value in panel.values.items()]
    yield f'<path class="line" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points)}"/>'
    for x, y, value in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        yield _text(x, y + panel.beside, say(value), "figure")


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
